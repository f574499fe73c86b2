"""Restore jobs: taken with little checking, as AWS does; what is wrong shows in the job. The content comes back.

Sources: the botocore model of StartRestoreJob, and the developer guide's pages on restoring.
"""

from __future__ import annotations

from backupkit.catalog import type_named
from backupkit.emulator.engine import composite_restores as composites
from backupkit.emulator.engine import restore_run, restore_test_end
from backupkit.emulator.engine.verdict import refuse_at_once
from backupkit.emulator.kernel.job_records import known, percent, repeated, within
from backupkit.emulator.kernel.operations import operation, raise_api_error, remember
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, RegionScope, RestoreJob
from backupkit.emulator.rules import nesting_views, vault_access

__all__ = ["job_called"]

_SOURCE = "botocore model; developer guide, restoring"
_BAD_REQUEST = "InvalidRequestException"


@operation("StartRestoreJob", source=_SOURCE)
def _start(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    token: str | None = params.get("IdempotencyToken")
    known_job = repeated(scope, "StartRestoreJob", scope.restore_jobs, token, simulation.clock.now())
    if known_job is not None:
        return {"RestoreJobId": known_job.id}
    found = _found(simulation, scope, params)
    point = found.point(params["RecoveryPointArn"])
    composites.check(point)
    job = restore_run.job_of(simulation, found.named, point, params)
    refuse_at_once(simulation, job, point)
    remember(scope, "StartRestoreJob", token, job.id)
    composites.begin(simulation, scope, found.scope, job, point)
    return {"RestoreJobId": job.id}


def _found(simulation: Simulation, scope: RegionScope, params: Document) -> vault_access.Reached:
    """The vault that the point is seen in, which another account may share."""
    arn: str = params["RecoveryPointArn"]
    found = vault_access.vault_with(simulation, scope, arn)
    if found is None:
        raise_api_error("ResourceNotFoundException", f"Recovery point {arn} cannot be found.")
    point = found.point(arn)
    if point.status not in restore_run.RESTORABLE:
        raise_api_error(_BAD_REQUEST, f"Recovery point {arn} is {point.status} and cannot be restored")
    if not _same_type(params.get("ResourceType", point.resource_type), point.resource_type):
        raise_api_error(
            "InvalidParameterValueException", f"Recovery point {arn} is not of the type {params['ResourceType']}"
        )
    return found


def _same_type(asked: str, held: str) -> bool:
    """Whether a point of one type can be restored as another; the guide spells types with and without spaces."""
    kind, wanted = type_named(held), type_named(asked)
    if kind is None or wanted is None:
        return asked.replace(" ", "") == held.replace(" ", "")
    return kind is wanted or wanted.name in kind.restored_as


@operation("DescribeRestoreJob", source=_SOURCE)
def _describe(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return _shown(scope, job_called(simulation, scope, params["RestoreJobId"]))


@operation("GetRestoreJobMetadata", source=_SOURCE)
def _metadata(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    job = job_called(simulation, scope, params["RestoreJobId"])
    return {"RestoreJobId": job.id, "Metadata": dict(job.metadata)}


def job_called(simulation: Simulation, scope: RegionScope, job_id: str) -> RestoreJob:
    """The restore job with that id, as long as AWS shows it.

    Raises:
        ApiError: There is none.
    """
    found = scope.restore_jobs.get(job_id)
    if found is None or found not in known({found.id: found}, simulation.clock.now()):
        raise_api_error("ResourceNotFoundException", f"Restore job {job_id} cannot be found.")
    return found


@operation("ListRestoreJobs", source=_SOURCE)
def _list(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return _listed(simulation, scope, "ListRestoreJobs", params)


@operation("ListRestoreJobsByProtectedResource", source=_SOURCE)
def _list_by_resource(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return _listed(simulation, scope, "ListRestoreJobsByProtectedResource", params)


def _listed(simulation: Simulation, scope: RegionScope, operation: str, params: Document) -> Document:
    return nesting_views.listed_jobs(
        simulation,
        scope,
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
        and params.get("ByRestoreTestingPlanArn")
        in {None, job.restore_test.plan_arn if job.restore_test is not None else ""}
        and within(params, "ByCreatedAfter", "ByCreatedBefore", job.created)
        and within(params, "ByCompleteAfter", "ByCompleteBefore", job.completed)
        and within(params, *dates, job.point_created)
    )


def _shown(scope: RegionScope, job: RestoreJob) -> Document:
    return {
        "AccountId": scope.account_id,
        "RestoreJobId": job.id,
        "RecoveryPointArn": job.point_arn,
        "SourceResourceArn": job.source_resource_arn,
        "BackupVaultArn": job.vault_arn,
        "CreationDate": job.created,
        "CompletionDate": job.completed,
        "Status": job.status,
        "StatusMessage": job.status_message,
        "PercentDone": percent(job.percent_done),
        "BackupSizeInBytes": job.size_bytes,
        "IamRoleArn": job.role_arn,
        "CreatedResourceArn": job.created_resource_arn,
        "ResourceType": job.resource_type,
        "RecoveryPointCreationDate": job.point_created,
        **nesting_views.of_job(job.family),
        **restore_test_end.shown(job.restore_test),
    }
