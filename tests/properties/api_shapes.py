"""Which structure of the API each declared value is, for tests that hold it against botocore's model."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import backupkit as bk
from backupkit.declare.declared import Declared

SHAPES: Mapping[str, type[Declared]] = MappingProxyType(
    {
        "AdvancedBackupSetting": bk.AdvancedBackupSetting,
        "BackupPlanInput": bk.Plan,
        "BackupRuleInput": bk.Rule,
        "BackupSelection": bk.Selection,
        "ControlInputParameter": bk.ControlParameter,
        "ControlScope": bk.ControlScope,
        "CopyAction": bk.CopyAction,
        "CreateBackupAccessPointRequest": bk.AccessPoint,
        "CreateBackupVaultInput": bk.Vault,
        "CreateLogicallyAirGappedBackupVaultInput": bk.AirGappedVault,
        "CreateRestoreAccessBackupVaultInput": bk.RestoreAccessVault,
        "CreateFrameworkInput": bk.Framework,
        "CreateLegalHoldInput": bk.LegalHold,
        "CreateReportPlanInput": bk.ReportPlan,
        "FrameworkControl": bk.Control,
        "IndexAction": bk.IndexAction,
        "Lifecycle": bk.Lifecycle,
        "PutBackupVaultLockConfigurationInput": bk.ComplianceLock,
        "PutBackupVaultNotificationsInput": bk.Notifications,
        "RestoreTestingPlanForCreate": bk.RestoreTestingPlan,
        "RestoreTestingSelectionForCreate": bk.RestoreTestingSelection,
        "ResourceSelection": bk.TieringSelection,
        "ScanAction": bk.ScanAction,
        "ScanSetting": bk.ScanSetting,
        "TieringConfigurationInputForCreate": bk.TieringConfiguration,
        "UpdateGlobalSettingsInput": bk.GlobalSettings,
        "UpdateRegionSettingsInput": bk.RegionSettings,
    }
)
"""Which declared class stands for which shape of the API."""

INSIDE: Mapping[str, tuple[type[Declared], str]] = MappingProxyType(
    {
        "DateRange": (bk.LegalHold, "RecoveryPointSelection/DateRange"),
        "RecoveryPointSelection": (bk.LegalHold, "RecoveryPointSelection"),
        "ReportDeliveryChannel": (bk.ReportPlan, "ReportDeliveryChannel"),
        "ReportSetting": (bk.ReportPlan, "ReportSetting"),
        "RestoreTestingRecoveryPointSelection": (bk.RestoreTestingPlan, "RecoveryPointSelection"),
    }
)
"""Structures of the API that are no values by themselves: whose fields they hold, and where in its document."""
