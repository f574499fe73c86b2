"""Calls that are struck: which they are, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable

from backupkit.emulator.kernel import eventual_consistency
from backupkit.emulator.kernel.operations import Handler
from backupkit.emulator.kernel.simulation import Cloud
from backupkit.emulator.model import CallFault, FaultBook, Place
from backupkit.errors import BackupKitError, UnreachableError
from backupkit.transport.error_mapping import refusal

__all__ = ["CutAnswerError", "answered"]


class CutAnswerError(UnreachableError):
    """Only the beginning of an answer came. Over HTTP that beginning is sent; in the process there is nothing of it."""

    def __init__(self, message: str, body: bytes = b"", *, orderly: bool = False) -> None:
        self.body = body
        """The whole answer."""
        self.orderly = orderly
        """Whether the connection is closed in good order; otherwise it is reset."""
        super().__init__(message)


def answered(
    cloud: Cloud, book: FaultBook, place: Place, operation: str, handler: Handler, work: Callable[[Handler], bytes]
) -> bytes:
    """The answer to a call, where anything may be wrong.

    Args:
        cloud: The whole cloud, which is locked.
        book: What is wrong in it.
        place: Where the call was made.
        operation: What is called.
        handler: What answers it.
        work: Answers with a handler: that one, or one that sees what it sees through a lag.

    Raises:
        BackupKitError: As ``work``, or as a fault has it.
    """
    hits = _hits(cloud, book, place, operation)
    for fault in hits:
        if not fault.after:
            _strike(cloud, fault, operation, None)
    try:
        body = work(eventual_consistency.seen_late(book, operation, handler))
    except BackupKitError:
        for fault in hits:
            if fault.after:
                _strike(cloud, fault, operation, None)
        raise
    for fault in hits:
        if fault.after:
            _strike(cloud, fault, operation, body)
    return body


def _hits(cloud: Cloud, book: FaultBook, place: Place, operation: str) -> list[CallFault]:
    """The faults that strike this call, delays first; those that have struck their last are taken out."""
    found = [fault for fault in book.calls if _meant(fault, place, operation) and _fires(fault)]
    book.calls[:] = [fault for fault in book.calls if fault.last is None or fault.counted < fault.last]
    if book.empty:
        cloud.faults = None
    return sorted(found, key=lambda fault: fault.kind != "delay")


def _meant(fault: CallFault, place: Place, operation: str) -> bool:
    return (
        fault.operation in {"*", operation}
        and fault.account_id in {None, place.account_id}
        and fault.region_name in {None, place.region_name}
    )


def _fires(fault: CallFault) -> bool:
    fault.counted += 1
    if fault.counted < fault.first:
        return False
    # Thrown for every call that is meant, so that the same seed always hits the same calls.
    hit = fault.dice is None or fault.dice.random() < fault.rate
    fault.fired += hit
    return hit


def _strike(cloud: Cloud, fault: CallFault, operation: str, body: bytes | None) -> None:
    """Let a fault happen; ``body`` is the answer that would be given."""
    match fault.kind:
        case "delay":
            cloud.local_clock.advance_within_call(fault.seconds)
        case "fail":
            request_id = cloud.new_request_id()
            raise refusal(operation, fault.code, fault.message, request_id=request_id, status=fault.status)
        case "cut" if body:
            message = f"{operation}: the answer ended in its middle, by choice"
            raise CutAnswerError(message, body, orderly=fault.orderly)
        case _:
            raise UnreachableError(f"{operation}: the connection was closed without an answer, by choice")
