"""What is known of whether a resource is there."""

from __future__ import annotations

import enum
from datetime import datetime

import attrs

__all__ = ["Presence", "Sighting"]


class Presence(enum.StrEnum):
    """Whether a resource is there."""

    THERE = "there"
    GONE = "gone"
    """Its own service says so."""
    UNKNOWN = "unknown"
    """Nobody could be asked, or the answer does not tell."""


@attrs.frozen
class Sighting:
    """What a resource's own service says of it.

    Args:
        presence: Whether it is there.
        state: The service's word for its state; empty where it tells none.
        usable: Whether it can be used in that state; None where that is not known.
        reason: Why it is not known whether it is there.
        created: When it was made, where it has a name that another resource can have had before it, and the answer
            tells.
    """

    presence: Presence
    state: str = ""
    usable: bool | None = None
    reason: str = ""
    created: datetime | None = None
