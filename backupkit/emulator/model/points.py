"""A recovery point."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from backupkit.emulator.model.document import Document
from backupkit.emulator.model.nesting import Family

__all__ = ["Point"]


class Point(msgspec.Struct, eq=False, gc=False):
    """A recovery point."""

    arn: str
    vault_name: str
    resource_arn: str
    resource_type: str
    created: datetime
    role_arn: str
    lifecycle: Document = msgspec.field(default_factory=dict)
    status: str = "CREATING"
    status_message: str | None = None
    completed: datetime | None = None
    size_bytes: int = 0
    storage_class: str = "WARM"
    created_by: Document | None = None
    tags: Mapping[str, str] = msgspec.field(default_factory=dict)
    """Shared among points: replaced when they change."""
    key_arn: str | None = None
    encrypted: bool = True
    source_vault_arn: str | None = None
    resource_name: str | None = None
    backup_job_id: str | None = None
    continuous: bool = False
    last_restore: datetime | None = None
    content: object = None
    """What was captured from the world; whatever the world's `capture` returned."""
    restore_metadata: Mapping[str, str] = msgspec.field(default_factory=dict)
    initiated: datetime | None = None
    rolled: datetime | None = None
    """When a continuous point was last brought up to date; its retention counts from then."""
    history: tuple[tuple[datetime, object], ...] = ()
    """What a continuous point holds for earlier moments, oldest first."""
    moves_to_cold: datetime | None = None
    """The moment at which it will move to cold storage."""
    expires: datetime | None = None
    """The moment at which it will be deleted: at random within 8 hours after its DeleteAt."""
    copies_running: int = 0
    holds: frozenset[str] = frozenset()
    """The ids of the active legal holds on it, and the ARNs of its backup access points."""
    family: Family | None = None
    """There where it is part of a composite."""
    serial: int = 0
    """How many jobs and points came before it."""
