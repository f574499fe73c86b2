"""Backup jobs: started by the caller or a plan, and stopped; those of stacks and clusters with a job for each part.

Sources: the developer guide's pages on CloudFormation stack backups and on EKS backups, and the botocore model of
BackupJob.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from backupkit.arn import Arn
from backupkit.emulator.engine import backup_run, copies, follow_up
from backupkit.emulator.kernel.agenda import ScheduledEvent
from backupkit.emulator.kernel.job_records import BACKUP_JOBS
from backupkit.emulator.kernel.kinds import kind_named, type_of
from backupkit.emulator.kernel.operations import operation, raise_invalid_request, raise_invalid_value
from backupkit.emulator.kernel.resource_protocol import Captured, ResourceInfo, WorldError
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import BackupJob, Document, Family, Point, RegionScope, Vault
from backupkit.emulator.rules import copy_constraints, lifecycle, nesting, point_store, tags
from backupkit.emulator.rules.lifecycle import checked_lifecycle
from backupkit.emulator.rules.nesting import members_of
from backupkit.errors import InvalidValueError

__all__ = ["begin"]

# ---- Composites: a parent job starts a job for each part, and ends when they have all ended ----


_SOON = timedelta(minutes=1)
_START = timedelta(hours=1)
_GOOD = frozenset({"COMPLETED", "PARTIAL"})
_LOST = "One or more resources of {arn} were not backed up."
_STOPPED = "Backup job was stopped by user."


def await_composite_start(simulation: Simulation, scope: RegionScope, job: BackupJob, within: timedelta) -> None:
    """Let a new job for a stack or cluster start at a random moment ``within`` from now, and in its start window."""
    job.family = job.family or Family()
    job.family.children = []
    latest = min(within, job.start_by - job.created).total_seconds()
    starts = job.created + timedelta(seconds=round(simulation.random.random() * latest, 3))
    simulation.agenda.schedule(starts, _StartParts(scope, job))


def abort_composite(simulation: Simulation, scope: RegionScope, job: BackupJob) -> None:
    """Stop a parent job: every child that can be stopped is, and then the parent ends."""
    going = [child for child in nesting.child_jobs(scope.backup_jobs, job.family) if child.completed is None]
    if not going:
        backup_run.abort(simulation, scope, job)
        return
    job.state = "ABORTING"
    for child in going:
        if child.state == "ABORTING" or not kind_named(child.resource_type).stoppable:
            continue
        if child.family is not None and child.family.children:
            abort_composite(simulation, scope, child)
        else:
            backup_run.abort(simulation, scope, child)


class _StartParts(ScheduledEvent):
    scope: RegionScope
    job: BackupJob

    def happen(self, simulation: Simulation) -> None:
        air_gapped_arn = self.job.air_gapped_arn if simulation.choices.composite_members_air_gapped else None
        found = backup_run.opened(simulation, self.scope, self.job, self)
        if found is not None:
            _divide(simulation, self.scope, self.job, *found, air_gapped_arn)


def _divide(
    simulation: Simulation,
    scope: RegionScope,
    job: BackupJob,
    vault: Vault,
    taken: Captured,
    air_gapped_arn: str | None,
) -> None:
    """Start a job for each part of the composite."""
    now = simulation.clock.now()
    job.state, job.initiated, job.started, job.key_arn = "RUNNING", now, now, vault.key_arn
    scope.running[job.resource_arn] = job.id
    point = _composite(simulation, scope, job, vault)
    job.point_arn = point.arn
    family = job.family or Family()
    found = members_of(simulation, scope, job)
    family.incomplete = found.incomplete
    family.children = []
    for child in _parts(simulation, scope, job, found.taken, taken.tags):
        child.air_gapped_arn = air_gapped_arn if nesting.is_member(child.family) else None
        family.children.append(child.id)
        BACKUP_JOBS.enter(simulation, scope, child)
        begins = await_composite_start if _is_composite(child) else backup_run.await_start
        begins(simulation, scope, child, _SOON)
        simulation.bus.backup_job_changed(scope, child)
    simulation.bus.backup_job_changed(scope, job)


def _is_composite(job: BackupJob) -> bool:
    return kind_named(job.resource_type).composite and not nesting.part(job.family)


def _composite(simulation: Simulation, scope: RegionScope, job: BackupJob, vault: Vault) -> Point:
    """The composite itself, which holds no content; its resource's tags are not copied to it."""
    point = Point(
        arn=point_store.new_arn(
            simulation, scope, kind_named(job.resource_type).points, job.resource_arn, f"job-{job.id}"
        ),
        vault_name=vault.name,
        resource_arn=job.resource_arn,
        resource_type=job.resource_type,
        created=job.created,
        initiated=job.initiated,
        role_arn=job.role_arn,
        lifecycle=job.lifecycle,
        created_by=job.created_by,
        key_arn=vault.key_arn,
        resource_name=job.resource_name,
        backup_job_id=job.id,
        tags=dict(job.point_tags),
        family=Family(children=[]),
    )
    nesting.attach(scope, point, job)
    point_store.add(simulation, scope, point)
    simulation.bus.point_made(scope, point)
    return point


def _parts(
    simulation: Simulation,
    scope: RegionScope,
    job: BackupJob,
    members: Mapping[str, ResourceInfo],
    tags: Mapping[str, str],
) -> Iterator[BackupJob]:
    """A job for what is of the resource itself, and one for each member; a stack's tags go to all of them."""
    passed = tags if job.resource_type == "CloudFormation" else {}
    own = ResourceInfo(job.resource_arn, job.resource_type, name=job.resource_name)
    yield _child(simulation, scope, job, None, own, passed)
    for name, seen in members.items():
        yield _child(simulation, scope, job, name, seen, passed)


def _child(
    simulation: Simulation,
    scope: RegionScope,
    job: BackupJob,
    member: str | None,
    seen: ResourceInfo,
    tags: Mapping[str, str],
) -> BackupJob:
    now = simulation.clock.now()
    passed = {key: value for key, value in tags.items() if not key.startswith("aws:")}
    return BackupJob(
        id=simulation.new_id(),
        vault_name=job.vault_name,
        vault_arn=job.vault_arn,
        resource_arn=seen.arn,
        resource_type=seen.resource_type,
        role_arn=job.role_arn,
        created=now,
        start_by=max(job.start_by, now + _START),
        complete_by=job.complete_by,
        lifecycle=job.lifecycle,
        created_by=job.created_by,
        point_tags={**passed, **job.point_tags},
        backup_options=job.backup_options,
        resource_name=seen.name,
        follow_up=job.follow_up if simulation.choices.nested_points_followed else None,
        family=Family(parent=job.id, member=member, when_ended=_PartEnded(scope, job)),
    )


class _PartEnded(ScheduledEvent):
    """A child job has ended."""

    scope: RegionScope
    job: BackupJob

    def happen(self, simulation: Simulation) -> None:
        if self.job.completed is not None:
            return
        children = nesting.child_jobs(self.scope.backup_jobs, self.job.family)
        if all(child.completed is not None for child in children):
            _close(simulation, self.scope, self.job, children)
        else:
            self.scope.running.setdefault(self.job.resource_arn, self.job.id)


def _close(simulation: Simulation, scope: RegionScope, job: BackupJob, children: list[BackupJob]) -> None:
    """End the parent as its children ended."""
    point = point_store.point_called(scope, job.point_arn or "")
    good = [child for child in children if child.state in _GOOD]
    if point is None or not good:
        _fail(simulation, scope, job, children)
        return
    whole = all(child.state == "COMPLETED" for child in children) and not (job.family and job.family.incomplete)
    state = "COMPLETED" if whole else "PARTIAL"
    job.size_bytes = point.size_bytes = sum(child.size_bytes for child in good)
    job.percent_done, job.bytes_transferred = 100.0, job.size_bytes
    point.status, point.completed = state, simulation.clock.now()
    message = job.status_message if whole else _LOST.format(arn=job.resource_arn)
    point.status_message = None if whole else message
    nesting.adopt(scope, point, [child.point_arn for child in good if child.point_arn is not None])
    lifecycle.age(simulation, scope, point)
    backup_run.end(
        simulation, scope, job, state, message, job.message_category or "SUCCESS" if whole else "MISCELLANEOUS"
    )
    simulation.bus.point_changed(scope, point)
    for action in job.copy_actions:
        copies.follow_composite(simulation, scope, point, action, job)


def _fail(simulation: Simulation, scope: RegionScope, job: BackupJob, children: list[BackupJob]) -> None:
    point = point_store.point_called(scope, job.point_arn or "")
    if point is not None:
        point_store.remove(scope, point)
    job.point_arn = None
    if job.state == "ABORTING":
        backup_run.end(simulation, scope, job, "ABORTED", _STOPPED, "MISCELLANEOUS")
        return
    explained = next((child for child in children if child.status_message is not None), None)
    message = explained.status_message if explained is not None else _LOST.format(arn=job.resource_arn)
    category = (explained.message_category if explained is not None else None) or "MISCELLANEOUS"
    backup_run.end(simulation, scope, job, "FAILED", message, category)


# ---- Operations ----


_SOURCE = "botocore model; developer guide, jobs dashboard and quotas"
_START_MINUTES, _COMPLETE_MINUTES = 480, 10_080
_SHORTEST_START_MINUTES = 60
_MAX_TAGS = 10
_ENDED = frozenset({"COMPLETED", "FAILED", "EXPIRED", "ABORTED", "PARTIAL"})


def begin(simulation: Simulation, scope: RegionScope, job: BackupJob, *, soon: timedelta) -> BackupJob:
    """Record a new job and let it start at a random moment as ``soon`` as that from now."""
    BACKUP_JOBS.enter(simulation, scope, job)
    if kind_named(job.resource_type).composite:
        await_composite_start(simulation, scope, job, soon)
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
    answer = {"BackupJobId": job.id, "CreationDate": job.created, "IsParent": nesting.is_parent(job.family)}
    return {**answer, "RecoveryPointArn": job.promised_arn}


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
        raise_invalid_value(f"Backup vault name {vault.name} is not valid")
    if arn is None:
        return None
    name = arn.removeprefix(scope.arn("backup-vault:"))
    if name == arn:
        raise_invalid_value(f"Backup vault ARN {arn} is not valid")
    if not copy_constraints.is_air_gapped(point_store.vault_called(scope, name)):
        raise_invalid_value(f"Backup vault ARN {arn} is not valid")
    return arn


def _resource(simulation: Simulation, scope: RegionScope, arn: str) -> ResourceInfo:
    """The resource as the world shows it; a missing one still makes a job, which then fails as with AWS."""
    try:
        Arn.parse(arn)
    except InvalidValueError:
        raise_invalid_value(f"Invalid resource ARN: {arn}")
    try:
        seen = simulation.world.find(arn, scope.account_id, scope.region_name)
    except WorldError:
        # What keeps the world from telling keeps it from capturing, too: the job will say so.
        seen = None
    if seen is not None:
        return seen
    resource_type = type_of(arn)
    if resource_type is None:
        raise_invalid_value(f"Resource type of {arn} is not supported by AWS Backup")
    return ResourceInfo(arn, resource_type)


def _minutes(params: Document, name: str, default: int) -> int:
    minutes: int = params.get(name, default)
    if minutes < _SHORTEST_START_MINUTES:
        raise_invalid_value(f"{name} cannot be less than {_SHORTEST_START_MINUTES} minutes")
    return minutes


def _tags(given: Document) -> dict[str, str]:
    if len(given) > _MAX_TAGS:
        raise_invalid_value(f"A recovery point can be given at most {_MAX_TAGS} tags")
    tags.check(given)
    return dict(given)


@operation("StopBackupJob", source=_SOURCE)
def _stop(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    job = BACKUP_JOBS.called(scope, params["BackupJobId"], simulation.clock.now())
    if not kind_named(job.resource_type).stoppable:
        raise_invalid_request(f"Stopping backup jobs of {job.resource_type} is not supported")
    if job.state in _ENDED:
        raise_invalid_request(f"Backup job {job.id} has already ended: {job.state}")
    if job.state != "ABORTING":
        abort_composite(simulation, scope, job)
    return {}
