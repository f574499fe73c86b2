"""The grammar of AWS's cron expressions: six fields to what they stand for.

Source: the EventBridge user guide's page on cron expressions, which AWS Backup follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import attrs

from backupkit.errors import InvalidValueError
from backupkit.problems import Problem

__all__ = ["Fields", "parse"]

_BODY = re.compile(r"cron\((?P<fields>.*)\)", re.DOTALL)
_MONTHS = {n: i for i, n in enumerate("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(), 1)}
_DAYS = {n: i for i, n in enumerate("SUN MON TUE WED THU FRI SAT".split(), 1)}
_FORM = "write cron(minutes hours day-of-month month day-of-week year), for example cron(0 5 ? * * *)"


@attrs.frozen
class _Field:
    name: str
    low: int
    high: int
    names: dict[str, int] = attrs.field(factory=dict)
    wraps: bool = True

    def refused(self, text: str, why: str) -> InvalidValueError:
        span = f"use {self.low} to {self.high}"
        if self.names:
            span += f" or {next(iter(self.names))} to {list(self.names)[-1]}"
        return InvalidValueError(Problem(f"schedule/{self.name}", f"{text!r} {why}", f"{span}, with , - * and /"))


_MINUTES = _Field("minutes", 0, 59)
_HOURS = _Field("hours", 0, 23)
_DAY_OF_MONTH = _Field("day-of-month", 1, 31, wraps=False)
_MONTH = _Field("month", 1, 12, _MONTHS)
_DAY_OF_WEEK = _Field("day-of-week", 1, 7, _DAYS)
_YEAR = _Field("year", 1970, 2199, wraps=False)


@attrs.frozen
class Fields:
    """What the six fields stand for. Sets are sorted tuples; days of the week are 1 to 7 for Sunday to Saturday."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    months: tuple[int, ...]
    years: tuple[int, ...]
    days: tuple[int, ...] = ()
    weekdays: tuple[int, ...] = ()
    last_day: bool = False
    last_weekday: bool = False
    nearest_weekdays: tuple[int, ...] = ()
    last_of: tuple[int, ...] = ()
    nth: tuple[int, int] | None = None
    """A weekday, and which one of the month."""


def parse(expression: str) -> Fields:
    """The fields of ``cron(...)``.

    Raises:
        InvalidValueError: AWS would refuse the expression; names the field and the reason.
    """
    if not isinstance(expression, str):
        raise _refused(f"{expression!r} is not text", _FORM)
    if expression.strip().startswith("rate("):
        raise _refused(f"{expression!r}: AWS Backup does not take rate(...), only cron(...)", _FORM)
    body = _BODY.fullmatch(expression)
    if body is None:
        raise _refused(f"{expression!r} is not cron(...)", _FORM)
    parts = body["fields"].split()
    if len(parts) != 6:
        raise _refused(f"{expression!r} has {len(parts)} fields, not 6", _FORM)
    minutes, hours, day, month, weekday, year = (part.upper() for part in parts)
    if (day == "?") == (weekday == "?"):
        raise InvalidValueError(
            Problem(
                "schedule/day-of-week",
                f"day-of-month is {day!r} and day-of-week is {weekday!r}",
                "give exactly one of them, and ? for the other",
            )
        )
    days = _days_of_month(day) if weekday == "?" else _days_of_week(weekday)
    fields = Fields(
        _numbers(_MINUTES, minutes), _numbers(_HOURS, hours), _numbers(_MONTH, month), _numbers(_YEAR, year), **days
    )
    if len(fields.minutes) > 1:
        raise InvalidValueError(
            Problem(
                "schedule/minutes",
                f"{minutes!r} runs {len(fields.minutes)} times an hour; AWS Backup runs a rule hourly at the most",
                "name one minute, or use continuous backup",
            )
        )
    return fields


def _refused(what: str, way_out: str) -> InvalidValueError:
    return InvalidValueError(Problem("schedule", what, way_out))


def _numbers(field: _Field, text: str) -> tuple[int, ...]:
    found: set[int] = set()
    for item in text.split(","):
        found.update(_item(field, item))
    return tuple(sorted(found))


def _item(field: _Field, item: str) -> Iterator[int]:
    span, slash, step_text = item.partition("/")
    step = 1
    if slash:
        if not step_text.isdecimal() or not int(step_text):
            raise field.refused(item, "has no step of 1 or more behind /")
        step = int(step_text)
    first, dash, last = span.partition("-")
    if span == "*":
        low, high = field.low, field.high
    elif dash:
        low, high = _number(field, first, item), _number(field, last, item)
    else:
        low = _number(field, first, item)
        high = field.high if slash else low
    if high < low:
        if not field.wraps:
            raise field.refused(item, "runs backwards")
        size = field.high - field.low + 1
        return ((value - field.low) % size + field.low for value in range(low, high + size + 1, step))
    return iter(range(low, high + 1, step))


def _number(field: _Field, text: str, item: str) -> int:
    if text in field.names:
        return field.names[text]
    if not text.isdecimal():
        raise field.refused(item, "is not understood")
    value = int(text)
    if not field.low <= value <= field.high:
        raise field.refused(item, "is out of range")
    return value


def _days_of_month(text: str) -> dict[str, object]:
    found: dict[str, object] = {}
    plain: list[str] = []
    nearest: list[int] = []
    for item in text.split(","):
        if item == "L":
            found["last_day"] = True
        elif item in {"LW", "WL"}:
            found["last_weekday"] = True
        elif item.endswith("W"):
            nearest.append(_number(_DAY_OF_MONTH, item[:-1], item))
        else:
            plain.append(item)
    found["nearest_weekdays"] = tuple(sorted(set(nearest)))
    found["days"] = _numbers(_DAY_OF_MONTH, ",".join(plain)) if plain else ()
    return found


def _days_of_week(text: str) -> dict[str, object]:
    if "#" in text:
        weekday, _, which = text.partition("#")
        if "," in text or which not in {"1", "2", "3", "4", "5"}:
            raise _DAY_OF_WEEK.refused(text, "is not one day and # with 1 to 5")
        return {"nth": (_number(_DAY_OF_WEEK, weekday, text), int(which))}
    last = [item for item in text.split(",") if item.endswith("L")]
    plain = [item for item in text.split(",") if not item.endswith("L")]
    return {
        "last_of": tuple(sorted({_number(_DAY_OF_WEEK, item[:-1], item) for item in last if item != "L"})),
        "weekdays": tuple(sorted({*(_numbers(_DAY_OF_WEEK, ",".join(plain)) if plain else ()), *([7] if "L" in last else [])})),
    }
