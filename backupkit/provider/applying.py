"""Making changes: in the order of what needs what, side by side where nothing stands between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future, wait
from queue import SimpleQueue

import attrs

from backupkit.display import Block, Displayed, Facts, Rows
from backupkit.errors import ApplyError, BackupKitError, StaleChangesError
from backupkit.problems import counted
from backupkit.provider.change import Change, Output
from backupkit.provider.source import Looks, Source
from backupkit.provider.step import Outcome, Step, awaited
from backupkit.serialization import Serializable

__all__ = ["Applied", "apply_all"]


@attrs.frozen
class Applied(Serializable, Displayed):
    """What came of applying changes.

    Args:
        done: Addresses of the changes that were made, in the order in which they ended.
        unchanged: Addresses of changes that an earlier try had made.
        plan_ids: The ids of plans that were made, by address.
    """

    done: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    plan_ids: Mapping[str, str] = attrs.field(factory=dict, hash=False)

    def _blocks(self) -> tuple[Block, ...]:
        earlier = f", {len(self.unchanged):,} made by an earlier try" if self.unchanged else ""
        title = f"{counted(len(self.done), 'change')} made{earlier}"
        columns = ("made", "plan id")
        if not self.done:
            return (Facts(title),)
        return Facts(title), Rows.first(columns, self.done, lambda each: (each, self.plan_ids.get(each, "")))


def apply_all(
    source: Source, changes: Sequence[Change], executor: Executor, ended: Callable[[int, str], None]
) -> Applied:
    """Make all the changes.

    Args:
        source: What they were computed from.
        changes: What to do.
        executor: Runs them.
        ended: Told how many have ended, and which one just did.

    Raises:
        ApplyError: One could not be made; no further ones were started.
        StaleChangesError: The world moved since the preview.
    """
    return _Run(source, changes, executor, ended).through()


class _Run:
    """One run over the graph of changes; what it knows is touched by the calling thread alone."""

    def __init__(
        self, source: Source, changes: Sequence[Change], executor: Executor, ended: Callable[[int, str], None]
    ) -> None:
        self._source = source
        self._looks = Looks(source, tuple(changes))
        self._changes = {change.address: change for change in changes}
        self._needs = {change.address: set(change.needs) & self._changes.keys() for change in changes}
        self._after: dict[str, list[str]] = {}
        for address, needs in self._needs.items():
            for each in needs:
                self._after.setdefault(each, []).append(address)
        self._executor = executor
        self._ended = ended
        self._running: dict[Future[Outcome], str] = {}
        self._finished: SimpleQueue[Future[Outcome]] = SimpleQueue()
        self._made: dict[Output, str] = {}
        self._done: list[str] = []
        self._already: list[str] = []
        self._failed: dict[str, BackupKitError] = {}

    def through(self) -> Applied:
        try:
            for address in [each for each, needs in self._needs.items() if not needs]:
                self._start(address)
            while self._running:
                self._take(self._finished.get())
        finally:
            for future in self._running:
                future.cancel()
            wait(self._running)
        if self._failed:
            raise self._failure()
        ids = {made.address: value for made, value in self._made.items() if made.member == "BackupPlanId"}
        return Applied(tuple(self._done), tuple(self._already), ids)

    def _start(self, address: str) -> None:
        change = self._changes[address]
        known = {each: self._made[each] for each in awaited(change) if each in self._made}
        future = self._executor.submit(Step(self._source, self._looks, change, known).perform)
        self._running[future] = address
        future.add_done_callback(self._finished.put)

    def _take(self, future: Future[Outcome]) -> None:
        address = self._running.pop(future)
        if future.cancelled():
            return
        try:
            outcome = future.result()
        except BackupKitError as error:
            self._failed[address] = error
            # What waits for a thread is not started any more.
            for other in self._running:
                other.cancel()
            return
        self._made.update(outcome.answers)
        (self._done if outcome.made else self._already).append(address)
        self._ended(len(self._done) + len(self._already), address)
        for each in self._after.get(address, ()):
            self._needs[each].discard(address)
            if not self._needs[each] and not self._failed:
                self._start(each)

    def _failure(self) -> ApplyError | StaleChangesError:
        address, cause = next(iter(self._failed.items()))
        ended = {*self._done, *self._already, *self._failed}
        waiting = tuple(each for each in self._changes if each not in ended)
        rest = (
            f"{len(self._done)} done, {len(self._failed)} failed, {len(waiting)} not started; "
            "what was done stays, and previewing and applying again goes on from there"
        )
        if all(isinstance(error, StaleChangesError) for error in self._failed.values()):
            error: ApplyError | StaleChangesError = StaleChangesError(f"{cause} ({rest})")
        else:
            error = ApplyError(
                f"{address}: {cause} ({rest})",
                done=(*self._already, *self._done),
                failed=tuple(self._failed),
                not_started=waiting,
            )
        error.__cause__ = cause
        return error
