"""Plans: rules, and the selections that they protect."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import combinations_with_replacement, repeat
from typing import ClassVar

import attrs

from backupkit.declare.actions import AdvancedBackupSetting, ScanSetting
from backupkit.declare.declared import Declared
from backupkit.declare.fields import (
    RESOURCE_TAGS,
    at_most,
    every,
    flags,
    instance,
    listed,
    matches,
    tags_within,
    warning,
)
from backupkit.declare.names import PLAN_NAME
from backupkit.declare.rule import DEFAULT_START_MINUTES, Rule
from backupkit.declare.selection import Selection
from backupkit.declare.tags import Tags, tags_of_call
from backupkit.problems import Problem, label

__all__ = ["Plan"]

_MAX_RULES, _MAX_SELECTIONS, _MAX_TAG_SELECTIONS, _CONSOLE_NAME = 10, 100, 10, 50
_SHORTEST_GAP = timedelta(hours=1)
# Overlaps are looked for in a leap year, so that every day of a calendar comes up.
_YEAR = (datetime(2028, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC))


def _rules(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    return listed(rules, "plan/rules")


def _selections(selections: Iterable[Selection]) -> tuple[Selection, ...]:
    return listed(selections, "plan/selections")


def _advanced(settings: Iterable[AdvancedBackupSetting]) -> tuple[AdvancedBackupSetting, ...]:
    return listed(settings, "plan/advanced_settings")


def _scanning(settings: Iterable[ScanSetting]) -> tuple[ScanSetting, ...]:
    return listed(settings, "plan/scan_settings")


@attrs.frozen(init=False)
class Plan(Declared):
    """An AWS Backup plan.

    Args:
        name: 1 to 200 letters, digits, -, _ and .; AWS lets several plans carry one name, backupkit does not.
        more_rules: Rules, at most 10; the same as ``rules``.
        rules: Rules, at most 10.
        selections: What the plan protects, at most 100.
        advanced_settings: How backups of EC2 and S3 are taken.
        scan_settings: Which points are scanned for malware.
        tags: Up to 50, for the plan itself.

    A plan without rules is a legal value; it is refused where it is used.

    Raises:
        InvalidValueError: Something AWS would refuse.
    """

    _KIND: ClassVar[str] = "plan"
    _EXAMPLE: ClassVar[str] = 'bk.Plan("prod", bk.Rule("daily", "prod").keep(days=35))'

    name: str = attrs.field(metadata=flags(matches(PLAN_NAME), wire="BackupPlanName", replaces=True))
    rules: tuple[Rule, ...] = attrs.field(
        converter=_rules, metadata=flags(every(instance(Rule)), at_most(_MAX_RULES, "rules"))
    )
    selections: tuple[Selection, ...] = attrs.field(
        default=(),
        converter=_selections,
        metadata=flags(every(instance(Selection)), document=False),
    )
    advanced_settings: tuple[AdvancedBackupSetting, ...] = attrs.field(
        default=(),
        converter=_advanced,
        metadata=flags(every(instance(AdvancedBackupSetting)), wire="AdvancedBackupSettings"),
    )
    scan_settings: tuple[ScanSetting, ...] = attrs.field(
        default=(), converter=_scanning, metadata=flags(every(instance(ScanSetting)))
    )
    tags: Tags = attrs.field(factory=Tags, converter=Tags, metadata=flags(tags_within(RESOURCE_TAGS), document=False))

    def __init__(
        self,
        name: str,
        *more_rules: Rule,
        rules: Iterable[Rule] = (),
        selections: Iterable[Selection] = (),
        advanced_settings: Iterable[AdvancedBackupSetting] = (),
        scan_settings: Iterable[ScanSetting] = (),
        tags: Mapping[str, str] | None = None,
    ) -> None:
        # attrs makes this method where init=False; pyright does not know it.
        self.__attrs_init__(  # pyright: ignore[reportAttributeAccessIssue]
            name, (*_rules(rules), *more_rules), selections, advanced_settings, scan_settings, tags
        )

    def with_rules(self, *rules: Rule) -> Plan:
        """With these rules after its own."""
        return attrs.evolve(self, rules=(*self.rules, *rules))

    def protecting(self, *selections: Selection) -> Plan:
        """Protecting these as well."""
        return attrs.evolve(self, selections=(*self.selections, *selections))

    def tagged(self, tags: Mapping[str, str] | None = None, /, **more: str) -> Plan:
        """With these tags as well."""
        with self._placing():
            said = tags_of_call("tagged", tags, more)
        return attrs.evolve(self, tags={**self.tags, **said})

    @classmethod
    def from_json(cls, document: str | bytes | Mapping[str, object]) -> Plan:
        """Return the plan that the API's BackupPlan document describes, as ``aws backup create-backup-plan`` takes it.

        Args:
            document: JSON text, or a mapping: BackupPlanName, Rules, AdvancedBackupSettings and ScanSettings; or what
                holds them under ``BackupPlan``, as GetBackupPlan answers.

        Raises:
            InvalidValueError: The document is refused; holds all its problems at once.
        """
        # The wire room stands above this one; only this constructor looks up.
        from backupkit.wire.reading import plan_from_document  # noqa: PLC0415

        return plan_from_document(document)

    def to_dict(self) -> dict[str, object]:
        """Return the API's BackupPlan document."""
        from backupkit.wire.documents import document  # noqa: PLC0415

        return dict(document(self))

    def to_json(self) -> str:
        """Return the API's BackupPlan document as JSON text."""
        return json.dumps(self.to_dict(), indent=2)

    def _relations(self) -> Iterator[Problem]:
        for kind, names in (("rule", [r.name for r in self.rules]), ("selection", [s.name for s in self.selections])):
            for name, times in Counter(each for each in names if isinstance(each, str)).items():
                if times > 1:
                    yield Problem(f"{kind}.{label(name)}", f"{times} {kind}s carry this name", "name each once")

    def _lacking(self) -> Iterator[Problem]:
        if not self.rules:
            yield Problem("rules", "no rules", "give at least one")

    def _unwise(self) -> Iterator[Problem]:
        by_tag = sum(1 for selection in self.selections if selection.tags)
        for got, most, what in (
            (len(self.selections), _MAX_SELECTIONS, "selections"),
            (by_tag, _MAX_TAG_SELECTIONS, "selections by tag"),
        ):
            if got > most:
                yield warning("selections", f"{got} {what}", f"AWS's quota is {most} a plan")
        if len(self.name) > _CONSOLE_NAME:
            yield warning("name", f"the name has {len(self.name)} characters", "the console takes up to 50")
        if any(rule.scan_actions for rule in self.rules) and not self.scan_settings:
            yield warning("scan_settings", "rules scan, but the plan has no scan settings", "give a ScanSetting")
        yield from _overlaps(self.rules)


def _overlaps(rules: tuple[Rule, ...]) -> Iterator[Problem]:
    """Rules whose start windows overlap: for one resource, AWS then runs only the one that keeps longer."""
    # A schedule never starts twice within an hour, so a window of an hour cannot overlap itself.
    alone = {index for index, rule in enumerate(rules) if _window(rule) <= _SHORTEST_GAP}
    pairs = combinations_with_replacement(range(len(rules)), 2)
    pending = {(first, second) for first, second in pairs if first != second or first not in alone}
    if not pending:
        return
    open_until: dict[int, datetime] = {}
    for moment, index in _starts(rules):
        for other, until in open_until.items():
            pair = (min(index, other), max(index, other))
            if moment < until and pair in pending:
                pending.remove(pair)
                yield _overlap(rules[other], rules[index])
        if not pending:
            return
        open_until[index] = moment + _window(rules[index])


def _window(rule: Rule) -> timedelta:
    return timedelta(minutes=rule.start_window_minutes or DEFAULT_START_MINUTES)


def _starts(rules: tuple[Rule, ...]) -> Iterator[tuple[datetime, int]]:
    """When which rule starts, in order, over a year."""
    starts = (zip(rule.effective_schedule.between(*_YEAR), repeat(index)) for index, rule in enumerate(rules))
    return merge(*starts)


def _overlap(first: Rule, second: Rule) -> Problem:
    address = f"{first.address}/start_window_minutes"
    if first.name == second.name:
        what = "the next backup is due before the start window has ended"
        return warning(address, what, "shorten start_window_minutes")
    what = f"the start window of {first.name} overlaps that of {second.name}; AWS runs the rule that keeps longer"
    return warning(address, what, "move the schedules apart or shorten start_window_minutes")
