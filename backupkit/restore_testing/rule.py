"""The pattern of an EventBridge rule that hands the ends of restore tests to a validator."""

from __future__ import annotations

from collections.abc import Iterable

from backupkit import events
from backupkit.arn import Arn, arn_or_none
from backupkit.checks import texts
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, quote
from backupkit.recover.arguments import check_resource_type

__all__ = ["pattern"]

_PLAN = ":restore-testing-plan:"


def pattern(*, plan: Arn | str | None = None, resource_type: str | Iterable[str] | None = None) -> dict[str, object]:
    """Return the pattern of an EventBridge rule for restore tests that have ended; ``json.dumps`` makes it a text.

    Args:
        plan: The ARN of a restore testing plan, or its beginning; None: of any plan, and of nothing but a plan.
        resource_type: One type or several, for example ``RDS``; None: every type.

    Raises:
        InvalidValueError: The plan is not the ARN of one.

    Example:
        >>> import backupkit as bk
        >>> bk.restore_testing.pattern(resource_type="RDS")["detail"]
        {'status': ['COMPLETED'], 'restoreTestingPlanArn': [{'exists': True}], 'resourceType': ['RDS']}
    """
    plan = arn_or_none(plan)
    if plan is not None and not (isinstance(plan, str) and plan.startswith("arn:") and _PLAN in plan):
        what = f"{quote(plan)} is not the ARN of a restore testing plan"
        raise InvalidValueError(
            Problem("restore_testing.pattern/plan", what, f"write arn:aws:backup:us-east-1:123456789012{_PLAN}weekly")
        )
    detail: dict[str, object] = {
        "status": ["COMPLETED"],
        "restoreTestingPlanArn": [{"exists": True} if plan is None else {"prefix": plan}],
    }
    if resource_type is not None:
        types = texts(resource_type, "restore_testing.pattern/resource_type")
        for each in types:
            check_resource_type(each, "restore_testing.pattern/resource_type")
        detail["resourceType"] = list(types)
    return {**events.pattern("restore"), "detail": detail}
