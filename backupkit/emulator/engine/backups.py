"""Backup jobs: started by the caller or a plan, stopped, described and listed."""

from __future__ import annotations

from datetime import timedelta

from backupkit.arn import Arn
from backupkit.emulator.engine import backup_run, follow_up
from backupkit.emulator.engine import composite_backups as composites
from backupkit.emulator.kernel.job_records import (
    category_fits,
    enter,
    forget,
    known,
    percent,
    present,
    repeated,
    within,
)
from backupkit.emulator.kernel.kinds import kind_named, type_of
from backupkit.emulator.kernel.operations import answers, refuse
from backupkit.emulator.kernel.resource_protocol import Seen, WorldError
from backupkit.emulator.kernel.simulation import Cloud
from backupkit.emulator.model import BackupJob, Document, Place, Vault
from backupkit.emulator.rules import (
    copy_constraints,
    lifecycle_checks,
    nesting,
    nesting_views,
    point_store,
)
from backupkit.emulator.rules.locks import lock_state
from backupkit.errors import InvalidValueError

__all__ = ["begin"]

_SOURCE = "botocore model; developer guide, jobs dashboard and quotas"
_START_MINUTES, _COMPLETE_MINUTES = 480, 10_080
_SHORTEST_START_MINUTES = 60
_SOON = timedelta(minutes=1)
_MAX_TAGS = 10
_ENDED = frozenset({"COMPLETED", "FAILED", "EXPIRED", "ABORTED", "PARTIAL"})
_BAD_VALUE = "InvalidParameterValueException"


def begin(cloud: Cloud, place: Place, job: BackupJob, *, soon: timedelta) -> BackupJob:
    """Record a new job and let it start at a random moment as ``soon`` as that from now."""
    enter(cloud, place.backup_jobs, job)
    if kind_named(job.resource_type).composite:
        composites.await_start(cloud, place, job, soon)
    else:
        backup_run.await_start(cloud, place, job, soon)
    if cloud.news is not None:
        cloud.news.backup_job(place, job)
    return job


@answers(
    "StartBackupJob",
    source=_SOURCE,
    lacks="every type tells its size; unencrypted database clusters, which air-gapped vaults do not take; how AWS "
    "nests nested stacks is not documented: here each is a composite in the composite",
)
def _start(cloud: Cloud, place: Place, params: Document) -> Document:
    vault = point_store.vault_called(place, params["BackupVaultName"])
    token: str | None = params.get("IdempotencyToken")
    known_job = repeated(place, "StartBackupJob", place.backup_jobs, token, cloud.clock.now())
    if known_job is not None:
        return _started(known_job)
    job = _on_demand(cloud, place, vault, params)
    forget(place, "StartBackupJob", place.backup_jobs, cloud.clock.now())
    if token is not None:
        place.tokens["StartBackupJob", token] = job.id
    return _started(begin(cloud, place, job, soon=_SOON))


def _started(job: BackupJob) -> Document:
    told = {"BackupJobId": job.id, "CreationDate": job.created, "IsParent": nesting.is_parent(job.family)}
    return present(**told, RecoveryPointArn=job.promised_arn)


def _on_demand(cloud: Cloud, place: Place, vault: Vault, params: Document) -> BackupJob:
    arn: str = params["ResourceArn"]
    seen = _resource(cloud, place, arn)
    start = _minutes(params, "StartWindowMinutes", _START_MINUTES)
    complete = _minutes(params, "CompleteWindowMinutes", _COMPLETE_MINUTES)
    now = cloud.clock.now()
    air_gapped_arn = _air_gapped(place, vault, params.get("LogicallyAirGappedBackupVaultArn"))
    job = BackupJob(
        id=cloud.new_id(),
        vault_name=vault.name,
        vault_arn=vault.arn,
        resource_arn=arn,
        resource_type=seen.resource_type,
        role_arn=params["IamRoleArn"],
        created=now,
        start_by=now + timedelta(minutes=start),
        complete_by=now + timedelta(minutes=complete),
        lifecycle=lifecycle_checks.checked(params.get("Lifecycle")),
        point_tags=_tags(params.get("RecoveryPointTags", {})),
        backup_options=dict(params.get("BackupOptions", {})),
        resource_name=seen.name,
        token=params.get("IdempotencyToken"),
        sequel=follow_up.of_call(cloud, seen.resource_type, params.get("Index")),
        air_gapped_arn=air_gapped_arn,
    )
    job.promised_arn = backup_run.promised(cloud, place, job)
    return job


def _air_gapped(place: Place, vault: Vault, arn: str | None) -> str | None:
    """The air-gapped vault that is asked for; the other one must be a standard vault."""
    if copy_constraints.is_air_gapped(vault):
        refuse(_BAD_VALUE, f"Backup vault name {vault.name} is not valid")
    if arn is None:
        return None
    name = arn.removeprefix(place.arn("backup-vault:"))
    if name == arn:
        refuse(_BAD_VALUE, f"Backup vault ARN {arn} is not valid")
    if not copy_constraints.is_air_gapped(point_store.vault_called(place, name)):
        refuse(_BAD_VALUE, f"Backup vault ARN {arn} is not valid")
    return arn


def _resource(cloud: Cloud, place: Place, arn: str) -> Seen:
    """The resource as the world shows it; a missing one still makes a job, which then fails as with AWS."""
    try:
        Arn.parse(arn)
    except InvalidValueError:
        refuse(_BAD_VALUE, f"Invalid resource ARN: {arn}")
    try:
        seen = cloud.world.find(arn, place.account_id, place.region_name)
    except WorldError:
        # What keeps the world from telling keeps it from capturing, too: the job will say so.
        seen = None
    if seen is not None:
        return seen
    resource_type = type_of(arn)
    if resource_type is None:
        refuse(_BAD_VALUE, f"Resource type of {arn} is not supported by AWS Backup")
    return Seen(arn, resource_type)


def _minutes(params: Document, name: str, default: int) -> int:
    minutes: int = params.get(name, default)
    if minutes < _SHORTEST_START_MINUTES:
        refuse(_BAD_VALUE, f"{name} cannot be less than {_SHORTEST_START_MINUTES} minutes")
    return minutes


def _tags(tags: Document) -> dict[str, str]:
    if len(tags) > _MAX_TAGS:
        refuse(_BAD_VALUE, f"A recovery point can be given at most {_MAX_TAGS} tags")
    if any(key.lower().startswith("aws:") for key in tags):
        refuse(_BAD_VALUE, "Tag keys cannot begin with aws:")
    return dict(tags)


@answers("StopBackupJob", source=_SOURCE)
def _stop(cloud: Cloud, place: Place, params: Document) -> Document:
    job = _job(cloud, place, params)
    if not kind_named(job.resource_type).stoppable:
        refuse("InvalidRequestException", f"Stopping backup jobs of {job.resource_type} is not supported")
    if job.state in _ENDED:
        refuse("InvalidRequestException", f"Backup job {job.id} has already ended: {job.state}")
    if job.state != "ABORTING":
        composites.abort(cloud, place, job)
    return {}


@answers("DescribeBackupJob", source=_SOURCE)
def _describe(cloud: Cloud, place: Place, params: Document) -> Document:
    job = _job(cloud, place, params)
    return {**_shown(cloud, place, job), **nesting_views.tally(place.backup_jobs, job.family)}


def _job(cloud: Cloud, place: Place, params: Document) -> BackupJob:
    found = place.backup_jobs.get(params["BackupJobId"])
    if found is None or found not in known({found.id: found}, cloud.clock.now()):
        refuse("ResourceNotFoundException", f"Backup job {params['BackupJobId']} cannot be found.")
    return found


@answers("ListBackupJobs", source=_SOURCE)
def _list(cloud: Cloud, place: Place, params: Document) -> Document:
    return nesting_views.listed_jobs(
        cloud,
        place,
        "ListBackupJobs",
        params,
        lambda there: there.backup_jobs,
        _asked_for,
        member="BackupJobs",
        show=lambda there, job: _shown(cloud, there, job),
    )


def _asked_for(job: BackupJob, params: Document) -> bool:
    return (
        params.get("ByResourceArn", job.resource_arn) == job.resource_arn
        and params.get("ByState", job.state) == job.state
        and params.get("ByBackupVaultName", job.vault_name) == job.vault_name
        and params.get("ByResourceType", job.resource_type) == job.resource_type
        and category_fits(job.message_category, params.get("ByMessageCategory"))
        and within(params, "ByCreatedAfter", "ByCreatedBefore", job.created)
        and within(params, "ByCompleteAfter", "ByCompleteBefore", job.completed)
    )


def _done(cloud: Cloud, job: BackupJob) -> float:
    if job.state != "RUNNING" or job.started is None or job.expected is None:
        return job.percent_done
    whole = (job.expected - job.started).total_seconds()
    gone = (cloud.clock.now() - job.started).total_seconds()
    return min(99.0, 100.0 * gone / whole) if whole > 0 else 0.0


def _shown(cloud: Cloud, place: Place, job: BackupJob) -> Document:
    vault = place.vaults.get(job.vault_name)
    done = _done(cloud, job)
    return present(
        AccountId=place.account_id,
        BackupJobId=job.id,
        BackupVaultName=job.vault_name,
        BackupVaultArn=job.vault_arn,
        VaultType=vault.vault_type if vault is not None else None,
        VaultLockState=lock_state(vault),
        RecoveryPointArn=job.point_arn,
        RecoveryPointLifecycle=job.lifecycle or None,
        EncryptionKeyArn=job.key_arn or None,
        IsEncrypted=True if job.initiated is not None else None,
        ResourceArn=job.resource_arn,
        CreationDate=job.created,
        CompletionDate=job.completed,
        State=job.state,
        StatusMessage=job.status_message,
        PercentDone=percent(done),
        BackupSizeInBytes=job.size_bytes,
        IamRoleArn=job.role_arn,
        CreatedBy=job.created_by,
        ExpectedCompletionDate=job.expected if job.completed is None else None,
        StartBy=job.start_by,
        ResourceType=job.resource_type,
        BytesTransferred=int(job.size_bytes * done / 100),
        BackupOptions=job.backup_options or None,
        **nesting_views.of_job(job.family),
        ResourceName=job.resource_name,
        InitiationDate=job.initiated,
        MessageCategory=job.message_category,
    )
