"""How far a scan reaches: all that a point holds, or what changed since its base; and the malware it finds there.

Sources: the developer guide's page on malware protection (when an incremental scan becomes a full one), and GuardDuty's
guide (what an incremental scan looks at again).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import attrs

from backupkit.emulator.kernel.resource_protocol import inspected
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Point, RegionScope, Scan, ScanJob
from backupkit.emulator.rules import point_store

__all__ = ["FULL", "INCREMENTAL", "Found", "found", "settle", "whole_only"]

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


def settle(simulation: Simulation, scope: RegionScope, job: ScanJob, point: Point) -> Scan | None:
    """Write into the job how far it reaches, and answer the scan that it builds on; None for a full scan."""
    before = _before(simulation, scope, job, point) if job.mode == INCREMENTAL else None
    if before is None:
        job.mode, job.base_arn = FULL, None
    if point.continuous:
        job.end = _as_told(job.end or simulation.clock.now())
        job.start = before.end if before is not None else _as_told(_earliest(point))
    return before


def _as_told(moment: datetime) -> datetime:
    """The moment as the API tells it, to the millisecond, so that one who asks for it finds it."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _before(simulation: Simulation, scope: RegionScope, job: ScanJob, point: Point) -> Scan | None:
    """The scan of the base that an incremental scan builds on."""
    if whole_only(scope, point):
        return None
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


def found(simulation: Simulation, scope: RegionScope, job: ScanJob, point: Point, before: Scan | None) -> Found | None:
    """What the scan finds; None where the point cannot be read."""
    held = _held(_scanned(job, point))
    if before is None or held is None:
        return held
    known = _held(_known(scope, job, point))
    if known is None:
        return None
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
