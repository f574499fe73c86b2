"""Lets nothing pass that could change something."""

from __future__ import annotations

from backupkit.errors import ConsentError
from backupkit.transport.idempotency import is_read
from backupkit.transport.protocol import Clock, Params, Transport

__all__ = ["ReadOnly"]


class ReadOnly:
    """Passes reads on and refuses everything else, before it is sent."""

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

    def call(self, operation: str, params: Params, /) -> bytes:
        """As `Transport.call`, for reads.

        Raises:
            ConsentError: The operation is not a read; nothing was sent.
        """
        if not is_read(operation):
            raise ConsentError(f"{operation} could change something, and this connection only reads; nothing was sent")
        return self._transport.call(operation, params)
