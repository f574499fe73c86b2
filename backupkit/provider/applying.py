"""Making changes: in the order of what needs what, side by side where nothing stands between them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future, wait
from queue import SimpleQueue

import attrs

from backupkit.display import Block, Displayed, Facts, Rows
from backupkit.errors import ApplyError, BackupKitError, StaleChangesError
from backupkit.problems import counted
from backupkit.provider.change import Change, Output
from backupkit.provider.source import Looks, Source
from backupkit.provider.step import Outcome, Step, awaited
from backupkit.provider.stoppable import Stoppable
from backupkit.serialization import Serializable

__all__ = ["Applied", "ApplyInterrupted", "apply_all"]

_LOG = logging.getLogger(__name__)


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


class ApplyInterrupted(KeyboardInterrupt):
    """Ctrl-C while changes were made: calls under way were ended, and no others begun. What was done stays.

    Args:
        applied: What was made until then.
        unfinished: Addresses of changes that had begun; some of their calls may have been made.
        not_started: Addresses of changes that had not.
    """

    def __init__(self, applied: Applied, unfinished: tuple[str, ...] = (), not_started: tuple[str, ...] = ()) -> None:
        self.applied = applied
        self.unfinished = unfinished
        self.not_started = not_started
        super().__init__(applied, unfinished, not_started)

    def __str__(self) -> str:
        made = counted(len(self.applied.done), "change")
        cut = f", {len(self.unfinished):,} cut short ({', '.join(self.unfinished)})" if self.unfinished else ""
        return f"interrupted: {made} made{cut}, {len(self.not_started):,} not started; {_GO_ON}"


_GO_ON = "what was done stays, and previewing and applying again goes on from there"


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
        ApplyInterrupted: Ctrl-C.
    """
    return _Run(source, changes, executor, ended).through()


class _Run:
    """One run over the graph of changes; what it knows is touched by the calling thread alone."""

    def __init__(
        self, source: Source, changes: Sequence[Change], executor: Executor, ended: Callable[[int, str], None]
    ) -> None:
        self._transport = Stoppable(source.reader.transport)
        self._source = attrs.evolve(source, reader=attrs.evolve(source.reader, transport=self._transport))
        self._looks = Looks(self._source, tuple(changes))
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
        self._idle = threading.Condition()
        self._active: set[str] = set()
        self._outcomes: dict[str, Outcome | None] = {}
        """What came of each change, None where it ended early; written in the threads."""

    def through(self) -> Applied:
        try:
            for address in [each for each, needs in self._needs.items() if not needs]:
                self._start(address)
            while self._running:
                self._take(self._finished.get())
        except KeyboardInterrupt:
            raise self._interrupted() from None
        finally:
            self._cancel()
            wait(self._running)
        if self._failed:
            raise self._failure()
        return Applied(tuple(self._done), tuple(self._already), self._ids())

    def _ids(self) -> dict[str, str]:
        return {made.address: value for made, value in self._made.items() if made.member == "BackupPlanId"}

    def _cancel(self) -> None:
        """Start nothing more that waits for a thread."""
        for future in self._running:
            future.cancel()

    def _interrupted(self) -> ApplyInterrupted:
        """Wait until the calls under way have ended, and say what they made.

        Ctrl-C comes at any moment: what was begun may not be in ``_running`` yet, and what ended may be there still.
        """
        self._transport.stop()
        self._cancel()
        with self._idle:
            if self._active:
                _LOG.warning("interrupted: waiting until the calls under way have ended")
            self._idle.wait_for(lambda: not self._active)
        done = tuple(address for address, outcome in self._outcomes.items() if outcome is not None and outcome.made)
        already = tuple(each for each, outcome in self._outcomes.items() if outcome is not None and not outcome.made)
        unfinished = tuple(address for address, outcome in self._outcomes.items() if outcome is None)
        waiting = tuple(address for address in self._changes if address not in self._outcomes)
        return ApplyInterrupted(Applied(done, already, self._ids()), unfinished, waiting)

    def _perform(self, step: Step, address: str) -> Outcome:
        """Make a change, in its own thread."""
        with self._idle:
            self._active.add(address)
        try:
            outcome = step.perform()
        except BaseException:
            if step.has_begun:
                self._outcomes[address] = None
            raise
        else:
            self._outcomes[address] = outcome
            return outcome
        finally:
            with self._idle:
                self._active.discard(address)
                self._idle.notify_all()

    def _start(self, address: str) -> None:
        change = self._changes[address]
        known = {each: self._made[each] for each in awaited(change) if each in self._made}
        future = self._executor.submit(self._perform, Step(self._source, self._looks, change, known), address)
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
            self._cancel()
            return
        self._made.update(outcome.answers)
        (self._done if outcome.made else self._already).append(address)
        self._ended(len(self._done) + len(self._already), address)
        for each in self._after.get(address, ()):
            self._needs[each].discard(address)
            if not self._needs[each] and not self._failed:
                self._start(each)

    def _failure(self) -> ApplyError | StaleChangesError:
        ended = {*self._done, *self._already, *self._failed}
        waiting = tuple(each for each in self._changes if each not in ended)
        rest = f"{len(self._done)} done, {len(self._failed)} failed, {len(waiting)} not started; {_GO_ON}"
        if all(isinstance(each, StaleChangesError) for each in self._failed.values()):
            # These begin with the address.
            error: ApplyError | StaleChangesError = StaleChangesError(_message(map(str, self._failed.values()), rest))
        else:
            error = ApplyError(
                _message((f"{address}: {each}" for address, each in self._failed.items()), rest),
                done=(*self._already, *self._done),
                failed=tuple(self._failed),
                not_started=waiting,
            )
        error.__cause__ = next(iter(self._failed.values()))
        return error


def _message(reasons: Iterable[str], rest: str) -> str:
    """Every reason; several each on a line."""
    first, *others = reasons
    if not others:
        return f"{first} ({rest})"
    return "\n".join([f"{len(others) + 1} changes failed:", *(f"  - {each}" for each in (first, *others)), f"({rest})"])
