"""Coverage against the local service: what is said to be protected is what is backed up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import backupkit as bk

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/backup"
HERE = f"us-east-1:{ACCOUNT}"
# Two kinds of clusters share the shape of their ARNs, and buckets have neither Region nor account.
TYPES = {
    f"arn:aws:dynamodb:{HERE}:table/orders": "DynamoDB",
    f"arn:aws:dynamodb:{HERE}:table/orders-old": "DynamoDB",
    f"arn:aws:ec2:{HERE}:volume/vol-0a": "EBS",
    f"arn:aws:ec2:{HERE}:instance/i-0a": "EC2",
    f"arn:aws:rds:{HERE}:cluster:one": "Aurora",
    f"arn:aws:rds:{HERE}:cluster:two": "Neptune",
    f"arn:aws:rds:{HERE}:db:three": "RDS",
    f"arn:aws:fsx:{HERE}:file-system/fs-0a": "FSx",
    "arn:aws:s3:::logs": "S3",
    f"arn:aws:dynamodb:{HERE}:table/awsbackup-restore-test-orders": "DynamoDB",
}
KEYS = st.sampled_from(["backup", "env", "Env", "awsbackup-restore-test"])
VALUES = st.sampled_from(["daily", "prod", "Prod", "prod-eu", ""])
TAGS = st.dictionaries(KEYS, VALUES, max_size=3)
PATTERNS = st.sampled_from(
    [
        *TYPES,
        "*",
        "arn:aws:ec2:*",
        "arn:aws:ec2:*:*:volume/*",
        "arn:aws:dynamodb:*:*:table/orders*",
        "arn:aws:dynamodb:*:*:*-old",
        "arn:aws:rds:*:*:cluster:*",
        "arn:aws:rds:*",
        "arn:aws:s3:::*",
        "arn:aws:fsx:*:*:file-system/*",
        "arn:aws:*",
        "arn:aws:*:*:*:table/orders",
    ]
)
CONDITION = st.fixed_dictionaries(
    {
        "ConditionKey": KEYS.map("aws:ResourceTag/".__add__) | KEYS,
        "ConditionValue": VALUES | st.sampled_from(["prod*", "*", "*eu"]),
    }
)
OPERATORS = st.sampled_from(["StringEquals", "StringNotEquals", "StringLike", "StringNotLike"])
SELECTIONS = st.fixed_dictionaries(
    {
        "Resources": st.lists(PATTERNS, max_size=3),
        "NotResources": st.lists(PATTERNS, max_size=1),
        "ListOfTags": st.lists(
            st.fixed_dictionaries(
                {"ConditionType": st.just("STRINGEQUALS"), "ConditionKey": KEYS, "ConditionValue": VALUES}
            ),
            max_size=2,
        ),
        "Conditions": st.just({}) | st.dictionaries(OPERATORS, st.lists(CONDITION, min_size=1, max_size=2), max_size=2),
    }
).filter(lambda selection: bool(selection["Resources"] or selection["ListOfTags"]))
# The last never runs again, and of two at once the one that keeps its points longer wins.
RULES = st.lists(
    st.sampled_from(
        [
            ("cron(0 5 ? * * *)", 35),
            ("cron(0 6 ? * * *)", 7),
            ("cron(0 0 1 1 ? 2020)", 99),
        ]
    ),
    min_size=1,
    max_size=2,
    unique=True,
)
PLANS = st.lists(st.tuples(RULES, st.lists(SELECTIONS, min_size=1, max_size=3)), max_size=2)
OPT_INS = st.dictionaries(st.sampled_from(sorted(set(TYPES.values()))), st.booleans(), max_size=5)
WORLDS = st.dictionaries(st.sampled_from(sorted(TYPES)), TAGS, min_size=3, max_size=10)


def stage(world: dict[str, dict[str, str]], opt_ins: dict[str, bool], plans: list[Any]) -> bk.LocalConnection:
    aws = bk.local()
    for arn, tags in world.items():
        aws.resources.add(arn, resource_type=TYPES[arn], tags=tags)
    aws.call("CreateBackupVault", BackupVaultName="prod")
    if opt_ins:
        aws.call("UpdateRegionSettings", ResourceTypeOptInPreference=opt_ins)
    for number, (rules, selections) in enumerate(plans):
        plan_id = aws.call("CreateBackupPlan", BackupPlan=document(f"plan{number}", rules))["BackupPlanId"]
        for place, selection in enumerate(selections):
            body = {"SelectionName": f"selection{place}", "IamRoleArn": ROLE, **selection}
            aws.call("CreateBackupSelection", BackupPlanId=plan_id, BackupSelection=body)
    return aws


def document(name: str, rules: list[tuple[str, int]]) -> dict[str, Any]:
    return {
        "BackupPlanName": name,
        "Rules": [
            {
                "RuleName": f"rule{place}",
                "TargetBackupVaultName": "prod",
                "ScheduleExpression": schedule,
                "Lifecycle": {"DeleteAfterDays": days},
            }
            for place, (schedule, days) in enumerate(rules)
        ],
    }


@settings(deadline=None)
@given(WORLDS, OPT_INS, PLANS)
def test_what_is_said_to_be_protected_is_what_the_plans_back_up(world, opt_ins, plans):
    """Of every resource coverage tells before a plan fires which plans will back it up, and when the first one does."""
    aws = stage(world, opt_ins, plans)
    said = bk.coverage(aws)
    aws.clock.until(datetime(2026, 1, 1, 12, tzinfo=UTC))
    done: dict[str, list[Any]] = {}
    for job in aws.backup_jobs():
        done.setdefault(job.resource_arn, []).append(job)
    assert {row.resource_arn for row in said.protected} == set(done)
    assert not said.unknown
    for row in said:
        jobs = done.get(row.resource_arn, [])
        assert {job.created_by.backup_plan_name for job in jobs} == set(row.plans)
        assert {job.created_by.backup_rule_name for job in jobs} == set(row.rules)
        assert min((job.creation_date for job in jobs), default=None) == row.next_run


@settings(deadline=None)
@given(WORLDS, OPT_INS, PLANS)
def test_why_nothing_protects_a_resource_is_what_would_have_to_be_otherwise(world, opt_ins, plans):
    """Where opt-in, or an exclusion, is said to stand in the way, its going away brings the backup."""
    said = bk.coverage(stage(world, opt_ins, plans))
    all_in = bk.coverage(stage(world, dict.fromkeys(TYPES.values(), True), plans))
    included = [(rules, [{**each, "NotResources": []} for each in selections]) for rules, selections in plans]
    nothing_excluded = bk.coverage(stage(world, opt_ins, included))
    # More than one thing may stand in the way; what is told first is gone then.
    for row in said.unprotected:
        if row.reason == "not opted in":
            then = all_in.row(row.resource_arn)
            assert then.protected or then.reason == "no run"
        elif row.reason == "excluded":
            then = nothing_excluded.row(row.resource_arn)
            assert then.protected or then.reason in {"not opted in", "no run"}


@settings(deadline=None)
@given(WORLDS, OPT_INS, PLANS, st.data())
def test_what_is_not_known_never_counts_as_known(world, opt_ins, plans, data):
    """Without the tags of some resources coverage says less about them, and never anything else."""
    aws = stage(world, opt_ins, plans)
    hidden = data.draw(st.sets(st.sampled_from(sorted(world)))) if world else set()
    typed = [
        {"arn": arn, "resourceType": TYPES[arn], **({} if arn in hidden else {"tags": tags})}
        for arn, tags in world.items()
    ]
    known = {row.resource_arn: row for row in bk.coverage(aws)}
    for entry in typed:
        (row,) = bk.coverage(aws, resources=[entry])
        whole = known[row.resource_arn]
        assert row.status == "unknown" or row.status == whole.status or whole.reason == "restore test"
        if row.resource_arn not in hidden:
            assert row.status == whole.status


@settings(deadline=None, max_examples=20)
@given(st.lists(st.sampled_from([1, 5, 6, 24, 48]), min_size=1, max_size=2), st.integers(60, 600))
def test_no_two_backups_lie_further_apart_than_is_said(hours, window):
    """``rpo_worst`` is the longest time between two runs and the start window, as a plain walk over a year finds it."""
    schedules = {1: "0 *", 5: "0 0/5", 6: "30 0/6", 24: "0 5", 48: "15 7"}
    plans = [
        bk.Plan(
            f"p{number}",
            bk.Rule("daily", "prod", start_window_minutes=window).scheduled(f"cron({schedules[hour]} ? * * *)"),
        ).protecting(bk.Selection("all", ROLE).including("*"))
        for number, hour in enumerate(hours)
    ]
    aws = bk.local()
    (row,) = bk.coverage(aws, plans=plans, resources=["arn:aws:s3:::logs"])
    start = aws.clock.now()
    moments = sorted(
        moment
        for plan in plans
        for moment in plan.rules[0].schedule.between(start + timedelta(seconds=1), start + timedelta(days=365))
    )
    widest = max(later - earlier for earlier, later in pairwise(moments))
    assert row.rpo_worst == widest + timedelta(minutes=window)
