"""Remembers the calls that are made."""

from __future__ import annotations

import copy

import attrs

from backupkit.transport.protocol import Params, Transport
from backupkit.transport.wrapper import Wrapper

__all__ = ["Call", "Recording"]


@attrs.frozen
class Call:
    """One call, as it was made."""

    operation: str
    params: Params = attrs.field(repr=False)


class Recording(Wrapper):
    """Passes every call on, and keeps it in ``calls``, in order; also one that fails."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport)
        self.calls: list[Call] = []

    @property
    def operations(self) -> list[str]:
        """The names of the operations called, in order."""
        return [call.operation for call in self.calls]

    def call(self, operation: str, params: Params, /) -> bytes:
        """As `Transport.call`."""
        self.calls.append(Call(operation, copy.deepcopy(dict(params))))
        return self._transport.call(operation, params)
