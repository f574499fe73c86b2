"""Remembers the calls that are made."""

from __future__ import annotations

import copy

import attrs

from backupkit.transport.protocol import Clock, Params, Transport

__all__ = ["Call", "Recording"]


@attrs.frozen
class Call:
    """One call, as it was made."""

    operation: str
    params: Params = attrs.field(repr=False)


class Recording:
    """Passes every call on, and keeps it in ``calls``, in order; also one that fails."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.calls: list[Call] = []

    @property
    def region_name(self) -> str:
        """The Region that answers."""
        return self._transport.region_name

    @property
    def clock(self) -> Clock:
        """The clock of the transport within."""
        return self._transport.clock

    @property
    def operations(self) -> list[str]:
        """The names of the operations called, in order."""
        return [call.operation for call in self.calls]

    def call(self, operation: str, params: Params, /) -> bytes:
        """As `Transport.call`."""
        self.calls.append(Call(operation, copy.deepcopy(dict(params))))
        return self._transport.call(operation, params)
