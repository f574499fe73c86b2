"""Restore jobs: taken with little checking, as AWS does; what is wrong shows in the job. The content comes back.

Sources: the botocore model of StartRestoreJob, and the developer guide's pages on restoring.
"""

from __future__ import annotations

from backupkit.catalog import type_named
from backupkit.emulator.engine import composite_restores as composites
from backupkit.emulator.engine import restore_run, restore_test_end
from backupkit.emulator.engine.verdict import refuse_at_once
from backupkit.emulator.kernel.job_records import known, percent, present, repeated, within
from backupkit.emulator.kernel.operations import answers, refuse
from backupkit.emulator.kernel.simulation import Cloud
from backupkit.emulator.model import Document, Place, RestoreJob
from backupkit.emulator.rules import nesting_views, vault_access

__all__ = ["job_called"]

_SOURCE = "botocore model; developer guide, restoring"
_BAD_REQUEST = "InvalidRequestException"


@answers("StartRestoreJob", source=_SOURCE)
def _start(cloud: Cloud, place: Place, params: Document) -> Document:
    token: str | None = params.get("IdempotencyToken")
    known_job = repeated(place, "StartRestoreJob", place.restore_jobs, token, cloud.clock.now())
    if known_job is not None:
        return {"RestoreJobId": known_job.id}
    found = _found(cloud, place, params)
    point = found.point(params["RecoveryPointArn"])
    composites.check(point)
    job = restore_run.job_of(cloud, found.named, point, params)
    refuse_at_once(cloud, job, point)
    if token is not None:
        place.tokens["StartRestoreJob", token] = job.id
    composites.begin(cloud, place, found.place, job, point)
    return {"RestoreJobId": job.id}


def _found(cloud: Cloud, place: Place, params: Document) -> vault_access.Reached:
    """The vault that the point is seen in, which another account may share."""
    arn: str = params["RecoveryPointArn"]
    found = vault_access.vault_with(cloud, place, arn)
    if found is None:
        refuse("ResourceNotFoundException", f"Recovery point {arn} cannot be found.")
    point = found.point(arn)
    if point.status not in restore_run.RESTORABLE:
        refuse(_BAD_REQUEST, f"Recovery point {arn} is {point.status} and cannot be restored")
    if not _same_type(params.get("ResourceType", point.resource_type), point.resource_type):
        refuse("InvalidParameterValueException", f"Recovery point {arn} is not of the type {params['ResourceType']}")
    return found


def _same_type(asked: str, held: str) -> bool:
    """Whether a point of one type can be restored as another; the guide spells types with and without spaces."""
    kind, wanted = type_named(held), type_named(asked)
    if kind is None or wanted is None:
        return asked.replace(" ", "") == held.replace(" ", "")
    return kind is wanted or wanted.name in kind.restored_as


@answers("DescribeRestoreJob", source=_SOURCE)
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


@answers("ListRestoreJobs", source=_SOURCE)
def _list(cloud: Cloud, place: Place, params: Document) -> Document:
    return _listed(cloud, place, "ListRestoreJobs", params)


@answers("ListRestoreJobsByProtectedResource", source=_SOURCE)
def _list_by_resource(cloud: Cloud, place: Place, params: Document) -> Document:
    return _listed(cloud, place, "ListRestoreJobsByProtectedResource", params)


def _listed(cloud: Cloud, place: Place, operation: str, params: Document) -> Document:
    return nesting_views.listed_jobs(
        cloud,
        place,
        operation,
        params,
        lambda there: there.restore_jobs,
        _asked_for,
        member="RestoreJobs",
        show=_shown,
    )


def _asked_for(job: RestoreJob, params: Document) -> bool:
    dates = ("ByRecoveryPointCreationDateAfter", "ByRecoveryPointCreationDateBefore")
    return (
        params.get("ByStatus", job.status) == job.status
        and params.get("ByResourceType", job.resource_type) == job.resource_type
        and params.get("ResourceArn", job.source_resource_arn) == job.source_resource_arn
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
        **nesting_views.of_job(job.family),
        **restore_test_end.shown(job.drill),
    )
