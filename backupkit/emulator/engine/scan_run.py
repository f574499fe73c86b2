"""How scan jobs run: they wait for room, read what the point holds, and end with what they found.

Sources: the developer guide's pages on malware protection (states and quotas; when an incremental scan becomes a full
one) and on EventBridge, and GuardDuty's guide (what an incremental scan looks at again).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

import attrs

from backupkit.emulator.kernel.agenda import ScheduledEvent
from backupkit.emulator.kernel.job_records import SCAN_JOBS
from backupkit.emulator.kernel.kinds import kind_named, name_in
from backupkit.emulator.kernel.resource_protocol import inspected
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import BackupJob, Point, RegionScope, Scan, ScanJob, ScanOrder
from backupkit.emulator.rules import lifecycle, point_store

__all__ = ["FULL", "INCREMENTAL", "Found", "begin", "follow", "job_of", "whole_only"]

# ---- How far a scan reaches: all that a point holds, or what changed since its base; and the malware there ----


FULL, INCREMENTAL = "FULL_SCAN", "INCREMENTAL_SCAN"
_BASE_GOOD_FOR = timedelta(days=365)
_LOOKED_AT_AGAIN_FOR = timedelta(days=90)


@attrs.frozen
class Found:
    """What a scan finds: the names of the items that are malware, and of those that it skips, unable to read them."""

    malware: frozenset[str]
    skipped: frozenset[str]


def whole_only(scope: RegionScope, point: Point) -> bool:
    """Whether the point can be scanned whole only: an EC2 point that is a copy, or in an air-gapped vault."""
    copied = point.source_vault_arn is not None
    return point.resource_type == "EC2" and (copied or point_store.vault_of(scope, point).vault_type != "BACKUP_VAULT")


def settle_scope(simulation: Simulation, scope: RegionScope, job: ScanJob, point: Point) -> Scan | None:
    """Write into the job how far it reaches, and answer the scan that it builds on; None for a full scan."""
    before = _before(simulation, scope, job, point) if job.mode == INCREMENTAL else None
    if before is None:
        job.mode, job.base_arn = FULL, None
    if point.continuous:
        job.end = _whole_seconds(job.end or simulation.clock.now())
        job.start = before.end if before is not None else _whole_seconds(_earliest(point))
    return before


def _whole_seconds(moment: datetime) -> datetime:
    """The moment as the API tells it, to the millisecond, so that one who asks for it finds it."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _before(simulation: Simulation, scope: RegionScope, job: ScanJob, point: Point) -> Scan | None:
    """The scan of the base that an incremental scan builds on."""
    if point.continuous:
        return _good_scan(simulation, scope, point)
    base = _base(simulation, scope, job, point)
    if base is None:
        return None
    job.base_arn = base.arn
    return _good_scan(simulation, scope, base)


def _base(simulation: Simulation, scope: RegionScope, job: ScanJob, point: Point) -> Point | None:
    """The base that was asked for, or else the newest original before this point; it must have been scanned of late."""
    others = scope.points_of.get(point.resource_arn, {})
    if job.base_arn is not None:
        named = others.get(job.base_arn)
        return named if named is not None and _fits(simulation, scope, named, point) else None
    # In the order in which they came; copies would break it, for they are as old as their sources.
    originals = (other for other in reversed(others.values()) if other.source_vault_arn is None)
    return next((other for other in originals if _fits(simulation, scope, other, point)), None)


def _fits(simulation: Simulation, scope: RegionScope, base: Point, point: Point) -> bool:
    earlier = base is not point and base.created <= point.created
    return earlier and not base.continuous and _good_scan(simulation, scope, base) is not None


def _good_scan(simulation: Simulation, scope: RegionScope, point: Point) -> Scan | None:
    """The newest scan of the point that ended well, if it is not too old to build on."""
    scans = reversed(scope.scanned.get(point.arn, ()))
    newest = next((scan for scan in scans if scan.completed), None)
    return newest if newest is not None and simulation.clock.now() - newest.ended <= _BASE_GOOD_FOR else None


def _earliest(point: Point) -> datetime:
    return point.history[0][0] if point.history else point.created


def found_malware(
    simulation: Simulation, scope: RegionScope, job: ScanJob, point: Point, before: Scan | None
) -> Found | None:
    """What the scan finds; None where the point cannot be read."""
    held = _held(_scanned(job, point))
    if before is None or held is None:
        return held
    # What a scan builds on could be read then, and holds what it held.
    known = _held(_known(scope, job, point)) or Found(frozenset(), frozenset())
    # What its base scan found is looked at again for some time, even where it did not change.
    fresh = simulation.clock.now() - before.ended <= _LOOKED_AT_AGAIN_FOR
    again = held.malware & before.malware if fresh else frozenset()
    return Found((held.malware - known.malware) | again, held.skipped - known.skipped)


def _held(contents: Iterable[object]) -> Found | None:
    malware: set[str] = set()
    sealed: set[str] = set()
    for content in contents:
        looked = inspected(content)
        if looked is None:
            return None
        malware |= looked.malware - looked.sealed
        sealed |= looked.sealed
    return Found(frozenset(malware), frozenset(sealed))


def _scanned(job: ScanJob, point: Point) -> list[object]:
    """The contents that the job scans: of a continuous point, every one that it had from start to end.

    What it had at the start was the end of the scan before, if there was one, and counts only if nothing followed it.
    """
    if not point.continuous or job.start is None or job.end is None:
        return [point.content]
    later = [content for moment, content in point.history if job.start < moment <= job.end]
    return later if later and job.mode == INCREMENTAL else [*_at(point, job.start), *later]


def _known(scope: RegionScope, job: ScanJob, point: Point) -> list[object]:
    """The contents that were scanned before, and are not scanned again."""
    if point.continuous:
        return _at(point, job.start) if job.start is not None else []
    base = scope.points_of.get(point.resource_arn, {}).get(job.base_arn or "")
    return [base.content] if base is not None else []


def _at(point: Point, moment: datetime) -> list[object]:
    """What a continuous point held at a moment."""
    return [content for when, content in point.history if when <= moment][-1:]


# ---- Runs ----


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
    before = settle_scope(simulation, scope, job, point)
    found = found_malware(simulation, scope, job, point, before)
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
