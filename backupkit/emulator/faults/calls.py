"""What goes wrong with calls by choice: they fail, come late, are throttled, and reads are behind.

What was just made is then not there yet, and what was just deleted still is. Source: what other clients of AWS Backup
wait for. A selection of a plan that was just made is refused, a plan whose selections were just deleted is kept, and
lists and descriptions miss what is new.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from backupkit.emulator.kernel.operations import Handler, raise_invalid_value
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import (
    Bucket,
    CallFault,
    Document,
    FaultBook,
    Lag,
    Plan,
    RegionScope,
    Selection,
    Tombstone,
    Vault,
)
from backupkit.errors import BackupKitError, UnreachableError
from backupkit.transport.error_mapping import refusal

__all__ = ["LAGGING", "CutAnswerError", "answered"]

# ---- Reads that are behind ----


LAGGING = ("jobs", "plans", "selections", "vaults")
"""What can be seen late."""

_READS = ("Describe", "Export", "Get", "List")


class _Made(Protocol):
    created: datetime


_T = TypeVar("_T", bound=_Made)


def seen_late(book: FaultBook, operation: str, handler: Handler) -> Handler:
    """The handler as it is, or one that sees the place as it was some seconds ago."""
    lag = book.lag
    if lag is None:
        return handler
    if operation.startswith(_READS):
        return lambda simulation, scope, params: handler(simulation, _view(simulation, scope, lag), params)
    match operation:
        case "DeleteBackupSelection" | "DeleteBackupVault":
            return lambda simulation, scope, params: _deleted(simulation, scope, params, handler, lag)
        case "CreateBackupSelection":
            return lambda simulation, scope, params: _selected(simulation, scope, params, handler, lag)
        case "DeleteBackupPlan":
            return lambda simulation, scope, params: _unplanned(simulation, scope, params, handler, lag)
    return handler


def _deleted(simulation: Simulation, scope: RegionScope, params: Document, handler: Handler, lag: Lag) -> Document:
    thing: Vault | Selection | None
    if "SelectionId" in params:
        plan = scope.plans.get(params["BackupPlanId"])
        thing = plan.selections.get(params["SelectionId"]) if plan is not None else None
    else:
        thing = scope.vaults.get(params["BackupVaultName"])
    answer = handler(simulation, scope, params)
    if thing is not None and ("selections" if isinstance(thing, Selection) else "vaults") in lag.kinds:
        since = _since(simulation, lag)
        lag.gone[:] = [gone for gone in lag.gone if gone.moment > since]
        lag.gone.append(Tombstone(scope.account_id, scope.region_name, simulation.clock.now(), thing))
    return answer


def _selected(simulation: Simulation, scope: RegionScope, params: Document, handler: Handler, lag: Lag) -> Document:
    plan_id = params["BackupPlanId"]
    if plan_id in scope.plans and plan_id not in _view(simulation, scope, lag).plans:
        raise_invalid_value(f"Cannot find Backup plan with Id {plan_id}")
    return handler(simulation, scope, params)


def _unplanned(simulation: Simulation, scope: RegionScope, params: Document, handler: Handler, lag: Lag) -> Document:
    plan = scope.plans.get(params["BackupPlanId"])
    if plan is not None and plan.deleted is None and not plan.selections:
        # The selections are gone, but the service has not noticed.
        late = copy.copy(plan)
        late.selections = _lingering_selections(simulation, scope, lag, plan.id)
        if late.selections:
            shadow = copy.copy(scope)
            shadow.plans = {plan.id: late}
            return handler(simulation, shadow, params)
    return handler(simulation, scope, params)


def _view(simulation: Simulation, scope: RegionScope, lag: Lag) -> RegionScope:
    """The place as reads see it."""
    view, since = copy.copy(scope), _since(simulation, lag)
    if "vaults" in lag.kinds:
        gone = {each.thing.name: each.thing for each in _gone(simulation, scope, lag) if isinstance(each.thing, Vault)}
        view.vaults = gone | _old(scope.vaults, since)
    if "jobs" in lag.kinds:
        view.backup_jobs = _old(scope.backup_jobs, since)
        view.copy_jobs = _old(scope.copy_jobs, since)
        view.restore_jobs = _old(scope.restore_jobs, since)
    if not lag.kinds.isdisjoint({"plans", "selections"}):
        seen = (_plan(simulation, scope, lag, plan) for plan in scope.plans.values())
        view.plans = {plan.id: plan for plan in seen if plan.versions}
    return view


def _old(things: dict[str, _T], since: datetime) -> dict[str, _T]:
    return {name: thing for name, thing in things.items() if thing.created <= since}


def _plan(simulation: Simulation, scope: RegionScope, lag: Lag, plan: Plan) -> Plan:
    """The plan as reads see it; without versions where they do not see it at all."""
    seen, since = copy.copy(plan), _since(simulation, lag)
    if "plans" in lag.kinds:
        seen.versions = [version for version in plan.versions if version.created <= since]
        if plan.deleted is not None and plan.deleted > since:
            seen.deleted = None
    if "selections" in lag.kinds:
        seen.selections = _lingering_selections(simulation, scope, lag, plan.id) | _old(plan.selections, since)
    return seen


def _lingering_selections(simulation: Simulation, scope: RegionScope, lag: Lag, plan_id: str) -> dict[str, Selection]:
    gone = (each.thing for each in _gone(simulation, scope, lag))
    return {each.id: each for each in gone if isinstance(each, Selection) and each.plan_id == plan_id}


def _gone(simulation: Simulation, scope: RegionScope, lag: Lag) -> Iterable[Tombstone]:
    since, here = _since(simulation, lag), (scope.account_id, scope.region_name)
    return (each for each in lag.gone if each.moment > since and (each.account_id, each.region_name) == here)


def _since(simulation: Simulation, lag: Lag) -> datetime:
    return simulation.clock.now() - timedelta(seconds=lag.seconds)


# ---- Calls that are struck ----


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
        body = work(seen_late(book, operation, handler))
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
