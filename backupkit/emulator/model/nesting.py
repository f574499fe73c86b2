"""What binds the parts of a composite: parents know their children, and children their parent."""

from __future__ import annotations

import attrs

from backupkit.emulator.model.agenda import Event

__all__ = ["Family"]


@attrs.define(eq=False)
class Family:
    """What makes a job or a point part of a composite; jobs are named by id, points by ARN."""

    parent: str | None = None
    """Its parent; None where it has none."""
    member: str | None = None
    """Its CompositeMemberIdentifier; None for a parent, and for the part that is of the composite's resource itself."""
    children: list[str] | None = None
    """Its children; None where it is not a parent."""
    incomplete: bool = False
    """Whether something that belongs to it is not in it."""
    when_ended: Event | None = None
    """What happens when a child job ends."""

    @property
    def is_parent(self) -> bool:
        """Whether it is a composite itself."""
        return self.children is not None
