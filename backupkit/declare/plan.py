"""Plans: rules, and the selections that they protect."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar

import attrs

from backupkit.arn import Arn
from backupkit.checks import RESOURCE_TAGS, at_most, every, instance, listed, matches, tags_within, texts
from backupkit.declare.actions import AdvancedBackupSetting, ScanSetting
from backupkit.declare.fields import flags
from backupkit.declare.lifecycle import FOREVER, Lifecycle
from backupkit.declare.names import MAX_DAYS, PLAN_NAME
from backupkit.declare.overlaps import overlaps
from backupkit.declare.presets import CONTINUOUS_DAYS, cdk_rules, gfs_rules, tier_rules
from backupkit.declare.rule import Rule
from backupkit.declare.selection import Selection
from backupkit.declare.tags import Tags
from backupkit.declare.thing import Thing
from backupkit.declare.vault import Vault
from backupkit.problems import Problem, label, nearest, quote, warning
from backupkit.schedule import Schedule

__all__ = ["Plan"]

_MAX_RULES, _MAX_SELECTIONS, _MAX_TAG_SELECTIONS, _CONSOLE_NAME = 10, 100, 10, 50


def _rules(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    return listed(rules, "plan/rules")


def _selections(selections: Iterable[Selection]) -> tuple[Selection, ...]:
    return listed(selections, "plan/selections")


def _advanced(settings: Iterable[AdvancedBackupSetting]) -> tuple[AdvancedBackupSetting, ...]:
    return listed(settings, "plan/advanced_settings")


def _scanning(settings: Iterable[ScanSetting]) -> tuple[ScanSetting, ...]:
    return listed(settings, "plan/scan_settings")


@attrs.frozen(init=False, repr=False)
class Plan(Thing):
    """An AWS Backup plan.

    Args:
        name: 1 to 200 letters, digits, -, _ and .; AWS lets several plans carry one name, backupkit does not.
        more_rules: Rules, at most 10; the same as ``rules``.
        rules: Rules, at most 10.
        selections: What the plan protects, at most 100.
        advanced_settings: How backups of EC2 and S3 are taken.
        scan_settings: Which points are scanned for malware.
        tags: Up to 50, for the plan itself.
        unmanaged_parts: What others look after; see `unmanaged`.
        managed_parts: What is the stack's own though taking the plan over left it alone; see `manages`.

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
        unmanaged_parts: Iterable[str] = (),
        managed_parts: Iterable[str] = (),
    ) -> None:
        # attrs makes this method where init=False; pyright does not know it.
        self.__attrs_init__(  # pyright: ignore[reportAttributeAccessIssue]
            name,
            (*_rules(rules), *more_rules),
            selections,
            advanced_settings,
            scan_settings,
            tags,
            unmanaged_parts=unmanaged_parts,
            managed_parts=managed_parts,
        )

    @classmethod
    def gfs(
        cls,
        name: str,
        vault: Vault | str,
        *,
        daily_days: int,
        weekly_days: int | None,
        monthly_days: int | None,
        yearly_days: int | None = None,
        at: str = "05:00",
        timezone: str = "Etc/UTC",
        cold_after_days: int | None = None,
    ) -> Plan:
        """Return a plan of generations (grandfather, father, son): the rarer a backup, the longer it is kept.

        All rules start at the same time of day. On a day that several of them name, AWS runs the one that keeps
        longest, so each resource gets one backup a day: on Sundays the weekly one, on the 1st the monthly one.

        Args:
            name: The plan's name.
            vault: The vault that takes the points, or its name.
            daily_days: Days that daily points are kept.
            weekly_days: Days that those of Sundays are kept, more than the daily ones; None for no such rule.
            monthly_days: Days that those of the 1st of a month are kept, more than all before; None for no such rule.
            yearly_days: Days that those of 1 January are kept, more than all before; None for no such rule.
            at: Local time of day, written ``05:00``.
            timezone: An IANA name.
            cold_after_days: Days in warm storage. It holds for the rules that keep points for 90 days more than that,
                for points stay cold for at least so long; the others stay warm.

        Raises:
            InvalidValueError: A rule keeps no longer than a more frequent one, so that it would never run, or none
                keeps long enough for cold storage; holds all the problems.

        Example:
            >>> plan = Plan.gfs("prod", "main", daily_days=35, weekly_days=90, monthly_days=365, cold_after_days=30)
            >>> [rule.name for rule in plan.rules if rule.lifecycle.cold_after_days]
            ['monthly']
        """
        plan = cls(name)
        with plan._placing():
            rules = gfs_rules(
                vault,
                daily_days=daily_days,
                weekly_days=weekly_days,
                monthly_days=monthly_days,
                yearly_days=yearly_days,
                at=at,
                timezone=timezone,
                cold_after_days=cold_after_days,
            )
        return plan.with_rules(*rules)

    @classmethod
    def daily35_day_retention(cls, name: str, vault: Vault | str) -> Plan:
        """Return the plan of that name in AWS's CDK: daily, kept 35 days."""
        return cls(name, *cdk_rules(vault, "Daily"))

    @classmethod
    def daily_monthly1_year_retention(cls, name: str, vault: Vault | str) -> Plan:
        """Return the plan of that name in AWS's CDK: daily 35 days, monthly a year, cold after 30 days."""
        return cls(name, *cdk_rules(vault, "Daily", "Monthly1Year"))

    @classmethod
    def daily_weekly_monthly5_year_retention(cls, name: str, vault: Vault | str) -> Plan:
        """Return the plan of that name in AWS's CDK: daily 35 days, weekly 90, monthly 5 years, cold after 90 days."""
        return cls(name, *cdk_rules(vault, "Daily", "Weekly", "Monthly5Year"))

    @classmethod
    def daily_weekly_monthly7_year_retention(cls, name: str, vault: Vault | str) -> Plan:
        """Return the plan of that name in AWS's CDK: daily 35 days, weekly 90, monthly 7 years, cold after 90 days."""
        return cls(name, *cdk_rules(vault, "Daily", "Weekly", "Monthly7Year"))

    @classmethod
    def continuous(
        cls,
        name: str,
        vault: Vault | str,
        *,
        keep_days: int = CONTINUOUS_DAYS,
        at: str = "05:00",
        timezone: str = "Etc/UTC",
    ) -> Plan:
        """Return a plan of continuous backup: S3, RDS, Aurora and SAP HANA go back to any second of the last days.

        Args:
            name: The plan's name.
            vault: The vault that takes the points, or its name.
            keep_days: 1 to 35. Types without continuous backup get a daily snapshot that is kept as long.
            at: Local time of day of those snapshots, and of AWS's upkeep of continuous points.
            timezone: An IANA name.

        Raises:
            InvalidValueError: ``keep_days`` is out of range.
        """
        plan = cls(name)
        with plan._placing():
            rule = Rule("continuous", vault).scheduled(Schedule.daily(at, timezone=timezone))
            return plan.with_rules(rule.continuously(keep_days=keep_days))

    @classmethod
    def for_tier(
        cls, name: str, vault: Vault | str, *, tier: int, at: str = "05:00", timezone: str = "Etc/UTC"
    ) -> Plan:
        """Return a daily plan for a tier of resources, by how much they matter.

        Args:
            name: The plan's name.
            vault: The vault that takes the points, or its name.
            tier: 1 for critical databases: 35 days warm and then a year cold. 2 for application servers: 14 days. 3 for
                development and test: 7 days. Tier 4, what can be made again, is not backed up.
            at: Local time of day, written ``05:00``.
            timezone: An IANA name.

        Raises:
            InvalidValueError: There is no such tier, or it is the 4th.
        """
        plan = cls(name)
        with plan._placing():
            return plan.with_rules(*tier_rules(vault, tier, at=at, timezone=timezone))

    def copy_to(self, vault: Arn | str, *, keep_days: int | None = None, cold_after_days: int | None = None) -> Plan:
        """Return the plan with a copy of each point of its rules in the vault with this ARN.

        Args:
            vault: In any Region or account; `Vault.arn` gives it.
            keep_days: Days from the start of the backup to the deletion of the copy. None: as long as the rule keeps
                its own points, and cold as soon.
            cold_after_days: Days in warm storage; the copy then stays cold for at least 90.

        Raises:
            InvalidValueError: It is not the ARN of a vault, or a number is one that AWS would refuse.
        """
        with self._placing():
            rules = [_copied(rule, vault, keep_days, cold_after_days) for rule in self.rules]
        return attrs.evolve(self, rules=rules)

    def with_rules(self, *rules: Rule) -> Plan:
        """With these rules after its own."""
        return attrs.evolve(self, rules=(*self.rules, *rules))

    def protecting(self, *selections: Selection, rules: Iterable[str] = ()) -> Plan:
        """Return the plan protecting these as well.

        Args:
            selections: What is protected.
            rules: The names of the rules by which; all of the plan where none is named. A rule may be named before it
                is added.
        """
        named = texts(rules)
        limited = [attrs.evolve(each, rules=named) for each in selections] if named else selections
        return attrs.evolve(self, selections=(*self.selections, *limited))

    def split(self) -> tuple[Plan, ...]:
        """Return the plans that AWS can hold: there a selection is always for all rules of its plan.

        Selections for some rules only go, together with those for the same rules, to a plan of these rules. It is
        called like this one with the names of the rules behind, in alphabetical order, so a rule that is added later
        changes no name. This plan itself stays where selections are for all rules, or where there are none.

        A stack does this by itself. Where a selection names a rule that the plan does not have, it stays whole.

        Example:
            >>> plan = Plan("prod", Rule("daily", "main").keep(days=35), Rule("hourly", "main").keep(days=7))
            >>> few = Selection("few", "arn:aws:iam::123456789012:role/backup", tags=[("Tier", "1")])
            >>> [each.name for each in plan.protecting(few, rules=["hourly"]).split()]
            ['prod-hourly']
        """
        limited = any(isinstance(each, Selection) and each.rules for each in self.selections)
        if not limited or not self.is_sound() or any(self._unknown_rules()):
            return (self,)
        groups: dict[tuple[str, ...], list[Selection]] = {}
        for selection in self.selections:
            groups.setdefault(tuple(sorted(set(selection.rules))), []).append(selection)
        return tuple(self._limited(names, groups[names]) for names in sorted(groups))

    def _limited(self, names: tuple[str, ...], selections: Iterable[Selection]) -> Plan:
        """The plan with these rules and selections alone; with all of its rules where none is named."""
        return attrs.evolve(
            self,
            name="-".join((self.name, *names)),
            rules=tuple(rule for rule in self.rules if not names or rule.name in names),
            selections=tuple(attrs.evolve(selection, rules=()) for selection in selections),
        )

    @classmethod
    def from_json(cls, document: str | bytes | Mapping[str, object]) -> Plan:
        """Return the plan that the API's BackupPlan document describes, as ``aws backup create-backup-plan`` takes it.

        Args:
            document: JSON text, or a mapping: BackupPlanName, Rules, AdvancedBackupSettings and ScanSettings; or what
                holds them under ``BackupPlan``, as GetBackupPlan answers.

        Raises:
            InvalidValueError: The document is refused; holds all its problems at once.
        """
        from backupkit.declare.codec.reading import plan_from_document  # noqa: PLC0415 - it builds plans

        return plan_from_document(document)

    def to_dict(self) -> dict[str, object]:
        """Return the API's BackupPlan document."""
        from backupkit.declare.codec.documents import document  # noqa: PLC0415 - it sends values of all classes

        return dict(document(self))

    def to_json(self) -> str:
        """Return the API's BackupPlan document as JSON text."""
        return json.dumps(self.to_dict(), indent=2)

    def _cross_field(self) -> Iterator[Problem]:
        for kind, names in (("rule", [r.name for r in self.rules]), ("selection", [s.name for s in self.selections])):
            for name, times in Counter(each for each in names if isinstance(each, str)).items():
                if times > 1:
                    yield Problem(f"{kind}.{label(name)}", f"{times} {kind}s carry this name", "name each once")
        yield from self._vaults_of_both_types()

    def _vaults_of_both_types(self) -> Iterator[Problem]:
        """A rule's first vault is a standard one, and both are of one account and Region, where a name is one vault."""
        standard = [rule.vault for rule in self.rules]
        for rule in self.rules:
            name = rule.air_gapped_vault.rpartition(":")[2] if isinstance(rule.air_gapped_vault, str) else None
            if name is not None and name in standard:
                what = f"{quote(name)} is the first vault of a rule as well, which is not an air-gapped one"
                yield Problem(f"{rule.address}/air_gapped_vault", what, "name another vault in one of the two places")

    def _missing(self) -> Iterator[Problem]:
        if not self.rules:
            yield Problem("rules", "no rules", "give at least one")
        if self.is_sound():
            yield from self._unknown_rules()

    def _unknown_rules(self) -> Iterator[Problem]:
        known = tuple(rule.name for rule in self.rules)
        for selection in self.selections:
            for name in selection.rules:
                if name not in known:
                    what = f"the plan has no rule {quote(name)}"
                    yield Problem(f"{selection.address}/rules", what, nearest(name, known) if known else "add it")

    def _warnings(self) -> Iterator[Problem]:
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
        yield from overlaps(self.rules)


def _copied(rule: Rule, vault: Arn | str, keep_days: int | None, cold_after_days: int | None) -> Rule:
    own = rule.lifecycle
    if keep_days is not None or own is None:
        return rule.copy_to(vault, keep_days=keep_days, cold_after_days=cold_after_days)
    # -1 on a copy is the source's expiry (developer guide); this is the longest that AWS takes.
    days = MAX_DAYS if own.delete_after_days == FOREVER else own.delete_after_days
    cold = own.cold_after_days if cold_after_days is None else cold_after_days
    copied = rule.copy_to(vault, keep_days=days, cold_after_days=cold)
    if not own.opt_in_to_archive_for_supported_resources or cold is None:
        return copied
    *others, last = copied.copies
    lifecycle = attrs.evolve(last.lifecycle or Lifecycle(), opt_in_to_archive_for_supported_resources=True)
    return attrs.evolve(copied, copies=(*others, attrs.evolve(last, lifecycle=lifecycle)))
