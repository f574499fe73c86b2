"""Schedules of plans: they fire on the clock, in their zones, and make a backup job for each resource they protect.

Sources: the developer guide's pages on plan options, assigning resources and restore testing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

import attrs
from msgspec.structs import replace

from backupkit.emulator.engine import backups, follow_up
from backupkit.emulator.kernel.job_records import BACKUP_JOBS
from backupkit.emulator.kernel.kinds import kind_named
from backupkit.emulator.kernel.resource_protocol import ResourceInfo
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import BackupJob, Document, Plan, RegionScope, Selection
from backupkit.emulator.rules import plan_documents
from backupkit.emulator.rules.lifecycle import kept, retention_days
from backupkit.matching import Selector, overrides_opt_in

__all__ = ["arm", "disarm", "protected"]

_SOON = timedelta(minutes=10)
_START_MINUTES, _COMPLETE_MINUTES = 480, 10_080


def arm(simulation: Simulation, scope: RegionScope, plan: Plan) -> None:
    """Let the schedules of the plan's newest version fire from now on; those of earlier versions no longer do."""
    plan.arming += 1
    for rule in plan_documents.rules_of(plan):
        _note_next(simulation, scope, plan, rule)


def disarm(simulation: Simulation, scope: RegionScope, plan: Plan) -> None:  # noqa: ARG001 - the same shape as `arm`
    """Let the plan's schedules fire no more; jobs that are there go on."""
    plan.arming += 1


def _note_next(simulation: Simulation, scope: RegionScope, plan: Plan, rule: Document) -> None:
    moment = plan_documents.schedule_of(rule).next_after(simulation.clock.now())
    if moment is not None:
        simulation.agenda.schedule(moment, _RuleFires(scope, plan, rule, plan.arming))


@attrs.frozen(eq=False)
class _RuleFires:
    scope: RegionScope
    plan: Plan
    rule: Document
    arming: int

    def happen(self, simulation: Simulation) -> None:
        if self.arming != self.plan.arming:
            return
        now = simulation.clock.now()
        try:
            chosen = protected(simulation, self.scope, self.plan) if not _outlived(self.plan, self.rule, now) else None
        except BaseException:
            # Whoever moves the clock sees why the world cannot be looked at; moving it again tries again.
            simulation.agenda.schedule(now, self)
            raise
        _note_next(simulation, self.scope, self.plan, self.rule)
        if chosen is not None:
            _back_up(simulation, self.scope, self.plan, self.rule, chosen)


def _outlived(plan: Plan, rule: Document, now: datetime) -> bool:
    """Whether a rule with longer retention has an overlapping start window: then only that one backs up."""
    rules = plan_documents.rules_of(plan)
    mine = rules.index(rule)
    return any(
        _wins(other, rule, earlier=position < mine) and _overlaps(other, rule, now)
        for position, other in enumerate(rules)
        if position != mine
    )


def _wins(other: Document, rule: Document, *, earlier: bool) -> bool:
    theirs, mine = _days(other), _days(rule)
    return theirs > mine or (theirs == mine and earlier)


def _days(rule: Document) -> float:
    days = retention_days(rule.get("Lifecycle") or {})
    return float("inf") if days is None else days


def _start_window(rule: Document) -> timedelta:
    return timedelta(minutes=rule.get("StartWindowMinutes") or _START_MINUTES)


def _overlaps(other: Document, rule: Document, now: datetime) -> bool:
    """Whether a start window of ``other`` shares time with the one that ``rule`` opens now."""
    opened = plan_documents.schedule_of(other).next_after(now - _start_window(other))
    return opened is not None and opened < now + _start_window(rule)


def _back_up(
    simulation: Simulation, scope: RegionScope, plan: Plan, rule: Document, chosen: Iterable[tuple[ResourceInfo, str]]
) -> None:
    now = simulation.clock.now()
    plan.last_run = now
    BACKUP_JOBS.forget(scope, now)
    template = _template(scope, plan, rule, now)
    options = _options(plan)
    for seen, role in chosen:
        job = _job_for(template, simulation.new_id(), seen, role, options)
        backups.begin(simulation, scope, job, soon=_SOON)


def _template(scope: RegionScope, plan: Plan, rule: Document, now: datetime) -> BackupJob:
    """What all jobs of one firing share."""
    vault_name: str = rule["TargetBackupVaultName"]
    complete = rule.get("CompletionWindowMinutes") or _COMPLETE_MINUTES
    return BackupJob(
        id="",
        vault_name=vault_name,
        vault_arn=scope.arn(f"backup-vault:{vault_name}"),
        resource_arn="",
        resource_type="",
        role_arn="",
        created=now,
        start_by=now + _start_window(rule),
        complete_by=now + timedelta(minutes=complete),
        lifecycle=kept(rule.get("Lifecycle")),
        created_by=_creator(plan, rule),
        point_tags=dict(rule.get("RecoveryPointTags") or {}),
        copy_actions=list(rule.get("CopyActions") or []),
        continuous=bool(rule.get("EnableContinuousBackup")),
        follow_up=follow_up.of_rule(plan.versions[-1].plan, rule),
        air_gapped_arn=rule.get("TargetLogicallyAirGappedBackupVaultArn"),
    )


def _creator(plan: Plan, rule: Document) -> Document:
    version = plan.versions[-1]
    return {
        "BackupPlanId": plan.id,
        "BackupPlanArn": plan.arn,
        "BackupPlanName": version.plan.get("BackupPlanName"),
        "BackupPlanVersion": version.version_id,
        "BackupRuleId": rule.get("RuleId"),
        "BackupRuleName": rule.get("RuleName"),
        "BackupRuleCron": rule.get("ScheduleExpression"),
        "BackupRuleTimezone": rule.get("ScheduleExpressionTimezone"),
    }


def _job_for(
    template: BackupJob, job_id: str, seen: ResourceInfo, role: str, options: Mapping[str, Document]
) -> BackupJob:
    """The template's job for one resource; thousands are made at once."""
    job = replace(
        template,
        id=job_id,
        role_arn=role,
        resource_arn=seen.arn,
        resource_type=seen.resource_type,
        resource_name=seen.name,
    )
    if options:
        job.backup_options = options.get(seen.resource_type, {})
    if job.continuous:
        job.continuous = kind_named(seen.resource_type).keeps_continuously(seen.arn)
    return job


def _options(plan: Plan) -> dict[str, Document]:
    """The plan's backup options by resource type."""
    settings = plan.versions[-1].advanced_settings
    return {setting["ResourceType"]: setting.get("BackupOptions", {}) for setting in settings}


def protected(
    simulation: Simulation, scope: RegionScope, plan: Plan, among: Iterable[ResourceInfo] | None = None
) -> list[tuple[ResourceInfo, str]]:
    """Each resource that the plan backs up now, with the role of the first selection that selects it.

    ``among`` are the place's resources, where the caller asks about many plans and has listed them already.
    """
    revision = simulation.counted.revision if simulation.counted is not None else None
    if revision is None:
        return list(_selected(simulation, scope, plan, among))
    # Schedules fire often, and what a plan selects changes seldom.
    now = revision, tuple(plan.selections), dict(scope.opt_in), simulation.choices
    found = simulation.selected.get(plan.id)
    if found is None or found[0] != now:
        simulation.selected[plan.id] = found = now, list(_selected(simulation, scope, plan))
    return found[1]


def _selected(
    simulation: Simulation, scope: RegionScope, plan: Plan, among: Iterable[ResourceInfo] | None = None
) -> Iterator[tuple[ResourceInfo, str]]:
    takers = [
        (_Selecting.of(simulation, selection), selection.selection["IamRoleArn"])
        for selection in plan.selections.values()
    ]
    if not takers:
        return
    for seen in among if among is not None else simulation.world.resources(scope.account_id, scope.region_name):
        if seen.under_test:
            # Backup plans leave out what restore testing made.
            continue
        role = next((role for one, role in takers if one.takes(seen, scope)), None)
        if role is not None:
            yield seen, role


@attrs.frozen
class _Selecting:
    """A selection, with the part of it that overrides the opt-in settings of the Region."""

    selector: Selector
    by_type: Selector

    @classmethod
    def of(cls, simulation: Simulation, selection: Selection) -> _Selecting:
        document, choices = selection.selection, simulation.choices
        resources = tuple(document.get("Resources") or ())
        selector = Selector(
            resources,
            tuple(document.get("NotResources") or ()),
            tuple((tag["ConditionKey"], tag["ConditionValue"]) for tag in document.get("ListOfTags") or ()),
            tuple(_conditions(document.get("Conditions") or {})),
            wildcard_anywhere=choices.wildcard_anywhere,
            missing_tag_differs=choices.missing_tag_differs,
        )
        explicit = tuple(pattern for pattern in resources if overrides_opt_in(pattern))
        return cls(selector, Selector(explicit, wildcard_anywhere=choices.wildcard_anywhere))

    def takes(self, seen: ResourceInfo, scope: RegionScope) -> bool:
        opted_in = scope.opt_in.get(seen.resource_type, True)
        overrides = not kind_named(seen.resource_type).shares_arn and self.by_type.names(seen.arn)
        return (opted_in or overrides) and self.selector.selects(seen.arn, seen.tags)


def _conditions(conditions: Document) -> Iterable[tuple[str, str, str]]:
    return (
        (operator, entry["ConditionKey"], entry["ConditionValue"])
        for operator, entries in conditions.items()
        for entry in entries or ()
    )
