"""How the API shows jobs and points of composites and scan jobs, and which of them a list is asked for.

Source: the botocore model of BackupJob, CopyJob, RestoreJobsListMember, RecoveryPointByBackupVault and ScanJob.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Protocol

from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, Family, Point, RegionScope, ScanJob
from backupkit.emulator.rules import lifecycle as point_lifecycle
from backupkit.emulator.rules import nesting

__all__ = ["family_of_job", "family_of_point", "lifecycle_view", "scan_job_view", "sought", "tally"]

# ---- Jobs and points of composites ----


class _Record(Protocol):
    state: str


def sought(simulation: Simulation, family: Family | None, parent: str | None) -> bool:
    """Whether a list shows it: with ``parent`` the children of that one, otherwise all, or all that are nobody's."""
    if parent is not None:
        return family is not None and family.parent == parent
    return family is None or family.parent is None or simulation.choices.nested_shown_unasked


def family_of_job(family: Family | None) -> Document:
    """IsParent, and ParentJobId of a child."""
    if family is None:
        return {"IsParent": False}
    return {"IsParent": family.is_parent, "ParentJobId": family.parent}


def family_of_point(family: Family | None) -> Document:
    """IsParent, and of a nested point its parent."""
    if family is None:
        return {"IsParent": False}
    return {"IsParent": family.is_parent, "ParentRecoveryPointArn": family.parent}


def tally(records: Mapping[str, _Record], family: Family | None) -> Document:
    """NumberOfChildJobs and ChildJobsInState of a parent; nothing of others."""
    if family is None or family.children is None:
        return {}
    states = Counter(records[each].state for each in family.children if each in records)
    return {"NumberOfChildJobs": len(family.children), "ChildJobsInState": dict(states)}


def lifecycle_view(scope: RegionScope, point: Point) -> Document:
    """The CalculatedLifecycle; a composite lives as long as the longest-lived of its nested points."""
    found = point_lifecycle.calculated(point)
    if point.family is None or "DeleteAt" not in found:
        return found
    nested = [point_lifecycle.calculated(child) for child in nesting.children(scope, point)]
    if any("DeleteAt" not in each for each in nested):
        return {name: moment for name, moment in found.items() if name != "DeleteAt"}
    return {**found, "DeleteAt": max(each["DeleteAt"] for each in (found, *nested))}


# ---- Scan jobs ----


_BLANK = {"BackupPlanArn": "", "BackupPlanId": "", "BackupPlanVersion": "", "BackupRuleId": ""}


def scan_job_view(scope: RegionScope, job: ScanJob) -> Document:
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
