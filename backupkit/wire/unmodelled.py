"""What the API takes and declared values do not hold, each with the reason.

A test holds our fields against botocore's model: a member that AWS adds shows up as a failure with its name, and is
then either declared or listed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from backupkit.declare import (
    AdvancedBackupSetting,
    ComplianceLock,
    CopyAction,
    Declared,
    IndexAction,
    Lifecycle,
    Notifications,
    Plan,
    Rule,
    ScanAction,
    ScanSetting,
    Selection,
    Vault,
)

__all__ = ["NOT_MODELLED", "SHAPES", "reason"]

SHAPES: Mapping[str, type[Declared]] = MappingProxyType(
    {
        "AdvancedBackupSetting": AdvancedBackupSetting,
        "BackupPlanInput": Plan,
        "BackupRuleInput": Rule,
        "BackupSelection": Selection,
        "CopyAction": CopyAction,
        "CreateBackupVaultInput": Vault,
        "IndexAction": IndexAction,
        "Lifecycle": Lifecycle,
        "PutBackupVaultLockConfigurationInput": ComplianceLock,
        "PutBackupVaultNotificationsInput": Notifications,
        "ScanAction": ScanAction,
        "ScanSetting": ScanSetting,
    }
)
"""Which declared class stands for which shape of the API."""

NOT_MODELLED: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("CreateBackupVaultInput", "CreatorRequestId"): "the idempotency token is made for each call",
        ("Lifecycle", "DeleteAfterEvent"): "AWS sets it on temporary points and does not take it as input",
        ("PutBackupVaultLockConfigurationInput", "BackupVaultName"): "it is the name of the vault that holds the lock",
        ("PutBackupVaultNotificationsInput", "BackupVaultName"): "it is the name of the vault that sends them",
    }
)
"""Shape and member of what is left out, and why."""


def reason(cls: type[Declared], member: str) -> str | None:
    """Why values of ``cls`` do not hold ``member``, or None where it is unknown."""
    found = (NOT_MODELLED.get((shape, member)) for shape, each in SHAPES.items() if each is cls)
    return next((text for text in found if text), None)
