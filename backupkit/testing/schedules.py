"""Strategies for schedules."""

from __future__ import annotations

from hypothesis import strategies as st

from backupkit.schedule import Schedule

__all__ = ["cron_expressions", "schedules"]

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
# Europe and America change at other hours and dates, Lord Howe by half an hour, Kathmandu is 5:45 ahead.
_ZONES = (
    "Etc/UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Apia",
)


def cron_expressions() -> st.SearchStrategy[str]:
    """AWS's ``cron(...)`` with everything that its grammar has, at most hourly; some never run, such as on 30 February.

    Simple ones come first: they shrink towards ``cron(0 * * * ? *)``.
    """
    both = st.one_of(
        st.tuples(_days_of_month(), _months(), st.just("?")),
        st.tuples(st.just("?"), _months(), _days_of_week()),
    )
    return st.builds(
        lambda minute, hours, dates, years: f"cron({minute} {hours} {' '.join(dates)} {years})",
        st.integers(0, 59),
        _listed(_numbers(0, 23)),
        both,
        _years(),
    )


def schedules(zones: st.SearchStrategy[str] | None = None) -> st.SearchStrategy[Schedule]:
    """Schedules in these zones; without any, in some that differ in how their clocks change."""
    return st.builds(Schedule, cron_expressions(), st.sampled_from(_ZONES) if zones is None else zones)


def _listed(items: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(st.lists(items, min_size=1, max_size=3).map(",".join), st.just("*"))


def _numbers(low: int, high: int, names: tuple[str, ...] = ()) -> st.SearchStrategy[str]:
    """Numbers or names, ranges (also over the end) and steps."""
    number = st.integers(low, high).map(str)
    one = st.one_of(number, st.sampled_from((*names, *map(str.lower, names)))) if names else number
    step = st.integers(1, high).map(str)
    spans = st.builds("{}-{}".format, one, one)
    return st.one_of(one, spans, st.builds("{}/{}".format, st.one_of(st.just("*"), one, spans), step))


def _months() -> st.SearchStrategy[str]:
    return st.one_of(st.just("*"), _listed(_numbers(1, 12, _MONTHS)))


def _days_of_month() -> st.SearchStrategy[str]:
    ends = st.one_of(st.sampled_from(("L", "LW")), st.builds("L-{}".format, st.integers(1, 30)))
    items = st.one_of(_numbers(1, 31), st.builds("{}W".format, st.integers(1, 31)), ends)
    return st.one_of(st.just("*"), _listed(items))


def _days_of_week() -> st.SearchStrategy[str]:
    one = st.one_of(st.integers(1, 7).map(str), st.sampled_from(_WEEKDAYS))
    items = st.one_of(_numbers(1, 7, _WEEKDAYS), st.just("L"), st.builds("{}L".format, one))
    return st.one_of(st.just("*"), _listed(items), st.builds("{}#{}".format, one, st.integers(1, 5)))


def _years() -> st.SearchStrategy[str]:
    year = st.integers(1970, 2199)
    spans = st.tuples(year, year).map(lambda pair: f"{min(pair)}-{max(pair)}")
    steps = st.builds("{}/{}".format, st.one_of(st.just("*"), year, spans), st.integers(1, 40))
    return st.one_of(st.just("*"), _listed(st.one_of(year.map(str), spans, steps)))
