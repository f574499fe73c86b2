"""A connection whose every call passes through the hands of a test: those to AWS Backup, and those beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

import backupkit as bk
from backupkit.transport.protocol import Params, Transport

__all__ = ["Watched"]

Watch = Callable[[str, Callable[[], Any], Mapping[str, object]], Any]
"""Given the operation, what sends the call, and its input; returns the answer, or raises."""


@attrs.frozen
class Watched:
    """A connection over another.

    Args:
        inner: The other.
        watch: What every call passes through.
        retrying: What stands between the stack and the calls of AWS Backup.
    """

    inner: bk.LocalConnection
    watch: Watch
    retrying: Callable[[Transport], Transport] = lambda transport: transport

    @property
    def transport(self) -> Transport:
        """The way to AWS Backup."""
        return self.retrying(_Transport(self.inner.transport, self.watch))

    @property
    def neighbours(self) -> _Neighbours:
        """The way to the services beside it."""
        return _Neighbours(self.inner.neighbours, self.watch)


@attrs.frozen
class _Transport:
    inner: Transport
    watch: Watch

    @property
    def region_name(self) -> str:
        return self.inner.region_name

    @property
    def clock(self) -> Any:
        return self.inner.clock

    def call(self, operation: str, params: Params, /) -> bytes:
        answer: bytes = self.watch(operation, lambda: self.inner.call(operation, params), params)
        return answer


@attrs.frozen
class _Neighbours:
    inner: Any
    watch: Watch

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def ask(self, service: str, method: str, arguments: Mapping[str, object]) -> Any:
        return self.watch(method, lambda: self.inner.ask(service, method, arguments), arguments)

    def send(self, service: str, method: str, arguments: Mapping[str, object]) -> Any:
        return self.watch(method, lambda: self.inner.send(service, method, arguments), arguments)
