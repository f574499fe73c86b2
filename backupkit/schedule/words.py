"""Schedules in plain words."""

from __future__ import annotations

from backupkit.schedule.grammar import Fields

__all__ = ["described"]

_DAYS = ("", "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_MONTHS = ("", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")


def described(fields: Fields, timezone: str) -> str:
    """The fields in words, for example ``every day at 05:00 (UTC)``."""
    zone = "UTC" if timezone in {"Etc/UTC", "UTC"} else timezone
    parts = [_days(fields), _times(fields)]
    if len(fields.months) < 12:
        parts.append("in " + _joined(_MONTHS[month] for month in fields.months))
    if len(fields.years) < 230:
        parts.append("in " + _span(fields.years))
    return f"{' '.join(part for part in parts if part)} ({zone})"


def _times(fields: Fields) -> str:
    minute = fields.minutes[0]
    if len(fields.hours) == 24:
        return f"every hour at minute {minute}"
    return "at " + _joined(f"{hour:02}:{minute:02}" for hour in fields.hours)


def _days(fields: Fields) -> str:
    if len(fields.days) == 31 or len(fields.weekdays) == 7:
        return "" if len(fields.hours) == 24 else "every day"
    chosen = [f"{_ordinal(day)}" for day in fields.days]
    chosen += [f"weekday nearest the {_ordinal(day)}" for day in fields.nearest_weekdays]
    chosen += ["last day"] if fields.last_day else []
    chosen += ["last weekday"] if fields.last_weekday else []
    chosen += [f"last {_DAYS[day]}" for day in fields.last_of]
    if fields.nth is not None:
        chosen.append(f"{_ordinal(fields.nth[1])} {_DAYS[fields.nth[0]]}")
    months = "of every month" if len(fields.months) == 12 else "of the month"
    if fields.weekdays and not chosen:
        if fields.weekdays == (2, 3, 4, 5, 6):
            return "every weekday"
        return "every " + _joined(_DAYS[day] for day in fields.weekdays)
    weekly = [f"every {_DAYS[day]}" for day in fields.weekdays]
    return _joined([*weekly, f"on the {_joined(chosen)} {months}"])


def _ordinal(number: int) -> str:
    ending = "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _span(years: tuple[int, ...]) -> str:
    if len(years) > 2 and years[-1] - years[0] == len(years) - 1:
        return f"{years[0]} to {years[-1]}"
    return _joined(str(year) for year in years)


def _joined(words: object) -> str:
    listed = [str(word) for word in words]  # type: ignore[attr-defined]
    return listed[0] if len(listed) == 1 else ", ".join(listed[:-1]) + " and " + listed[-1]
