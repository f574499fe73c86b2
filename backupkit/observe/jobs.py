"""Jobs, as AWS reports them. AWS forgets backup jobs after 30 days."""

from __future__ import annotations

from backupkit.observe.points import Creator, Lifecycle
from backupkit.observe.record import Moment, Record

__all__ = [
    "BackupJob",
    "ContinuousScan",
    "CopyJob",
    "RestoreJob",
    "RestoreJobCreator",
    "RestoreJobMetadata",
    "ScanJob",
    "ScanVerdict",
]


class BackupJob(Record, frozen=True):
    """A backup job. Sizes are bytes; what ``backup_size_in_bytes`` counts differs by resource type, and may be 0."""

    backup_job_id: str | None = None
    account_id: str | None = None
    backup_vault_name: str | None = None
    backup_vault_arn: str | None = None
    vault_type: str | None = None
    vault_lock_state: str | None = None
    recovery_point_arn: str | None = None
    recovery_point_lifecycle: Lifecycle | None = None
    encryption_key_arn: str | None = None
    is_encrypted: bool | None = None
    resource_arn: str | None = None
    creation_date: Moment | None = None
    completion_date: Moment | None = None
    state: str | None = None
    status_message: str | None = None
    percent_done: str | None = None
    backup_size_in_bytes: int | None = None
    iam_role_arn: str | None = None
    created_by: Creator | None = None
    expected_completion_date: Moment | None = None
    start_by: Moment | None = None
    resource_type: str | None = None
    bytes_transferred: int | None = None
    backup_options: dict[str, str] | None = None
    backup_type: str | None = None
    parent_job_id: str | None = None
    is_parent: bool | None = None
    resource_name: str | None = None
    initiation_date: Moment | None = None
    message_category: str | None = None
    number_of_child_jobs: int | None = None
    child_jobs_in_state: dict[str, int] | None = None


class CopyJob(Record, frozen=True):
    """A copy job. Sizes are bytes."""

    copy_job_id: str | None = None
    account_id: str | None = None
    source_backup_vault_arn: str | None = None
    source_recovery_point_arn: str | None = None
    destination_backup_vault_arn: str | None = None
    destination_vault_type: str | None = None
    destination_vault_lock_state: str | None = None
    destination_recovery_point_arn: str | None = None
    destination_encryption_key_arn: str | None = None
    destination_recovery_point_lifecycle: Lifecycle | None = None
    resource_arn: str | None = None
    creation_date: Moment | None = None
    completion_date: Moment | None = None
    state: str | None = None
    status_message: str | None = None
    backup_size_in_bytes: int | None = None
    iam_role_arn: str | None = None
    created_by: Creator | None = None
    created_by_backup_job_id: str | None = None
    resource_type: str | None = None
    parent_job_id: str | None = None
    is_parent: bool | None = None
    composite_member_identifier: str | None = None
    number_of_child_jobs: int | None = None
    child_jobs_in_state: dict[str, int] | None = None
    resource_name: str | None = None
    message_category: str | None = None


class RestoreJobCreator(Record, frozen=True):
    """The restore testing plan that started a restore."""

    restore_testing_plan_arn: str | None = None


class RestoreJob(Record, frozen=True):
    """A restore job. Sizes are bytes."""

    restore_job_id: str | None = None
    account_id: str | None = None
    recovery_point_arn: str | None = None
    source_resource_arn: str | None = None
    backup_vault_arn: str | None = None
    creation_date: Moment | None = None
    completion_date: Moment | None = None
    status: str | None = None
    status_message: str | None = None
    percent_done: str | None = None
    backup_size_in_bytes: int | None = None
    iam_role_arn: str | None = None
    expected_completion_time_minutes: int | None = None
    created_resource_arn: str | None = None
    resource_type: str | None = None
    recovery_point_creation_date: Moment | None = None
    is_parent: bool | None = None
    parent_job_id: str | None = None
    created_by: RestoreJobCreator | None = None
    validation_status: str | None = None
    validation_status_message: str | None = None
    deletion_status: str | None = None
    deletion_status_message: str | None = None


class RestoreJobMetadata(Record, frozen=True):
    """What a restore job was started with. Never printed: it may name secrets."""

    restore_job_id: str | None = None
    metadata: dict[str, str] | None = None


class ScanVerdict(Record, frozen=True):
    """What a malware scan came to."""

    scan_result_status: str | None = None


class ScanJob(Record, frozen=True):
    """A malware scan of a recovery point."""

    scan_job_id: str | None = None
    account_id: str | None = None
    backup_vault_arn: str | None = None
    backup_vault_name: str | None = None
    completion_date: Moment | None = None
    continuous_scan_end_time: Moment | None = None
    continuous_scan_start_time: Moment | None = None
    created_by: Creator | None = None
    creation_date: Moment | None = None
    iam_role_arn: str | None = None
    malware_scanner: str | None = None
    recovery_point_arn: str | None = None
    resource_arn: str | None = None
    resource_name: str | None = None
    resource_type: str | None = None
    scan_base_recovery_point_arn: str | None = None
    scan_id: str | None = None
    scan_mode: str | None = None
    scan_result: ScanVerdict | None = None
    scanner_role_arn: str | None = None
    state: str | None = None
    status_message: str | None = None


class ContinuousScan(Record, frozen=True):
    """The malware scan of a continuous recovery point."""

    scan_end_time: Moment | None = None
    scan_result: ScanVerdict | None = None
    last_scan_job_time: Moment | None = None
    scan_id: str | None = None
    scan_mode: str | None = None
