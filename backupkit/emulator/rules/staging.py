"""Temporary points: made only to be copied to a logically air-gapped vault, and deleted after that.

Source: the developer guide's page on primary backups to logically air-gapped vaults.
"""

from __future__ import annotations

from backupkit.arn import Arn
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import CopyJob, Document, Point, RegionScope
from backupkit.emulator.rules import lifecycle as point_lifecycle
from backupkit.emulator.rules import point_store

__all__ = ["is_temporary", "lasting", "passing", "settle"]

_EVENT = "DeleteAfterEvent"


def passing(lifecycle: Document) -> Document:
    """The lifecycle of a temporary point."""
    return {**lifecycle, _EVENT: "DELETE_AFTER_COPY"}


def lasting(lifecycle: Document) -> Document:
    """The lifecycle of a copy that is to be kept like its source, temporary or not."""
    return {name: value for name, value in lifecycle.items() if name != _EVENT}


def is_temporary(point: Point) -> bool:
    """Whether the point goes when it has been copied."""
    return _EVENT in point.lifecycle


def settle(simulation: Simulation, scope: RegionScope, job: CopyJob, point: Point) -> None:
    """Let a temporary point go if the copy that ended leaves nothing to keep it for; others stay.

    It goes when its last copy has ended, once one is in the air-gapped vault that is kept at least as long. One beside
    a continuous point goes whatever became of its copy.
    """
    if not is_temporary(point):
        return
    target = Arn.parse(job.destination_vault_arn)
    there = simulation.scope(target.account, target.region)
    if _safe(there, job, point) or (job.backup_job_id is not None and _beside_continuous(scope, point)):
        point_lifecycle.expire(simulation, scope, point)


def _safe(there: RegionScope, job: CopyJob, point: Point) -> bool:
    """Whether the copy is in an air-gapped vault for as long as the point would be kept."""
    copy = point_store.point_called(there, job.destination_point_arn or "")
    if job.state != "COMPLETED" or copy is None or point_store.vault_of(there, copy).lock is None:
        return False
    gapped = point_store.vault_of(there, copy).vault_type == "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
    return gapped and _days(job.lifecycle) >= _days(point.lifecycle)


def _days(lifecycle: Document) -> float:
    days = point_lifecycle.retention_days(lifecycle)
    return float("inf") if days is None else days


def _beside_continuous(scope: RegionScope, point: Point) -> bool:
    made_by = scope.backup_jobs.get(point.backup_job_id or "")
    return made_by is not None and made_by.continuous
