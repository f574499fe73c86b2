"""Job summaries: the backup, copy, restore and scan jobs of the last 14 days, counted, by account, state and type.

Sources: the botocore model of the four operations, and the developer guide's page on the jobs dashboard.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import attrs

from backupkit.emulator.kernel.job_records import BACKUP_JOBS, COPY_JOBS, RESTORE_JOBS, SCAN_JOBS, Job, JobKind
from backupkit.emulator.kernel.operations import operation, raise_invalid_value
from backupkit.emulator.kernel.paging import listing
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, RegionScope
from backupkit.emulator.rules import organizations

__all__: list[str] = []

_SOURCE = "botocore model; developer guide, jobs dashboard"
_SUM, _EACH = "AGGREGATE_ALL", "ANY"
_DAY = timedelta(days=1)
# Their enums have no word for a sum.
_SUMMED_IN_SILENCE = frozenset({"MalwareScanner", "ScanResultStatus"})
_DAYS = {"ONE_DAY": 14, "SEVEN_DAYS": 7, "FOURTEEN_DAYS": 14}
_PAGE_LIMIT = 500  # the guide; the model says 1,000
_PERIOD = "ONE_DAY"  # where the call gives none


@attrs.frozen
class _Group:
    """Jobs that are counted as one; an empty text is left out of the answer."""

    start: datetime
    account: str
    parts: tuple[str, ...]


@attrs.frozen
class _Window:
    """The days of a summary (UTC): from ``start`` until ``end``, in steps of ``step``."""

    start: datetime
    end: datetime
    step: timedelta

    def step_of(self, job: Job) -> datetime | None:
        """The start of the step a job counts in: of its creation, or the first for one that ran on into it."""
        if job.created >= self.end or (job.completed is not None and job.completed < self.start):
            return None
        return self.start + max(job.created - self.start, timedelta()) // self.step * self.step


@operation("ListBackupJobSummaries", source=_SOURCE)
def _backups(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return _summary(simulation, scope, params, BACKUP_JOBS)


@operation("ListCopyJobSummaries", source=_SOURCE)
def _copies(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return _summary(simulation, scope, params, COPY_JOBS)


@operation("ListRestoreJobSummaries", source=_SOURCE)
def _restores(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return _summary(simulation, scope, params, RESTORE_JOBS)


@operation("ListScanJobSummaries", source=_SOURCE, missing="MalwareScanner of ANY and AGGREGATE_ALL")
def _scans(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return _summary(simulation, scope, params, SCAN_JOBS)


def _summary(simulation: Simulation, scope: RegionScope, params: Document, kind: JobKind[Any]) -> Document:
    if params.get("MaxResults", 1) > _PAGE_LIMIT:
        raise_invalid_value(f"MaxResults cannot be more than {_PAGE_LIMIT}")
    if params.get("AccountId") in {"*", "ROOT"}:
        raise_invalid_value(f"Invalid AccountId: {params['AccountId']}")
    period: str = params.get("AggregationPeriod", _PERIOD)
    window = _window(simulation, period)
    answer = listing(
        simulation,
        scope,
        f"List{kind.name}JobSummaries",
        params,
        _counted(simulation, scope, params, window, kind),
        _key,
        member=f"{kind.name}JobSummaries",
        show=lambda counted: _view(scope, window, kind, *counted),
    )
    return {**answer, "AggregationPeriod": period}


def _window(simulation: Simulation, period: str) -> _Window:
    today = simulation.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    end = today + _DAY
    start = end - _DAYS[period] * _DAY
    return _Window(start, end, _DAY if period == "ONE_DAY" else end - start)


def _counted(
    simulation: Simulation, scope: RegionScope, params: Document, window: _Window, kind: JobKind[Any]
) -> Iterator[tuple[_Group, int]]:
    """The groups with their counts; nothing is counted before the first is asked for."""
    counts: Counter[_Group] = Counter()
    account_filter: str | None = params.get("AccountId")
    administers = organizations.administers(simulation, scope.account_id)
    for there in _places(simulation, scope, account_filter if administers else None):
        account = _SUM if administers and account_filter == _SUM else there.account_id
        for job in kind.records(there).values():
            group = _group(simulation, account, params, window, kind, job)
            if group is not None:
                counts[group] += 1
    yield from counts.items()


def _places(simulation: Simulation, scope: RegionScope, account_filter: str | None) -> list[RegionScope]:
    """Whose jobs are counted: one's own, or for an administrator those of any account asked for."""
    return organizations.scopes(simulation, scope, "*" if account_filter in {_SUM, _EACH} else account_filter)


def _group(
    simulation: Simulation, account: str, params: Document, window: _Window, kind: JobKind[Any], job: Job
) -> _Group | None:
    start = window.step_of(job)
    if start is None:
        return None
    default = _SUM if simulation.choices.summaries_sum_what_is_not_asked else _EACH
    counted_by = kind.counted_by.items()
    parts = [_part(getattr(job, name) or "", params.get(member, default)) for member, name in counted_by]
    whole = tuple(part for part in parts if part is not None)
    return _Group(start, account, whole) if len(whole) == len(parts) else None


def _part(value: str, account_filter: str) -> str | None:
    """How a member of a job counts; None where it is not asked for. Case does not count: AWS's own spelling varies."""
    if account_filter == _SUM:
        return _SUM
    return value if account_filter == _EACH or account_filter.casefold() == value.casefold() else None


def _key(counted: tuple[_Group, int]) -> tuple[str | float, ...]:
    group, _ = counted
    return -group.start.timestamp(), group.account, *group.parts


def _view(scope: RegionScope, window: _Window, kind: JobKind[Any], group: _Group, count: int) -> Document:
    return {
        "Region": scope.region_name,
        "AccountId": group.account,
        **_group_members(kind, group),
        "Count": count,
        "StartTime": group.start,
        "EndTime": group.start + window.step,
    }


def _group_members(kind: JobKind[Any], group: _Group) -> Document:
    """What the jobs of a group have in common; nothing where they have no value."""
    return {
        member: part
        for member, part in zip(kind.counted_by, group.parts, strict=True)
        if part and not (part == _SUM and member in _SUMMED_IN_SILENCE)
    }
