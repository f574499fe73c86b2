"""Laws of presets: whatever the numbers, a plan of generations makes sense or is refused."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import example, given, settings
from hypothesis import strategies as st

from backupkit import Plan
from backupkit.errors import InvalidValueError

DAYS = st.one_of(st.integers(-1, 500), st.sampled_from([36_410, 36_411, 36_500, 36_501]))
ZONES = st.sampled_from(["Etc/UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia"])
TIMES = st.tuples(st.integers(0, 23), st.integers(0, 59)).map(lambda time: f"{time[0]:02}:{time[1]:02}")
YEAR = (datetime(2027, 12, 25, tzinfo=UTC), datetime(2029, 1, 5, tzinfo=UTC))


def made(daily, weekly, monthly, yearly, cold):
    try:
        return Plan.gfs(
            "p",
            "main",
            daily_days=daily,
            weekly_days=weekly,
            monthly_days=monthly,
            yearly_days=yearly,
            cold_after_days=cold,
        )
    except InvalidValueError:
        return None


@settings(max_examples=300, deadline=None)
@given(DAYS, st.none() | DAYS, st.none() | DAYS, st.none() | DAYS, st.none() | DAYS)
@example(30, 60, 120, None, 30)
@example(30, 60, 119, None, 30)
@example(30, 30, None, None, None)
def test_generations_keep_longer_the_rarer_they_are_and_obey_the_90_days(daily, weekly, monthly, yearly, cold):
    """A plan is made exactly where each number is one of AWS's, each rule keeps longer, and something can go cold."""
    kept = [days for days in (daily, weekly, monthly, yearly) if days is not None]
    numbers = all(1 <= days <= 36_500 for days in (*kept, *([] if cold is None else [cold])))
    sensible = numbers and sorted(set(kept)) == kept and (cold is None or max(kept) >= cold + 90)
    plan = made(daily, weekly, monthly, yearly, cold)
    assert (plan is not None) == sensible
    if plan is not None:
        assert [rule.lifecycle.delete_after_days for rule in plan.rules] == kept
        for rule in plan.rules:
            goes = cold is not None and rule.lifecycle.delete_after_days >= cold + 90
            assert rule.lifecycle.cold_after_days == (cold if goes else None)


@settings(max_examples=40, deadline=None)
@given(TIMES, ZONES)
def test_generations_share_their_starts(at, timezone):
    """Each rarer rule starts only where the daily one does, so that days have one backup, and nothing is warned about."""
    plan = Plan.gfs("p", "main", daily_days=1, weekly_days=2, monthly_days=3, yearly_days=4, at=at, timezone=timezone)
    daily, *others = (list(rule.schedule.between(*YEAR)) for rule in plan.rules)
    assert all(set(starts) < set(daily) for starts in others)
    assert plan.check() == ()
