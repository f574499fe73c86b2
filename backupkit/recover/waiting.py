"""Waiting for jobs: one loop for all kinds. botocore ships no waiters for AWS Backup."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Protocol, Self, TypeVar

import attrs

from backupkit.declare.fields import shown
from backupkit.errors import InvalidValueError, JobFailedError, JobSeen, WaitTimeoutError
from backupkit.problems import Problem
from backupkit.progress import Report, bar
from backupkit.transport.seam import Clock

__all__ = ["OVER", "POLLING", "Job", "Polling", "issues_of", "percent_of", "to_the_end"]

OVER = frozenset({"COMPLETED", "PARTIAL", "FAILED", "ABORTED", "EXPIRED"})
"""The states from which no job comes back (botocore model; guide, job states)."""


@attrs.frozen(kw_only=True)
class Polling:
    """How often a job is looked at, in seconds: after ``first``, then each time ``growth`` times later, to ``most``."""

    first: float = 2.0
    growth: float = 1.5
    most: float = 30.0

    def pauses(self) -> Iterator[float]:
        """The pauses between looks, in seconds, without end."""
        pause = self.first
        while True:
            yield pause
            pause = min(pause * self.growth, self.most)


POLLING = Polling()


class Job(JobSeen, Protocol):
    """What the loop needs of a job."""

    @property
    def clock(self) -> Clock:
        """What time goes by."""
        ...

    def refresh(self) -> Self:
        """The job as it is now."""
        ...

    def children(self) -> Iterator[Self]:
        """The jobs below it."""
        ...


J = TypeVar("J", bound=Job)


def to_the_end(job: J, *, timeout: float | None, progress: bool, accept_issues: bool, polling: Polling = POLLING) -> J:
    """The job once it has ended well.

    Args:
        job: The job as last seen.
        timeout: Seconds, or None to wait as long as it takes.
        progress: Whether to draw a bar.
        accept_issues: Whether a job that completed with issues is good enough.
        polling: How often to look.

    Raises:
        JobFailedError: It ended otherwise; with its message and its children.
        WaitTimeoutError: It had not ended in time; it goes on.
    """
    if timeout is not None and (isinstance(timeout, bool) or not isinstance(timeout, (int, float)) or timeout < 0):
        raise InvalidValueError(Problem("wait/timeout", f"{shown(timeout)} is no number of seconds", "give 0 or more"))
    clock = job.clock
    deadline = None if timeout is None else clock.now() + timedelta(seconds=timeout)
    with bar(job.label, shown=progress) as report:
        job = _told(job.refresh(), report)
        for pause in polling.pauses():
            if job.outcome in OVER:
                break
            left = pause if deadline is None else (deadline - clock.now()).total_seconds()
            if left <= 0:
                raise WaitTimeoutError(f"{job.label}: not done after {timeout:g} seconds; the job goes on", job)
            clock.sleep(min(pause, left))
            job = _told(job.refresh(), report)
    return _ended_well(job, accept_issues=accept_issues)


def _told(job: J, report: Report) -> J:
    report(100.0 if job.outcome == "COMPLETED" else job.percent, job.outcome or "")
    return job


def _ended_well(job: J, *, accept_issues: bool) -> J:
    if job.outcome == "COMPLETED" and (job.issues is None or accept_issues):
        return job
    children = tuple(job.children())
    bad = [child for child in children if child.outcome != "COMPLETED" or child.issues is not None]
    below = f"; {len(bad)} of its {len(children)} child jobs did not complete cleanly" if children else ""
    if job.issues is not None:
        way_out = "; accept_issues=True takes it as it is"
        raise JobFailedError(f"{job.label}: completed with issues: {job.issues}{below}{way_out}", job, children)
    raise JobFailedError(
        f"{job.label}: {job.outcome}: {job.status_message or 'AWS gives no reason'}{below}", job, children
    )


def issues_of(state: str | None, category: str | None, message: str | None) -> str | None:
    """What went wrong in a job that AWS calls COMPLETED, or None."""
    # AWS spells categories in several ways; only their words count.
    if state != "COMPLETED" or (category or "").upper() in {"", "SUCCESS"}:
        return None
    return message or category


def percent_of(text: str | None) -> float:
    """AWS's estimate, which it gives as text such as ``12.50%``, as a number from 0 to 100."""
    digits = (text or "").rstrip("%")
    return float(digits) if digits.replace(".", "", 1).isdigit() else 0.0
