"""Look at many jobs until they are over, of any kinds and at any connections."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from backupkit.errors import BackupKitError, InvalidValueError
from backupkit.problems import Problem, counted, quote
from backupkit.recover.caller import Caller, caller_of
from backupkit.recover.job_group import JobGroup
from backupkit.recover.job_kinds import JOB_KINDS
from backupkit.recover.polling import POLLING, Deadline, Job, Polling

__all__ = ["Watch"]

_LOG = logging.getLogger(__name__)

J = TypeVar("J", bound=Job)


class Watch(Generic[J]):
    """Jobs that are waited for together; each counts once, however often it is given.

    Args:
        jobs: The jobs as last seen.
        polling: How often to look.

    Raises:
        InvalidValueError: Something is not a job.
        ConfigurationError: A job has no connection.
    """

    def __init__(self, jobs: Iterable[J], polling: Polling = POLLING) -> None:
        self._latest: dict[tuple[Caller, str, str], J] = {}
        self._groups: dict[tuple[Caller, str], JobGroup[J]] = {}
        self._ended: list[J] = []
        if not isinstance(polling, Polling):
            hint = "give for example bk.Polling(first=5)"
            raise InvalidValueError(Problem("wait/polling", f"{quote(polling)} is not a bk.Polling", hint))
        self._polling = polling
        self._pauses = polling.pauses()
        self.errors: dict[str, BackupKitError] = {}
        """Why the state of a job cannot be known, by its id."""
        if not isinstance(jobs, Iterable):
            raise InvalidValueError(Problem("jobs", f"{quote(jobs)} is not a list of jobs", "give a list: [job]"))
        for job in jobs:
            self._take(job)
        self.clocks = tuple(dict.fromkeys(group.caller.transport.clock for group in self._groups.values()))

    def _take(self, job: J) -> None:
        _must_be_job(job)
        caller = caller_of(getattr(job, "_aws", None))
        if (caller, job.kind, job.id) in self._latest:
            return
        self._latest[caller, job.kind, job.id] = job
        if job.ended:
            self._ended.append(job)
            return
        group = self._groups.get((caller, job.kind))
        if group is None:
            group = JobGroup(caller, JOB_KINDS[job.kind], caller.transport.clock.monotonic())
            self._groups[caller, job.kind] = group
        group.pending[job.id] = job

    @property
    def jobs(self) -> list[J]:
        """All jobs as last seen, in the order in which they were given."""
        return list(self._latest.values())

    @property
    def pending(self) -> int:
        """How many may still end."""
        return sum(len(group.pending) for group in self._groups.values())

    def look(self) -> list[J]:
        """Look once at all that are not over, and return those that have ended since the last look."""
        ended, self._ended = self._ended, []
        for group in self._groups.values():
            if group.pending:
                group.look(self._polling.patience)
                ended.extend(self._learn(group))
        return ended

    def _learn(self, group: JobGroup[J]) -> Iterator[J]:
        for job_id, job in group.seen.items():
            if job.state != group.pending[job_id].state:
                _LOG.info("%s: %s", job.label, job.state)
            self._latest[group.caller, group.kind.name, job_id] = job
            group.pending[job_id] = job
            if job.ended:
                del group.pending[job_id]
                yield job
        for job_id, error in group.failed.items():
            del group.pending[job_id]
            self.errors[job_id] = error

    def pause(self, deadline: Deadline) -> bool:
        """Let time pass until the next look; False where there is none left."""
        left = deadline.left()
        if left <= 0:
            return False
        calls = sum(group.calls for group in self._groups.values() if group.pending)
        seconds = min(max(next(self._pauses), calls * self._polling.per_call), left)
        _LOG.debug("looking again at %s in %.1f s", counted(self.pending, "job"), seconds)
        for clock in self.clocks:
            clock.sleep(seconds)
        return True


def _must_be_job(job: object) -> None:
    if getattr(job, "kind", None) not in JOB_KINDS or not getattr(job, "id", ""):
        what = f"{quote(job)} is not a job" if not hasattr(job, "kind") else "a job without an id cannot be found again"
        raise InvalidValueError(
            Problem("jobs", what, "give what back_up, copy_to, restore or aws.backup_jobs() return")
        )
