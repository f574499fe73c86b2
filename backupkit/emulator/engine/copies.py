"""Copy jobs: by a rule's copy actions or on demand, to vaults of any account and Region of the same simulation.

Sources: the botocore model of StartCopyJob, and the developer guide's pages on copies and the jobs dashboard.
"""

from __future__ import annotations

from backupkit.arn import VAULT
from backupkit.emulator.engine import composite_copies as composites
from backupkit.emulator.engine import copy_run
from backupkit.emulator.kernel.job_records import COPY_JOBS
from backupkit.emulator.kernel.operations import operation, raise_api_error
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import CopyJob, Document, RegionScope
from backupkit.emulator.rules import copy_constraints, nesting, vault_access
from backupkit.emulator.rules.lifecycle import checked_lifecycle

__all__: list[str] = []

_SOURCE = "botocore model; developer guide, copying backups"
_BAD_VALUE = "InvalidParameterValueException"
_BAD_REQUEST = "InvalidRequestException"


@operation("StartCopyJob", source=_SOURCE)
def _start(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    token: str | None = params.get("IdempotencyToken")
    known_job = COPY_JOBS.repeated(scope, token, simulation.clock.now())
    job = known_job if known_job is not None else _on_demand(simulation, scope, params)
    COPY_JOBS.remember(scope, token, job)
    return {"CopyJobId": job.id, "CreationDate": job.created, "IsParent": nesting.is_parent(job.family)}


def _on_demand(simulation: Simulation, scope: RegionScope, params: Document) -> CopyJob:
    found = vault_access.reached(simulation, scope, params, "SourceBackupVaultName")
    point = found.point(params["RecoveryPointArn"])
    destination: str = params["DestinationBackupVaultArn"]
    _check_vault_arn(destination)
    if point.continuous:
        raise_api_error(_BAD_REQUEST, "Copying a continuous recovery point on demand is not supported")
    if (message := nesting.obstacle(found.scope, point, "copied")) is not None:
        raise_api_error(_BAD_REQUEST, message)
    if point.storage_class == "COLD":
        raise_api_error(_BAD_REQUEST, "A recovery point in cold storage cannot be copied")
    if point.status not in {"COMPLETED", "PARTIAL"}:
        raise_api_error(_BAD_REQUEST, f"Recovery point {point.arn} cannot be copied while it is {point.status}")
    lifecycle = checked_lifecycle(params.get("Lifecycle"))
    if not lifecycle and simulation.choices.copy_without_lifecycle_follows_source:
        lifecycle = copy_constraints.lasting_lifecycle(point.lifecycle)
    role_arn, vault_arn = params["IamRoleArn"], found.named.arn
    job = copy_run.job_of(simulation, scope, point, destination, role_arn, lifecycle, vault_arn=vault_arn)
    job.token = params.get("IdempotencyToken")
    composites.begin(simulation, scope, found.scope, point, job)
    return job


def _check_vault_arn(text: str) -> None:
    if not VAULT.admits(text):
        raise_api_error(_BAD_VALUE, f"Invalid destination backup vault ARN: {text}")
