"""Jobs of one kind at one connection, looked at with as few calls as can be.

In each round they are found in a list, or described one by one, whichever took fewer calls in the rounds before.
"""

from __future__ import annotations

import logging
import math
from collections import Counter
from datetime import timedelta
from typing import Generic, TypeVar, cast

import attrs
import msgspec

from backupkit.errors import BackupKitError, CredentialsError, NotFoundError
from backupkit.observe import Record
from backupkit.recover.caller import Caller
from backupkit.recover.job_kinds import JobKind
from backupkit.recover.polling import Job
from backupkit.transport.protocol import Value

__all__ = ["JobGroup"]

J = TypeVar("J", bound=Job)

_LOG = logging.getLogger(__name__)

_FEWEST_LISTED = 4
"""Fewer jobs than this are described: a list that begins with jobs of others would save nothing."""
_MISSES = 5
"""Times that a job may not be found before it is not there: AWS shows a new one a moment after it was started."""
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


@attrs.define(eq=False)
class JobGroup(Generic[J]):
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
            _LOG.warning("waiting for %d %s jobs goes on without an answer: %s", *self._log_fields())
        if self.caller.transport.clock.monotonic() - self.last_answer > patience:
            self.failed |= {job_id: self.trouble for job_id in self.pending if job_id not in self.seen}

    def _log_fields(self) -> tuple[int, str, BackupKitError | None]:
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
