"""Copy jobs: by a rule's copy actions or on demand, to vaults of any account and Region of the same cloud.

Sources: the botocore model of StartCopyJob, and the developer guide's pages on copies and the jobs dashboard.
"""

from __future__ import annotations

from datetime import timedelta

import attrs

from backupkit.arn import Arn
from backupkit.errors import InvalidValueError
from backupkit.local.cloud import Cloud
from backupkit.local.holds import holding
from backupkit.local.jobs.records import category_fits, forget, known, present, within
from backupkit.local.kinds import kind_named, managed, shaped
from backupkit.local.operations import answers, refuse
from backupkit.local.paging import listing
from backupkit.local.points import ageing, lifecycles, shelf
from backupkit.local.state import BackupJob, CopyJob, Document, Place, Point
from backupkit.local.vaults.locking import outside

__all__ = ["follow"]

_SOURCE = "botocore model; developer guide, copying backups"
_BAD_VALUE = "InvalidParameterValueException"
_BAD_REQUEST = "InvalidRequestException"
_SOON = 60
_BYTES_PER_SECOND = 100_000_000
_OUT_OF_LOCK = (
    "Copy job failed. The retention specified in the job is not within the range specified for the target Backup Vault."
)
_NO_VAULT = "Copy job failed because the destination Backup vault {arn} does not exist."
_NOT_ACROSS = "Copy job failed. Cross-account copy feature is not enabled for the current organization."
_NO_COPIES = "Copy job failed. Copying recovery points of {kind} is not supported."


def follow(cloud: Cloud, place: Place, point: Point, action: Document, job: BackupJob) -> None:
    """Start the copy that a rule asks for once its backup is done."""
    lifecycle = ageing.kept(action.get("Lifecycle"))
    if not lifecycle and cloud.choices.copy_without_lifecycle_follows_source:
        lifecycle = dict(point.lifecycle)
    _begin(
        cloud,
        place,
        point,
        _job(cloud, place, point, action["DestinationBackupVaultArn"], job.role_arn, lifecycle, backup_job=job),
    )


def _job(
    cloud: Cloud,
    place: Place,
    point: Point,
    destination: str,
    role_arn: str,
    lifecycle: Document,
    *,
    backup_job: BackupJob | None = None,
) -> CopyJob:
    return CopyJob(
        id=cloud.new_id(),
        source_vault_arn=shelf.vault_of(place, point).arn,
        source_point_arn=point.arn,
        destination_vault_arn=destination,
        resource_arn=point.resource_arn,
        resource_type=point.resource_type,
        role_arn=role_arn,
        created=cloud.clock.now(),
        lifecycle=lifecycle,
        size_bytes=point.size_bytes,
        created_by=backup_job.created_by if backup_job is not None else None,
        backup_job_id=backup_job.id if backup_job is not None else None,
        resource_name=point.resource_name,
    )


def _begin(cloud: Cloud, place: Place, point: Point, job: CopyJob) -> None:
    forget(place, "StartCopyJob", place.copy_jobs, cloud.clock.now())
    place.copy_jobs[job.id] = job
    point.copies_running += 1
    starts = cloud.clock.now() + timedelta(seconds=round(cloud.random.random() * _SOON, 3))
    cloud.agenda.note(starts, _Start(place, job, point))


@attrs.frozen(eq=False)
class _Start:
    place: Place
    job: CopyJob
    point: Point

    def happen(self, cloud: Cloud) -> None:
        self.job.state = "RUNNING"
        message = _fault(cloud, self.place, self.job, self.point)
        if message is not None:
            _fail(cloud, self.job, self.point, message)
            return
        seconds = 60 + cloud.random.random() * 120 + self.job.size_bytes / _BYTES_PER_SECOND
        cloud.agenda.note(
            cloud.clock.now() + timedelta(seconds=round(seconds, 3)), _Finish(self.place, self.job, self.point)
        )


@attrs.frozen(eq=False)
class _Finish:
    place: Place
    job: CopyJob
    point: Point

    def happen(self, cloud: Cloud) -> None:
        message = _fault(cloud, self.place, self.job, self.point)
        if message is not None:
            _fail(cloud, self.job, self.point, message)
            return
        there = _destination(cloud, self.job)
        copy = _copied(cloud, there, self.job, self.point)
        shelf.put(there, copy)
        holding.join(cloud, there, copy)
        ageing.age(cloud, there, copy)
        self.job.destination_point_arn = copy.arn
        _end(cloud, self.job, self.point, "COMPLETED", None, "SUCCESS")


def _destination(cloud: Cloud, job: CopyJob) -> Place:
    target = Arn.parse(job.destination_vault_arn)
    return cloud.place(target.account, target.region)


def _fault(cloud: Cloud, place: Place, job: CopyJob, point: Point) -> str | None:
    """AWS's sentence where the copy cannot be; None where it can."""
    there = _destination(cloud, job)
    vault = there.vaults.get(Arn.parse(job.destination_vault_arn).name)
    if ageing.denied(cloud, place, job.role_arn):
        return ageing.ABSENT_ROLE.format(role=job.role_arn)
    if there.account_id != place.account_id and not _copies_across(cloud, place):
        return _NOT_ACROSS
    if vault is None:
        return _NO_VAULT.format(arn=job.destination_vault_arn)
    if outside(vault.lock, ageing.retention_days(job.lifecycle)):
        return _OUT_OF_LOCK
    if not copyable(point):
        return _NO_COPIES.format(kind=point.resource_type)
    return None


def _copies_across(cloud: Cloud, place: Place) -> bool:
    return cloud.account(place.account_id).global_settings.get("isCrossAccountBackupEnabled") == "true"


def copyable(point: Point) -> bool:
    """Whether points of this kind can be copied; DynamoDB needs its advanced features."""
    return kind_named(point.resource_type).copies and ":dynamodb:" not in point.arn


def _fail(cloud: Cloud, job: CopyJob, point: Point, message: str) -> None:
    _end(cloud, job, point, "FAILED", message, "MISCELLANEOUS")


def _end(cloud: Cloud, job: CopyJob, point: Point, state: str, message: str | None, category: str) -> None:
    point.copies_running -= 1
    job.state, job.status_message, job.message_category = state, message, category
    job.completed = cloud.clock.now()


def _copied(cloud: Cloud, there: Place, job: CopyJob, point: Point) -> Point:
    vault = there.vaults[Arn.parse(job.destination_vault_arn).name]
    arn = shaped(
        kind_named(point.resource_type).points,
        place=(there.partition, there.region_name, there.account_id),
        source=point.resource_arn,
        job=f"copyjob-{job.id}",
        now=cloud.clock.now(),
        bits=cloud.random.getrandbits(128),
    )
    return Point(
        arn=arn,
        vault_name=vault.name,
        resource_arn=point.resource_arn,
        resource_type=point.resource_type,
        # A copy keeps its source's creation date, and its retention counts from there.
        created=point.rolled or point.created,
        initiated=job.created,
        completed=cloud.clock.now(),
        status="COMPLETED",
        role_arn=job.role_arn,
        lifecycle=dict(job.lifecycle),
        size_bytes=point.size_bytes,
        created_by=job.created_by,
        tags=dict(point.tags),
        key_arn=vault.key_arn if managed(arn) else None,
        encrypted=point.encrypted,
        source_vault_arn=job.source_vault_arn,
        resource_name=point.resource_name,
        backup_job_id=point.backup_job_id,
        content=point.content,
        restore_metadata=dict(point.restore_metadata),
    )


@answers("StartCopyJob", source=_SOURCE)
def _start(cloud: Cloud, place: Place, params: Document) -> Document:
    token: str | None = params.get("IdempotencyToken")
    known_id = place.tokens.get(("StartCopyJob", token)) if token is not None else None
    job = place.copy_jobs[known_id] if known_id is not None else _on_demand(cloud, place, params)
    if token is not None:
        place.tokens["StartCopyJob", token] = job.id
    return {"CopyJobId": job.id, "CreationDate": job.created, "IsParent": False}


def _on_demand(cloud: Cloud, place: Place, params: Document) -> CopyJob:
    point = shelf.point_in(place, params["SourceBackupVaultName"], params["RecoveryPointArn"])
    destination: str = params["DestinationBackupVaultArn"]
    _check_vault_arn(destination)
    if point.continuous:
        refuse(_BAD_REQUEST, "Copying a continuous recovery point on demand is not supported")
    if point.storage_class == "COLD":
        refuse(_BAD_REQUEST, "A recovery point in cold storage cannot be copied")
    if point.status not in {"COMPLETED", "PARTIAL"}:
        refuse(_BAD_REQUEST, f"Recovery point {point.arn} cannot be copied while it is {point.status}")
    lifecycle = lifecycles.checked(params.get("Lifecycle"))
    if not lifecycle and cloud.choices.copy_without_lifecycle_follows_source:
        lifecycle = dict(point.lifecycle)
    job = _job(cloud, place, point, destination, params["IamRoleArn"], lifecycle)
    job.token = params.get("IdempotencyToken")
    _begin(cloud, place, point, job)
    return job


def _check_vault_arn(text: str) -> None:
    try:
        parsed = Arn.parse(text)
    except InvalidValueError:
        parsed = None
    if parsed is None or parsed.service != "backup" or not parsed.resource.startswith("backup-vault:"):
        refuse(_BAD_VALUE, f"Invalid destination backup vault ARN: {text}")


@answers("DescribeCopyJob", source=_SOURCE)
def _describe(cloud: Cloud, place: Place, params: Document) -> Document:
    found = place.copy_jobs.get(params["CopyJobId"])
    if found is None or found not in known({found.id: found}, cloud.clock.now()):
        refuse("ResourceNotFoundException", f"Copy job {params['CopyJobId']} cannot be found.")
    return {"CopyJob": _shown(cloud, place, found)}


@answers("ListCopyJobs", source=_SOURCE)
def _list(cloud: Cloud, place: Place, params: Document) -> Document:
    found = (job for job in known(place.copy_jobs, cloud.clock.now()) if _asked_for(place, job, params))
    return listing(
        cloud,
        place,
        "ListCopyJobs",
        params,
        found,
        lambda job: (-job.created.timestamp(), job.id),
        member="CopyJobs",
        show=lambda job: _shown(cloud, place, job),
    )


def _asked_for(place: Place, job: CopyJob, params: Document) -> bool:
    return (
        params.get("ByResourceArn", job.resource_arn) == job.resource_arn
        and params.get("ByState", job.state) == job.state
        and params.get("ByResourceType", job.resource_type) == job.resource_type
        and params.get("ByDestinationVaultArn", job.destination_vault_arn) == job.destination_vault_arn
        and params.get("BySourceRecoveryPointArn", job.source_point_arn) == job.source_point_arn
        and params.get("ByAccountId", "*") in {"*", place.account_id}
        and "ByParentJobId" not in params
        and category_fits(job.message_category, params.get("ByMessageCategory"))
        and within(params, "ByCreatedAfter", "ByCreatedBefore", job.created)
        and within(params, "ByCompleteAfter", "ByCompleteBefore", job.completed)
    )


def _shown(cloud: Cloud, place: Place, job: CopyJob) -> Document:
    vault = _destination(cloud, job).vaults.get(Arn.parse(job.destination_vault_arn).name)
    return present(
        AccountId=place.account_id,
        CopyJobId=job.id,
        SourceBackupVaultArn=job.source_vault_arn,
        SourceRecoveryPointArn=job.source_point_arn,
        DestinationBackupVaultArn=job.destination_vault_arn,
        DestinationVaultType=vault.vault_type if vault is not None else None,
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
        IsParent=False,
        ResourceName=job.resource_name,
        MessageCategory=job.message_category,
    )
