"""Doing to many points what a preview shows: side by side, never twice, and without loss where it is stopped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_first

import attrs

from backupkit import observe
from backupkit.errors import BackupKitError, CredentialsError, NotFoundError, ServiceError, UnreachableError
from backupkit.progress import Report, bar
from backupkit.recover.caller import Caller
from backupkit.recover.copy_job import CopyJob
from backupkit.recover.deletion import UNMOVED_LOOKS
from backupkit.recover.deletion_causes import cause_of
from backupkit.recover.point_calls import StaleError, called
from backupkit.recover.point_change import PointChange
from backupkit.recover.point_changes import PointChanges
from backupkit.recover.point_lookup import Watched
from backupkit.recover.point_recheck import look_again, when_gone
from backupkit.recover.point_report import OutcomeState, PointOutcome, PointReport, PointsInterrupted
from backupkit.recover.polling import POLLING, Deadline
from backupkit.recover.together import wait_all
from backupkit.recover.waiting import must_be_seconds
from backupkit.transport.scrubbing import cut

__all__ = ["run"]

_LOST_IN_A_ROW = 16
"""Calls without any answer, one after the other, after which the rest is not tried."""


def run(
    changes: PointChanges,
    caller: Caller,
    *,
    wait: bool,
    resume: PointReport | None,
    progress: bool,
    workers: int,
    timeout: float | None,
) -> PointReport:
    """Do what the changes say; see `PointChanges.apply`."""
    must_be_seconds(timeout)
    todo = [change for change in changes if not change.with_parent]
    deadline = Deadline((caller.transport.clock,), timeout)
    label = f"{changes.task.verb} {len(todo):,} points"
    with bar(label, total=max(1, len(todo)), visible=progress) as report:
        applying = _Applying(changes, caller, max(1, workers), deadline, report)
        applying.take_over(resume)
        try:
            applying.all(wait=wait)
        except KeyboardInterrupt:
            raise PointsInterrupted(applying.report("interrupted")) from None
        return applying.report(applying.stopped)


@attrs.define(eq=False)
class _Applying:
    """One run; ``outcomes`` is true at every moment."""

    changes: PointChanges
    caller: Caller
    workers: int
    deadline: Deadline
    tell: Report
    outcomes: dict[str, PointOutcome] = attrs.field(factory=dict)
    current: dict[str, observe.RecoveryPoint] = attrs.field(factory=dict)
    nested: dict[str, list[PointChange]] = attrs.field(factory=dict)
    tried_again: set[str] = attrs.field(factory=set)
    again: list[PointChange] = attrs.field(factory=list)
    """Those whose call failed in a way that may pass, to be tried once more."""
    known_copies: frozenset[str] = frozenset()
    stopped: str = ""
    _lost: int = 0
    _finished: int = 0

    def take_over(self, resume: PointReport | None) -> None:
        """Begin with what is known before any call."""
        for change in self.changes:
            if change.parent and not change.with_parent:
                self.nested.setdefault(change.parent, []).append(change)
        known = {outcome.recovery_point_arn: outcome for outcome in (resume.outcomes if resume is not None else ())}
        for change in self.changes.records:
            before = known.get(change.recovery_point_arn)
            if before is not None and before.state == "done":
                self.outcomes[change.recovery_point_arn] = before
            elif change.refusal:
                self._set(change, "refused", change.refusal, change.reason)
            else:
                self._set(change, "not_started")

    def report(self, stopped: str) -> PointReport:
        """What became of each point until now."""
        return PointReport(
            changes_id=self.changes.id,
            verb=self.changes.task.verb,
            region_name=self.changes.region_name,
            account_id=self.changes.account_id,
            outcomes=tuple(self.outcomes[change.recovery_point_arn] for change in self.changes.records),
            stopped=stopped,
        )

    def all(self, *, wait: bool) -> None:
        """Do everything that is left."""
        todo = [change for change in self.changes if self._state(change) == "not_started"]
        if not todo:
            return
        if self.changes.task.verb == "copy":
            jobs = self.caller.listed(
                "ListCopyJobs", observe.CopyJob, {"ByDestinationVaultArn": self.changes.task.vault}
            )
            self.known_copies = frozenset(job.copy_job_id or "" for job in jobs)
        self.current, found = look_again(self.caller, self.changes, todo)
        for change in todo:
            if change.recovery_point_arn in found:
                self._set(change, *found[change.recovery_point_arn])
        for wave in _waves(todo):
            ready = [change for change in wave if self._state(change) == "not_started" and self._is_bare(change)]
            self._side_by_side([change for change in ready if not change.with_parent])
            # What was throttled through all its attempts gets a second turn, when the others are through.
            again, self.again = self.again, []
            self._side_by_side(again)
            if wait:
                self._confirm(ready)
            if self.stopped:
                break
        self._follow_parents(todo)

    def _is_bare(self, change: PointChange) -> bool:
        """Whether nothing that goes with a composite before it is still there."""
        if self.changes.task.verb != "delete":
            return True
        nested = self.nested.get(change.recovery_point_arn, ())
        if all(self._state(other) == "done" for other in nested):
            return True
        self._set(change, "not_started", "composite", "its nested points must be gone first: apply again then")
        return False

    def _follow_parents(self, todo: Iterable[PointChange]) -> None:
        """Let what goes with its composite have the outcome of that."""
        for change in todo:
            if change.with_parent and self._state(change) != "done":
                above = self.outcomes[change.parent]
                self._set(change, above.state, above.reason, above.message)

    def _side_by_side(self, todo: Collection[PointChange]) -> None:
        """Call for each, some at a time. Where it is stopped, calls under way are ended and their outcomes kept."""
        waiting = iter(todo)
        running: dict[Future[tuple[OutcomeState, str]], PointChange] = {}
        with ThreadPoolExecutor(self.workers, thread_name_prefix="backupkit-points") as pool:
            try:
                while True:
                    while not self.stopped and len(running) < self.workers:
                        change = next(waiting, None)
                        if change is None:
                            break
                        point = self.current.get(change.recovery_point_arn)
                        started = pool.submit(called, self.caller, self.changes, change, point, self.known_copies)
                        running[started] = change
                    if not running:
                        return
                    for future in wait_first(running, return_when=FIRST_COMPLETED).done:
                        self._learn(running.pop(future), future)
            except KeyboardInterrupt:
                for future, change in running.items():
                    self._learn(change, future, raising=False)
                raise

    def _learn(self, change: PointChange, future: Future[tuple[OutcomeState, str]], *, raising: bool = True) -> None:
        """Keep what came of one call."""
        try:
            state, job_id = future.result()
        except KeyboardInterrupt:
            self._set(change, "not_started", "interrupted", "whether AWS has it is looked at when this is resumed")
            if raising:
                raise
        except NotFoundError as error:
            verb = self.changes.task.verb
            # Of a copy, it may be the vault that is gone.
            self._fail(change, error) if verb == "copy" else self._set(change, *when_gone(verb))
        except CredentialsError as error:
            self._set(change, "not_started", "credentials", str(error))
            self.stopped = self.stopped or f"credentials: {error}"
        except BackupKitError as error:
            if getattr(error, "retryable", False) and change.recovery_point_arn not in self.tried_again:
                self.tried_again.add(change.recovery_point_arn)
                self.again.append(change)
            self._fail(change, error)
            self._lost = self._lost + 1 if isinstance(error, UnreachableError) else 0
            if self._lost >= _LOST_IN_A_ROW:
                self.stopped = self.stopped or f"no answer {self._lost} times in a row"
        else:
            self._lost = 0
            self._set(change, state, job_id=job_id)
        self._count(change)

    def _fail(self, change: PointChange, error: BackupKitError) -> None:
        text = error.message if isinstance(error, ServiceError) else str(error)
        cause = cause_of(text)
        word = "stale" if isinstance(error, StaleError) else cause.word if cause is not None else _word(error)
        self._set(change, "failed", word, cut(f"{text}; {cause.hint}" if cause is not None else text))

    def _confirm(self, ready: Iterable[PointChange]) -> None:
        """Wait until what AWS took is over."""
        begun = [change for change in self.changes if self._state(change) == "started"]
        if self.changes.task.verb == "delete":
            self._confirm_deletions(begun)
        elif self.changes.task.verb == "copy":
            self._confirm_copies([change for change in ready if self._state(change) == "started"])

    def _confirm_deletions(self, begun: Iterable[PointChange]) -> None:
        going = {change.recovery_point_arn: change for change in begun}
        vaults: dict[str, set[str]] = defaultdict(set)
        for arn, change in going.items():
            vaults[change.vault].add(arn)
        nested = frozenset(arn for arn, change in going.items() if change.parent)
        watched = [Watched(self.caller, vault, arns, nested) for vault, arns in vaults.items()]
        looks: dict[str, _Looks] = defaultdict(_Looks)
        clock, pauses = self.caller.transport.clock, POLLING.pauses()
        answered = clock.monotonic()
        while any(each.going for each in watched):
            try:
                for each in watched:
                    for arn, point in each.look().items():
                        if self._settled(going[arn], point, looks[arn]):
                            each.going.discard(arn)
                answered = clock.monotonic()
            except BackupKitError as error:
                passes = isinstance(error, CredentialsError) or bool(getattr(error, "retryable", False))
                if not passes or clock.monotonic() - answered > POLLING.patience:
                    self.stopped = f"whether points are gone could not be seen: {error}"
                    return
            if not any(each.going for each in watched):
                return
            if self.deadline.left() <= 0:
                return
            clock.sleep(min(next(pauses), self.deadline.left()))

    def _settled(self, change: PointChange, point: observe.RecoveryPoint | None, looks: _Looks) -> bool:
        """Whether it is known what became of a deletion."""
        if point is None:
            self._set(change, "done")
            self._count(change)
            return True
        if point.status == "DELETING":
            looks.begun = True
            return False
        looks.unmoved += 1
        if not looks.begun and looks.unmoved <= UNMOVED_LOOKS:
            return False
        cause = cause_of(point.status_message)
        text = point.status_message or f"AWS took the deletion, and the point is still {point.status}"
        word = cause.word if cause is not None else "still_there"
        self._set(change, "failed", word, cut(f"{text}; {cause.hint}" if cause is not None else text))
        return True

    def _confirm_copies(self, begun: Iterable[PointChange]) -> None:
        jobs = {self.outcomes[change.recovery_point_arn].job_id: change for change in begun}
        handles = [self.caller.attached(CopyJob(copy_job_id=job_id, state="CREATED")) for job_id in jobs]
        left = self.deadline.left()
        result = wait_all(handles, timeout=None if left == float("inf") else max(0.0, left))
        for job in result.completed:
            self._set(jobs[job.id], "done", job_id=job.id)
        for job in result.failed:
            reason = job.reason or "other"
            self._set(jobs[job.id], "failed", reason, cut(job.status_message or str(job.state)), job_id=job.id)

    def _state(self, change: PointChange) -> OutcomeState:
        return self.outcomes[change.recovery_point_arn].state

    def _count(self, change: PointChange) -> None:
        if self._state(change) != "started":
            self._finished += 1
            self.tell(self._finished, self._state(change).replace("_", " "))

    def _set(
        self, change: PointChange, state: OutcomeState, reason: str = "", message: str = "", *, job_id: str = ""
    ) -> None:
        self.outcomes[change.recovery_point_arn] = PointOutcome(
            recovery_point_arn=change.recovery_point_arn,
            vault=change.vault,
            resource_arn=change.resource_arn,
            resource_type=change.resource_type,
            size_bytes=change.size_bytes,
            state=state,
            reason=reason,
            message=message,
            job_id=job_id,
        )


@attrs.define
class _Looks:
    """How a point looked that was to go."""

    begun: bool = False
    unmoved: int = 0


def _word(error: BackupKitError) -> str:
    return error.code if isinstance(error, ServiceError) else type(error).__name__


def _waves(todo: Iterable[PointChange]) -> list[list[PointChange]]:
    """The points in an order that AWS takes: nested ones before their composites."""
    known = {change.recovery_point_arn: change for change in todo}
    depths: dict[int, list[PointChange]] = defaultdict(list)
    for change in known.values():
        depth, above = 0, change.parent
        while above in known:
            depth, above = depth + 1, known[above].parent
        depths[depth].append(change)
    return [depths[depth] for depth in sorted(depths, reverse=True)]
