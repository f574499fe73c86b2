"""Rules: when backups are taken, where they go, how long they are kept, and where copies go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar

import attrs

from backupkit.arn import VAULT, Arn, arn_or_none
from backupkit.checks import (
    POINT_TAGS,
    arn_of,
    at_most,
    every,
    instance,
    listed,
    matches,
    must_be_bools,
    optional,
    tags_within,
    whole,
)
from backupkit.declare.actions import IndexAction, ScanAction
from backupkit.declare.air_gapped import AirGappedVault
from backupkit.declare.declared import Declared, placed
from backupkit.declare.fields import flags
from backupkit.declare.lifecycle import FOREVER, CopyAction, Lifecycle, or_none
from backupkit.declare.names import MAX_WINDOW_MINUTES, MIN_START_MINUTES, RULE_NAME
from backupkit.declare.tags import Tags, tags_of_call
from backupkit.declare.vault import Vault
from backupkit.declare.vault_name import is_vault_name
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, counted, quote, warning
from backupkit.schedule import Schedule

__all__ = ["DEFAULT_COMPLETION_MINUTES", "DEFAULT_SCHEDULE", "DEFAULT_START_MINUTES", "Rule"]

_UTC = "Etc/UTC"

DEFAULT_SCHEDULE = "cron(0 5 ? * * *)"
"""What AWS fills in for a rule without a schedule (botocore model, BackupRule)."""
DEFAULT_START_MINUTES = 480
"""What AWS fills in for a rule without a start window (botocore model, BackupRuleInput)."""
DEFAULT_COMPLETION_MINUTES = 10_080
"""What AWS fills in for a rule without a completion window (developer guide, plan options)."""
_MAX_COPIES = 5
_MAX_CONTINUOUS_DAYS = 35


def _vault_name(vault: Vault | str) -> str:
    # An air-gapped vault is left to the check: its ARN goes to another argument.
    return vault.name if isinstance(vault, Vault) else vault


def _first_vault(value: object) -> Iterator[Problem]:
    if isinstance(value, AirGappedVault):
        what = "an AirGappedVault takes the points of a rule beside a standard vault, not in place of one"
        yield Problem("", what, f"name a standard vault, and give air_gapped_vault={value._arn_call}")  # noqa: SLF001
    else:
        yield from is_vault_name(value)


def _schedule(value: object) -> Iterator[Problem]:
    if value is not None and not isinstance(value, Schedule):
        yield Problem("", f"{quote(value)} is not a Schedule", f"write {_written(value)}")


def _written(expression: object) -> str:
    """The call that makes the schedule that was probably meant."""
    try:
        meant = Schedule(expression if isinstance(expression, str) else DEFAULT_SCHEDULE)
    except InvalidValueError:
        meant = Schedule(DEFAULT_SCHEDULE)
    return f"bk.Schedule({meant.expression!r})"


def _copies(copies: tuple[CopyAction, ...] | list[CopyAction]) -> tuple[CopyAction, ...]:
    return listed(copies, "rule/copies")


def _indexes(actions: tuple[IndexAction, ...] | list[IndexAction]) -> tuple[IndexAction, ...]:
    return listed(actions, "rule/index_actions")


def _scans(actions: tuple[ScanAction, ...] | list[ScanAction]) -> tuple[ScanAction, ...]:
    return listed(actions, "rule/scan_actions")


def _without_forever(lifecycle: Mapping[str, object]) -> Mapping[str, object]:
    """A lifecycle of a rule, in which -1 says "never", as nothing does; in a copy it means the source's expiry."""
    return {member: value for member, value in lifecycle.items() if value != FOREVER}


def _indexed(actions: Sequence[Mapping[str, Sequence[str]]]) -> tuple[str, ...]:
    return _numbered(each for action in actions for each in action.get("ResourceTypes") or ())


def _scanned(actions: Sequence[Mapping[str, str]]) -> tuple[str, ...]:
    return _numbered(f"{each.get('MalwareScanner', '')} {each.get('ScanMode', '')}" for each in actions)


def _numbered(texts: Iterable[str]) -> tuple[str, ...]:
    """The texts in their order, a second one of the same marked ``#2``, so that a set of them loses none."""
    seen: Counter[str] = Counter()
    found: list[str] = []
    for text in sorted(texts):
        seen[text] += 1
        found.append(text if seen[text] == 1 else f"{text}#{seen[text]}")
    return tuple(found)


def _must_say(days: int | None, member: str, hint: str) -> None:
    """Refuse a number that is missing, from a setting perhaps: points would silently be kept forever."""
    if days is None:
        raise InvalidValueError(Problem(f"lifecycle/{member}", "None is not a number of days", hint))


@attrs.frozen(repr=False)
class Rule(Declared):
    """One rule of a plan.

    Args:
        name: 1 to 50 letters, digits, -, _ and .; unique in its plan.
        vault: The vault that takes the points, or its name.
        schedule: When backups start. None: daily at 05:00 UTC, as AWS fills in.
        lifecycle: When points go cold and when they go. None: kept forever.
        copies: Up to 5 copies of each point.
        start_window_minutes: Minutes in which a backup must start, 60 or more. None: 480, as AWS fills in.
        completion_window_minutes: Minutes in which it must be done. None: 10,080, as AWS fills in.
        continuous: Continuous backup for point-in-time recovery: S3, RDS, Aurora and SAP HANA; kept 1 to 35 days.
        point_tags: Up to 10 tags for each point.
        air_gapped_vault: The ARN of a logically air-gapped vault of the same account and Region that takes the points.
        index_actions: At most one.
        scan_actions: Malware scans; they need scan settings on the plan.

    Raises:
        InvalidValueError: Something AWS would refuse.

    Example:
        >>> str(Rule("daily", "prod").keep(days=35).lifecycle.delete_after_days)
        '35'
    """

    _KIND: ClassVar[str] = "rule"
    _COMPUTED: ClassVar[frozenset[str]] = frozenset({"RuleId"})
    _EXAMPLE: ClassVar[str] = 'bk.Rule("daily", "prod").keep(days=35)'

    name: str = attrs.field(metadata=flags(matches(RULE_NAME), wire="RuleName"))
    vault: str = attrs.field(converter=_vault_name, metadata=flags(_first_vault, wire="TargetBackupVaultName"))
    schedule: Schedule | None = attrs.field(
        default=None, kw_only=True, metadata=flags(_schedule, assumed=DEFAULT_SCHEDULE)
    )
    lifecycle: Lifecycle | None = attrs.field(
        default=None,
        kw_only=True,
        converter=or_none,
        metadata=flags(optional(instance(Lifecycle)), normal=_without_forever),
    )
    copies: tuple[CopyAction, ...] = attrs.field(
        default=(),
        converter=_copies,
        kw_only=True,
        metadata=flags(every(instance(CopyAction)), at_most(_MAX_COPIES, "copies"), wire="CopyActions"),
    )
    start_window_minutes: int | None = attrs.field(
        default=None,
        kw_only=True,
        metadata=flags(
            optional(whole(MIN_START_MINUTES, MAX_WINDOW_MINUTES, "minutes")), assumed=DEFAULT_START_MINUTES
        ),
    )
    completion_window_minutes: int | None = attrs.field(
        default=None,
        kw_only=True,
        metadata=flags(optional(whole(1, MAX_WINDOW_MINUTES, "minutes")), assumed=DEFAULT_COMPLETION_MINUTES),
    )
    continuous: bool = attrs.field(
        default=False, kw_only=True, metadata=flags(instance(bool), wire="EnableContinuousBackup")
    )
    point_tags: Tags = attrs.field(
        factory=Tags,
        converter=Tags,
        kw_only=True,
        metadata=flags(tags_within(POINT_TAGS), wire="RecoveryPointTags"),
    )
    air_gapped_vault: str | None = attrs.field(
        default=None,
        converter=arn_or_none,
        kw_only=True,
        metadata=flags(
            optional(arn_of(VAULT, "an air-gapped vault")),
            wire="TargetLogicallyAirGappedBackupVaultArn",
        ),
    )
    index_actions: tuple[IndexAction, ...] = attrs.field(
        default=(),
        converter=_indexes,
        kw_only=True,
        metadata=flags(every(instance(IndexAction)), at_most(1, "index actions"), normal=_indexed),
    )
    scan_actions: tuple[ScanAction, ...] = attrs.field(
        default=(),
        converter=_scans,
        kw_only=True,
        metadata=flags(every(instance(ScanAction)), normal=_scanned),
    )

    def scheduled(self, schedule: Schedule | str, *, timezone: str = _UTC) -> Rule:
        """At these times: a `Schedule`, or AWS's ``cron(...)`` in an IANA time zone."""
        with self._placing():
            if not isinstance(schedule, str) and timezone != _UTC:
                what = "a Schedule has its own time zone, and another one is given beside it"
                raise InvalidValueError(Problem("schedule/timezone", what, "give it to the Schedule"))
            value = Schedule(schedule, timezone) if isinstance(schedule, str) else schedule
        return attrs.evolve(self, schedule=value)

    def keep(self, *, days: int) -> Rule:
        """Delete points this many days after their backup started, 1 to 36,500."""
        held = self.lifecycle or Lifecycle()
        with self._placing():
            _must_say(days, "delete_after_days", "give a number of days, or say keep_forever()")
            lifecycle = Lifecycle(
                delete_after_days=days,
                # -1 in both numbers is how "forever" is said; it goes with it.
                move_to_cold_storage_after_days=held.cold_after_days,
                opt_in_to_archive_for_supported_resources=held.opt_in_to_archive_for_supported_resources,
            )
        return attrs.evolve(self, lifecycle=lifecycle)

    def keep_forever(self) -> Rule:
        """Never delete points; said aloud, it is no longer warned about."""
        held = self.lifecycle or Lifecycle()
        cold = FOREVER if held.cold_after_days is None else held.cold_after_days
        lifecycle = attrs.evolve(held, delete_after_days=FOREVER, move_to_cold_storage_after_days=cold)
        return attrs.evolve(self, lifecycle=lifecycle)

    def cold_after(self, *, days: int, archive: bool = False) -> Rule:
        """Move points to cold storage after this many days; they then stay there for at least 90.

        Args:
            days: 1 or more.
            archive: Also for EBS snapshots, into the EBS Snapshot Archive.
        """
        held = self.lifecycle or Lifecycle()
        with self._placing():
            must_be_bools("cold_after", archive=archive)
        archive = archive or held.opt_in_to_archive_for_supported_resources
        with self._placing():
            _must_say(days, "move_to_cold_storage_after_days", "give a number of days, or leave cold_after() out")
            lifecycle = attrs.evolve(
                held, move_to_cold_storage_after_days=days, opt_in_to_archive_for_supported_resources=archive
            )
        return attrs.evolve(self, lifecycle=lifecycle)

    def copy_to(self, vault: Arn | str, *, keep_days: int | None = None, cold_after_days: int | None = None) -> Rule:
        """Also copy each point to the vault with this ARN.

        Args:
            vault: In any Region or account.
            keep_days: Days from the start of the backup to the deletion of the copy.
            cold_after_days: Days in warm storage; the copy then stays cold for at least 90.
        """
        with self._placing():
            copy = CopyAction(vault)
        with self._placing(), placed(copy.address):
            lifecycle = Lifecycle(delete_after_days=keep_days, move_to_cold_storage_after_days=cold_after_days)
        return attrs.evolve(self, copies=(*self.copies, attrs.evolve(copy, lifecycle=lifecycle)))

    def continuously(self, *, keep_days: int) -> Rule:
        """Continuous backup for point-in-time recovery within the last ``keep_days``, 1 to 35 days."""
        kept = self.keep(days=keep_days)
        return attrs.evolve(kept, continuous=True)

    def tagging(self, tags: Mapping[str, str] | None = None, /, **more: str) -> Rule:
        """Tag each point with these as well."""
        with self._placing():
            new_tags = tags_of_call("tagging", tags, more)
        return attrs.evolve(self, point_tags={**self.point_tags, **new_tags})

    @property
    def effective_schedule(self) -> Schedule:
        """The schedule, or the one that AWS fills in."""
        return self.schedule or Schedule(DEFAULT_SCHEDULE)

    def _cross_field(self) -> Iterator[Problem]:
        if self.continuous and (self.lifecycle is None or self.lifecycle.is_sound()):
            yield from self._continuous_problems()

    def _continuous_problems(self) -> Iterator[Problem]:
        lifecycle = self.lifecycle or Lifecycle()
        days = lifecycle.delete_after_days
        if days is None or not 1 <= days <= _MAX_CONTINUOUS_DAYS:
            got = "no retention" if days is None else f"a retention of {counted(days, 'day')}"
            yield Problem("lifecycle", f"continuous backup with {got}", "keep it 1 to 35 days")
        if lifecycle.cold_after_days is not None:
            yield Problem("lifecycle", "continuous backup has no cold storage", "drop the move to cold storage")

    def _warnings(self) -> Iterator[Problem]:
        start = DEFAULT_START_MINUTES if self.start_window_minutes is None else self.start_window_minutes
        complete = self.completion_window_minutes or DEFAULT_COMPLETION_MINUTES
        if complete < start + 60:
            yield warning(
                "completion_window_minutes",
                f"{counted(complete, 'minute')} leave under an hour for a backup that starts after {start:,} minutes",
                f"give {start + 60:,} minutes or more",
            )
        if not self.effective_schedule.comes:
            what = f"nothing ever starts: {self.effective_schedule.describe()}"
            yield warning("schedule", what, "name days that come, for example cron(0 5 L * ? *)")
        if self.lifecycle is None or self.lifecycle.delete_after_days is None:
            yield warning("lifecycle", "points are kept forever", "say keep(days=...) or keep_forever()")
        for vault, times in Counter(copy.vault for copy in self.copies).items():
            if times > 1:
                yield warning("copies", f"{times} copies go to {vault}", "keep one of them")
