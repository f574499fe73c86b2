"""Audit Manager's controls on plans and on vaults."""

from __future__ import annotations

import json
from typing import Any

import pytest
from audit_stage import DAILY, DELETION, FREQUENT, asked, found, framework, gapped_vault, vault
from local_stage import ACCOUNT, Stage, vault_arn

from backupkit.emulator.kernel.behavior import Choices


@pytest.fixture
def stage():
    return Stage()


# Plans


def verdict(stage: Stage, rule: dict[str, Any], **parameters: str) -> bool | None:
    """What the control on plans says of a plan with this one rule."""
    plan = {"BackupPlanName": "p", "Rules": [{"RuleName": "r", "TargetBackupVaultName": "prod", **rule}]}
    made = stage.call("CreateBackupPlan", BackupPlan=plan)
    (compliant,) = asked(stage, FREQUENT, **parameters).values()
    stage.call("DeleteBackupPlan", BackupPlanId=made["BackupPlanId"])
    return compliant


@pytest.mark.parametrize(
    ("expression", "hours", "days"),
    [
        ("cron(0 * ? * * *)", 1, 1),
        ("cron(0 0/6 ? * * *)", 6, 1),
        ("cron(0 5,17 ? * * *)", 12, 1),
        ("cron(0 5,16 ? * * *)", 13, 1),
        ("cron(0 5 ? * * *)", 24, 1),
        ("cron(0 5 1/2 * ? *)", None, 2),
        ("cron(0 5 ? * MON-FRI *)", None, 3),
        ("cron(0 5 ? * SUN *)", None, 7),
        ("cron(0 5 1,15 * ? *)", None, 17),
        ("cron(0 5 1 * ? *)", None, 31),
        ("cron(0 5 31 * ? *)", None, None),
        ("cron(0 5 ? * * 2026)", None, None),
        ("cron(0 5 1 1 ? *)", None, None),
    ],
)
def test_a_plan_is_as_frequent_as_its_longest_pause(stage, expression, hours, days):
    """The longest pause between two starts decides: exactly so many hours or days are enough, one less is not."""
    rule = {"ScheduleExpression": expression}

    def often(unit: str, value: int) -> bool | None:
        return verdict(stage, rule, requiredFrequencyUnit=unit, requiredFrequencyValue=str(value))

    assert often("hours", 24) is (hours is not None)
    assert often("days", 31) is (days is not None)
    if hours is not None:
        assert often("hours", hours) is True
        assert hours == 1 or often("hours", hours - 1) is False
    if days is not None:
        assert often("days", days) is True
        assert days == 1 or often("days", days - 1) is False


def test_a_change_of_clocks_makes_no_daily_plan_too_rare(stage):
    """Daily at five in Berlin is every 24 hours, though one day of the year has 25."""
    rule = {"ScheduleExpression": "cron(0 5 ? * * *)", "ScheduleExpressionTimezone": "Europe/Berlin"}
    assert verdict(stage, rule, requiredFrequencyUnit="hours", requiredFrequencyValue="24") is True


def test_a_plan_must_keep_long_enough(stage):
    """35 days are asked where nothing else is; to keep forever is long enough for everything."""
    assert verdict(stage, {"Lifecycle": {"DeleteAfterDays": 35}}) is True
    assert verdict(stage, {"Lifecycle": {"DeleteAfterDays": 34}}) is False
    assert verdict(stage, {"Lifecycle": {"DeleteAfterDays": 34}}, requiredRetentionDays="34") is True
    assert verdict(stage, {}, requiredRetentionDays="36500") is True


def test_one_rule_must_be_both_frequent_and_long(stage):
    """A frequent rule that keeps too short and a long one that is too rare do not add up to a good plan."""
    weekly = {"RuleName": "weekly", "ScheduleExpression": "cron(0 5 ? * SUN *)", "Lifecycle": {"DeleteAfterDays": 365}}
    short = {"RuleName": "short", "Lifecycle": {"DeleteAfterDays": 7}}
    plan = stage.plan(weekly, short)
    assert set(asked(stage, FREQUENT).values()) == {False}
    rules = [{"TargetBackupVaultName": "prod", **rule} for rule in (weekly, short, DAILY)]
    stage.call("UpdateBackupPlan", BackupPlanId=plan, BackupPlan={"BackupPlanName": "plan", "Rules": rules})
    assert set(asked(stage, FREQUENT).values()) == {True}


def test_plans_are_scoped_by_tag_and_by_id(stage):
    """Of the plans those with the tag, or the one with the id, are evaluated, and findings bear their ARNs."""
    made = [
        stage.call(
            "CreateBackupPlan",
            BackupPlan={"BackupPlanName": name, "Rules": [{"TargetBackupVaultName": "prod", **DAILY}]},
            BackupPlanTags={"Stage": name},
        )
        for name in ("prod", "test")
    ]
    arns = [each["BackupPlanArn"] for each in made]
    assert set(asked(stage, FREQUENT)) == set(arns)
    assert set(asked(stage, FREQUENT, {"Tags": {"Stage": "test"}})) == {arns[1]}
    single = {
        "ComplianceResourceTypes": ["AWS::Backup::BackupPlan"],
        "ComplianceResourceIds": [made[0]["BackupPlanId"]],
    }
    assert set(asked(stage, FREQUENT, single)) == {arns[0]}


def test_the_verdict_on_a_plan_changes_with_the_plan_alone(stage):
    """A schedule that ends in 2027 is judged from the day of its plan's version, whenever it is asked."""
    stage.plan({**DAILY, "ScheduleExpression": "cron(0 5 ? * * 2026-2027)"})
    framework(stage, FREQUENT)
    first = found(stage)
    assert set(first.values()) == {True}
    stage.clock.advance(days=300)
    assert found(stage) == first


# Vaults

DENIED = ["backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle", "backup:PutBackupVaultAccessPolicy"]
ADMIN = f"arn:aws:iam::{ACCOUNT}:role/admin"
DENY = {"Effect": "Deny", "Principal": "*", "Action": DENIED, "Resource": "*"}


def guarded(*statements: dict[str, Any], choices: Choices | None = None, **parameters: str) -> bool | None:
    """What the control on vaults says of a vault with this policy, which denies to change it."""
    stage = Stage(choices=choices)
    policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    stage.call("PutBackupVaultAccessPolicy", BackupVaultName="prod", Policy=policy)
    (compliant,) = asked(stage, DELETION, **parameters).values()
    return compliant


def test_a_vault_must_deny_all_that_deletes_by_hand(stage):
    """Deleting, changing a lifecycle and changing the policy must be denied to everyone, on everything."""
    assert asked(stage, DELETION) == {vault_arn("prod"): False}
    assert guarded(DENY) is True
    assert guarded({**DENY, "Principal": {"AWS": "*"}}) is True
    assert guarded({**DENY, "Action": [*DENIED, "backup:DeleteBackupVault"]}) is True
    for missing in DENIED:
        assert guarded({**DENY, "Action": [action for action in DENIED if action != missing]}) is False
    assert guarded({**DENY, "Effect": "Allow"}, choices=Choices(foreign_grants_refused=False)) is False
    assert guarded({**DENY, "Principal": {"AWS": ADMIN}}) is False
    assert guarded({**DENY, "Resource": vault_arn("prod")}) is False
    for element in ("Resource", "Action"):
        turned = {name: value for name, value in DENY.items() if name != element}
        assert guarded({**turned, f"Not{element}": "backup:DescribeBackupVault"}) is False


def test_only_the_named_principals_may_be_excepted():
    """An exception for a role is compliant where the control names it, and only for those that it names."""
    excepting = {**DENY, "Condition": {"ArnNotEquals": {"aws:PrincipalArn": ADMIN}}}
    other = f"arn:aws:iam::{ACCOUNT}:role/other"
    assert guarded(excepting) is False
    assert guarded(excepting, principalArnList=other) is False
    assert guarded(excepting, principalArnList=f"{other}, {ADMIN}") is True
    both = {**DENY, "Condition": {"ArnNotEquals": {"aws:PrincipalArn": [ADMIN, other]}}}
    assert guarded(both, principalArnList=ADMIN) is False
    assert guarded(both, principalArnList=f"{other},{ADMIN}") is True


@pytest.mark.parametrize(
    "condition",
    [
        {"ArnEquals": {"aws:PrincipalArn": ADMIN}},
        {"StringNotEquals": {"aws:userId": ADMIN}},
        {"StringNotEquals": {"aws:PrincipalAccount": "111111111111"}},
    ],
)
def test_a_condition_that_narrows_the_denial_is_not_compliant(condition):
    """A denial under any other condition leaves others free to delete."""
    assert guarded({**DENY, "Condition": condition}, principalArnList=ADMIN) is False


def test_whether_several_statements_may_deny_together_is_a_choice():
    """By default one statement must deny all three; by choice they may be spread over several."""
    apart = [{**DENY, "Action": [action]} for action in DENIED]
    assert guarded(*apart) is False
    assert guarded(*apart, choices=Choices(deletion_denied_by_several_statements=True)) is True


def test_vaults_are_scoped_by_tag_and_by_name(stage):
    """One vault is named by its name; air-gapped vaults are of another type and not evaluated."""
    arn = vault(stage, "default")
    gapped_vault(stage)
    stage.call("TagResource", ResourceArn=arn, Tags={"Stage": "prod"})
    assert set(asked(stage, DELETION)) == {arn, vault_arn("prod")}
    assert set(asked(stage, DELETION, {"Tags": {"Stage": "prod"}})) == {arn}
    single = {"ComplianceResourceTypes": ["AWS::Backup::BackupVault"], "ComplianceResourceIds": ["default"]}
    assert set(asked(stage, DELETION, single)) == {arn}
