"""How a backup job runs: it starts in its window, captures the resource, and ends in a point or in AWS's own sentence.

Sources of the sentences: the developer guide's pages on the jobs dashboard, EventBridge and quotas.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

from backupkit.catalog.dynamodb import BASIC_POINT
from backupkit.local.cloud import Cloud
from backupkit.local.holds import holding
from backupkit.local.jobs import copies
from backupkit.local.kinds import kind_named, managed, shaped
from backupkit.local.points import ageing, shelf
from backupkit.local.state import BackupJob, Place, Point, Vault
from backupkit.local.vaults.locking import outside
from backupkit.local.world import Captured, WorldError

__all__ = ["abort", "await_start", "duration", "moment_of", "promised"]

_RETRY = timedelta(minutes=10)
_BYTES_PER_SECOND = 150_000_000
_MAX_POINT_TAGS = 50
_TAGS_TOO_MANY = "The resultant tag set must not have more than 50 user tags."
_BUSY = "Backup job failed because there was a running job for the same resource."
_NO_VAULT = "Backup job failed because backup vault {arn} does not exist."
_OUT_OF_LOCK = "Backup job failed because the lifecycle is outside the valid range for backup vault."
_TOO_LATE = "Backup job expired before completion."
_PITR_TAKEN = "Enabling continuous backup failed. PITR already configured in backup plan: [{arn}]"
_ABORT_TIME = timedelta(seconds=20)


def duration(cloud: Cloud, size_bytes: int) -> timedelta:
    """How long a job over so many bytes takes: one to three minutes, and a second for every 150 MB."""
    return timedelta(seconds=round(60 + cloud.random.random() * 120 + size_bytes / _BYTES_PER_SECOND, 3))


def await_start(cloud: Cloud, place: Place, job: BackupJob, within: timedelta) -> None:
    """Let a new job start at a random moment ``within`` from now, and in its start window."""
    latest = min(within, job.start_by - job.created)
    cloud.agenda.note(job.created + round(cloud.random.random(), 4) * latest, _Start(place, job))


def abort(cloud: Cloud, place: Place, job: BackupJob) -> None:
    """Stop a job that has not ended: ABORTING now, ABORTED soon, without a point."""
    job.state = "ABORTING"
    cloud.agenda.note(cloud.clock.now() + _ABORT_TIME, _Abort(place, job))


@attrs.frozen
class _Stopped(Exception):  # noqa: N818 - how a job ends, never seen by a caller
    message: str
    category: str = "MISCELLANEOUS"


def _end(cloud: Cloud, place: Place, job: BackupJob, state: str, message: str | None, category: str) -> None:
    job.state, job.status_message, job.message_category = state, message, category
    job.completed = cloud.clock.now()
    if place.running.get(job.resource_arn) == job.id:
        del place.running[job.resource_arn]


def _checked(cloud: Cloud, place: Place, job: BackupJob) -> Vault:
    """The vault, where nothing speaks against the job."""
    if ageing.denied(cloud, place, job.role_arn):
        raise _Stopped(ageing.ABSENT_ROLE.format(role=job.role_arn), "AccessDenied")
    vault = place.vaults.get(job.vault_name)
    if vault is None:
        raise _Stopped(_NO_VAULT.format(arn=job.vault_arn))
    if outside(vault.lock, ageing.retention_days(job.lifecycle)):
        raise _Stopped(_OUT_OF_LOCK, "InvalidParameters")
    if job.resource_arn in place.running:
        raise _Stopped(_BUSY)
    return vault


def _captured(cloud: Cloud, place: Place, job: BackupJob) -> Captured:
    try:
        taken = cloud.world.capture(job.resource_arn, place.account_id, place.region_name, cloud.clock.now())
    except WorldError as error:
        raise _Stopped(str(error)) from error
    if len(taken.tags.keys() | job.point_tags.keys()) > _MAX_POINT_TAGS:
        raise _Stopped(_TAGS_TOO_MANY, "InvalidParameters")
    return taken


@attrs.frozen(eq=False)
class _Start:
    place: Place
    job: BackupJob

    def happen(self, cloud: Cloud) -> None:
        if self.job.state != "CREATED":
            return
        if self.job.resource_arn in self.place.held_back:
            self._wait(cloud)
            return
        try:
            vault = _checked(cloud, self.place, self.job)
            taken = _captured(cloud, self.place, self.job)
        except _Stopped as stopped:
            _end(cloud, self.place, self.job, "FAILED", stopped.message, stopped.category)
        else:
            _run(cloud, self.place, self.job, vault, taken)

    def _wait(self, cloud: Cloud) -> None:
        now = cloud.clock.now()
        if now >= self.job.start_by:
            _end(cloud, self.place, self.job, "EXPIRED", _TOO_LATE, "MISCELLANEOUS")
        else:
            cloud.agenda.note(min(now + _RETRY, self.job.start_by), self)


def _run(cloud: Cloud, place: Place, job: BackupJob, vault: Vault, taken: Captured) -> None:
    now = cloud.clock.now()
    job.state, job.initiated, job.started, job.size_bytes = "RUNNING", now, now, taken.size_bytes
    job.key_arn = vault.key_arn
    place.running[job.resource_arn] = job.id
    point = _rolling(cloud, place, job) or _new_point(cloud, place, job, vault, taken)
    job.point_arn = point.arn
    ends = job.expected = now + duration(cloud, taken.size_bytes)
    if ends > job.complete_by and kind_named(job.resource_type).completion_window:
        cloud.agenda.note(max(job.complete_by, now), _Overrun(place, job, point))
    else:
        cloud.agenda.note(ends, _Finish(place, job, point, taken))


def _rolling(cloud: Cloud, place: Place, job: BackupJob) -> Point | None:
    """The continuous point that this job brings up to date, if there is one."""
    if not job.continuous:
        return None
    found = place.continuous.get(job.resource_arn)
    if found is None:
        return None
    if found.vault_name != job.vault_name:
        # One continuous point for each resource: this job takes a snapshot, and says so.
        job.continuous = False
        job.status_message, job.message_category = _PITR_TAKEN.format(arn=found.arn), "MISCELLANEOUS"
        return None
    return _with_retention_of(cloud, place, job, found)


def _with_retention_of(cloud: Cloud, place: Place, job: BackupJob, point: Point) -> Point | None:
    """The point with the job's retention; None where AWS stops it and begins another (S3)."""
    if point.lifecycle == job.lifecycle:
        return point
    same_rule = (point.created_by or {}).get("BackupRuleId") == (job.created_by or {}).get("BackupRuleId")
    if not same_rule:
        longer = (ageing.retention_days(job.lifecycle) or 0) > (ageing.retention_days(point.lifecycle) or 0)
        point.lifecycle = dict(job.lifecycle) if longer else point.lifecycle
        return point
    if point.resource_type != "S3":
        point.lifecycle = dict(job.lifecycle)
        return point
    point.status = "STOPPED"
    del place.continuous[job.resource_arn]
    ageing.age(cloud, place, point)
    return None


def _new_point(cloud: Cloud, place: Place, job: BackupJob, vault: Vault, taken: Captured) -> Point:
    arn = job.promised_arn or _point_arn(cloud, place, job)
    point = Point(
        arn=arn,
        vault_name=vault.name,
        resource_arn=job.resource_arn,
        resource_type=job.resource_type,
        created=job.created,
        initiated=job.initiated,
        role_arn=job.role_arn,
        lifecycle=job.lifecycle,
        created_by=job.created_by,
        key_arn=vault.key_arn if managed(arn) else None,
        resource_name=job.resource_name,
        backup_job_id=job.id,
        continuous=job.continuous,
    )
    _fill(point, job, taken)
    shelf.put(place, point)
    holding.join(cloud, place, point)
    return point


def _fill(point: Point, job: BackupJob, taken: Captured) -> None:
    point.content, point.size_bytes = taken.content, taken.size_bytes
    # The plan's tags win over those of the resource; AWS never copies its own.
    own = {key: value for key, value in taken.tags.items() if not key.startswith("aws:")}
    point.tags = {**own, **job.point_tags}
    point.restore_metadata = dict(taken.restore_metadata)


def promised(cloud: Cloud, place: Place, job: BackupJob) -> str | None:
    """The ARN that AWS tells before the job has run (botocore model, StartBackupJobOutput)."""
    tells = job.resource_type == "EFS" or (job.resource_type == "DynamoDB" and place.management.get("DynamoDB", False))
    return _point_arn(cloud, place, job) if tells else None


def _point_arn(cloud: Cloud, place: Place, job: BackupJob) -> str:
    kind = kind_named(job.resource_type)
    shape = kind.points
    if job.continuous and kind.continuous_points is not None:
        shape = kind.continuous_points
    elif job.resource_type == "DynamoDB" and not place.management.get("DynamoDB", False):
        shape = BASIC_POINT
    return shaped(
        shape,
        place=(place.partition, place.region_name, place.account_id),
        source=job.resource_arn,
        job=f"job-{job.id}",
        now=cloud.clock.now(),
        bits=cloud.random.getrandbits(128),
    )


@attrs.frozen(eq=False)
class _Finish:
    place: Place
    job: BackupJob
    point: Point
    taken: Captured

    def happen(self, cloud: Cloud) -> None:
        job, point, now = self.job, self.point, cloud.clock.now()
        if job.state != "RUNNING":
            return
        job.percent_done, job.bytes_transferred = 100.0, job.size_bytes
        _end(cloud, self.place, job, "COMPLETED", job.status_message, job.message_category or "SUCCESS")
        point.completed = now
        point.status = "AVAILABLE" if point.continuous else "COMPLETED"
        if point.continuous:
            _roll(point, job, self.taken)
        ageing.age(cloud, self.place, point)
        for action in job.copy_actions:
            copies.follow(cloud, self.place, point, action, job)


def _roll(point: Point, job: BackupJob, taken: Captured) -> None:
    """Add what the job captured to a continuous point, and forget what its retention no longer reaches."""
    _fill(point, job, taken)
    point.rolled = job.created
    point.history.append((job.initiated or job.created, taken.content))
    days = ageing.retention_days(point.lifecycle)
    if days is not None:
        oldest = job.created - timedelta(days=days)
        # The last capture before the window is what the window's first moments restore.
        while len(point.history) > 1 and point.history[1][0] <= oldest:
            point.history.pop(0)


@attrs.frozen(eq=False)
class _Overrun:
    place: Place
    job: BackupJob
    point: Point

    def happen(self, cloud: Cloud) -> None:
        if self.job.state == "RUNNING":
            _discard(self.place, self.job)
            _end(cloud, self.place, self.job, "EXPIRED", _TOO_LATE, "MISCELLANEOUS")


@attrs.frozen(eq=False)
class _Abort:
    place: Place
    job: BackupJob

    def happen(self, cloud: Cloud) -> None:
        _discard(self.place, self.job)
        _end(cloud, self.place, self.job, "ABORTED", "Backup job was stopped by user.", "MISCELLANEOUS")


def _discard(place: Place, job: BackupJob) -> None:
    """Take back the point of a job that does not end well; a continuous point from before stays."""
    vault = place.vaults.get(job.vault_name)
    point = vault.points.get(job.point_arn) if vault is not None and job.point_arn is not None else None
    if point is not None and point.status == "CREATING":
        shelf.take(place, point)
    job.point_arn = None


def moment_of(point: Point, moment: datetime | None) -> object:
    """What a continuous point holds for ``moment``: its last capture until then; None where it reaches no capture."""
    if moment is None:
        return point.content
    return next((content for when, content in reversed(point.history) if when <= moment), None)
