"""Restore testing: its plans and selections, and what makes a restore job a test."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs

from backupkit.emulator.model.document import Document

__all__ = ["RestoreTest", "RestoreTestingPlan", "RestoreTestingSelection"]


@attrs.define(eq=False)
class RestoreTest:
    """What makes a restore job a restore test: the plan that it is of, its validation, and the clean-up after it."""

    plan_arn: str
    validation_hours: int
    flaw: str | None = None
    """Why it cannot be restored at all, where that is known before."""
    validation_status: str | None = None
    validation_message: str | None = None
    deletion_status: str | None = None
    deletion_message: str | None = None


@attrs.define(eq=False)
class RestoreTestingSelection:
    """A restore testing selection; ``document`` is as AWS echoes it."""

    name: str
    document: Document
    created: datetime
    updated: datetime | None = None
    creator_request_id: str | None = None


@attrs.define(eq=False)
class RestoreTestingPlan:
    """A restore testing plan; ``document`` is as AWS echoes it, with filled-in defaults."""

    name: str
    arn: str
    document: Document
    created: datetime
    updated: datetime | None = None
    last_run: datetime | None = None
    creator_request_id: str | None = None
    tags: Mapping[str, str] = attrs.field(factory=dict)
    selections: dict[str, RestoreTestingSelection] = attrs.field(factory=dict)
    arming: int = 0
    """Grows when its schedule is armed or disarmed; what was noted for an earlier number does nothing."""
