"""What every transport that wraps another one has."""

from __future__ import annotations

from backupkit.transport.protocol import Clock, Transport

__all__ = ["Wrapper"]


class Wrapper:
    """Is in the Region of the transport within, and goes by its clock; what derives from it says how it calls.

    Args:
        transport: What answers.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @property
    def region_name(self) -> str:
        """The Region that answers."""
        return self._transport.region_name

    @property
    def clock(self) -> Clock:
        """The clock of the transport within."""
        return self._transport.clock
