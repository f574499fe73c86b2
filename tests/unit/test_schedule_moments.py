"""When schedules run: tables made by hand from calendars."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from backupkit.errors import InvalidValueError
from backupkit.schedule import Schedule

NEW_YEAR_2026 = datetime(2026, 1, 1, tzinfo=UTC)  # a Thursday
FAR = datetime(2300, 1, 1, tzinfo=UTC)


def starts(body: str, zone: str = "Etc/UTC", *, since: datetime = NEW_YEAR_2026, count: int = 4) -> list[str]:
    """The first starts in local time."""
    schedule = Schedule(f"cron({body})", zone)
    found = islice(schedule.between(since, FAR), count)
    return [f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}" for moment in found]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("L", ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]),
        ("L-3", ["2026-01-28", "2026-02-25", "2026-03-28", "2026-04-27"]),
        ("L-30", ["2026-01-01", "2026-03-01", "2026-05-01", "2026-07-01"]),
        ("LW", ["2026-01-30", "2026-02-27", "2026-03-31", "2026-04-30"]),
        ("1W", ["2026-01-01", "2026-02-02", "2026-03-02", "2026-04-01"]),  # 1 February and 1 March are Sundays
        ("15W", ["2026-01-15", "2026-02-16", "2026-03-16", "2026-04-15"]),
        ("16W", ["2026-01-16", "2026-02-16", "2026-03-16", "2026-04-16"]),
        ("17W", ["2026-01-16", "2026-02-17", "2026-03-17", "2026-04-17"]),  # 17 January is a Saturday
        ("31W", ["2026-01-30", "2026-03-31", "2026-05-29", "2026-07-31"]),  # 31 May is a Sunday: not in June
        ("1W,L", ["2026-01-01", "2026-01-31", "2026-02-02", "2026-02-28"]),
        ("31", ["2026-01-31", "2026-03-31", "2026-05-31", "2026-07-31"]),
        ("30-2", ["2026-01-01", "2026-01-02", "2026-01-30", "2026-01-31"]),
        ("10/10", ["2026-01-10", "2026-01-20", "2026-01-30", "2026-02-10"]),
    ],
)
def test_days_of_the_month(day: str, expected: list[str]) -> None:
    """L counts from the end, W goes to the nearest weekday of the same month, and days that are not there are left out."""
    assert starts(f"0 5 {day} * ? *") == [f"{date} 05:00" for date in expected]


def test_w_on_a_saturday_the_first_goes_to_monday_the_third() -> None:
    """The nearest weekday never lies in another month."""
    assert starts("0 5 1W 8 ? 2026") == ["2026-08-03 05:00"]


@pytest.mark.parametrize(
    ("weekday", "expected"),
    [
        ("1", ["2026-01-04", "2026-01-11", "2026-01-18", "2026-01-25"]),
        ("sun", ["2026-01-04", "2026-01-11", "2026-01-18", "2026-01-25"]),
        ("L", ["2026-01-03", "2026-01-10", "2026-01-17", "2026-01-24"]),
        ("FRI-MON", ["2026-01-02", "2026-01-03", "2026-01-04", "2026-01-05"]),
        ("6-2", ["2026-01-02", "2026-01-03", "2026-01-04", "2026-01-05"]),
        ("FRI-TUE/2", ["2026-01-02", "2026-01-04", "2026-01-06", "2026-01-09"]),
        ("MON,WED", ["2026-01-05", "2026-01-07", "2026-01-12", "2026-01-14"]),
        ("6L", ["2026-01-30", "2026-02-27", "2026-03-27", "2026-04-24"]),
        ("FRIL", ["2026-01-30", "2026-02-27", "2026-03-27", "2026-04-24"]),
        ("3#2", ["2026-01-13", "2026-02-10", "2026-03-10", "2026-04-14"]),
        ("THU#1", ["2026-01-01", "2026-02-05", "2026-03-05", "2026-04-02"]),
        ("6#5", ["2026-01-30", "2026-05-29", "2026-07-31", "2026-10-30"]),
    ],
)
def test_days_of_the_week(weekday: str, expected: list[str]) -> None:
    """Sunday is 1; a range runs over the week's end; L is the last and # the nth of the month."""
    assert starts(f"0 5 ? * {weekday} *") == [f"{date} 05:00" for date in expected]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("0 22-2/2 ? * * *", ["2026-01-01 00:00", "2026-01-01 02:00", "2026-01-01 22:00", "2026-01-02 00:00"]),
        ("0 5 1 NOV-FEB ? *", ["2026-01-01 05:00", "2026-02-01 05:00", "2026-11-01 05:00", "2026-12-01 05:00"]),
        ("0 5 1 12-3/2 ? *", ["2026-02-01 05:00", "2026-12-01 05:00", "2027-02-01 05:00", "2027-12-01 05:00"]),
        ("0 5 29 2 ? *", ["2028-02-29 05:00", "2032-02-29 05:00", "2036-02-29 05:00", "2040-02-29 05:00"]),
        ("0 5 29 2 ? 2096-2110", ["2096-02-29 05:00", "2104-02-29 05:00", "2108-02-29 05:00"]),
        ("0 5 1 1 ? 2026,2199", ["2026-01-01 05:00", "2199-01-01 05:00"]),
        ("0 5 1 1 ? 2030/50", ["2030-01-01 05:00", "2080-01-01 05:00", "2130-01-01 05:00", "2180-01-01 05:00"]),
        ("0 5 1 1 ? 1970-2027", ["2026-01-01 05:00", "2027-01-01 05:00"]),
        ("59 23 31 12 ? 2199", ["2199-12-31 23:59"]),
    ],
)
def test_hours_months_and_years(body: str, expected: list[str]) -> None:
    """Hours and months run over their ends, years do not; 29 February waits for a leap year."""
    assert starts(body) == expected


@pytest.mark.parametrize(
    ("zone", "since", "body", "expected"),
    [
        # 02:00 to 03:00 on 29 March is skipped.
        ("Europe/Berlin", (2026, 3, 27), "30 2 ? * * *", ["27T01:30", "28T01:30", "30T00:30", "31T00:30"]),
        ("Europe/Berlin", (2026, 3, 29), "0 * ? * * *", ["29T00:00", "29T01:00", "29T02:00", "29T03:00"]),
        ("Europe/Berlin", (2026, 3, 28, 23), "0 0-3 ? * * *", ["28T23:00", "29T00:00", "29T01:00", "29T22:00"]),
        # 02:00 to 03:00 on 25 October comes twice.
        ("Europe/Berlin", (2026, 10, 24), "30 2 ? * * *", ["24T00:30", "25T00:30", "26T01:30", "27T01:30"]),
        ("Europe/Berlin", (2026, 10, 25), "30 1-3 ? * * *", ["25T00:30", "25T02:30", "26T00:30", "26T01:30"]),
        ("America/New_York", (2026, 3, 7), "15 2 ? * * *", ["07T07:15", "09T06:15", "10T06:15", "11T06:15"]),
        ("America/New_York", (2026, 10, 31), "15 1 ? * * *", ["31T05:15", "01T05:15", "02T06:15", "03T06:15"]),
        # Half an hour: 02:00 to 02:30 on 4 October is skipped, 01:30 to 02:00 on 5 April comes twice.
        ("Australia/Lord_Howe", (2026, 10, 3), "15 2 ? * * *", ["04T15:15", "05T15:15", "06T15:15", "07T15:15"]),
        ("Australia/Lord_Howe", (2026, 10, 3), "30 2 ? * * *", ["03T15:30", "04T15:30", "05T15:30", "06T15:30"]),
        ("Australia/Lord_Howe", (2026, 4, 4), "45 1 ? * * *", ["04T14:45", "05T15:15", "06T15:15", "07T15:15"]),
        # Samoa had no 30 December 2011.
        ("Pacific/Apia", (2011, 12, 29), "0 12 ? * * *", ["29T22:00", "30T22:00", "31T22:00", "01T22:00"]),
    ],
)
def test_a_skipped_local_time_does_not_run_and_a_repeated_one_runs_once(
    zone: str, since: tuple[int, ...], body: str, expected: list[str]
) -> None:
    """EventBridge Scheduler's rule for clock changes, which AWS Backup follows; the expected times are UTC."""
    start = datetime(*since, tzinfo=UTC)  # type: ignore[arg-type,misc]
    found = list(islice(Schedule(f"cron({body})", zone).between(start, FAR), 4))
    assert [f"{moment:%dT%H:%M}" for moment in found] == expected
    assert Schedule(f"cron({body})", zone).next_after(found[1]) == found[2]


def test_within_a_repeated_hour_the_second_coming_of_a_time_is_over() -> None:
    """Asked in the second 02:10 of the night, a daily 02:30 is next due tomorrow."""
    schedule = Schedule("cron(30 2 ? * * *)", "Europe/Berlin")
    second = datetime(2026, 10, 25, 2, 10, fold=1, tzinfo=ZoneInfo("Europe/Berlin"))
    assert schedule.next_after(second) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_next_after_is_strictly_later_and_between_takes_its_beginning() -> None:
    """A start is not after itself; a span begins with a start on its first moment and ends before one on its last."""
    schedule = Schedule.daily("05:00")
    first, second = datetime(2026, 7, 1, 5, tzinfo=UTC), datetime(2026, 7, 2, 5, tzinfo=UTC)
    assert schedule.next_after(first) == second
    assert schedule.next_after(first - timedelta(microseconds=1)) == first
    assert list(schedule.between(first, second)) == [first]
    assert list(schedule.between(first, first)) == []
    assert list(schedule.between(second, first)) == []


def test_moments_of_any_zone_may_be_asked_and_answers_are_utc() -> None:
    """A question in one zone and a schedule in another meet in UTC."""
    schedule = Schedule.daily("05:00", timezone="Europe/Berlin")
    asked = datetime(2026, 7, 1, 23, tzinfo=ZoneInfo("America/New_York"))
    found = schedule.next_after(asked)
    assert found == datetime(2026, 7, 3, 3, tzinfo=UTC)
    assert found is not None
    assert found.tzinfo is UTC
    assert schedule.next_after(asked.astimezone(timezone(timedelta(hours=9)))) == found


@pytest.mark.parametrize("moment", [datetime(2026, 7, 1), "2026-07-01T00:00:00Z", None])
def test_a_moment_without_a_zone_is_refused_when_it_is_given(moment: object) -> None:
    """A naive time is refused by the call itself, not by the first start that is looked at."""
    schedule = Schedule.daily()
    for ask in (
        lambda: schedule.next_after(moment),  # type: ignore[arg-type]
        lambda: schedule.between(moment, NEW_YEAR_2026),  # type: ignore[arg-type]
        lambda: schedule.between(NEW_YEAR_2026, moment),  # type: ignore[arg-type]
    ):
        with pytest.raises(InvalidValueError, match="has no time zone; give an aware datetime"):
            ask()


@pytest.mark.parametrize("body", ["0 5 31 2 ? *", "0 5 30 2 ? *", "0 5 31 4,6,9,11 ? *", "0 5 29 2 ? 2025-2027"])
def test_days_that_never_come_are_no_error_and_never_run(body: str) -> None:
    """AWS is not known to refuse them; the words say it."""
    schedule = Schedule(f"cron({body})")
    assert schedule.next_after(datetime(1960, 1, 1, tzinfo=UTC)) is None
    assert list(schedule.between(datetime(1960, 1, 1, tzinfo=UTC), FAR)) == []
    assert "which never comes" in schedule.describe()
    assert not schedule.is_more_frequent_than(days=10_000)


def test_years_that_are_over_have_no_next_start() -> None:
    """A schedule with an end says that it is over with None."""
    assert Schedule("cron(0 5 ? * * 2020-2025)").next_after(NEW_YEAR_2026) is None
    assert Schedule.daily().next_after(datetime(2199, 12, 31, 5, tzinfo=UTC)) is None


@pytest.mark.parametrize("zone", ["Etc/UTC", "America/New_York", "Pacific/Kiritimati"])
def test_the_ends_of_the_calendar_may_be_asked(zone: str) -> None:
    """The first and last moments that Python has are moments like others."""
    schedule = Schedule.daily("00:00", timezone=zone)
    ends = [datetime.min.replace(tzinfo=timezone(timedelta(hours=14))), datetime.max.replace(tzinfo=UTC)]
    first = schedule.next_after(ends[0])
    assert first is not None
    assert first.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == datetime(1970, 1, 1)
    assert schedule.next_after(ends[1]) is None
    assert next(schedule.between(*ends)) == first


def test_a_span_without_an_end_costs_nothing_until_it_is_read() -> None:
    """Starts are made as they are asked for: the first of 229 years comes alone."""
    span = Schedule.hourly().between(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
    assert next(span) == datetime(1970, 1, 1, tzinfo=UTC)
    assert next(span) == datetime(1970, 1, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("body", "days", "expected"),
    [
        ("0 5 ? * * *", 1, False),
        ("0 5 ? * * *", 2, True),
        ("0 5,17 ? * * *", 1, True),
        ("0 5 ? * SUN *", 7, False),
        ("0 5 ? * SUN *", 8, True),
        ("0 5 1 * ? *", 28, False),
        ("0 5 1 * ? *", 29, True),
        ("0 5 31 * ? *", 60, True),
        ("0 5 31 * ? *", 31, False),
        ("0 5 1,L * ? *", 2, True),
        ("0 5 1 1 ? *", 365, False),
        ("0 5 1 1 ? 2031", 100_000, False),
        ("0 5 1 1 ? 2031,2032", 400, True),
        ("0 5,17 1 1 ? 2031", 1, True),
    ],
)
def test_how_often_a_schedule_runs_is_told_in_days(body: str, days: int, expected: bool) -> None:
    """Days are those of the local calendar, over all its years, so clock changes do not count."""
    assert Schedule(f"cron({body})", "Europe/Berlin").is_more_frequent_than(days=days) is expected
