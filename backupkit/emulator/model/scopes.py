"""Where everything is kept: an account in a Region, with the settings of a new one, and what an account has once."""

from __future__ import annotations

from datetime import datetime
from functools import cache

import attrs

from backupkit.arn import partition_of
from backupkit.catalog import TYPES
from backupkit.emulator.model.audit import Framework, ReportJob, ReportPlan
from backupkit.emulator.model.jobs import BackupJob, CopyJob, RestoreJob, Scan, ScanJob
from backupkit.emulator.model.plans import Plan, RestoreTestingPlan, TieringConfiguration
from backupkit.emulator.model.points import AccessPoint, Index, LegalHold, Point
from backupkit.emulator.model.vaults import ApprovalSession, Identity, Organization, Vault

__all__ = ["Account", "RegionScope", "default_incremental", "default_management", "supported_types"]


def supported_types() -> tuple[str, ...]:
    """Return the types that AWS Backup supports, in the order of their names."""
    return tuple(sorted(TYPES))


def default_opt_in() -> dict[str, bool]:
    """Return a new Region's ResourceTypeOptInPreference."""
    return {name: TYPES[name].opted_in for name in supported_types()}


def default_management() -> dict[str, bool]:
    """Return a new Region's ResourceTypeManagementPreference: on for every type that has the setting."""
    return {name: True for name in supported_types() if TYPES[name].management_setting}


def default_incremental() -> dict[str, bool]:
    """Return a new Region's ResourceTypeOptInIncremental: none, until somebody asks for it."""
    return {name: False for name in supported_types() if TYPES[name].incremental_setting}


_partition = cache(partition_of)


@attrs.define(eq=False)
class RegionScope:
    """One account in one Region."""

    account_id: str
    region_name: str
    vaults: dict[str, Vault] = attrs.field(factory=dict)
    plans: dict[str, Plan] = attrs.field(factory=dict)
    backup_jobs: dict[str, BackupJob] = attrs.field(factory=dict)
    copy_jobs: dict[str, CopyJob] = attrs.field(factory=dict)
    restore_jobs: dict[str, RestoreJob] = attrs.field(factory=dict)
    restore_testing_plans: dict[str, RestoreTestingPlan] = attrs.field(factory=dict)
    """The restore testing plans by name."""
    frameworks: dict[str, Framework] = attrs.field(factory=dict)
    """The frameworks by name."""
    report_plans: dict[str, ReportPlan] = attrs.field(factory=dict)
    """The report plans by name."""
    report_jobs: dict[str, ReportJob] = attrs.field(factory=dict)
    opt_in: dict[str, bool] = attrs.field(factory=default_opt_in)
    management: dict[str, bool] = attrs.field(factory=default_management)
    incremental: dict[str, bool] = attrs.field(factory=default_incremental)
    legal_holds: dict[str, LegalHold] = attrs.field(factory=dict)
    """Every legal hold that is still on record."""
    active_holds: dict[str, LegalHold] = attrs.field(factory=dict)
    """Those of them that are ACTIVE."""
    swept: dict[str, datetime] = attrs.field(factory=dict)
    """When the records of each kind of job were last gone through for those to be forgotten."""
    indexes: dict[str, Index] = attrs.field(factory=dict)
    """The backup indexes by their points' ARNs."""
    indexes_waiting: list[Index] = attrs.field(factory=list)
    """Those that are to be built, and have no room yet."""
    indexes_building: list[Index] = attrs.field(factory=list)
    scan_jobs: dict[str, ScanJob] = attrs.field(factory=dict)
    scans_waiting: dict[str, ScanJob] = attrs.field(factory=dict)
    """Those scan jobs that are CREATED."""
    scans_running: dict[str, ScanJob] = attrs.field(factory=dict)
    """Those that are RUNNING."""
    scanned: dict[str, tuple[Scan, ...]] = attrs.field(factory=dict)
    """The scans of each point, the newest last, by the point's ARN."""
    tokens: dict[tuple[str, str], str] = attrs.field(factory=dict)
    """The ids of what idempotency tokens made, by operation and token."""
    points_of: dict[str, dict[str, Point]] = attrs.field(factory=dict)
    """The points of each resource, over all vaults, by the resource's ARN."""
    continuous: dict[str, Point] = attrs.field(factory=dict)
    """The continuous point of each resource that has one."""
    running: dict[str, str] = attrs.field(factory=dict)
    """The backup job that runs for a resource, by the resource's ARN."""
    blocked_backups: set[str] = attrs.field(factory=set)
    """Resources whose backups cannot start now, by the caller's choice."""
    approvals: dict[str, ApprovalSession] = attrs.field(factory=dict)
    """What approval teams were asked for its vaults, by the session's ARN."""
    tierings: dict[str, TieringConfiguration] = attrs.field(factory=dict)
    """The tiering configurations by name."""
    access_points: dict[str, AccessPoint] = attrs.field(factory=dict)
    """The backup access points by name."""
    resting_names: dict[str, datetime] = attrs.field(factory=dict)
    """Until when the names of deleted access points are not free."""

    address: tuple[str, str, str] = attrs.field(init=False)
    """Partition, Region and account, as in an ARN."""

    def __attrs_post_init__(self) -> None:
        self.address = (self.partition, self.region_name, self.account_id)

    @property
    def partition(self) -> str:
        """The partition of the Region, as in the second part of an ARN."""
        return _partition(self.region_name)

    def arn(self, resource: str) -> str:
        """The ARN of something of AWS Backup's in this place, for example of ``backup-vault:prod``."""
        return f"arn:{self.partition}:backup:{self.region_name}:{self.account_id}:{resource}"


@attrs.define(eq=False)
class Account:
    """What an account has once, not in each Region."""

    account_id: str
    denied_roles: set[str] = attrs.field(factory=set)
    """Roles that AWS Backup cannot take on, by the caller's choice."""
    denied_until: dict[str, datetime] = attrs.field(factory=dict)
    """From when on it can take on those of them that have a time."""
    global_settings: dict[str, str] = attrs.field(factory=dict)
    settings_updated: datetime | None = None
    organization: Organization | None = None
    """The organization that it was put into, if any."""
    credentials: dict[str, Identity] = attrs.field(factory=dict)
    """Temporary credentials that are known, by access key id, and who calls with them."""
