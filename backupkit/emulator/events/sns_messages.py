"""Notifications of vaults: for which of a vault's events they are, and what they say.

Sources: the developer guide's page on notifications, and messages that others recorded. The sentences about completed,
failed, expired and stopped backups and about completed indexes are AWS's; no source has the others.
"""

from __future__ import annotations

import attrs

from backupkit.emulator.events.event_details import instant
from backupkit.emulator.kernel.behavior import Choices
from backupkit.emulator.model import BackupJob, CopyJob, Point, RegionScope, RestoreJob

__all__ = [
    "DEPRECATED",
    "Notice",
    "of_backup_job",
    "of_copy_job",
    "of_index",
    "of_interruption",
    "of_modification",
    "of_restore_job",
]

DEPRECATED = frozenset(
    {
        "BACKUP_JOB_SUCCESSFUL",
        "BACKUP_JOB_FAILED",
        "BACKUP_JOB_EXPIRED",
        "RESTORE_JOB_SUCCESSFUL",
        "RESTORE_JOB_FAILED",
        "BACKUP_PLAN_CREATED",
        "BACKUP_PLAN_MODIFIED",
    }
)
"""Events that a vault may ask for, and that the guide calls deprecated."""

_BACKUP_EVENTS = {
    "STARTED": ("BACKUP_JOB_STARTED",),
    "COMPLETED": ("BACKUP_JOB_COMPLETED", "BACKUP_JOB_SUCCESSFUL"),
    "PARTIAL": ("BACKUP_JOB_COMPLETED",),
    "FAILED": ("BACKUP_JOB_COMPLETED", "BACKUP_JOB_FAILED"),
    "EXPIRED": ("BACKUP_JOB_COMPLETED", "BACKUP_JOB_EXPIRED"),
    "ABORTED": ("BACKUP_JOB_COMPLETED",),
}
_BACKUP_SAYS = {
    "STARTED": "An AWS Backup job was started.",
    "COMPLETED": "An AWS Backup job was completed successfully.",
    "PARTIAL": "An AWS Backup job was completed partially.",
    "FAILED": "An AWS Backup job failed.",
    "EXPIRED": "An AWS Backup job failed to complete in time.",
    "ABORTED": "An AWS Backup job was stopped.",
}
_COPY_EVENTS = {
    "STARTED": ("COPY_JOB_STARTED",),
    "COMPLETED": ("COPY_JOB_SUCCESSFUL",),
    "PARTIAL": ("COPY_JOB_SUCCESSFUL",),
    "FAILED": ("COPY_JOB_FAILED",),
}
_RESTORE_EVENTS = {
    "STARTED": ("RESTORE_JOB_STARTED",),
    "COMPLETED": ("RESTORE_JOB_COMPLETED", "RESTORE_JOB_SUCCESSFUL"),
    "FAILED": ("RESTORE_JOB_COMPLETED", "RESTORE_JOB_FAILED"),
    "ABORTED": ("RESTORE_JOB_COMPLETED",),
}
_SAYS = {
    "STARTED": "was started",
    "COMPLETED": "was completed successfully",
    "PARTIAL": "was completed partially",
    "FAILED": "failed",
    "ABORTED": "was stopped",
}
_INDEX_EVENTS = {
    "ACTIVE": "RECOVERY_POINT_INDEX_COMPLETED",
    "DELETED": "RECOVERY_POINT_INDEX_DELETED",
    "FAILED": "RECOVERY_POINT_INDEXING_FAILED",
}
# The guide's example of a completed index has a type that is not the name of its event.
_INDEX_TYPES = {**_INDEX_EVENTS, "ACTIVE": "RECOVERY_POINT_INDEXING_COMPLETED"}
_INDEX_ENDS = {"ACTIVE": "was completed", "DELETED": "was deleted", "FAILED": "failed"}


@attrs.frozen
class Notice:
    """What a notification says, and for which events of a vault it is."""

    events: tuple[str, ...]
    message: str
    attributes: dict[str, str]


def of_backup_job(scope: RegionScope, job: BackupJob, choices: Choices) -> Notice | None:
    """What is said of a backup job in its state; None where nothing is."""
    step = _step(job.state, "CREATED", choices)
    if step not in _BACKUP_EVENTS:
        return None
    resource, job_id = f"Resource ARN : {job.resource_arn}.", f"BackupJob ID : {job.id}"
    if step == "COMPLETED" and choices.notifications_as_recorded:
        resource, job_id = f"Backed up {resource}", f"Backup Job Id : {job.id}"
    point = f"Recovery point ARN: {job.point_arn}. " if step in {"COMPLETED", "PARTIAL"} else ""
    message = f"{_BACKUP_SAYS[step]} {point}{resource} {job_id}"
    return Notice(_BACKUP_EVENTS[step], message, _attributes(scope, "BACKUP_JOB", job, job.state))


def of_copy_job(scope: RegionScope, job: CopyJob, choices: Choices) -> Notice | None:
    """What is said of a copy job in its state; None where nothing is."""
    step = _step(job.state, "CREATED", choices)
    if step not in _COPY_EVENTS:
        return None
    point = f" Recovery point ARN: {job.destination_point_arn}." if job.destination_point_arn is not None else ""
    sentence = f"An AWS Backup copy job {_SAYS[step]}.{point}"
    message = f"{sentence} Resource ARN : {job.resource_arn}. CopyJob ID : {job.id}"
    return Notice(_COPY_EVENTS[step], message, _attributes(scope, "COPY_JOB", job, job.state))


def of_restore_job(scope: RegionScope, job: RestoreJob, choices: Choices) -> Notice | None:
    """What is said of a restore job in its status; None where nothing is."""
    step = _step(job.status, "PENDING", choices)
    if step not in _RESTORE_EVENTS:
        return None
    made = f" Restored resource ARN: {job.created_resource_arn}." if step == "COMPLETED" else ""
    sentence = f"An AWS Backup restore job {_SAYS[step]}.{made}"
    # AWS's own sample code cuts the id out of a last sentence that begins like this one.
    message = f"{sentence} Recovery point ARN: {job.point_arn}. Restore Job Id : {job.id}"
    return Notice(_RESTORE_EVENTS[step], message, _attributes(scope, "RESTORE_JOB", job, job.status))


def _step(state: str, waiting: str, choices: Choices) -> str:
    """The state, or STARTED where a job in it is told to have started; ``waiting`` is the state of a new job."""
    return "STARTED" if state == (waiting if choices.started_when_created else "RUNNING") else state


def of_modification(scope: RegionScope, point: Point) -> Notice:
    """What is said of a point whose lifecycle or storage has changed."""
    return _of_point(scope, point, "RECOVERY_POINT_MODIFIED", "An AWS Backup recovery point was modified.")


def of_interruption(scope: RegionScope, point: Point) -> Notice:
    """What is said of a continuous point that follows its resource no longer."""
    return _of_point(scope, point, "CONTINUOUS_BACKUP_INTERRUPTED", "An AWS Backup continuous backup was interrupted.")


def of_index(scope: RegionScope, point: Point, status: str) -> Notice:
    """What is said of a point's index: ACTIVE, DELETED or FAILED."""
    sentence = f"An AWS Backup backup index job {_INDEX_ENDS[status]}."
    attributes = {
        "EventType": _INDEX_TYPES[status],
        "AccountId": scope.account_id,
        "IndexStatus": status,
        "IsIndexingContinuous": "true" if point.continuous else "false",
        "RecoveryPointArn": point.arn,
    }
    return Notice((_INDEX_EVENTS[status],), f"{sentence} Indexed recovery point arn: {point.arn}", attributes)


def _of_point(scope: RegionScope, point: Point, event: str, sentence: str) -> Notice:
    attributes = {
        "EventType": "RECOVERY_POINT",
        "State": point.status,
        "AccountId": scope.account_id,
        "Id": point.arn,
        "StartTime": instant(point.created),
    }
    message = f"{sentence} Recovery point ARN: {point.arn}. Resource ARN : {point.resource_arn}"
    return Notice((event,), message, attributes)


def _attributes(scope: RegionScope, kind: str, job: BackupJob | CopyJob | RestoreJob, state: str) -> dict[str, str]:
    return {
        "EventType": kind,
        "State": state,
        "AccountId": scope.account_id,
        "Id": job.id,
        "StartTime": instant(job.created),
    }
