"""Passes calls on until it is closed."""

from __future__ import annotations

from backupkit.errors import ConfigurationError
from backupkit.transport.protocol import Params, Transport
from backupkit.transport.wrapper import Wrapper

__all__ = ["Closable"]


class Closable(Wrapper):
    """Passes calls on; once it is closed, it refuses them, so that nothing goes on by sockets that were let go.

    Args:
        transport: What answers.
    """

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport)
        self._closed = False

    def close(self) -> None:
        """Refuse all calls from now on."""
        self._closed = True

    def check_open(self) -> None:
        """Stop where it is closed.

        Raises:
            ConfigurationError: It is.
        """
        if self._closed:
            raise ConfigurationError("this connection is closed; connect again, or do the work inside the with block")

    def call(self, operation: str, params: Params, /) -> bytes:
        """As `Transport.call`.

        Raises:
            ConfigurationError: It is closed; nothing was sent.
        """
        self.check_open()
        return self._transport.call(operation, params)
