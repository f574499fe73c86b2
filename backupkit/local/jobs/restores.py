"""Restore jobs: taken with little checking, as AWS does; what is wrong shows in the job. The content comes back.

Sources: the botocore model of StartRestoreJob, and the developer guide's pages on restoring.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import attrs

from backupkit.local.cloud import Cloud
from backupkit.local.drills import ends
from backupkit.local.jobs import execution
from backupkit.local.jobs.records import forget, known, percent, present, within
from backupkit.local.kinds import kind_named
from backupkit.local.operations import answers, refuse
from backupkit.local.paging import listing
from backupkit.local.points import ageing, shelf
from backupkit.local.state import Document, Place, Point, RestoreJob
from backupkit.local.world import RESTORE_TEST, WorldError
from backupkit.local.world.metadata import Metadata

__all__ = ["RESTORABLE", "begin", "job_called", "job_of"]

_SOURCE = "botocore model; developer guide, restoring"
_BAD_REQUEST = "InvalidRequestException"
_SOON = 20
_FROM_COLD = timedelta(hours=4)
RESTORABLE = frozenset({"COMPLETED", "AVAILABLE", "PARTIAL", "STOPPED", "EXPIRED"})
"""In which states a point can be restored."""
_NO_TAGS = "Copying source tags to the restored resource is not supported for {kind}"


@answers("StartRestoreJob", source=_SOURCE)
def _start(cloud: Cloud, place: Place, params: Document) -> Document:
    token: str | None = params.get("IdempotencyToken")
    known_id = place.tokens.get(("StartRestoreJob", token)) if token is not None else None
    if known_id is not None:
        return {"RestoreJobId": known_id}
    point = _point(place, params)
    job = job_of(cloud, place, point, params)
    if token is not None:
        place.tokens["StartRestoreJob", token] = job.id
    begin(cloud, place, job, point)
    return {"RestoreJobId": job.id}


def begin(cloud: Cloud, place: Place, job: RestoreJob, point: Point) -> None:
    """Record a new job and let it start within seconds."""
    forget(place, "StartRestoreJob", place.restore_jobs, cloud.clock.now())
    place.restore_jobs[job.id] = job
    cloud.agenda.note(
        job.created + timedelta(seconds=1 + round(cloud.random.random() * _SOON, 3)), _Start(place, job, point)
    )


def _point(place: Place, params: Document) -> Point:
    arn: str = params["RecoveryPointArn"]
    point = shelf.point_called(place, arn)
    if point is None:
        refuse("ResourceNotFoundException", f"Recovery point {arn} cannot be found.")
    if point.status not in RESTORABLE:
        refuse(_BAD_REQUEST, f"Recovery point {arn} is {point.status} and cannot be restored")
    if not _same_type(params.get("ResourceType", point.resource_type), point.resource_type):
        refuse("InvalidParameterValueException", f"Recovery point {arn} is not of the type {params['ResourceType']}")
    return point


def _same_type(asked: str, held: str) -> bool:
    """The documentation itself spells types with and without spaces; EBS and Storage Gateway share snapshots."""
    return asked.replace(" ", "") == held.replace(" ", "") or {asked, held} == {"EBS", "Storage Gateway"}


def job_of(cloud: Cloud, place: Place, point: Point, params: Document) -> RestoreJob:
    """A new job that restores the point, as the members of StartRestoreJob ask."""
    return RestoreJob(
        id=cloud.new_id().upper(),
        point_arn=point.arn,
        vault_arn=shelf.vault_of(place, point).arn,
        resource_type=point.resource_type,
        source_resource_arn=point.resource_arn,
        role_arn=params.get("IamRoleArn"),
        created=cloud.clock.now(),
        metadata=dict(params["Metadata"]),
        size_bytes=point.size_bytes,
        point_created=point.created,
        copy_source_tags=bool(params.get("CopySourceTagsToRestoredResource", False)),
        token=params.get("IdempotencyToken"),
    )


@attrs.frozen(eq=False)
class _Start:
    place: Place
    job: RestoreJob
    point: Point

    def happen(self, cloud: Cloud) -> None:
        job = self.job
        job.status = "RUNNING"
        try:
            _restore(cloud, self.place, job, self.point)
        except WorldError as error:
            job.status, job.status_message, job.completed = "FAILED", str(error), cloud.clock.now()
            return
        took = execution.duration(cloud, job.size_bytes)
        took += _FROM_COLD if self.point.storage_class == "COLD" else timedelta()
        cloud.agenda.note(cloud.clock.now() + took, _Finish(self.place, job, self.point))


def _restore(cloud: Cloud, place: Place, job: RestoreJob, point: Point) -> None:
    """Bring the content back; the new resource is there from now on, the job ends later."""
    if ageing.denied(cloud, place, job.role_arn):
        raise WorldError(ageing.ABSENT_ROLE.format(role=job.role_arn))
    if job.copy_source_tags and not kind_named(job.resource_type).copies_source_tags:
        raise WorldError(_NO_TAGS.format(kind=job.resource_type))
    if job.drill is not None:
        ends.check(cloud, place, job, job.drill)
    made = cloud.world.restore(
        _content(cloud, place, job, point),
        job.resource_type,
        job.metadata,
        account_id=place.account_id,
        region_name=place.region_name,
        now=cloud.clock.now(),
        tags=_tags(job, point),
    )
    job.created_resource_arn, job.status_message = made.arn, made.status_message


def _tags(job: RestoreJob, point: Point) -> dict[str, str]:
    if job.drill is not None:
        return {RESTORE_TEST: ""}
    return point.tags if job.copy_source_tags else {}


def _content(cloud: Cloud, place: Place, job: RestoreJob, point: Point) -> object:
    """What the point holds; of a continuous one, what it held at the time that the metadata names."""
    moment = _moment(job.metadata)
    if not point.continuous:
        if moment is not None and job.resource_type == "S3":
            raise WorldError("RestoreTime can be given for a continuous recovery point only")
        return point.content
    if moment is None and job.resource_type == "S3":
        raise WorldError("RestoreTime is required to restore a continuous recovery point")
    if moment is not None and moment > cloud.clock.now():
        raise WorldError(f"RestoreTime {moment.isoformat()} is in the future")
    _bring_up_to_date(cloud, place, point)
    held = execution.moment_of(point, moment)
    if held is None:
        raise WorldError("RestoreTime is before the earliest restorable time of the recovery point")
    return held


def _bring_up_to_date(cloud: Cloud, place: Place, point: Point) -> None:
    """An active continuous point follows its resource: as long as that is there, it holds its present state, too."""
    now = cloud.clock.now()
    if place.continuous.get(point.resource_arn) is not point:
        return
    if cloud.world.find(point.resource_arn, place.account_id, place.region_name) is None:
        return
    taken = cloud.world.capture(point.resource_arn, place.account_id, place.region_name, now)
    point.content = taken.content
    point.history.append((now, taken.content))


def _moment(metadata: dict[str, str]) -> datetime | None:
    given = Metadata(metadata)
    text = given.get("RestoreTime") or given.get("RestoreToTime")
    if not text or given.flag("UseLatestRestorableTime"):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise WorldError(f"RestoreTime {text!r} is not an ISO 8601 time") from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


@attrs.frozen(eq=False)
class _Finish:
    place: Place
    job: RestoreJob
    point: Point

    def happen(self, cloud: Cloud) -> None:
        now = cloud.clock.now()
        self.job.status, self.job.percent_done, self.job.completed = "COMPLETED", 100.0, now
        self.point.last_restore = now
        if self.job.drill is not None:
            ends.completed(cloud, self.place, self.job)


@answers("DescribeRestoreJob", source=_SOURCE, lacks="composites")
def _describe(cloud: Cloud, place: Place, params: Document) -> Document:
    return _shown(place, job_called(cloud, place, params["RestoreJobId"]))


@answers("GetRestoreJobMetadata", source=_SOURCE)
def _metadata(cloud: Cloud, place: Place, params: Document) -> Document:
    job = job_called(cloud, place, params["RestoreJobId"])
    return {"RestoreJobId": job.id, "Metadata": dict(job.metadata)}


def job_called(cloud: Cloud, place: Place, job_id: str) -> RestoreJob:
    """The restore job with that id, as long as AWS shows it.

    Raises:
        Refused: There is none.
    """
    found = place.restore_jobs.get(job_id)
    if found is None or found not in known({found.id: found}, cloud.clock.now()):
        refuse("ResourceNotFoundException", f"Restore job {job_id} cannot be found.")
    return found


@answers("ListRestoreJobs", source=_SOURCE, lacks="composites")
def _list(cloud: Cloud, place: Place, params: Document) -> Document:
    return _listed(cloud, place, "ListRestoreJobs", params)


@answers("ListRestoreJobsByProtectedResource", source=_SOURCE, lacks="composites")
def _list_by_resource(cloud: Cloud, place: Place, params: Document) -> Document:
    return _listed(cloud, place, "ListRestoreJobsByProtectedResource", params)


def _listed(cloud: Cloud, place: Place, operation: str, params: Document) -> Document:
    found = (job for job in known(place.restore_jobs, cloud.clock.now()) if _asked_for(place, job, params))
    return listing(
        cloud,
        place,
        operation,
        params,
        found,
        lambda job: (-job.created.timestamp(), job.id),
        member="RestoreJobs",
        show=lambda job: _shown(place, job),
    )


def _asked_for(place: Place, job: RestoreJob, params: Document) -> bool:
    dates = ("ByRecoveryPointCreationDateAfter", "ByRecoveryPointCreationDateBefore")
    return (
        params.get("ByStatus", job.status) == job.status
        and params.get("ByResourceType", job.resource_type) == job.resource_type
        and params.get("ResourceArn", job.source_resource_arn) == job.source_resource_arn
        and params.get("ByAccountId", "*") in {"*", place.account_id}
        and "ByParentJobId" not in params
        and params.get("ByRestoreTestingPlanArn") in {None, job.drill.plan_arn if job.drill is not None else ""}
        and within(params, "ByCreatedAfter", "ByCreatedBefore", job.created)
        and within(params, "ByCompleteAfter", "ByCompleteBefore", job.completed)
        and within(params, *dates, job.point_created)
    )


def _shown(place: Place, job: RestoreJob) -> Document:
    return present(
        AccountId=place.account_id,
        RestoreJobId=job.id,
        RecoveryPointArn=job.point_arn,
        SourceResourceArn=job.source_resource_arn,
        BackupVaultArn=job.vault_arn,
        CreationDate=job.created,
        CompletionDate=job.completed,
        Status=job.status,
        StatusMessage=job.status_message,
        PercentDone=percent(job.percent_done),
        BackupSizeInBytes=job.size_bytes,
        IamRoleArn=job.role_arn,
        CreatedResourceArn=job.created_resource_arn,
        ResourceType=job.resource_type,
        RecoveryPointCreationDate=job.point_created,
        IsParent=False,
        **ends.shown(job.drill),
    )
