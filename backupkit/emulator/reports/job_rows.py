"""The rows of backup, copy, restore and scan job reports.

Source: the sample reports of the developer guide's page on report templates.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from backupkit.arn import Arn
from backupkit.emulator.kernel.job_records import percent
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import BackupJob, CopyJob, Document, Family, RegionScope, RestoreJob, ScanJob, Vault
from backupkit.emulator.reports.period import Period
from backupkit.emulator.reports.writing import moment, stamp
from backupkit.emulator.rules.lifecycle import lock_state
from backupkit.emulator.rules.point_store import point_called

__all__ = ["backups", "copies", "restores", "scans"]


def backups(simulation: Simulation, scope: RegionScope, period: Period) -> Iterator[Document]:  # noqa: ARG001 - as all sources
    """The rows of a BACKUP_JOB_REPORT, in the order in which the jobs were made."""
    head = _split(period, scope)
    for job in period.among(scope.backup_jobs.values()):
        yield {**head, **_backup(scope, job)}


def _backup(scope: RegionScope, job: BackupJob) -> Document:
    return {
        "backupJobId": job.id,
        "jobStatus": job.state,
        "statusMessage": job.status_message,
        "resourceType": job.resource_type,
        "resourceArn": job.resource_arn,
        "resourceName": job.resource_name,
        "backupPlanArn": (job.created_by or {}).get("BackupPlanArn"),
        "backupRuleId": (job.created_by or {}).get("BackupRuleId"),
        **_rule(job.created_by),
        "initiationDate": moment(job.initiated),
        "startWindowEnd": moment(job.start_by),
        "backupOptions": job.backup_options,
        "creationDate": moment(job.created),
        "completionDate": moment(job.completed),
        "expectedCompletionDate": moment(job.expected),
        "recoveryPointArn": job.point_arn,
        "jobRunTime": _run_time(job.created, job.completed),
        "backupSizeInBytes": job.size_bytes,
        "backupVaultName": job.vault_name,
        "backupVaultArn": job.vault_arn,
        **_kept(
            scope.vaults.get(job.vault_name),
            job.key_arn,
            job.lifecycle,
            encrypted=True if job.initiated is not None else None,
        ),
        "iamRoleArn": job.role_arn,
    } | _family(job.family)


def copies(simulation: Simulation, scope: RegionScope, period: Period) -> Iterator[Document]:
    """The rows of a COPY_JOB_REPORT, in the order in which the jobs were made."""
    head = _split(period, scope)
    for job in period.among(scope.copy_jobs.values()):
        yield {**head, **_copy(simulation, job)}


def _copy(simulation: Simulation, job: CopyJob) -> Document:
    vault = _vault(simulation, job.destination_vault_arn)
    return {
        "copyJobId": job.id,
        "jobStatus": job.state,
        "statusMessage": job.status_message,
        "jobRunTime": _run_time(job.created, job.completed),
        "resourceType": job.resource_type,
        "resourceArn": job.resource_arn,
        "resourceName": job.resource_name,
        **_rule(job.created_by),
        "initiationDate": moment(job.created),
        "backupOptions": {},
        "creationDate": moment(job.created),
        "completionDate": moment(job.completed),
        "backupSizeInBytes": job.size_bytes,
        "sourceRecoveryPointArn": job.source_point_arn,
        "sourceBackupVaultArn": job.source_vault_arn,
        "destinationRecoveryPointArn": job.destination_point_arn,
        "destinationBackupVaultArn": job.destination_vault_arn,
        **_kept(vault, vault.key_arn if vault is not None else None, job.lifecycle, encrypted=True),
        "iamRoleArn": job.role_arn,
    } | _family(job.family)


def restores(simulation: Simulation, scope: RegionScope, period: Period) -> Iterator[Document]:
    """The rows of a RESTORE_JOB_REPORT, in the order in which the jobs were made."""
    head = {"reportTimePeriod": f"{stamp(period.start)} - {stamp(period.end)}", **_here(scope)}
    for job in period.among(scope.restore_jobs.values()):
        yield {**head, **_restore(simulation, scope, job)}


def _restore(simulation: Simulation, scope: RegionScope, job: RestoreJob) -> Document:
    """What is told of the plan, the lifecycle and the key is that of the restored point, as long as it is there."""
    point = point_called(scope, job.point_arn)
    return {
        "restoreJobId": job.id,
        "jobStatus": job.status,
        "statusMessage": job.status_message,
        "recoveryPointArn": job.point_arn,
        "resourceName": point.resource_name if point is not None else None,
        "initiationDate": moment(job.created),
        **_rule(point.created_by if point is not None else None),
        "backupOptions": {},
        **_kept(
            _vault(simulation, job.vault_arn),
            point.key_arn if point is not None else None,
            point.lifecycle if point is not None else {},
            encrypted=point.encrypted if point is not None else None,
        ),
        "sourceResourceArn": job.source_resource_arn,
        "backupVaultArn": job.vault_arn,
        "creationDate": moment(job.created),
        "completionDate": moment(job.completed),
        "backupSizeInBytes": job.size_bytes,
        "percentDone": percent(job.percent_done),
        "iamRoleArn": job.role_arn,
    } | _family(job.family)


def scans(simulation: Simulation, scope: RegionScope, period: Period) -> Iterator[Document]:  # noqa: ARG001 - as all sources
    """The rows of a SCAN_JOB_REPORT, in the order in which the jobs were made."""
    head = _split(period, scope)
    for job in period.among(scope.scan_jobs.values()):
        yield {**head, **_scan(job)}


def _scan(job: ScanJob) -> Document:
    """Without a result or a message they are there and empty, as in the guide's sample."""
    return {
        "scanJobId": job.id,
        "scanId": job.scan_id,
        "malwareScanner": job.scanner,
        "jobStatus": job.state,
        "scanResultStatus": job.result or "",
        "statusMessage": job.status_message or "",
        "resourceType": job.resource_type,
        "resourceArn": job.resource_arn,
        "backupPlanArn": (job.created_by or {}).get("BackupPlanArn"),
        "creationDate": moment(job.created),
        "completionDate": moment(job.completed),
        "recoveryPointArn": job.point_arn,
        "backupVaultName": job.vault_name,
        "backupVaultArn": job.vault_arn,
        "iamRoleArn": job.role_arn,
        "scannerRoleArn": job.scanner_role_arn,
    }


def _here(scope: RegionScope) -> Document:
    return {"accountId": scope.account_id, "region": scope.region_name}


def _split(period: Period, scope: RegionScope) -> Document:
    return {
        "reportTimePeriodStart": stamp(period.start),
        "reportTimePeriodEnd": stamp(period.end),
        **_here(scope),
    }


def _rule(created_by: Document | None) -> Document:
    by = created_by or {}
    return {
        "backupPlanName": by.get("BackupPlanName"),
        "backupRuleName": by.get("BackupRuleName"),
        "backupRuleSchedule": by.get("BackupRuleCron"),
        "backupRuleTimezone": by.get("BackupRuleTimezone"),
    }


def _family(family: Family | None) -> Document:
    if family is None:
        return {"isParentJob": False, "parentJobId": None}
    return {"isParentJob": family.is_parent, "parentJobId": family.parent}


def _kept(vault: Vault | None, key_arn: str | None, lifecycle: Document, *, encrypted: bool | None) -> Document:
    return {
        "vaultType": vault.vault_type if vault is not None else None,
        "vaultLockStatus": lock_state(vault),
        "isEncrypted": encrypted,
        "encryptionKeyArn": key_arn or None,
        "deleteAfterDays": lifecycle.get("DeleteAfterDays"),
        "moveToColdAfterDays": lifecycle.get("MoveToColdStorageAfterDays"),
        "enableArchive": lifecycle.get("OptInToArchiveForSupportedResources", False),
    }


def _vault(simulation: Simulation, arn: str) -> Vault | None:
    parsed = Arn.parse(arn)
    there = simulation.scopes.get((parsed.account, parsed.region))
    return there.vaults.get(parsed.name) if there is not None else None


def _run_time(begun: datetime, ended: datetime | None) -> str | None:
    """Hours, minutes and seconds as ``00:22:20``, from creation to completion (as in the guide's sample)."""
    if ended is None:
        return None
    minutes, seconds = divmod((ended - begun) // timedelta(seconds=1), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
