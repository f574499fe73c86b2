"""When plans run, which run of two that meet makes the backup, and how far runs lie apart.

Where the start windows of two rules of one plan overlap, only the rule that keeps its points longer backs up (developer
guide, plan options).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from heapq import merge
from itertools import pairwise
from operator import itemgetter

from backupkit.insight.protections import ProtectingPlan, ProtectingRule

__all__ = ["longest_gap", "never_runs", "next_run", "rules_of"]

_HORIZON = timedelta(days=800)
"""As far as runs are looked at: the longest gap of a yearly schedule lies within it."""


def _runs(plan: ProtectingPlan, since: datetime) -> Iterator[tuple[datetime, ProtectingRule]]:
    """The backups that a plan makes later than ``since``, the earliest first."""
    until = since + _HORIZON
    coming = merge(*(_of_rule(rule, since, until) for rule in plan.rules), key=itemgetter(0))
    return ((moment, rule) for moment, rule in coming if not _outlived(plan, rule, moment))


def _of_rule(rule: ProtectingRule, since: datetime, until: datetime) -> Iterator[tuple[datetime, ProtectingRule]]:
    if rule.schedule is not None:
        yield from ((moment, rule) for moment in rule.schedule.between(since, until) if moment > since)


def _outlived(plan: ProtectingPlan, rule: ProtectingRule, moment: datetime) -> bool:
    """Whether a rule with longer retention has an overlapping start window."""
    if len(plan.rules) == 1:
        return False
    mine = plan.rules.index(rule)
    return any(
        (other.keep_days > rule.keep_days or (other.keep_days == rule.keep_days and place < mine))
        and _overlaps(other, rule, moment)
        for place, other in enumerate(plan.rules)
        if place != mine
    )


def _overlaps(other: ProtectingRule, rule: ProtectingRule, moment: datetime) -> bool:
    if other.schedule is None:
        return False
    opened = other.schedule.next_after(moment - timedelta(minutes=other.start_minutes))
    return opened is not None and opened < moment + timedelta(minutes=rule.start_minutes)


def next_run(plans: Iterable[ProtectingPlan], now: datetime) -> datetime | None:
    """When the first of these plans backs up next; None where that is not known, or is years away."""
    return min((moment for plan in plans if (moment := _next_of(plan, now)) is not None), default=None)


@lru_cache(maxsize=1024)
def _next_of(plan: ProtectingPlan, now: datetime) -> datetime | None:
    return next((moment for moment, _ in _runs(plan, now)), None)


@lru_cache(maxsize=1024)
def rules_of(plan: ProtectingPlan, now: datetime) -> tuple[ProtectingRule, ...]:
    """The rules of a plan that make backups; not those whose every run another rule outlives."""
    waiting = [rule for rule in plan.rules if rule.schedule is not None]
    found = [rule for rule in plan.rules if rule.schedule is None]
    for _, rule in _runs(plan, now):
        if rule in waiting:
            waiting.remove(rule)
            found.append(rule)
            if not waiting:
                break
    return tuple(rule for rule in plan.rules if rule in found)


def never_runs(plan: ProtectingPlan, now: datetime) -> bool:
    """Whether no rule of the plan runs after now; a schedule that cannot be read may run."""
    return all(rule.schedule is not None and rule.schedule.next_after(now) is None for rule in plan.rules)


def longest_gap(plans: Iterable[ProtectingPlan], now: datetime) -> timedelta | None:
    """The longest time from one run to the end of the next one's start window; None where that is not known."""
    coming = sorted(
        (moment, timedelta(minutes=rule.start_minutes)) for plan in plans for moment, rule in _runs(plan, now)
    )
    gaps = (later + window - earlier for (earlier, _), (later, window) in pairwise(coming))
    return max(gaps, default=None)
