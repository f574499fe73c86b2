"""The kinds of jobs as data: how the API describes and lists each, and which filters tell its jobs from others."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

__all__ = ["JOB_KINDS", "JobKind"]


@attrs.frozen(kw_only=True)
class JobKind:
    """One kind of job."""

    name: str
    """As in ``job.kind``, for example ``backup``."""
    describe: str
    id_member: str
    member: str | None = None
    """The member of the description that holds the job; None where it is the whole answer."""
    list: str
    state_filter: str = "ByState"
    created_field: str = "creation_date"
    created_filters: tuple[str, str] | None = ("ByCreatedAfter", "ByCreatedBefore")
    """The filters by creation, from and to; None where its list has none."""
    shared: Mapping[str, str] = attrs.field(factory=dict)
    """Filters of its list that narrow a list to jobs that have a field in common."""


_OF_BACKUPS = {
    "resource_arn": "ByResourceArn",
    "backup_vault_name": "ByBackupVaultName",
    "resource_type": "ByResourceType",
    "parent_job_id": "ByParentJobId",
}
_OF_COPIES = {
    "resource_arn": "ByResourceArn",
    "source_recovery_point_arn": "BySourceRecoveryPointArn",
    "destination_backup_vault_arn": "ByDestinationVaultArn",
    "resource_type": "ByResourceType",
    "parent_job_id": "ByParentJobId",
}
_OF_SCANS = {
    "resource_arn": "ByResourceArn",
    "recovery_point_arn": "ByRecoveryPointArn",
    "backup_vault_name": "ByBackupVaultName",
    "resource_type": "ByResourceType",
}

JOB_KINDS: dict[str, JobKind] = {
    kind.name: kind
    for kind in (
        JobKind(
            name="backup",
            describe="DescribeBackupJob",
            id_member="BackupJobId",
            list="ListBackupJobs",
            shared=_OF_BACKUPS,
        ),
        JobKind(
            name="copy",
            describe="DescribeCopyJob",
            id_member="CopyJobId",
            member="CopyJob",
            list="ListCopyJobs",
            shared=_OF_COPIES,
        ),
        JobKind(
            name="restore",
            describe="DescribeRestoreJob",
            id_member="RestoreJobId",
            list="ListRestoreJobs",
            state_filter="ByStatus",
            shared={"resource_type": "ByResourceType", "parent_job_id": "ByParentJobId"},
        ),
        JobKind(
            name="report",
            describe="DescribeReportJob",
            id_member="ReportJobId",
            member="ReportJob",
            list="ListReportJobs",
            state_filter="ByStatus",
            created_field="creation_time",
            created_filters=("ByCreationAfter", "ByCreationBefore"),
        ),
        JobKind(
            name="scan",
            describe="DescribeScanJob",
            id_member="ScanJobId",
            list="ListScanJobs",
            created_filters=None,
            shared=_OF_SCANS,
        ),
    )
}
"""All kinds, by name."""
