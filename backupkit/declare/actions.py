"""What else AWS does with points: index them, scan them, and take backups in a special way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import attrs

from backupkit.arn import ROLE
from backupkit.declare.declared import Declared
from backupkit.declare.fields import arn_of, either, flags, matches, shown, texts
from backupkit.declare.names import OPTION
from backupkit.declare.tags import Tags
from backupkit.problems import Problem

__all__ = ["AdvancedBackupSetting", "IndexAction", "ScanAction", "ScanSetting"]

INDEXED_TYPES = ("EBS", "S3")
"""What can be indexed (botocore model, BackupRuleInput)."""
SCANNED_TYPES = ("EBS", "EC2", "S3", "ALL")
"""What GuardDuty scans (developer guide, malware protection)."""
BACKUP_OPTIONS = {"EC2": ("WindowsVSS",), "S3": ("BackupACLs", "BackupObjectTags")}
"""Which options AWS Backup knows for which type (botocore model, AdvancedBackupSetting; guide, S3 backups)."""


@attrs.frozen
class IndexAction(Declared):
    """Index the points of one type for search.

    Args:
        resource_types: Exactly one of ``EBS`` and ``S3``.
    """

    _KIND: ClassVar[str] = "index"
    _EXAMPLE: ClassVar[str] = 'bk.IndexAction("S3")'

    resource_types: tuple[str, ...] = attrs.field(converter=texts)

    def _relations(self) -> Iterator[Problem]:
        if len(self.resource_types) != 1 or self.resource_types[0] not in INDEXED_TYPES:
            yield Problem(
                "resource_types",
                f"{', '.join(map(shown, self.resource_types)) or 'nothing'} cannot be indexed by one action",
                f"name exactly one of {', '.join(INDEXED_TYPES)}",
            )


@attrs.frozen(kw_only=True)
class ScanAction(Declared):
    """Scan new points for malware; needs a `ScanSetting` on the plan.

    Args:
        scan_mode: ``FULL_SCAN`` or ``INCREMENTAL_SCAN``.
        malware_scanner: ``GUARDDUTY``.
    """

    _KIND: ClassVar[str] = "scan"
    _EXAMPLE: ClassVar[str] = "bk.ScanAction()"

    scan_mode: str = attrs.field(default="FULL_SCAN", metadata=flags(either("FULL_SCAN", "INCREMENTAL_SCAN")))
    malware_scanner: str = attrs.field(default="GUARDDUTY", metadata=flags(either("GUARDDUTY")))


@attrs.frozen(kw_only=True)
class ScanSetting(Declared):
    """Which points of a plan are scanned, and as whom.

    Args:
        resource_types: Some of ``EBS``, ``EC2``, ``S3``, or ``ALL``.
        scanner_role_arn: The role that GuardDuty's scanner takes on.
        malware_scanner: ``GUARDDUTY``.
    """

    _KIND: ClassVar[str] = "scan_settings"
    _EXAMPLE: ClassVar[str] = f'bk.ScanSetting(resource_types=("ALL",), scanner_role_arn="{ROLE.example}")'

    resource_types: tuple[str, ...] = attrs.field(converter=texts)
    scanner_role_arn: str = attrs.field(metadata=flags(arn_of(ROLE)))
    malware_scanner: str = attrs.field(default="GUARDDUTY", metadata=flags(either("GUARDDUTY")))

    def _relations(self) -> Iterator[Problem]:
        way_out = f"name some of {', '.join(SCANNED_TYPES)}"
        if not self.resource_types:
            yield Problem("resource_types", "no resource types to scan", way_out)
        for each in self.resource_types:
            if each not in SCANNED_TYPES:
                yield Problem("resource_types", f"{shown(each)} is not a type that is scanned", way_out)


@attrs.frozen
class AdvancedBackupSetting(Declared):
    """How backups of one type are taken.

    Args:
        resource_type: ``EC2`` or ``S3``.
        backup_options: ``WindowsVSS`` for EC2; ``BackupACLs`` and ``BackupObjectTags`` for S3; each ``enabled`` or
            ``disabled``, in lower case.
    """

    _KIND: ClassVar[str] = "advanced_settings"
    _EXAMPLE: ClassVar[str] = "bk.AdvancedBackupSetting.windows_vss()"

    resource_type: str = attrs.field(metadata=flags(matches(OPTION)))
    backup_options: Tags = attrs.field(factory=Tags, converter=Tags)

    @classmethod
    def windows_vss(cls, *, enabled: bool = True) -> AdvancedBackupSetting:
        """Backups of Windows instances that are consistent for applications."""
        return cls("EC2", {"WindowsVSS": _word(enabled)})

    @classmethod
    def s3(cls, *, acls: bool = True, object_tags: bool = True) -> AdvancedBackupSetting:
        """Whether S3 backups hold access control lists and object tags."""
        return cls("S3", {"BackupACLs": _word(acls), "BackupObjectTags": _word(object_tags)})

    def _relations(self) -> Iterator[Problem]:
        known = BACKUP_OPTIONS.get(self.resource_type)
        if known is None:
            yield Problem("resource_type", f"{self.resource_type!r} has no options", "use EC2 or S3")
            return
        for option, value in self.backup_options.items():
            if option not in known:
                yield Problem(
                    "backup_options",
                    f"{shown(option)} is not an option of {self.resource_type}",
                    f"use {' or '.join(known)}",
                )
            elif value not in ("enabled", "disabled"):
                yield Problem("backup_options", f"{option} is {shown(value)}", "use enabled or disabled, in lower case")


def _word(enabled: bool) -> str:
    return "enabled" if enabled else "disabled"
