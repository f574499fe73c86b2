"""What the local AWS Backup holds: plain records, a file for each family; operations change them in rooms of their own.

Times are aware datetimes in UTC. Documents (`plan`, `selection`, `lifecycle`) are the API's own JSON, as AWS echoes it.
"""

from __future__ import annotations

from backupkit.emulator.model.access_points import AccessPoint
from backupkit.emulator.model.audit import Finding, Framework
from backupkit.emulator.model.document import Document
from backupkit.emulator.model.faults import Bucket, CallFault, FaultBook, Lag, Outage, Tombstone
from backupkit.emulator.model.follow_up import FollowUp, ScanOrder
from backupkit.emulator.model.indexes import Index
from backupkit.emulator.model.jobs import BackupJob, CopyJob, RestoreJob
from backupkit.emulator.model.legal_holds import LegalHold
from backupkit.emulator.model.nesting import Family
from backupkit.emulator.model.plans import Plan, PlanVersion, Selection
from backupkit.emulator.model.points import Point
from backupkit.emulator.model.reports import Delivered, ReportJob, ReportPlan
from backupkit.emulator.model.restore_testing import RestoreTest, RestoreTestingPlan, RestoreTestingSelection
from backupkit.emulator.model.scans import Scan, ScanJob
from backupkit.emulator.model.scopes import Account, RegionScope
from backupkit.emulator.model.sharing import ApprovalSession, Identity, Organization, Sharing
from backupkit.emulator.model.tiering import TieringConfiguration
from backupkit.emulator.model.vaults import Lock, Notifications, Vault

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
