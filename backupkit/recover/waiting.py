"""Waiting for one job: how often it is looked at, and what counts as a good end. botocore ships no waiters."""

from __future__ import annotations

from typing import TypeVar

from backupkit.checks import must_be_bools
from backupkit.errors import BackupKitError, InvalidValueError, JobFailedError, ServiceError, WaitTimeoutError
from backupkit.problems import Problem, counted, quote
from backupkit.progress import bar
from backupkit.recover.polling import POLLING, Deadline, Job, Polling
from backupkit.recover.watch import Watch
from backupkit.transport.scrubbing import cut

__all__ = ["POLLING", "Job", "Polling", "ended_well", "issues_of", "percent_of", "wait"]

J = TypeVar("J", bound=Job)


def wait(job: J, *, timeout: float | None, progress: bool, accept_issues: bool, polling: Polling = POLLING) -> J:
    """Return the job once it has ended well.

    Args:
        job: The job as last seen.
        timeout: Seconds, or None to wait as long as it takes.
        progress: Whether to draw a bar.
        accept_issues: Whether a job that completed with issues is good enough.
        polling: How often to look.

    Raises:
        InvalidValueError: The timeout is not a number of seconds, or a word is neither True nor False.
        JobFailedError: It ended otherwise; with its message and its children.
        WaitTimeoutError: It had not ended in time; it goes on.
    """
    must_be_seconds(timeout)
    must_be_bools("wait", progress=progress, accept_issues=accept_issues)
    watch = Watch([job], polling)
    deadline = Deadline(watch.clocks, timeout)
    with bar(job.label, visible=progress) as report:
        while True:
            watch.look()
            job = watch.jobs[0]
            report(100.0 if job.state == "COMPLETED" else job.percent, job.state or "")
            if not watch.pending:
                break
            if not watch.pause(deadline):
                waited = counted(timeout or 0, "second")
                raise WaitTimeoutError(f"{job.label}: not done after {waited}; the job goes on", job)
    for error in watch.errors.values():
        raise error
    return _ended_well(job, accept_issues=accept_issues)


def must_be_seconds(timeout: float | None) -> None:
    """Refuse a timeout that is not a number of seconds."""
    if timeout is not None and (isinstance(timeout, bool) or not isinstance(timeout, (int, float)) or not timeout >= 0):
        raise InvalidValueError(
            Problem("wait/timeout", f"{quote(timeout)} is not a number of seconds", "give 0 or more, or None")
        )


def ended_well(job: Job, *, accept_issues: bool) -> bool:
    """Whether a job that is over did what was asked for."""
    return job.state in {"COMPLETED", "COMPLETED_WITH_ISSUES"} and (job.issues is None or accept_issues)


def _ended_well(job: J, *, accept_issues: bool) -> J:
    if ended_well(job, accept_issues=accept_issues):
        return job
    children, below = _children(job)
    if job.issues is not None:
        hint = "; accept_issues=True takes it as it is"
        raise JobFailedError(f"{job.label}: completed with issues: {cut(job.issues)}{below}{hint}", job, children)
    raise JobFailedError(
        f"{job.label}: {job.state}: {cut(job.status_message or 'AWS gives no reason')}{below}", job, children
    )


def _children(job: J) -> tuple[tuple[J, ...], str]:
    """The jobs below a job that did not end well, and how those have ended, in words."""
    try:
        children = tuple(job.children())
    except BackupKitError as error:
        # What went wrong is the end of the job, and not that nobody may list the jobs below it.
        code = error.code if isinstance(error, ServiceError) else type(error).__name__
        return (), f"; its child jobs could not be read ({code})"
    bad = [child for child in children if not ended_well(child, accept_issues=False)]
    return children, f"; {len(bad)} of its {len(children)} child jobs did not complete cleanly" if children else ""


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
