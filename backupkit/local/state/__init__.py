"""What the local AWS Backup holds: plain records, a file for each family; operations change them in rooms of their own.

Times are aware datetimes in UTC. Documents (`plan`, `selection`, `lifecycle`) are the API's own JSON, as AWS echoes it.
"""

from __future__ import annotations

from backupkit.local.state.document import Document
from backupkit.local.state.drills import Drill, DrillPlan, DrillSelection
from backupkit.local.state.holds import LegalHold
from backupkit.local.state.jobs import BackupJob, CopyJob, RestoreJob
from backupkit.local.state.places import Account, Place
from backupkit.local.state.plans import Plan, PlanVersion, Selection
from backupkit.local.state.points import Point
from backupkit.local.state.vaults import Lock, Notifications, Vault

__all__ = [
    "Account",
    "BackupJob",
    "CopyJob",
    "Document",
    "Drill",
    "DrillPlan",
    "DrillSelection",
    "LegalHold",
    "Lock",
    "Notifications",
    "Place",
    "Plan",
    "PlanVersion",
    "Point",
    "RestoreJob",
    "Selection",
    "Vault",
]
