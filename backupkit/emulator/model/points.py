"""Recovery points, and what goes with one: its composite, its index, and what keeps it from being deleted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

import attrs
import msgspec

from backupkit.emulator.model.document import Document

__all__ = ["AccessPoint", "Family", "Index", "LegalHold", "Point"]


class WhenEnded(Protocol):
    """Something that is to happen: an `Event` of the agenda."""

    def happen(self, simulation: Any) -> None:
        """Do it."""
        ...


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
    when_ended: WhenEnded | None = None
    """What happens when a child job ends."""

    @property
    def is_parent(self) -> bool:
        """Whether it is a composite itself."""
        return self.children is not None


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


@attrs.define(eq=False)
class AccessPoint:
    """A read-only door to a point of S3; it is recorded where its maker is, the point may be another account's."""

    name: str
    arn: str
    point_arn: str
    vault_name: str
    vault_arn: str
    resource_arn: str
    resource_type: str
    created: datetime
    status: str = "CREATING"
    status_message: str | None = None
    metadata: dict[str, str] = attrs.field(factory=dict)
    policy: str | None = None
    tags: Mapping[str, str] = attrs.field(factory=dict)


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
