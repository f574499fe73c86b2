"""Job summaries: the backup, copy, restore and scan jobs of the last 14 days, counted, by account, state and type.

Sources: the botocore model of the four operations, and the developer guide's page on the jobs dashboard.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import TypeAlias

import attrs

from backupkit.emulator.kernel.operations import operation, raise_api_error
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
_BAD_VALUE = "InvalidParameterValueException"
_PAGE_LIMIT = 500  # the guide; the model says 1,000
_PERIOD = "ONE_DAY"  # where the call gives none


@attrs.frozen
class _Job:
    """What a summary needs of a job; ``parts`` are its values of the members that its kind is counted by."""

    created: datetime
    completed: datetime | None
    parts: tuple[str, ...]


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

    def step_of(self, job: _Job) -> datetime | None:
        """The start of the step a job counts in: of its creation, or the first for one that ran on into it."""
        if job.created >= self.end or (job.completed is not None and job.completed < self.start):
            return None
        return self.start + max(job.created - self.start, timedelta()) // self.step * self.step


_Jobs: TypeAlias = Callable[[RegionScope], Iterable[_Job]]


@attrs.frozen
class _Kind:
    """A kind of job that has a summary."""

    name: str
    jobs: _Jobs
    members: tuple[str, ...] = ("State", "ResourceType", "MessageCategory")
    """What its jobs are counted by; filters and answers call it so."""


def _backup_jobs(scope: RegionScope) -> Iterator[_Job]:
    for job in scope.backup_jobs.values():
        yield _Job(job.created, job.completed, (job.state, job.resource_type, job.message_category or ""))


def _copy_jobs(scope: RegionScope) -> Iterator[_Job]:
    for job in scope.copy_jobs.values():
        yield _Job(job.created, job.completed, (job.state, job.resource_type, job.message_category or ""))


def _restore_jobs(scope: RegionScope) -> Iterator[_Job]:
    for job in scope.restore_jobs.values():
        yield _Job(job.created, job.completed, (job.status, job.resource_type))


def _scan_jobs(scope: RegionScope) -> Iterator[_Job]:
    for job in scope.scan_jobs.values():
        yield _Job(job.created, job.completed, (job.state, job.resource_type, job.scanner, job.result or ""))


_BACKUPS = _Kind("Backup", _backup_jobs)
_COPIES = _Kind("Copy", _copy_jobs)
_RESTORES = _Kind("Restore", _restore_jobs, ("State", "ResourceType"))
_SCANS = _Kind("Scan", _scan_jobs, ("State", "ResourceType", "MalwareScanner", "ScanResultStatus"))


@operation("ListBackupJobSummaries", source=_SOURCE)
def _backups(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return _summary(simulation, scope, params, _BACKUPS)


@operation("ListCopyJobSummaries", source=_SOURCE)
def _copies(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return _summary(simulation, scope, params, _COPIES)


@operation("ListRestoreJobSummaries", source=_SOURCE)
def _restores(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return _summary(simulation, scope, params, _RESTORES)


@operation("ListScanJobSummaries", source=_SOURCE, missing="MalwareScanner of ANY and AGGREGATE_ALL")
def _scans(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return _summary(simulation, scope, params, _SCANS)


def _summary(simulation: Simulation, scope: RegionScope, params: Document, kind: _Kind) -> Document:
    if params.get("MaxResults", 1) > _PAGE_LIMIT:
        raise_api_error(_BAD_VALUE, f"MaxResults cannot be more than {_PAGE_LIMIT}")
    if params.get("AccountId") in {"*", "ROOT"}:
        raise_api_error(_BAD_VALUE, f"Invalid AccountId: {params['AccountId']}")
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
        show=lambda counted: _shown(scope, window, kind, *counted),
    )
    return {**answer, "AggregationPeriod": period}


def _window(simulation: Simulation, period: str) -> _Window:
    today = simulation.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    end = today + _DAY
    start = end - _DAYS[period] * _DAY
    return _Window(start, end, _DAY if period == "ONE_DAY" else end - start)


def _counted(
    simulation: Simulation, scope: RegionScope, params: Document, window: _Window, kind: _Kind
) -> Iterator[tuple[_Group, int]]:
    """The groups with their counts; nothing is counted before the first is asked for."""
    counts: Counter[_Group] = Counter()
    asked: str | None = params.get("AccountId")
    administers = organizations.administers(simulation, scope.account_id)
    for there in _places(simulation, scope, asked if administers else None):
        account = _SUM if administers and asked == _SUM else there.account_id
        for job in kind.jobs(there):
            group = _group(simulation, account, params, window, kind, job)
            if group is not None:
                counts[group] += 1
    yield from counts.items()


def _places(simulation: Simulation, scope: RegionScope, asked: str | None) -> list[RegionScope]:
    """Whose jobs are counted: one's own, or for an administrator those of any account asked for."""
    return organizations.scopes(simulation, scope, "*" if asked in {_SUM, _EACH} else asked)


def _group(
    simulation: Simulation, account: str, params: Document, window: _Window, kind: _Kind, job: _Job
) -> _Group | None:
    start = window.step_of(job)
    if start is None:
        return None
    default = _SUM if simulation.choices.summaries_sum_what_is_not_asked else _EACH
    parts = [_part(value, params.get(member, default)) for member, value in zip(kind.members, job.parts, strict=True)]
    whole = tuple(part for part in parts if part is not None)
    return _Group(start, account, whole) if len(whole) == len(parts) else None


def _part(value: str, asked: str) -> str | None:
    """How a member of a job counts; None where it is not asked for. Case does not count: AWS's own spelling varies."""
    if asked == _SUM:
        return _SUM
    return value if asked == _EACH or asked.casefold() == value.casefold() else None


def _key(counted: tuple[_Group, int]) -> tuple[str | float, ...]:
    group, _ = counted
    return -group.start.timestamp(), group.account, *group.parts


def _shown(scope: RegionScope, window: _Window, kind: _Kind, group: _Group, count: int) -> Document:
    return {
        "Region": scope.region_name,
        "AccountId": group.account,
        **_told(kind, group),
        "Count": count,
        "StartTime": group.start,
        "EndTime": group.start + window.step,
    }


def _told(kind: _Kind, group: _Group) -> Document:
    """What the jobs of a group have in common; nothing where they have no value."""
    return {
        member: part
        for member, part in zip(kind.members, group.parts, strict=True)
        if part and not (part == _SUM and member in _SUMMED_IN_SILENCE)
    }
