"""The control on plans: whether at least one rule backs up often enough and keeps long enough."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise

from backupkit.emulator.audit.controls.control import Control, Terms
from backupkit.emulator.audit.parameters import Parameter, age, whole
from backupkit.emulator.audit.scopes import PLAN
from backupkit.emulator.audit.view import View, titled
from backupkit.emulator.model import Document, Finding, Plan
from backupkit.emulator.rules.lifecycle import kept, retention_days
from backupkit.emulator.rules.plan_documents import schedule_of
from backupkit.problems import counted
from backupkit.schedule.calendar import Timetable
from backupkit.schedule.parser import parse
from backupkit.schedule.zones import zone_named

__all__ = ["CONTROLS"]

_UNIT, _VALUE, _RETENTION = "requiredFrequencyUnit", "requiredFrequencyValue", "requiredRetentionDays"
_FREQUENCY, _flaw = age(_UNIT, _VALUE, hours=(1, 24), days=(1, 31))
_DAY_HOURS = 24
_LOOK_AHEAD = timedelta(days=400)


def _find(view: View, terms: Terms) -> Iterator[Finding]:
    unit, value = terms.parameters[_UNIT], int(terms.parameters[_VALUE])
    hours = value if unit == "hours" else value * _DAY_HOURS
    days, often = int(terms.parameters[_RETENTION]), counted(value, unit.removesuffix("s"))
    for plan in view.plans_in(terms.scope):
        rule = _good_rule(plan, hours, days)
        reason = (
            f"Rule {rule} of backup plan {titled(plan)} backs up every {often} or more often "
            f"and keeps {counted(days, 'day')} or longer"
            if rule is not None
            else f"No rule of backup plan {titled(plan)} backs up every {often} and keeps {counted(days, 'day')}"
        )
        yield view.finding(plan.arn, PLAN, rule is not None, reason)


def _good_rule(plan: Plan, hours: int, days: int) -> str | None:
    """The name of the first rule that is often enough and keeps long enough.

    Schedules are looked at from the day of the plan's newest version, so that the verdict changes with the plan only.
    """
    version = plan.versions[-1]
    for rule in version.plan["Rules"]:
        if _keeps(rule, days) and _comes(rule, hours, version.created):
            return str(rule["RuleName"])
    return None


def _keeps(rule: Document, days: int) -> bool:
    found = retention_days(kept(rule.get("Lifecycle")))
    return found is None or found >= days


def _comes(rule: Document, hours: int, since: datetime) -> bool:
    schedule = schedule_of(rule)
    return _no_pause_over(hours, schedule.expression, schedule.timezone, since.astimezone(UTC).date().isoformat())


@lru_cache(maxsize=4096)
def _no_pause_over(hours: int, expression: str, timezone: str, since: str) -> bool:
    """Whether no pause between two starts is longer, on the wall clock, in the 400 days from a day on.

    A day of 25 hours makes no pause longer: what runs daily at five runs every 24 hours.
    """
    fields = parse(expression)
    first, final = fields.hours[0], fields.hours[-1]
    if any(later - earlier > hours for earlier, later in pairwise(fields.hours)):
        return False
    beginning = datetime.fromisoformat(since).replace(tzinfo=UTC)
    free = beginning
    for date in Timetable(fields, zone_named(timezone)).dates(beginning):
        if date + timedelta(hours=first) - free > timedelta(hours=hours):
            return False
        if date > beginning + _LOOK_AHEAD:
            return True
        free = date + timedelta(hours=final)
    return False


CONTROLS = (
    Control(
        name="BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK",
        find=_find,
        daily=False,
        scopes=frozenset({"tag", "single"}),
        types=(PLAN,),
        parameters=(*_FREQUENCY, Parameter(_RETENTION, whole(1, 36_500), "35")),
        flaw=_flaw,
    ),
)
