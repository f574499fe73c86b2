"""Waiting until what AWS makes in the background is really there."""

from __future__ import annotations

from collections.abc import Iterator

from backupkit.errors import BackupKitError
from backupkit.provider.answers import Document
from backupkit.provider.kinds.kind import AnyKind, Settling
from backupkit.provider.kinds.reader import Reader
from backupkit.provider.refresh import if_any, path_of

__all__ = ["settle", "settle_gone", "wait_until_still"]


def settle(reader: Reader, kind: AnyKind, found: str, address: str) -> None:
    """Wait until a thing is in a state that its row calls done.

    Args:
        reader: Where to read.
        kind: Its row.
        found: Its id.
        address: Its address, for the error.

    Raises:
        BackupKitError: It failed, or takes too long; says its state, and why where that is told.
    """
    settled = kind.settled
    if settled is None or kind.get is None:
        return
    times, state = 0, ""
    for answer in _looks(reader, kind, found, settled):
        state = path_of(answer, settled.state)
        if state in settled.failed:
            raise BackupKitError(_failure_message(f"{address}: AWS answers {state}", settled.reason(answer)))
        times = times + 1 if state in settled.done else 0
        if times >= settled.times:
            return
    raise BackupKitError(f"{address}: still {state or 'not there'} after {settled.timeout_seconds:g} seconds")


def settle_gone(reader: Reader, kind: AnyKind, found: str, address: str) -> None:
    """Wait until a thing that is being deleted is gone.

    Args:
        reader: Where to read.
        kind: Its row.
        found: Its id.
        address: Its address, for the error.

    Raises:
        BackupKitError: It takes too long.
    """
    settled = kind.settled
    if settled is None or not settled.deletes or kind.get is None:
        return
    if all(_is_there(kind, answer) for answer in _looks(reader, kind, found, settled)):
        raise BackupKitError(f"{address}: still there {settled.timeout_seconds:g} seconds after it was deleted")


def wait_until_still(reader: Reader, kind: AnyKind, found: str, address: str) -> None:
    """Wait until AWS is done with a thing, well or not: before that, it takes no changes.

    Args:
        reader: Where to read.
        kind: Its row.
        found: Its id.
        address: Its address, for the error.

    Raises:
        BackupKitError: It takes too long.
    """
    settled = kind.settled
    if settled is None or kind.get is None:
        return
    state = ""
    for answer in _looks(reader, kind, found, settled):
        state = path_of(answer, settled.state)
        if not _is_there(kind, answer) or state in settled.done or not state.endswith(_MOVING):
            return
    raise BackupKitError(f"{address}: still {state} after {settled.timeout_seconds:g} seconds")


def _looks(reader: Reader, kind: AnyKind, found: str, settled: Settling) -> Iterator[Document]:
    """What is told of a thing, again and again with pauses; ends with the first look after its time is over."""
    clock = reader.transport.clock
    begin = clock.monotonic()
    while True:
        yield _answer(reader, kind, found)
        if clock.monotonic() - begin > settled.timeout_seconds:
            return
        clock.sleep(settled.pause_seconds)


_MOVING = ("ING", "_IN_PROGRESS")
"""How AWS ends its words for what goes on: CREATING, UPDATE_IN_PROGRESS, ..."""


def _is_there(kind: AnyKind, answer: Document) -> bool:
    """Whether an answer tells of a thing; of some, AWS keeps a record after they are gone."""
    return bool(answer) and (kind.read is None or bool(kind.read(answer)))


def _answer(reader: Reader, kind: AnyKind, found: str) -> Document:
    """What is told of a thing; nothing where it is gone, or not readable yet."""
    reading, operation, named = kind.reading, kind.get or "", {kind.id: found} if kind.id else {}
    if reading is not None:
        return if_any(lambda: reading(reader, found)) or {}
    answer: Document | None = if_any(lambda: reader.ask(kind.service, operation, named))
    return answer or {}


def _failure_message(what: str, why: str) -> str:
    return f"{what}: {why}" if why else what
