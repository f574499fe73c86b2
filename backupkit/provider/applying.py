"""Making changes: in the order of what needs what, side by side where nothing stands between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait

import attrs

from backupkit.display import Block, Displayed, Facts, Rows
from backupkit.errors import (
    AlreadyExistsError,
    ApplyError,
    BackupKitError,
    ConflictError,
    StaleChangesError,
    UnreachableError,
)
from backupkit.problems import counted
from backupkit.provider import kinds
from backupkit.provider.answers import Document, needed
from backupkit.provider.change import Action, Call, Change, Difference, Made
from backupkit.provider.refresh import read_named
from backupkit.provider.rivals import give_way
from backupkit.provider.settling import settle, settle_gone, wait_until_still
from backupkit.provider.source import Looks, Source
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
        return Facts(title), Rows.first(columns, self.done, lambda each: (each, self.plan_ids.get(each, "")))


@attrs.frozen
class _Outcome:
    made: bool
    answers: Mapping[Made, str]


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
        self._waiting = {change.address: change for change in changes}
        self._executor = executor
        self._ended = ended
        self._running: dict[Future[_Outcome], Change] = {}
        self._made: dict[Made, str] = {}
        self._done: list[str] = []
        self._already: list[str] = []
        self._failed: dict[str, BackupKitError] = {}

    def through(self) -> Applied:
        try:
            while self._start_ready():
                finished, _ = wait(self._running, return_when=FIRST_COMPLETED)
                # In the order of their start, so that the report does not depend on a set.
                for future in [each for each in self._running if each in finished]:
                    self._take(future)
        finally:
            for future in self._running:
                future.cancel()
            wait(self._running)
        if self._failed:
            raise self._failure()
        ids = {made.address: value for made, value in self._made.items() if made.member == "BackupPlanId"}
        return Applied(tuple(self._done), tuple(self._already), ids)

    def _start_ready(self) -> bool:
        """Start what can start; whether anything runs."""
        for change in () if self._failed else tuple(self._ready()):
            del self._waiting[change.address]
            future = self._executor.submit(_Step(self._source, self._looks, change, dict(self._made)).perform)
            self._running[future] = change
        return bool(self._running)

    def _ready(self) -> Iterator[Change]:
        ended = {*self._done, *self._already}
        return (change for change in self._waiting.values() if ended.issuperset(change.needs))

    def _take(self, future: Future[_Outcome]) -> None:
        change = self._running.pop(future)
        try:
            outcome = future.result()
        except BackupKitError as error:
            self._failed[change.address] = error
            return
        self._made.update(outcome.answers)
        (self._done if outcome.made else self._already).append(change.address)
        self._ended(len(self._done) + len(self._already), change.address)

    def _failure(self) -> ApplyError | StaleChangesError:
        address, cause = next(iter(self._failed.items()))
        rest = (
            f"{len(self._done)} done, {len(self._failed)} failed, {len(self._waiting)} not started; "
            "what was done stays, and previewing and applying again goes on from there"
        )
        if all(isinstance(error, StaleChangesError) for error in self._failed.values()):
            error: ApplyError | StaleChangesError = StaleChangesError(f"{cause} ({rest})")
        else:
            error = ApplyError(
                f"{address}: {cause} ({rest})",
                done=(*self._already, *self._done),
                failed=tuple(self._failed),
                not_started=tuple(self._waiting),
            )
        error.__cause__ = cause
        return error


_ATTEMPTS, _PAUSE_SECONDS = 4, 1.0


class _Step:
    """One change, made in a thread of its own."""

    def __init__(self, source: Source, looks: Looks, change: Change, made: Mapping[Made, str]) -> None:
        self._source = source
        self._looks = looks
        self._change = change
        self._made = made
        self._kind = source.kind(change)
        self._answers: dict[Made, str] = {}

    def perform(self) -> _Outcome:
        """Look again at what the change was computed from, and then make its calls."""
        change = self._change
        fresh = self._looks.again(change)
        if fresh is None or fresh.idle:
            return _Outcome(made=False, answers=self._known(fresh))
        if not change.same_as(fresh):
            raise StaleChangesError(
                f"{change.address}: it has moved since the preview, and now needs to {fresh.action} "
                f"where it was to {change.action}, or differs otherwise; preview again"
            )
        made_by_another = self._make_all()
        if made_by_another is not None:
            return self._made_by_another(made_by_another)
        self._follow_up()
        return _Outcome(made=True, answers=self._answers)

    def _make_all(self) -> AlreadyExistsError | None:
        """Make the calls; where the first of them finds that the thing is there, give that back."""
        change, kind, reader = self._change, self._kind, self._source.reader
        itself = not change.subject.part
        if itself and change.subject.id and any(map(_is_body, change.calls)):
            wait_until_still(reader, kind, change.subject.id, change.address)
        for number, call in enumerate(change.calls):
            try:
                self._make(call)
            except AlreadyExistsError as error:
                if call.otherwise:
                    for instead in call.otherwise:
                        self._make(instead)
                    break
                if number:
                    raise
                return error
            if itself and call.operation == kind.delete:
                settle_gone(reader, kind, change.subject.id, change.address)
            elif itself and call.operation == kind.create and kind.create_first:
                self._settle()
        return None

    def _follow_up(self) -> None:
        """Wait until what was made is there, and alone of its name."""
        change, kind = self._change, self._kind
        if change.subject.part or change.action is Action.DELETE:
            return
        if any(map(_is_body, change.calls)) and not (kind.create_first and change.action is Action.REPLACE):
            self._settle()
        made = self._answers.get(Made(change.address, kind.id))
        if made is not None and not kind.unique:
            give_way(self._looks.lists, self._source.reader, self._source.owner, kind, change.subject.name, made)

    def _settle(self) -> None:
        change, kind = self._change, self._kind
        made = self._answers.get(Made(change.address, kind.id))
        settle(self._source.reader, kind, made or change.subject.id or change.subject.name, change.address)

    def _made_by_another(self, error: AlreadyExistsError) -> _Outcome:
        """What somebody else made since the look before this change: the same, or something else.

        Raises:
            StaleChangesError: Something else.
            AlreadyExistsError: Nothing that the stack can see.
        """
        fresh = self._looks.again(self._change, anew=True)
        if fresh is None or fresh.idle:
            return _Outcome(made=False, answers=self._known(fresh))
        if self._change.same_as(fresh):
            raise error
        raise StaleChangesError(
            f"{self._change.address}: somebody else made it at the same time; preview again"
        ) from error

    def _known(self, fresh: Change | None) -> dict[Made, str]:
        """The id of a thing that an earlier try made."""
        change = self._change
        is_made = change.action is Action.CREATE and not change.subject.part and fresh is not None
        return {Made(change.address, self._kind.id): fresh.subject.id} if is_made and fresh is not None else {}

    def _make(self, call: Call) -> None:
        """Make one call. Where UpdateBackupPlan gets no answer, look before repeating it: each one makes a version."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                self._send_when_free(call)
            except UnreachableError:
                if call.operation != "UpdateBackupPlan" or attempt == _ATTEMPTS:
                    raise
                self._source.reader.transport.clock.sleep(_PAUSE_SECONDS)
                if self._is_done(call):
                    return
            else:
                return

    def _is_done(self, call: Call) -> bool:
        """Whether an update whose answer was lost was carried out.

        Raises:
            StaleChangesError: The thing is neither as it was nor as it should be.
        """
        fresh = self._looks.again(self._change, anew=True)
        if fresh is None or all(each.operation != call.operation for each in fresh.calls):
            return True
        if _body(fresh) != _body(self._change):
            raise StaleChangesError(f"{self._change.address}: it moved while it was changed; preview again")
        return False

    def _send_when_free(self, call: Call) -> None:
        """Make one call; where a thing is made again under its name, wait until AWS gives the name away again."""
        settled, clock = self._kind.settled, self._source.reader.transport.clock
        again = self._change.action is Action.REPLACE and call.operation == self._kind.create
        begin = clock.monotonic()
        while True:
            try:
                self._send(call)
            except ConflictError:
                if not again or settled is None or clock.monotonic() - begin > settled.timeout_seconds:
                    raise
                clock.sleep(settled.pause_seconds)
            else:
                return

    def _send(self, call: Call) -> None:
        known = {**self._made, **self._answers}
        known.update({each: self._found(each) for each in call.awaits - known.keys()})
        ready = call.ready(known)
        answers = call.answers

        def told(found: Document) -> str:
            return needed(found, answers.member) if answers is not None else ""

        found = self._source.reader.ask(call.service, call.operation, ready, told)
        if answers is not None:
            self._answers[answers] = found

    def _found(self, awaited: Made) -> str:
        """What no answer of this run has told, because the thing was there before: read by its name.

        Raises:
            StaleChangesError: It is not there.
        """
        word, _, name = awaited.address.partition(".")
        kind = next(each for each in kinds.KINDS if each.word == word)
        seen = read_named(self._source.reader, kind, name)
        if seen is None:
            raise StaleChangesError(f"{self._change.address}: {awaited.address} is not there any more; preview again")
        return seen.arn if awaited.member == kind.arn else seen.id


_TAGGING = frozenset({"TagResource", "UntagResource"})


def _is_body(call: Call) -> bool:
    """Whether a call does more than tag."""
    return call.operation not in _TAGGING


def _body(change: Change) -> list[Difference]:
    """What differs but for the tags, which have calls of their own."""
    return [each for each in change.differences if not each.path.startswith("tags.")]
