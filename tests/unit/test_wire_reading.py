"""Plan.from_json: all problems at once, each with its address and way out."""

from __future__ import annotations

import pytest

from backupkit import Plan, Selection
from backupkit.declare.codec.reading import from_document
from backupkit.errors import BackupKitError, InvalidValueError

RULE = {"RuleName": "daily", "TargetBackupVaultName": "prod"}


def plan(**rule: object) -> dict[str, object]:
    return {"BackupPlanName": "p", "Rules": [RULE | rule]}


def told(document: object) -> dict[str, str]:
    with pytest.raises(InvalidValueError) as caught:
        Plan.from_json(document)
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, BackupKitError)
    assert all(problem.hint for problem in caught.value.problems)
    return {problem.address: f"{problem.message}; {problem.hint}" for problem in caught.value.problems}


def test_all_problems_come_at_once():
    """A document with many mistakes is refused once, with each mistake at its address."""
    found = told(
        {
            "BackupPlanName": "no spaces",
            "Rules": [
                RULE | {"Lifecycle": {"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 35}},
                {"RuleName": "fast", "TargetBackupVaultName": "p", "ScheduleExpression": "rate(1 day)"},
                {"TargetBackupVaultName": "prod", "StartWindowMinutes": 5, "EnableContinuousBackup": "yes"},
                {
                    "RuleName": "copy",
                    "TargetBackupVaultName": "prod",
                    "CopyActions": [{}, {"DestinationBackupVaultArn": "dr"}],
                },
            ],
            "AdvancedBackupSettings": [{"ResourceType": "EC2", "BackupOptions": {"WindowsVSS": "Enabled"}}],
            "ScanSettings": [{"MalwareScanner": "GUARDDUTY"}],
        }
    )
    assert set(found) == {
        "plan.no spaces/name",
        "plan.no spaces/rule.daily/lifecycle",
        "plan.no spaces/rule.fast/vault",
        "plan.no spaces/rule.fast/schedule",
        "plan.no spaces/rule.#3/name",
        "plan.no spaces/rule.#3/start_window_minutes",
        "plan.no spaces/rule.#3/continuous",
        "plan.no spaces/rule.copy/copy/vault",
        "plan.no spaces/rule.copy/copy.dr/vault",
        "plan.no spaces/advanced_settings.EC2/backup_options",
        "plan.no spaces/scan_settings.GUARDDUTY/resource_types",
        "plan.no spaces/scan_settings.GUARDDUTY/scanner_role_arn",
    }
    assert "30 + 90" in found["plan.no spaces/rule.daily/lifecycle"]
    assert "120 days or longer" in found["plan.no spaces/rule.daily/lifecycle"]


@pytest.mark.parametrize(
    ("document", "address", "words"),
    [
        ({"backupPlanName": "p", "Rules": [RULE]}, "plan", "write BackupPlanName"),
        ({"BackupPlanName": "p", "BackupPlanRule": [RULE], "Rules": [RULE]}, "plan.p", "write Rules"),
        ({"BackupPlanName": "p"}, "plan.p/rules", "Rules is missing"),
        ({"BackupPlanName": "p", "Rules": []}, "plan.p/rules", "no rules"),
        ({"BackupPlanName": "p", "Rules": "daily"}, "plan.p/rules", "not a list"),
        ({"BackupPlanName": "p", "Rules": [None]}, "plan.p/rules/0", "not a structure"),
        ({"BackupPlanName": 5, "Rules": [RULE]}, "plan/name", "5 is not a plan name"),
        (plan(lifecycle={"DeleteAfterDays": 1}), "plan.p/rule.daily", "write Lifecycle"),
        (plan(TargetBackupVault="x"), "plan.p/rule.daily", "write TargetBackupVaultName"),
        (plan(Lifecycle={"DeleteAt": 1}), "plan.p/rule.daily/lifecycle", "write DeleteAfterDays"),
        (plan(Lifecycle={"deleteAfterDays": 1}), "plan.p/rule.daily/lifecycle", "write DeleteAfterDays"),
        (
            plan(Lifecycle={"DeleteAfterEvent": "DELETE_AFTER_COPY"}),
            "plan.p/rule.daily/lifecycle",
            "does not take it as input",
        ),
        (plan(Lifecycle={"DeleteAfterDays": "35"}), "plan.p/rule.daily/lifecycle/delete_after_days", "1 to 36,500"),
        (plan(Lifecycle={"DeleteAfterDays": 0}), "plan.p/rule.daily/lifecycle/delete_after_days", "1 to 36,500"),
        (plan(Lifecycle=35), "plan.p/rule.daily/lifecycle", "not a structure"),
        (plan(RecoveryPointTags=["a"]), "plan.p/rule.daily/point_tags", "not a map"),
        (plan(CopyActions={}), "plan.p/rule.daily/copies", "not a list"),
        (plan(ScheduleExpression=5), "plan.p/rule.daily/schedule", "not text"),
        (plan(StartWindowMinutes=True), "plan.p/rule.daily/start_window_minutes", "whole number"),
        (plan(EnableContinuousBackup=True), "plan.p/rule.daily/lifecycle", "no retention"),
        ([RULE], "plan", "a list is not a BackupPlan document"),
        ('{"BackupPlanName": ', "plan", "is not JSON"),
        (None, "plan", "None is not a BackupPlan document"),
        (5, "plan", "5 is not"),
    ],
)
def test_a_mistake_is_told_with_its_address_and_the_nearest_name(document, address, words):
    """Unknown members, wrong casing and wrong JSON types are refused, never dropped."""
    assert words in told(document)[address]


def test_null_is_absent():
    """A null member says nothing, whatever its name."""
    nulls = plan(Lifecycle=None, CopyActions=None, ScheduleExpression=None, ScheduleExpressionTimezone=None, Other=None)
    assert Plan.from_json(nulls) == Plan.from_json(plan())


def test_what_aws_adds_is_accepted():
    """An answer of GetBackupPlan is read: RuleId, and advanced settings beside the plan."""
    settings = [{"ResourceType": "EC2", "BackupOptions": {"WindowsVSS": "enabled"}}]
    answer = {
        "BackupPlan": plan(RuleId="e7d9", EnableContinuousBackup=False) | {"AdvancedBackupSettings": None},
        "BackupPlanId": "1234",
        "AdvancedBackupSettings": settings,
    }
    assert Plan.from_json(answer) == Plan.from_json(plan() | {"AdvancedBackupSettings": settings})


def test_a_time_zone_alone_keeps_the_default_time():
    """ScheduleExpressionTimezone without an expression is the service's default time in that zone."""
    schedule = Plan.from_json(plan(ScheduleExpressionTimezone="Europe/Berlin")).rules[0].schedule
    assert (schedule.expression, schedule.timezone) == ("cron(0 5 ? * * *)", "Europe/Berlin")


@pytest.mark.parametrize(
    ("member", "words"),
    [
        (
            {"Conditions": {"StringEquals": [{"ConditionKey": "Env", "ConditionValue": "x"}]}},
            "write 'aws:ResourceTag/Env'",
        ),
        ({"Conditions": {"stringEquals": []}}, "write StringEquals"),
        ({"Conditions": {"StringEquals": [{"ConditionKey": "aws:ResourceTag/Env"}]}}, "not a tag condition"),
        ({"Conditions": []}, "not a structure"),
        (
            {"ListOfTags": [{"ConditionType": "StringEquals", "ConditionKey": "a", "ConditionValue": "b"}]},
            "STRINGEQUALS",
        ),
        ({"ListOfTags": [{"Key": "a", "Value": "b"}]}, "not a tag condition"),
        ({"ListOfTags": "a"}, "not a list"),
        ({"Resources": "*"}, "not a list"),
    ],
)
def test_wrong_selections_are_noted(member, words):
    """A bare condition key would match nothing, and another operator is refused by AWS: both are told."""
    _, noted = from_document(Selection, {"SelectionName": "s", "IamRoleArn": "arn:aws:iam::1:role/r", **member})
    assert any(words in str(problem) for problem in noted)
