"""Waiting until what AWS makes in the background is really there."""

from __future__ import annotations

from backupkit.errors import BackupKitError, NotFoundError
from backupkit.provider.answers import Document
from backupkit.provider.kinds.kind import AnyKind
from backupkit.provider.kinds.reader import Reader
from backupkit.provider.refresh import path_of

__all__ = ["settle"]


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
    clock, times = reader.transport.clock, 0
    begin = clock.monotonic()
    while True:
        answer = _answer(reader, kind, found)
        state = path_of(answer, settled.state)
        if state in settled.failed:
            raise BackupKitError(_told(f"{address}: AWS answers {state}", settled.reason(answer)))
        times = times + 1 if state in settled.done else 0
        if times >= settled.times:
            return
        if clock.monotonic() - begin > settled.timeout_seconds:
            raise BackupKitError(f"{address}: still {state or 'not there'} after {settled.timeout_seconds:g} seconds")
        clock.sleep(settled.pause_seconds)


def _answer(reader: Reader, kind: AnyKind, found: str) -> Document:
    assert kind.get is not None
    try:
        return reader.ask(kind.service, kind.get, {kind.id: found} if kind.id else {})
    except NotFoundError:
        # What was just made may not be readable yet.
        return {}


def _told(what: str, why: str) -> str:
    return f"{what}: {why}" if why else what
