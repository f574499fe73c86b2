"""When plans run, which run of two that meet makes the backup, and how far runs lie apart.

Where the start windows of two rules of one plan overlap, only the rule that keeps its points longer backs up (developer
guide, plan options).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import TypeAlias

import attrs

from backupkit.insight.protections import ProtectingPlan, ProtectingRule
from backupkit.schedule import Schedule

__all__ = ["PlannedRun", "longest_gap", "never_runs", "next_run", "planned_runs", "rules_of"]

_HORIZON = timedelta(days=800)
"""As far as runs are looked at: the longest gap of a yearly schedule lies within it."""
_Timing: TypeAlias = tuple[tuple[Schedule | None, timedelta, float], ...]
"""What decides when a plan runs: for each rule its schedule, its start window and how long it keeps points."""


@attrs.frozen
class PlannedRun:
    """A run of a rule.

    Args:
        rule: The rule.
        begins: When its start window opens.
        ends: When it closes.
        outlived: Whether it makes no backup, because a rule that keeps longer runs at the time.
    """

    rule: ProtectingRule
    begins: datetime
    ends: datetime
    outlived: bool


def _timing(plan: ProtectingPlan) -> _Timing:
    return tuple((rule.schedule, timedelta(minutes=rule.start_minutes), rule.keep_days) for rule in plan.rules)


def _backups(timing: _Timing, since: datetime) -> Iterator[tuple[datetime, int]]:
    """The runs later than ``since`` that make backups, each with the place of its rule; rule after rule."""
    runs = _runs(timing, since, since + _HORIZON)
    return ((moment, place) for moment, place, outlived in runs if moment > since and not outlived)


def _runs(timing: _Timing, since: datetime, until: datetime) -> Iterator[tuple[datetime, int, bool]]:
    """When which rule runs before ``until``, and whether another outlives it; those open at ``since`` included."""
    moments = [
        list(schedule.between(since - window, until)) if schedule is not None else [] for schedule, window, _ in timing
    ]
    for mine, (_, window, kept) in enumerate(timing):
        stronger = [
            (moments[other], timing[other][1])
            for other in range(len(timing))
            if other != mine and (timing[other][2] > kept or (timing[other][2] == kept and other < mine))
        ]
        for moment in moments[mine]:
            yield moment, mine, any(_meets(runs, opened, moment, window) for runs, opened in stronger)


def _meets(runs: list[datetime], opened: timedelta, moment: datetime, window: timedelta) -> bool:
    """Whether the window of one of the runs shares time with the one that begins at the moment."""
    place = bisect_right(runs, moment - opened)
    return place < len(runs) and runs[place] < moment + window


@lru_cache(maxsize=1024)
def _known(timing: _Timing, since: datetime) -> tuple[datetime | None, frozenset[int]]:
    """When the first backup is, and which rules make any."""
    backups = list(_backups(timing, since))
    return min((moment for moment, _ in backups), default=None), frozenset(place for _, place in backups)


def planned_runs(plan: ProtectingPlan, since: datetime, until: datetime) -> Iterator[PlannedRun]:
    """Return the runs of a plan whose start windows share time with a span, in order."""
    timing = _timing(plan)
    # A run is outlived by one that begins before the span, or after it.
    window = max((window for _, window, _ in timing), default=timedelta(0))
    for begins, place, outlived in sorted(_runs(timing, since - window, until + window)):
        ends = begins + timing[place][1]
        if begins < until and ends > since:
            yield PlannedRun(plan.rules[place], begins, ends, outlived=outlived)


def next_run(plans: Iterable[ProtectingPlan], now: datetime) -> datetime | None:
    """When the first of these plans backs up next; None where that is not known, or is years away."""
    return min((moment for plan in plans if (moment := _known(_timing(plan), now)[0]) is not None), default=None)


def rules_of(plan: ProtectingPlan, now: datetime) -> tuple[ProtectingRule, ...]:
    """The rules of a plan that make backups; not those whose every run another rule outlives."""
    places = _known(_timing(plan), now)[1]
    return tuple(rule for place, rule in enumerate(plan.rules) if place in places or rule.schedule is None)


def never_runs(plan: ProtectingPlan, now: datetime) -> bool:
    """Whether no rule of the plan runs after now; a schedule that cannot be read may run."""
    return all(rule.schedule is not None and rule.schedule.next_after(now) is None for rule in plan.rules)


def longest_gap(plans: Iterable[ProtectingPlan], now: datetime) -> timedelta | None:
    """The longest time from one run to the end of the next one's start window; None where that is not known."""
    return _gap(frozenset(map(_timing, plans)), now)


@lru_cache(maxsize=1024)
def _gap(timings: frozenset[_Timing], now: datetime) -> timedelta | None:
    coming = sorted((moment, timing[place][1]) for timing in timings for moment, place in _backups(timing, now))
    return max((later + window - earlier for (earlier, _), (later, window) in pairwise(coming)), default=None)
