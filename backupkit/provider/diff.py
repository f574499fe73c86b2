"""From what is declared and what is seen to what must change. Pure: the same two always give the same changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import attrs

from backupkit.arn import vault_arn
from backupkit.declare import GovernanceLock, Plan, Vault
from backupkit.errors import AmbiguousNameError
from backupkit.problems import Problem, Severity
from backupkit.provider.change import Action, Change
from backupkit.provider.observed import Seen, SeenVault
from backupkit.provider.ownership import Owner
from backupkit.provider.plans import Landings, landing_problems, plan_changes, plan_deletions, the_plan
from backupkit.provider.vaults import vault_changes, vault_deletion

__all__ = ["compute", "landing_warnings", "landings"]


def compute(owner: Owner, vaults: Sequence[Vault], plans: Sequence[Plan], seen: Seen) -> tuple[Change, ...]:
    """Every change, what comes first first: vaults, plans, selections; then deletions the other way round.

    Raises:
        AmbiguousNameError: Several plans carry a declared name; tells all such names.
    """
    _must_be_clear(owner, plans, seen)
    made = [*_vault_changes(owner, vaults, seen), *_plan_changes(owner, vaults, plans, seen)]
    gone = [*_plan_deletions(owner, plans, seen)]
    active = tuple(change.address for change in (*made, *gone) if _is_of_plan(change) and not change.idle)
    deletions = [vault_deletion(owner, each, active) for each in _undeclared_vaults(owner, vaults, seen)]
    return _settled((*made, *gone, *deletions))


def _must_be_clear(owner: Owner, plans: Sequence[Plan], seen: Seen) -> None:
    found: list[AmbiguousNameError] = []
    for plan in plans:
        try:
            the_plan(owner, plan.name, seen.plans)
        except AmbiguousNameError as error:
            found.append(error)
    if found:
        raise AmbiguousNameError(
            [problem for error in found for problem in error.problems],
            tuple(each for error in found for each in error.candidates),
        )


def _settled(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Each change, waiting only for others that do something."""
    listed = tuple(changes)
    working = {change.address for change in listed if change.action is not Action.KEEP}
    return tuple(
        attrs.evolve(change, needs=tuple(each for each in change.needs if each in working)) for change in listed
    )


def _is_of_plan(change: Change) -> bool:
    return change.subject.kind == "plan"


def _vault_changes(owner: Owner, vaults: Sequence[Vault], seen: Seen) -> Iterator[Change]:
    by_name = {vault.name: vault for vault in seen.vaults}
    for vault in vaults:
        yield from vault_changes(owner, vault, by_name.get(vault.name))


def _plan_changes(owner: Owner, vaults: Sequence[Vault], plans: Sequence[Plan], seen: Seen) -> Iterator[Change]:
    there = landings(owner, vaults, seen)
    declared = {vault.name: vault.address for vault in vaults}
    for plan in plans:
        needs = tuple(dict.fromkeys(declared[rule.vault] for rule in plan.rules if rule.vault in declared))
        yield from plan_changes(owner, plan, the_plan(owner, plan.name, seen.plans), there, needs)


def _plan_deletions(owner: Owner, plans: Sequence[Plan], seen: Seen) -> Iterator[Change]:
    declared = {plan.name for plan in plans}
    going = [plan for plan in seen.plans if plan.name not in declared and owner.owns(plan.tags)]
    names = Counter(plan.name for plan in going)
    for plan in going:
        yield from plan_deletions(plan, alone=names[plan.name] == 1)


def _undeclared_vaults(owner: Owner, vaults: Sequence[Vault], seen: Seen) -> Iterator[SeenVault]:
    declared = {vault.name for vault in vaults}
    return (vault for vault in seen.vaults if vault.name not in declared and owner.owns(vault.tags))


def landings(owner: Owner, vaults: Sequence[Vault], seen: Seen) -> Landings:
    """The vaults that there will be once the changes are made."""
    going = {vault.name: vault for vault in _undeclared_vaults(owner, vaults, seen)}
    there: dict[str, GovernanceLock | None] = {}
    for held in seen.vaults:
        if held.name not in going:
            there[held.name] = there[held.arn] = held.lock.bounds if held.lock else None
    place = seen.account
    for vault in vaults:
        there[vault.name] = vault.lock
        if place is not None:
            arn = vault_arn(vault.name, region=place.region, account=place.account, partition=place.partition)
            there[str(arn)] = vault.lock
    return Landings(there, frozenset(going) | {vault.arn for vault in going.values()})


def landing_warnings(owner: Owner, vaults: Sequence[Vault], plans: Sequence[Plan], seen: Seen) -> Iterator[Problem]:
    """What is only unwise about where rules and copies land, and shows only with a connection."""
    # The stack itself has told about its own vaults.
    own = dict.fromkeys(vault.name for vault in vaults)
    found = landings(owner, vaults, seen)
    lenient = attrs.evolve(found, there={**found.there, **own})
    for plan in plans:
        for problem in landing_problems(plan, lenient):
            if problem.severity is Severity.WARNING:
                yield problem.below(plan.address)
