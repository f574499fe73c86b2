"""Restore tests: a plan's schedule fires, and in its start window each resource is restored once for each selection.

Source: the developer guide's page on restore testing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

from backupkit.emulator.engine import restore_run
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import RegionScope, RestoreJob, RestoreTest, RestoreTestingPlan, RestoreTestingSelection
from backupkit.emulator.restore_testing import metadata, points
from backupkit.emulator.restore_testing.points import Pick
from backupkit.emulator.rules import plan_documents

__all__ = ["arm", "disarm"]


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
    for arn in points.named(simulation, scope, selection):
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
        pick = points.picked(simulation, self.scope, self.plan, self.selection, self.resource_arn)
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
    inferred = metadata.inferred(scope, pick.point, job.id)
    whole = metadata.overridden(job.resource_type, inferred, overrides)
    return whole if pick.moment is None else {**whole, "RestoreTime": _text(pick.moment)}


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _flaw(simulation: Simulation, job: RestoreJob, overrides: dict[str, str]) -> str | None:
    foreign = metadata.foreign(job.resource_type, overrides)
    if not foreign or not simulation.choices.restore_testing_overrides_checked:
        return None
    return f"Restore metadata {', '.join(sorted(foreign))} cannot be overridden"
