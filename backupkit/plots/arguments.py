"""What may be drawn, checked before AWS is called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from backupkit import observe
from backupkit.declare.plan import Plan
from backupkit.errors import InvalidValueError
from backupkit.insight.protections import ProtectingPlan, protecting_plan
from backupkit.insight.report import Coverage
from backupkit.observe import FINAL_STATES
from backupkit.problems import Problem, quote
from backupkit.provider import Stack
from backupkit.recover.job_table import JOBS
from backupkit.recover.point_set import PointSet
from backupkit.recover.polling import Job
from backupkit.tables import LazyTable

__all__ = ["check_coverage", "check_jobs", "check_plans", "check_points"]

_POINTS = "give aws.recovery_points(), or a list of recovery points"
_JOBS = "give aws.backup_jobs() or another list of jobs"
_PLANS = "give a bk.Plan, a bk.Stack, a plan from aws.plans.get(...), or a list of these"


def check_points(points: Iterable[observe.RecoveryPoint], where: str) -> Iterable[observe.RecoveryPoint]:
    """Return what was given, where it is recovery points.

    Raises:
        InvalidValueError: It is something else, or one of them is.
    """
    if isinstance(points, PointSet):
        return points
    listed: list[Any] = list(_several(points, where, "is not recovery points", _POINTS))
    for at, each in enumerate(listed):
        if not isinstance(each, observe.RecoveryPoint):
            raise _wrong(f"{where}[{at}]", each, "is not a recovery point", _POINTS)
    return listed


def check_jobs(found: Iterable[Job], where: str) -> Iterable[Job]:
    """Return what was given, where it is jobs.

    Raises:
        InvalidValueError: It is something else, or one of them is.
    """
    if isinstance(found, LazyTable) and found._form() is JOBS:  # noqa: SLF001 - what its records are
        return found
    listed: list[Any] = list(_several(found, where, "is not jobs", _JOBS))
    for at, each in enumerate(listed):
        if not isinstance(each, observe.Record) or getattr(each, "kind", None) not in FINAL_STATES:
            raise _wrong(f"{where}[{at}]", each, "is not a job", _JOBS)
    return listed


def check_coverage(report: Coverage, where: str) -> Coverage:
    """Return what was given, where it is coverage.

    Raises:
        InvalidValueError: It is something else.
    """
    given: object = report
    if not isinstance(given, Coverage):
        raise _wrong(where, given, "is not coverage", "give what bk.coverage(aws) returned")
    return given


def check_plans(plans: object, where: str) -> tuple[ProtectingPlan, ...]:
    """Return the plans that were given, one by one: those of a stack are its own.

    Raises:
        InvalidValueError: Something else was given, or nothing, or a plan that was listed without its rules.
    """
    one = isinstance(plans, (Plan, observe.Plan, Stack))
    several = [plans] if one else list(_several(plans, where, "is not plans", _PLANS))
    found = [plan for at, each in enumerate(several) for plan in _plans(each, where if one else f"{where}[{at}]")]
    if not found:
        raise InvalidValueError(Problem(where, "there is no plan in it", _PLANS))
    return tuple(found)


def _plans(given: object, where: str) -> Iterator[ProtectingPlan]:
    if isinstance(given, Stack):
        yield from map(protecting_plan, given.plans)
    elif isinstance(given, observe.Plan) and given.backup_plan is None:
        what = f"the plan {quote(given.backup_plan_name)} was listed without its rules"
        raise InvalidValueError(Problem(where, what, "get it with them: aws.plans.get(plan.backup_plan_id)"))
    elif isinstance(given, (Plan, observe.Plan)):
        yield protecting_plan(given)
    else:
        raise _wrong(where, given, "is not a plan", _PLANS)


def _several(given: object, where: str, what: str, hint: str) -> Iterable[object]:
    """What can be gone through without a call for something else: a list of other records is not asked for."""
    if isinstance(given, (str, bytes, Mapping, LazyTable)) or not isinstance(given, Iterable):
        raise _wrong(where, given, what, hint)
    return cast("Iterable[object]", given)


def _wrong(where: str, given: object, what: str, hint: str) -> InvalidValueError:
    return InvalidValueError(Problem(where, f"{quote(given)} {what}", hint))
