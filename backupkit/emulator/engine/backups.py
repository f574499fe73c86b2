"""Backup jobs: started by the caller or a plan, and stopped."""

from __future__ import annotations

from datetime import timedelta

from backupkit.arn import Arn
from backupkit.emulator.engine import backup_run, follow_up
from backupkit.emulator.engine import composite_backups as composites
from backupkit.emulator.kernel.job_records import BACKUP_JOBS
from backupkit.emulator.kernel.kinds import kind_named, type_of
from backupkit.emulator.kernel.operations import operation, raise_api_error
from backupkit.emulator.kernel.resource_protocol import ResourceInfo, WorldError
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import BackupJob, Document, RegionScope, Vault
from backupkit.emulator.rules import copy_constraints, nesting, point_store
from backupkit.emulator.rules.lifecycle import checked_lifecycle
from backupkit.errors import InvalidValueError

__all__ = ["begin"]

_SOURCE = "botocore model; developer guide, jobs dashboard and quotas"
_START_MINUTES, _COMPLETE_MINUTES = 480, 10_080
_SHORTEST_START_MINUTES = 60
_SOON = timedelta(minutes=1)
_MAX_TAGS = 10
_ENDED = frozenset({"COMPLETED", "FAILED", "EXPIRED", "ABORTED", "PARTIAL"})
_BAD_VALUE = "InvalidParameterValueException"


def begin(simulation: Simulation, scope: RegionScope, job: BackupJob, *, soon: timedelta) -> BackupJob:
    """Record a new job and let it start at a random moment as ``soon`` as that from now."""
    BACKUP_JOBS.enter(simulation, scope, job)
    if kind_named(job.resource_type).composite:
        composites.await_start(simulation, scope, job, soon)
    else:
        backup_run.await_start(simulation, scope, job, soon)
    simulation.bus.backup_job_changed.tell(scope, job)
    return job


@operation(
    "StartBackupJob",
    source=_SOURCE,
    missing="every type tells its size; unencrypted database clusters, which air-gapped vaults do not take; how AWS "
    "nests nested stacks is not documented: here each is a composite in the composite",
)
def _start(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    vault = point_store.vault_called(scope, params["BackupVaultName"])
    token: str | None = params.get("IdempotencyToken")
    known_job = BACKUP_JOBS.repeated(scope, token, simulation.clock.now())
    if known_job is not None:
        return _started(known_job)
    job = _on_demand(simulation, scope, vault, params)
    BACKUP_JOBS.forget(scope, simulation.clock.now())
    BACKUP_JOBS.remember(scope, token, job)
    return _started(begin(simulation, scope, job, soon=_SOON))


def _started(job: BackupJob) -> Document:
    told = {"BackupJobId": job.id, "CreationDate": job.created, "IsParent": nesting.is_parent(job.family)}
    return {**told, "RecoveryPointArn": job.promised_arn}


def _on_demand(simulation: Simulation, scope: RegionScope, vault: Vault, params: Document) -> BackupJob:
    arn: str = params["ResourceArn"]
    seen = _resource(simulation, scope, arn)
    start = _minutes(params, "StartWindowMinutes", _START_MINUTES)
    complete = _minutes(params, "CompleteWindowMinutes", _COMPLETE_MINUTES)
    now = simulation.clock.now()
    air_gapped_arn = _air_gapped(scope, vault, params.get("LogicallyAirGappedBackupVaultArn"))
    job = BackupJob(
        id=simulation.new_id(),
        vault_name=vault.name,
        vault_arn=vault.arn,
        resource_arn=arn,
        resource_type=seen.resource_type,
        role_arn=params["IamRoleArn"],
        created=now,
        start_by=now + timedelta(minutes=start),
        complete_by=now + timedelta(minutes=complete),
        lifecycle=checked_lifecycle(params.get("Lifecycle")),
        point_tags=_tags(params.get("RecoveryPointTags", {})),
        backup_options=dict(params.get("BackupOptions", {})),
        resource_name=seen.name,
        token=params.get("IdempotencyToken"),
        follow_up=follow_up.of_call(simulation, seen.resource_type, params.get("Index")),
        air_gapped_arn=air_gapped_arn,
    )
    job.promised_arn = backup_run.promised(simulation, scope, job)
    return job


def _air_gapped(scope: RegionScope, vault: Vault, arn: str | None) -> str | None:
    """The air-gapped vault that is asked for; the other one must be a standard vault."""
    if copy_constraints.is_air_gapped(vault):
        raise_api_error(_BAD_VALUE, f"Backup vault name {vault.name} is not valid")
    if arn is None:
        return None
    name = arn.removeprefix(scope.arn("backup-vault:"))
    if name == arn:
        raise_api_error(_BAD_VALUE, f"Backup vault ARN {arn} is not valid")
    if not copy_constraints.is_air_gapped(point_store.vault_called(scope, name)):
        raise_api_error(_BAD_VALUE, f"Backup vault ARN {arn} is not valid")
    return arn


def _resource(simulation: Simulation, scope: RegionScope, arn: str) -> ResourceInfo:
    """The resource as the world shows it; a missing one still makes a job, which then fails as with AWS."""
    try:
        Arn.parse(arn)
    except InvalidValueError:
        raise_api_error(_BAD_VALUE, f"Invalid resource ARN: {arn}")
    try:
        seen = simulation.world.find(arn, scope.account_id, scope.region_name)
    except WorldError:
        # What keeps the world from telling keeps it from capturing, too: the job will say so.
        seen = None
    if seen is not None:
        return seen
    resource_type = type_of(arn)
    if resource_type is None:
        raise_api_error(_BAD_VALUE, f"Resource type of {arn} is not supported by AWS Backup")
    return ResourceInfo(arn, resource_type)


def _minutes(params: Document, name: str, default: int) -> int:
    minutes: int = params.get(name, default)
    if minutes < _SHORTEST_START_MINUTES:
        raise_api_error(_BAD_VALUE, f"{name} cannot be less than {_SHORTEST_START_MINUTES} minutes")
    return minutes


def _tags(tags: Document) -> dict[str, str]:
    if len(tags) > _MAX_TAGS:
        raise_api_error(_BAD_VALUE, f"A recovery point can be given at most {_MAX_TAGS} tags")
    if any(key.lower().startswith("aws:") for key in tags):
        raise_api_error(_BAD_VALUE, "Tag keys cannot begin with aws:")
    return dict(tags)


@operation("StopBackupJob", source=_SOURCE)
def _stop(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    job = BACKUP_JOBS.called(scope, params["BackupJobId"], simulation.clock.now())
    if not kind_named(job.resource_type).stoppable:
        raise_api_error("InvalidRequestException", f"Stopping backup jobs of {job.resource_type} is not supported")
    if job.state in _ENDED:
        raise_api_error("InvalidRequestException", f"Backup job {job.id} has already ended: {job.state}")
    if job.state != "ABORTING":
        composites.abort(simulation, scope, job)
    return {}
