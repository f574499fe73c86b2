"""When the fields of a schedule come up: days of a month, and moments in a time zone."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache

from backupkit.schedule.grammar import Fields

__all__ = ["days_in", "moments"]


@lru_cache(maxsize=4096)
def days_in(fields: Fields, year: int, month: int) -> tuple[int, ...]:
    """The days of one month on which the fields come up, in order."""
    first, length = monthrange(year, month)  # Monday is 0 here
    chosen = {day for day in fields.days if day <= length}
    # AWS counts Sunday as 1.
    on = [(first + day - 1 + 1) % 7 + 1 for day in range(1, length + 1)]
    chosen.update(day for day in range(1, length + 1) if on[day - 1] in fields.weekdays)
    if fields.last_day:
        chosen.add(length)
    if fields.last_weekday:
        chosen.add(_nearest_weekday(length, length, on))
    chosen.update(_nearest_weekday(day, length, on) for day in fields.nearest_weekdays if day <= length)
    for weekday in fields.last_of:
        chosen.add(max(day for day in range(1, length + 1) if on[day - 1] == weekday))
    if fields.nth is not None:
        weekday, which = fields.nth
        held = [day for day in range(1, length + 1) if on[day - 1] == weekday]
        chosen.update(held[which - 1 : which])
    return tuple(sorted(chosen))


def _nearest_weekday(day: int, length: int, on: list[int]) -> int:
    """The weekday nearest to a day, in the same month."""
    if on[day - 1] == 7:  # Saturday
        return day - 1 if day > 1 else day + 2
    if on[day - 1] == 1:  # Sunday
        return day + 1 if day < length else day - 2
    return day


def moments(fields: Fields, zone: tzinfo, after: datetime) -> Iterator[datetime]:
    """Moments in UTC, in order, whose local time is later than the naive local time ``after``."""
    for moment in _local(fields, zone, after):
        if zone is UTC:
            yield moment
            continue
        there = moment.astimezone(UTC)
        # A local time that a clock change skips does not exist when it is looked at from UTC.
        if there.astimezone(zone).replace(tzinfo=None) == moment.replace(tzinfo=None):
            yield there


def _local(fields: Fields, zone: tzinfo, after: datetime) -> Iterator[datetime]:
    """Every local moment, the skipped ones of clock changes among them; repeated ones once, the first time."""
    times = tuple((hour, minute) for hour in fields.hours for minute in fields.minutes)
    start = (after.year, after.month)
    from_then = False
    for year in fields.years:
        if year < start[0]:
            continue
        for month in fields.months:
            if not from_then:
                if (year, month) < start:
                    continue
                if (year, month) == start:
                    yield from (m for m in _in_month(fields, times, zone, year, month) if m.replace(tzinfo=None) > after)
                    continue
                from_then = True
            for day in days_in(fields, year, month):
                for hour, minute in times:
                    yield datetime(year, month, day, hour, minute, tzinfo=zone)


def _in_month(
    fields: Fields, times: tuple[tuple[int, int], ...], zone: tzinfo, year: int, month: int
) -> Iterator[datetime]:
    for day in days_in(fields, year, month):
        for hour, minute in times:
            yield datetime(year, month, day, hour, minute, tzinfo=zone)
