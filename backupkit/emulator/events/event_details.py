"""The ``detail`` of each event: its members, their order and their odd spellings are the developer guide's.

The guide's examples differ by state in what they tell, and so do these. Numbers that are strings, a message in quotes
of its own and an empty object for no ARN are AWS's.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from backupkit.emulator.model import BackupJob, CopyJob, Document, Plan, Point, RestoreJob, Vault
from backupkit.emulator.rules import lifecycle as point_lifecycle

__all__ = [
    "instant",
    "of_backup_job",
    "of_copy_job",
    "of_index",
    "of_plan",
    "of_point",
    "of_restore_job",
    "of_scan_job",
    "of_vault",
]

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CREATOR = {
    "backupPlanId": "BackupPlanId",
    "backupPlanArn": "BackupPlanArn",
    "backupPlanVersion": "BackupPlanVersion",
    "backupPlanRuleId": "BackupRuleId",
}
_SCAN_CREATOR = {**{name: each for name, each in _CREATOR.items() if name != "backupPlanRuleId"}}
_SCAN_CREATOR["backupRuleId"] = "BackupRuleId"
_OF_SCAN = (
    "AccountId",
    "BackupVaultArn",
    "BackupVaultName",
    "CompletionDate",
    "CreatedBy",
    "CreationDate",
    "IamRoleArn",
    "ScannerRoleArn",
    "RecoveryPointArn",
    "ResourceArn",
    "ResourceType",
    "ScanId",
    "ScanJobId",
    "ScanBaseRecoveryPointArn",
    "MalwareScanner",
    "ScanResult",
    "State",
    "StatusMessage",
)
_INDEX_MEMBERS = {
    "ACTIVE": "An AWS Backup recovery point index was successfully completed.",
    "DELETED": "An AWS Backup recovery point index was deleted.",
    "FAILED": "An AWS Backup recovery point index failed to create.",
}


@lru_cache(maxsize=1024)
def instant(moment: datetime) -> str:
    """ISO 8601 in UTC to the millisecond, without a fraction where that is zero: Java's spelling."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return f"{text[:19]}Z" if text[20:23] == "000" else f"{text[:23]}Z"


def _in_words(moment: datetime) -> str:
    """Like ``Jul 15, 2020 9:39:07 PM``."""
    half = "AM" if moment.hour < 12 else "PM"
    hour = moment.hour % 12 or 12
    return f"{_MONTHS[moment.month - 1]} {moment.day}, {moment.year} {hour}:{moment:%M:%S} {half}"


def _creator(created_by: Document | None, names: dict[str, str] = _CREATOR) -> Document:
    if not created_by:
        return {}
    found = {name: created_by[each] for name, each in names.items() if created_by.get(each) is not None}
    return {"createdBy": found}


def of_backup_job(job: BackupJob) -> Document:
    """A backup job's detail in its state."""
    if job.state == "CREATED":
        return {"backupJobId": job.id, "state": job.state, "creationDate": instant(job.created)}
    detail: Document = {"backupJobId": job.id}
    if job.state in {"RUNNING", "COMPLETED", "PARTIAL"}:
        detail["backupSizeInBytes"] = str(job.size_bytes)
    detail |= {
        "backupVaultArn": job.vault_arn,
        "backupVaultName": job.vault_name,
        "bytesTransferred": str(job.bytes_transferred),
        "creationDate": instant(job.created),
        "iamRoleArn": job.role_arn,
        "resourceArn": job.resource_arn,
        "resourceType": job.resource_type,
        "state": job.state,
    }
    if job.status_message is not None:
        detail["statusMessage"] = f'"{job.status_message}"'
    # The guide's failed jobs tell no completionDate.
    if job.completed is not None and job.state != "FAILED":
        detail["completionDate"] = instant(job.completed)
    detail["startBy"] = instant(job.start_by)
    if job.state == "RUNNING" and job.expected is not None:
        detail["expectedCompletionDate"] = _in_words(job.expected)
    detail["percentDone"] = round(job.percent_done)
    if job.state in {"COMPLETED", "PARTIAL", "FAILED"}:
        detail["retryCount"] = 0
    return detail | _creator(job.created_by)


def of_copy_job(job: CopyJob) -> Document:
    """A copy job's detail in its state; the first does not tell the job's id."""
    vaults = {
        "sourceBackupVaultArn": job.source_vault_arn,
        "destinationBackupVaultArn": job.destination_vault_arn,
    }
    if job.state == "CREATED":
        return {"creationDate": instant(job.created), "state": job.state, **vaults}
    detail: Document = {
        "copyJobId": job.id,
        "backupSizeInBytes": job.size_bytes,
        "creationDate": instant(job.created),
        "iamRoleArn": job.role_arn,
        "resourceArn": job.resource_arn,
        "resourceType": job.resource_type,
        "sourceBackupVaultArn": job.source_vault_arn,
        "state": job.state,
    }
    if job.status_message is not None:
        detail["statusMessage"] = job.status_message
    if job.completed is not None:
        detail["completionDate"] = instant(job.completed)
    detail["destinationBackupVaultArn"] = job.destination_vault_arn
    detail["destinationRecoveryPointArn"] = job.destination_point_arn or {}
    return detail | _creator(job.created_by)


def of_restore_job(job: RestoreJob, status: str) -> Document:
    """A restore job's detail; the first calls its status ``state``, the others ``status``."""
    if status == "CREATED":
        return {"restoreJobId": job.id, "creationDate": instant(job.created), "state": status}
    detail: Document = {"restoreJobId": job.id}
    if status == "COMPLETED":
        detail |= {
            "backupVaultArn": job.vault_arn,
            "recoveryPointArn": job.point_arn,
            "sourceResourceArn": job.source_resource_arn,
        }
    detail |= {"backupSizeInBytes": str(job.size_bytes), "creationDate": instant(job.created)}
    if job.role_arn is not None:
        detail["iamRoleArn"] = job.role_arn
    detail |= {"percentDone": round(job.percent_done), "resourceType": job.resource_type, "status": status}
    if job.status_message is not None and status in {"COMPLETED", "FAILED"}:
        detail["statusMessage"] = job.status_message
    if status == "COMPLETED" and job.created_resource_arn is not None:
        detail["createdResourceArn"] = job.created_resource_arn
    if status == "COMPLETED" and job.completed is not None:
        detail["completionDate"] = instant(job.completed)
    if job.restore_test is not None:
        detail["restoreTestingPlanArn"] = job.restore_test.plan_arn
    return detail


def of_point(point: Point, vault_arn: str, status: str, deleted_by: str | None = None) -> Document:
    """A recovery point's detail; that the deletion names who deleted it is not in the guide, and so unconfirmed."""
    detail: Document = {
        "backupVaultName": point.vault_name,
        "backupVaultArn": vault_arn,
        "creationDate": instant(point.created),
        "iamRoleArn": point.role_arn,
        "resourceType": point.resource_type,
        "resourceArn": point.resource_arn,
        "status": status,
        "isEncrypted": "true" if point.encrypted else "false",
        "storageClass": point.storage_class,
    }
    if point.status_message is not None:
        detail["statusMessage"] = point.status_message
    if point.completed is not None:
        detail["completionDate"] = instant(point.completed)
    if deleted_by is not None:
        detail["deletedBy"] = deleted_by
    detail |= _creator(point.created_by)
    days = {"moveToColdStorageAfterDays": "MoveToColdStorageAfterDays", "deleteAfterDays": "DeleteAfterDays"}
    lifecycle = {name: point.lifecycle[each] for name, each in days.items() if each in point.lifecycle}
    if lifecycle:
        detail["lifecycle"] = lifecycle
    moments = point_lifecycle.calculated(point)
    ends = {"moveToColdStorageAt": "MoveToColdStorageAt", "deleteAt": "DeleteAt"}
    if moments:
        detail["calculatedLifeCycle"] = {name: instant(moments[each]) for name, each in ends.items() if each in moments}
    return detail


def of_vault(vault: Vault, state: str) -> Document:
    """A vault's detail; whether it is locked is told when that changes."""
    detail: Document = {"backupVaultName": vault.name, "state": state}
    if state == "MODIFIED":
        detail["isLocked"] = "true" if vault.lock is not None else "false"
    return detail


def of_plan(plan: Plan, state: str) -> Document:
    """A plan's detail in its newest version."""
    newest = plan.versions[-1]
    when, name = newest.created, {"CREATED": "creationDate", "MODIFIED": "modifiedAt"}.get(state, "deletionDate")
    if state == "DELETED" and plan.deleted is not None:
        when = plan.deleted
    return {"backupPlanId": plan.id, "versionId": newest.version_id, name: instant(when), "state": state}


def of_index(
    point: Point, status: str, *, account_id: str, vault_arn: str, created: datetime, ended: datetime | None
) -> Document:
    """The detail of a point's index: ACTIVE, DELETED or FAILED."""
    detail: Document = {
        "recoveryPointArn": point.arn,
        "accountId": account_id,
        "indexStatus": status,
        "iamRoleArn": point.role_arn,
        "resourceType": point.resource_type,
        "backupVaultArn": vault_arn,
        "indexCreationTime": instant(created),
        "isIndexingContinuous": point.continuous,
        "sourceResourceArn": point.resource_arn,
        "backupCreationTime": instant(point.created),
        "indexStatusMessage": f"{_INDEX_MEMBERS[status]} Indexed recovery point arn : {point.arn}",
    }
    if ended is not None and status != "FAILED":
        detail["indexCompletionTime" if status == "ACTIVE" else "indexDeletionTime"] = instant(ended)
    return detail


def of_scan_job(view: Document) -> Document:
    """A scan job's detail, out of what DescribeScanJob shows of it."""
    detail: Document = {}
    for name in _OF_SCAN:
        value = view.get(name)
        if value is not None:
            detail |= _scan_member(name, value)
    return detail


def _scan_member(name: str, value: object) -> Document:
    spelled = name[0].lower() + name[1:]
    match value:
        case datetime():
            return {spelled: instant(value)}
        case dict() if name == "CreatedBy":
            return _creator(value, _SCAN_CREATOR)
        case dict():
            return {spelled: {part[0].lower() + part[1:]: each for part, each in value.items()}}
        case _:
            return {spelled: value}
