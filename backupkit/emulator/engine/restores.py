"""Restore jobs: taken with little checking, as AWS does; what is wrong shows in the job. The content comes back.

Sources: the botocore model of StartRestoreJob, and the developer guide's pages on restoring.
"""

from __future__ import annotations

from backupkit.catalog import type_named
from backupkit.emulator.engine import composite_restores as composites
from backupkit.emulator.engine import restore_run
from backupkit.emulator.engine.verdict import refuse_at_once
from backupkit.emulator.kernel.job_records import RESTORE_JOBS
from backupkit.emulator.kernel.operations import operation, raise_api_error
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, RegionScope
from backupkit.emulator.rules import vault_access

__all__: list[str] = []

_SOURCE = "botocore model; developer guide, restoring"
_BAD_REQUEST = "InvalidRequestException"


@operation("StartRestoreJob", source=_SOURCE)
def _start(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    token: str | None = params.get("IdempotencyToken")
    known_job = RESTORE_JOBS.repeated(scope, token, simulation.clock.now())
    if known_job is not None:
        return {"RestoreJobId": known_job.id}
    found = _found(simulation, scope, params)
    point = found.point(params["RecoveryPointArn"])
    composites.check(point)
    job = restore_run.job_of(simulation, found.named, point, params)
    refuse_at_once(simulation, job, point)
    RESTORE_JOBS.remember(scope, token, job)
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
