"""What Audit Manager's controls take: their parameters with limits and defaults, and the kinds of scope.

Sources: the developer guide's pages on controls and remediation and on choosing controls, and the AWS Config rules that
stand behind the controls. All values are text in the API. A test holds this table against the emulator's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TypeAlias

import attrs

from backupkit.arn import REGION
from backupkit.declare.names import MAX_DAYS

__all__ = ["CONTROLS", "PLAN", "POINT", "VAULT", "ControlFacts", "Listing", "Number", "Words"]

PLAN, VAULT, POINT = "AWS::Backup::BackupPlan", "AWS::Backup::BackupVault", "AWS::Backup::RecoveryPoint"
"""What the controls on plans, vaults and points evaluate, as a scope names it."""


@attrs.frozen
class Number:
    """A whole number within bounds."""

    low: int
    high: int

    @property
    def words(self) -> str:
        """What it takes, in words."""
        return f"a whole number from {self.low:,} to {self.high:,}"

    def admits(self, text: str) -> bool:
        """Whether it takes the text."""
        return re.fullmatch("[0-9]{1,9}", text) is not None and self.low <= int(text) <= self.high

    def normal(self, text: str) -> str:
        """One form of all the ways to write the same."""
        return text.lstrip("0") or text


@attrs.frozen
class Words:
    """One of some words."""

    allowed: tuple[str, ...]

    @property
    def words(self) -> str:
        """What it takes, in words."""
        return " or ".join(self.allowed)

    def admits(self, text: str) -> bool:
        """Whether it takes the text."""
        return text in self.allowed

    def normal(self, text: str) -> str:
        """One form of all the ways to write the same."""
        return text


@attrs.frozen
class Listing:
    """Several entries with commas between them; spaces around them and their order do not count."""

    entry: re.Pattern[str]
    what: str
    most: int

    @property
    def words(self) -> str:
        """What it takes, in words."""
        return f"1 to {self.most} {self.what}, with commas between them"

    def admits(self, text: str) -> bool:
        """Whether it takes the text."""
        found = _entries(text)
        return 1 <= len(found) <= self.most and all(map(self.entry.fullmatch, found))

    def normal(self, text: str) -> str:
        """One form of all the ways to write the same."""
        return ",".join(sorted(set(_entries(text))))


def _entries(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


Rule: TypeAlias = "Number | Words | Listing"


@attrs.frozen(kw_only=True)
class ControlFacts:
    """What is known of one control.

    Args:
        parameters: What its parameters take, by AWS's names.
        defaults: What AWS assumes for those that are not given.
        required: Those that must be given.
        by_unit: Where two parameters together are a length of time: the unit's name, the number's name, and what the
            number is for each unit.
        bounds: Where one parameter must not be greater than another: both names.
        scopes: The kinds of scope: ``types``, ``tag``, ``resource``. To evaluate everything always goes.
        type: The one type that it evaluates; "" where it evaluates resources of any type that AWS Backup supports.
    """

    parameters: Mapping[str, Rule] = attrs.field(factory=dict)
    defaults: Mapping[str, str] = attrs.field(factory=dict)
    required: tuple[str, ...] = ()
    by_unit: tuple[str, str, Mapping[str, Number]] | None = None
    bounds: tuple[str, str] | None = None
    scopes: frozenset[str] = frozenset({"types", "tag", "resource"})
    type: str = ""

    def meaning(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return the parameters as they are compared: defaults filled in, and each value in one form."""
        filled = {**self.defaults, **given}
        known = self.parameters
        return {name: known[name].normal(text) if name in known else text for name, text in sorted(filled.items())}

    def conflicts(self, given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """Yield what is wrong between values that are right by themselves: the parameter, and what it should be."""
        filled = {**self.defaults, **given}
        if self.by_unit is not None:
            unit, number, numbers = self.by_unit
            rule = numbers[filled[unit]]
            if not rule.admits(filled[number]):
                yield number, f"{rule.words} where {unit} is {filled[unit]}"
        if self.bounds is not None and all(name in given for name in self.bounds):
            low, high = self.bounds
            if int(given[low]) > int(given[high]):
                yield low, f"at most {high}, which is {given[high]}"


_DAYS = Number(1, MAX_DAYS)
_RETENTION = "requiredRetentionDays"
_IAM_ARN = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:[^\s,]+")


def _time(unit: str, number: str, hours: Number, days: Number, **more: Rule) -> ControlFacts:
    """A control with a length of time, one day where nothing is given."""
    numbers = {"hours": hours, "days": days}
    either = Number(min(hours.low, days.low), max(hours.high, days.high))
    return ControlFacts(
        parameters={unit: Words(("hours", "days")), number: either, **more},
        defaults={unit: "days", number: "1"},
        by_unit=(unit, number, numbers),
    )


_FREQUENCY = _time(
    "requiredFrequencyUnit", "requiredFrequencyValue", Number(1, 24), Number(1, 31), requiredRetentionDays=_DAYS
)

CONTROLS: Mapping[str, ControlFacts] = {
    "BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN": ControlFacts(),
    "BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK": attrs.evolve(
        _FREQUENCY,
        defaults={**_FREQUENCY.defaults, _RETENTION: "35"},
        scopes=frozenset({"tag", "resource"}),
        type=PLAN,
    ),
    "BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED": ControlFacts(
        parameters={"principalArnList": Listing(_IAM_ARN, "IAM ARNs", 5)},
        scopes=frozenset({"tag", "resource"}),
        type=VAULT,
    ),
    "BACKUP_RECOVERY_POINT_ENCRYPTED": ControlFacts(scopes=frozenset({"tag"}), type=POINT),
    "BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK": ControlFacts(
        parameters={_RETENTION: _DAYS}, defaults={_RETENTION: "35"}, scopes=frozenset({"tag"}), type=POINT
    ),
    "BACKUP_RESOURCES_PROTECTED_BY_CROSS_REGION": ControlFacts(
        parameters={"crossRegionList": Listing(REGION, "Regions", 50)}
    ),
    "BACKUP_RESOURCES_PROTECTED_BY_CROSS_ACCOUNT": ControlFacts(
        parameters={"crossAccountList": Listing(re.compile("[0-9]{12}"), "account ids", 5)}
    ),
    "BACKUP_RESOURCES_PROTECTED_BY_BACKUP_VAULT_LOCK": ControlFacts(
        parameters={"minRetentionDays": _DAYS, "maxRetentionDays": _DAYS},
        bounds=("minRetentionDays", "maxRetentionDays"),
    ),
    "BACKUP_LAST_RECOVERY_POINT_CREATED": _time(
        "recoveryPointAgeUnit", "recoveryPointAgeValue", Number(1, 744), Number(1, 31)
    ),
    "RESTORE_TIME_FOR_RESOURCES_MEET_TARGET": ControlFacts(
        parameters={"maxRestoreTime": Number(1, 999_999)}, required=("maxRestoreTime",)
    ),
    "RESOURCES_IN_LOGICALLY_AIR_GAPPED_VAULT": attrs.evolve(
        _time("recoveryPointAgeUnit", "recoveryPointAgeValue", Number(24, 2184), Number(1, 91)),
        scopes=frozenset({"types", "resource"}),
    ),
}
"""Every control of the developer guide. The API's model leaves the names open, so there may be others."""
