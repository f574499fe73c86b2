"""The states that AWS reports, as far as its model names them.

Records hold plain strings, so a state that AWS invents later passes through; these names compare equal to them.
"""

from __future__ import annotations

import enum

__all__ = [
    "BACKUP_JOB_ENDED",
    "COPY_JOB_ENDED",
    "FINAL_STATES",
    "JOB_STATES",
    "REPORT_JOB_ENDED",
    "RESTORE_JOB_ENDED",
    "SCAN_JOB_ENDED",
    "BackupJobState",
    "CopyJobState",
    "RecoveryPointStatus",
    "ReportJobStatus",
    "RestoreJobStatus",
    "ScanJobState",
    "StorageClass",
    "VaultState",
    "VaultType",
]


class BackupJobState(enum.StrEnum):
    """``BackupJob.state``."""

    CREATED = "CREATED"
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    ABORTING = "ABORTING"
    ABORTED = "ABORTED"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"
    PARTIAL = "PARTIAL"


class CopyJobState(enum.StrEnum):
    """``CopyJob.state``."""

    CREATED = "CREATED"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    PARTIAL = "PARTIAL"


class RestoreJobStatus(enum.StrEnum):
    """``RestoreJob.status``."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    ABORTED = "ABORTED"
    FAILED = "FAILED"


class ReportJobStatus(enum.StrEnum):
    """``ReportJob.status`` (API reference, ReportJob; the model has no enumeration)."""

    CREATED = "CREATED"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


class ScanJobState(enum.StrEnum):
    """``ScanJob.state``."""

    CREATED = "CREATED"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    COMPLETED_WITH_ISSUES = "COMPLETED_WITH_ISSUES"
    FAILED = "FAILED"
    CANCELED = "CANCELED"


class RecoveryPointStatus(enum.StrEnum):
    """``RecoveryPoint.status``."""

    CREATING = "CREATING"
    COMPLETED = "COMPLETED"
    AVAILABLE = "AVAILABLE"
    PARTIAL = "PARTIAL"
    DELETING = "DELETING"
    EXPIRED = "EXPIRED"
    STOPPED = "STOPPED"


class StorageClass(enum.StrEnum):
    """``RecoveryPoint.storage_class``."""

    WARM = "WARM"
    COLD = "COLD"
    DELETED = "DELETED"


class VaultState(enum.StrEnum):
    """``Vault.vault_state``."""

    CREATING = "CREATING"
    AVAILABLE = "AVAILABLE"
    FAILED = "FAILED"


class VaultType(enum.StrEnum):
    """``Vault.vault_type``."""

    BACKUP_VAULT = "BACKUP_VAULT"
    LOGICALLY_AIR_GAPPED_BACKUP_VAULT = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
    RESTORE_ACCESS_BACKUP_VAULT = "RESTORE_ACCESS_BACKUP_VAULT"


# Sets of plain strings: records hold plain strings, and what AWS invents later is in none of them.
BACKUP_JOB_ENDED: frozenset[str] = frozenset({"ABORTED", "COMPLETED", "FAILED", "EXPIRED", "PARTIAL"})
"""States that a backup job stays in."""
COPY_JOB_ENDED: frozenset[str] = frozenset({"ABORTED", "COMPLETED", "FAILED", "PARTIAL"})
"""States that a copy job stays in; ABORTED is known from the summaries only."""
RESTORE_JOB_ENDED: frozenset[str] = frozenset({"ABORTED", "COMPLETED", "FAILED"})
"""States that a restore job stays in."""
SCAN_JOB_ENDED: frozenset[str] = frozenset({"COMPLETED", "COMPLETED_WITH_ISSUES", "FAILED", "CANCELED"})
"""States that a malware scan stays in."""
REPORT_JOB_ENDED: frozenset[str] = frozenset({"COMPLETED", "FAILED"})
"""States that a report job stays in."""

FINAL_STATES: dict[str, frozenset[str]] = {
    "backup": BACKUP_JOB_ENDED,
    "copy": COPY_JOB_ENDED,
    "restore": RESTORE_JOB_ENDED,
    "report": REPORT_JOB_ENDED,
    "scan": SCAN_JOB_ENDED,
}
"""The states from which no job comes back, by the kind of job; a scan ends in some that no other kind has."""

JOB_STATES: dict[str, tuple[str, ...]] = {
    "backup": tuple(BackupJobState),
    "copy": tuple(CopyJobState),
    "restore": tuple(RestoreJobStatus),
    "report": tuple(ReportJobStatus),
    "scan": tuple(ScanJobState),
}
"""The states that lists of each kind of job can be asked for, in the order in which a job goes through them."""
