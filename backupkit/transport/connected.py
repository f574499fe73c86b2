"""What takes a connection asks here whether it was given one."""

from __future__ import annotations

from typing import Protocol

from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, typed
from backupkit.transport.protocol import Transport

__all__ = ["Connected", "transport_of"]


class Connected(Protocol):
    """What `bk.connect` and `bk.local` return."""

    @property
    def transport(self) -> Transport:
        """What answers operations."""
        ...


def transport_of(aws: object, where: str, *methods: str) -> Transport:
    """Return what answers the operations of a connection.

    Args:
        aws: What was given as the connection.
        where: The public name that was called; with ``/`` and the argument where it is not ``aws``.
        methods: What is called of it besides.

    Raises:
        InvalidValueError: It is not a connection.
    """
    transport = getattr(aws, "transport", None)
    if not isinstance(transport, Transport) or not all(callable(getattr(aws, name, None)) for name in methods):
        what = f"{typed(aws)} is not a connection"
        raise InvalidValueError(Problem(where, what, "give what bk.connect() or bk.local() returned"))
    return transport
