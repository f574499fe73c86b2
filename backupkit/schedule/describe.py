"""Schedules in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from backupkit.schedule.parser import WHOLE_YEARS, Dates, Fields

__all__ = ["described"]

_MONDAY_FIRST = (2, 3, 4, 5, 6, 7, 1)
_WEEKDAYS = ("", "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_MONTHS = (
    *("", "January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_SHORTEST = (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FEBRUARY, _LEAP_DAY, _FIFTH = 2, 29, 5
# Fewer than this many numbers in a row are listed one by one.
_ROW = 3
_SERIES = 4


def described(fields: Fields, timezone: str, *, comes: bool) -> str:
    """The fields in words, for example ``every day at 05:00 (UTC)``.

    Args:
        fields: The fields.
        timezone: The zone's IANA name.
        comes: Whether any of the dates is in a calendar.
    """
    times = _times(fields.hours, fields.minute)
    dates = _dates(fields) + (_condition(fields) if comes else "")
    text = f"{dates} {times}"
    if times.startswith("every"):
        text = f"{times} {dates.removeprefix('every day').lstrip()}".rstrip(" ,")
    zone = "UTC" if timezone == "Etc/UTC" else timezone
    return f"{text}{_years(fields.years)}{'' if comes else ', which never comes'} ({zone})"


def _times(hours: tuple[int, ...], minute: int) -> str:
    written = [f"{hour:02}:{minute:02}" for hour in hours]
    step = _step(hours, _ROW)
    often = "every hour" if step == 1 else f"every {step} hours"
    # A step goes on over midnight only where it divides the day.
    if step and hours[0] == 0 and len(hours) * step == 24:
        return f"{often} at minute {minute}"
    if step and len(hours) >= _SERIES:
        return f"{often} from {written[0]} to {written[-1]}"
    return f"at {_joined(written)}"


def _dates(fields: Fields) -> str:
    if fields.dates.every:
        return f"every day{_in_months(fields.months)}"
    by_week = [_weekly(fields.dates.weekdays)] if fields.dates.weekdays else []
    by_month = list(_monthly(fields.dates))
    if not by_month:
        return f"{by_week[0]}{_in_months(fields.months)}"
    return f"{_joined([*by_week, *by_month])} of {_of_months(fields.months)}"


def _weekly(chosen: tuple[int, ...]) -> str:
    days = [day for day in _MONDAY_FIRST if day in chosen]
    if chosen == (2, 3, 4, 5, 6):
        return "on weekdays"
    if len(days) >= _SERIES and _MONDAY_FIRST.index(days[-1]) - _MONDAY_FIRST.index(days[0]) == len(days) - 1:
        return f"every day from {_WEEKDAYS[days[0]]} to {_WEEKDAYS[days[-1]]}"
    return f"on {_joined(f'{_WEEKDAYS[day]}s' for day in days)}"


def _monthly(dates: Dates) -> Iterator[str]:
    if dates.days:
        yield _days(dates.days)
    if dates.nearest_weekdays:
        weekday = "weekday" if len(dates.nearest_weekdays) == 1 else "weekdays"
        yield f"on the {weekday} nearest the {_joined(map(_ordinal, dates.nearest_weekdays))}"
    for before in reversed(dates.before_last):
        yield f"{before} day{'s' if before > 1 else ''} before the last day" if before else "on the last day"
    if dates.last_weekday:
        yield "on the last weekday"
    if dates.last_of:
        yield f"on {_joined(f'the last {_WEEKDAYS[day]}' for day in _MONDAY_FIRST if day in dates.last_of)}"
    if dates.nth is not None:
        yield f"on the {_ordinal(dates.nth[1])} {_WEEKDAYS[dates.nth[0]]}"


def _days(days: tuple[int, ...]) -> str:
    span = f"from the {_ordinal(days[0])} to the {_ordinal(days[-1])}"
    if _in_a_row(days):
        return f"every day {span}"
    step = _step(days, _SERIES)
    return f"on every {_ordinal(step)} day {span}" if step else f"on the {_joined(map(_ordinal, days))}"


def _condition(fields: Fields) -> str:
    """A word on months that have no such day, where there are some."""
    dates = fields.dates
    listed = () if _step(dates.days, _SERIES) or _in_a_row(dates.days) else dates.days
    longest = max((*listed, *dates.nearest_weekdays, *(before + 1 for before in dates.before_last)), default=0)
    if fields.months == (_FEBRUARY,) and dates == Dates(days=(_LEAP_DAY,)):
        return " in leap years"
    if longest > min(_SHORTEST[month] for month in fields.months) or (dates.nth is not None and dates.nth[1] == _FIFTH):
        return ", where there is such a day,"
    return ""


def _of_months(months: tuple[int, ...]) -> str:
    if len(months) == 12 or _in_a_row(months):
        return f"every month{_in_months(months)}"
    return _joined(_MONTHS[month] for month in months)


def _in_months(months: tuple[int, ...]) -> str:
    if len(months) == 12:
        return ""
    if _in_a_row(months):
        return f" from {_MONTHS[months[0]]} to {_MONTHS[months[-1]]}"
    return f" in {_joined(_MONTHS[month] for month in months)}"


def _years(years: tuple[int, ...]) -> str:
    if years == WHOLE_YEARS:
        return ""
    if _in_a_row(years):
        if years[-1] == WHOLE_YEARS[-1]:
            return f", from {years[0]} on"
        return f", until {years[-1]}" if years[0] == WHOLE_YEARS[0] else f", from {years[0]} to {years[-1]}"
    step = _step(years, _SERIES)
    if step:
        return f", every {_ordinal(step)} year from {years[0]} to {years[-1]}"
    return f", in {_joined(str(year) for year in years)}"


def _in_a_row(numbers: tuple[int, ...]) -> bool:
    return _step(numbers, _ROW) == 1


def _step(numbers: tuple[int, ...], fewest: int) -> int:
    """How far apart the numbers are where there are enough of them and all are equally far, or else 0."""
    if len(numbers) < fewest:
        return 0
    step = numbers[1] - numbers[0]
    return step if numbers == tuple(range(numbers[0], numbers[-1] + 1, step)) else 0


def _ordinal(number: int) -> str:
    ending = "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _joined(words: Iterable[str]) -> str:
    *earlier, last = words
    return f"{', '.join(earlier)} and {last}" if earlier else last
