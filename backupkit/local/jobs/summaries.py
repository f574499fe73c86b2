"""Job summaries: how many backup, copy and restore jobs of the last 14 days there are, by account, state and type.

Sources: the botocore model of the three operations, and the developer guide's page on the jobs dashboard.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import TypeAlias

import attrs

from backupkit.local.cloud import Cloud
from backupkit.local.jobs.records import present
from backupkit.local.operations import answers, refuse
from backupkit.local.paging import listing
from backupkit.local.state import Document, Place

__all__: list[str] = []

_SOURCE = "botocore model; developer guide, jobs dashboard"
_SUM, _EACH = "AGGREGATE_ALL", "ANY"
_DAY = timedelta(days=1)
_DAYS = {"ONE_DAY": 14, "SEVEN_DAYS": 7, "FOURTEEN_DAYS": 14}
_BAD_VALUE = "InvalidParameterValueException"


@attrs.frozen
class _Job:
    """What a summary needs of a job; restore jobs have no category."""

    created: datetime
    completed: datetime | None
    state: str
    resource_type: str
    category: str = ""


@attrs.frozen
class _Group:
    """Jobs that are counted as one; an empty text is left out of the answer."""

    start: datetime
    account: str
    state: str
    resource_type: str
    category: str


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


@answers("ListBackupJobSummaries", source=_SOURCE, lacks="members and administrators of organizations")
def _backups(cloud: Cloud, place: Place, params: Document) -> Document:
    return _summary(cloud, place, params, "Backup", _backup_jobs)


def _backup_jobs(place: Place) -> Iterator[_Job]:
    for job in place.backup_jobs.values():
        yield _Job(job.created, job.completed, job.state, job.resource_type, job.message_category or "")


@answers("ListCopyJobSummaries", source=_SOURCE, lacks="members and administrators of organizations")
def _copies(cloud: Cloud, place: Place, params: Document) -> Document:
    return _summary(cloud, place, params, "Copy", _copy_jobs)


def _copy_jobs(place: Place) -> Iterator[_Job]:
    for job in place.copy_jobs.values():
        yield _Job(job.created, job.completed, job.state, job.resource_type, job.message_category or "")


@answers("ListRestoreJobSummaries", source=_SOURCE, lacks="members and administrators of organizations")
def _restores(cloud: Cloud, place: Place, params: Document) -> Document:
    return _summary(cloud, place, params, "Restore", _restore_jobs)


def _restore_jobs(place: Place) -> Iterator[_Job]:
    for job in place.restore_jobs.values():
        yield _Job(job.created, job.completed, job.status, job.resource_type)


def _summary(cloud: Cloud, place: Place, params: Document, kind: str, jobs: _Jobs) -> Document:
    if params.get("MaxResults", 1) > cloud.choices.summary_page_limit:
        refuse(_BAD_VALUE, f"MaxResults cannot be more than {cloud.choices.summary_page_limit}")
    if params.get("AccountId") in {"*", "ROOT"}:
        refuse(_BAD_VALUE, f"Invalid AccountId: {params['AccountId']}")
    period: str = params.get("AggregationPeriod", cloud.choices.summary_period)
    window = _window(cloud, period)
    answer = listing(
        cloud,
        place,
        f"List{kind}JobSummaries",
        params,
        _counted(cloud, place, params, window, jobs),
        _key,
        member=f"{kind}JobSummaries",
        show=lambda counted: _shown(place, window, *counted),
    )
    return {**answer, "AggregationPeriod": period}


def _window(cloud: Cloud, period: str) -> _Window:
    today = cloud.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    end = today + _DAY if cloud.choices.summaries_count_today else today
    start = end - _DAYS[period] * _DAY
    return _Window(start, end, _DAY if period == "ONE_DAY" else end - start)


def _counted(
    cloud: Cloud, place: Place, params: Document, window: _Window, jobs: _Jobs
) -> Iterator[tuple[_Group, int]]:
    """The groups with their counts; nothing is counted before the first is asked for."""
    counts: Counter[_Group] = Counter()
    for there in _places(cloud, place, params.get("AccountId")):
        for job in jobs(there):
            group = _group(cloud, there, params, window, job)
            if group is not None:
                counts[group] += 1
    yield from counts.items()


def _places(cloud: Cloud, place: Place, asked: str | None) -> list[Place]:
    """Whose jobs are counted: one's own, or for the management account those of any account asked for."""
    if asked is None or not cloud.choices.manages_organization:
        return [place]
    return [
        there
        for there in cloud.places.values()
        if there.region_name == place.region_name and asked in {_SUM, _EACH, there.account_id}
    ]


def _group(cloud: Cloud, place: Place, params: Document, window: _Window, job: _Job) -> _Group | None:
    start = window.step_of(job)
    if start is None:
        return None
    default = _SUM if cloud.choices.summaries_sum_what_is_not_asked else _EACH
    state = _part(job.state, params.get("State", default))
    resource_type = _part(job.resource_type, params.get("ResourceType", default))
    category = _part(job.category, params.get("MessageCategory", default))
    if state is None or resource_type is None or category is None:
        return None
    whole = params.get("AccountId") == _SUM and cloud.choices.manages_organization
    return _Group(start, _SUM if whole else place.account_id, state, resource_type, category)


def _part(value: str, asked: str) -> str | None:
    """How a member of a job counts; None where it is not asked for. Case does not count: AWS's own spelling varies."""
    if asked == _SUM:
        return _SUM
    return value if asked == _EACH or asked.casefold() == value.casefold() else None


def _key(counted: tuple[_Group, int]) -> tuple[str | float, ...]:
    group, _ = counted
    return -group.start.timestamp(), group.account, group.state, group.resource_type, group.category


def _shown(place: Place, window: _Window, group: _Group, count: int) -> Document:
    return present(
        Region=place.region_name,
        AccountId=group.account,
        State=group.state,
        ResourceType=group.resource_type,
        MessageCategory=group.category or None,
        Count=count,
        StartTime=group.start,
        EndTime=group.start + window.step,
    )
