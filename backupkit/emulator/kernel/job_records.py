"""What all job lists share: records are forgotten 30 days after, and filters by time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from backupkit.emulator.kernel.operations import made_by
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, RegionScope

__all__ = [
    "KEPT",
    "Numbered",
    "Record",
    "category_fits",
    "enter",
    "forget",
    "gone",
    "known",
    "percent",
    "repeated",
    "within",
]

KEPT = timedelta(days=30)
"""How long AWS keeps the record of a job."""
_DAY = timedelta(days=1)


class Record(Protocol):
    """What all jobs have in common."""

    id: str
    created: datetime
    completed: datetime | None
    token: str | None


class Numbered(Record, Protocol):
    """One that can be listed newest first without sorting."""

    serial: int


R = TypeVar("R", bound=Record)
N = TypeVar("N", bound=Numbered)


def known(records: dict[str, R], now: datetime) -> Iterator[R]:
    """The records that AWS still shows."""
    return (record for record in records.values() if not gone(record, now))


def enter(simulation: Simulation, records: dict[str, N], record: N) -> None:
    """Put a new record behind all others."""
    simulation.serial += 1
    record.serial = simulation.serial
    records[record.id] = record


def forget(scope: RegionScope, operation: str, records: dict[str, R], now: datetime) -> None:
    """Drop the oldest records that AWS no longer shows, and their tokens; once a day is enough."""
    if scope.swept.get(operation, now) > now - _DAY:
        scope.swept.setdefault(operation, now)
        return
    scope.swept[operation] = now
    limit, forgotten = now - KEPT, []
    for record in records.values():
        if record.completed is None or record.completed >= limit:
            break
        forgotten.append(record)
    for record in forgotten:
        del records[record.id]
        if record.token is not None and scope.tokens.get((operation, record.token)) == record.id:
            del scope.tokens[operation, record.token]


def repeated(scope: RegionScope, operation: str, records: dict[str, R], token: str | None, now: datetime) -> R | None:
    """The record that the same request made before, as long as AWS shows it."""
    record = made_by(scope, operation, records, token)
    return record if record is not None and not gone(record, now) else None


def gone(record: Record, now: datetime) -> bool:
    """Whether AWS no longer shows the record."""
    return record.completed is not None and record.completed + KEPT < now


def within(params: Document, after: str, before: str, moment: datetime | None) -> bool:
    """Whether ``moment`` is in the interval that two members of ``params`` ask for; both ends open."""
    if after not in params and before not in params:
        return True
    if moment is None:
        return False
    # As answers tell it, to the millisecond: what is asked for was read there.
    told = round(moment.timestamp(), 3)
    return not (
        (after in params and told <= params[after].timestamp())
        or (before in params and told >= params[before].timestamp())
    )


def category_fits(category: str | None, asked: str | None) -> bool:
    """AWS spells categories in several ways, so that case does not count; ``ANY`` takes every one."""
    return asked is None or asked == "ANY" or (category or "").casefold() == asked.casefold()


def percent(done: float) -> str:
    """PercentDone as the API spells it."""
    return f"{done:.2f}%"
