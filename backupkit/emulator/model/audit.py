"""Backup Audit Manager: frameworks with what their controls find, and report plans with what they deliver."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import datetime

import attrs
import msgspec

from backupkit.emulator.model.document import Document

__all__ = ["Delivered", "Finding", "Framework", "ReportJob", "ReportPlan"]


class Finding(msgspec.Struct, frozen=True, gc=False):
    """What a control found about one resource.

    Attributes:
        resource_arn: What was evaluated: a protected resource, a plan, a vault or a recovery point.
        resource_type: Its type: a resource type string like ``DynamoDB``, or ``AWS::Backup::BackupPlan``,
            ``AWS::Backup::BackupVault`` or ``AWS::Backup::RecoveryPoint``.
        compliant: Whether it keeps to the control; None where there is nothing to judge it by.
        reason: Why, in one sentence.
        evaluated: When, in UTC.
    """

    resource_arn: str
    resource_type: str
    compliant: bool | None
    reason: str
    evaluated: datetime


@attrs.define(eq=False)
class Framework:
    """A framework; ``controls`` is its FrameworkControls as AWS echoes it."""

    name: str
    arn: str
    description: str
    controls: list[Document]
    created: datetime
    status: str = "CREATE_IN_PROGRESS"
    """The deployment status."""
    token: str | None = None
    tags: Mapping[str, str] = attrs.field(factory=dict)
    arming: int = 0
    """Grows when its daily evaluation is armed or disarmed; what was noted for an earlier number does nothing."""
    evaluated: datetime | None = None
    """When its daily controls were last evaluated."""
    daily: dict[int, tuple[Finding, ...]] = attrs.field(factory=dict)
    """What its daily controls found then, by the control's position."""


@attrs.frozen
class Delivered:
    """A report as it was put into a bucket.

    Attributes:
        bucket: The bucket's name.
        key: The object's key.
        delivered: When, in UTC.
        job_id: The report job that made it.
        packed: The report, compressed: a month of large reports is kept.
    """

    bucket: str
    key: str
    delivered: datetime
    job_id: str
    packed: bytes = attrs.field(repr=False)

    @property
    def body(self) -> bytes:
        """The report: UTF-8 text, CSV or JSON as its key says."""
        return zlib.decompress(self.packed)


@attrs.define(eq=False)
class ReportPlan:
    """A report plan; ``setting`` and ``delivery`` are its documents as AWS echoes them."""

    name: str
    arn: str
    description: str
    delivery: Document
    setting: Document
    created: datetime
    status: str = "CREATE_IN_PROGRESS"
    """The deployment status."""
    token: str | None = None
    tags: Mapping[str, str] = attrs.field(factory=dict)
    attempted: datetime | None = None
    """When a job of it last began."""
    succeeded: datetime | None = None
    """When a job of it last completed."""
    daily: bool = False
    """Whether its daily reports are under way."""


@attrs.define(eq=False)
class ReportJob:
    """A report job, with copies of what its plan asked for when it was made."""

    id: str
    plan_name: str
    plan_arn: str
    delivery: Document
    setting: Document
    created: datetime
    start: datetime
    """The beginning of what it reports on."""
    end: datetime
    """The end of that."""
    status: str = "CREATED"
    completed: datetime | None = None
    status_message: str | None = None
    token: str | None = None
    delivered: tuple[Delivered, ...] = ()
    serial: int = 0
    """How many records of jobs came before it."""
