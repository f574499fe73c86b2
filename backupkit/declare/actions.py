"""What else AWS does with points: index them, scan them, and take backups in a special way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import attrs

from backupkit.arn import ROLE, arn_text
from backupkit.checks import arn_of, every, matches, must_be_bools, one_of, texts
from backupkit.declare.declared import Declared
from backupkit.declare.fields import flags
from backupkit.declare.names import OPTION
from backupkit.declare.tags import Tags
from backupkit.problems import Problem, located, quote

__all__ = ["AdvancedBackupSetting", "IndexAction", "ScanAction", "ScanSetting"]

INDEXED_TYPES = ("EBS", "S3")
"""What can be indexed (botocore model, BackupRuleInput)."""
SCANNED_TYPES = ("EBS", "EC2", "S3", "ALL")
"""What GuardDuty scans (developer guide, malware protection)."""
_SCAN_MODES = ("FULL_SCAN", "INCREMENTAL_SCAN")
_scanner = one_of(("GUARDDUTY",), "a malware scanner")
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

    resource_types: tuple[str, ...] = attrs.field(
        converter=texts, metadata=flags(every(one_of(INDEXED_TYPES, "a type with indexes")))
    )

    def _cross_field(self) -> Iterator[Problem]:
        if len(self.resource_types) != 1:
            yield Problem(
                "resource_types",
                f"{', '.join(map(quote, self.resource_types)) or 'nothing'} cannot be indexed by one action",
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

    scan_mode: str = attrs.field(default="FULL_SCAN", metadata=flags(one_of(_SCAN_MODES, "a mode of scans")))
    malware_scanner: str = attrs.field(default="GUARDDUTY", metadata=flags(_scanner))


@attrs.frozen(kw_only=True)
class ScanSetting(Declared):
    """Which points of a plan are scanned, and as whom.

    Args:
        resource_types: Some of ``EBS``, ``EC2``, ``S3``, or ``ALL``.
        scanner_role_arn: The role that GuardDuty's scanner takes on.
        malware_scanner: ``GUARDDUTY``.
    """

    _KIND: ClassVar[str] = "scan_settings"
    _KEY: ClassVar[str] = "malware_scanner"
    _EXAMPLE: ClassVar[str] = f'bk.ScanSetting(resource_types=("ALL",), scanner_role_arn="{ROLE.example}")'

    resource_types: tuple[str, ...] = attrs.field(
        converter=texts, metadata=flags(every(one_of(SCANNED_TYPES, "a type that is scanned")))
    )
    scanner_role_arn: str = attrs.field(converter=arn_text, metadata=flags(arn_of(ROLE)))
    malware_scanner: str = attrs.field(default="GUARDDUTY", metadata=flags(_scanner))

    def _cross_field(self) -> Iterator[Problem]:
        if not self.resource_types:
            yield Problem("resource_types", "no resource types to scan", f"name some of {', '.join(SCANNED_TYPES)}")


@attrs.frozen
class AdvancedBackupSetting(Declared):
    """How backups of one type are taken.

    Args:
        resource_type: ``EC2`` or ``S3``.
        backup_options: ``WindowsVSS`` for EC2; ``BackupACLs`` and ``BackupObjectTags`` for S3; each ``enabled`` or
            ``disabled``, in lower case.
    """

    _KIND: ClassVar[str] = "advanced_settings"
    _KEY: ClassVar[str] = "resource_type"
    _EXAMPLE: ClassVar[str] = "bk.AdvancedBackupSetting.windows_vss()"

    resource_type: str = attrs.field(metadata=flags(matches(OPTION)))
    backup_options: Tags = attrs.field(factory=Tags, converter=Tags)

    @classmethod
    def windows_vss(cls, *, enabled: bool = True) -> AdvancedBackupSetting:
        """Backups of Windows instances that are consistent for applications."""
        return cls("EC2", _settings("windows_vss", enabled=("WindowsVSS", enabled)))

    @classmethod
    def s3(cls, *, acls: bool = True, object_tags: bool = True) -> AdvancedBackupSetting:
        """Whether S3 backups hold access control lists and object tags."""
        return cls("S3", _settings("s3", acls=("BackupACLs", acls), object_tags=("BackupObjectTags", object_tags)))

    def _cross_field(self) -> Iterator[Problem]:
        known = BACKUP_OPTIONS.get(self.resource_type)
        if known is None:
            yield from located("resource_type", _optional_type(self.resource_type))
            return
        option_of = one_of(known, f"an option of {self.resource_type}")
        for option, value in self.backup_options.items():
            yield from located("backup_options", option_of(option))
            yield from located("backup_options", _setting(value))


_optional_type = one_of(BACKUP_OPTIONS, "a type with options")
_setting = one_of(("enabled", "disabled"), "a setting of an option")


def _settings(verb: str, **given: tuple[str, bool]) -> dict[str, str]:
    """The options that a verb's arguments are, each with its setting."""
    must_be_bools(verb, **{argument: enabled for argument, (_, enabled) in given.items()})
    return {option: "enabled" if enabled else "disabled" for option, enabled in given.values()}
