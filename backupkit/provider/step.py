"""One change made: looked at again, called, and waited for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from backupkit.errors import (
    AlreadyExistsError,
    BackupKitError,
    ConflictError,
    NeighbourError,
    NotFoundError,
    ServiceError,
    StaleChangesError,
    UnreachableError,
)
from backupkit.provider import kinds
from backupkit.provider.answers import Document, needed, text
from backupkit.provider.change import Action, Call, Change, Difference, Output
from backupkit.provider.kinds.kind import Settling
from backupkit.provider.lagging import LaggingError, ask_until_there, wait_until_told
from backupkit.provider.refresh import path_of, read_named
from backupkit.provider.rivals import give_way
from backupkit.provider.settling import settle, settle_gone, wait_until_still
from backupkit.provider.source import Looks, Source
from backupkit.transport.idempotency import NOT_REPEATABLE

__all__ = ["Outcome", "Step", "awaited"]


@attrs.frozen
class Outcome:
    """What came of one change.

    Args:
        made: Whether anything was called.
        answers: What later changes need to know of it.
    """

    made: bool
    answers: Mapping[Output, str]


def awaited(change: Change) -> frozenset[Output]:
    """What must be known before a change can be made."""
    calls = (each for call in change.calls for each in (call, *call.fallback))
    return frozenset(made for call in calls for made in call.awaits)


_ATTEMPTS, _PAUSE_SECONDS = 4, 1.0


class Step:
    """One change, made in its own thread.

    Args:
        source: What it was computed from.
        looks: The looks of this run.
        change: As previewed.
        made: What earlier changes of this run have answered.
    """

    def __init__(self, source: Source, looks: Looks, change: Change, made: Mapping[Output, str]) -> None:
        self._source = source
        self._looks = looks
        self._change = change
        self._made = made
        self._kind = source.kind(change)
        self._answers: dict[Output, str] = {}
        self._sent: set[str] = set()
        self._has_made = False
        self.has_begun = False
        """Whether a call of the change was begun."""

    def perform(self) -> Outcome:
        """Look again at what the change was computed from, and then make its calls."""
        change = self._change
        fresh = self._looks.recompute(change)
        if fresh is None or fresh.idle:
            return self._found(fresh)
        if not change.same_as(fresh):
            raise StaleChangesError(
                f"{change.address}: it has moved since the preview{_moved(change, fresh)}; preview again"
            )
        made_by_another = self._make_all()
        if made_by_another is not None:
            return self._made_by_another(made_by_another)
        self._follow_up()
        return Outcome(made=self._has_made, answers=self._answers)

    def _make_all(self) -> BackupKitError | None:
        """Make the calls; where the first of them finds that the thing is there, give that back."""
        change, kind, reader = self._change, self._kind, self._source.reader
        itself = not change.subject.part
        if itself and change.subject.id and any(map(_is_body, change.calls)):
            wait_until_still(reader, kind, change.subject.id, change.address)
        if change.drains:
            self.has_begun = True
            # Most stacks are never destroyed, and need no handles of points.
            from backupkit.provider.draining import drain  # noqa: PLC0415

            drain(reader, change, self._source.owner.now)
        for number, call in enumerate(change.calls):
            taken = self._try(call)
            if taken is not None and call.fallback:
                for instead in call.fallback:
                    self._make(instead)
                break
            if taken is not None and number:
                raise taken
            if taken is not None:
                return taken
            if itself and call.operation == kind.delete:
                settle_gone(reader, kind, change.subject.id, change.address)
            elif itself and call.operation == kind.create and kind.create_first:
                self._settle()
        return None

    def _try(self, call: Call) -> BackupKitError | None:
        """Make one call; where it is refused because the name is taken, give that back."""
        try:
            self._make(call)
        except AlreadyExistsError as error:
            return error
        except NeighbourError as error:
            if error.code not in _TAKEN or isinstance(error, LaggingError):
                raise
            return error
        return None

    def _follow_up(self) -> None:
        """Wait until what was made is there, and alone of its name."""
        change, kind = self._change, self._kind
        if change.subject.part or change.action is Action.DELETE:
            return
        if kind.service != "backup":
            wait_until_told(self._source.reader.transport.clock, self._is_told, f"{change.address}: {kind.service}")
        elif any(map(_is_body, change.calls)) and not (kind.create_first and change.action is Action.REPLACE):
            self._settle()
        made = self._answers.get(Output(change.address, kind.id))
        if made is not None and not kind.unique:
            give_way(self._looks.lists, self._source.reader, self._source.owner, kind, change.subject.name, made)

    def _is_told(self) -> bool:
        """Whether what was made is read as declared."""
        fresh = self._looks.recompute(self._change, afresh=True)
        return fresh is None or fresh.idle

    def _settle(self) -> None:
        change, kind = self._change, self._kind
        made = self._answers.get(Output(change.address, kind.id))
        settle(self._source.reader, kind, made or change.subject.id or change.subject.name, change.address)

    def _made_by_another(self, error: BackupKitError) -> Outcome:
        """What somebody else made since the look before this change: the same, or something else.

        Raises:
            StaleChangesError: Something else.
            BackupKitError: Nothing that the stack can see: the error itself.
        """
        fresh = self._looks.recompute(self._change, afresh=True)
        if fresh is None or fresh.idle:
            return self._found(fresh)
        if self._change.same_as(fresh):
            raise error
        raise StaleChangesError(
            f"{self._change.address}: somebody else made it at the same time; preview again"
        ) from error

    def _found(self, fresh: Change | None) -> Outcome:
        """What another run has made already: it may still be on its way, and is waited for all the same."""
        change = self._change
        if fresh is not None and fresh.subject.id and not change.subject.part and change.action is not Action.DELETE:
            settle(self._source.reader, self._kind, fresh.subject.id, change.address)
        return Outcome(made=False, answers=self._known(fresh))

    def _known(self, fresh: Change | None) -> dict[Output, str]:
        """The id of a thing that an earlier try made."""
        change = self._change
        is_made = change.action is Action.CREATE and not change.subject.part and fresh is not None
        return {Output(change.address, self._kind.id): fresh.subject.id} if is_made and fresh is not None else {}

    def _make(self, call: Call) -> None:
        """Make one call. Where it is not known whether it was carried out, and twice is not the same, look first.

        What was to be deleted may be gone already: by another run, or by an attempt whose answer was lost.
        """
        self.has_begun = True
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                self._send_when_free(call)
            except UnreachableError:
                if call.operation not in NOT_REPEATABLE or attempt == _ATTEMPTS:
                    raise
                self._source.reader.transport.clock.sleep(_PAUSE_SECONDS)
                if self._is_done(call):
                    break
            except (ServiceError, NeighbourError) as error:
                if not _deletes(call) or not self._is_gone(call, error):
                    raise
                return
            else:
                break
        self._has_made = True

    def _is_done(self, call: Call) -> bool:
        """Whether a call whose answer was lost was carried out.

        Raises:
            StaleChangesError: The thing is neither as it was nor as it should be.
        """
        fresh = self._looks.recompute(self._change, afresh=True)
        if fresh is None or all(each.operation != call.operation for each in fresh.calls):
            if fresh is not None and call.answers is not None:
                self._answers[call.answers] = fresh.subject.id
            return True
        moved = fresh.action is self._change.action and _body(fresh) != _body(self._change)
        if moved or call not in fresh.calls:
            raise StaleChangesError(f"{self._change.address}: it moved while it was changed; preview again")
        return False

    def _is_gone(self, call: Call, error: BackupKitError) -> bool:
        """Whether what a refused deletion was to delete is not there. AWS has many ways to say so: see `lost`."""
        if isinstance(error, NeighbourError):
            return error.code in _GONE and not isinstance(error, LaggingError)
        if isinstance(error, NotFoundError):
            return True
        fresh = self._looks.recompute(self._change, afresh=True)
        return fresh is None or call not in fresh.calls

    def _send_when_free(self, call: Call) -> None:
        """Make one call; where it makes a thing under a name that is on its way out, wait until AWS gives it away."""
        settled, clock = self._kind.settled, self._source.reader.transport.clock
        waits = call.operation == self._kind.create and settled is not None and settled.deletes
        begin = clock.monotonic()
        while True:
            try:
                self._send(call)
            except (AlreadyExistsError, ConflictError) as error:
                if not waits or settled is None or clock.monotonic() - begin > settled.timeout_seconds:
                    raise
                if isinstance(error, AlreadyExistsError) and not self._is_name_leaving(settled):
                    raise
                clock.sleep(settled.pause_seconds)
            else:
                return

    def _is_name_leaving(self, settled: Settling) -> bool:
        """Whether what carries the name is being deleted."""
        kind, name = self._kind, self._change.subject.name
        entries: Iterator[Document] = self._source.reader.list(kind, {})
        return any(
            text(entry, kind.name or kind.id) == name and path_of(entry, settled.state) in settled.going
            for entry in entries
        )

    def _send(self, call: Call) -> None:
        known = {**self._made, **self._answers}
        known.update({each: self._looked_up(each) for each in call.awaits - known.keys()})
        ready = call.ready(known)
        answers = call.answers

        def output(found: Document) -> str:
            return needed(found, answers.member) if answers is not None else ""

        found = ask_until_there(self._source.reader, call, ready, output, self._sent)
        self._sent.add(call.operation)
        if answers is not None:
            self._answers[answers] = found

    def _looked_up(self, awaited: Output) -> str:
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


_TAKEN = frozenset({"EntityAlreadyExists", "ResourceConflictException"})
"""How services beside AWS Backup say that the name is taken: IAM, and Lambda of a statement."""
_GONE = frozenset({"NoSuchEntity", "ResourceNotFoundException"})
"""How they say that there is no such thing."""
_TAGGING = frozenset({"TagResource", "UntagResource"})


_DELETES = ("Delete", "Cancel", "delete_", "remove_")
"""How operations begin, of AWS Backup and of boto3's clients for other services, that delete."""


def _deletes(call: Call) -> bool:
    return call.operation.startswith(_DELETES)


def _is_body(call: Call) -> bool:
    """Whether a call does more than tag."""
    return call.operation not in _TAGGING


def _body(change: Change) -> list[Difference]:
    """What differs but for the tags, which have their own calls."""
    return [each for each in change.differences if not each.path.startswith("tags.")]


_MAX_NAMED = 5


def _moved(change: Change, fresh: Change) -> str:
    """What is not as it was previewed, by its fields; no value is named."""
    if fresh.action is not change.action:
        return f", and now needs to {fresh.action} where it was to {change.action}"
    paths = sorted({each.path for each in {*change.differences} ^ {*fresh.differences}})
    more = f" and {len(paths) - _MAX_NAMED:,} more" if len(paths) > _MAX_NAMED else ""
    return f": {', '.join(paths[:_MAX_NAMED])}{more}" if paths else ""
