"""Schedules as values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise

import attrs

from backupkit.display import Block, Displayed, Facts
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, quote
from backupkit.schedule.calendar import Timetable
from backupkit.schedule.fields import got
from backupkit.schedule.parser import Fields, parse
from backupkit.schedule.zones import zone_named

__all__ = ["Schedule"]

_TIME = re.compile(r"(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)", re.ASCII)
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

_fields = lru_cache(maxsize=1024)(parse)


@lru_cache(maxsize=1024)
def _timetable(expression: str, timezone: str) -> Timetable:
    """Reading an expression costs more than asking it, and equal schedules share what was read."""
    return Timetable(_fields(expression), zone_named(timezone))


@attrs.frozen
class Schedule(Displayed):
    """When a rule's backups start: AWS's ``cron(...)`` in a time zone.

    The six fields are minutes, hours, day-of-month, month, day-of-week (1 to 7 from Sunday) and year (1970 to 2199);
    exactly one of day-of-month and day-of-week is ``?``. Times are local times of the zone. A local time that a clock
    change skips does not run; one that comes twice runs the first time only (EventBridge Scheduler's rule, which AWS
    Backup follows).

    Args:
        expression: ``cron(minutes hours day-of-month month day-of-week year)``; kept as written.
        timezone: An IANA name; case counts.

    Raises:
        InvalidValueError: AWS would refuse it: no ``cron(...)``, a field or the zone is wrong, or it runs more often
            than hourly. The problem's address is the field, for example ``schedule/hours``.

    Example:
        >>> from datetime import UTC, datetime
        >>> monthly = Schedule("cron(0 5 1 * ? *)", "Europe/Berlin")
        >>> monthly.describe()
        'on the 1st of every month at 05:00 (Europe/Berlin)'
        >>> monthly.next_after(datetime(2026, 7, 1, 12, tzinfo=UTC))
        datetime.datetime(2026, 8, 1, 3, 0, tzinfo=datetime.timezone.utc)
    """

    expression: str
    timezone: str = "Etc/UTC"

    def __attrs_post_init__(self) -> None:
        problems = [*_problems_of(self.expression), *_problems_of_zone(self.timezone)]
        if problems:
            raise InvalidValueError(problems)

    @classmethod
    def daily(cls, at: str = "05:00", *, timezone: str = "Etc/UTC") -> Schedule:
        """Every day at a local time of day, written ``05:00``."""
        return cls(f"cron({_minute_and_hour(at)} ? * * *)", timezone)

    @classmethod
    def weekly(cls, on: str | int | Iterable[str | int], at: str = "05:00", *, timezone: str = "Etc/UTC") -> Schedule:
        """Every week on one or more days, ``SUN`` to ``SAT``, also ``MON-FRI``, at a local time of day."""
        days = on if isinstance(on, str) or not isinstance(on, Iterable) else ",".join(map(_piece, on))
        return cls(f"cron({_minute_and_hour(at)} ? * {_one_field('day-of-week', _piece(days))} *)", timezone)

    @classmethod
    def monthly(cls, on: int | str = 1, at: str = "05:00", *, timezone: str = "Etc/UTC") -> Schedule:
        """Every month on a day, 1 to 31 or ``L`` for the last, at a local time of day.

        Months that have no such day are left out. All of AWS's day-of-month goes: ``"1,15"``, ``"LW"``, ``"15W"``.
        """
        return cls(f"cron({_minute_and_hour(at)} {_one_field('day-of-month', _piece(on))} * ? *)", timezone)

    @classmethod
    def hourly(cls, minute: int = 0, *, timezone: str = "Etc/UTC") -> Schedule:
        """Every hour, so many minutes (0 to 59) after the full hour; as often as AWS Backup goes."""
        return cls(f"cron({_one_field('minutes', _piece(minute))} * ? * * *)", timezone)

    def next_after(self, moment: datetime) -> datetime | None:
        """The first start later than ``moment``, in UTC; None where there is none, up to the year 2199.

        Raises:
            InvalidValueError: ``moment`` has no time zone.
        """
        return _timetable(self.expression, self.timezone).next_after(_aware(moment))

    def between(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """The starts from ``start`` to before ``end``, in order, in UTC, each made when it is asked for.

        Raises:
            InvalidValueError: ``start`` or ``end`` has no time zone; raised by the call itself.
        """
        return self._timetable.between(_aware(start), _aware(end))

    @property
    def comes(self) -> bool:
        """Whether it has a start at all, in any year; 31 February never comes."""
        return next(self._timetable.dates(_BEGINNING), None) is not None

    def is_more_frequent_than(self, *, days: int) -> bool:
        """Whether two starts anywhere in its years are less than this many days apart, by the local calendar.

        A daily schedule is not more frequent than one day, though a clock change may bring two starts 23 hours apart.
        """
        if isinstance(days, bool) or not isinstance(days, int):
            raise InvalidValueError(Problem("is_more_frequent_than/days", f"{quote(days)} is not a number of days"))
        if days > 0 and len(self._timetable.fields.hours) > 1:
            return self.comes
        return any((later - earlier).days < days for earlier, later in pairwise(self._timetable.dates(_BEGINNING)))

    def describe(self) -> str:
        """The schedule in plain English, for example ``every day at 05:00 (UTC)``."""
        from backupkit.schedule.describe import described  # noqa: PLC0415 - validating needs no words

        return described(self._timetable.fields, self.timezone, comes=self.comes)

    def __str__(self) -> str:
        return self.expression

    def _blocks(self) -> tuple[Block, ...]:
        return (
            Facts("Schedule", [("when", self.describe()), ("expression", self.expression), ("zone", self.timezone)]),
        )

    @property
    def _timetable(self) -> Timetable:
        return _timetable(self.expression, self.timezone)


def _problems_of(expression: str) -> tuple[Problem, ...]:
    try:
        # A cache cannot look up what is not text: it may be a list.
        _: Fields = _fields(expression) if isinstance(expression, str) else parse(expression)
    except InvalidValueError as error:
        return error.problems
    return ()


def _problems_of_zone(timezone: str) -> tuple[Problem, ...]:
    try:
        zone_named(timezone)
    except InvalidValueError as error:
        return error.problems
    return ()


def _aware(moment: datetime) -> datetime:
    if not isinstance(moment, datetime) or (moment.tzinfo is not UTC and moment.utcoffset() is None):
        raise InvalidValueError(
            Problem(
                "schedule", f"{got(moment)} has no time zone", "give an aware datetime, for example datetime.now(UTC)"
            )
        )
    return moment


def _minute_and_hour(at: str) -> str:
    found = _TIME.fullmatch(at) if isinstance(at, str) else None
    if found is None:
        raise InvalidValueError(
            Problem("schedule/at", f"{got(at)} is not the text of a time of day", "write it as 05:00")
        )
    return f"{int(found['minute'])} {int(found['hour'])}"


def _piece(value: object) -> str:
    """A value as a field has it; Python does not write out every number, and then it is not one of a field either."""
    plain = isinstance(value, str) or (isinstance(value, int) and value.bit_length() <= _WIDEST_BITS)
    return str(value) if plain else got(value)


_WIDEST_BITS = 64


def _one_field(name: str, text: str) -> str:
    """The text, if it is one field: nothing that is empty or brings other fields along."""
    if not text or re.search(r"[\s()?]", text):
        hint = {"minutes": "write 0 to 59", "day-of-month": "write 1 to 31 or L"}.get(name, "write SUN to SAT")
        raise InvalidValueError(Problem(f"schedule/{name}", f"{got(text)} is not a value of this field", hint))
    return text
