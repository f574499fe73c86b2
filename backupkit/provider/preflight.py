"""What would make the things of a stack fail though AWS takes them: keys, roles, topics, destinations, quotas.

Only what a preview would make or change is looked at, each key, role, topic and vault once. What may not be looked at
is unknown, never fine.

Sources: the developer guide's pages on quotas, on assigning resources, on cross-account copies and on notifications.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from typing import TypeAlias, TypeVar

import attrs

from backupkit.arn import Arn, vault_arn
from backupkit.catalog import TYPES, type_of, types_of
from backupkit.catalog.role_policies import managed_policies
from backupkit.declare import (
    AirGappedVault,
    BackupRole,
    CopyAction,
    Declared,
    GlobalSettings,
    Lifecycle,
    Plan,
    RegionSettings,
    RestoreTestingPlan,
    Rule,
    Selection,
    TopicPolicy,
    Vault,
)
from backupkit.errors import AccessDeniedError, NeighbourError
from backupkit.neighbours.roles import usable_roles
from backupkit.problems import counted
from backupkit.provider.answers import Document, inner
from backupkit.provider.change import Action, Change
from backupkit.provider.kinds.observed import World
from backupkit.provider.kinds.reader import Reader
from backupkit.provider.kinds.topic_policy import publishers
from backupkit.recover.caller import Caller
from backupkit.recover.copy_checks import destination_checks
from backupkit.recover.copy_route import CopyItem, CopyRoute, copy_role
from backupkit.recover.preflight import PreflightCheck, Verdict, key_check, role_check
from backupkit.recover.region_vaults import RegionVaults

__all__ = ["preflight", "with_problems"]

_BACKUP = "backup.amazonaws.com"
_QUOTAS = {
    "vault": 300,
    "air_gapped_vault": 300,
    "plan": 300,
    "framework": 15,
    "report_plan": 20,
    "restore_testing_plan": 100,
    "legal_hold": 50,
}
"""How many of a kind AWS lets an account have in a Region by default (developer guide, quotas)."""
_TOGETHER = (("vault", "air_gapped_vault"),)
"""Kinds that share a quota."""

Checks: TypeAlias = Iterator[PreflightCheck]
D = TypeVar("D", bound=Declared)


def preflight(
    reader: Reader, world: World, changes: Iterable[Change], destinations: Iterable[Reader], executor: Executor
) -> tuple[PreflightCheck, ...]:
    """Look at what the changes rely on.

    Args:
        reader: Where to read.
        world: What the preview has seen.
        changes: What it would do.
        destinations: Other accounts and Regions, where copies go.
        executor: Looks side by side.
    """
    changing = frozenset(change.address for change in changes if not change.idle and change.action is not Action.DELETE)
    look = _Preflight(reader, world, changing, tuple(destinations))
    found = executor.map(lambda check: tuple(check()), look.all())
    return tuple(check for checks in found for check in checks)


def with_problems(changes: Iterable[Change], checks: Iterable[PreflightCheck]) -> tuple[Change, ...]:
    """The changes, each with the problems that were found of what it relies on."""
    listed = tuple(changes)
    for check in checks:
        if check.verdict is Verdict.PROBLEM:
            about = [each.address for each in listed if f"{check.address}/".startswith(f"{each.address}/")]
            longest = max(about, key=len, default="")
            listed = tuple(
                attrs.evolve(each, problems=(*each.problems, check.problem)) if each.address == longest else each
                for each in listed
            )
    return listed


@attrs.frozen(eq=False)
class _Use:
    """What relies on a role: where it stands, and what it must be allowed."""

    address: str
    types: tuple[str, ...]
    backups: bool = True

    @property
    def policies(self) -> tuple[str, ...]:
        return managed_policies(self.types, backups=self.backups, restores=not self.backups)


@attrs.frozen(eq=False)
class _Preflight:
    reader: Reader
    world: World
    changing: frozenset[str]
    destinations: tuple[Reader, ...]

    def _all(self, cls: type[D]) -> Iterator[D]:
        return (thing for thing in self.world.things if isinstance(thing, cls))

    def _vaults(self) -> Iterator[Vault | AirGappedVault]:
        yield from self._all(Vault)
        yield from self._all(AirGappedVault)

    def _selections(self) -> Iterator[tuple[str, Selection]]:
        found = ((f"{p.address}/{each.address}", each) for p in self._all(Plan) for each in p.selections)
        return ((address, each) for address, each in found if address in self.changing)

    def all(self) -> Iterator[Callable[[], Checks]]:
        for key, addresses in self._keys().items():
            yield functools.partial(self._key, key, addresses)
        for role, uses in self._roles().items():
            yield functools.partial(self._role, role, uses)
        for topic, addresses in self._topics().items():
            yield functools.partial(self._topic, topic, addresses)
        yield self._copies
        yield self._opt_in
        yield self._quotas

    # ---- keys ----

    def _keys(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for vault in self._vaults():
            if vault.key is not None and vault.address in self.changing:
                found.setdefault(vault.key, []).append(f"{vault.address}/key")
        return found

    def _key(self, key: str, addresses: list[str]) -> Checks:
        found = key_check(self.reader.neighbours, key)
        return (attrs.evolve(found, address=address) for address in addresses)

    # ---- roles ----

    def _roles(self) -> Mapping[str, list[_Use]]:
        """The roles of what is declared, but for those that the stack makes itself, by their ARNs."""
        own = {role.name for role in self.world.declared(BackupRole)}
        found: dict[str, list[_Use]] = {}
        for role, use in self._uses():
            if role.rpartition("/")[2] not in own:
                found.setdefault(role, []).append(use)
        return found

    def _uses(self) -> Iterator[tuple[str, _Use]]:
        for address, selection in self._selections():
            yield selection.role, _Use(f"{address}/role", _types(selection))
        for plan in self._all(RestoreTestingPlan):
            for test in plan.selections:
                address = f"{plan.address}/{test.address}"
                if address in self.changing:
                    yield test.role, _Use(f"{address}/role", (test.resource_type,), backups=False)

    def _role(self, role: str, uses: list[_Use]) -> Checks:
        neighbours = self.reader.neighbours
        usable = usable_roles(neighbours, (role,)).get(role, True)
        if usable is False:
            found = f"{role} is not there, or does not trust {_BACKUP}, so AWS Backup cannot take it on"
            hint = "declare it as bk.BackupRole(...), or name another role"
            yield from (PreflightCheck("role", Verdict.PROBLEM, found, hint, each.address) for each in uses)
            return
        if usable is None:
            found = f"whether AWS Backup can take on {role} may not be read"
            yield from (PreflightCheck("role", Verdict.UNKNOWN, found, address=each.address) for each in uses)
            return
        for policies in dict.fromkeys(each.policies for each in uses):
            checked = role_check(neighbours, role, policies, "attach it, or declare the role as bk.BackupRole(...)")
            yield from (attrs.evolve(checked, address=each.address) for each in uses if each.policies == policies)

    # ---- topics ----

    def _topics(self) -> Mapping[str, list[str]]:
        own = {policy.topic for policy in self.world.declared(TopicPolicy)}
        found: dict[str, list[str]] = {}
        for vault in self._vaults():
            address, held = f"{vault.address}/notifications", vault.notifications
            if held is not None and held.topic not in own and address in self.changing:
                found.setdefault(held.topic, []).append(address)
        return found

    def _topic(self, topic: str, addresses: list[str]) -> Checks:
        found = self._topic_check(topic)
        return (attrs.evolve(found, address=address) for address in addresses)

    def _topic_check(self, topic: str) -> PreflightCheck:
        try:
            answer = self.reader.neighbours.ask("sns", "get_topic_attributes", {"TopicArn": topic})
        except NeighbourError as error:
            if "NotFound" in error.code:
                return PreflightCheck("topic", Verdict.PROBLEM, f"there is no topic {topic}", "create it first")
            return PreflightCheck("topic", Verdict.UNKNOWN, f"not looked at: {error}")
        if answer is None:
            return PreflightCheck("topic", Verdict.UNKNOWN, "not looked at: this connection cannot ask sns")
        policy = str(inner(answer, "Attributes").get("Policy") or "")
        if _BACKUP in publishers(policy, topic):
            return PreflightCheck("topic", Verdict.FINE, f"the policy of {topic} lets AWS Backup publish")
        if _BACKUP in policy:
            return PreflightCheck("topic", Verdict.UNKNOWN, f"the policy of {topic} has conditions that AWS decides")
        hint = f'declare bk.TopicPolicy("{topic}") in the stack'
        return PreflightCheck("topic", Verdict.PROBLEM, f"the policy of {topic} does not let {_BACKUP} publish", hint)

    # ---- copies ----

    def _copies(self) -> Checks:
        place = self.world.account
        outward = [
            (plan, rule, copy)
            for plan in self._all(Plan)
            if plan.address in self.changing
            for rule in plan.rules
            for copy in rule.copies
            if place is None or (place.account, place.region) != _home(copy)
        ]
        if not outward:
            return
        if place is None:
            found = "nothing is in this account and Region yet, so its copies were not looked at"
            yield from (
                PreflightCheck("destination", Verdict.UNKNOWN, found, address=_at(plan, rule, copy))
                for plan, rule, copy in outward
            )
            return
        here = RegionVaults(Caller(self.reader.transport, self.reader.neighbours))
        others = [RegionVaults(Caller(each.transport, each.neighbours)) for each in self.destinations]
        for plan, rule, copy in outward:
            yield from self._copy(place, here, others, (plan, rule, copy))

    def _copy(
        self, place: Arn, here: RegionVaults, others: list[RegionVaults], outward: tuple[Plan, Rule, CopyAction]
    ) -> Checks:
        plan, rule, copy = outward
        target = Arn.parse(copy.vault)
        there = next((each for each in others if each.is_place_of(target)), None)
        source = vault_arn(rule.vault, region=place.region, account=place.account, partition=place.partition)
        roles = (each.role for each in plan.selections)
        route = CopyRoute(
            item=CopyItem(resource_type="", vault_arn=str(source), keep_days=_days(rule.lifecycle)),
            here=here,
            there=there,
            vault_arn=copy.vault,
            role_arn=copy_role(place.account, place.partition, *roles),
            keep_days=_days(copy.lifecycle),
            argument="destinations",
        )
        turned_on = any(each.cross_account_backup for each in self.world.declared(GlobalSettings))
        for found in destination_checks(route):
            if not (turned_on and found.name == "organization" and "turned on" in found.message):
                yield attrs.evolve(found, address=_at(plan, rule, copy))

    # ---- settings and quotas ----

    def _opt_in(self) -> Checks:
        """What is selected by tag, by ``*`` or by an ARN that several types share, which a Region must be opted in to.

        An ARN that names a type of its own is backed up whatever the Region says.
        """
        uses = [(address, names) for address, each in self._selections() if (names := _opted(each))]
        if not uses:
            return
        declared = {name: on for each in self.world.declared(RegionSettings) for name, on in each.opt_in.items()}
        try:
            answer: Document = self.reader.ask("backup", "DescribeRegionSettings", {})
        except AccessDeniedError:
            found = "which types the Region is opted in to may not be read"
            yield from (PreflightCheck("opt-in", Verdict.UNKNOWN, found, address=address) for address, _ in uses)
            return
        on = {**inner(answer, "ResourceTypeOptInPreference"), **declared}
        off = [name for name in TYPES if on.get(name) is False]
        for address, names in uses:
            left_out = [name for name in off if name in names]
            if left_out:
                found = f"the Region is not opted in to {', '.join(left_out)}; this backs up none of it"
                opted = ", ".join(f'"{name}": True' for name in left_out)
                hint = f"declare bk.RegionSettings(opt_in={{{opted}}}) if it should"
                yield PreflightCheck("opt-in", Verdict.NOTE, found, hint, address)

    def _quotas(self) -> Checks:
        made: dict[str, list[str]] = {}
        for thing in self.world.things:
            if thing.address not in self.changing:
                continue
            word = thing.address.partition(".")[0]
            if not self.world.found(word, thing.address.partition(".")[2]):
                made.setdefault(_quota_word(word), []).append(thing.address)
        for word, addresses in made.items():
            limit = _QUOTAS.get(word)
            shared = next((group for group in _TOGETHER if word in group), (word,))
            there = sum(len(self.world.found(each)) for each in shared)
            if limit is not None and there + len(addresses) > limit:
                what = counted(there + len(addresses), word.replace("_", " "))
                found = f"there would be {what}; AWS lets an account have {limit} in a Region, unless it was given more"
                yield PreflightCheck("quota", Verdict.NOTE, found, "ask AWS for more first", addresses[0])


def _quota_word(word: str) -> str:
    return next((group[0] for group in _TOGETHER if word in group), word)


def _opted(selection: Selection) -> frozenset[str]:
    """The types that the selection takes in only where the Region is opted in to them."""
    if selection.tags or any(arn == "*" or arn.endswith(":*") for arn in selection.sent_resources):
        return frozenset(TYPES)
    shared = [types for types in map(types_of, selection.sent_resources) if len(types) > 1]
    return frozenset(kind.name for types in shared for kind in types)


def _types(selection: Selection) -> tuple[str, ...]:
    """The types of the ARNs of a selection, where each tells one; none where that is open."""
    kinds = [type_of(arn) for arn in selection.sent_resources]
    if not kinds or selection.tags:
        return ()
    return tuple(dict.fromkeys(kind.name for kind in kinds if kind is not None))


def _home(copy: CopyAction) -> tuple[str, str]:
    arn = Arn.parse(copy.vault)
    return arn.account, arn.region


def _at(plan: Plan, rule: Rule, copy: CopyAction) -> str:
    return f"{plan.address}/{rule.address}/{copy.address}"


def _days(lifecycle: Lifecycle | None) -> int | None:
    """Days that are kept; None: forever, or as the source."""
    if lifecycle is None or lifecycle.keeps_for_ever:
        return None
    return lifecycle.delete_after_days
