"""How a backup job runs: it starts in its window, captures the resource, and ends in a point or in AWS's own sentence.

Sources of the sentences: the developer guide's pages on the jobs dashboard, EventBridge and quotas.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import attrs
from msgspec.structs import replace

from backupkit.catalog.dynamodb import BASIC_POINT
from backupkit.emulator.engine import continuous, direct_backup
from backupkit.emulator.faults import outages
from backupkit.emulator.kernel.agenda import Event, ScheduledEvent
from backupkit.emulator.kernel.kinds import format_arn, kind_named, managed
from backupkit.emulator.kernel.plain_values import cleaned
from backupkit.emulator.kernel.resource_protocol import Captured, WorldError
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import BackupJob, Point, RegionScope, Vault
from backupkit.emulator.resources.resource import SyntheticContent
from backupkit.emulator.rules import lifecycle, nesting, point_store
from backupkit.emulator.rules.lifecycle import outside_lock

__all__ = ["abort", "await_start", "duration", "end", "opened", "promised"]

_RETRY = timedelta(minutes=10)
_BYTES_PER_SECOND = 150_000_000
_MAX_POINT_TAGS = 50
_TAGS_TOO_MANY = "The resultant tag set must not have more than 50 user tags."
_BUSY = "Backup job failed because there was a running job for the same resource."
_NO_VAULT = "Backup job failed because backup vault {arn} does not exist."
_OUT_OF_LOCK = "Backup job failed because the lifecycle is outside the valid range for backup vault."
_TOO_LATE = "Backup job expired before completion."
_ABORT_TIME = timedelta(seconds=20)


def duration(simulation: Simulation, size_bytes: int) -> timedelta:
    """How long a job over so many bytes takes: one to three minutes, and a second for every 150 MB."""
    return timedelta(0, 60 + simulation.random.random() * 120 + size_bytes / _BYTES_PER_SECOND)


def await_start(simulation: Simulation, scope: RegionScope, job: BackupJob, within: timedelta) -> None:
    """Let a new job start at a random moment ``within`` from now; no start window is shorter than an hour."""
    seconds = simulation.random.random() * within.total_seconds()
    simulation.agenda.schedule(job.created + timedelta(0, seconds), _StartBackup(scope, job))


def abort(simulation: Simulation, scope: RegionScope, job: BackupJob) -> None:
    """Stop a job that has not ended: ABORTING now, ABORTED soon, without a point."""
    job.state = "ABORTING"
    simulation.agenda.schedule(simulation.clock.now() + _ABORT_TIME, _Abort(scope, job))


@attrs.frozen
class _Stopped(Exception):  # noqa: N818 - how a job ends, never seen by a caller
    message: str
    category: str = "MISCELLANEOUS"


def end(
    simulation: Simulation, scope: RegionScope, job: BackupJob, state: str, message: str | None, category: str
) -> None:
    """Let a job end, now."""
    job.state, job.status_message, job.message_category = state, message, category
    job.completed = simulation.clock.moment
    if scope.running.get(job.resource_arn) == job.id:
        del scope.running[job.resource_arn]
    simulation.bus.backup_job_ended.tell(scope, job)


def _checked(simulation: Simulation, scope: RegionScope, job: BackupJob) -> Vault:
    """The vault, where nothing speaks against the job."""
    if lifecycle.denied(simulation, scope, job.role_arn):
        raise _Stopped(lifecycle.ABSENT_ROLE.format(role=job.role_arn), "AccessDenied")
    if job.air_gapped_arn is not None and (message := direct_backup.aim(scope, job)) is not None:
        raise _Stopped(message)
    vault = scope.vaults.get(job.vault_name)
    # A restore access vault holds nothing itself.
    if vault is None or vault.sharing.source_arn is not None:
        raise _Stopped(_NO_VAULT.format(arn=job.vault_arn))
    if vault.lock is not None and outside_lock(vault.lock, lifecycle.retention_days(job.lifecycle)):
        raise _Stopped(_OUT_OF_LOCK, "InvalidParameters")
    if job.resource_arn in scope.running and not _within(scope, job):
        raise _Stopped(_BUSY)
    down = outages.failure(simulation, "backup", job.resource_type) if simulation.faults is not None else None
    if down is not None:
        raise _Stopped(down)
    return vault


def _within(scope: RegionScope, job: BackupJob) -> bool:
    """Whether what runs for the resource is the composite that this job is part of."""
    return job.family is not None and scope.running[job.resource_arn] == job.family.parent


def _captured(simulation: Simulation, scope: RegionScope, job: BackupJob) -> Captured:
    try:
        taken = simulation.world.capture(job.resource_arn, scope.account_id, scope.region_name, simulation.clock.moment)
    except WorldError as error:
        raise _Stopped(str(error)) from error
    # What synthetic resources hold was made plain text when it came in; another world tells what it likes.
    if not isinstance(taken.content, SyntheticContent):
        taken = _in_plain_text(taken)
    if job.point_tags and len(taken.tags.keys() | job.point_tags.keys()) > _MAX_POINT_TAGS:
        raise _Stopped(_TAGS_TOO_MANY, "InvalidParameters")
    return taken


def _in_plain_text(taken: Captured) -> Captured:
    tags, metadata = cleaned(taken.tags), cleaned(taken.restore_metadata)
    if tags is taken.tags and metadata is taken.restore_metadata:
        return taken
    return replace(taken, tags=tags, restore_metadata=metadata)


class _StartBackup(ScheduledEvent):
    scope: RegionScope
    job: BackupJob

    def happen(self, simulation: Simulation) -> None:
        found = opened(simulation, self.scope, self.job, self)
        if found is not None:
            _run(simulation, self.scope, self.job, *found)


def opened(simulation: Simulation, scope: RegionScope, job: BackupJob, start: Event) -> tuple[Vault, Captured] | None:
    """What a job that can start now starts with; where it cannot, it waits for ``start`` again, or ends."""
    if job.state != "CREATED":
        return None
    outage = simulation.faults is not None and outages.holds_up(simulation, "backup", job.resource_type)
    if outage or job.resource_arn in scope.blocked_backups:
        _wait(simulation, scope, job, start)
        return None
    try:
        vault, taken = _checked(simulation, scope, job), _captured(simulation, scope, job)
    except _Stopped as stopped:
        end(simulation, scope, job, "FAILED", stopped.message, stopped.category)
        return None
    if job.air_gapped_arn is not None:
        direct_backup.pass_through(job, taken)
    return vault, taken


def _wait(simulation: Simulation, scope: RegionScope, job: BackupJob, start: Event) -> None:
    now = simulation.clock.now()
    if now >= job.start_by:
        end(simulation, scope, job, "EXPIRED", _TOO_LATE, "MISCELLANEOUS")
    else:
        simulation.agenda.schedule(min(now + _RETRY, job.start_by), start)


def _run(simulation: Simulation, scope: RegionScope, job: BackupJob, vault: Vault, taken: Captured) -> None:
    now = simulation.clock.moment
    job.state, job.initiated, job.started, job.size_bytes = "RUNNING", now, now, taken.size_bytes
    job.key_arn = vault.key_arn
    scope.running[job.resource_arn] = job.id
    point = (continuous.rolling(simulation, scope, job) if job.continuous else None) or _new_point(
        simulation, scope, job, vault, taken
    )
    job.point_arn = point.arn
    ends = job.expected = now + duration(simulation, taken.size_bytes)
    if ends > job.complete_by and kind_named(job.resource_type).completion_window:
        simulation.agenda.schedule(max(job.complete_by, now), _Overrun(scope, job, point))
    else:
        simulation.agenda.schedule(ends, _FinishBackup(scope, job, point, taken))
    simulation.bus.backup_job_changed.tell(scope, job)


def _new_point(simulation: Simulation, scope: RegionScope, job: BackupJob, vault: Vault, taken: Captured) -> Point:
    arn = job.promised_arn or _point_arn(simulation, scope, job)
    own = managed(arn)
    # The first seven by their places: with names for all, making it takes three times as long.
    point = Point(
        arn,
        vault.name,
        job.resource_arn,
        job.resource_type,
        job.created,
        job.role_arn,
        job.lifecycle,
        size_bytes=taken.size_bytes,
        created_by=job.created_by,
        tags=_tags(job, taken),
        key_arn=vault.key_arn if own else taken.key_arn,
        encrypted=own or _encrypted(taken),
        resource_name=job.resource_name,
        backup_job_id=job.id,
        continuous=job.continuous,
        content=taken.content,
        restore_metadata=taken.restore_metadata,
        initiated=job.initiated,
    )
    if job.family is not None:
        nesting.attach(scope, point, job)
    point_store.add(simulation, scope, point)
    simulation.bus.point_made.tell(scope, point)
    return point


def _encrypted(taken: Captured) -> bool:
    """Whether a point that its own service keeps is encrypted: as its resource is, and most are where nothing tells."""
    return taken.key_arn is not None or taken.restore_metadata.get("encrypted") != "false"


def _tags(job: BackupJob, taken: Captured) -> Mapping[str, str]:
    """The tags of a job's point: the plan's win over those of the resource, and AWS never copies its own."""
    if not job.point_tags and "aws:" not in "".join(taken.tags):
        return taken.tags
    own = {key: value for key, value in taken.tags.items() if not key.startswith("aws:")}
    return {**own, **job.point_tags}


def _refill(point: Point, job: BackupJob, taken: Captured) -> None:
    point.content, point.size_bytes = taken.content, taken.size_bytes
    point.tags, point.restore_metadata = _tags(job, taken), taken.restore_metadata


def promised(simulation: Simulation, scope: RegionScope, job: BackupJob) -> str | None:
    """The ARN that AWS tells before the job has run (botocore model, StartBackupJobOutput)."""
    tells = job.resource_type == "EFS" or (job.resource_type == "DynamoDB" and scope.management.get("DynamoDB", False))
    return _point_arn(simulation, scope, job) if tells else None


def _point_arn(simulation: Simulation, scope: RegionScope, job: BackupJob) -> str:
    kind = kind_named(job.resource_type)
    shape = kind.point_shape(job.resource_arn)
    if job.continuous and kind.continuous_points is not None:
        shape = kind.continuous_points
    elif job.resource_type == "DynamoDB" and not scope.management.get("DynamoDB", False):
        shape = BASIC_POINT
    if job.family is not None:
        own = nesting.STATE_POINT if job.resource_type == "EKS" else shape
        return point_store.new_arn(simulation, scope, own, job.resource_arn, f"job-{job.id}")
    return format_arn(
        shape,
        scope=scope.address,
        source=job.resource_arn,
        job=f"job-{job.id}",
        now=simulation.clock.moment,
        bits=simulation.random.getrandbits(128),
    )


class _FinishBackup(ScheduledEvent):
    scope: RegionScope
    job: BackupJob
    point: Point
    taken: Captured

    def happen(self, simulation: Simulation) -> None:
        scope, job, point, now = self.scope, self.job, self.point, simulation.clock.moment
        if job.state != "RUNNING":
            return
        job.percent_done, job.bytes_transferred = 100.0, job.size_bytes
        end(simulation, scope, job, "COMPLETED", job.status_message, job.message_category or "SUCCESS")
        point.completed = now
        point.status = "AVAILABLE" if point.continuous else "COMPLETED"
        if point.rolled is None:
            simulation.bus.point_changed.tell(scope, point)
        if point.continuous and continuous.roll(point, job, self.taken):
            _refill(point, job, self.taken)
        lifecycle.age(simulation, scope, point)
        simulation.bus.backup_completed.tell(scope, job, point)


class _Overrun(ScheduledEvent):
    scope: RegionScope
    job: BackupJob
    point: Point

    def happen(self, simulation: Simulation) -> None:
        if self.job.state == "RUNNING":
            _discard(self.scope, self.job)
            end(simulation, self.scope, self.job, "EXPIRED", _TOO_LATE, "MISCELLANEOUS")


class _Abort(ScheduledEvent):
    scope: RegionScope
    job: BackupJob

    def happen(self, simulation: Simulation) -> None:
        _discard(self.scope, self.job)
        end(simulation, self.scope, self.job, "ABORTED", "Backup job was stopped by user.", "MISCELLANEOUS")


def _discard(scope: RegionScope, job: BackupJob) -> None:
    """Take back the point of a job that does not end well; a continuous point from before stays."""
    vault = scope.vaults.get(job.vault_name)
    point = vault.points.get(job.point_arn) if vault is not None and job.point_arn is not None else None
    if point is not None and point.status == "CREATING":
        point_store.remove(scope, point)
    job.point_arn = None
