"""Copy jobs: by a rule's copy actions or on demand, to vaults of any account and Region of the same cloud.

Sources: the botocore model of StartCopyJob, and the developer guide's pages on copies and the jobs dashboard.
"""

from __future__ import annotations

from backupkit.arn import VAULT, Arn
from backupkit.emulator.engine import composite_copies as composites
from backupkit.emulator.engine import copy_run
from backupkit.emulator.kernel.job_records import category_fits, known, present, repeated, within
from backupkit.emulator.kernel.operations import answers, refuse
from backupkit.emulator.kernel.simulation import Cloud
from backupkit.emulator.model import CopyJob, Document, Place
from backupkit.emulator.rules import lifecycle_checks, nesting, nesting_views, staging, vault_access
from backupkit.emulator.rules.locks import lock_state

__all__: list[str] = []

_SOURCE = "botocore model; developer guide, copying backups"
_BAD_VALUE = "InvalidParameterValueException"
_BAD_REQUEST = "InvalidRequestException"


@answers("StartCopyJob", source=_SOURCE)
def _start(cloud: Cloud, place: Place, params: Document) -> Document:
    token: str | None = params.get("IdempotencyToken")
    known_job = repeated(place, "StartCopyJob", place.copy_jobs, token, cloud.clock.now())
    job = known_job if known_job is not None else _on_demand(cloud, place, params)
    if token is not None:
        place.tokens["StartCopyJob", token] = job.id
    return {"CopyJobId": job.id, "CreationDate": job.created, "IsParent": nesting.is_parent(job.family)}


def _on_demand(cloud: Cloud, place: Place, params: Document) -> CopyJob:
    found = vault_access.reached(cloud, place, params, "SourceBackupVaultName")
    point = found.point(params["RecoveryPointArn"])
    destination: str = params["DestinationBackupVaultArn"]
    _check_vault_arn(destination)
    if point.continuous:
        refuse(_BAD_REQUEST, "Copying a continuous recovery point on demand is not supported")
    if (message := nesting.barrier(found.place, point, "copied")) is not None:
        refuse(_BAD_REQUEST, message)
    if point.storage_class == "COLD":
        refuse(_BAD_REQUEST, "A recovery point in cold storage cannot be copied")
    if point.status not in {"COMPLETED", "PARTIAL"}:
        refuse(_BAD_REQUEST, f"Recovery point {point.arn} cannot be copied while it is {point.status}")
    lifecycle = lifecycle_checks.checked(params.get("Lifecycle"))
    if not lifecycle and cloud.choices.copy_without_lifecycle_follows_source:
        lifecycle = staging.lasting(point.lifecycle)
    role_arn, vault_arn = params["IamRoleArn"], found.named.arn
    job = copy_run.job_of(cloud, place, point, destination, role_arn, lifecycle, vault_arn=vault_arn)
    job.token = params.get("IdempotencyToken")
    composites.begin(cloud, place, found.place, point, job)
    return job


def _check_vault_arn(text: str) -> None:
    if not VAULT.admits(text):
        refuse(_BAD_VALUE, f"Invalid destination backup vault ARN: {text}")


@answers("DescribeCopyJob", source=_SOURCE)
def _describe(cloud: Cloud, place: Place, params: Document) -> Document:
    found = place.copy_jobs.get(params["CopyJobId"])
    if found is None or found not in known({found.id: found}, cloud.clock.now()):
        refuse("ResourceNotFoundException", f"Copy job {params['CopyJobId']} cannot be found.")
    return {"CopyJob": _shown(cloud, place, found)}


@answers("ListCopyJobs", source=_SOURCE)
def _list(cloud: Cloud, place: Place, params: Document) -> Document:
    return nesting_views.listed_jobs(
        cloud,
        place,
        "ListCopyJobs",
        params,
        lambda there: there.copy_jobs,
        _asked_for,
        member="CopyJobs",
        show=lambda there, job: _shown(cloud, there, job),
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


def _shown(cloud: Cloud, place: Place, job: CopyJob) -> Document:
    vault = copy_run.destination(cloud, job).vaults.get(Arn.parse(job.destination_vault_arn).name)
    return present(
        AccountId=place.account_id,
        CopyJobId=job.id,
        SourceBackupVaultArn=job.source_vault_arn,
        SourceRecoveryPointArn=job.source_point_arn,
        DestinationBackupVaultArn=job.destination_vault_arn,
        DestinationVaultType=vault.vault_type if vault is not None else None,
        DestinationVaultLockState=lock_state(vault),
        DestinationRecoveryPointArn=job.destination_point_arn,
        DestinationEncryptionKeyArn=(vault.key_arn or None) if vault is not None else None,
        DestinationRecoveryPointLifecycle=job.lifecycle or None,
        ResourceArn=job.resource_arn,
        CreationDate=job.created,
        CompletionDate=job.completed,
        State=job.state,
        StatusMessage=job.status_message,
        BackupSizeInBytes=job.size_bytes,
        IamRoleArn=job.role_arn,
        CreatedBy=job.created_by,
        CreatedByBackupJobId=job.backup_job_id,
        ResourceType=job.resource_type,
        **nesting_views.of_job(job.family),
        **nesting_views.tally(place.copy_jobs, job.family),
        CompositeMemberIdentifier=job.family.member if job.family is not None else None,
        ResourceName=job.resource_name,
        MessageCategory=job.message_category,
    )
