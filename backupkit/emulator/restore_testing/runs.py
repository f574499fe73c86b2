"""Restore tests: a plan's schedule fires, and in its start window each resource is restored once for each selection.

Which point is restored, to which moment, and with what metadata: that which AWS infers, and what a selection may put in
its place.

Sources: the botocore model of RestoreTestingRecoveryPointSelection, and the developer guide's pages on restore testing
and on inferred metadata.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

import attrs

from backupkit.catalog import TYPES, ResourceType
from backupkit.catalog.restore_testing import RestoreTesting
from backupkit.emulator.engine import restore_run
from backupkit.emulator.kernel.operations import operation, raise_invalid_value
from backupkit.emulator.kernel.resource_protocol import RESTORE_TEST, Metadata
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import (
    Document,
    Point,
    RegionScope,
    RestoreJob,
    RestoreTest,
    RestoreTestingPlan,
    RestoreTestingSelection,
    Vault,
)
from backupkit.emulator.rules import copy_constraints, plan_documents, point_store, vault_access
from backupkit.emulator.rules.vault_access import Reached
from backupkit.matching import Selector, glob

__all__ = ["arm", "disarm", "inferred_metadata", "testable"]

# ---- The metadata of a test ----


_INFERRED_SOURCE = "botocore model; developer guide, inferred metadata of restore testing"


@attrs.frozen
class _Inference:
    """The point, and what stands for chance: the same seed infers the same."""

    scope: RegionScope
    point: Point
    seed: str

    @property
    def name(self) -> str:
        """The name of what is restored."""
        return f"{RESTORE_TEST}-{uuid5(NAMESPACE_URL, self.seed).hex}"

    def zones(self, count: int) -> list[str]:
        """Some of the Region's first three availability zones."""
        first = uuid5(NAMESPACE_URL, self.seed).int % 3
        return [f"{self.scope.region_name}{'abc'[(first + position) % 3]}" for position in range(count)]

    def filled(self, text: str) -> str | None:
        """Return a value that the catalog states, with what stands in braces filled in; None where it is not there."""
        if text.startswith("{point:"):
            return Metadata(self.point.restore_metadata).get(text[len("{point:") : -1]) or None
        known = {
            "{name}": self.name,
            "{name_}": self.name.replace("-", "_"),
            "{zone}": self.zones(1)[0],
            "{zones}": json.dumps(self.zones(3)),
        }
        return known.get(text, text)


def testable() -> dict[str, ResourceType]:
    """Return the types that restore testing has, by AWS Backup's own strings."""
    return {name: kind for name, kind in TYPES.items() if kind.restore_testing is not None}


def _testing(resource_type: str, resource_arn: str) -> RestoreTesting:
    found = testable()[resource_type].tested_as(resource_arn)
    if found is None:
        raise AssertionError(f"{resource_type} is not tested")
    return found


def inferred_metadata(scope: RegionScope, point: Point, seed: str) -> dict[str, str]:
    """Return the metadata that AWS infers for a point of a testable type; ``seed`` decides the name and the zones."""
    inference = _Inference(scope, point, seed)
    inferred = _testing(point.resource_type, point.resource_arn).inferred
    found = {key: inference.filled(text) for key, text in inferred.items()}
    return {key: value for key, value in found.items() if value is not None}


def _not_overridable(job: RestoreJob, overrides: Mapping[str, str]) -> list[str]:
    """The keys of ``overrides`` that cannot be overridden; case does not count."""
    known = _testing(job.resource_type, job.source_resource_arn).overridable
    return [key for key in overrides if key.casefold() not in known]


def _overridden(job: RestoreJob, metadata: Mapping[str, str], overrides: Mapping[str, str]) -> dict[str, str]:
    """The metadata with the overrides that AWS allows in place of what was inferred, above all never the name."""
    known = _testing(job.resource_type, job.source_resource_arn).overridable
    taken = {key: value for key, value in overrides.items() if key.casefold() in known}
    hidden = {key.casefold() for key in taken}
    return {**{key: value for key, value in metadata.items() if key.casefold() not in hidden}, **taken}


@operation("GetRestoreTestingInferredMetadata", source=_INFERRED_SOURCE, missing="FSx's metadata")
def _inferred(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    point = vault_access.reached(simulation, scope, params).point(params["RecoveryPointArn"])
    if point.resource_type not in testable():
        raise_invalid_value(f"Restore testing does not support {point.resource_type}")
    return {"InferredMetadata": inferred_metadata(scope, point, point.arn)}


# ---- The point that is restored ----


_TAG_KEY = "aws:ResourceTag/"


@attrs.frozen
class Pick:
    """A point with the vault that it is seen in, and of a continuous one the moment to go back to."""

    vault: Vault
    point: Point
    moment: datetime | None


def named_resources(simulation: Simulation, scope: RegionScope, selection: RestoreTestingSelection) -> list[str]:
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


def picked_point(
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
    inference = selection.document["ProtectedResourceConditions"]
    conditions = tuple(
        (operator, _key(condition["Key"]), condition["Value"])
        for operator, listed in inference.items()
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


# ---- Runs ----


def arm(simulation: Simulation, scope: RegionScope, plan: RestoreTestingPlan) -> None:
    """Let the plan's schedule fire from now on; an earlier one no longer does."""
    plan.arming += 1
    _note_next(simulation, scope, plan)


def disarm(plan: RestoreTestingPlan) -> None:
    """Let the plan's schedule fire no more; jobs that are there go on."""
    plan.arming += 1


def _note_next(simulation: Simulation, scope: RegionScope, plan: RestoreTestingPlan) -> None:
    moment = plan_documents.schedule_of(plan.document).next_after(simulation.clock.now())
    if moment is not None:
        simulation.agenda.schedule(moment, _TestFires(scope, plan, plan.arming))


@attrs.frozen(eq=False)
class _TestFires:
    scope: RegionScope
    plan: RestoreTestingPlan
    arming: int

    def happen(self, simulation: Simulation) -> None:
        if self.arming != self.plan.arming:
            return
        _note_next(simulation, self.scope, self.plan)
        self.plan.last_run = simulation.clock.now()
        for selection in self.plan.selections.values():
            _draw(simulation, self.scope, self.plan, selection)


def _draw(
    simulation: Simulation, scope: RegionScope, plan: RestoreTestingPlan, selection: RestoreTestingSelection
) -> None:
    """Give each resource a random moment in the start window; which point it is decided then, as the guide says."""
    window = timedelta(hours=plan.document["StartWindowHours"])
    for arn in named_resources(simulation, scope, selection):
        moment = simulation.clock.now() + round(simulation.random.random(), 6) * window
        simulation.agenda.schedule(moment, _Test(scope, plan, selection, arn))


@attrs.frozen(eq=False)
class _Test:
    scope: RegionScope
    plan: RestoreTestingPlan
    selection: RestoreTestingSelection
    resource_arn: str

    def happen(self, simulation: Simulation) -> None:
        if self.plan.selections.get(self.selection.name) is not self.selection:
            return
        pick = picked_point(simulation, self.scope, self.plan, self.selection, self.resource_arn)
        if pick is not None:
            _start(simulation, self.scope, self.plan, self.selection, pick)


def _start(
    simulation: Simulation, scope: RegionScope, plan: RestoreTestingPlan, selection: RestoreTestingSelection, pick: Pick
) -> None:
    document = selection.document
    job = restore_run.job_of(simulation, pick.vault, pick.point, {"IamRoleArn": document["IamRoleArn"], "Metadata": {}})
    overrides: dict[str, str] = document.get("RestoreMetadataOverrides", {})
    job.metadata = _metadata(scope, overrides, pick, job)
    job.restore_test = RestoreTest(
        plan.arn, document.get("ValidationWindowHours", 0), _flaw(simulation, job, overrides)
    )
    restore_run.begin(simulation, scope, job, pick.point)


def _metadata(scope: RegionScope, overrides: dict[str, str], pick: Pick, job: RestoreJob) -> dict[str, str]:
    inferred = inferred_metadata(scope, pick.point, job.id)
    whole = _overridden(job, inferred, overrides)
    return whole if pick.moment is None else {**whole, "RestoreTime": _text(pick.moment)}


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _flaw(simulation: Simulation, job: RestoreJob, overrides: dict[str, str]) -> str | None:
    foreign = _not_overridable(job, overrides)
    if not foreign or not simulation.choices.restore_testing_overrides_checked:
        return None
    return f"Restore metadata {', '.join(sorted(foreign))} cannot be overridden"
