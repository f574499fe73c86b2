"""What the local AWS Backup holds: plain records, a file for each family; operations change them in rooms of their own.

Times are aware datetimes in UTC. Documents (`plan`, `selection`, `lifecycle`) are the API's own JSON, as AWS echoes it.
"""

from __future__ import annotations

from backupkit.emulator.model.audit import Delivered, Finding, Framework, ReportJob, ReportPlan
from backupkit.emulator.model.document import Document
from backupkit.emulator.model.faults import Bucket, CallFault, FaultBook, Lag, Outage, Tombstone
from backupkit.emulator.model.jobs import BackupJob, CopyJob, FollowUp, RestoreJob, Scan, ScanJob, ScanOrder
from backupkit.emulator.model.plans import (
    Plan,
    PlanVersion,
    RestoreTest,
    RestoreTestingPlan,
    RestoreTestingSelection,
    Selection,
    TieringConfiguration,
)
from backupkit.emulator.model.points import AccessPoint, Family, Index, LegalHold, Point
from backupkit.emulator.model.scopes import Account, RegionScope
from backupkit.emulator.model.vaults import ApprovalSession, Identity, Lock, Notifications, Organization, Sharing, Vault

__all__ = [
    "AccessPoint",
    "Account",
    "ApprovalSession",
    "BackupJob",
    "Bucket",
    "CallFault",
    "CopyJob",
    "Delivered",
    "Document",
    "Family",
    "FaultBook",
    "Finding",
    "FollowUp",
    "Framework",
    "Identity",
    "Index",
    "Lag",
    "LegalHold",
    "Lock",
    "Notifications",
    "Organization",
    "Outage",
    "Plan",
    "PlanVersion",
    "Point",
    "RegionScope",
    "ReportJob",
    "ReportPlan",
    "RestoreJob",
    "RestoreTest",
    "RestoreTestingPlan",
    "RestoreTestingSelection",
    "Scan",
    "ScanJob",
    "ScanOrder",
    "Selection",
    "Sharing",
    "TieringConfiguration",
    "Tombstone",
    "Vault",
]
