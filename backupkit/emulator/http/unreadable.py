"""A request that cannot be read as the protocol has it."""

from __future__ import annotations

import re

__all__ = ["Unreadable", "held_to_encoding"]

_BROKEN = re.compile("%(?![0-9a-fA-F]{2})")


class Unreadable(Exception):  # noqa: N818 - on its way to the answer, never seen by a caller
    """A part of a request is not text, not JSON or of the wrong type: AWS's SerializationException.

    Args:
        where: ``path``, ``query`` or ``body``, or a member inside the body.
        what: What is wrong with it.
    """

    def __init__(self, where: str, what: str) -> None:
        self.where = where
        self.what = what
        super().__init__(f"{where}: {what}")

    def below(self, step: str) -> Unreadable:
        """The same, seen from one level further out."""
        where = f"{step}{self.where}" if self.where.startswith("[") or not self.where else f"{step}.{self.where}"
        return Unreadable(where, self.what)


def held_to_encoding(where: str, raw: str) -> None:
    """Refuse a percent sign that two hexadecimal digits do not follow.

    Raises:
        Unreadable: There is one.
    """
    found = _BROKEN.search(raw)
    if found:
        raise Unreadable(where, f"{raw[found.start() : found.start() + 3]!r} is not a percent-encoding")
