"""Waiting for many jobs together: `wait_all` and `as_completed`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from itertools import chain
from typing import TypeVar

import attrs

from backupkit.checks import must_be_bools
from backupkit.display import Block, Facts, Rows
from backupkit.errors import BackupKitError, WaitTimeoutError
from backupkit.problems import counted
from backupkit.progress import Report, bar
from backupkit.recover.job_table import JOBS
from backupkit.recover.polling import POLLING, Deadline, Job, Polling
from backupkit.recover.waiting import ended_well, must_be_seconds
from backupkit.recover.watch import Watch
from backupkit.serialization import Serializable, plain_members
from backupkit.tables import Column, ColumnType, RecordForm, Table

__all__ = ["WaitResult", "as_completed", "wait_all"]

J = TypeVar("J", bound=Job)
J_co = TypeVar("J_co", bound=Job, covariant=True)


@attrs.frozen(kw_only=True, repr=False)
class WaitResult(Table[J_co], Serializable):
    """What became of jobs that were waited for, each in the order in which it was given."""

    completed: tuple[J_co, ...] = ()
    """Those that did what was asked for."""
    failed: tuple[J_co, ...] = ()
    """Those that ended otherwise: failed, expired, aborted, canceled, partial, or completed with issues."""
    unfinished: tuple[J_co, ...] = ()
    """Those that were not over when the time was up, or whose state could not be read; they go on."""
    errors: Mapping[str, BackupKitError] = attrs.field(factory=dict, eq=False)
    """Why the state of an unfinished job could not be read, by the job's id."""

    @property
    def summary(self) -> str:
        """How many ended how, and why, in one line."""
        parts = [f"{len(self.completed)} completed", f"{len(self.failed)} failed", f"{len(self.unfinished)} unfinished"]
        reasons = Counter(job.reason or "other" for job in self.failed)
        text = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
        return ", ".join(parts) + (f" ({text})" if text else "")

    def __repr__(self) -> str:
        return f"<WaitResult {self.summary}>"

    def to_dict(self, *, json: bool = False) -> dict[str, object]:
        """Return what became of each job, under the words of its handle."""
        jobs = {name: [_job_row(job) for job in getattr(self, name)] for name in _OUTCOMES}
        return plain_members(jobs, json=json)

    def to_json(self) -> str:
        """Return `to_dict` as JSON text."""
        return json.dumps(self.to_dict())

    def __iter__(self) -> Iterator[J_co]:
        return chain(self.completed, self.failed, self.unfinished)

    def _form(self) -> RecordForm:
        outcomes = {job.id: name for name in _OUTCOMES for job in getattr(self, name)}
        about = "`completed`, `failed` or `unfinished`"
        outcome = Column("outcome", ColumnType.CATEGORY, about, lambda jobs: [outcomes[job.id] for job in jobs])
        return attrs.evolve(JOBS, columns=(outcome, *JOBS.columns))

    def _blocks(self) -> tuple[Block, ...]:
        """The summary, and each job that needs somebody."""
        jobs: list[Job] = [*self.failed, *self.unfinished]
        if not jobs:
            return (Facts(self.summary),)
        failed = {job.id for job in self.failed}
        return Facts(self.summary), Rows.first(
            _COLUMNS,
            jobs,
            lambda job: [_job_row(job)[name] or "" for name in _COLUMNS],
            mark=lambda job: "bad" if job.id in failed else "doubtful",
        )


_OUTCOMES = ("completed", "failed", "unfinished")
_COLUMNS = ("state", "kind", "id", "reason", "resource_arn", "status_message")


def _job_row(job: Job) -> dict[str, str | None]:
    names = (*_COLUMNS, "recovery_point_arn")
    return {name: getattr(job, name) for name in names}


def wait_all(
    jobs: Iterable[J],
    *,
    timeout: float | None = None,
    progress: bool = False,
    accept_issues: bool = False,
    polling: Polling = POLLING,
) -> WaitResult[J]:
    """Wait until all jobs are over, and return which ended well, which did not, and which are not over.

    Jobs may be of different kinds, and of different connections and Regions. No end of a job raises anything, and
    neither do throttling, lost connections and credentials that expire: these are waited out, up to an hour without any
    answer (``polling.patience``).

    Args:
        jobs: The jobs; one that is given twice counts once.
        timeout: Seconds, or None to wait as long as it takes.
        progress: Whether to draw a bar.
        accept_issues: Whether jobs that completed with issues count as completed.
        polling: How often to look.

    Raises:
        InvalidValueError: Something is not a job, or the timeout is not a number of seconds.
        ConfigurationError: A job has no connection.
    """
    must_be_seconds(timeout)
    must_be_bools("wait_all", progress=progress, accept_issues=accept_issues)
    watch = Watch(jobs, polling)
    deadline = Deadline(watch.clocks, timeout)
    with _bar(watch, visible=progress) as report:
        while True:
            watch.look()
            _tell(watch, report)
            if not watch.pending or not watch.pause(deadline):
                break
    ended = [job for job in watch.jobs if job.ended]
    return WaitResult(
        completed=tuple(job for job in ended if ended_well(job, accept_issues=accept_issues)),
        failed=tuple(job for job in ended if not ended_well(job, accept_issues=accept_issues)),
        unfinished=tuple(job for job in watch.jobs if not job.ended),
        errors=watch.errors,
    )


def as_completed(
    jobs: Iterable[J], *, timeout: float | None = None, progress: bool = False, polling: Polling = POLLING
) -> Iterator[J]:
    """Return each job as soon as it is over, well or badly: look at its ``state`` and ``reason``.

    Args:
        jobs: The jobs, as for `wait_all`.
        timeout: Seconds for all together, or None to wait as long as it takes.
        progress: Whether to draw a bar.
        polling: How often to look.

    Raises:
        InvalidValueError: Something is not a job, or the timeout is not a number of seconds.
        WaitTimeoutError: After those that ended: the time is up, and others go on. Has the first of them.
        BackupKitError: After those that ended: why the state of a job could not be read.
    """
    must_be_seconds(timeout)
    must_be_bools("as_completed", progress=progress)
    watch = Watch(jobs, polling)
    return _ends(watch, Deadline(watch.clocks, timeout), timeout, visible=progress)


def _ends(watch: Watch[J], deadline: Deadline, timeout: float | None, *, visible: bool) -> Iterator[J]:
    with _bar(watch, visible=visible) as report:
        while True:
            yield from watch.look()
            _tell(watch, report)
            if not watch.pending:
                break
            if not watch.pause(deadline):
                first = next(job for job in watch.jobs if not job.ended and job.id not in watch.errors)
                waited = counted(timeout or 0, "second")
                undone = f"{counted(watch.pending, 'job')} not done after {waited}, and still under way"
                raise WaitTimeoutError(f"{undone}; the first is {first.label}", first)
    for error in watch.errors.values():
        raise error


def _bar(watch: Watch[J], *, visible: bool) -> AbstractContextManager[Report]:
    return bar(counted(len(watch.jobs), "job"), total=float(len(watch.jobs) or 1), visible=visible)


def _tell(watch: Watch[J], report: Report) -> None:
    states = Counter(job.state or "not known" for job in watch.jobs)
    report(float(len(watch.jobs) - watch.pending), ", ".join(f"{count} {state}" for state, count in states.items()))
