"""Schedules in plain words."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from itertools import product

import pytest

from backupkit.schedule import Schedule


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("0 5 ? * * *", "every day at 05:00"),
        ("0 5 1 * ? *", "on the 1st of every month at 05:00"),
        ("0 */2 ? * * *", "every 2 hours at minute 0"),
        ("15 * ? * * *", "every hour at minute 15"),
        ("0 5 ? * MON-FRI *", "on weekdays at 05:00"),
        ("0 9-17 ? * MON-FRI *", "every hour from 09:00 to 17:00 on weekdays"),
        ("0 9-17 * * ? *", "every hour from 09:00 to 17:00"),
        ("30 */2 L * ? *", "every 2 hours at minute 30 on the last day of every month"),
        ("0 0/5 ? * * *", "every 5 hours from 00:00 to 20:00"),
        ("0 1/2 ? * * *", "every 2 hours from 01:00 to 23:00"),
        ("0 0,12 ? * * *", "every day at 00:00 and 12:00"),
        ("0 22-2 ? * FRI-MON *", "on Mondays, Fridays, Saturdays and Sundays at 00:00, 01:00, 02:00, 22:00 and 23:00"),
        ("0 5 1,15 * ? *", "on the 1st and 15th of every month at 05:00"),
        ("0 5 31 * ? *", "on the 31st of every month, where there is such a day, at 05:00"),
        ("0 5 1,31 * ? *", "on the 1st and 31st of every month, where there is such a day, at 05:00"),
        ("0 5 29 2 ? *", "on the 29th of February in leap years at 05:00"),
        ("0 5 31 2 ? *", "on the 31st of February at 05:00, which never comes"),
        ("0 5 1-7 * ? *", "every day from the 1st to the 7th of every month at 05:00"),
        ("0 * 1-7 * ? *", "every hour at minute 0 from the 1st to the 7th of every month"),
        ("0 5 */2 * ? *", "on every 2nd day from the 1st to the 31st of every month at 05:00"),
        (
            "0 5 1/10 1,4,7,10 ? *",
            "on every 10th day from the 1st to the 31st of January, April, July and October at 05:00",
        ),
        ("0 5 1 1 ? *", "on the 1st of January at 05:00"),
        ("0 5 1 JAN-MAR ? *", "on the 1st of every month from January to March at 05:00"),
        ("0 5 L 2 ? *", "on the last day of February at 05:00"),
        ("0 5 LW * ? *", "on the last weekday of every month at 05:00"),
        ("0 5 15W * ? *", "on the weekday nearest the 15th of every month at 05:00"),
        ("0 5 31W * ? *", "on the weekday nearest the 31st of every month, where there is such a day, at 05:00"),
        ("0 5 L-3 * ? *", "3 days before the last day of every month at 05:00"),
        ("0 5 L-1,L * ? *", "1 day before the last day and on the last day of every month at 05:00"),
        ("0 5 ? * 6L *", "on the last Friday of every month at 05:00"),
        ("0 5 ? * L *", "on Saturdays at 05:00"),
        ("0 5 ? * TUE#2 *", "on the 2nd Tuesday of every month at 05:00"),
        ("0 5 ? * 6#5 *", "on the 5th Friday of every month, where there is such a day, at 05:00"),
        ("0 5 ? * MON,WED,FRI *", "on Mondays, Wednesdays and Fridays at 05:00"),
        ("0 5 ? * SAT,SUN *", "on Saturdays and Sundays at 05:00"),
        ("0 5 ? * SUN-THU *", "on Mondays, Tuesdays, Wednesdays, Thursdays and Sundays at 05:00"),
        ("0 5 ? * TUE-SAT *", "every day from Tuesday to Saturday at 05:00"),
        ("0 5 ? * MON,6L *", "on Mondays and on the last Friday of every month at 05:00"),
        ("0 5 ? 1 * *", "every day in January at 05:00"),
        ("0 5 ? JAN-JUN * *", "every day from January to June at 05:00"),
        ("0 * ? 6 * *", "every hour at minute 0 in June"),
        ("0 5 ? NOV-FEB MON-FRI 2026", "on weekdays in January, February, November and December at 05:00, in 2026"),
        ("0 5 ? * * 2027", "every day at 05:00, in 2027"),
        ("0 5 ? * * 2026-2199", "every day at 05:00, from 2026 on"),
        ("0 5 ? * * 1970-2030", "every day at 05:00, until 2030"),
        ("0 5 ? * * 2026,2028", "every day at 05:00, in 2026 and 2028"),
        ("0 5 ? * * */2", "every day at 05:00, every 2nd year from 1970 to 2198"),
        ("0 5 ? * * 2026-2028", "every day at 05:00, from 2026 to 2028"),
        (
            "0 5 1,15W,L * ? *",
            "on the 1st, on the weekday nearest the 15th and on the last day of every month at 05:00",
        ),
        ("0 5 1W,15W * ? *", "on the weekdays nearest the 1st and 15th of every month at 05:00"),
        ("0 5 10,20,30 * ? *", "on the 10th, 20th and 30th of every month, where there is such a day, at 05:00"),
        (
            "0 5 ? 2 2#5 2026",
            "on the 5th Monday of February at 05:00, in 2026, which never comes",
        ),
        ("0 * 31 * ? *", "every hour at minute 0 on the 31st of every month, where there is such a day"),
        ("0 * 31 * ? 2026", "every hour at minute 0 on the 31st of every month, where there is such a day, in 2026"),
        ("0 * 29 2 ? *", "every hour at minute 0 on the 29th of February in leap years"),
        ("0 5 ? * 6L,2L *", "on the last Monday and the last Friday of every month at 05:00"),
        ("0 1,2,3 ? * * *", "every day at 01:00, 02:00 and 03:00"),
        ("0 0,8,16 ? * * *", "every 8 hours at minute 0"),
        ("0 4,12,20 ? * * *", "every day at 04:00, 12:00 and 20:00"),
        ("0 5 28-31 * ? *", "every day from the 28th to the 31st of every month at 05:00"),
        ("0 5 29 * ? *", "on the 29th of every month, where there is such a day, at 05:00"),
        (
            "0 5 28-3 * ? *",
            "on the 1st, 2nd, 3rd, 28th, 29th, 30th and 31st of every month, where there is such a day, at 05:00",
        ),
    ],
)
def test_a_schedule_says_in_plain_words_when_it_runs(body: str, words: str) -> None:
    """The words say neither more nor less than the expression does."""
    assert Schedule(f"cron({body})").describe() == f"{words} (UTC)"


@pytest.mark.parametrize(
    ("zone", "named"),
    [("Etc/UTC", "UTC"), ("UTC", "UTC"), ("Europe/Berlin", "Europe/Berlin"), ("Etc/GMT+5", "Etc/GMT+5")],
)
def test_the_words_name_the_zone(zone: str, named: str) -> None:
    """A time without its zone is half a time."""
    assert Schedule.daily(timezone=zone).describe() == f"every day at 05:00 ({named})"


_DAYS = (
    *(
        "* ?",
        "1-31 ?",
        "? *",
        "? 1-7",
        "1 ?",
        "L ?",
        "L-1 ?",
        "LW ?",
        "1W ?",
        "1,15 ?",
        "1-7 ?",
        "1-8 ?",
        "*/2 ?",
        "1-29/2 ?",
    ),
    *(
        "29 ?",
        "31 ?",
        "28-31 ?",
        "29-31 ?",
        "? MON-FRI",
        "? 2-6",
        "? SUN-THU",
        "? TUE-SAT",
        "? 6L",
        "? L",
        "? 7",
        "? 7L",
    ),
    *("? 2#1", "? 2#5", "? MON,6L", "2,3 ?", "2-4 ?", "1/10 ?", "1,11,21 ?"),
)
_HOURS = ("*", "*/2", "1/2", "*/5", "*/12", "0,12", "8-18/2", "8-17", "8,9,10", "22-1", "5")
_MONTHS = ("*", "2", "1-3", "11-2", "1,4,7,10", "2,6")
_YEARS = ("*", "2028", "2028-2199", "2028/2")


@pytest.mark.parametrize("days", _DAYS)
def test_schedules_with_the_same_words_run_at_the_same_times(days: str) -> None:
    """Words that two schedules share hold for both, so no part of an expression goes unsaid."""
    day, weekday = days.split()
    span = datetime(2027, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
    by_words: dict[str, set[str]] = defaultdict(set)
    for hour, month, year in product(_HOURS, _MONTHS, _YEARS):
        schedule = Schedule(f"cron(0 {hour} {day} {month} {weekday} {year})")
        by_words[schedule.describe()].add(str(schedule))
    for same in by_words.values():
        if len(same) > 1:
            starts = {each: list(Schedule(each).between(*span)) for each in same}
            assert len({tuple(found) for found in starts.values()}) == 1, sorted(same)


def test_different_days_have_different_words_unless_they_are_the_same_days() -> None:
    """Each way of naming days has words of its own; equal words mean equal days."""
    span = datetime(2027, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
    by_words: dict[str, set[tuple[datetime, ...]]] = defaultdict(set)
    for days in _DAYS:
        day, weekday = days.split()
        schedule = Schedule(f"cron(0 5 {day} * {weekday} *)")
        by_words[schedule.describe()].add(tuple(schedule.between(*span)))
    assert all(len(starts) == 1 for starts in by_words.values())
    assert len(by_words) == len(_DAYS) - 5  # four ways to write every day, two for weekdays, two for Saturdays
