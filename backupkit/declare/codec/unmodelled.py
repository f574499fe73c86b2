"""What the API takes and declared values do not hold, each with the reason.

A test holds our fields against botocore's model: a member that AWS adds shows up as a failure with its name, and is
then either declared or listed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from backupkit.declare import (
    AccessPoint,
    AdvancedBackupSetting,
    AirGappedVault,
    ComplianceLock,
    Control,
    ControlParameter,
    ControlScope,
    CopyAction,
    Declared,
    Framework,
    GlobalSettings,
    IndexAction,
    LegalHold,
    Lifecycle,
    Notifications,
    Plan,
    RegionSettings,
    ReportPlan,
    RestoreAccessVault,
    RestoreTestingPlan,
    RestoreTestingSelection,
    Rule,
    ScanAction,
    ScanSetting,
    Selection,
    TieringConfiguration,
    TieringSelection,
    Vault,
)

__all__ = ["INSIDE", "NOT_MODELLED", "SHAPES", "reason"]

SHAPES: Mapping[str, type[Declared]] = MappingProxyType(
    {
        "AdvancedBackupSetting": AdvancedBackupSetting,
        "BackupPlanInput": Plan,
        "BackupRuleInput": Rule,
        "BackupSelection": Selection,
        "ControlInputParameter": ControlParameter,
        "ControlScope": ControlScope,
        "CopyAction": CopyAction,
        "CreateBackupAccessPointRequest": AccessPoint,
        "CreateBackupVaultInput": Vault,
        "CreateLogicallyAirGappedBackupVaultInput": AirGappedVault,
        "CreateRestoreAccessBackupVaultInput": RestoreAccessVault,
        "CreateFrameworkInput": Framework,
        "CreateLegalHoldInput": LegalHold,
        "CreateReportPlanInput": ReportPlan,
        "FrameworkControl": Control,
        "IndexAction": IndexAction,
        "Lifecycle": Lifecycle,
        "PutBackupVaultLockConfigurationInput": ComplianceLock,
        "PutBackupVaultNotificationsInput": Notifications,
        "RestoreTestingPlanForCreate": RestoreTestingPlan,
        "RestoreTestingSelectionForCreate": RestoreTestingSelection,
        "ResourceSelection": TieringSelection,
        "ScanAction": ScanAction,
        "ScanSetting": ScanSetting,
        "TieringConfigurationInputForCreate": TieringConfiguration,
        "UpdateGlobalSettingsInput": GlobalSettings,
        "UpdateRegionSettingsInput": RegionSettings,
    }
)
"""Which declared class stands for which shape of the API."""

INSIDE: Mapping[str, tuple[type[Declared], str]] = MappingProxyType(
    {
        "DateRange": (LegalHold, "RecoveryPointSelection/DateRange"),
        "RecoveryPointSelection": (LegalHold, "RecoveryPointSelection"),
        "ReportDeliveryChannel": (ReportPlan, "ReportDeliveryChannel"),
        "ReportSetting": (ReportPlan, "ReportSetting"),
        "RestoreTestingRecoveryPointSelection": (RestoreTestingPlan, "RecoveryPointSelection"),
    }
)
"""Structures of the API that are no values by themselves: whose fields they hold, and where in its document."""

_IDEMPOTENCY = "the idempotency token is made for each call"
_TAGS = "tags travel beside the document"

NOT_MODELLED: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("CreateBackupAccessPointRequest", "Tags"): _TAGS,
        ("CreateBackupVaultInput", "CreatorRequestId"): _IDEMPOTENCY,
        ("CreateLogicallyAirGappedBackupVaultInput", "BackupVaultTags"): _TAGS,
        ("CreateLogicallyAirGappedBackupVaultInput", "CreatorRequestId"): _IDEMPOTENCY,
        ("CreateRestoreAccessBackupVaultInput", "BackupVaultTags"): _TAGS,
        ("CreateRestoreAccessBackupVaultInput", "CreatorRequestId"): _IDEMPOTENCY,
        ("CreateFrameworkInput", "FrameworkTags"): _TAGS,
        ("CreateFrameworkInput", "IdempotencyToken"): _IDEMPOTENCY,
        ("CreateLegalHoldInput", "IdempotencyToken"): _IDEMPOTENCY,
        ("CreateLegalHoldInput", "Tags"): _TAGS,
        ("CreateReportPlanInput", "IdempotencyToken"): _IDEMPOTENCY,
        ("CreateReportPlanInput", "ReportPlanTags"): _TAGS,
        ("Lifecycle", "DeleteAfterEvent"): "AWS sets it on temporary points and does not take it as input",
        ("PutBackupVaultLockConfigurationInput", "BackupVaultName"): "it is the name of the vault that holds the lock",
        ("PutBackupVaultNotificationsInput", "BackupVaultName"): "it is the name of the vault that sends them",
        ("ReportSetting", "NumberOfFrameworks"): "AWS counts them",
    }
)
"""Shape and member of what is left out, and why."""


def reason(cls: type[Declared], member: str) -> str | None:
    """Why values of ``cls`` do not hold ``member``, or None where it is unknown."""
    found = (NOT_MODELLED.get((shape, member)) for shape, each in SHAPES.items() if each is cls)
    return next((text for text in found if text), None)
