"""Where the copies of a stack's plans land."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import TypeAlias

import attrs

from backupkit.arn import Arn, partition_of, vault_arn
from backupkit.catalog import ResourceType, types_of
from backupkit.declare.lifecycle import CopyAction, Lifecycle
from backupkit.declare.plan import Plan
from backupkit.declare.rule import Rule
from backupkit.declare.settings import GlobalSettings
from backupkit.neighbours.identity import account_of_caller
from backupkit.provider.preflight.looking import Checks, Looking, attempted
from backupkit.recover.caller import Caller
from backupkit.recover.copy_checks import destination_checks
from backupkit.recover.copy_route import CopyItem, CopyRoute
from backupkit.recover.home import own_role
from backupkit.recover.preflight import PreflightCheck, Verdict
from backupkit.recover.region_vaults import RegionVaults

__all__ = ["look_at_copies"]

_Destinations: TypeAlias = Callable[[str, str], RegionVaults | None]


def look_at_copies(looking: Looking) -> Checks:
    """The destinations of the copies of plans that change; what several copies need is read once."""
    copies = [_Copy(plan, rule, copy) for plan in looking.plans() for rule in plan.rules for copy in rule.copies]
    if not copies:
        return
    home = _home(looking)
    if home is None:
        found = "nothing tells which account this is, so where its copies land was not looked at"
        yield from (PreflightCheck("destination", Verdict.UNKNOWN, found, address=each.address) for each in copies)
        return
    outward = []
    for each in copies:
        if (each.target.account, each.target.region) == (home.account, home.region):
            yield _local(looking, each)
        else:
            outward.append(each)
    turned_on = any(each.cross_account_backup for each in looking.world.declared(GlobalSettings))
    caller = Caller(looking.reader.transport, looking.reader.neighbours)
    here = RegionVaults(caller, copies_across_accounts=turned_on or None)
    there = _destinations(looking)
    for each in outward:
        yield from attempted("destination", [each.address], _outward(each, home, here, there))


def _home(looking: Looking) -> Arn | None:
    """The account and Region of the preview, as those of a vault; None where nothing tells the account."""
    place, region = looking.world.account, looking.reader.transport.region_name
    account = place.account if place is not None else account_of_caller(looking.reader.neighbours)
    return vault_arn("any", region=region, account=account, partition=partition_of(region)) if account else None


def _destinations(looking: Looking) -> _Destinations:
    """What finds the connection to an account and Region."""
    others = [(each, RegionVaults(Caller(each.transport, each.neighbours))) for each in looking.destinations]

    @functools.cache
    def there(account: str, region: str) -> RegionVaults | None:
        for reader, vaults in others:
            # Where there is not one vault yet, only STS tells the account.
            if vaults.region_name == region and (vaults.account_id or account_of_caller(reader.neighbours)) == account:
                return vaults
        return None

    return there


@attrs.frozen
class _Copy:
    plan: Plan
    rule: Rule
    action: CopyAction

    @property
    def address(self) -> str:
        return f"{self.plan.address}/{self.rule.address}/{self.action.address}"

    @property
    def target(self) -> Arn:
        return Arn.parse(self.action.vault)

    @property
    def types(self) -> tuple[ResourceType, ...]:
        """What the plan may copy, as far as ARNs tell; none where a tag or a wildcard leaves it open."""
        if any(each.tags for each in self.plan.selections):
            return ()
        found = [types_of(arn) for each in self.plan.selections for arn in each.sent_resources]
        return tuple(kind for types in found for kind in types) if all(found) else ()


def _local(looking: Looking, copy: _Copy) -> PreflightCheck:
    """A copy inside the account and Region, whose vaults the preview has seen."""
    arn, name = copy.action.vault, copy.action.vault.rpartition(":")[2]
    if looking.world.missing_vaults([name]):
        hint = "declare the vault in the stack, or create it first"
        return PreflightCheck("destination", Verdict.PROBLEM, f"vault {arn} does not exist", hint, copy.address)
    return PreflightCheck("destination", Verdict.FINE, f"vault {arn} is there, or in the stack", address=copy.address)


def _outward(copy: _Copy, home: Arn, here: RegionVaults, destinations: _Destinations) -> Callable[[], Checks]:
    def look() -> Iterator[PreflightCheck]:
        there = destinations(copy.target.account, copy.target.region)
        source = vault_arn(copy.rule.vault, region=home.region, account=home.account, partition=home.partition)
        roles: list[str | None] = [*dict.fromkeys(each.role for each in copy.plan.selections)]
        found: dict[PreflightCheck, None] = {}
        for role in roles or [None]:
            route = CopyRoute(
                item=CopyItem(resource_type="", vault_arn=str(source), keep_days=_days(copy.rule.lifecycle)),
                here=here,
                there=there,
                vault_arn=copy.action.vault,
                role_arn=own_role(home.account, home.partition, role),
                keep_days=_days(copy.action.lifecycle),
                argument="destinations",
            )
            found |= dict.fromkeys(destination_checks(route))
        return (attrs.evolve(_meant(copy, each), address=copy.address) for each in found)

    return look


def _meant(copy: _Copy, found: PreflightCheck) -> PreflightCheck:
    """A check with what the plan tells of it: what is not sure for every point stands in nobody's way."""
    if found.verdict is not Verdict.PROBLEM:
        return found
    if found.name == "lock" and _days(copy.action.lifecycle) is None:
        # What AWS does with a copy that is kept forever, or whose lifecycle is silent, is told in two ways.
        return attrs.evolve(found, verdict=Verdict.NOTE)
    if found.name == "key":
        # Only types whose points AWS Backup does not keep itself need a key of the vault's own (guide, encryption).
        if copy.types and all(kind.fully_managed for kind in copy.types):
            return PreflightCheck("key", Verdict.FINE, "points of the types that are selected take the vault's key")
        if not any(not kind.fully_managed for kind in copy.types):
            return attrs.evolve(found, verdict=Verdict.NOTE)
    return found


def _days(lifecycle: Lifecycle | None) -> int | None:
    """Days that are kept; None: forever, or as the source."""
    if lifecycle is None or lifecycle.keeps_for_ever:
        return None
    return lifecycle.delete_after_days
