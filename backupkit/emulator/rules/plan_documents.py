"""Plan documents: what AWS refuses in them, how it echoes what it takes, and its own templates to start one from.

Sources: the botocore model of BackupPlanInput, the developer guide's pages on plan options and quotas, and refusals
that others recorded. The names of the templates are the console's; the first two ids and the rule ``DailyBackups`` are
from published answers of ListBackupPlanTemplates and GetBackupPlanFromTemplate, and the other two ids continue their
row. Schedules and days are those of the AWS CDK's plans of the same names.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import NoReturn

import attrs

from backupkit.arn import ROLE, VAULT
from backupkit.catalog import TYPES
from backupkit.emulator.kernel import api_errors
from backupkit.emulator.kernel.behavior import Choices
from backupkit.emulator.kernel.kinds import kind_named
from backupkit.emulator.kernel.operations import ApiError, raise_api_error, raise_invalid_value
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, Plan, RegionScope
from backupkit.emulator.rules import tags
from backupkit.emulator.rules.lifecycle import checked_lifecycle
from backupkit.errors import InvalidValueError
from backupkit.schedule import Schedule

__all__ = ["TEMPLATES", "Template", "check", "echo", "rules_of", "schedule_of", "without_ids"]

MOST_RULES = 10
"""Rules of one plan (quota of the developer guide)."""

_MOST_COPIES = 5
_MOST_POINT_TAGS = 10
_LEAST_START_MINUTES = 60
_MOST_MINUTES = 52_560_000
_MOST_CONTINUOUS_DAYS = 35
_DEFAULTS: Document = {
    "ScheduleExpression": "cron(0 5 ? * * *)",
    "StartWindowMinutes": 480,
    "CompletionWindowMinutes": 10_080,
    "ScheduleExpressionTimezone": "Etc/UTC",
    "EnableContinuousBackup": False,
}
_PLAN_NAME = re.compile(r"[a-zA-Z0-9._-]{1,200}")


def check(simulation: Simulation, scope: RegionScope, plan: Document) -> None:
    """Refuse the plan documents that AWS refuses.

    Raises:
        ApiError: The first thing that is wrong.
    """
    if not _PLAN_NAME.fullmatch(plan["BackupPlanName"]):
        raise_invalid_value(f"Backup plan name {plan['BackupPlanName']} is not valid")
    rules = plan["Rules"]
    if not rules and not simulation.choices.empty_rules_accepted:
        raise_invalid_value("Backup plan must have at least one rule")
    if len(rules) > MOST_RULES:
        raise_api_error("LimitExceededException", f"Backup plan has more than {MOST_RULES} rules")
    if simulation.choices.rule_names_unique:
        _check_names(rule["RuleName"] for rule in rules)
    for rule in rules:
        _check_rule(simulation.choices, scope, rule)
    for setting in plan.get("AdvancedBackupSettings", ()):
        _check_setting(setting)
    for setting in plan.get("ScanSettings", ()):
        _check_scanning(setting)


def _check_names(names: Iterable[str]) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            _refuse_rule(f"Rule name {name} is not unique")


def _check_rule(choices: Choices, scope: RegionScope, rule: Document) -> None:
    _check_target(choices, scope, rule)
    _check_schedule(choices, rule)
    _check_windows(rule)
    if rule.get("EnableContinuousBackup"):
        _check_continuous(rule.get("Lifecycle", {}))
    _check_lifecycle(rule.get("Lifecycle", {}))
    _check_copies(rule.get("CopyActions", ()))
    _check_point_tags(rule.get("RecoveryPointTags", {}))
    _check_index(rule.get("IndexActions", ()))


def _check_target(choices: Choices, scope: RegionScope, rule: Document) -> None:
    name = rule["TargetBackupVaultName"]
    vault = scope.vaults.get(name)
    if vault is None and choices.target_vault_must_exist:
        _refuse_rule(f"Backup vault {name} does not exist")
    if vault is not None and vault.vault_type != "BACKUP_VAULT":
        _refuse_rule(f"Backup vault name {name} is not valid")
    air_gapped = rule.get("TargetLogicallyAirGappedBackupVaultArn")
    if air_gapped is not None and not (VAULT.admits(air_gapped) and air_gapped.startswith(scope.arn(""))):
        _refuse_rule(f"Backup vault ARN {air_gapped} is not valid")
    aimed = scope.vaults.get(air_gapped.rpartition(":")[2]) if air_gapped is not None else None
    if aimed is not None and aimed.vault_type != "LOGICALLY_AIR_GAPPED_BACKUP_VAULT":
        _refuse_rule(f"Backup vault ARN {air_gapped} is not valid")


def _check_schedule(choices: Choices, rule: Document) -> None:
    expression = rule.get("ScheduleExpression")
    if expression is not None and not expression.startswith("cron(") and not choices.bare_cron_accepted:
        _refuse_rule(f"Invalid schedule expression {expression}: only cron expressions are supported")
    try:
        schedule_of(rule)
    except InvalidValueError as error:
        _refuse_rule(f"Invalid schedule expression: {error}")


def schedule_of(rule: Document) -> Schedule:
    """When a rule runs; what it leaves out is AWS's default.

    Raises:
        InvalidValueError: The expression or the time zone is none.
    """
    whole = _filled(rule)
    return _schedule(whole["ScheduleExpression"], whole["ScheduleExpressionTimezone"])


@lru_cache(maxsize=1024)
def _schedule(expression: str, zone: str) -> Schedule:
    return Schedule(expression, zone)


def _filled(rule: Document) -> Document:
    """A rule with AWS's defaults where it says nothing."""
    whole = {**_DEFAULTS, **rule}
    expression: str = whole["ScheduleExpression"]
    if not expression.startswith(("cron(", "rate(")):
        whole["ScheduleExpression"] = f"cron({expression})"
    return whole


def _check_windows(rule: Document) -> None:
    start = rule.get("StartWindowMinutes", _LEAST_START_MINUTES)
    if not _LEAST_START_MINUTES <= start <= _MOST_MINUTES:
        _refuse_rule(f"StartWindowMinutes cannot be less than {_LEAST_START_MINUTES} or more than {_MOST_MINUTES}")
    if not 1 <= rule.get("CompletionWindowMinutes", 1) <= _MOST_MINUTES:
        _refuse_rule(f"CompletionWindowMinutes cannot be less than 1 or more than {_MOST_MINUTES}")


def _check_continuous(lifecycle: Document) -> None:
    if lifecycle.get("MoveToColdStorageAfterDays", -1) != -1:
        _refuse_rule("Invalid lifecycle. MoveToColdStorageAfterDays is unavailable")
    days = lifecycle.get("DeleteAfterDays")
    if days is None:
        _refuse_rule("Lifecycle must be specified for backup rule enabled continuous backup")
    if not 1 <= days <= _MOST_CONTINUOUS_DAYS:
        _refuse_rule(
            f"Invalid lifecycle. DeleteAfterDays cannot be less than 1 or more than {_MOST_CONTINUOUS_DAYS} days"
        )


def _check_lifecycle(lifecycle: Document) -> None:
    if "DeleteAfterEvent" in lifecycle:
        _refuse_rule("Invalid lifecycle. DeleteAfterEvent is not valid as an input")
    try:
        checked_lifecycle(lifecycle)
    except ApiError as no:
        _refuse_rule(no.message)


def _check_copies(copies: list[Document]) -> None:
    if len(copies) > _MOST_COPIES:
        _refuse_rule(f"A rule cannot have more than {_MOST_COPIES} copy actions")
    for copy in copies:
        arn = copy["DestinationBackupVaultArn"]
        if not VAULT.admits(arn):
            _refuse_rule(f"Backup vault ARN {arn} is not valid")
        _check_lifecycle(copy.get("Lifecycle", {}))


def _check_point_tags(given: Mapping[str, str]) -> None:
    if len(given) > _MOST_POINT_TAGS:
        _refuse_rule(f"A rule cannot have more than {_MOST_POINT_TAGS} recovery point tags")
    tags.check(given)


def _check_index(actions: list[Document]) -> None:
    if len(actions) > 1:
        _refuse_rule("A rule cannot have more than 1 index action")
    for action in actions:
        types = action.get("ResourceTypes", [])
        if len(types) != 1 or not kind_named(types[0]).indexable:
            known = ", ".join(sorted(name for name, kind in TYPES.items() if kind.indexable))
            _refuse_rule(f"An index action must have exactly one resource type of {known}")


def _check_setting(setting: Document) -> None:
    kind = setting.get("ResourceType", "")
    options = setting.get("BackupOptions", {})
    known = set(kind_named(kind).backup_options)
    if not known or not options.keys() <= known or not set(options.values()) <= {"enabled", "disabled"}:
        raise_invalid_value(f"Invalid Resource Type : {kind}")


def _check_scanning(setting: Document) -> None:
    whole = all(setting.get(name) for name in ("MalwareScanner", "ResourceTypes", "ScannerRoleArn"))
    if not whole:
        raise_invalid_value("Scan settings must have MalwareScanner, ResourceTypes and ScannerRoleArn")
    if not ROLE.admits(setting.get("ScannerRoleArn", ROLE.example)):
        raise_invalid_value(f"Invalid ScannerRoleArn {setting['ScannerRoleArn']}")
    scanned = {"ALL", *(name for name, kind in TYPES.items() if kind.scannable)}
    if not scanned.issuperset(setting.get("ResourceTypes", ())):
        raise_invalid_value(f"Scan settings can have the resource types {', '.join(sorted(scanned))} only")


def _refuse_rule(text: str) -> NoReturn:
    raise_invalid_value(api_errors.in_rule(text))


def echo(simulation: Simulation, plan: Document, before: Document | None) -> Document:
    """The document as AWS gives it back: defaults filled in, a RuleId on every rule.

    Args:
        simulation: Gives the ids.
        plan: A document that `check` takes.
        before: The version that it replaces, if any, as it was echoed.
    """
    known = _ids(before) if before is not None and simulation.choices.rule_ids_survive_update else {}
    echoed = {name: value for name, value in plan.items() if name != "AdvancedBackupSettings"}
    echoed["Rules"] = [
        {**_filled(rule), "RuleId": known.get(rule["RuleName"]) or simulation.new_id()} for rule in plan["Rules"]
    ]
    return echoed


def _ids(plan: Document) -> dict[str, str]:
    return {rule["RuleName"]: rule["RuleId"] for rule in plan["Rules"]}


def rules_of(plan: Plan) -> list[Document]:
    """Return the rules of a plan's newest version, as they were echoed."""
    rules: list[Document] = plan.versions[-1].plan["Rules"]
    return rules


def without_ids(plan: Document) -> Document:
    """An echoed document without RuleIds and with defaults, so that two can be compared."""
    bare = {name: value for name, value in plan.items() if name not in {"Rules", "AdvancedBackupSettings"}}
    bare["Rules"] = [
        _filled({name: value for name, value in rule.items() if name != "RuleId"}) for rule in plan["Rules"]
    ]
    return bare


# ---- AWS's own plan templates ----


_VAULT = "Default"


@attrs.frozen
class Template:
    """One of AWS's templates."""

    id: str
    name: str
    rules: tuple[Callable[[], Document], ...]

    def plan(self, *, named: bool) -> Document:
        """The plan that the template is; with ``named`` under the template's name, into the vault ``Default``."""
        rules = [rule() for rule in self.rules]
        if not named:
            return {"Rules": rules}
        return {"BackupPlanName": self.name, "Rules": [{**rule, "TargetBackupVaultName": _VAULT} for rule in rules]}


def _rule(name: str, schedule: str, *, days: int, cold: int | None = None) -> Document:
    lifecycle = (
        {"DeleteAfterDays": days} if cold is None else {"MoveToColdStorageAfterDays": cold, "DeleteAfterDays": days}
    )
    return {
        "RuleName": name,
        "ScheduleExpression": f"cron({schedule})",
        "StartWindowMinutes": 480,
        "Lifecycle": lifecycle,
    }


def _daily() -> Document:
    return _rule("DailyBackups", "0 5 ? * * *", days=35)


def _weekly() -> Document:
    return _rule("WeeklyBackups", "0 5 ? * SAT *", days=90)


def _monthly_for_a_year() -> Document:
    return _rule("MonthlyBackups", "0 5 1 * ? *", days=365, cold=30)


def _monthly_for_five_years() -> Document:
    return _rule("MonthlyBackups", "0 5 1 * ? *", days=1825, cold=90)


def _monthly_for_seven_years() -> Document:
    return _rule("MonthlyBackups", "0 5 1 * ? *", days=2555, cold=90)


TEMPLATES = {
    each.id: each
    for each in (
        Template("87c0c1ef-254d-4180-8fef-2e76a2c38aaa", "Daily-35day-Retention", (_daily,)),
        Template("87c0c1ef-254d-4180-8fef-2e76a2c38aab", "Daily-Monthly-1yr-Retention", (_daily, _monthly_for_a_year)),
        Template(
            "87c0c1ef-254d-4180-8fef-2e76a2c38aac",
            "Daily-Weekly-Monthly-5yr-Retention",
            (_daily, _weekly, _monthly_for_five_years),
        ),
        Template(
            "87c0c1ef-254d-4180-8fef-2e76a2c38aad",
            "Daily-Weekly-Monthly-7yr-Retention",
            (_daily, _weekly, _monthly_for_seven_years),
        ),
    )
}
"""AWS's templates by id."""
