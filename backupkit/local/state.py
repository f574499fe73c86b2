"""What the local AWS Backup holds. Plain records; the operations that change them are in the rooms beside this one.

Times are aware datetimes in UTC. Documents (`plan`, `selection`, `lifecycle`) are the API's own JSON, as AWS echoes it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import attrs

from backupkit.local.supported import default_management, default_opt_in

__all__ = [
    "Account",
    "BackupJob",
    "CopyJob",
    "Document",
    "Drill",
    "DrillPlan",
    "DrillSelection",
    "LegalHold",
    "Lock",
    "Notifications",
    "Place",
    "Plan",
    "PlanVersion",
    "Point",
    "RestoreJob",
    "Selection",
    "Vault",
]

Document = dict[str, Any]
"""A piece of the API's JSON under the API's own names."""

_PARTITIONS = (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov"))


@attrs.define
class Lock:
    """A vault lock; without ``locks_at`` it is a governance lock."""

    min_retention_days: int | None = None
    max_retention_days: int | None = None
    locks_at: datetime | None = None


@attrs.define
class Notifications:
    """Which events of a vault go to which topic."""

    topic_arn: str
    events: list[str]


@attrs.define(eq=False)
class Point:
    """A recovery point."""

    arn: str
    vault_name: str
    resource_arn: str
    resource_type: str
    created: datetime
    role_arn: str
    lifecycle: Document = attrs.field(factory=dict)
    status: str = "CREATING"
    status_message: str | None = None
    completed: datetime | None = None
    size_bytes: int = 0
    storage_class: str = "WARM"
    created_by: Document | None = None
    tags: dict[str, str] = attrs.field(factory=dict)
    key_arn: str | None = None
    encrypted: bool = True
    source_vault_arn: str | None = None
    resource_name: str | None = None
    backup_job_id: str | None = None
    continuous: bool = False
    last_restore: datetime | None = None
    content: object = None
    """What was captured from the world; whatever the world's `capture` returned."""
    restore_metadata: dict[str, str] = attrs.field(factory=dict)
    initiated: datetime | None = None
    rolled: datetime | None = None
    """When a continuous point was last brought up to date; its retention counts from then."""
    history: list[tuple[datetime, object]] = attrs.field(factory=list)
    """What a continuous point holds for earlier moments, oldest first."""
    chills: datetime | None = None
    """The moment at which it will move to cold storage."""
    expires: datetime | None = None
    """The moment at which it will be deleted: at random within 8 hours after its DeleteAt."""
    copies_running: int = 0
    holds: frozenset[str] = frozenset()
    """The ids of the active legal holds on it."""


@attrs.define(eq=False)
class Vault:
    """A vault and the points in it, by ARN. ``key_arn`` is empty where a key of AWS's own encrypts."""

    name: str
    arn: str
    key_arn: str
    created: datetime
    creator_request_id: str | None = None
    tags: dict[str, str] = attrs.field(factory=dict)
    lock: Lock | None = None
    policy: str | None = None
    notifications: Notifications | None = None
    points: dict[str, Point] = attrs.field(factory=dict)
    vault_type: str = "BACKUP_VAULT"
    state: str = "AVAILABLE"


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
    tags: dict[str, str] = attrs.field(factory=dict)
    selections: dict[str, Selection] = attrs.field(factory=dict)
    deleted: datetime | None = None
    last_run: datetime | None = None
    arming: int = 0
    """Grows when its schedules are armed or disarmed; what was noted for an earlier number does nothing."""


@attrs.define(eq=False)
class BackupJob:
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
    lifecycle: Document = attrs.field(factory=dict)
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
    point_tags: dict[str, str] = attrs.field(factory=dict)
    backup_options: dict[str, str] = attrs.field(factory=dict)
    continuous: bool = False
    copy_actions: list[Document] = attrs.field(factory=list)
    resource_name: str | None = None
    token: str | None = None
    initiated: datetime | None = None
    expected: datetime | None = None
    key_arn: str | None = None
    promised_arn: str | None = None
    """The ARN that its point will have, where AWS tells it at once (EFS and DynamoDB with advanced features)."""


@attrs.define(eq=False)
class CopyJob:
    """A copy job; it is recorded where its source is."""

    id: str
    source_vault_arn: str
    source_point_arn: str
    destination_vault_arn: str
    resource_arn: str
    resource_type: str
    role_arn: str
    created: datetime
    lifecycle: Document = attrs.field(factory=dict)
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


@attrs.define(eq=False)
class Drill:
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
class RestoreJob:
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
    drill: Drill | None = None
    """There where restore testing started it."""


@attrs.define(eq=False)
class DrillSelection:
    """A restore testing selection; ``document`` is as AWS echoes it."""

    name: str
    document: Document
    created: datetime
    updated: datetime | None = None
    creator_request_id: str | None = None


@attrs.define(eq=False)
class DrillPlan:
    """A restore testing plan; ``document`` is as AWS echoes it, with filled-in defaults."""

    name: str
    arn: str
    document: Document
    created: datetime
    updated: datetime | None = None
    last_run: datetime | None = None
    creator_request_id: str | None = None
    tags: dict[str, str] = attrs.field(factory=dict)
    selections: dict[str, DrillSelection] = attrs.field(factory=dict)
    arming: int = 0
    """Grows when its schedule is armed or disarmed; what was noted for an earlier number does nothing."""


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
    tags: dict[str, str] = attrs.field(factory=dict)
    token: str | None = None
    points: dict[str, Point] = attrs.field(factory=dict)
    """What it holds while it is ACTIVE, by ARN."""
    cancel_description: str | None = None
    canceled: datetime | None = None
    retain_until: datetime | None = None


@attrs.define(eq=False)
class Place:
    """One account in one Region."""

    account_id: str
    region_name: str
    vaults: dict[str, Vault] = attrs.field(factory=dict)
    plans: dict[str, Plan] = attrs.field(factory=dict)
    backup_jobs: dict[str, BackupJob] = attrs.field(factory=dict)
    copy_jobs: dict[str, CopyJob] = attrs.field(factory=dict)
    restore_jobs: dict[str, RestoreJob] = attrs.field(factory=dict)
    drill_plans: dict[str, DrillPlan] = attrs.field(factory=dict)
    """The restore testing plans by name."""
    opt_in: dict[str, bool] = attrs.field(factory=default_opt_in)
    management: dict[str, bool] = attrs.field(factory=default_management)
    legal_holds: dict[str, LegalHold] = attrs.field(factory=dict)
    """Every legal hold that is still on record."""
    holding: dict[str, LegalHold] = attrs.field(factory=dict)
    """Those of them that are ACTIVE."""
    tokens: dict[tuple[str, str], str] = attrs.field(factory=dict)
    """The ids of what idempotency tokens made, by operation and token."""
    points_of: dict[str, dict[str, Point]] = attrs.field(factory=dict)
    """The points of each resource, over all vaults, by the resource's ARN."""
    continuous: dict[str, Point] = attrs.field(factory=dict)
    """The continuous point of each resource that has one."""
    running: dict[str, str] = attrs.field(factory=dict)
    """The backup job that runs for a resource, by the resource's ARN."""
    held_back: set[str] = attrs.field(factory=set)
    """Resources whose backups cannot start now, by the caller's choice."""

    @property
    def partition(self) -> str:
        """The partition of the Region, as in the second part of an ARN."""
        return next((name for start, name in _PARTITIONS if self.region_name.startswith(start)), "aws")

    def arn(self, resource: str) -> str:
        """The ARN of something of AWS Backup's in this place, for example of ``backup-vault:prod``."""
        return f"arn:{self.partition}:backup:{self.region_name}:{self.account_id}:{resource}"


@attrs.define(eq=False)
class Account:
    """What an account has once, not in each Region."""

    account_id: str
    denied_roles: set[str] = attrs.field(factory=set)
    """Roles that AWS Backup cannot take on, by the caller's choice."""
    global_settings: dict[str, str] = attrs.field(factory=dict)
    settings_updated: datetime | None = None
