"""The dates on which a schedule comes up, and the moments at which it runs."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

import attrs

from backupkit.schedule.parser import Dates, Fields

__all__ = ["Timetable"]

_FIRST = datetime(1969, 12, 1, tzinfo=UTC)
_LAST = datetime(2200, 2, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_LENGTHS = (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_NO_SHIFT = timedelta()
# Local midnight is never this far from midnight in UTC.
_MARGIN = timedelta(days=2)


@lru_cache(maxsize=4096)
def _shape(year: int, month: int) -> tuple[int, int]:
    """The weekday of the first of a month (0 is Monday), and how many days it has."""
    return date(year, month, 1).weekday(), _LENGTHS[month] + (month == 2 and _is_leap(year))


def _is_leap(year: int) -> bool:
    # The standard library's `calendar` knows, and takes 1 ms to import.
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _days_meant(dates: Dates, first: int, length: int) -> tuple[int, ...]:
    """The days that are meant, of a month of that shape."""
    if dates.every:
        return tuple(range(1, length + 1))
    chosen = {day for day in dates.days if day <= length}
    chosen.update(length - before for before in dates.before_last if before < length)
    nearest = (length, *dates.nearest_weekdays) if dates.last_weekday else dates.nearest_weekdays
    chosen.update(_nearest_weekday(day, first, length) for day in nearest if day <= length)
    for weekday in dates.weekdays:
        chosen.update(_all_of(weekday, first, length))
    chosen.update(_all_of(weekday, first, length)[-1] for weekday in dates.last_of)
    if dates.nth is not None:
        weekday, which = dates.nth
        chosen.update(_all_of(weekday, first, length)[which - 1 : which])
    return tuple(sorted(chosen))


def _all_of(weekday: int, first: int, length: int) -> range:
    """The days on one of AWS's weekdays (1 is Sunday), in a month of that shape."""
    return range((weekday - 2 - first) % 7 + 1, length + 1, 7)


def _nearest_weekday(day: int, first: int, length: int) -> int:
    """The day from Monday to Friday that is nearest to ``day`` within its month."""
    weekday = (first + day - 1) % 7
    if weekday == 5:  # Saturday
        return day - 1 if day > 1 else day + 2
    if weekday == 6:  # Sunday
        return day + 1 if day < length else day - 2
    return day


@attrs.define(eq=False)
class Timetable:
    """The moments of a schedule in its zone.

    It goes day by day. A *wall* is midnight of a local day, marked as UTC; a moment in UTC is a wall and a *shift*: the
    time of day less the zone's offset. The zone is asked twice a day at most, and a day on which its clock does not
    change costs one addition for each moment.
    """

    fields: Fields
    zone: tzinfo
    _years: tuple[int, ...] = attrs.field(init=False)
    _months: frozenset[int] = attrs.field(init=False)
    _times: tuple[timedelta, ...] = attrs.field(init=False)
    _in_utc: bool = attrs.field(init=False)
    _days: dict[tuple[int, int], tuple[int, ...]] = attrs.field(init=False, factory=dict)
    _shifts: dict[timedelta | None, Sequence[timedelta]] = attrs.field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        self._years, self._months = self.fields.years, frozenset(self.fields.months)
        self._in_utc = self.zone is UTC
        self._times = tuple(timedelta(hours=hour, minutes=self.fields.minute) for hour in self.fields.hours)

    def next_after(self, moment: datetime) -> datetime | None:
        """The first moment after an aware one."""
        moment = _within(moment)
        local = moment if self._in_utc else moment.astimezone(self.zone)
        wall = self._first_on(local.year, local.month, local.day)
        while wall is not None:
            shifts = self._times if self._in_utc else self._shifts_on(wall)
            position = bisect_right(shifts, moment - wall)
            if position < len(shifts):
                return wall + shifts[position]
            tomorrow = wall + _DAY
            wall = self._first_on(tomorrow.year, tomorrow.month, tomorrow.day)
        return None

    def between(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """The moments from an aware one to before another, lazily."""
        start, end = _within(start), _within(end)
        clear_of_start, clear_of_end, over = start + _MARGIN, end - _MARGIN, end + _MARGIN
        for wall, shifts in self._from(start):
            if not clear_of_start < wall < clear_of_end:
                if wall > over:
                    return
                shifts = shifts[bisect_left(shifts, start - wall) : bisect_left(shifts, end - wall)]  # noqa: PLW2901
            for shift in shifts:
                yield wall + shift

    def dates(self, start: datetime) -> Iterator[datetime]:
        """The walls of the days that come up, from the one that ``start`` is on."""
        years, months = self.fields.years, self.fields.months
        for year in years[bisect_left(years, start.year) :]:
            for month in months[bisect_left(months, start.month) :] if year == start.year else months:
                days = self._days_of(year, month)
                if (year, month) == (start.year, start.month):
                    days = days[bisect_left(days, start.day) :]
                for day in days:
                    yield datetime(year, month, day, 0, 0, 0, 0, UTC)

    def _first_on(self, year: int, month: int, day: int) -> datetime | None:
        """The wall of the first day that comes up on or after a date."""
        years, months = self._years, self._months
        while year <= years[-1]:
            coming = years[bisect_left(years, year)]
            if coming != year:
                year, month, day = coming, 1, 1
            if month in months:
                days = self._days.get(_shape(year, month)) or self._days_of(year, month)
                position = bisect_left(days, day)
                if position < len(days):
                    return datetime(year, month, days[position], 0, 0, 0, 0, UTC)
            year, month, day = (year, month + 1, 1) if month < 12 else (year + 1, 1, 1)
        return None

    def _days_of(self, year: int, month: int) -> tuple[int, ...]:
        shape = _shape(year, month)
        days = self._days.get(shape)
        if days is None:
            days = self._days[shape] = _days_meant(self.fields.dates, *shape)
        return days

    def _from(self, moment: datetime) -> Iterator[tuple[datetime, Sequence[timedelta]]]:
        """Every day that comes up, from the local day of ``moment``, as its wall and its sorted shifts."""
        if self._in_utc:
            return ((wall, self._times) for wall in self.dates(moment))
        return self._in_zone(self.dates(moment.astimezone(self.zone)))

    def _in_zone(self, walls: Iterable[datetime]) -> Iterator[tuple[datetime, Sequence[timedelta]]]:
        offset_at = self.zone.utcoffset
        midnight, offset = _FIRST, offset_at(_FIRST)
        for wall in walls:
            before = offset if wall == midnight else offset_at(wall)
            midnight = wall + _DAY
            offset = offset_at(midnight)
            yield wall, self._steady(offset) if before == offset else self._changing(wall)

    def _shifts_on(self, wall: datetime) -> Sequence[timedelta]:
        before = self.zone.utcoffset(wall)
        return self._steady(before) if before == self.zone.utcoffset(wall + _DAY) else self._changing(wall)

    def _steady(self, offset: timedelta | None) -> Sequence[timedelta]:
        """The shifts of a day through which the clock does not change."""
        shifts = self._shifts.get(offset)
        if shifts is None:
            shifts = self._shifts[offset] = tuple(time - (offset or _NO_SHIFT) for time in self._times)
        return shifts

    def _changing(self, wall: datetime) -> Sequence[timedelta]:
        """The shifts of a day on which the clock changes: skipped times are left out, repeated ones come once."""
        return tuple(shift for time in self._times if (shift := self._shift(wall + time, time)) is not None)

    def _shift(self, local: datetime, time: timedelta) -> timedelta | None:
        first = self.zone.utcoffset(local) or _NO_SHIFT
        second = self.zone.utcoffset(local.replace(fold=1)) or _NO_SHIFT
        # PEP 495: the second offset is the greater one only where the clock skips this time.
        return None if second > first else time - first


def _within(moment: datetime) -> datetime:
    """The moment in UTC, brought near the years that AWS knows, where no sum of ours overflows."""
    if moment <= _FIRST:
        return _FIRST
    if moment >= _LAST:
        return _LAST
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)
