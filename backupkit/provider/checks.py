"""What only shows when vaults, plans and selections are seen together. Offline: nothing is asked of AWS."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from backupkit.catalog import ResourceType, type_of
from backupkit.declare.air_gapped import AirGappedVault
from backupkit.declare.declared import Declared
from backupkit.declare.lifecycle import Lifecycle
from backupkit.declare.plan import Plan
from backupkit.declare.rule import Rule
from backupkit.declare.selection import Selection
from backupkit.declare.vault import GovernanceLock, Vault
from backupkit.problems import Problem, Severity, warning
from backupkit.provider.selectable import selects_nothing

__all__ = ["coherence_problems", "retention_problem"]

_FAILS = "AWS takes the plan and then fails every such job"
# A leap year, so that every day of a calendar comes up.
_SHORTEST_MONTH_DAYS = 28


def coherence_problems(things: Sequence[Declared]) -> Iterator[Problem]:
    """Errors and warnings across the things of one stack."""
    for address, times in Counter(thing.address for thing in things).items():
        if times > 1:
            kind = address.partition(".")[0].replace("_", " ")
            yield Problem(address, f"{times} {kind}s of the stack carry this name", "name each once")
    locks = {thing.name: thing.lock for thing in things if isinstance(thing, Vault)}
    gaps = {thing.name: thing.bounds for thing in things if isinstance(thing, AirGappedVault)}
    for plan in things:
        if isinstance(plan, Plan):
            yield from (problem.below(plan.address) for problem in _plan_problems(plan, locks, gaps))


def _plan_problems(
    plan: Plan, locks: dict[str, GovernanceLock | None], gaps: dict[str, GovernanceLock]
) -> Iterator[Problem]:
    for selection in plan.selections:
        yield from selects_nothing(selection)
    named = _named_types(plan.selections)
    for rule in plan.rules:
        yield from retention_problem(rule.address, rule.lifecycle, locks.get(rule.vault), rule.vault)
        yield from _copies_by_name(rule, {**locks, **gaps})
        yield from _into_gaps(rule, gaps)
        if named:
            yield from _type_problems(rule, named)


def retention_problem(
    address: str,
    lifecycle: Lifecycle | None,
    lock: GovernanceLock | None,
    vault: str,
    source: Lifecycle | None = None,
) -> Iterator[Problem]:
    """A retention that the lock of its vault refuses.

    Args:
        address: Of the rule or copy.
        lifecycle: Its lifecycle.
        lock: The lock of the vault that it lands in, if any.
        vault: That vault.
        source: For a copy, the lifecycle of its rule: a copy whose own says -1 keeps the source's expiry.
    """
    if source is not None and (lifecycle is None or lifecycle.delete_after_days is None):
        # What AWS does then is told in two ways; the copy warns about it by itself.
        return
    effective = source if source is not None and lifecycle is not None and lifecycle.keeps_for_ever else lifecycle
    for_ever = effective is None or effective.keeps_for_ever
    refused = lock and lock.refuses(None if for_ever or effective is None else effective.delete_after_days)
    if refused:
        # That "forever" is longer than a lock's longest is read out of AWS's wording, not stated: only a warning.
        severity = Severity.WARNING if for_ever else Severity.ERROR
        where = f"{address}/lifecycle"
        yield Problem(where, f"{refused} in vault {vault!r}: {_FAILS}", "fit the retention to the lock", severity)


def _into_gaps(rule: Rule, gaps: dict[str, GovernanceLock]) -> Iterator[Problem]:
    """A rule's target in an air-gapped vault of the stack: it is of the same account and Region, so its name tells."""
    if rule.vault in gaps:
        yield Problem(
            f"{rule.address}/vault",
            f"{rule.vault!r} is a logically air-gapped vault, which a rule cannot name",
            "name a standard vault, and give the air-gapped one as air_gapped_vault or to copy_to()",
        )
    name = (rule.air_gapped_vault or "").rpartition(":")[2]
    yield from retention_problem(rule.address, rule.lifecycle, gaps.get(name), name)


def _copies_by_name(rule: Rule, locks: dict[str, GovernanceLock | None]) -> Iterator[Problem]:
    """A name is not a proof: the destination's account and Region are known only once there is a connection."""
    for copy in rule.copies:
        name = copy.vault.rpartition(":")[2]
        for found in retention_problem(
            f"{rule.address}/{copy.address}", copy.lifecycle, locks.get(name), name, rule.lifecycle
        ):
            yield warning(found.address, f"if the copy lands in this stack's vault: {found.message}", found.hint)


def _named_types(selections: Sequence[Selection]) -> tuple[ResourceType, ...]:
    """The types of a plan's resources, where every selection names its resources and all are known; else none."""
    arns = [arn for selection in selections for arn in selection.sent_resources]
    types = [type_of(arn) for arn in arns]
    known = {found.name: found for found in types if found is not None}
    sure = arns and None not in types and not any(selection.tags for selection in selections)
    return tuple(known[name] for name in sorted(known)) if sure else ()


def _type_problems(rule: Rule, types: Sequence[ResourceType]) -> Iterator[Problem]:
    for address, lifecycle in _lifecycles(rule):
        if lifecycle.cold_after_days is not None:
            yield from _cold_problems(f"{address}/lifecycle", rule, lifecycle, types)
    if rule.continuous and not any(each.continuous for each in types):
        yield warning(
            f"{rule.address}/continuous",
            f"{_named(types)} has no continuous backup and gets plain snapshots",
            "drop it, or select S3, RDS, Aurora or SAP HANA",
        )
    if rule.air_gapped_vault is not None:
        where, left = f"{rule.address}/air_gapped_vault", [each for each in types if not each.air_gapped]
        yield from _left_out(where, "air-gapped vaults do not take", left)
    for copy in rule.copies:
        left = [each for each in types if not each.copies]
        yield from _left_out(f"{rule.address}/{copy.address}", "AWS Backup cannot copy", left)


def _left_out(where: str, reason: str, types: Sequence[ResourceType]) -> Iterator[Problem]:
    """Types that a target of a rule does not get, whatever the plan says."""
    if types:
        yield warning(where, f"{reason} points of {_named(types)}", "drop it, or give these types their own plan")


def _lifecycles(rule: Rule) -> Iterator[tuple[str, Lifecycle]]:
    """The lifecycles of a rule and of its copies, by address."""
    if rule.lifecycle is not None:
        yield rule.address, rule.lifecycle
    for copy in rule.copies:
        if copy.lifecycle is not None:
            yield f"{rule.address}/{copy.address}", copy.lifecycle


def _cold_problems(where: str, rule: Rule, lifecycle: Lifecycle, types: Sequence[ResourceType]) -> Iterator[Problem]:
    if not any(each.cold for each in types):
        yield warning(where, f"{_named(types)} has no cold storage: AWS ignores the move in silence", "drop the move")
    elif not any(each.archive for each in types):
        return
    elif not lifecycle.opt_in_to_archive_for_supported_resources:
        yield warning(
            where,
            "EBS snapshots go cold only with the archive opt-in: AWS ignores the move for them",
            "opt in (cold_after(..., archive=True) for a rule), or drop the move",
        )
    elif rule.effective_schedule.is_more_frequent_than(days=_SHORTEST_MONTH_DAYS):
        yield warning(
            where,
            "EBS snapshots go cold only where backups are monthly or rarer",
            "give EBS its own monthly rule",
        )


def _named(types: Sequence[ResourceType]) -> str:
    return ", ".join(each.name for each in types)
