"""Schedules as values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

import attrs

from backupkit.errors import InvalidValueError
from backupkit.problems import Problem
from backupkit.schedule.calendar import moments
from backupkit.schedule.grammar import Fields, parse
from backupkit.schedule.words import described

__all__ = ["Schedule"]

_parsed = lru_cache(maxsize=1024)(parse)


@lru_cache(maxsize=256)
def _zone(name: str) -> tzinfo:
    return UTC if name in {"UTC", "Etc/UTC"} else ZoneInfo(name)


@attrs.frozen
class Schedule:
    """AWS's ``cron(...)`` in a time zone."""

    expression: str
    timezone: str = "Etc/UTC"

    def __attrs_post_init__(self) -> None:
        _parsed(self.expression)
        try:
            _zone(self.timezone)
        except (KeyError, ValueError, OSError, TypeError) as error:
            problem = Problem("schedule/timezone", f"{self.timezone!r} is not a time zone", "use an IANA name, for example Europe/Berlin")
            raise InvalidValueError(problem) from error

    @classmethod
    def daily(cls, at: str = "05:00", *, timezone: str = "Etc/UTC") -> Schedule:
        hour, minute = _time(at)
        return cls(f"cron({minute} {hour} ? * * *)", timezone)

    @classmethod
    def weekly(cls, on: str | Iterable[str], at: str = "05:00", *, timezone: str = "Etc/UTC") -> Schedule:
        hour, minute = _time(at)
        days = on if isinstance(on, str) else ",".join(on)
        return cls(f"cron({minute} {hour} ? * {days} *)", timezone)

    @classmethod
    def monthly(cls, on: int | str = 1, at: str = "05:00", *, timezone: str = "Etc/UTC") -> Schedule:
        hour, minute = _time(at)
        return cls(f"cron({minute} {hour} {on} * ? *)", timezone)

    @classmethod
    def hourly(cls, minute: int = 0, *, timezone: str = "Etc/UTC") -> Schedule:
        return cls(f"cron({minute} * ? * * *)", timezone)

    @property
    def _fields(self) -> Fields:
        return _parsed(self.expression)

    def next_after(self, moment: datetime) -> datetime | None:
        moment = _aware(moment)
        zone = _zone(self.timezone)
        local = moment.astimezone(zone).replace(tzinfo=None)
        return next((found for found in moments(self._fields, zone, local) if found > moment), None)

    def between(self, start: datetime, end: datetime) -> Iterator[datetime]:
        start, end = _aware(start).astimezone(UTC), _aware(end).astimezone(UTC)
        zone = _zone(self.timezone)
        local = (start - timedelta(seconds=1)).astimezone(zone).replace(tzinfo=None)
        for found in moments(self._fields, zone, local):
            if found >= end:
                return
            if found >= start:
                yield found

    def is_more_frequent_than(self, *, days: int) -> bool:
        starts = list(self.between(datetime(2028, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)))
        return any(b - a < timedelta(days=days) for a, b in zip(starts, starts[1:], strict=False))

    def describe(self) -> str:
        return described(self._fields, self.timezone)

    def __str__(self) -> str:
        return self.expression


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise InvalidValueError(Problem("schedule", f"{moment} has no time zone", "give an aware datetime"))
    return moment


def _time(text: str) -> tuple[int, int]:
    hour, colon, minute = text.partition(":")
    if not (colon and hour.isdecimal() and minute.isdecimal() and int(hour) < 24 and int(minute) < 60):
        raise InvalidValueError(Problem("schedule/at", f"{text!r} is not a time of day", "write it as 05:00"))
    return int(hour), int(minute)
