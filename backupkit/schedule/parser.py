"""The grammar of AWS's cron expressions: six fields to what they stand for.

Source: the EventBridge user guide's page on cron expressions, whose grammar AWS Backup follows. Where the guide is
silent, whatever AWS is not known to refuse is taken, and means what it means in the grammar that AWS's comes from:

* Ranges run over the end (``22-2``, ``FRI-MON``, ``NOV-FEB``, days ``28-3``), with the step counted through; years do
  not.
* ``L-3`` is three days before the last day of the month; ``FRIL`` is ``6L``; ``L`` alone in day-of-week is Saturday.
* ``L``, ``LW`` and ``15W`` may stand in a list, each for itself.
* ``15W`` stays within its month, and does not come in a month that has no such day (``31W`` in June).
* Letters may be small.
* Days that never come, such as 31 February, and years that are over are no error: the schedule then never runs.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

import attrs

from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, counted
from backupkit.schedule.fields import NumberField, got

__all__ = ["WHOLE_YEARS", "Dates", "Fields", "parse"]

_T = TypeVar("_T")

_CRON = re.compile(r"cron\((?P<fields>[^()]*)\)")
_FORM = "write cron(minutes hours day-of-month month day-of-week year), for example cron(0 5 ? * * *)"
_UNIX_WEEKDAY = re.compile(r"(?<![/#\d])[0-7](?!\d)")
_LAST_BEFORE = re.compile(r"L-(?P<days>\d{1,2})")
_MOST_BEFORE = 30

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")

# EventBridge is seen to refuse */60.
_MINUTES = NumberField("minutes", 0, 59, widest_step=59, single=True)
_HOURS = NumberField("hours", 0, 23)
_DAY_OF_MONTH = NumberField("day-of-month", 1, 31)
_MONTH = NumberField("month", 1, 12, _MONTHS)
_DAY_OF_WEEK = NumberField("day-of-week", 1, 7, _WEEKDAYS)
_YEAR = NumberField("year", 1970, 2199, wraps=False)
_SATURDAY = 7

WHOLE_YEARS = tuple(range(_YEAR.low, _YEAR.high + 1))
"""Every year that AWS's grammar knows."""


@attrs.frozen
class Dates:
    """The days of a month that day-of-month or day-of-week stands for. Days of the week are 1 to 7, from Sunday."""

    days: tuple[int, ...] = ()
    nearest_weekdays: tuple[int, ...] = ()
    """Days whose nearest weekday, Monday to Friday, is meant."""
    before_last: tuple[int, ...] = ()
    """How many days before the last day of the month; 0 is the last day."""
    last_weekday: bool = False
    weekdays: tuple[int, ...] = ()
    last_of: tuple[int, ...] = ()
    """Days of the week whose last one in the month is meant."""
    nth: tuple[int, int] | None = None
    """A day of the week, and which one of the month."""

    @property
    def every(self) -> bool:
        """Whether every day is meant."""
        return len(self.days) == _DAY_OF_MONTH.high or len(self.weekdays) == _DAY_OF_WEEK.high


@attrs.frozen
class Fields:
    """What the six fields stand for. Tuples are sorted."""

    minute: int
    hours: tuple[int, ...]
    dates: Dates
    months: tuple[int, ...]
    years: tuple[int, ...]


def parse(expression: str) -> Fields:
    """The fields of ``cron(...)``.

    Raises:
        InvalidValueError: AWS would refuse the expression; has a problem for every field that is wrong.
    """
    minutes, hours, day, month, weekday, year = _texts(expression)
    problems: list[Problem] = []
    minute = _kept(problems, _minute, minutes)
    every_hour = _kept(problems, lambda text: _HOURS.numbers(text.split(",")), hours)
    dates = _kept(problems, lambda _: _dates(day, weekday), "")
    months = _kept(problems, lambda text: _MONTH.numbers(text.split(",")), month)
    years = _kept(problems, lambda text: _YEAR.numbers(text.split(",")), year)
    if minute is None or every_hour is None or dates is None or months is None or years is None:
        raise InvalidValueError(problems)
    return Fields(minute, every_hour, dates, months, years)


def _kept(problems: list[Problem], read: Callable[[str], _T], text: str) -> _T | None:
    """What ``read`` makes of a field, or None, and its problems kept: all wrong fields are told at once."""
    try:
        return read(text)
    except InvalidValueError as error:
        problems.extend(error.problems)
        return None


def _texts(expression: object) -> list[str]:
    if not isinstance(expression, str):
        raise _refused(f"{got(expression)} is not text", _FORM)
    body = _CRON.fullmatch(expression)
    if body is None:
        raise _not_cron(expression)
    texts = body["fields"].upper().split() if expression.isascii() else []
    if len(texts) == 5:
        raise _refused(f"{got(expression)} has 5 fields, not 6", _with_year(texts) or _FORM)
    if not expression.isascii():
        raise _refused(f"{got(expression)} has letters that are not ASCII", _FORM)
    if len(texts) != 6:
        raise _refused(f"{got(expression)} has {counted(len(texts), 'field')}, not 6", _FORM)
    return texts


def _not_cron(expression: str) -> InvalidValueError:
    text = expression.strip()
    if text.lower().startswith("rate("):
        return _refused(f"{got(expression)}: AWS Backup takes no rate(...), only cron(...)", _FORM)
    texts = text.split()
    if len(texts) == 6 and "(" not in text:
        return _refused(
            f"{got(expression)} is not wrapped in cron(...)", _if_taken("write {}", f"cron({text})") or _FORM
        )
    if len(texts) == 5 and "(" not in text:
        return _refused(f"{got(expression)} is not cron(...) with 6 fields", _with_year(texts) or _FORM)
    if text != expression and _CRON.fullmatch(text):
        return _refused(f"{got(expression)} has blanks around it", _if_taken("write {}", text) or _FORM)
    return _refused(f"{got(expression)} is not cron(...)", _FORM)


def _if_taken(advice: str, expression: str) -> str | None:
    """The advice to write an expression, if it is one that goes."""
    try:
        parse(expression)
    except InvalidValueError:
        return None
    return advice.format(expression)


def _with_year(texts: list[str]) -> str | None:
    """The way out for five fields: AWS's without the year, or those of Unix."""
    minutes, hours, day, month, weekday = (text.upper() for text in texts)
    found = _if_taken("add the year: {}", f"cron({' '.join(texts)} *)")
    if found or "?" in (day, weekday):
        return found
    if weekday == "*":
        return _if_taken("write {}", f"cron({minutes} {hours} {day} {month} ? *)")
    # Unix counts days of the week from Sunday as 0, AWS as 1; where both days are given, Unix takes either.
    named = _UNIX_WEEKDAY.sub(lambda found: _WEEKDAYS[int(found[0]) % 7], weekday)
    return _if_taken("write {}", f"cron({minutes} {hours} ? {month} {named} *)") if day == "*" else None


def _refused(what: str, hint: str) -> InvalidValueError:
    return InvalidValueError(Problem("schedule", what, hint))


def _minute(text: str) -> int:
    minute, *more = _MINUTES.numbers(text.split(","))
    if more:
        why = f"runs {len(more) + 1} times an hour; AWS Backup runs a rule hourly at the most"
        raise _MINUTES.refused(text, why, "name one minute; more rules or continuous backup protect more often")
    return minute


def _dates(day: str, weekday: str) -> Dates:
    if day == weekday == "?":
        raise _DAY_OF_WEEK.refused(weekday, "stands in day-of-month too", "write * in one of them")
    if day == "?":
        return _days_of_week(weekday)
    if weekday == "?":
        return _days_of_month(day)
    field, text = (_DAY_OF_MONTH, day) if day == "*" else (_DAY_OF_WEEK, weekday)
    why = f"stands beside day-of-{'week' if day == '*' else 'month'} {got(weekday if day == '*' else day)}"
    raise field.refused(text, f"{why}; AWS takes only one of the two", f"write ? for {field.name}")


def _days_of_month(text: str) -> Dates:
    plain: list[str] = []
    nearest: set[int] = set()
    before_last: set[int] = set()
    for item in (items := text.split(",")):
        if item.startswith("L") and item != "LW":
            before_last.add(_before_last(item))
        elif item.endswith("W") and item != "LW":
            nearest.add(_nearest(item))
        elif item != "LW":
            plain.append(item)
    return Dates(
        days=_DAY_OF_MONTH.numbers(plain),
        nearest_weekdays=tuple(sorted(nearest)),
        before_last=tuple(sorted(before_last)),
        last_weekday="LW" in items,
    )


def _before_last(item: str) -> int:
    if item == "L":
        return 0
    found = _LAST_BEFORE.fullmatch(item)
    if found is None or not 1 <= int(found["days"]) <= _MOST_BEFORE:
        raise _DAY_OF_MONTH.refused(item, "is not understood", f"write L, LW, or L-1 to L-{_MOST_BEFORE}")
    return int(found["days"])


def _nearest(item: str) -> int:
    if not item[:-1].isdecimal():
        raise _DAY_OF_MONTH.refused(item, "has no single day before W", "write for example 15W, or LW")
    return _DAY_OF_MONTH.number(item[:-1], item)


def _days_of_week(text: str) -> Dates:
    if "#" in text:
        return Dates(nth=_nth(text))
    items = text.split(",")
    last = [item for item in items if item.endswith("L") and item != "L"]
    plain = [str(_SATURDAY) if item == "L" else item for item in items if item not in last]
    return Dates(
        weekdays=_DAY_OF_WEEK.numbers(plain),
        last_of=tuple(sorted({_DAY_OF_WEEK.number(item[:-1], item) for item in last})),
    )


def _nth(text: str) -> tuple[int, int]:
    weekday, _, which = text.partition("#")
    if "," in text:
        raise _DAY_OF_WEEK.refused(text, "is more than one expression; AWS takes # alone", "write for example 3#2")
    if which not in {"1", "2", "3", "4", "5"}:
        raise _DAY_OF_WEEK.refused(text, "has no 1 to 5 after #", "write for example 3#2, the second Tuesday")
    return _DAY_OF_WEEK.number(weekday, text), int(which)
