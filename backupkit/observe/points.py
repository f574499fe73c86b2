"""Recovery points, as AWS reports them."""

from __future__ import annotations

from msgspec.structs import force_setattr

from backupkit.observe.record import Moment, Record

__all__ = [
    "AccessPoint",
    "AggregatedScanResult",
    "CalculatedLifecycle",
    "Creator",
    "IndexedRecoveryPoint",
    "Lifecycle",
    "RecoveryPoint",
    "RestoreMetadata",
    "ScanResult",
]


class Lifecycle(Record, frozen=True):
    """When a point goes cold and when it goes, in days after its creation; -1 keeps it forever."""

    move_to_cold_storage_after_days: int | None = None
    delete_after_days: int | None = None
    opt_in_to_archive_for_supported_resources: bool | None = None
    delete_after_event: str | None = None


class CalculatedLifecycle(Record, frozen=True):
    """The moments that a lifecycle comes to for one point."""

    move_to_cold_storage_at: Moment | None = None
    delete_at: Moment | None = None


class Creator(Record, frozen=True):
    """The plan and rule that made a point or started a job; on-demand work has none."""

    backup_plan_id: str | None = None
    backup_plan_arn: str | None = None
    backup_plan_name: str | None = None
    backup_plan_version: str | None = None
    backup_rule_id: str | None = None
    backup_rule_name: str | None = None
    backup_rule_cron: str | None = None
    backup_rule_timezone: str | None = None


class AggregatedScanResult(Record, frozen=True):
    """What all malware scans of a point come to."""

    failed_scan: bool | None = None
    findings: list[str] | None = None
    last_computed: Moment | None = None


class ScanResult(Record, frozen=True):
    """What one malware scan of a point found."""

    malware_scanner: str | None = None
    scan_job_state: str | None = None
    last_scan_timestamp: Moment | None = None
    findings: list[str] | None = None


class RecoveryPoint(Record, frozen=True):
    """A recovery point.

    Lists by resource call the size ``BackupSizeBytes``; it is in ``backup_size_in_bytes`` all the same. What the size
    counts differs by resource type: provisioned bytes, changed bytes, or nothing (0 for RDS).
    """

    recovery_point_arn: str | None = None
    backup_vault_name: str | None = None
    backup_vault_arn: str | None = None
    source_backup_vault_arn: str | None = None
    resource_arn: str | None = None
    resource_type: str | None = None
    created_by: Creator | None = None
    iam_role_arn: str | None = None
    status: str | None = None
    status_message: str | None = None
    creation_date: Moment | None = None
    initiation_date: Moment | None = None
    completion_date: Moment | None = None
    backup_size_in_bytes: int | None = None
    calculated_lifecycle: CalculatedLifecycle | None = None
    lifecycle: Lifecycle | None = None
    encryption_key_arn: str | None = None
    is_encrypted: bool | None = None
    last_restore_time: Moment | None = None
    parent_recovery_point_arn: str | None = None
    composite_member_identifier: str | None = None
    is_parent: bool | None = None
    resource_name: str | None = None
    vault_type: str | None = None
    index_status: str | None = None
    index_status_message: str | None = None
    encryption_key_type: str | None = None
    aggregated_scan_result: AggregatedScanResult | None = None
    storage_class: str | None = None
    scan_results: list[ScanResult] | None = None
    backup_size_bytes: int | None = None

    def __post_init__(self) -> None:
        if self.backup_size_bytes is not None and self.backup_size_in_bytes is None:
            force_setattr(self, "backup_size_in_bytes", self.backup_size_bytes)


class IndexedRecoveryPoint(Record, frozen=True):
    """A recovery point that can be searched, and how far its index is."""

    recovery_point_arn: str | None = None
    source_resource_arn: str | None = None
    iam_role_arn: str | None = None
    backup_creation_date: Moment | None = None
    resource_type: str | None = None
    index_creation_date: Moment | None = None
    index_status: str | None = None
    index_status_message: str | None = None
    backup_vault_arn: str | None = None
    index_deletion_date: Moment | None = None
    index_completion_date: Moment | None = None
    total_items_indexed: int | None = None


class RestoreMetadata(Record, frozen=True):
    """What AWS keeps about the resource of a point, to restore it by. Never printed: it may name secrets."""

    backup_vault_arn: str | None = None
    recovery_point_arn: str | None = None
    restore_metadata: dict[str, str | None] | None = None
    resource_type: str | None = None


class AccessPoint(Record, frozen=True):
    """A read-only access point to a recovery point."""

    access_point_arn: str | None = None
    access_point_metadata: dict[str, str] | None = None
    backup_vault_arn: str | None = None
    backup_vault_name: str | None = None
    creation_time: Moment | None = None
    name: str | None = None
    recovery_point_arn: str | None = None
    resource_arn: str | None = None
    resource_type: str | None = None
    status: str | None = None
    status_message: str | None = None
