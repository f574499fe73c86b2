"""How restore jobs run: they start within seconds, bring the content back, and end; or fail with AWS's sentence.

Source: the developer guide's pages on restoring.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import attrs

from backupkit.catalog import type_named
from backupkit.catalog.metadata_key import moment_in
from backupkit.emulator.engine import backup_run, continuous, restore_test_end
from backupkit.emulator.engine.verdict import verdict
from backupkit.emulator.faults import outages
from backupkit.emulator.kernel.agenda import Event
from backupkit.emulator.kernel.job_records import RESTORE_JOBS
from backupkit.emulator.kernel.kinds import kind_named
from backupkit.emulator.kernel.resource_protocol import RESTORE_TEST, THE_POINT, Metadata, WorldError
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, Point, RegionScope, RestoreJob, Vault
from backupkit.emulator.rules import lifecycle

__all__ = ["RESTORABLE", "begin", "end", "fault", "job_of", "record"]

_SOON = 20
_FROM_COLD = timedelta(hours=4)
RESTORABLE = frozenset({"COMPLETED", "AVAILABLE", "PARTIAL", "STOPPED", "EXPIRED"})
"""In which states a point can be restored."""
_NONE_LEFT = f"There are no objects that match the restore request for {THE_POINT}."
_NO_TAGS = "Copying source tags to the restored resource is not supported for {kind}"


def begin(simulation: Simulation, scope: RegionScope, job: RestoreJob, point: Point) -> None:
    """Record a new job and let it start within seconds."""
    record(simulation, scope, job, _StartRestore(scope, job, point))


def record(simulation: Simulation, scope: RegionScope, job: RestoreJob, start: Event) -> None:
    """Record a new job, and let ``start`` happen within seconds."""
    RESTORE_JOBS.forget(scope, simulation.clock.now())
    RESTORE_JOBS.enter(simulation, scope, job)
    simulation.agenda.schedule(job.created + timedelta(seconds=1 + round(simulation.random.random() * _SOON, 3)), start)
    simulation.bus.restore_job_made(scope, job)


def job_of(simulation: Simulation, vault: Vault, point: Point, params: Document) -> RestoreJob:
    """A new job that restores the point, as the members of StartRestoreJob ask."""
    return RestoreJob(
        id=simulation.new_id().upper(),
        point_arn=point.arn,
        vault_arn=vault.arn,
        resource_type=point.resource_type,
        restored_as=_restored_as(point, params),
        source_resource_arn=point.resource_arn,
        role_arn=params.get("IamRoleArn"),
        created=simulation.clock.now(),
        metadata=dict(params["Metadata"]),
        size_bytes=point.size_bytes,
        point_created=point.created,
        copy_source_tags=bool(params.get("CopySourceTagsToRestoredResource", False)),
        token=params.get("IdempotencyToken"),
    )


def _restored_as(point: Point, params: Document) -> str | None:
    """The other type that the call asks for; None where it asks for the point's own."""
    asked = type_named(params.get("ResourceType"))
    return asked.name if asked is not None and asked is not type_named(point.resource_type) else None


@attrs.frozen(eq=False)
class _StartRestore:
    scope: RegionScope
    job: RestoreJob
    point: Point

    def happen(self, simulation: Simulation) -> None:
        job = self.job
        if outages.puts_off(simulation, self, "restore", job.resource_type):
            return
        job.status = "RUNNING"
        simulation.bus.restore_job_changed(self.scope, job)
        try:
            _restore(simulation, self.scope, job, self.point)
        except WorldError as error:
            end(simulation, self.scope, job, "FAILED", str(error).replace(THE_POINT, job.point_arn))
            return
        took = backup_run.duration(simulation, job.size_bytes)
        took += _FROM_COLD if self.point.storage_class == "COLD" else timedelta()
        simulation.agenda.schedule(simulation.clock.now() + took, _FinishRestore(self.scope, job, self.point))


def end(simulation: Simulation, scope: RegionScope, job: RestoreJob, status: str, message: str | None) -> None:
    """Let a restore job end, now."""
    job.status, job.status_message, job.completed = status, message, simulation.clock.now()
    simulation.bus.restore_job_ended(scope, job)


def fault(simulation: Simulation, scope: RegionScope, job: RestoreJob) -> str | None:
    """AWS's sentence where the job cannot restore anything; None where it can."""
    if lifecycle.denied(simulation, scope, job.role_arn):
        return lifecycle.ABSENT_ROLE.format(role=job.role_arn)
    return outages.failure(simulation, "restore", job.resource_type)


def _restore(simulation: Simulation, scope: RegionScope, job: RestoreJob, point: Point) -> None:
    """Bring the content back; the new resource is there from now on, the job ends later."""
    if (message := fault(simulation, scope, job)) is not None:
        raise WorldError(message)
    if job.copy_source_tags and not kind_named(job.resource_type).copies_source_tags:
        raise WorldError(_NO_TAGS.format(kind=job.resource_type))
    if job.restore_test is not None:
        restore_test_end.check(simulation, scope, job, job.restore_test)
    if (message := verdict(simulation, job, point)) is not None:
        raise WorldError(message)
    made = simulation.world.restore(
        _content(simulation, scope, job, point),
        job.target_type,
        job.metadata,
        account_id=scope.account_id,
        region_name=scope.region_name,
        now=simulation.clock.now(),
        tags=_tags(job, point),
    )
    told = made.status_message
    if made.all_there and simulation.choices.skipped_objects_told:
        told = _NONE_LEFT
    job.created_resource_arn = made.arn
    job.status_message = told.replace(THE_POINT, job.point_arn) if told is not None else None


def _tags(job: RestoreJob, point: Point) -> Mapping[str, str]:
    if job.restore_test is not None:
        return {RESTORE_TEST: ""}
    return point.tags if job.copy_source_tags else {}


def _content(simulation: Simulation, scope: RegionScope, job: RestoreJob, point: Point) -> object:
    """What the point holds; of a continuous one, what it held at the time that the metadata names."""
    moment = _moment(job.metadata)
    if not point.continuous:
        if moment is not None and job.resource_type == "S3":
            raise WorldError("RestoreTime can be given for a continuous recovery point only")
        return point.content
    if moment is None and job.resource_type == "S3":
        raise WorldError("RestoreTime is required to restore a continuous recovery point")
    if moment is not None and moment > simulation.clock.now():
        raise WorldError(f"RestoreTime {moment.isoformat()} is in the future")
    continuous.follow(simulation, scope, point)
    held = continuous.moment_of(point, moment)
    if held is None:
        raise WorldError("RestoreTime is before the earliest restorable time of the recovery point")
    return held


def _moment(metadata: dict[str, str]) -> datetime | None:
    given = Metadata(metadata)
    text = given.get("RestoreTime") or given.get("RestoreToTime")
    if not text or given.flag("UseLatestRestorableTime"):
        return None
    moment = moment_in(text)
    if moment is None:
        raise WorldError(f"RestoreTime {text!r} is not an ISO 8601 time")
    return moment


@attrs.frozen(eq=False)
class _FinishRestore:
    scope: RegionScope
    job: RestoreJob
    point: Point

    def happen(self, simulation: Simulation) -> None:
        self.job.percent_done, self.point.last_restore = 100.0, simulation.clock.now()
        end(simulation, self.scope, self.job, "COMPLETED", self.job.status_message)
        if self.job.restore_test is not None:
            restore_test_end.completed(simulation, self.scope, self.job)
