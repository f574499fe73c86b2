"""Plans as coverage sees them, whether they are declared or read from AWS."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from backupkit import observe
from backupkit.declare.plan import Plan
from backupkit.declare.rule import DEFAULT_SCHEDULE, DEFAULT_START_MINUTES, Rule
from backupkit.errors import InvalidValueError
from backupkit.matching import Condition, Selector, overrides_opt_in
from backupkit.schedule import Schedule

__all__ = [
    "PREFIX",
    "ProtectingPlan",
    "ProtectingRule",
    "ProtectingSelection",
    "declared_plan",
    "observed_plan",
    "protecting_plan",
]

PREFIX = "aws:ResourceTag/"
"""How the keys of conditions begin that AWS compares with a tag."""
_FOREVER = float("inf")


@attrs.frozen(eq=False)
class ProtectingRule:
    """A rule of a plan.

    Args:
        name: Its name.
        schedule: When it runs; None where its expression cannot be read.
        start_minutes: The start window.
        keep_days: How long points are kept; infinity forever.
        copies: The ARNs of the vaults that get copies.
        continuous: Whether backups of types that have it are continuous.
    """

    name: str
    schedule: Schedule | None
    start_minutes: int
    keep_days: float
    copies: tuple[str, ...] = ()
    continuous: bool = False


@attrs.frozen(eq=False)
class ProtectingPlan:
    """A plan with its rules."""

    name: str
    rules: tuple[ProtectingRule, ...]


@attrs.frozen(eq=False)
class ProtectingSelection:
    """A selection of a plan.

    Args:
        plan: The plan.
        name: Its name.
        role: The ARN of the role that AWS Backup takes on.
        selector: What it selects.
        by_type: The part of it that overrides the opt-in settings of the Region.
    """

    plan: ProtectingPlan
    name: str
    role: str
    selector: Selector
    by_type: Selector

    @property
    def label(self) -> str:
        """What it is called, with its plan."""
        return f"plan {self.plan.name!r}, selection {self.name!r}"

    @property
    def asks_tags(self) -> bool:
        """Whether tags decide what it selects."""
        return bool(self.selector.tags or self.selector.conditions)


def protecting_plan(plan: Plan | observe.Plan) -> ProtectingPlan:
    """Return a plan with its rules, whether it is declared or read from AWS."""
    if isinstance(plan, Plan):
        return ProtectingPlan(plan.name, tuple(map(_declared_rule, plan.rules)))
    rules = plan.backup_plan.rules if plan.backup_plan is not None else None
    return ProtectingPlan(plan.backup_plan_name or "", tuple(map(_observed_rule, rules or ())))


def declared_plan(plan: Plan) -> Iterator[ProtectingSelection]:
    """The selections of a declared plan."""
    found = protecting_plan(plan)
    for selection in plan.selections:
        conditions = tuple((each.operator, PREFIX + each.key, each.value) for each in selection.conditions)
        yield _selection(
            found,
            selection.name,
            selection.role,
            selection.sent_resources,
            selection.not_resources,
            selection.tags,
            conditions,
        )


def _declared_rule(rule: Rule) -> ProtectingRule:
    lifecycle = rule.lifecycle
    return ProtectingRule(
        rule.name,
        rule.schedule or Schedule(DEFAULT_SCHEDULE),
        rule.start_window_minutes or DEFAULT_START_MINUTES,
        _kept(lifecycle.delete_after_days if lifecycle is not None else None),
        tuple(str(copy.vault) for copy in rule.copies),
        rule.continuous,
    )


def _kept(days: int | None) -> float:
    return _FOREVER if days is None or days < 0 else days


def observed_plan(plan: observe.Plan, selections: Iterable[observe.Selection]) -> Iterator[ProtectingSelection]:
    """The selections of a plan in AWS."""
    found = protecting_plan(plan)
    for selection in selections:
        document = selection.backup_selection
        if document is not None:
            yield _selection(
                found,
                document.selection_name or "",
                document.iam_role_arn or "",
                tuple(document.resources or ()),
                tuple(document.not_resources or ()),
                tuple((tag.condition_key or "", tag.condition_value or "") for tag in document.list_of_tags or ()),
                tuple(_conditions(document.conditions)),
            )


def _conditions(conditions: observe.Conditions | None) -> Iterator[Condition]:
    if conditions is None:
        return
    for operator, entries in (
        ("StringEquals", conditions.string_equals),
        ("StringNotEquals", conditions.string_not_equals),
        ("StringLike", conditions.string_like),
        ("StringNotLike", conditions.string_not_like),
    ):
        for entry in entries or ():
            yield operator, entry.condition_key or "", entry.condition_value or ""


def _observed_rule(rule: observe.BackupRule) -> ProtectingRule:
    return ProtectingRule(
        rule.rule_name or "",
        _schedule(rule),
        rule.start_window_minutes or DEFAULT_START_MINUTES,
        _kept(rule.lifecycle.delete_after_days if rule.lifecycle is not None else None),
        tuple(copy.destination_backup_vault_arn or "" for copy in rule.copy_actions or ()),
        bool(rule.enable_continuous_backup),
    )


def _schedule(rule: observe.BackupRule) -> Schedule | None:
    try:
        return Schedule(rule.schedule_expression or DEFAULT_SCHEDULE, rule.schedule_expression_timezone or "Etc/UTC")
    except InvalidValueError:
        return None


def _selection(
    plan: ProtectingPlan,
    name: str,
    role: str,
    resources: tuple[str, ...],
    not_resources: tuple[str, ...],
    tags: tuple[tuple[str, str], ...],
    conditions: tuple[Condition, ...],
) -> ProtectingSelection:
    explicit = tuple(pattern for pattern in resources if overrides_opt_in(pattern))
    return ProtectingSelection(
        plan, name, role, Selector(resources, not_resources, tags, conditions), Selector(explicit)
    )
