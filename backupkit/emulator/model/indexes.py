"""A backup index, by which the items of a recovery point can be searched."""

from __future__ import annotations

from datetime import datetime

import attrs

from backupkit.emulator.model.points import Point

__all__ = ["Index"]


@attrs.define(eq=False)
class Index:
    """The index of a point."""

    point: Point
    role_arn: str | None
    created: datetime
    begun: datetime
    """When it was last begun: that of a continuous point is made again once a day."""
    status: str | None = "PENDING"
    """None once it is deleted."""
    status_message: str | None = None
    completed: datetime | None = None
    deleted: datetime | None = None
    items: int | None = None
    """How many items it has."""
