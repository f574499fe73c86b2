"""Jobs: of backups with what follows them, of copies, restores and malware scans."""

from __future__ import annotations

from datetime import datetime

import attrs
import msgspec

from backupkit.emulator.model.document import Document
from backupkit.emulator.model.plans import RestoreTest
from backupkit.emulator.model.points import Family

__all__ = ["BackupJob", "CopyJob", "FollowUp", "RestoreJob", "Scan", "ScanJob", "ScanOrder"]


@attrs.frozen
class ScanOrder:
    """A malware scan that a rule asks for, with the settings of its plan."""

    scanner: str
    mode: str
    scanner_role_arn: str
    resource_types: frozenset[str]
    """``ALL`` stands for every type that can be scanned."""


@attrs.frozen
class FollowUp:
    """What follows a backup; the jobs of one firing of a rule share it."""

    indexed: frozenset[str] = frozenset()
    """The resource types whose points get an index."""
    scans: tuple[ScanOrder, ...] = ()


class BackupJob(msgspec.Struct, eq=False, gc=False):
    """A backup job."""

    id: str
    vault_name: str
    vault_arn: str
    resource_arn: str
    resource_type: str
    role_arn: str
    created: datetime
    start_by: datetime
    complete_by: datetime
    lifecycle: Document = msgspec.field(default_factory=dict)
    state: str = "CREATED"
    started: datetime | None = None
    completed: datetime | None = None
    status_message: str | None = None
    message_category: str | None = None
    percent_done: float = 0.0
    size_bytes: int = 0
    bytes_transferred: int = 0
    point_arn: str | None = None
    created_by: Document | None = None
    point_tags: dict[str, str] = msgspec.field(default_factory=dict)
    backup_options: dict[str, str] = msgspec.field(default_factory=dict)
    continuous: bool = False
    copy_actions: list[Document] = msgspec.field(default_factory=list)
    resource_name: str | None = None
    token: str | None = None
    initiated: datetime | None = None
    expected: datetime | None = None
    key_arn: str | None = None
    promised_arn: str | None = None
    """The ARN that its point will have, where AWS tells it at once (EFS and DynamoDB with advanced features)."""
    follow_up: FollowUp | None = None
    """What follows once its point is there: an index, scans."""
    family: Family | None = None
    """There where it is part of a composite."""
    air_gapped_arn: str | None = None
    """The logically air-gapped vault that is to have its point, where the rule or the caller names one."""
    serial: int = 0
    """How many jobs and points came before it."""


class CopyJob(msgspec.Struct, eq=False, gc=False):
    """A copy job; it is recorded where its source is."""

    id: str
    source_vault_arn: str
    source_point_arn: str
    destination_vault_arn: str
    resource_arn: str
    resource_type: str
    role_arn: str
    created: datetime
    lifecycle: Document = msgspec.field(default_factory=dict)
    state: str = "CREATED"
    completed: datetime | None = None
    status_message: str | None = None
    message_category: str | None = None
    size_bytes: int = 0
    destination_point_arn: str | None = None
    created_by: Document | None = None
    backup_job_id: str | None = None
    resource_name: str | None = None
    token: str | None = None
    family: Family | None = None
    """There where it is part of a composite."""
    serial: int = 0
    """How many jobs and points came before it."""


class RestoreJob(msgspec.Struct, eq=False, gc=False):
    """A restore job."""

    id: str
    point_arn: str
    vault_arn: str
    resource_type: str
    source_resource_arn: str
    role_arn: str | None
    created: datetime
    metadata: dict[str, str]
    status: str = "PENDING"
    completed: datetime | None = None
    status_message: str | None = None
    percent_done: float = 0.0
    size_bytes: int = 0
    created_resource_arn: str | None = None
    point_created: datetime | None = None
    copy_source_tags: bool = False
    token: str | None = None
    restore_test: RestoreTest | None = None
    """There where restore testing started it."""
    family: Family | None = None
    """There where it is part of a composite."""
    serial: int = 0
    """How many jobs and points came before it."""
    restored_as: str | None = None
    """The type that it becomes, where that is not the point's own."""

    @property
    def testing_plan_arn(self) -> str | None:
        """The restore testing plan that started it, if one did."""
        return self.restore_test.plan_arn if self.restore_test is not None else None

    @property
    def target_type(self) -> str:
        """AWS Backup's type string of what it makes."""
        return self.restored_as or self.resource_type


@attrs.define(eq=False)
class ScanJob:
    """A scan job."""

    id: str
    vault_name: str
    vault_arn: str
    point_arn: str
    resource_arn: str
    resource_type: str
    resource_name: str
    role_arn: str
    scanner_role_arn: str
    scanner: str
    mode: str
    """What was asked for, and once it runs what it is: an incremental scan without a base is a full one."""
    created: datetime
    base_arn: str | None = None
    end: datetime | None = None
    """Up to which moment a continuous point is scanned."""
    start: datetime | None = None
    """From which moment on a continuous point is scanned."""
    created_by: Document | None = None
    state: str = "CREATED"
    scan_id: str | None = None
    result: str | None = None
    completed: datetime | None = None
    status_message: str | None = None
    token: str | None = None
    serial: int = 0
    """How many records of jobs came before it."""


@attrs.frozen
class Scan:
    """A scan that has ended; it is kept as long as its point, longer than its job."""

    scan_id: str | None
    scanner: str
    mode: str
    state: str
    ended: datetime
    malware: frozenset[str]
    """The names of the items that are malware."""
    start: datetime | None
    end: datetime | None

    @property
    def completed(self) -> bool:
        """Whether it looked at all that it could read."""
        return self.state in {"COMPLETED", "COMPLETED_WITH_ISSUES"}
