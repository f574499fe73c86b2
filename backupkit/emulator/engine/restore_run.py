"""How restore jobs run: they start within seconds, bring the content back, and end; or fail with AWS's sentence.

A restore test ends with its validation window, and with the deletion of what it restored.

Sources: the developer guide's pages on restoring, on restore testing and on its validation, and the botocore model.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import attrs

from backupkit.catalog import PointFacts, ResourceType, type_named
from backupkit.catalog.metadata_check import check_metadata
from backupkit.catalog.metadata_key import NEW_TOKEN, Encoding, Trait, moment_in
from backupkit.catalog.restore_form import chosen, folded
from backupkit.emulator.engine import backup_run, continuous
from backupkit.emulator.faults import outages
from backupkit.emulator.kernel.agenda import Event
from backupkit.emulator.kernel.job_records import RESTORE_JOBS
from backupkit.emulator.kernel.kinds import kind_named
from backupkit.emulator.kernel.operations import raise_invalid_value
from backupkit.emulator.kernel.resource_protocol import RESTORE_TEST, THE_POINT, Metadata, WorldError
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, Point, RegionScope, RestoreJob, RestoreTest, Vault
from backupkit.emulator.resources.resource import SyntheticContent
from backupkit.emulator.rules import lifecycle
from backupkit.problems import errors_in

__all__ = [
    "RESTORABLE",
    "begin",
    "clean_up_test",
    "end",
    "fault",
    "job_of",
    "opened",
    "record",
    "refuse_at_once",
    "test_view",
    "verdict",
]

# ---- Whether the metadata can restore the point: what AWS says only minutes later, in the job ----
# The tables of the catalog decide, the same that refuse a typed request before it is sent.


_LONGEST_DAYS = 35


def refuse_at_once(simulation: Simulation, job: RestoreJob, point: Point) -> None:
    """Refuse the call, where the type's service looks at the metadata before there is a job.

    Raises:
        ApiError: The metadata restores nothing.
    """
    kind = type_named(job.target_type)
    if kind is not None and kind.refuses_at_once and (message := verdict(simulation, job, point)) is not None:
        raise_invalid_value(message)


def verdict(simulation: Simulation, job: RestoreJob, point: Point) -> str | None:
    """Return why the metadata of a job restores nothing, or None where it may."""
    kind = type_named(job.target_type)
    if kind is None:
        return None
    unknown_fail = simulation.choices.unknown_restore_keys_fail
    if unknown_fail is not None:
        kind = attrs.evolve(kind, tolerates_unknown_keys=not unknown_fail)
    facts = _facts(simulation, job, point)
    found = errors_in(check_metadata(kind, facts, _whole(kind, facts, job)))
    if not isinstance(point.content, SyntheticContent):
        # What is behind a session is checked by whoever makes it there, who does not know what the point is like.
        ours = _of_point(kind, facts, job)
        found = tuple(each for each in found if each.address.casefold() in ours)
    if not found:
        return None
    return f"Invalid restore metadata. {'; '.join(f'{each.address}: {each.message}' for each in found)}"


def _of_point(kind: ResourceType, facts: PointFacts, job: RestoreJob) -> set[str]:
    """The keys that the point decides about: its moment, and the days for which it leaves the archive."""
    form = chosen(kind.restore_forms, facts, job.metadata) if kind.restore_forms else None
    return {
        key.name.casefold()
        for key in (form.keys if form is not None else ())
        if Trait.ARCHIVED in key.required_for or (key.encoding is Encoding.MOMENT and kind.name != "S3")
    }


def _facts(simulation: Simulation, job: RestoreJob, point: Point) -> PointFacts:
    now, kind = simulation.clock.now(), type_named(point.resource_type)
    kept = lifecycle.retention_days(point.lifecycle)
    reach = timedelta(days=_LONGEST_DAYS if kept is None else kept)
    return PointFacts(
        resource_type=point.resource_type,
        point_arn=point.arn,
        resource_arn=point.resource_arn,
        vault_arn=job.vault_arn,
        continuous=point.continuous,
        archived=point.storage_class == "COLD" and kind is not None and kind.archive,
        created=point.created,
        earliest=max(point.created, now - reach) if point.continuous else None,
        latest=now if point.continuous else None,
        held=point.restore_metadata,
    )


def _whole(kind: ResourceType, facts: PointFacts, job: RestoreJob) -> dict[str, str]:
    """The metadata with what AWS Backup itself fills in, where it is AWS Backup that starts the job.

    The inferred metadata of a restore test has no CreationToken for a file system, and public restores of clusters give
    the nested file system two keys only.
    """
    if job.restore_test is None and (job.family is None or job.family.parent is None):
        return job.metadata
    given = folded(job.metadata)
    form = chosen(kind.restore_forms, facts, job.metadata) if kind.restore_forms else None
    filled = {
        key.name: job.id if key.default == NEW_TOKEN else key.default
        for key in (form.keys if form is not None else ())
        if key.default is not None and not key.default_with and key.name.casefold() not in given
    }
    return {**filled, **job.metadata}


# ---- How a restore test ends ----


_SHORTEST_SECONDS, _LONGEST_SECONDS = 60, 180


def check_test(simulation: Simulation, scope: RegionScope, job: RestoreJob, restore_test: RestoreTest) -> None:
    """Refuse a test that cannot be, or that would restore into a bucket that is there: it would be deleted afterwards.

    Every other type refuses a name that is taken by itself.

    Raises:
        WorldError: The test has a flaw, or the bucket is there.
    """
    if restore_test.flaw is not None:
        raise WorldError(restore_test.flaw)
    if job.resource_type != "S3":
        return
    bucket = Metadata(job.metadata).need("destinationBucketName")
    if simulation.world.find(f"arn:{scope.partition}:s3:::{bucket}", scope.account_id, scope.region_name) is not None:
        raise WorldError(f"Bucket {bucket} already exists")


def test_completed(simulation: Simulation, scope: RegionScope, job: RestoreJob) -> None:
    """Open the validation window of a test that has just completed; without one its resource goes at once."""
    if job.restore_test is not None and job.restore_test.validation_hours:
        ends = simulation.clock.now() + timedelta(hours=job.restore_test.validation_hours)
        simulation.agenda.schedule(ends, _WindowEnd(scope, job, job.restore_test))
    elif job.restore_test is not None:
        clean_up_test(simulation, scope, job, job.restore_test)


def clean_up_test(simulation: Simulation, scope: RegionScope, job: RestoreJob, restore_test: RestoreTest) -> None:
    """Begin to delete what the test restored; it is gone some minutes later."""
    restore_test.deletion_status = "DELETING"
    seconds = _SHORTEST_SECONDS + round(simulation.random.random() * (_LONGEST_SECONDS - _SHORTEST_SECONDS), 3)
    simulation.agenda.schedule(simulation.clock.now() + timedelta(seconds=seconds), _Delete(scope, job, restore_test))


def test_view(restore_test: RestoreTest | None) -> Document:
    """What the record of a restore job tells of its test; nothing where it is none."""
    if restore_test is None:
        return {}
    return {
        "CreatedBy": {"RestoreTestingPlanArn": restore_test.plan_arn},
        "ValidationStatus": restore_test.validation_status,
        "ValidationStatusMessage": restore_test.validation_message,
        "DeletionStatus": restore_test.deletion_status,
        "DeletionStatusMessage": restore_test.deletion_message,
    }


@attrs.frozen(eq=False)
class _WindowEnd:
    scope: RegionScope
    job: RestoreJob
    restore_test: RestoreTest

    def happen(self, simulation: Simulation) -> None:
        if self.restore_test.deletion_status is None:
            if self.restore_test.validation_status is None or not simulation.choices.validating_is_final:
                self.restore_test.validation_status = "TIMED_OUT"
            clean_up_test(simulation, self.scope, self.job, self.restore_test)


@attrs.frozen(eq=False)
class _Delete:
    scope: RegionScope
    job: RestoreJob
    restore_test: RestoreTest

    def happen(self, simulation: Simulation) -> None:
        try:
            if self.job.created_resource_arn is not None:
                simulation.world.discard(self.job.created_resource_arn, self.scope.account_id, self.scope.region_name)
        except WorldError as error:
            self.restore_test.deletion_status, self.restore_test.deletion_message = "FAILED", str(error)
        else:
            self.restore_test.deletion_status = "SUCCESSFUL"


# ---- Runs ----


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
    override = type_named(params.get("ResourceType"))
    return override.name if override is not None and override is not type_named(point.resource_type) else None


def opened(simulation: Simulation, start: Event, scope: RegionScope, job: RestoreJob) -> bool:
    """Let a job run, unless an outage puts its start off."""
    if outages.puts_off(simulation, start, "restore", job.resource_type):
        return False
    job.status = "RUNNING"
    simulation.bus.restore_job_changed(scope, job)
    return True


@attrs.frozen(eq=False)
class _StartRestore:
    scope: RegionScope
    job: RestoreJob
    point: Point

    def happen(self, simulation: Simulation) -> None:
        job = self.job
        if not opened(simulation, self, self.scope, job):
            return
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
        check_test(simulation, scope, job, job.restore_test)
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
    sentence = made.status_message
    if made.all_there and simulation.choices.skipped_objects_told:
        sentence = _NONE_LEFT
    job.created_resource_arn = made.arn
    job.status_message = sentence.replace(THE_POINT, job.point_arn) if sentence is not None else None


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
            test_completed(simulation, self.scope, self.job)
