"""Jobs of all kinds: described and listed, as the API shows them.

Sources: the botocore models of the operations and of their jobs, and the developer guide's pages on the jobs dashboard
and quotas, on copying, on restoring, on malware protection and on Audit Manager reports.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from backupkit.arn import Arn
from backupkit.emulator.engine import copy_run, restore_run
from backupkit.emulator.kernel.job_records import (
    BACKUP_JOBS,
    COPY_JOBS,
    REPORT_JOBS,
    RESTORE_JOBS,
    SCAN_JOBS,
    Job,
    JobKind,
    percent,
)
from backupkit.emulator.kernel.operations import operation
from backupkit.emulator.kernel.paging import newest_first
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import BackupJob, CopyJob, Document, RegionScope, ReportJob, RestoreJob, ScanJob
from backupkit.emulator.reports.plans import plan_named
from backupkit.emulator.rules import organizations, views
from backupkit.emulator.rules.lifecycle import lock_state

__all__ = ["backup_job", "copy_job", "report_job", "restore_job", "scan_job"]

# ---- How the API shows a job ----


def backup_job(simulation: Simulation, scope: RegionScope, job: BackupJob) -> Document:
    """A backup job; its description tells more of a parent."""
    vault = scope.vaults.get(job.vault_name)
    done = _done(simulation, job)
    return {
        "AccountId": scope.account_id,
        "BackupJobId": job.id,
        "BackupVaultName": job.vault_name,
        "BackupVaultArn": job.vault_arn,
        "VaultType": vault.vault_type if vault is not None else None,
        "VaultLockState": lock_state(vault),
        "RecoveryPointArn": job.point_arn,
        "RecoveryPointLifecycle": job.lifecycle or None,
        "EncryptionKeyArn": job.key_arn or None,
        "IsEncrypted": True if job.initiated is not None else None,
        "ResourceArn": job.resource_arn,
        "CreationDate": job.created,
        "CompletionDate": job.completed,
        "State": job.state,
        "StatusMessage": job.status_message,
        "PercentDone": percent(done),
        "BackupSizeInBytes": job.size_bytes,
        "IamRoleArn": job.role_arn,
        "CreatedBy": job.created_by,
        "ExpectedCompletionDate": job.expected if job.completed is None else None,
        "StartBy": job.start_by,
        "ResourceType": job.resource_type,
        "BytesTransferred": int(job.size_bytes * done / 100),
        "BackupOptions": job.backup_options or None,
        **views.family_of_job(job.family),
        "ResourceName": job.resource_name,
        "InitiationDate": job.initiated,
        "MessageCategory": job.message_category,
    }


def _done(simulation: Simulation, job: BackupJob) -> float:
    if job.state != "RUNNING" or job.started is None or job.expected is None:
        return job.percent_done
    whole = (job.expected - job.started).total_seconds()
    gone = (simulation.clock.now() - job.started).total_seconds()
    return min(99.0, 100.0 * gone / whole) if whole > 0 else 0.0


def copy_job(simulation: Simulation, scope: RegionScope, job: CopyJob) -> Document:
    """A copy job, with what its destination is now."""
    vault = copy_run.destination(simulation, job).vaults.get(Arn.parse(job.destination_vault_arn).name)
    return {
        "AccountId": scope.account_id,
        "CopyJobId": job.id,
        "SourceBackupVaultArn": job.source_vault_arn,
        "SourceRecoveryPointArn": job.source_point_arn,
        "DestinationBackupVaultArn": job.destination_vault_arn,
        "DestinationVaultType": vault.vault_type if vault is not None else None,
        "DestinationVaultLockState": lock_state(vault),
        "DestinationRecoveryPointArn": job.destination_point_arn,
        "DestinationEncryptionKeyArn": (vault.key_arn or None) if vault is not None else None,
        "DestinationRecoveryPointLifecycle": job.lifecycle or None,
        "ResourceArn": job.resource_arn,
        "CreationDate": job.created,
        "CompletionDate": job.completed,
        "State": job.state,
        "StatusMessage": job.status_message,
        "BackupSizeInBytes": job.size_bytes,
        "IamRoleArn": job.role_arn,
        "CreatedBy": job.created_by,
        "CreatedByBackupJobId": job.backup_job_id,
        "ResourceType": job.resource_type,
        **views.family_of_job(job.family),
        **views.tally(scope.copy_jobs, job.family),
        "CompositeMemberIdentifier": job.family.member if job.family is not None else None,
        "ResourceName": job.resource_name,
        "MessageCategory": job.message_category,
    }


def restore_job(_simulation: Simulation, scope: RegionScope, job: RestoreJob) -> Document:
    """A restore job, with the restore test that it is part of."""
    return {
        "AccountId": scope.account_id,
        "RestoreJobId": job.id,
        "RecoveryPointArn": job.point_arn,
        "SourceResourceArn": job.source_resource_arn,
        "BackupVaultArn": job.vault_arn,
        "CreationDate": job.created,
        "CompletionDate": job.completed,
        "Status": job.status,
        "StatusMessage": job.status_message,
        "PercentDone": percent(job.percent_done),
        "BackupSizeInBytes": job.size_bytes,
        "IamRoleArn": job.role_arn,
        "CreatedResourceArn": job.created_resource_arn,
        "ResourceType": job.resource_type,
        "RecoveryPointCreationDate": job.point_created,
        **views.family_of_job(job.family),
        **restore_run.test_view(job.restore_test),
    }


def scan_job(_simulation: Simulation, scope: RegionScope, job: ScanJob) -> Document:
    """A scan job."""
    return views.scan_job_view(scope, job)


def report_job(_simulation: Simulation, _scope: RegionScope, job: ReportJob) -> Document:
    """A report job, with the keys of what it delivered."""
    return {
        "ReportJobId": job.id,
        "ReportPlanArn": job.plan_arn,
        "ReportTemplate": job.setting["ReportTemplate"],
        "CreationTime": job.created,
        "CompletionTime": job.completed,
        "Status": job.status,
        "StatusMessage": job.status_message,
        "ReportDestination": {
            "S3BucketName": job.delivery["S3BucketName"],
            "S3Keys": [each.key for each in job.delivered],
        },
    }


# ---- Operations ----


J = TypeVar("J", bound=Job)

_DASHBOARD = "botocore model; developer guide, jobs dashboard and quotas"
_COPYING = "botocore model; developer guide, copying backups"
_RESTORING = "botocore model; developer guide, restoring"
_SCANNING = "botocore model; developer guide, malware protection"
_REPORTING = "botocore model; developer guide, Audit Manager reports; recorded reports"


@operation("DescribeBackupJob", source=_DASHBOARD)
def _describe_backup(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    job = _called(simulation, scope, BACKUP_JOBS, params)
    return {**backup_job(simulation, scope, job), **views.tally(scope.backup_jobs, job.family)}


@operation("DescribeCopyJob", source=_COPYING)
def _describe_copy(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return {"CopyJob": copy_job(simulation, scope, _called(simulation, scope, COPY_JOBS, params))}


@operation("DescribeRestoreJob", source=_RESTORING)
def _describe_restore(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return restore_job(simulation, scope, _called(simulation, scope, RESTORE_JOBS, params))


@operation("GetRestoreJobMetadata", source=_RESTORING)
def _restore_metadata(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    job = _called(simulation, scope, RESTORE_JOBS, params)
    return {"RestoreJobId": job.id, "Metadata": dict(job.metadata)}


@operation("DescribeScanJob", source=_SCANNING)
def _describe_scan(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return scan_job(simulation, scope, _called(simulation, scope, SCAN_JOBS, params))


@operation("DescribeReportJob", source=_REPORTING)
def _describe_report(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return {"ReportJob": report_job(simulation, scope, _called(simulation, scope, REPORT_JOBS, params))}


@operation("ListBackupJobs", source=_DASHBOARD)
def _list_backups(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return _listed(simulation, scope, params, BACKUP_JOBS, backup_job)


@operation("ListCopyJobs", source=_COPYING)
def _list_copies(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return _listed(simulation, scope, params, COPY_JOBS, copy_job)


@operation("ListRestoreJobs", source=_RESTORING)
def _list_restores(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return _listed(simulation, scope, params, RESTORE_JOBS, restore_job)


@operation("ListRestoreJobsByProtectedResource", source=_RESTORING)
def _list_restores_of_resource(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    called = "ListRestoreJobsByProtectedResource"
    return _listed(simulation, scope, params, RESTORE_JOBS, restore_job, called)


@operation("ListScanJobs", source=_SCANNING)
def _list_scans(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return _listed(simulation, scope, params, SCAN_JOBS, scan_job)


@operation("ListReportJobs", source=_REPORTING)
def _list_reports(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    if "ByReportPlanName" in params and simulation.choices.report_jobs_need_plan:
        plan_named(scope, params["ByReportPlanName"])
    return _listed(simulation, scope, params, REPORT_JOBS, report_job)


def _called(simulation: Simulation, scope: RegionScope, kind: JobKind[J], params: Document) -> J:
    return kind.called(scope, params[f"{kind.name}JobId"], simulation.clock.now())


def _listed(
    simulation: Simulation,
    scope: RegionScope,
    params: Document,
    kind: JobKind[J],
    view: Callable[[Simulation, RegionScope, J], Document],
    called: str | None = None,
) -> Document:
    """The page that ``params`` asks for; ``called`` is the operation where it is not the kind's own list."""
    matcher, parent = kind.matcher(params, simulation.clock.now()), params.get("ByParentJobId")

    def fits(job: J) -> bool:
        return matcher(job) and views.sought(simulation, getattr(job, "family", None), parent)

    return newest_first(
        simulation,
        scope,
        called or f"List{kind.name}Jobs",
        params,
        [(there, kind.records(there)) for there in organizations.scopes(simulation, scope, params.get("ByAccountId"))],
        fits,
        member=f"{kind.name}Jobs",
        show=lambda there, job: view(simulation, there, job),
    )
