"""Making changes: in the order of what needs what, side by side where nothing stands between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait

import attrs

from backupkit.display import Block, Displayed, Facts, Rows
from backupkit.errors import AlreadyExistsError, ApplyError, BackupKitError, StaleChangesError, UnreachableError
from backupkit.problems import counted
from backupkit.provider.answers import Document, answer, needed
from backupkit.provider.change import Action, Call, Change, Difference, Made
from backupkit.provider.rivals import give_way
from backupkit.provider.source import Source, plan_made
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
        title = f"{counted(len(self.done), 'change')} made, {len(self.unchanged):,} made by an earlier try"
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
            future = self._executor.submit(_perform, self._source, change, dict(self._made))
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


def _perform(source: Source, change: Change, made: Mapping[Made, str]) -> _Outcome:
    """Look again at what the change was computed from, and then make its calls."""
    plan_id = change.subject.id or made.get(plan_made(change), "")
    fresh = source.again(change, plan_id)
    if fresh is None or fresh.idle:
        return _Outcome(made=False, answers=_known(change, fresh))
    if not change.same_as(fresh):
        raise StaleChangesError(
            f"{change.address}: it has moved since the preview, and now needs to {fresh.action} "
            f"where it was to {change.action}, or differs otherwise; preview again"
        )
    answers: dict[Made, str] = {}
    for number, call in enumerate(change.calls):
        try:
            _make(source, change, plan_id, call, made, answers)
        except AlreadyExistsError as error:
            if call.otherwise:
                for instead in call.otherwise:
                    _make(source, change, plan_id, instead, made, answers)
                break
            if number:
                raise
            return _made_by_another(source, change, plan_id, error)
    new_plan = answers.get(plan_made(change))
    if new_plan is not None:
        give_way(source.transport, source.owner, change.subject.name, new_plan)
    return _Outcome(made=True, answers=answers)


def _made_by_another(source: Source, change: Change, plan_id: str, error: AlreadyExistsError) -> _Outcome:
    """What somebody else made since the look before this change: the same, or something else.

    Raises:
        StaleChangesError: Something else.
        AlreadyExistsError: Nothing that the stack can see.
    """
    fresh = source.again(change, plan_id)
    if fresh is None or fresh.idle:
        return _Outcome(made=False, answers=_known(change, fresh))
    if change.same_as(fresh):
        raise error
    raise StaleChangesError(f"{change.address}: somebody else made it at the same time; preview again") from error


def _known(change: Change, fresh: Change | None) -> dict[Made, str]:
    """The id of a plan that an earlier try made."""
    is_plan = change.action is Action.CREATE and change.subject.kind == "plan" and not change.subject.part
    return {plan_made(change): fresh.subject.id} if is_plan and fresh is not None else {}


_TELLS = {
    "CreateBackupPlan": "BackupPlanId",
    "CreateBackupSelection": "SelectionId",
    "CreateBackupVault": "BackupVaultName",
    "UpdateBackupPlan": "BackupPlanId",
}
"""What the answer to a call must tell: one without it is of something else."""


_ATTEMPTS, _PAUSE_SECONDS = 4, 1.0


def _make(
    source: Source, change: Change, plan_id: str, call: Call, made: Mapping[Made, str], answers: dict[Made, str]
) -> None:
    """Make one call. Where UpdateBackupPlan gets no answer, look before repeating it: each one makes a version."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            _send(source, call, made, answers)
        except UnreachableError:
            if call.operation != "UpdateBackupPlan" or attempt == _ATTEMPTS:
                raise
            source.transport.clock.sleep(_PAUSE_SECONDS)
            if _is_done(source, change, plan_id, call):
                return
        else:
            return


def _is_done(source: Source, change: Change, plan_id: str, call: Call) -> bool:
    """Whether an update whose answer was lost was carried out.

    Raises:
        StaleChangesError: The thing is neither as it was nor as it should be.
    """
    fresh = source.again(change, plan_id)
    if fresh is None or all(each.operation != call.operation for each in fresh.calls):
        return True
    if _body(fresh) != _body(change):
        raise StaleChangesError(f"{change.address}: it moved while it was changed; preview again")
    return False


def _body(change: Change) -> list[Difference]:
    """What differs but for the tags, which have calls of their own."""
    return [each for each in change.differences if not each.path.startswith("tags.")]


def _send(source: Source, call: Call, made: Mapping[Made, str], answers: dict[Made, str]) -> None:
    member = _TELLS.get(call.operation)

    def told(found: Document) -> str:
        return needed(found, member) if member else ""

    found = answer(source.transport, call.operation, call.ready({**made, **answers}), told)
    if call.answers:
        answers[call.answers] = found
