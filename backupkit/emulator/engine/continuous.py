"""Continuous points: one for each resource, brought up to date by every job, and what they hold for each moment.

Source: the developer guide's pages on continuous backups and point-in-time recovery.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from operator import itemgetter

from backupkit.emulator.kernel.resource_protocol import Captured, PointInTime, WorldError
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import BackupJob, Point, RegionScope
from backupkit.emulator.rules import lifecycle

__all__ = ["follow", "moment_of", "roll", "rolling"]

_TAKEN = "Enabling continuous backup failed. PITR already configured in backup plan: [{arn}]"


def rolling(simulation: Simulation, scope: RegionScope, job: BackupJob) -> Point | None:
    """The continuous point that this job brings up to date, if there is one."""
    found = scope.continuous.get(job.resource_arn)
    if found is None:
        return None
    if found.vault_name != job.vault_name:
        # One continuous point for each resource: this job takes a snapshot, and says so.
        job.continuous = False
        job.status_message, job.message_category = _TAKEN.format(arn=found.arn), "MISCELLANEOUS"
        return None
    return _with_retention_of(simulation, scope, job, found)


def _with_retention_of(simulation: Simulation, scope: RegionScope, job: BackupJob, point: Point) -> Point | None:
    """The point with the job's retention; None where AWS stops it and begins another (S3)."""
    if point.lifecycle == job.lifecycle:
        return point
    same_rule = (point.created_by or {}).get("BackupRuleId") == (job.created_by or {}).get("BackupRuleId")
    if not same_rule:
        # The longest retention wins, and the point is from then on that rule's, so that the other's jobs leave it.
        if (lifecycle.retention_days(job.lifecycle) or 0) > (lifecycle.retention_days(point.lifecycle) or 0):
            point.lifecycle, point.created_by = dict(job.lifecycle), job.created_by
        return point
    if point.resource_type != "S3":
        point.lifecycle = dict(job.lifecycle)
        return point
    point.status = "STOPPED"
    del scope.continuous[job.resource_arn]
    lifecycle.age(simulation, scope, point)
    simulation.bus.point_interrupted(scope, point)
    return None


def roll(point: Point, job: BackupJob, taken: Captured) -> bool:
    """Add what the job captured to a continuous point, and forget what its retention no longer reaches.

    Returns:
        Whether that is the newest that the point holds: a restore, while the job ran, may have brought it further.
    """
    point.rolled = job.created
    captured = job.initiated or job.created
    newest = not point.history or point.history[-1][0] <= captured
    history = tuple(sorted((*point.history, (captured, taken.content)), key=itemgetter(0)))
    days = lifecycle.retention_days(point.lifecycle)
    if days is not None:
        oldest = job.created - timedelta(days=days)
        # The last capture before the window is what the window's first moments restore.
        while len(history) > 1 and history[1][0] <= oldest:
            history = history[1:]
    point.history = history
    return newest


def follow(simulation: Simulation, scope: RegionScope, point: Point) -> None:
    """Let an active continuous point hold its resource as it is now, as far as the resource can be looked at."""
    now = simulation.clock.now()
    if scope.continuous.get(point.resource_arn) is not point:
        return
    try:
        if simulation.world.find(point.resource_arn, scope.account_id, scope.region_name) is None:
            return
        taken = simulation.world.capture(point.resource_arn, scope.account_id, scope.region_name, now)
    except WorldError:
        # What the point holds already can be restored all the same.
        return
    point.content = taken.content
    point.history = (*point.history, (now, taken.content))


def moment_of(point: Point, moment: datetime | None) -> object:
    """What a continuous point holds for ``moment``; None where it reaches back to none.

    That is its last capture until then, or, of content that tells every second, what became of it up to the moment.
    After the last capture of all, nothing is known to have gone on.
    """
    if moment is None:
        return point.content
    followed = False
    for when, content in reversed(point.history):
        if when <= moment:
            return content.at(moment) if followed and isinstance(content, PointInTime) else content
        followed = True
    return None
