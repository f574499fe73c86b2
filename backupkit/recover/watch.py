"""Looks at many jobs until they are over, of any kinds and at any connections, with as few calls as it can.

In each round the jobs of one kind at one connection are found in a list, or described one by one, whichever took fewer
calls in the rounds before.
"""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Generic, Protocol, Self, TypeVar, cast

import attrs
import msgspec

from backupkit.declare.fields import shown
from backupkit.errors import BackupKitError, CredentialsError, InvalidValueError, JobSeen, NotFoundError
from backupkit.observe import Record
from backupkit.problems import Problem
from backupkit.recover.caller import Caller, caller_of
from backupkit.recover.job_kinds import JOB_KINDS, JobKind
from backupkit.transport.seam import Clock, Value

__all__ = ["POLLING", "Deadline", "Job", "Polling", "Watch"]

_LOG = logging.getLogger(__name__)

_FEWEST_LISTED = 4
"""Fewer jobs than this are described: a list that begins with jobs of others would save nothing."""
_MISSES = 5
"""Times that a job may not be found before it is not there: AWS shows a new one a moment after it was started."""
_FOREVER = 1e12
"""Seconds after which nobody waits any more; whole numbers may be larger than any float."""
_WIDER = timedelta(seconds=1)
"""How much wider than the jobs' times a list is asked for: filters may take whole seconds and leave out the ends."""

_KEPT = (
    "resource_arn",
    "source_resource_arn",
    "recovery_point_arn",
    "source_recovery_point_arn",
    "destination_backup_vault_arn",
    "backup_vault_name",
    "backup_vault_arn",
    "report_plan_arn",
    "resource_type",
    "iam_role_arn",
)
"""What never changes in a job, and is kept where an answer leaves it out."""


@attrs.frozen(kw_only=True)
class Polling:
    """How often jobs are looked at: after ``first`` seconds, then each time ``growth`` times later, to ``most``."""

    first: float = 2.0
    growth: float = 1.5
    most: float = 30.0
    per_call: float = 0.1
    """Seconds to pause for each call of the round before, so that describing many jobs stays below AWS's rates."""
    patience: float = 3600.0
    """Seconds without any answer (throttled, unreachable, credentials expired) until jobs are given up."""

    def pauses(self) -> Iterator[float]:
        """The pauses between looks, in seconds, without end."""
        pause = self.first
        while True:
            yield pause
            pause = min(pause * self.growth, self.most)


POLLING = Polling()


class Job(JobSeen, Protocol):
    """A job of any kind: a `BackupJob`, `CopyJob`, `RestoreJob`, `ReportJob` or `ScanJob`."""

    @property
    def id(self) -> str:
        """Its id."""
        ...

    @property
    def kind(self) -> str:
        """``backup``, ``copy``, ``restore``, ``report`` or ``scan``."""
        ...

    @property
    def resource_arn(self) -> str | None:
        """What it is about: the resource that was backed up."""
        ...

    @property
    def recovery_point_arn(self) -> str | None:
        """The point that it makes, copies, restores or scans."""
        ...

    @property
    def reason(self) -> str | None:
        """Why it is as it is, in a stable word."""
        ...

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        ...

    @property
    def clock(self) -> Clock:
        """What time goes by."""
        ...

    def refresh(self) -> Self:
        """Return the job as it is now."""
        ...

    def children(self) -> Iterator[Self]:
        """Return the jobs below it."""
        ...

    def stop(self) -> Self:
        """Ask AWS to stop it."""
        ...


J = TypeVar("J", bound=Job)


class Deadline:
    """When waiting ends, by the first of the clocks."""

    def __init__(self, clocks: tuple[Clock, ...], timeout: float | None) -> None:
        self._clock = clocks[0] if clocks else None
        self._end = None if timeout is None or not clocks else clocks[0].monotonic() + min(timeout, _FOREVER)

    def left(self) -> float:
        """Seconds until the end, or infinity."""
        if self._clock is None or self._end is None:
            return math.inf
        return self._end - self._clock.monotonic()


@attrs.define(eq=False)
class _Group(Generic[J]):
    """The jobs of one kind at one connection that are not over."""

    caller: Caller
    kind: JobKind
    last_answer: float
    pending: dict[str, J] = attrs.field(factory=dict)
    list_calls: float | None = None
    """What a round by lists took, with the descriptions of those that were not in it; None where none was tried."""
    calls: int = 0
    trouble: BackupKitError | None = None
    misses: Counter[str] = attrs.field(factory=Counter)
    seen: dict[str, J] = attrs.field(factory=dict)
    failed: dict[str, BackupKitError] = attrs.field(factory=dict)

    def look(self, patience: float) -> None:
        """Look once: what was seen is in ``seen``, whose state cannot be known in ``failed``."""
        before, self.trouble = self.trouble, None
        self.calls, self.seen, self.failed = 0, {}, {}
        if self._list_pays():
            self._look_at_list()
        for job_id in [each for each in self.pending if each not in self.seen]:
            if self.trouble is not None:
                break
            self._look_at(job_id)
        self._lose_patience(patience, before)

    def _list_pays(self) -> bool:
        jobs = len(self.pending)
        return jobs >= _FEWEST_LISTED and (self.list_calls is None or self.list_calls < jobs)

    def _look_at_list(self) -> None:
        """Walk the list of the jobs' time until all are found, or until describing them would have taken as long."""
        first = next(iter(self.pending.values()))
        if not isinstance(first, Record):
            return
        budget, self.list_calls = max(1, len(self.pending) // 4), math.inf
        try:
            for page in self.caller.paged(self.kind.list, type(first), self._filters()):
                self._answered()
                for job in page:
                    self._see(job)
                if len(self.seen) == len(self.pending) or self.calls == budget:
                    break
        except BackupKitError as error:
            self.calls += 1
            if _passes(error):
                self.trouble, self.list_calls = error, None
            return
        missing = len(self.pending) - len(self.seen)
        if self.calls < budget or not missing:
            self.list_calls = self.calls + missing

    def _filters(self) -> dict[str, Value]:
        """What the jobs have in common, as far as the list can be asked for it."""
        params: dict[str, Value] = {}
        for field, name in self.kind.shared.items():
            values = {getattr(job, field) for job in self.pending.values()}
            if len(values) == 1 and None not in values:
                params[name] = values.pop()
        created = [getattr(job, self.kind.created_field) for job in self.pending.values()]
        if self.kind.created_filters is not None and None not in created:
            after, before = self.kind.created_filters
            params[after] = min(created).replace(microsecond=0) - _WIDER
            params[before] = max(created).replace(microsecond=0) + 2 * _WIDER
        return params

    def _look_at(self, job_id: str) -> None:
        try:
            job = self.pending[job_id].refresh()
        except BackupKitError as error:
            self.calls += 1
            self._refused(job_id, error)
            return
        self._answered()
        self._see(job)

    def _refused(self, job_id: str, error: BackupKitError) -> None:
        if _passes(error):
            self.trouble = error
            return
        self.last_answer = self.caller.transport.clock.monotonic()
        self.misses[job_id] += 1
        if not isinstance(error, NotFoundError) or self.misses[job_id] > _MISSES:
            self.failed[job_id] = error

    def _answered(self) -> None:
        self.calls += 1
        self.last_answer = self.caller.transport.clock.monotonic()

    def _see(self, found: J | Record) -> None:
        job_id = getattr(found, "id", "")
        if job_id in self.pending:
            self.seen[job_id] = _complete(self.pending[job_id], found)

    def _lose_patience(self, patience: float, before: BackupKitError | None) -> None:
        if self.trouble is None:
            return
        if before is None:
            _LOG.warning("waiting for %d %s jobs goes on without an answer: %s", *self._told())
        if self.caller.transport.clock.monotonic() - self.last_answer > patience:
            self.failed |= {job_id: self.trouble for job_id in self.pending if job_id not in self.seen}

    def _told(self) -> tuple[int, str, BackupKitError | None]:
        return len(self.pending), self.kind.name, self.trouble


def _passes(error: BackupKitError) -> bool:
    """Whether asking again later, unchanged, may be answered."""
    return isinstance(error, CredentialsError) or bool(getattr(error, "retryable", False))


def _complete(known: J, found: J | Record) -> J:
    """The job as found, with what is known of it and was left out."""
    if not isinstance(found, Record):
        return found
    kept = {
        field: getattr(known, field)
        for field in _KEPT
        if field in found.__struct_fields__ and getattr(found, field) is None and getattr(known, field) is not None
    }
    # Lists are asked for the class of the jobs.
    return cast("J", msgspec.structs.replace(found, **kept) if kept else found)


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
        self._groups: dict[tuple[Caller, str], _Group[J]] = {}
        self._ended: list[J] = []
        self._polling = polling
        self._pauses = polling.pauses()
        self.errors: dict[str, BackupKitError] = {}
        """Why the state of a job cannot be known, by its id."""
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
            group = _Group(caller, JOB_KINDS[job.kind], caller.transport.clock.monotonic())
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

    def _learn(self, group: _Group[J]) -> Iterator[J]:
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
        _LOG.debug("looking again at %d jobs in %.1f s", self.pending, seconds)
        for clock in self.clocks:
            clock.sleep(seconds)
        return True


def _must_be_job(job: object) -> None:
    if getattr(job, "kind", None) not in JOB_KINDS or not getattr(job, "id", ""):
        what = f"{shown(job)} is not a job" if not hasattr(job, "kind") else "a job without an id cannot be found again"
        raise InvalidValueError(
            Problem("jobs", what, "give what back_up, copy_to, restore or aws.backup_jobs() return")
        )
