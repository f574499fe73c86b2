"""A legal hold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs

from backupkit.emulator.model.document import Document
from backupkit.emulator.model.points import Point

__all__ = ["LegalHold"]


@attrs.define(eq=False)
class LegalHold:
    """A legal hold; ``selection`` is its RecoveryPointSelection as AWS echoes it."""

    id: str
    arn: str
    title: str
    description: str
    created: datetime
    selection: Document | None = None
    status: str = "CREATING"
    tags: Mapping[str, str] = attrs.field(factory=dict)
    token: str | None = None
    points: dict[str, Point] = attrs.field(factory=dict)
    """What it holds while it is ACTIVE, by ARN."""
    cancel_description: str | None = None
    canceled: datetime | None = None
    retain_until: datetime | None = None
