"""What is called for one of many points: its deletion, its lifecycle, its tags or its copy."""

from __future__ import annotations

from collections.abc import Collection

from backupkit import observe
from backupkit.errors import BackupKitError
from backupkit.recover.caller import Caller
from backupkit.recover.copy_job import CopyJob
from backupkit.recover.lifecycle_change import changed, obstacle
from backupkit.recover.point_change import PointChange, PointTask
from backupkit.recover.point_changes import PointChanges
from backupkit.recover.point_report import OutcomeState
from backupkit.recover.start_once import start_once
from backupkit.transport.protocol import Params

__all__ = ["MADE", "StaleError", "called"]

MADE = frozenset({"CREATED", "RUNNING", "COMPLETED"})
"""The states of copy jobs that make their copies, or have made them."""


class StaleError(BackupKitError):
    """A point is not as it was previewed."""


def called(
    caller: Caller,
    changes: PointChanges,
    change: PointChange,
    point: observe.RecoveryPoint | None,
    known_copies: Collection[str],
) -> tuple[OutcomeState, str]:
    """Do to a point what the preview says; return what is known of it now, and the job that was started.

    Args:
        caller: What to call with.
        changes: The preview.
        change: The point in it.
        point: The point as it was just looked at, where the task needs that.
        known_copies: The ids of the copy jobs that there were before, where the task is to copy.

    Raises:
        StaleError: It is not as it was previewed; nothing was changed.
    """
    match changes.task.verb:
        case "delete":
            caller.call("DeleteRecoveryPoint", _where(change))
            return "started", ""
        case "lifecycle":
            _update_lifecycle(caller, changes.task, change, point)
            return "done", ""
        case "tags":
            _tag(caller, changes.task, change)
            return "done", ""
        case "copy":
            return "started", _copy(caller, changes, change, known_copies)


def _update_lifecycle(
    caller: Caller, task: PointTask, change: PointChange, point: observe.RecoveryPoint | None
) -> None:
    if point is None:
        raise StaleError("the point is not there any more")
    now = changed(point, keep_days=task.keep_days, cold_after_days=task.cold_after_days)
    if now.unchanged:
        return
    if change.lifecycle is None or not now.begins_as(change.lifecycle):
        raise StaleError("its lifecycle was changed after the preview: preview again")
    if not now.ends_as(change.lifecycle):
        raise StaleError("the preview shows another lifecycle than it asks for: preview again")
    against = obstacle(point, now, caller.transport.clock.now())
    if against is not None:
        raise StaleError(against[1])
    caller.call("UpdateRecoveryPointLifecycle", {**_where(change), "Lifecycle": now.document()})


def _tag(caller: Caller, task: PointTask, change: PointChange) -> None:
    if task.tags:
        caller.call("TagResource", {"ResourceArn": change.recovery_point_arn, "Tags": dict(task.tags)})
    if task.remove_tags:
        gone: Params = {"ResourceArn": change.recovery_point_arn, "TagKeyList": list(task.remove_tags)}
        caller.call("UntagResource", gone)


def _copy(caller: Caller, changes: PointChanges, change: PointChange, known: Collection[str]) -> str:
    task = changes.task
    days = {"DeleteAfterDays": task.keep_days, "MoveToColdStorageAfterDays": task.cold_after_days}
    params: Params = {
        "RecoveryPointArn": change.recovery_point_arn,
        "SourceBackupVaultName": change.vault,
        "DestinationBackupVaultArn": task.vault,
        "IamRoleArn": change.role or None,
        "Lifecycle": {name: value for name, value in days.items() if value is not None} or None,
    }
    return start_once(
        f"{changes.id}|{change.recovery_point_arn}",
        known,
        lambda token: caller.started("StartCopyJob", CopyJob, {**params, "IdempotencyToken": token}),
        lambda job: job.state in MADE,
    ).id


def _where(change: PointChange) -> Params:
    return {"BackupVaultName": change.vault, "RecoveryPointArn": change.recovery_point_arn}
