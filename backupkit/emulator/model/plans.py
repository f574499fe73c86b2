"""A plan with its versions and selections."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs

from backupkit.emulator.model.document import Document

__all__ = ["Plan", "PlanVersion", "Selection"]


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
