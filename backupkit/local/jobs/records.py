"""What all job lists share: records are forgotten 30 days after, and filters by time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Protocol, TypeVar

from backupkit.local.state import Document, Place

__all__ = ["KEPT", "Record", "category_fits", "forget", "known", "percent", "present", "within"]

KEPT = timedelta(days=30)
"""How long AWS keeps the record of a job."""


class Record(Protocol):
    """What backup, copy and restore jobs have in common."""

    id: str
    created: datetime
    completed: datetime | None
    token: str | None


R = TypeVar("R", bound=Record)


def known(records: dict[str, R], now: datetime) -> Iterator[R]:
    """The records that AWS still shows."""
    return (record for record in records.values() if not _old(record, now))


def forget(place: Place, operation: str, records: dict[str, R], now: datetime) -> None:
    """Drop the oldest records that AWS no longer shows, and their tokens."""
    gone = list(takewhile(lambda record: _old(record, now), records.values()))
    for record in gone:
        del records[record.id]
        if record.token is not None:
            place.tokens.pop((operation, record.token), None)


def _old(record: Record, now: datetime) -> bool:
    return record.completed is not None and record.completed + KEPT < now


def within(params: Document, after: str, before: str, moment: datetime | None) -> bool:
    """Whether ``moment`` is in the interval that two members of ``params`` ask for; both ends open."""
    if after in params and not (moment is not None and moment > params[after]):
        return False
    return not (before in params and not (moment is not None and moment < params[before]))


def category_fits(category: str | None, asked: str | None) -> bool:
    """AWS spells categories in several ways, so that case does not count; ``ANY`` takes every one."""
    return asked is None or asked == "ANY" or (category or "").casefold() == asked.casefold()


def percent(done: float) -> str:
    """PercentDone as the API spells it."""
    return f"{done:.2f}%"


def present(**members: object) -> Document:
    """A document of the members that have a value."""
    return {name: value for name, value in members.items() if value is not None}
