"""Restore tests: a plan's schedule fires, and in its start window each resource is restored once for each selection.

Source: the developer guide's page on restore testing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

from backupkit.emulator.engine import restore_run
from backupkit.emulator.kernel.simulation import Cloud
from backupkit.emulator.model import Drill, DrillPlan, DrillSelection, Place, RestoreJob
from backupkit.emulator.restore_testing import metadata, points
from backupkit.emulator.restore_testing.points import Pick
from backupkit.emulator.rules import plan_documents

__all__ = ["arm", "disarm"]


def arm(cloud: Cloud, place: Place, plan: DrillPlan) -> None:
    """Let the plan's schedule fire from now on; an earlier one no longer does."""
    plan.arming += 1
    _note_next(cloud, place, plan)


def disarm(plan: DrillPlan) -> None:
    """Let the plan's schedule fire no more; jobs that are there go on."""
    plan.arming += 1


def _note_next(cloud: Cloud, place: Place, plan: DrillPlan) -> None:
    moment = plan_documents.schedule_of(plan.document).next_after(cloud.clock.now())
    if moment is not None:
        cloud.agenda.note(moment, _Firing(place, plan, plan.arming))


@attrs.frozen(eq=False)
class _Firing:
    place: Place
    plan: DrillPlan
    arming: int

    def happen(self, cloud: Cloud) -> None:
        if self.arming != self.plan.arming:
            return
        _note_next(cloud, self.place, self.plan)
        self.plan.last_run = cloud.clock.now()
        for selection in self.plan.selections.values():
            _draw(cloud, self.place, self.plan, selection)


def _draw(cloud: Cloud, place: Place, plan: DrillPlan, selection: DrillSelection) -> None:
    """Give each resource a random moment in the start window; which point it is decided then, as the guide says."""
    window = timedelta(hours=plan.document["StartWindowHours"])
    for arn in points.named(cloud, place, selection):
        moment = cloud.clock.now() + round(cloud.random.random(), 6) * window
        cloud.agenda.note(moment, _Test(place, plan, selection, arn))


@attrs.frozen(eq=False)
class _Test:
    place: Place
    plan: DrillPlan
    selection: DrillSelection
    resource_arn: str

    def happen(self, cloud: Cloud) -> None:
        still_there = self.plan.selections.get(self.selection.name) is self.selection
        if not still_there and not cloud.choices.drill_outlives_selection:
            return
        pick = points.picked(cloud, self.place, self.plan, self.selection, self.resource_arn)
        if pick is not None:
            _start(cloud, self.place, self.plan, self.selection, pick)


def _start(cloud: Cloud, place: Place, plan: DrillPlan, selection: DrillSelection, pick: Pick) -> None:
    document = selection.document
    job = restore_run.job_of(cloud, pick.vault, pick.point, {"IamRoleArn": document["IamRoleArn"], "Metadata": {}})
    overrides: dict[str, str] = document.get("RestoreMetadataOverrides", {})
    job.metadata = _metadata(place, overrides, pick, job)
    job.drill = Drill(plan.arn, document.get("ValidationWindowHours", 0), _flaw(cloud, job, overrides))
    restore_run.begin(cloud, place, job, pick.point)


def _metadata(place: Place, overrides: dict[str, str], pick: Pick, job: RestoreJob) -> dict[str, str]:
    inferred = metadata.inferred(place, pick.point, job.id)
    whole = metadata.overridden(job.resource_type, inferred, overrides)
    return whole if pick.moment is None else {**whole, "RestoreTime": _text(pick.moment)}


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _flaw(cloud: Cloud, job: RestoreJob, overrides: dict[str, str]) -> str | None:
    foreign = metadata.foreign(job.resource_type, overrides)
    if not foreign or not cloud.choices.drill_overrides_checked:
        return None
    return f"Restore metadata {', '.join(sorted(foreign))} cannot be overridden"
