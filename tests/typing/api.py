"""What type checkers say of the declared values: checked by mypy and pyright, never run.

An ignored error is a promise: `warn_unused_ignores` fails when the line begins to be accepted.
"""

from __future__ import annotations

from typing import assert_type

from hypothesis.strategies import SearchStrategy

from backupkit import testing
from backupkit.declare import (
    ComplianceLock,
    CopyAction,
    GovernanceLock,
    Lifecycle,
    Plan,
    Rule,
    Selection,
    TagCondition,
    Tags,
    Vault,
    tag,
)
from backupkit.problems import Problem
from backupkit.schedule import Schedule

vault = Vault("prod", tags={"Team": "platform"}, policy={"Statement": []}).tagged(Environment="production")
assert_type(vault, Vault)
assert_type(vault.tags, Tags)
assert_type(vault.lock, GovernanceLock | None)
assert_type(vault.locked(ComplianceLock(min_days=7, changeable_for_days=14)), Vault)
assert_type(vault.notifying("arn:aws:sns:us-east-1:123456789012:t", "BACKUP_JOB_COMPLETED"), Vault)

rule = Rule("daily", vault).scheduled("cron(0 5 ? * * *)", timezone="Europe/Berlin").keep(days=35)
assert_type(rule, Rule)
assert_type(rule.vault, str)
assert_type(rule.schedule, Schedule | None)
assert_type(rule.lifecycle, Lifecycle | None)
assert_type(rule.copies, tuple[CopyAction, ...])
assert_type(rule.cold_after(days=7).keep_forever().continuously(keep_days=35).tagging(a="b"), Rule)

condition = tag("Environment").equals("production")
assert_type(condition, TagCondition)
selection = Selection("s", "arn:aws:iam::123456789012:role/r", tags=[("Backup", "daily")], resources=["*"])
assert_type(selection.any_tag(Backup="daily").where(condition).including("*").excluding("*"), Selection)
assert_type(selection.resources, tuple[str, ...])
assert_type(selection.tags, tuple[tuple[str, str], ...])

plan = Plan("p", rule, Rule("monthly", "prod"), tags={"Team": "platform"}).protecting(selection)
assert_type(plan, Plan)
assert_type(plan.rules, tuple[Rule, ...])
assert_type(plan.check(), tuple[Problem, ...])
assert_type(plan.problems(), tuple[Problem, ...])
assert_type(Plan.from_json({"BackupPlanName": "p"}), Plan)
assert_type(plan.to_json(), dict[str, object])
assert_type(testing.plans(), SearchStrategy[Plan])
assert_type(testing.vaults(), SearchStrategy[Vault])

Vault("prod", "key")  # type: ignore[call-arg]
Rule("daily")  # type: ignore[call-arg]
Rule("daily", vault, continuous="yes")  # type: ignore[arg-type]
Rule("daily", vault).keep(35)  # type: ignore[call-arg]
Rule("daily", vault).keep(days="35")  # type: ignore[arg-type]
Rule("daily", vault).copy_to(vault)  # type: ignore[arg-type]
Lifecycle(30, 120)  # type: ignore[call-arg]
Lifecycle(delete_after=30)  # type: ignore[call-arg]
ComplianceLock(min_days=7)  # type: ignore[call-arg]
Plan("p", vault)  # type: ignore[arg-type]
Plan.from_json("{}")  # type: ignore[arg-type]
selection.where("Environment=production")  # type: ignore[arg-type]
rule.name = "other"  # type: ignore[misc]
