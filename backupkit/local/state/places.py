"""Where everything is kept: an account in a Region, and what an account has once."""

from __future__ import annotations

from datetime import datetime

import attrs

from backupkit.local.state.drills import DrillPlan
from backupkit.local.state.holds import LegalHold
from backupkit.local.state.jobs import BackupJob, CopyJob, RestoreJob
from backupkit.local.state.plans import Plan
from backupkit.local.state.points import Point
from backupkit.local.state.vaults import Vault
from backupkit.local.supported import default_management, default_opt_in

__all__ = ["Account", "Place"]

_PARTITIONS = (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov"))


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
