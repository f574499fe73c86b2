"""Jobs as descriptions and lists show them.

Sources: the botocore models of BackupJob, CopyJob, RestoreJobsListMember and ReportJob.
"""

from __future__ import annotations

from backupkit.arn import Arn
from backupkit.emulator.engine import copy_run, restore_test_end
from backupkit.emulator.kernel.job_records import percent
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import BackupJob, CopyJob, Document, RegionScope, ReportJob, RestoreJob, ScanJob
from backupkit.emulator.rules import views
from backupkit.emulator.rules.lifecycle import lock_state

__all__ = ["backup_job", "copy_job", "report_job", "restore_job", "scan_job"]


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
        **restore_test_end.shown(job.restore_test),
    }


def scan_job(_simulation: Simulation, scope: RegionScope, job: ScanJob) -> Document:
    """A scan job."""
    return views.shown_scan_job(scope, job)


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
