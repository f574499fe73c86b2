"""Copy jobs: by a rule's copy actions or on demand, to vaults of any account and Region of the same simulation.

Sources: the botocore model of StartCopyJob, and the developer guide's pages on copies and the jobs dashboard.
"""

from __future__ import annotations

from backupkit.arn import VAULT, Arn
from backupkit.emulator.engine import composite_copies as composites
from backupkit.emulator.engine import copy_run
from backupkit.emulator.kernel.job_records import category_fits, known, repeated, within
from backupkit.emulator.kernel.operations import operation, raise_api_error, remember
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import CopyJob, Document, RegionScope
from backupkit.emulator.rules import lifecycle_checks, nesting, nesting_views, staging, vault_access
from backupkit.emulator.rules.locks import lock_state

__all__: list[str] = []

_SOURCE = "botocore model; developer guide, copying backups"
_BAD_VALUE = "InvalidParameterValueException"
_BAD_REQUEST = "InvalidRequestException"


@operation("StartCopyJob", source=_SOURCE)
def _start(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    token: str | None = params.get("IdempotencyToken")
    known_job = repeated(scope, "StartCopyJob", scope.copy_jobs, token, simulation.clock.now())
    job = known_job if known_job is not None else _on_demand(simulation, scope, params)
    remember(scope, "StartCopyJob", token, job.id)
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
    lifecycle = lifecycle_checks.checked(params.get("Lifecycle"))
    if not lifecycle and simulation.choices.copy_without_lifecycle_follows_source:
        lifecycle = staging.lasting(point.lifecycle)
    role_arn, vault_arn = params["IamRoleArn"], found.named.arn
    job = copy_run.job_of(simulation, scope, point, destination, role_arn, lifecycle, vault_arn=vault_arn)
    job.token = params.get("IdempotencyToken")
    composites.begin(simulation, scope, found.scope, point, job)
    return job


def _check_vault_arn(text: str) -> None:
    if not VAULT.admits(text):
        raise_api_error(_BAD_VALUE, f"Invalid destination backup vault ARN: {text}")


@operation("DescribeCopyJob", source=_SOURCE)
def _describe(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    found = scope.copy_jobs.get(params["CopyJobId"])
    if found is None or found not in known({found.id: found}, simulation.clock.now()):
        raise_api_error("ResourceNotFoundException", f"Copy job {params['CopyJobId']} cannot be found.")
    return {"CopyJob": _shown(simulation, scope, found)}


@operation("ListCopyJobs", source=_SOURCE)
def _list(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return nesting_views.listed_jobs(
        simulation,
        scope,
        "ListCopyJobs",
        params,
        lambda there: there.copy_jobs,
        _asked_for,
        member="CopyJobs",
        show=lambda there, job: _shown(simulation, there, job),
    )


def _asked_for(job: CopyJob, params: Document) -> bool:
    return (
        params.get("ByResourceArn", job.resource_arn) == job.resource_arn
        and params.get("ByState", job.state) == job.state
        and params.get("ByResourceType", job.resource_type) == job.resource_type
        and params.get("ByDestinationVaultArn", job.destination_vault_arn) == job.destination_vault_arn
        and params.get("BySourceRecoveryPointArn", job.source_point_arn) == job.source_point_arn
        and category_fits(job.message_category, params.get("ByMessageCategory"))
        and within(params, "ByCreatedAfter", "ByCreatedBefore", job.created)
        and within(params, "ByCompleteAfter", "ByCompleteBefore", job.completed)
    )


def _shown(simulation: Simulation, scope: RegionScope, job: CopyJob) -> Document:
    vault = copy_run.destination(simulation, job).vaults.get(Arn.parse(job.destination_vault_arn).name)
    return {
        "AccountId": scope.account_id,
        "CopyJobId": job.id,
        "SourceBackupVaultArn": job.source_vault_arn,
        "SourceRecoveryPointArn": job.source_point_arn,
        "DestinationBackupVaultArn": job.destination_vault_arn,
        "DestinationVaultType": vault.vault_type if vault is not None else None,
        "DestinationVaultLockState": lock_state(vault),
        "DestinationRecoveryPointArn": job.destination_point_arn,
        "DestinationEncryptionKeyArn": (vault.key_arn or None) if vault is not None else None,
        "DestinationRecoveryPointLifecycle": job.lifecycle or None,
        "ResourceArn": job.resource_arn,
        "CreationDate": job.created,
        "CompletionDate": job.completed,
        "State": job.state,
        "StatusMessage": job.status_message,
        "BackupSizeInBytes": job.size_bytes,
        "IamRoleArn": job.role_arn,
        "CreatedBy": job.created_by,
        "CreatedByBackupJobId": job.backup_job_id,
        "ResourceType": job.resource_type,
        **nesting_views.of_job(job.family),
        **nesting_views.tally(scope.copy_jobs, job.family),
        "CompositeMemberIdentifier": job.family.member if job.family is not None else None,
        "ResourceName": job.resource_name,
        "MessageCategory": job.message_category,
    }
