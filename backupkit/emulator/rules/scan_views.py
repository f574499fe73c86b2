"""A scan job as the API shows it."""

from __future__ import annotations

from backupkit.emulator.model import Document, RegionScope, ScanJob

__all__ = ["shown"]

_BLANK = {"BackupPlanArn": "", "BackupPlanId": "", "BackupPlanVersion": "", "BackupRuleId": ""}


def shown(scope: RegionScope, job: ScanJob) -> Document:
    """What DescribeScanJob and ListScanJobs tell of a job."""
    return {
        "AccountId": scope.account_id,
        "BackupVaultArn": job.vault_arn,
        "BackupVaultName": job.vault_name,
        "CompletionDate": job.completed,
        "ContinuousScanEndTime": job.end,
        "ContinuousScanStartTime": job.start,
        "CreatedBy": _creator(job),
        "CreationDate": job.created,
        "IamRoleArn": job.role_arn,
        "MalwareScanner": job.scanner,
        "RecoveryPointArn": job.point_arn,
        "ResourceArn": job.resource_arn,
        "ResourceName": job.resource_name,
        "ResourceType": job.resource_type,
        # Told of an incremental scan once it took place (botocore model).
        "ScanBaseRecoveryPointArn": job.base_arn if job.scan_id is not None else None,
        "ScanId": job.scan_id,
        "ScanJobId": job.id,
        "ScanMode": job.mode,
        "ScanResult": {"ScanResultStatus": job.result} if job.result is not None else None,
        "ScannerRoleArn": job.scanner_role_arn,
        "State": job.state,
        "StatusMessage": job.status_message,
    }


def _creator(job: ScanJob) -> Document:
    """The plan and rule that asked for it; the model requires the members also where none did."""
    if job.created_by is None:
        return dict(_BLANK)
    return {name: job.created_by.get(name, "") for name in _BLANK}
