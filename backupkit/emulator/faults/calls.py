"""Calls that are struck: which they are, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable

from backupkit.emulator.kernel import eventual_consistency
from backupkit.emulator.kernel.operations import Handler
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Bucket, CallFault, FaultBook, RegionScope
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
    simulation: Simulation,
    book: FaultBook,
    scope: RegionScope,
    operation: str,
    handler: Handler,
    work: Callable[[Handler], bytes],
) -> bytes:
    """The answer to a call, where anything may be wrong.

    Args:
        simulation: The whole simulation, which is locked.
        book: What is wrong in it.
        scope: Where the call was made.
        operation: What is called.
        handler: What answers it.
        work: Answers with a handler: that one, or one that sees what it sees through a lag.

    Raises:
        BackupKitError: As ``work``, or as a fault has it.
    """
    hits = _hits(simulation, book, scope, operation)
    for fault in hits:
        if not fault.after:
            _strike(simulation, fault, operation, None)
    try:
        body = work(eventual_consistency.seen_late(book, operation, handler))
    except BackupKitError:
        for fault in hits:
            if fault.after:
                _strike(simulation, fault, operation, None)
        raise
    for fault in hits:
        if fault.after:
            _strike(simulation, fault, operation, body)
    return body


def _hits(simulation: Simulation, book: FaultBook, scope: RegionScope, operation: str) -> list[CallFault]:
    """The faults that strike this call, delays first; those that have struck their last are taken out."""
    found = [
        fault for fault in book.calls if _meant(fault, scope, operation) and _fires(simulation, fault, scope, operation)
    ]
    book.calls[:] = [fault for fault in book.calls if fault.last is None or fault.counted < fault.last]
    if book.empty:
        simulation.faults = None
    return sorted(found, key=lambda fault: fault.kind != "delay")


def _meant(fault: CallFault, scope: RegionScope, operation: str) -> bool:
    return (
        fault.operation in {"*", operation}
        and fault.account_id in {None, scope.account_id}
        and fault.region_name in {None, scope.region_name}
    )


def _fires(simulation: Simulation, fault: CallFault, scope: RegionScope, operation: str) -> bool:
    fault.counted += 1
    if fault.counted < fault.first:
        return False
    if fault.kind == "limit":
        hit = not _takes_token(simulation, fault, (scope.account_id, scope.region_name, operation))
    else:
        # Thrown for every call that is meant, so that the same seed always hits the same calls.
        hit = fault.dice is None or fault.dice.random() < fault.rate
    fault.fired += hit
    return hit


def _takes_token(simulation: Simulation, fault: CallFault, name: tuple[str, str, str]) -> bool:
    """Take a token where there is one; a call that is refused takes none."""
    now = simulation.clock.now()
    bucket = fault.buckets.setdefault(name, Bucket(fault.burst, now))
    came = fault.per_second * (now - bucket.moment).total_seconds()
    bucket.tokens, bucket.moment = min(fault.burst, bucket.tokens + max(came, 0.0)), now
    if bucket.tokens < 1:
        return False
    bucket.tokens -= 1
    return True


def _strike(simulation: Simulation, fault: CallFault, operation: str, body: bytes | None) -> None:
    """Let a fault happen; ``body`` is the answer that would be given."""
    match fault.kind:
        case "delay":
            simulation.local_clock.advance_within_call(fault.seconds)
        case "fail" | "limit":
            request_id = simulation.new_request_id()
            raise refusal(operation, fault.code, fault.message, request_id=request_id, status=fault.status)
        case "cut" if body:
            message = f"{operation}: the answer ended in its middle, by choice"
            raise CutAnswerError(message, body, orderly=fault.orderly)
        case _:
            raise UnreachableError(f"{operation}: the connection was closed without an answer, by choice")
