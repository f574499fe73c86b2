"""What a user writes: immutable values that are checked when they are made."""

from backupkit.declare.access_point import AccessPoint
from backupkit.declare.actions import AdvancedBackupSetting, IndexAction, ScanAction, ScanSetting
from backupkit.declare.air_gapped import AirGappedVault, RestoreAccessVault
from backupkit.declare.declared import Declared, unchecked
from backupkit.declare.lifecycle import FOREVER, CopyAction, Lifecycle
from backupkit.declare.plan import Plan
from backupkit.declare.restore_testing import RestoreTestingPlan, RestoreTestingSelection
from backupkit.declare.rule import Rule
from backupkit.declare.selection import Selection, TagCondition, tag
from backupkit.declare.tags import Tags
from backupkit.declare.vault import ComplianceLock, GovernanceLock, Notifications, Vault

__all__ = [
    "FOREVER",
    "AccessPoint",
    "AdvancedBackupSetting",
    "AirGappedVault",
    "ComplianceLock",
    "CopyAction",
    "Declared",
    "GovernanceLock",
    "IndexAction",
    "Lifecycle",
    "Notifications",
    "Plan",
    "RestoreAccessVault",
    "RestoreTestingPlan",
    "RestoreTestingSelection",
    "Rule",
    "ScanAction",
    "ScanSetting",
    "Selection",
    "TagCondition",
    "Tags",
    "Vault",
    "tag",
    "unchecked",
]
