"""Job summaries: the backup, copy, restore and scan jobs of the last 14 days, counted, by account, state and type.

Sources: the botocore model of the four operations, and the developer guide's page on the jobs dashboard.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import TypeAlias

import attrs

from backupkit.emulator.kernel.job_records import present
from backupkit.emulator.kernel.operations import answers, refuse
from backupkit.emulator.kernel.paging import listing
from backupkit.emulator.kernel.simulation import Cloud
from backupkit.emulator.model import Document, Place
from backupkit.emulator.rules import organizations

__all__: list[str] = []

_SOURCE = "botocore model; developer guide, jobs dashboard"
_SUM, _EACH = "AGGREGATE_ALL", "ANY"
_DAY = timedelta(days=1)
# Their enums have no word for a sum.
_SUMMED_IN_SILENCE = frozenset({"MalwareScanner", "ScanResultStatus"})
_DAYS = {"ONE_DAY": 14, "SEVEN_DAYS": 7, "FOURTEEN_DAYS": 14}
_BAD_VALUE = "InvalidParameterValueException"


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


_Jobs: TypeAlias = Callable[[Place], Iterable[_Job]]


@attrs.frozen
class _Kind:
    """A kind of job that has a summary."""

    name: str
    jobs: _Jobs
    members: tuple[str, ...] = ("State", "ResourceType", "MessageCategory")
    """What its jobs are counted by; filters and answers call it so."""


def _backup_jobs(place: Place) -> Iterator[_Job]:
    for job in place.backup_jobs.values():
        yield _Job(job.created, job.completed, (job.state, job.resource_type, job.message_category or ""))


def _copy_jobs(place: Place) -> Iterator[_Job]:
    for job in place.copy_jobs.values():
        yield _Job(job.created, job.completed, (job.state, job.resource_type, job.message_category or ""))


def _restore_jobs(place: Place) -> Iterator[_Job]:
    for job in place.restore_jobs.values():
        yield _Job(job.created, job.completed, (job.status, job.resource_type))


def _scan_jobs(place: Place) -> Iterator[_Job]:
    for job in place.scan_jobs.values():
        yield _Job(job.created, job.completed, (job.state, job.resource_type, job.scanner, job.result or ""))


_BACKUPS = _Kind("Backup", _backup_jobs)
_COPIES = _Kind("Copy", _copy_jobs)
_RESTORES = _Kind("Restore", _restore_jobs, ("State", "ResourceType"))
_SCANS = _Kind("Scan", _scan_jobs, ("State", "ResourceType", "MalwareScanner", "ScanResultStatus"))


@answers("ListBackupJobSummaries", source=_SOURCE)
def _backups(cloud: Cloud, place: Place, params: Document) -> Document:
    return _summary(cloud, place, params, _BACKUPS)


@answers("ListCopyJobSummaries", source=_SOURCE)
def _copies(cloud: Cloud, place: Place, params: Document) -> Document:
    return _summary(cloud, place, params, _COPIES)


@answers("ListRestoreJobSummaries", source=_SOURCE)
def _restores(cloud: Cloud, place: Place, params: Document) -> Document:
    return _summary(cloud, place, params, _RESTORES)


@answers("ListScanJobSummaries", source=_SOURCE, lacks="MalwareScanner of ANY and AGGREGATE_ALL")
def _scans(cloud: Cloud, place: Place, params: Document) -> Document:
    return _summary(cloud, place, params, _SCANS)


def _summary(cloud: Cloud, place: Place, params: Document, kind: _Kind) -> Document:
    if params.get("MaxResults", 1) > cloud.choices.summary_page_limit:
        refuse(_BAD_VALUE, f"MaxResults cannot be more than {cloud.choices.summary_page_limit}")
    if params.get("AccountId") in {"*", "ROOT"}:
        refuse(_BAD_VALUE, f"Invalid AccountId: {params['AccountId']}")
    period: str = params.get("AggregationPeriod", cloud.choices.summary_period)
    window = _window(cloud, period)
    answer = listing(
        cloud,
        place,
        f"List{kind.name}JobSummaries",
        params,
        _counted(cloud, place, params, window, kind),
        _key,
        member=f"{kind.name}JobSummaries",
        show=lambda counted: _shown(place, window, kind, *counted),
    )
    return {**answer, "AggregationPeriod": period}


def _window(cloud: Cloud, period: str) -> _Window:
    today = cloud.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    end = today + _DAY if cloud.choices.summaries_count_today else today
    start = end - _DAYS[period] * _DAY
    return _Window(start, end, _DAY if period == "ONE_DAY" else end - start)


def _counted(
    cloud: Cloud, place: Place, params: Document, window: _Window, kind: _Kind
) -> Iterator[tuple[_Group, int]]:
    """The groups with their counts; nothing is counted before the first is asked for."""
    counts: Counter[_Group] = Counter()
    asked: str | None = params.get("AccountId")
    administers = organizations.administers(cloud, place.account_id)
    for there in _places(cloud, place, asked if administers else None):
        account = _SUM if administers and asked == _SUM else there.account_id
        for job in kind.jobs(there):
            group = _group(cloud, account, params, window, kind, job)
            if group is not None:
                counts[group] += 1
    yield from counts.items()


def _places(cloud: Cloud, place: Place, asked: str | None) -> list[Place]:
    """Whose jobs are counted: one's own, or for an administrator those of any account asked for."""
    return organizations.places(cloud, place, "*" if asked in {_SUM, _EACH} else asked)


def _group(cloud: Cloud, account: str, params: Document, window: _Window, kind: _Kind, job: _Job) -> _Group | None:
    start = window.step_of(job)
    if start is None:
        return None
    default = _SUM if cloud.choices.summaries_sum_what_is_not_asked else _EACH
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


def _shown(place: Place, window: _Window, kind: _Kind, group: _Group, count: int) -> Document:
    return present(
        Region=place.region_name,
        AccountId=group.account,
        **_told(kind, group),
        Count=count,
        StartTime=group.start,
        EndTime=group.start + window.step,
    )


def _told(kind: _Kind, group: _Group) -> Document:
    """What the jobs of a group have in common; nothing where they have no value."""
    return {
        member: part
        for member, part in zip(kind.members, group.parts, strict=True)
        if part and not (part == _SUM and member in _SUMMED_IN_SILENCE)
    }
