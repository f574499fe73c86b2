"""What the local AWS Backup holds: plain records, a file for each family; operations change them in rooms of their own.

Times are aware datetimes in UTC. Documents (`plan`, `selection`, `lifecycle`) are the API's own JSON, as AWS echoes it.
"""

from __future__ import annotations

from backupkit.local.state.access_points import AccessPoint
from backupkit.local.state.audit import Finding, Framework
from backupkit.local.state.composites import Family
from backupkit.local.state.document import Document
from backupkit.local.state.drills import Drill, DrillPlan, DrillSelection
from backupkit.local.state.faults import CallFault, FaultBook, Gone, Lag, Outage
from backupkit.local.state.holds import LegalHold
from backupkit.local.state.indexes import Index
from backupkit.local.state.jobs import BackupJob, CopyJob, RestoreJob
from backupkit.local.state.places import Account, Place
from backupkit.local.state.plans import Plan, PlanVersion, Selection
from backupkit.local.state.points import Point
from backupkit.local.state.reports import Delivered, ReportJob, ReportPlan
from backupkit.local.state.scans import Scan, ScanJob
from backupkit.local.state.sequels import ScanOrder, Sequel
from backupkit.local.state.sharing import ApprovalSession, Identity, Organization, Sharing
from backupkit.local.state.tiering import TieringConfiguration
from backupkit.local.state.vaults import Lock, Notifications, Vault

__all__ = [
    "AccessPoint",
    "Account",
    "ApprovalSession",
    "BackupJob",
    "CallFault",
    "CopyJob",
    "Delivered",
    "Document",
    "Drill",
    "DrillPlan",
    "DrillSelection",
    "Family",
    "FaultBook",
    "Finding",
    "Framework",
    "Gone",
    "Identity",
    "Index",
    "Lag",
    "LegalHold",
    "Lock",
    "Notifications",
    "Organization",
    "Outage",
    "Place",
    "Plan",
    "PlanVersion",
    "Point",
    "ReportJob",
    "ReportPlan",
    "RestoreJob",
    "Scan",
    "ScanJob",
    "ScanOrder",
    "Selection",
    "Sequel",
    "Sharing",
    "TieringConfiguration",
    "Vault",
]
