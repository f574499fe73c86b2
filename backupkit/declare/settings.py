"""Settings of which there is always one: those of a Region, and those of an organization."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

import attrs

from backupkit.checks import instance, is_text, optional
from backupkit.declare.declared import Declared, placed
from backupkit.declare.fields import LEFT_TO_AWS, Flags, flags
from backupkit.declare.tags import Switches
from backupkit.problems import Problem, nearest, quote, warning

__all__ = ["GlobalSettings", "RegionSettings"]


def _placed(field: str, pairs: Mapping[str, bool] | None) -> Switches:
    with placed(f"region_settings/{field}"):
        return Switches(pairs)


def _opt_in(pairs: Mapping[str, bool] | None) -> Switches:
    return _placed("opt_in", pairs)


def _management(pairs: Mapping[str, bool] | None) -> Switches:
    return _placed("management", pairs)


def _incremental(pairs: Mapping[str, bool] | None) -> Switches:
    return _placed("incremental", pairs)


def _switches(value: object) -> Iterator[Problem]:
    for name, on in value.items() if isinstance(value, Switches) else ():
        if not is_text(name) or not name:
            yield Problem("", f"{quote(name)} is not a resource type", "write one such as S3")
        elif not isinstance(on, bool):
            yield Problem(name, f"{quote(on)} is neither True nor False", "write one of them")


@attrs.frozen(kw_only=True, repr=False)
class RegionSettings(Declared):
    """What AWS Backup does with which resource types in one Region.

    Only the types that are named are compared and changed; what others have stays as it is. AWS cannot forget a type,
    so dropping the settings from a stack changes nothing.

    Args:
        opt_in: By resource type: whether what plans select by tag alone, or by a wildcard, is backed up.
        management: By resource type, ``DynamoDB`` or ``EFS``: whether AWS Backup manages its backups in full.
        incremental: By resource type, ``DynamoDB``: whether backups hold only what changed since the one before.

    Raises:
        InvalidValueError: A switch is neither True nor False.
    """

    _KIND: ClassVar[str] = "region_settings"
    _KEY: ClassVar[str] = ""
    _EXAMPLE: ClassVar[str] = 'bk.RegionSettings(opt_in={"S3": True})'

    opt_in: Switches = attrs.field(
        factory=Switches,
        converter=_opt_in,
        metadata=flags(_switches, wire="ResourceTypeOptInPreference", partial=True),
    )
    management: Switches = attrs.field(
        factory=Switches,
        converter=_management,
        metadata=flags(_switches, wire="ResourceTypeManagementPreference", partial=True),
    )
    incremental: Switches = attrs.field(
        factory=Switches,
        converter=_incremental,
        metadata=flags(_switches, wire="ResourceTypeOptInIncremental", partial=True),
    )

    def _missing(self) -> Iterator[Problem]:
        if not (self.opt_in or self.management or self.incremental):
            yield Problem("", "no settings", 'name some, for example opt_in={"S3": True}')

    def _warnings(self) -> Iterator[Problem]:
        from backupkit.catalog import TYPES  # noqa: PLC0415 - who declares no settings does not pay for the catalog

        known = {"opt_in": tuple(TYPES), "management": ("DynamoDB", "EFS"), "incremental": ("DynamoDB",)}
        for field, types in known.items():
            for each in getattr(self, field):
                if each not in types:
                    what = f"{quote(each)} is not a type of this setting that backupkit knows, and AWS refuses others"
                    yield warning(f"{field}/{each}", what, nearest(each, types))


_WORDS = {True: "true", False: "false"}
_ONES = {word: on for on, word in _WORDS.items()}


def _flag(member: str) -> dict[str, Flags]:
    """A setting that the API writes as a word."""
    return flags(
        optional(instance(bool)),
        wire=f"GlobalSettings/{member}",
        encode=_WORDS.get,
        normal=lambda word: _ONES[word.lower()],
        assumed=LEFT_TO_AWS,
    )


@attrs.frozen(kw_only=True, repr=False)
class GlobalSettings(Declared):
    """What the accounts of an organization may do; only its management account can change it.

    Only what is given is compared and changed. Dropping the settings from a stack changes nothing.

    Args:
        cross_account_backup: Whether accounts may copy points to other accounts of the organization.
        mpa: Whether a multi-party approval team can be given to an air-gapped vault.
        delegated_administrator: Whether AWS Backup keeps the permissions of delegated administrators in step with
            Organizations.

    Raises:
        InvalidValueError: A switch is neither True nor False.
    """

    _KIND: ClassVar[str] = "global_settings"
    _KEY: ClassVar[str] = ""
    _EXAMPLE: ClassVar[str] = "bk.GlobalSettings(cross_account_backup=True)"

    cross_account_backup: bool | None = attrs.field(default=None, metadata=_flag("isCrossAccountBackupEnabled"))
    mpa: bool | None = attrs.field(default=None, metadata=_flag("isMpaEnabled"))
    delegated_administrator: bool | None = attrs.field(default=None, metadata=_flag("isDelegatedAdministratorEnabled"))

    def _missing(self) -> Iterator[Problem]:
        if self.cross_account_backup is None and self.mpa is None and self.delegated_administrator is None:
            yield Problem("", "no settings", "name some, for example cross_account_backup=True")
