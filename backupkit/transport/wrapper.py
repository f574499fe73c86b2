"""What every transport that wraps another one has."""

from __future__ import annotations

from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, typed
from backupkit.transport.protocol import Clock, Transport

__all__ = ["Wrapper"]


class Wrapper:
    """Is in the Region of the transport within, and goes by its clock; what derives from it says how it calls.

    Args:
        transport: What answers.

    Raises:
        InvalidValueError: It answers no operations, or is a connection and not its transport.
    """

    def __init__(self, transport: Transport) -> None:
        # A connection has a call, too, which takes the members of a request by their names.
        if not callable(getattr(transport, "call", None)) or hasattr(transport, "recovery_points"):
            what = f"{typed(transport)} is not a transport"
            raise InvalidValueError(Problem("transport", what, "give aws.transport"))
        self._transport = transport

    @property
    def region_name(self) -> str:
        """The Region that answers."""
        return self._transport.region_name

    @property
    def clock(self) -> Clock:
        """The clock of the transport within."""
        return self._transport.clock
