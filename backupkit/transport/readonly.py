"""Lets nothing pass that could change something."""

from __future__ import annotations

from backupkit.errors import ConsentError
from backupkit.transport.idempotency import is_read
from backupkit.transport.protocol import Params
from backupkit.transport.wrapper import Wrapper

__all__ = ["ReadOnly"]


class ReadOnly(Wrapper):
    """Passes reads on and refuses everything else, before it is sent."""

    def call(self, operation: str, params: Params, /) -> bytes:
        """As `Transport.call`, for reads.

        Raises:
            ConsentError: The operation is not a read; nothing was sent.
        """
        if not is_read(operation):
            raise ConsentError(f"{operation} could change something, and this connection only reads; nothing was sent")
        return self._transport.call(operation, params)
