"""What a user writes: immutable values that are checked when they are made."""

from backupkit.declare.access_point import AccessPoint
from backupkit.declare.access_policy import AccessPolicy
from backupkit.declare.actions import AdvancedBackupSetting, IndexAction, ScanAction, ScanSetting
from backupkit.declare.air_gapped import AirGappedVault, RestoreAccessVault
from backupkit.declare.alarm import Alarm
from backupkit.declare.backup_role import BackupRole
from backupkit.declare.beside import (
    DynamoDBContinuousBackups,
    EFSBackupPolicy,
    RestoreValidation,
    TopicPolicy,
)
from backupkit.declare.controls import Control, ControlParameter, ControlScope
from backupkit.declare.declared import Declared, unchecked
from backupkit.declare.framework import Framework
from backupkit.declare.legal_hold import LegalHold
from backupkit.declare.lifecycle import FOREVER, CopyAction, Lifecycle
from backupkit.declare.plan import Plan
from backupkit.declare.report_plan import ReportPlan
from backupkit.declare.restore_testing import RestoreTestingPlan, RestoreTestingSelection
from backupkit.declare.rule import Rule
from backupkit.declare.selection import Selection, TagCondition, tag
from backupkit.declare.settings import GlobalSettings, RegionSettings
from backupkit.declare.tags import Switches, Tags
from backupkit.declare.tiering import TieringConfiguration, TieringSelection
from backupkit.declare.vault import ComplianceLock, GovernanceLock, Notifications, Vault

__all__ = [
    "FOREVER",
    "AccessPoint",
    "AccessPolicy",
    "AdvancedBackupSetting",
    "AirGappedVault",
    "Alarm",
    "BackupRole",
    "ComplianceLock",
    "Control",
    "ControlParameter",
    "ControlScope",
    "CopyAction",
    "Declared",
    "DynamoDBContinuousBackups",
    "EFSBackupPolicy",
    "Framework",
    "GlobalSettings",
    "GovernanceLock",
    "IndexAction",
    "LegalHold",
    "Lifecycle",
    "Notifications",
    "Plan",
    "RegionSettings",
    "ReportPlan",
    "RestoreAccessVault",
    "RestoreTestingPlan",
    "RestoreTestingSelection",
    "RestoreValidation",
    "Rule",
    "ScanAction",
    "ScanSetting",
    "Selection",
    "Switches",
    "TagCondition",
    "Tags",
    "TieringConfiguration",
    "TieringSelection",
    "TopicPolicy",
    "Vault",
    "tag",
    "unchecked",
]
