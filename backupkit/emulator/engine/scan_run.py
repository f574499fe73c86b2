"""How scan jobs run: they wait for room, read what the point holds, and end with what they found.

Sources: the developer guide's pages on malware protection (states and quotas) and on EventBridge.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from backupkit.emulator.engine import scan_scope
from backupkit.emulator.engine.scan_scope import Found
from backupkit.emulator.kernel.agenda import ScheduledEvent
from backupkit.emulator.kernel.job_records import SCAN_JOBS
from backupkit.emulator.kernel.kinds import kind_named, name_in
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import BackupJob, Point, RegionScope, Scan, ScanJob, ScanOrder
from backupkit.emulator.rules import lifecycle, point_store

__all__ = ["begin", "follow", "job_of"]

"""The resource types whose points can be scanned."""

_SOON = 60
_BYTES_PER_SECOND = 250_000_000
_MOST_RUNNING, _MOST_RUNNING_OF_RESOURCE, _MOST_RUNNING_OF_POINT = 150, 5, 1
_MOST_WAITING_OF_RESOURCE = 10
_CLEAN, _INFECTED = "NO_THREATS_FOUND", "THREATS_FOUND"
_CROWDED_OUT = "Scan job failed because too many scan jobs are queued for resource {arn}."
_NO_POINT = "Scan job failed because recovery point {arn} does not exist."
_SKIPPED = "Scan job completed with issues. Items skipped because they cannot be read: {count}."
_UNREADABLE = "Scan job failed because the contents of recovery point {arn} cannot be read."


def job_of(simulation: Simulation, scope: RegionScope, point: Point, order: ScanOrder, role_arn: str) -> ScanJob:
    """A new job that scans the point."""
    return ScanJob(
        id=simulation.new_id(),
        vault_name=point.vault_name,
        vault_arn=point_store.vault_of(scope, point).arn,
        point_arn=point.arn,
        resource_arn=point.resource_arn,
        resource_type=point.resource_type,
        resource_name=point.resource_name or name_in(point.resource_arn),
        role_arn=role_arn,
        scanner_role_arn=order.scanner_role_arn,
        scanner=order.scanner,
        mode=order.mode,
        created=simulation.clock.now(),
    )


def follow(simulation: Simulation, scope: RegionScope, job: BackupJob, point: Point, order: ScanOrder) -> None:
    """Scan what a backup job made, if the plan's settings take in its type."""
    kind = point.resource_type
    if not kind_named(kind).scannable or not order.resource_types & {kind, "ALL"}:
        return
    if point.continuous and not simulation.choices.continuous_points_scannable:
        return
    scan = job_of(simulation, scope, point, order, job.role_arn)
    scan.created_by = job.created_by
    begin(simulation, scope, scan)


def begin(simulation: Simulation, scope: RegionScope, job: ScanJob) -> None:
    """Record a new job, and let it start within a minute, as soon as there is room."""
    SCAN_JOBS.forget(scope, simulation.clock.now())
    SCAN_JOBS.enter(simulation, scope, job)
    scope.scans_waiting[job.id] = job
    simulation.bus.scan_job_changed(scope, job)
    _crowd_out(simulation, scope, job)
    seconds = round(simulation.random.random() * _SOON, 3)
    simulation.agenda.schedule(simulation.clock.now() + timedelta(seconds=seconds), _Due(scope))


def _crowd_out(simulation: Simulation, scope: RegionScope, job: ScanJob) -> None:
    """Too many waiting jobs of a resource: the oldest of them fails, not the newest."""
    waiting = [other for other in scope.scans_waiting.values() if other.resource_arn == job.resource_arn]
    if len(waiting) > _MOST_WAITING_OF_RESOURCE:
        _fail(simulation, scope, waiting[0], _CROWDED_OUT.format(arn=job.resource_arn))


class _Due(ScheduledEvent):
    scope: RegionScope

    def happen(self, simulation: Simulation) -> None:
        _start_waiting(simulation, self.scope)


def _start_waiting(simulation: Simulation, scope: RegionScope) -> None:
    """Start what there is room for, the oldest job first."""
    if not scope.scans_waiting or len(scope.scans_running) >= _MOST_RUNNING:
        return
    of_resource = Counter(job.resource_arn for job in scope.scans_running.values())
    of_point = Counter(job.point_arn for job in scope.scans_running.values())
    for job in list(scope.scans_waiting.values()):
        if len(scope.scans_running) >= _MOST_RUNNING:
            return
        if (
            of_resource[job.resource_arn] < _MOST_RUNNING_OF_RESOURCE
            and of_point[job.point_arn] < _MOST_RUNNING_OF_POINT
            and _start(simulation, scope, job)
        ):
            of_resource[job.resource_arn] += 1
            of_point[job.point_arn] += 1


def _start(simulation: Simulation, scope: RegionScope, job: ScanJob) -> bool:
    """Whether the job runs now; otherwise it has failed."""
    point = _point(scope, job)
    if point is None:
        _fail(simulation, scope, job, _NO_POINT.format(arn=job.point_arn))
        return False
    role = next((arn for arn in (job.role_arn, job.scanner_role_arn) if lifecycle.denied(simulation, scope, arn)), None)
    if role is not None:
        _fail(simulation, scope, job, lifecycle.ABSENT_ROLE.format(role=role))
        return False
    before = scan_scope.settle(simulation, scope, job, point)
    found = scan_scope.found(simulation, scope, job, point, before)
    if found is None:
        _fail(simulation, scope, job, _UNREADABLE.format(arn=job.point_arn))
        return False
    del scope.scans_waiting[job.id]
    scope.scans_running[job.id] = job
    job.state, job.scan_id = "RUNNING", f"{simulation.random.getrandbits(128):032x}"
    simulation.bus.scan_job_changed(scope, job)
    seconds = round(60 + simulation.random.random() * 240 + point.size_bytes / _BYTES_PER_SECOND, 3)
    simulation.agenda.schedule(simulation.clock.now() + timedelta(seconds=seconds), _FinishScan(scope, job, found))
    return True


class _FinishScan(ScheduledEvent):
    scope: RegionScope
    job: ScanJob
    found: Found

    def happen(self, simulation: Simulation) -> None:
        job, scope = self.job, self.scope
        if _point(scope, job) is None:
            _fail(simulation, scope, job, _NO_POINT.format(arn=job.point_arn))
        else:
            job.result = _INFECTED if self.found.malware else _CLEAN
            if self.found.skipped:
                job.status_message = _SKIPPED.format(count=len(self.found.skipped))
            _end(
                simulation,
                scope,
                job,
                "COMPLETED_WITH_ISSUES" if self.found.skipped else "COMPLETED",
                self.found.malware,
            )
        _start_waiting(simulation, scope)


def _point(scope: RegionScope, job: ScanJob) -> Point | None:
    vault = scope.vaults.get(job.vault_name)
    return vault.points.get(job.point_arn) if vault is not None else None


def _fail(simulation: Simulation, scope: RegionScope, job: ScanJob, message: str) -> None:
    job.status_message = message
    _end(simulation, scope, job, "FAILED", frozenset())


def _end(simulation: Simulation, scope: RegionScope, job: ScanJob, state: str, malware: frozenset[str]) -> None:
    job.state, job.completed = state, simulation.clock.now()
    scope.scans_waiting.pop(job.id, None)
    scope.scans_running.pop(job.id, None)
    simulation.bus.scan_job_changed(scope, job)
    point = _point(scope, job)
    if point is not None:
        _keep(scope, point, Scan(job.scan_id, job.scanner, job.mode, state, job.completed, malware, job.start, job.end))


def _keep(scope: RegionScope, point: Point, scan: Scan) -> None:
    """Keep what a scan found with its point; of a continuous one, as far back as its retention reaches."""
    scans = (*scope.scanned.get(point.arn, ()), scan)
    days = lifecycle.retention_days(point.lifecycle)
    if point.continuous and days is not None:
        oldest = scan.ended - timedelta(days=days)
        scans = tuple(one for one in scans if one.ended >= oldest)
    scope.scanned[point.arn] = scans
