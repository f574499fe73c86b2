"""Laws of schedules, and their agreement with an independent implementation and with a plain search."""

from __future__ import annotations

import pickle
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from cronsim import CronSim
from hypothesis import example, given, settings
from hypothesis import strategies as st

from backupkit.schedule import Schedule
from backupkit.testing import cron_expressions, schedules

NAMES = {
    name: str(number)
    for names in (
        ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"),
        ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"),
    )
    for number, name in enumerate(names, 1)
}
# Days on which some zone's clock changes, by an hour, by half an hour, or by a whole day.
CHANGES = [
    ("Europe/Berlin", datetime(2026, 3, 29, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 25, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 3, 8, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 11, 1, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 10, 3, tzinfo=UTC)),
    ("America/St_Johns", datetime(2006, 10, 29, tzinfo=UTC)),  # one minute past midnight, back over it
    ("America/Sao_Paulo", datetime(2018, 11, 4, tzinfo=UTC)),  # at midnight, which is skipped
    ("America/Havana", datetime(2025, 11, 2, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2011, 12, 30, tzinfo=UTC)),  # a whole day is skipped
]

moments = st.datetimes(datetime(1969, 1, 1), datetime(2201, 1, 1), timezones=st.just(UTC))
near = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))


def numbers(item: str, low: int, high: int, value: int) -> bool:
    """Whether one piece of a field takes a value, by counting up from its beginning."""
    span, _, step = item.partition("/")
    first, dash, last = span.partition("-")
    if span == "*":
        begin, end = low, high
    else:
        begin = int(NAMES.get(first, first))
        end = int(NAMES.get(last, last)) if dash else (high if step else begin)
    count = (end - begin) % (high - low + 1)
    away = (value - begin) % (high - low + 1)
    return away <= count and away % int(step or 1) == 0


def weekday_near(day: date) -> date:
    """The weekday of its month that is nearest to a day."""
    month = [day.replace(day=each) for each in range(1, monthrange(day.year, day.month)[1] + 1)]
    return min((each for each in month if each.weekday() < 5), key=lambda each: abs(each - day))


def on_day_of_month(item: str, day: date) -> bool:
    last = day.replace(day=monthrange(day.year, day.month)[1])
    if item == "L":
        return day == last
    if item.startswith("L-"):
        return day == last - timedelta(days=int(item[2:]))
    if item == "LW":
        return day == weekday_near(last)
    if item.endswith("W"):
        return int(item[:-1]) <= last.day and day == weekday_near(day.replace(day=int(item[:-1])))
    return numbers(item, 1, 31, day.day)


def on_day_of_week(item: str, day: date) -> bool:
    weekday = (day.weekday() + 1) % 7 + 1
    name, _, nth = item.partition("#")
    if nth:
        return weekday == int(NAMES.get(name, name)) and (day.day + 6) // 7 == int(nth)
    if item.endswith("L") and item != "L":
        return weekday == int(NAMES.get(item[:-1], item[:-1])) and (day + timedelta(days=7)).month != day.month
    return numbers("7" if item == "L" else item, 1, 7, weekday)


def comes(expression: str, local: datetime) -> bool:
    """Whether an expression means a local time, read from its text alone."""
    minutes, hours, days, months, weekdays, years = (
        field.split(",") for field in expression.upper().removeprefix("CRON(").removesuffix(")").split()
    )
    return (
        any(numbers(item, 0, 59, local.minute) for item in minutes)
        and any(numbers(item, 0, 23, local.hour) for item in hours)
        and any(numbers(item, 1, 12, local.month) for item in months)
        and any(numbers(item, 1970, 2199, local.year) for item in years)
        and (days == ["?"] or any(on_day_of_month(item, local.date()) for item in days))
        and (weekdays == ["?"] or any(on_day_of_week(item, local.date()) for item in weekdays))
    )


def searched(schedule: Schedule, start: datetime, end: datetime) -> list[datetime]:
    """The starts in a span, by looking at every minute of it; a local time's second coming does not count."""
    zone = ZoneInfo(schedule.timezone)
    minutes = (start + timedelta(minutes=number) for number in range(int((end - start).total_seconds()) // 60))
    return [
        minute
        for minute in minutes
        if not (local := minute.astimezone(zone)).fold and comes(schedule.expression, local)
    ]


@settings(max_examples=60, deadline=None)
@given(schedules(), near)
def test_between_finds_what_a_search_of_every_minute_finds(schedule: Schedule, day: datetime) -> None:
    """No start is left out and none is made up, in any zone, for any expression."""
    start = day.replace(hour=0, minute=0, second=0, microsecond=0)
    end = start + timedelta(days=2)
    assert list(schedule.between(start, end)) == searched(schedule, start, end)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(CHANGES), st.integers(0, 59), st.integers(1, 6))
@example(CHANGES[5], 15, 1)
def test_when_clocks_change_skipped_times_do_not_run_and_repeated_ones_run_once(
    change: tuple[str, datetime], minute: int, step: int
) -> None:
    """Around each kind of clock change the starts are those of a search of every minute, whatever asks for them."""
    zone, day = change
    schedule = Schedule(f"cron({minute} */{step} * * ? *)", zone)
    start, end = day - timedelta(days=1), day + timedelta(days=2)
    expected = searched(schedule, start, end)
    assert list(schedule.between(start, end)) == expected
    asked = [schedule.next_after(before) for before in [start - timedelta(seconds=1), *expected[:-1]]]
    assert asked == expected


@given(schedules(), moments)
def test_next_after_is_the_first_start_of_the_span_that_follows(schedule: Schedule, moment: datetime) -> None:
    """Both ways of asking agree: strictly later, and nothing lies before it."""
    found = schedule.next_after(moment)
    following = schedule.between(moment + timedelta(microseconds=1), datetime(2300, 1, 1, tzinfo=UTC))
    assert found == next(following, None)
    assert found is None or (found > moment and found.tzinfo is UTC and found.second == found.microsecond == 0)


@given(schedules(), near)
def test_between_is_next_after_again_and_again(schedule: Schedule, start: datetime) -> None:
    """Going from start to start comes by exactly those of a span."""
    starts = list(islice(schedule.between(start, start + timedelta(days=900)), 40))
    assert all(earlier < later for earlier, later in pairwise(starts))
    assert [schedule.next_after(earlier) for earlier in starts[:-1]] == starts[1:]


@given(schedules(), near, st.integers(0, 400), st.integers(0, 400))
def test_spans_that_meet_share_nothing_and_lose_nothing(
    schedule: Schedule, start: datetime, first: int, second: int
) -> None:
    """A span takes its beginning and not its end."""
    middle = start + timedelta(hours=first)
    end = middle + timedelta(hours=second)
    both = [*schedule.between(start, middle), *schedule.between(middle, end)]
    assert both == list(schedule.between(start, end))


@given(schedules(), moments, st.timedeltas(timedelta(), timedelta(days=500)))
def test_a_later_moment_never_has_an_earlier_next_start(schedule: Schedule, moment: datetime, gap: timedelta) -> None:
    """The next start moves forward only."""
    earlier, later = schedule.next_after(moment), schedule.next_after(moment + gap)
    assert later is None or (earlier is not None and earlier <= later)


@given(schedules(st.just("Asia/Tokyo")), near)
def test_no_rule_runs_more_often_than_hourly(schedule: Schedule, start: datetime) -> None:
    """Whatever is accepted keeps AWS Backup's shortest gap."""
    starts = islice(schedule.between(start, start + timedelta(days=30)), 50)
    assert all(later - earlier >= timedelta(hours=1) for earlier, later in pairwise(starts))


@given(schedules())
def test_a_schedule_survives_pickling_and_its_repr_is_python(schedule: Schedule) -> None:
    """Schedules travel between processes and print as what makes them."""
    for again in (pickle.loads(pickle.dumps(schedule)), eval(repr(schedule))):
        assert again == schedule
        assert hash(again) == hash(schedule)


@given(schedules())
def test_every_schedule_has_words(schedule: Schedule) -> None:
    """The words name the zone, and say it where the dates never come."""
    words = schedule.describe()
    assert words.endswith("(UTC)" if schedule.timezone == "Etc/UTC" else f"({schedule.timezone})")
    never = schedule.next_after(datetime(1969, 1, 1, tzinfo=UTC)) is None
    assert ("which never comes" in words) == never or schedule.timezone == "Pacific/Apia"


hours = st.one_of(
    st.integers(0, 23).map(str),
    st.just("*"),
    st.builds("*/{}".format, st.integers(1, 12)),
    st.lists(st.integers(0, 23), min_size=1, max_size=4).map(lambda each: ",".join(map(str, each))),
)
days = st.one_of(
    st.integers(1, 28).map(str), st.sampled_from(("*", "L", "LW", "1-7", "*/2", "29", "30", "31", "1,15", "10-20/3"))
)
months = st.sampled_from(("*", "1", "3,6,9,12", "APR-SEP", "*/3", "12"))
weekdays = st.sampled_from(
    # AWS's, and the same for cronsim, whose Sunday is 0.
    (
        ("MON-FRI", "MON-FRI"),
        ("1", "0"),
        ("7", "6"),
        ("2-6", "1-5"),
        ("6L", "5L"),
        ("3#2", "2#2"),
        ("SUN,WED", "SUN,WED"),
    )
)


@settings(max_examples=150)
@given(st.integers(0, 59), hours, days, months, near)
def test_days_of_months_agree_with_cronsim(minute: int, hour: str, day: str, month: str, start: datetime) -> None:
    """In UTC, where both know the grammar, an independent implementation finds the same starts."""
    expected = list(islice(CronSim(f"{minute} {hour} {day} {month} *", start), 15))
    schedule = Schedule(f"cron({minute} {hour} {day} {month} ? *)")
    assert (
        list(islice(schedule.between(start + timedelta(microseconds=1), datetime(2190, 1, 1, tzinfo=UTC)), 15))
        == expected
    )


@settings(max_examples=150)
@given(st.integers(0, 59), hours, weekdays, months, near)
def test_days_of_the_week_agree_with_cronsim(
    minute: int, hour: str, weekday: tuple[str, str], month: str, start: datetime
) -> None:
    """AWS counts the days of the week from 1 for Sunday, and an independent implementation finds the same starts."""
    expected = list(islice(CronSim(f"{minute} {hour} * {month} {weekday[1]}", start), 15))
    schedule = Schedule(f"cron({minute} {hour} ? {month} {weekday[0]} *)")
    assert (
        list(islice(schedule.between(start + timedelta(microseconds=1), datetime(2190, 1, 1, tzinfo=UTC)), 15))
        == expected
    )


@given(cron_expressions(), st.sampled_from(("Etc/UTC", "Europe/Berlin")))
def test_letters_may_be_small(expression: str, zone: str) -> None:
    """Names of months and days, L and W mean the same in small letters."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    assert Schedule(expression.lower(), zone).next_after(start) == Schedule(expression, zone).next_after(start)
