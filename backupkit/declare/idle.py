"""Schedules that start nothing: AWS takes them, and nothing is ever backed up or tested."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from backupkit.declare.declared import Declared
from backupkit.declare.plan import Plan
from backupkit.declare.restore_testing import RestoreTestingPlan
from backupkit.problems import Problem, warning
from backupkit.schedule import Schedule

__all__ = ["idle"]


def idle(thing: Declared, now: datetime) -> Iterator[Problem]:
    """Return a warning for each schedule of a plan that has no start after ``now``, with addresses below the plan."""
    if isinstance(thing, Plan):
        for rule in thing.rules:
            yield from (problem.below(rule.address) for problem in _over(rule.effective_schedule, now))
    if isinstance(thing, RestoreTestingPlan):
        yield from _over(thing.schedule, now)


def _over(schedule: Schedule, now: datetime) -> Iterator[Problem]:
    if schedule.comes and schedule.next_after(now.astimezone(UTC)) is None:
        yield warning("schedule", f"nothing starts any more: {schedule.describe()}", "name years to come, or *")
