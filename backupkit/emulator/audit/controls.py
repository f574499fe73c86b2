"""Controls on plans, recovery points and vaults, and the table of all controls by name.

A new control is one entry in the tuple of its kind. Source of the one on vaults: the AWS Config rule behind it,
backup-recovery-point-manual-deletion-disabled.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any

import msgspec

from backupkit.emulator.audit.control import Control, Parameter, Terms, age, entries, listing, whole
from backupkit.emulator.audit.resource_controls import COVERAGE, RECENCY, RESTORES
from backupkit.emulator.audit.view import PLAN, POINT, VAULT, View, titled
from backupkit.emulator.kernel.plain_values import many
from backupkit.emulator.model import Document, Finding, Plan
from backupkit.emulator.rules.lifecycle import kept, retention_days
from backupkit.emulator.rules.plan_documents import schedule_of
from backupkit.problems import counted
from backupkit.schedule.calendar import Timetable
from backupkit.schedule.parser import parse
from backupkit.schedule.zones import zone_named

__all__ = ["CONTROLS", "PLANS", "POINTS", "VAULTS"]

# ---- Whether at least one rule backs up often enough and keeps long enough ----


_UNIT, _VALUE, _RETENTION = "requiredFrequencyUnit", "requiredFrequencyValue", "requiredRetentionDays"
_FREQUENCY, _flaw = age(_UNIT, _VALUE, hours=(1, 24), days=(1, 31))
_DAY_HOURS = 24
_LOOK_AHEAD = timedelta(days=400)


def _often_and_long_enough(view: View, terms: Terms) -> Iterator[Finding]:
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


PLANS = (
    Control(
        name="BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK",
        find=_often_and_long_enough,
        daily=False,
        scopes=frozenset({"tag", "single"}),
        types=(PLAN,),
        parameters=(*_FREQUENCY, Parameter(_RETENTION, whole(1, 36_500), "35")),
        flaw=_flaw,
    ),
)


# ---- Whether points are encrypted, and how long they are kept ----


_REQUIRED_RETENTION = "requiredRetentionDays"


def _encrypted(view: View, terms: Terms) -> Iterator[Finding]:
    for point in view.points_in(terms.scope):
        reason = "The recovery point is encrypted" if point.encrypted else "The recovery point is not encrypted"
        yield view.finding(point.arn, POINT, point.encrypted, reason)


def _kept(view: View, terms: Terms) -> Iterator[Finding]:
    least = int(terms.parameters[_REQUIRED_RETENTION])
    for point in view.points_in(terms.scope):
        days = retention_days(point.lifecycle)
        reason = (
            "The recovery point is kept forever"
            if days is None
            else f"The recovery point is kept {counted(days, 'day')}"
        )
        yield view.finding(point.arn, POINT, days is None or days >= least, reason)


POINTS = (
    Control(
        name="BACKUP_RECOVERY_POINT_ENCRYPTED",
        find=_encrypted,
        daily=False,
        scopes=frozenset({"tag"}),
        types=(POINT,),
    ),
    Control(
        name="BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK",
        find=_kept,
        daily=False,
        scopes=frozenset({"tag"}),
        types=(POINT,),
        parameters=(Parameter(_REQUIRED_RETENTION, whole(1, 36_500), "35"),),
    ),
)


# ---- Whether policies of vaults deny what would delete recovery points by hand ----


_PRINCIPALS = "principalArnList"
_MOST_PRINCIPALS = 5
_DENIED = frozenset(
    {"backup:deleterecoverypoint", "backup:updaterecoverypointlifecycle", "backup:putbackupvaultaccesspolicy"}
)
_EXCEPTIONS = frozenset({"arnnotequals", "arnnotlike", "stringnotequals", "stringnotlike"})


def _guarded(view: View, terms: Terms) -> Iterator[Finding]:
    allowed = frozenset(entries(terms.parameters.get(_PRINCIPALS)))
    several = view.choices.deletion_denied_by_several_statements
    for vault in view.vaults_in(terms.scope):
        good = vault.policy is not None and _denies(vault.policy, allowed, several=several)
        reason = f"The access policy of vault {vault.name} {'denies' if good else 'does not deny'} manual deletion"
        yield view.finding(vault.arn, VAULT, good, reason)


def _denies(policy: str, allowed: frozenset[str], *, several: bool) -> bool:
    statements = many(msgspec.json.decode(policy, type=dict[str, Any])["Statement"])
    denied = [_actions(each) for each in statements if _holds_for_all(each, allowed)]
    if several:
        denied = [frozenset[str]().union(*denied)]
    return any(actions >= _DENIED for actions in denied)


def _holds_for_all(statement: Document, allowed: frozenset[str]) -> bool:
    """Whether a statement denies to everyone, on everything, but for the allowed principals."""
    principal = statement.get("Principal")
    principals = principal.get("AWS") if isinstance(principal, dict) else principal
    return (
        statement.get("Effect") == "Deny"
        and "*" in many(principals)
        and "*" in many(statement.get("Resource"))
        and _excepts_only(statement.get("Condition") or {}, allowed)
    )


def _excepts_only(condition: Document, allowed: frozenset[str]) -> bool:
    return all(
        operator.casefold() in _EXCEPTIONS and key.casefold() == "aws:principalarn" and allowed.issuperset(many(arns))
        for operator, keys in condition.items()
        for key, arns in keys.items()
    )


def _actions(statement: Document) -> frozenset[str]:
    return frozenset(str(action).casefold() for action in many(statement.get("Action", [])))


VAULTS = (
    Control(
        name="BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED",
        find=_guarded,
        daily=False,
        scopes=frozenset({"tag", "single"}),
        types=(VAULT,),
        parameters=(
            Parameter(_PRINCIPALS, listing(r"arn:aws[a-z-]*:iam::[0-9]{12}:\S+", "IAM ARNs", _MOST_PRINCIPALS)),
        ),
    ),
)


# ---- All controls ----


CONTROLS: dict[str, Control] = {
    control.name: control for control in (*COVERAGE, *PLANS, *POINTS, *RECENCY, *RESTORES, *VAULTS)
}
