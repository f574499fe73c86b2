"""What a schedule takes, and what it says of what it refuses."""

from __future__ import annotations

import copy
import pickle
import re

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backupkit.errors import BackupKitError, InvalidValueError
from backupkit.problems import Problem
from backupkit.schedule import Schedule


def problems(expression: object, timezone: object = "Etc/UTC") -> list[tuple[str, str]]:
    with pytest.raises(InvalidValueError) as caught:
        Schedule(expression, timezone)  # type: ignore[arg-type]
    assert all(problem.hint for problem in caught.value.problems)
    return [(problem.address, f"{problem.message}; {problem.hint}") for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("body", "field", "reason"),
    [
        ("60 5 ? * * *", "minutes", "'60' is out of range; use 0 to 59"),
        ("-1 5 ? * * *", "minutes", "'-1' is not understood"),
        ("? 5 ? * * *", "minutes", "'?' is not understood"),
        ("*/60 5 ? * * *", "minutes", "has a step over 59"),
        ("*/0 5 ? * * *", "minutes", "no step of 1 or more"),
        ("0/ 5 ? * * *", "minutes", "no step of 1 or more"),
        ("/5 5 ? * * *", "minutes", "'/5' is not understood"),
        ("0,,30 5 ? * * *", "minutes", "'' is empty"),
        ("010 5 ? * * *", "minutes", "'010' has a number of more than 2 digits; write 10"),
        ("0 5-012 ? * * *", "hours", "more than 2 digits; write 5-12"),
        ("0 */012 ? * * *", "hours", "has a step of more than 2 digits; write */12"),
        ("0 5 001 * ? *", "day-of-month", "more than 2 digits; write 1"),
        ("0 5 015W * ? *", "day-of-month", "more than 2 digits"),
        ("0 5 ? 012 * *", "month", "more than 2 digits; write 12"),
        ("0 5 ? * 002#1 *", "day-of-week", "more than 2 digits"),
        ("0 5 ? * * 02030", "year", "more than 4 digits; write 2030"),
        ("0 24 ? * * *", "hours", "'24' is out of range; use 0 to 23"),
        ("0 1-2-3 ? * * *", "hours", "'1-2-3' is not understood"),
        ("0 MON ? * * *", "hours", "'MON' is not understood"),
        ("0 " + "9" * 5000 + " ? * * *", "hours", "is out of range"),
        ("0 5 0 * ? *", "day-of-month", "'0' is out of range; use 1 to 31"),
        ("0 5 32 * ? *", "day-of-month", "'32' is out of range"),
        ("0 5 W * ? *", "day-of-month", "has no single day before W; write for example 15W"),
        ("0 5 1-5W * ? *", "day-of-month", "has no single day before W"),
        ("0 5 32W * ? *", "day-of-month", "'32W' is out of range"),
        ("0 5 WL * ? *", "day-of-month", "'WL' is not understood"),
        ("0 5 L-0 * ? *", "day-of-month", "write L, LW, or L-1 to L-30"),
        ("0 5 L-31 * ? *", "day-of-month", "write L, LW, or L-1 to L-30"),
        ("0 5 1 13 ? *", "month", "'13' is out of range; use 1 to 12 or JAN to DEC"),
        ("0 5 1 JANUARY ? *", "month", "'JANUARY' is not understood"),
        ("0 5 ? * 0 *", "day-of-week", "'0' is out of range; use 1 to 7 or SUN to SAT"),
        ("0 5 ? * 8 *", "day-of-week", "'8' is out of range"),
        ("0 5 ? * 3#6 *", "day-of-week", "has no 1 to 5 after #"),
        ("0 5 ? * 3#1,6#3 *", "day-of-week", "is more than one expression; AWS takes # alone"),
        ("0 5 ? * 3#1#2 *", "day-of-week", "has no 1 to 5 after #"),
        ("0 5 ? * 8L *", "day-of-week", "'8L' is out of range"),
        ("0 5 ? * LW *", "day-of-week", "'LW' is not understood"),
        ("0 5 ? * * 1969", "year", "'1969' is out of range; use 1970 to 2199"),
        ("0 5 ? * * 2200", "year", "'2200' is out of range"),
        ("0 5 ? * * 2030-2026", "year", "runs backwards; write the lower one first"),
        ("0 5 * * * *", "day-of-month", "stands beside day-of-week '*'; AWS takes only one of the two; write ?"),
        ("0 5 * * MON *", "day-of-month", "beside day-of-week 'MON'; AWS takes only one of the two; write ?"),
        ("0 5 1 * MON *", "day-of-week", "beside day-of-month '1'; AWS takes only one of the two; write ?"),
        ("0 5 ? * ? *", "day-of-week", "stands in day-of-month too; write * in one of them"),
    ],
)
def test_a_wrong_field_is_named_with_what_was_got_and_the_way_out(body: str, field: str, reason: str) -> None:
    """The one wrong field of an expression is found without reading the other five."""
    [(address, text)] = problems(f"cron({body})")
    assert address == f"schedule/{field}"
    assert reason in text
    assert len(text) < 250


@pytest.mark.parametrize("minutes", ["*", "*/30", "0,30", "10-11", "0/59", "59-0"])
def test_more_often_than_hourly_is_refused(minutes: str) -> None:
    """AWS Backup runs a rule hourly at the most, also where the hours are few."""
    [(address, text)] = problems(f"cron({minutes} 5 ? * * *)")
    assert address == "schedule/minutes"
    assert "hourly at the most" in text


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("rate(1 day)", "AWS Backup takes no rate(...), only cron(...)"),
        (" RATE(12 hours)", "AWS Backup takes no rate(...), only cron(...)"),
        ("0 5 ? * * *", "is not wrapped in cron(...); write cron(0 5 ? * * *)"),
        ("cron(0 5 * * ?)", "has 5 fields, not 6; add the year: cron(0 5 * * ? *)"),
        ("cron(0 12 * * *)", "has 5 fields, not 6; write cron(0 12 * * ? *)"),
        ("cron(0 12 1 * *)", "has 5 fields, not 6; write cron(0 12 1 * ? *)"),
        ("cron(0 12 * * 1-5)", "has 5 fields, not 6; write cron(0 12 ? * MON-FRI *)"),
        ("0 12 * * 0,6", "is not cron(...) with 6 fields; write cron(0 12 ? * SUN,SAT *)"),
        ("cron(0 12 1 * 1)", "has 5 fields, not 6; write cron(minutes hours"),
        ("0 25 ? * * *", "is not wrapped in cron(...); write cron(minutes hours"),
        ("cron(0 0 5 * * ? *)", "has 7 fields, not 6; write cron("),
        ("cron(5)", "has 1 field, not 6"),
        ("cron()", "has 0 fields, not 6"),
        (" cron(0 5 ? * * *)", "has blanks around it; write cron(0 5 ? * * *)"),
        ("cron(0 5 ? * * *", "is not cron(...)"),
        ("cron(cron(0 5 ? * * *))", "is not cron(...)"),
        ("at(2026-11-20T13:00:00)", "is not cron(...)"),
        ("@daily", "is not cron(...)"),
        ("", "is not cron(...)"),
        ("cron(\uff10 5 ? * * *)", "letters that are not ASCII"),
        ("cron(0 5 ? * \u017fUN *)", "letters that are not ASCII"),
        (None, "None is not text"),
        (["cron(0 5 ? * * *)"], "is not text"),
    ],
)
def test_what_is_no_cron_expression_is_refused_with_the_way_out(expression: object, reason: str) -> None:
    """Rates, bare bodies, five fields and anything else say what to write instead."""
    [(address, text)] = problems(expression)
    assert address == "schedule"
    assert reason in text


@pytest.mark.parametrize(
    ("zone", "reason"),
    [
        ("Mars/Olympus", "'Mars/Olympus' is not a time zone; use an IANA name"),
        ("europe/berlin", "did you mean Europe/Berlin?"),
        ("Europe/Berlln", "did you mean Europe/Berlin?"),
        ("", "'' is not a time zone"),
        ("../UTC", "is not a time zone"),
        ("/etc/passwd", "is not a time zone"),
        ("Europe", "is not a time zone"),
        ("Europe/", "is not a time zone"),
        ("Europe/Berlin\0", "is not a time zone"),
        ("localtime", "is not a time zone"),
        ("posix/Europe/Berlin", "is not a time zone"),
        ("UTC+2", "is not a time zone"),
        ("x" * 10_000, "is not a time zone"),
        (None, "None is not a time zone"),
        (["Etc/UTC"], "is not a time zone"),
    ],
)
def test_a_zone_that_iana_does_not_know_is_refused(zone: object, reason: str) -> None:
    """Names that only this machine's files would answer to are none either."""
    [(address, text)] = problems("cron(0 5 ? * * *)", zone)
    assert address == "schedule/timezone"
    assert reason in text
    assert len(text) < 250


def test_everything_that_is_wrong_is_told_at_once() -> None:
    """Every wrong field and the zone have a problem each, in the order in which they are written."""
    found = [address for address, _ in problems("cron(61 25 40 13 ? 1900)", "Nowhere")]
    expected = ["minutes", "hours", "day-of-month", "month", "year", "timezone"]
    assert found == [f"schedule/{name}" for name in expected]


_PIECES = st.sampled_from(
    (
        "*",
        "?",
        "0",
        "1",
        "5",
        "12",
        "31",
        "010",
        "0-05",
        "*/2",
        "*/012",
        "1-5",
        "7",
        "MON",
        "FRI-MON",
        "L",
        "15W",
        "2#1",
        "x",
    )
)
_TEXTS = st.builds(
    lambda form, fields: form.format(" ".join(fields)),
    st.sampled_from(("cron({})", "{}", " cron({}) ", "rate({})", "cron({}")),
    st.lists(_PIECES, min_size=4, max_size=7),
)
_FIELDS = ("minutes", "hours", "day-of-month", "month", "day-of-week", "year")


def _refusals(text: str) -> tuple[Problem, ...]:
    try:
        Schedule(text)
    except InvalidValueError as error:
        return error.problems
    return ()


@pytest.mark.slow
@settings(max_examples=1000, deadline=None)
@given(_TEXTS)
def test_every_advice_can_be_followed(text: str) -> None:
    """An expression that a message says to write is taken; so is a value for a field, as far as that field goes."""
    for problem in _refusals(text):
        for advised in re.findall(r"cron\([^)]*\)", problem.hint):
            assert advised.startswith("cron(minutes") or not _refusals(advised)
        found = re.search(r"^write (for example )?(?P<value>[^\s,]+)( for (?P<field>\S+))?", problem.hint)
        field = (found and found["field"]) or problem.address.removeprefix("schedule/")
        if found and field in _FIELDS:
            assert f"schedule/{field}" not in {each.address for each in _refusals(_with(text, field, found["value"]))}


def _with(text: str, field: str, value: str) -> str:
    """The expression with one field as advised."""
    fields = text.strip()[5:-1].split()
    fields[_FIELDS.index(field)] = value
    days = {"day-of-month": "day-of-week", "day-of-week": "day-of-month"}
    if field in days and value != "?":
        fields[_FIELDS.index(days[field])] = "?"
    return f"cron({' '.join(fields)})"


def test_a_refusal_is_a_value_error_of_ours() -> None:
    """Programs catch ValueError or BackupKitError, as they like."""
    assert issubclass(InvalidValueError, ValueError)
    assert issubclass(InvalidValueError, BackupKitError)


@pytest.mark.parametrize(
    ("made", "expression"),
    [
        (Schedule.daily(), "cron(0 5 ? * * *)"),
        (Schedule.daily("4:07"), "cron(7 4 ? * * *)"),
        (Schedule.weekly("SUN", "23:30"), "cron(30 23 ? * SUN *)"),
        (Schedule.weekly(["MON", "THU"]), "cron(0 5 ? * MON,THU *)"),
        (Schedule.weekly("MON-FRI"), "cron(0 5 ? * MON-FRI *)"),
        (Schedule.monthly(), "cron(0 5 1 * ? *)"),
        (Schedule.monthly("L", at="00:00"), "cron(0 0 L * ? *)"),
        (Schedule.monthly("1,15"), "cron(0 5 1,15 * ? *)"),
        (Schedule.hourly(), "cron(0 * ? * * *)"),
        (Schedule.hourly(15), "cron(15 * ? * * *)"),
    ],
)
def test_the_named_constructors_write_aws_cron(made: Schedule, expression: str) -> None:
    """What is sent to AWS can be read off each constructor."""
    assert made == Schedule(expression)


def test_the_named_constructors_take_a_zone() -> None:
    """Each constructor's times are local to the zone it is given."""
    zone = "Europe/Berlin"
    made = [Schedule.daily(timezone=zone), Schedule.weekly("SUN", timezone=zone), Schedule.monthly(timezone=zone)]
    assert {each.timezone for each in [*made, Schedule.hourly(timezone=zone)]} == {zone}


@pytest.mark.parametrize("at", ["24:00", "5", "05:60", "5:0", "05:00:00", "\u0660\u0665:00", "", None, 5])
def test_a_time_of_day_is_hours_and_minutes(at: object) -> None:
    """Anything but 00:00 to 23:59 is refused and named."""
    with pytest.raises(InvalidValueError, match=r"schedule/at: .* is not the text of a time of day; write it as 05:00"):
        Schedule.daily(at)  # type: ignore[arg-type]


@pytest.mark.parametrize("on", ["", "MON *", "?", "MONDAY", [], "SUN) x"])
def test_a_week_needs_days_that_aws_knows(on: str | list[str]) -> None:
    """Nothing slips from one argument into other fields."""
    with pytest.raises(InvalidValueError, match="schedule/day-of-week"):
        Schedule.weekly(on)


@pytest.mark.parametrize("on", [0, 32, -1, "", "1 1"])
def test_a_month_needs_a_day_it_can_have(on: int | str) -> None:
    """The day of a month is 1 to 31 or what AWS writes for it."""
    with pytest.raises(InvalidValueError, match="schedule/day-of-month"):
        Schedule.monthly(on)


@pytest.mark.parametrize("minute", [60, -1])
def test_an_hour_has_sixty_minutes(minute: int) -> None:
    """The minute of an hourly schedule is 0 to 59."""
    with pytest.raises(InvalidValueError, match="schedule/minutes"):
        Schedule.hourly(minute)


def test_a_schedule_is_a_frozen_value() -> None:
    """Equal schedules are one key of a dictionary; none changes; copies, pickles and reprs are equal."""
    schedule = Schedule("cron(0 5 ? * * *)", "Europe/Berlin")
    assert {schedule: 1}[Schedule("cron(0 5 ? * * *)", "Europe/Berlin")] == 1
    assert schedule != Schedule("cron(0 5 ? * * *)")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        schedule.expression = "cron(0 6 ? * * *)"  # type: ignore[misc]
    assert repr(schedule) == "Schedule(expression='cron(0 5 ? * * *)', timezone='Europe/Berlin')"
    for again in (eval(repr(schedule)), pickle.loads(pickle.dumps(schedule)), copy.deepcopy(schedule)):
        assert again == schedule


def test_the_expression_is_kept_as_written() -> None:
    """What AWS echoes compares equal to what was declared, blanks and small letters included."""
    assert Schedule("cron(0  5 ? * mon *)").expression == "cron(0  5 ? * mon *)"
    assert str(Schedule("cron(0 5 ? * mon *)")) == "cron(0 5 ? * mon *)"


@pytest.mark.parametrize(
    ("on", "expression"),
    [("MON", "cron(0 5 ? * MON *)"), (("TUE", "THU"), "cron(0 5 ? * TUE,THU *)"), (5, "cron(0 5 ? * 5 *)")],
)
def test_days_of_the_week_may_be_names_or_numbers(on, expression):
    """AWS takes both, so the constructor does, alone or in a list."""
    assert Schedule.weekly(on).expression == expression
