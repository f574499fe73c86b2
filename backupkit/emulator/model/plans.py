"""What goes by a plan or a configuration: backup plans with their selections, restore testing plans, and tiering."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs

from backupkit.emulator.model.document import Document

__all__ = [
    "Plan",
    "PlanVersion",
    "RestoreTest",
    "RestoreTestingPlan",
    "RestoreTestingSelection",
    "Selection",
    "TieringConfiguration",
]


@attrs.define(eq=False)
class PlanVersion:
    """One version of a plan: its document as AWS echoes it, with RuleIds and filled-in defaults."""

    version_id: str
    plan: Document
    created: datetime
    advanced_settings: list[Document] = attrs.field(factory=list)


@attrs.define(eq=False)
class Selection:
    """A selection of a plan; ``selection`` is its document as AWS echoes it."""

    id: str
    plan_id: str
    selection: Document
    created: datetime
    creator_request_id: str | None = None


@attrs.define(eq=False)
class Plan:
    """A plan with all its versions, the newest last."""

    id: str
    arn: str
    versions: list[PlanVersion]
    creator_request_id: str | None = None
    tags: Mapping[str, str] = attrs.field(factory=dict)
    selections: dict[str, Selection] = attrs.field(factory=dict)
    deleted: datetime | None = None
    last_run: datetime | None = None
    arming: int = 0
    """Grows when its schedules are armed or disarmed; what was noted for an earlier number does nothing."""


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


@attrs.define(eq=False)
class TieringConfiguration:
    """Which S3 data of a vault, or of every vault (``*``), moves to low-cost warm storage, and when."""

    name: str
    arn: str
    vault_name: str
    selections: list[Document]
    created: datetime
    updated: datetime | None = None
    creator_request_id: str | None = None
    tags: Mapping[str, str] = attrs.field(factory=dict)
