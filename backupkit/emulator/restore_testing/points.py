"""Which point of a resource a restore test restores, and to which moment.

Sources: the botocore model of RestoreTestingRecoveryPointSelection, and the developer guide's page on restore testing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

import attrs

from backupkit.emulator.engine import restore_run
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, Point, RegionScope, RestoreTestingPlan, RestoreTestingSelection, Vault
from backupkit.emulator.rules import copy_constraints, point_store, vault_access
from backupkit.emulator.rules.vault_access import Reached
from backupkit.matching import Selector, glob

__all__ = ["Pick", "named", "picked"]

_TAG_KEY = "aws:ResourceTag/"


@attrs.frozen
class Pick:
    """A point with the vault that it is seen in, and of a continuous one the moment to go back to."""

    vault: Vault
    point: Point
    moment: datetime | None


def named(simulation: Simulation, scope: RegionScope, selection: RestoreTestingSelection) -> list[str]:
    """The resources that the selection names, among all that have points."""
    arns, kind = selection.document.get("ProtectedResourceArns") or ["*"], selection.document["ProtectedResourceType"]
    fitting = (
        arn
        for arn, points in _resources(simulation, scope)
        if (arns == ["*"] or arn in arns) and any(point.resource_type == kind for point in points)
    )
    # A resource may have points in several places; a mapping keeps each once, and their order.
    return list(dict.fromkeys(fitting))


def _resources(simulation: Simulation, scope: RegionScope) -> Iterator[tuple[str, Iterable[Point]]]:
    """The resources that have points which the account sees, with those points; some more than once."""
    for arn, points in scope.points_of.items():
        yield arn, points.values()
    for found in _shared(simulation, scope):
        for point in found.vault.points.values():
            yield point.resource_arn, (point,)


def _shared(simulation: Simulation, scope: RegionScope) -> Iterator[Reached]:
    return vault_access.foreign(simulation, scope) if simulation.choices.restore_tests_reach_shared_vaults else iter(())


def _found(simulation: Simulation, scope: RegionScope, arn: str) -> Iterator[tuple[Vault, Point]]:
    """The points of a resource that the account sees, each with its vault."""
    for point in scope.points_of.get(arn, {}).values():
        yield point_store.vault_of(scope, point), point
    for found in _shared(simulation, scope):
        for point in found.scope.points_of.get(arn, {}).values():
            if point.vault_name == found.vault.name:
                yield found.named, point


def picked(
    simulation: Simulation, scope: RegionScope, plan: RestoreTestingPlan, selection: RestoreTestingSelection, arn: str
) -> Pick | None:
    """The point of the resource ``arn`` that the plan tests now; None where none is eligible."""
    rules: Document = plan.document["RecoveryPointSelection"]
    vaults = {
        point.arn: (vault, point)
        for vault, point in _found(simulation, scope, arn)
        if _restorable(point) and _in_vaults(vault, rules)
    }
    shelved = [point for _, point in vaults.values()]
    if not shelved or not _wanted(simulation, selection, max(shelved, key=_age).tags):
        return None
    since = simulation.clock.now() - timedelta(days=rules["SelectionWindowDays"])
    kinds = rules["RecoveryPointTypes"]
    eligible = [point for point in shelved if _kind(point) in kinds and _latest(simulation, scope, point) >= since]
    if not eligible:
        return None
    if rules["Algorithm"] == "LATEST_WITHIN_WINDOW":
        newest = max(eligible, key=lambda point: (_latest(simulation, scope, point), point.arn))
        return Pick(*vaults[newest.arn], simulation.clock.now() if newest.continuous else None)
    eligible.sort(key=_age)
    chosen = eligible[int(simulation.random.random() * len(eligible))]
    return Pick(*vaults[chosen.arn], _moment(simulation, scope, chosen, since) if chosen.continuous else None)


def _restorable(point: Point) -> bool:
    """Whether the point can be restored; points that are only there to be copied are passed over."""
    return point.status in restore_run.RESTORABLE and not copy_constraints.is_temporary(point)


def _age(point: Point) -> tuple[datetime, str]:
    return point.created, point.arn


def _in_vaults(vault: Vault, rules: Document) -> bool:
    return _fits(rules["IncludeVaults"], vault.arn) and not _fits(rules["ExcludeVaults"], vault.arn)


def _fits(patterns: Iterable[str], arn: str) -> bool:
    return any(glob(pattern)(arn) for pattern in patterns)


def _wanted(simulation: Simulation, selection: RestoreTestingSelection, tags: Mapping[str, str]) -> bool:
    """Whether the selection's conditions hold for the tags of a resource's latest point."""
    asked = selection.document["ProtectedResourceConditions"]
    conditions = tuple(
        (operator, _key(condition["Key"]), condition["Value"])
        for operator, listed in asked.items()
        for condition in listed
    )
    differs = simulation.choices.missing_tag_differs
    return Selector(("*",), conditions=conditions, missing_tag_differs=differs).selects("", tags)


def _key(key: str) -> str:
    return key if key.startswith(_TAG_KEY) else f"{_TAG_KEY}{key}"


def _kind(point: Point) -> str:
    return "CONTINUOUS" if point.continuous else "SNAPSHOT"


def _latest(simulation: Simulation, scope: RegionScope, point: Point) -> datetime:
    """The last moment that the point can restore; an active continuous one follows its resource up to now."""
    if point.continuous and scope.continuous.get(point.resource_arn) is point:
        return simulation.clock.now()
    return point.rolled or point.created


def _moment(simulation: Simulation, scope: RegionScope, point: Point, since: datetime) -> datetime:
    """A random moment of a continuous point, within the selection window."""
    earliest = max(since, point.history[0][0] if point.history else point.created)
    latest = max(earliest, _latest(simulation, scope, point))
    return earliest + round(simulation.random.random(), 6) * (latest - earliest)
