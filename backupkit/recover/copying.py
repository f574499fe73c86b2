"""Copies that are made once: what is there already, starts that a second run repeats, and the copy on its side."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import msgspec

from backupkit import observe
from backupkit.declare.codec.documents import document
from backupkit.declare.lifecycle import FOREVER, Lifecycle
from backupkit.errors import BackupKitError, CredentialsError, InvalidValueError, NotFoundError, WaitTimeoutError
from backupkit.problems import Problem, counted
from backupkit.recover.caller import Caller
from backupkit.recover.copy_job import CopyJob
from backupkit.recover.copy_route import CopyRoute
from backupkit.recover.polling import POLLING, Deadline
from backupkit.recover.recovery_point import RecoveryPoint
from backupkit.recover.region_vaults import RegionVaults
from backupkit.recover.start_once import start_once
from backupkit.transport.protocol import Params

__all__ = ["EarlierCopy", "arrived", "copy_at", "earlier_copy", "own_vault", "start_copy", "start_copy_once"]

_WHOLE = frozenset({"COMPLETED", "PARTIAL"})
_UNDER_WAY = frozenset({"CREATED", "RUNNING"})


@attrs.frozen(kw_only=True)
class EarlierCopy:
    """What an earlier run, or somebody else, has done of a copy.

    Args:
        point: The copy, where it is there and kept long enough.
        job: The job that is making it.
        known: All jobs that copied the point there in the last 30 days, by their ids.
    """

    point: RecoveryPoint | None = None
    job: CopyJob | None = None
    known: dict[str, CopyJob] = attrs.field(factory=dict)


def earlier_copy(route: CopyRoute, point: observe.RecoveryPoint) -> EarlierCopy:
    """Return what there is of a copy of the point.

    A copy is known by its job, or by what it keeps of its source: the resource and the moment of the backup.
    """
    if route.there is None:
        return EarlierCopy()
    query: Params = {
        "BySourceRecoveryPointArn": point.recovery_point_arn,
        "ByDestinationVaultArn": route.vault_arn,
    }
    known = {job.id: job for job in route.here.caller.listed("ListCopyJobs", CopyJob, query)}
    found = next((copy for copy in _copies(route, point) if _fits(route, copy)), None)
    running = next((job for job in known.values() if job.state in _UNDER_WAY and _kept_enough(route, job)), None)
    return EarlierCopy(point=found, job=running if found is None else None, known=known)


def _copies(route: CopyRoute, point: observe.RecoveryPoint) -> Iterator[RecoveryPoint]:
    if route.there is None:
        return
    query: Params = {"BackupVaultName": route.destination.name, "ByResourceArn": point.resource_arn}
    for copy in route.there.caller.listed("ListRecoveryPointsByBackupVault", RecoveryPoint, query):
        if copy.creation_date == point.creation_date and copy.resource_arn == point.resource_arn:
            yield copy


def _fits(route: CopyRoute, copy: RecoveryPoint) -> bool:
    days = copy.lifecycle.delete_after_days if copy.lifecycle is not None else None
    whole = copy.status in _WHOLE and copy.parent_recovery_point_arn is None
    return whole and _long_enough(route, days)


def _kept_enough(route: CopyRoute, job: CopyJob) -> bool:
    lifecycle = job.destination_recovery_point_lifecycle
    return _long_enough(route, lifecycle.delete_after_days if lifecycle is not None else None)


def _long_enough(route: CopyRoute, days: int | None) -> bool:
    return days is None or days == FOREVER or route.keep_days is None or days >= route.keep_days


def start_copy_once(route: CopyRoute, point: observe.RecoveryPoint, known: dict[str, CopyJob]) -> CopyJob:
    """Start a copy; the same again gives the same job, unless that failed or its copy is gone.

    Args:
        route: From where to where.
        point: What is copied.
        known: The jobs that were there before.
    """
    base = (
        f"copy|{point.recovery_point_arn}|{route.vault_arn}|{route.keep_days}|{route.cold_after_days}|{route.role_arn}"
    )
    return start_once(
        base,
        known,
        lambda token: start_copy(route, point, token=token),
        lambda job: job.state in _UNDER_WAY or (job.state == "COMPLETED" and _is_there(route, job)),
    )


def _is_there(route: CopyRoute, job: CopyJob) -> bool:
    return route.there is not None and copy_at(route.there.caller, job) is not None


def start_copy(route: CopyRoute, point: observe.RecoveryPoint, *, token: str | None = None) -> CopyJob:
    """Start the copy; with a token that was sent before, AWS answers the job of that time."""
    caller = route.here.caller
    lifecycle = Lifecycle(delete_after_days=route.keep_days, move_to_cold_storage_after_days=route.cold_after_days)
    params: Params = {
        "RecoveryPointArn": point.recovery_point_arn,
        "SourceBackupVaultName": route.source.name,
        "DestinationBackupVaultArn": route.vault_arn,
        "IamRoleArn": route.role_arn,
        "Lifecycle": document(lifecycle) or None,
        "IdempotencyToken": token,
    }
    started = caller.started("StartCopyJob", CopyJob, params)
    made = {
        "source_recovery_point_arn": point.recovery_point_arn,
        "source_backup_vault_arn": route.item.vault_arn,
        "destination_backup_vault_arn": route.vault_arn,
        "resource_arn": point.resource_arn,
        "resource_type": point.resource_type,
        "state": "CREATED",
    }
    return caller.attached(msgspec.structs.replace(started, **made))


def copy_at(caller: Caller, job: CopyJob) -> RecoveryPoint | None:
    """Return the copy of a job as its own account and Region show it; None where it is not there."""
    where: Params = {
        "BackupVaultName": (job.destination_backup_vault_arn or "").rpartition(":")[2],
        "RecoveryPointArn": job.destination_recovery_point_arn,
    }
    try:
        return caller.fetch("DescribeRecoveryPoint", RecoveryPoint, where)
    except NotFoundError:
        return None


def own_vault(job: CopyJob, destination: Caller) -> Caller:
    """Return the connection to the destination of a copy.

    Raises:
        InvalidValueError: It is to another account or Region.
    """
    vault_arn = job.destination_backup_vault_arn or ""
    there = RegionVaults(destination)
    if vault_arn not in there.vaults and there.is_readable:
        what = f"{vault_arn} is not a vault of this connection"
        raise InvalidValueError(Problem("destination", what, "give one to its account and Region"))
    return destination


def arrived(there: Caller, job: CopyJob, *, timeout: float | None = None) -> RecoveryPoint:
    """Return the copy of a completed job, once its own account and Region show it.

    Throttling, lost connections and credentials that expire are waited out, up to an hour without any answer.

    Raises:
        NotFoundError: AWS has not shown it for an hour.
        WaitTimeoutError: It was not seen in time.
    """
    clock = there.transport.clock
    deadline, pauses, answered = Deadline((clock,), timeout), POLLING.pauses(), clock.monotonic()
    while True:
        error: BackupKitError | None = None
        try:
            found = copy_at(there, job)
            if found is not None and found.status != "CREATING":
                return found
        except BackupKitError as raised:
            if not (isinstance(raised, CredentialsError) or bool(getattr(raised, "retryable", False))):
                raise
            error = raised
        if clock.monotonic() - answered > POLLING.patience:
            raise error or NotFoundError(
                "DescribeRecoveryPoint",
                "ResourceNotFoundException",
                f"{job.destination_recovery_point_arn} is not seen at its destination, although {job.label} completed.",
            )
        if deadline.left() <= 0:
            raise WaitTimeoutError(f"{job.label}: its copy was not seen after {counted(timeout or 0, 'second')}", job)
        clock.sleep(min(next(pauses), deadline.left()))
