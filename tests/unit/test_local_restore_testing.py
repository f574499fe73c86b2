"""Restore testing in the local AWS Backup: its documents, what it picks, and how a test ends."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from local_stage import ACCOUNT, REGION, ROLE, START, Stage, day, table_arn, vault_arn, when

from backupkit import errors
from backupkit.emulator.kernel.behavior import Choices
from backupkit.emulator.kernel.resource_protocol import WorldError
from backupkit.emulator.resources.session import SessionWorld, private_moto_session
from backupkit.emulator.resources.synthetic import SyntheticWorld
from backupkit.emulator.resources.worlds import Worlds

ORDERS, LEDGER = table_arn("orders"), table_arn("ledger")
VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-0f1e2d3c4b5a69788"
BUCKET = "arn:aws:s3:::photos"
POINTS = {"Algorithm": "LATEST_WITHIN_WINDOW", "IncludeVaults": ["*"], "RecoveryPointTypes": ["SNAPSHOT", "CONTINUOUS"]}
PREFIX = "awsbackup-restore-test-"


@pytest.fixture
def stage():
    return Stage()


def create(stage: Stage, name: str = "weekly", /, points: dict[str, Any] | None = None, **more: Any) -> str:
    document = {
        "RestoreTestingPlanName": name,
        "ScheduleExpression": "cron(0 12 ? * * *)",
        "StartWindowHours": 1,
        "RecoveryPointSelection": {**POINTS, **(points or {})},
        **more,
    }
    arn: str = stage.call("CreateRestoreTestingPlan", RestoreTestingPlan=document)["RestoreTestingPlanArn"]
    return arn


def select(stage: Stage, name: str = "tables", /, plan: str = "weekly", **more: Any) -> None:
    given = {
        "RestoreTestingSelectionName": name,
        "ProtectedResourceType": "DynamoDB",
        "IamRoleArn": ROLE,
        "ValidationWindowHours": 4,
        **more,
    }
    if "ProtectedResourceConditions" not in more:
        given.setdefault("ProtectedResourceArns", ["*"])
    stage.call("CreateRestoreTestingSelection", RestoreTestingPlanName=plan, RestoreTestingSelection=given)


def backed_up(stage: Stage, arn: str = ORDERS, tags: dict[str, str] | None = None, **more: Any) -> str:
    if arn not in stage.world:
        where: dict[str, Any] = {"account_id": ACCOUNT, "region_name": REGION} if arn == BUCKET else {}
        stage.world.add(arn, tags=tags, **where)
    point: str = stage.back_up(arn, **more)["RecoveryPointArn"]
    return point


def drills(stage: Stage, **filters: Any) -> list[dict[str, Any]]:
    return [job for job in stage.every("ListRestoreJobs", "RestoreJobs", **filters) if "CreatedBy" in job]


def run(stage: Stage, hours: float = 14.5) -> list[dict[str, Any]]:
    """Let the schedule of the next noon fire and its tests end."""
    noon = stage.clock.now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(hours=hours)
    stage.clock.until(noon)
    return drills(stage)


def refused(stage: Stage, operation: str, **params: Any) -> str:
    with pytest.raises(errors.ServiceError) as caught:
        stage.call(operation, **params)
    return caught.value.code


def validate(stage: Stage, job: dict[str, Any], status: str = "SUCCESSFUL", **more: Any) -> None:
    stage.call("PutRestoreValidationResult", RestoreJobId=job["RestoreJobId"], ValidationStatus=status, **more)


def seen(stage: Stage, job: dict[str, Any]) -> dict[str, Any]:
    return stage.call("DescribeRestoreJob", RestoreJobId=job["RestoreJobId"])


# Documents


def test_what_a_plan_leaves_out_comes_back_with_the_defaults(stage):
    """A plan reads back with a start window of 24 hours, a selection window of 30 days, UTC and no vault excluded."""
    document = {
        "RestoreTestingPlanName": "weekly",
        "ScheduleExpression": "cron(0 12 ? * * *)",
        "RecoveryPointSelection": POINTS,
    }
    made = stage.call("CreateRestoreTestingPlan", RestoreTestingPlan=document, CreatorRequestId="once")
    got = stage.call("GetRestoreTestingPlan", RestoreTestingPlanName="weekly")["RestoreTestingPlan"]
    assert got == {
        **document,
        "CreationTime": START.timestamp(),
        "RestoreTestingPlanArn": made["RestoreTestingPlanArn"],
        "CreatorRequestId": "once",
        "ScheduleExpressionTimezone": "Etc/UTC",
        "StartWindowHours": 24,
        "RecoveryPointSelection": {**POINTS, "ExcludeVaults": [], "SelectionWindowDays": 30},
    }
    assert made["RestoreTestingPlanArn"].startswith(f"arn:aws:backup:{REGION}:{ACCOUNT}:restore-testing-plan:weekly-")


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"RestoreTestingPlanName": "with-hyphen"}, "InvalidParameterValueException"),
        ({"RestoreTestingPlanName": "n" * 51}, "InvalidParameterValueException"),
        ({"ScheduleExpression": "rate(1 day)"}, "InvalidParameterValueException"),
        ({"ScheduleExpression": "cron(61 * * * ? *)"}, "InvalidParameterValueException"),
        ({"ScheduleExpressionTimezone": "Mars/Olympus"}, "InvalidParameterValueException"),
        ({"StartWindowHours": 0}, "InvalidParameterValueException"),
        ({"StartWindowHours": 169}, "InvalidParameterValueException"),
        ({"points": {"SelectionWindowDays": 0}}, "InvalidParameterValueException"),
        ({"points": {"SelectionWindowDays": 366}}, "InvalidParameterValueException"),
        ({"points": {"Algorithm": "OLDEST"}}, "InvalidParameterValueException"),
        ({"points": {"RecoveryPointTypes": []}}, "MissingParameterValueException"),
        ({"points": {"IncludeVaults": []}}, "MissingParameterValueException"),
        ({"points": {"IncludeVaults": ["prod"]}}, "InvalidParameterValueException"),
        ({"points": {"ExcludeVaults": [vault_arn(f"v{n}") for n in range(31)]}}, "InvalidParameterValueException"),
    ],
    ids=str,
)
def test_a_plan_that_aws_refuses_is_refused(stage, more, code):
    """Names, schedules, windows and the choice of points are held to the ranges of the guide."""
    with pytest.raises(errors.ServiceError) as caught:
        create(stage, **more)
    assert caught.value.code == code
    assert stage.call("ListRestoreTestingPlans")["RestoreTestingPlans"] == []


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"RestoreTestingSelectionName": "with-hyphen"}, "InvalidParameterValueException"),
        ({"ProtectedResourceType": "Timestream"}, "InvalidParameterValueException"),
        ({"IamRoleArn": "backup"}, "InvalidParameterValueException"),
        ({"ValidationWindowHours": 169}, "InvalidParameterValueException"),
        ({"ValidationWindowHours": -1}, "InvalidParameterValueException"),
        ({"ProtectedResourceArns": []}, "MissingParameterValueException"),
        ({"ProtectedResourceArns": ["*", ORDERS]}, "InvalidParameterValueException"),
        ({"ProtectedResourceArns": [table_arn("o*")]}, "InvalidParameterValueException"),
        ({"ProtectedResourceArns": ["orders"]}, "InvalidParameterValueException"),
        ({"ProtectedResourceArns": [table_arn(f"t{n}") for n in range(31)]}, "InvalidParameterValueException"),
        (
            {
                "ProtectedResourceArns": [ORDERS],
                "ProtectedResourceConditions": {"StringEquals": [{"Key": "a", "Value": "b"}]},
            },
            "InvalidParameterValueException",
        ),
        ({"ProtectedResourceConditions": {"StringEquals": []}}, "MissingParameterValueException"),
        (
            {"ProtectedResourceConditions": {"StringEquals": [{"Key": "Env", "Value": "prod*"}]}},
            "InvalidParameterValueException",
        ),
        (
            {"ProtectedResourceConditions": {"StringEquals": [{"Key": "aws:x", "Value": "b"}]}},
            "InvalidParameterValueException",
        ),
        (
            {"ProtectedResourceConditions": {"StringEquals": [{"Key": "a", "Value": "b" * 257}]}},
            "InvalidParameterValueException",
        ),
        (
            {
                "ProtectedResourceConditions": {
                    operator: [{"Key": f"k{number}", "Value": "b"} for number in range(count)]
                    for operator, count in (("StringEquals", 15), ("StringNotEquals", 16))
                }
            },
            "InvalidParameterValueException",
        ),
    ],
    ids=str,
)
def test_a_selection_that_aws_refuses_is_refused(stage, more, code):
    """One type of ten, single ARNs or all of them, and conditions never beside single ARNs."""
    create(stage)
    with pytest.raises(errors.ServiceError) as caught:
        select(stage, **more)
    assert caught.value.code == code


def test_a_selection_reads_back_with_empty_conditions(stage):
    """Both lists of conditions are there where none was given."""
    create(stage)
    select(stage, RestoreMetadataOverrides={"encryptionType": "KMS"})
    got = stage.call(
        "GetRestoreTestingSelection", RestoreTestingPlanName="weekly", RestoreTestingSelectionName="tables"
    )["RestoreTestingSelection"]
    assert got["ProtectedResourceConditions"] == {"StringEquals": [], "StringNotEquals": []}
    assert got["RestoreMetadataOverrides"] == {"encryptionType": "KMS"}
    assert (got["RestoreTestingPlanName"], got["ValidationWindowHours"]) == ("weekly", 4)


def test_an_update_of_a_plan_keeps_what_it_does_not_name(stage):
    """Members that are left out stay; a choice of points that is given replaces the one before."""
    create(stage, points={"SelectionWindowDays": 7})
    named = {"RestoreTestingPlanName": "weekly"}
    stage.clock.advance(hours=1)
    stage.call("UpdateRestoreTestingPlan", **named, RestoreTestingPlan={"StartWindowHours": 2})
    got = stage.call("GetRestoreTestingPlan", **named)["RestoreTestingPlan"]
    assert (got["StartWindowHours"], got["ScheduleExpression"]) == (2, "cron(0 12 ? * * *)")
    assert got["RecoveryPointSelection"]["SelectionWindowDays"] == 7
    assert when(got["LastUpdateTime"]) == START + timedelta(hours=1)
    stage.call("UpdateRestoreTestingPlan", **named, RestoreTestingPlan={"RecoveryPointSelection": POINTS})
    got = stage.call("GetRestoreTestingPlan", **named)["RestoreTestingPlan"]
    assert got["RecoveryPointSelection"]["SelectionWindowDays"] == 30


def test_a_choice_merges_the_points_of_an_update():
    """Nothing tells how deep an update merges, so the other reading is a switch away."""
    stage = Stage(choices=Choices(restore_testing_update_merges_points=True))
    create(stage, points={"SelectionWindowDays": 7})
    named = {"RestoreTestingPlanName": "weekly"}
    change = {"RecoveryPointSelection": {"Algorithm": "RANDOM_WITHIN_WINDOW"}}
    stage.call("UpdateRestoreTestingPlan", **named, RestoreTestingPlan=change)
    got = stage.call("GetRestoreTestingPlan", **named)["RestoreTestingPlan"]["RecoveryPointSelection"]
    assert (got["Algorithm"], got["SelectionWindowDays"]) == ("RANDOM_WITHIN_WINDOW", 7)


def test_a_selection_of_single_resources_takes_conditions_only_with_a_wildcard(stage):
    """To move from ARNs to conditions, an update gives both."""
    create(stage)
    select(stage, ProtectedResourceArns=[ORDERS])
    named = {"RestoreTestingPlanName": "weekly", "RestoreTestingSelectionName": "tables"}
    conditions = {"ProtectedResourceConditions": {"StringEquals": [{"Key": "aws:ResourceTag/a", "Value": "b"}]}}
    code = refused(stage, "UpdateRestoreTestingSelection", **named, RestoreTestingSelection=conditions)
    assert code == "InvalidParameterValueException"
    both = {**conditions, "ProtectedResourceArns": ["*"]}
    stage.call("UpdateRestoreTestingSelection", **named, RestoreTestingSelection=both)
    got = stage.call("GetRestoreTestingSelection", **named)["RestoreTestingSelection"]
    assert (got["ProtectedResourceArns"], got["IamRoleArn"], got["ValidationWindowHours"]) == (["*"], ROLE, 4)


def test_the_same_request_makes_one_plan_and_one_selection(stage):
    """A repeated CreatorRequestId answers what it made; the name alone is refused the second time."""
    document = {
        "RestoreTestingPlanName": "weekly",
        "ScheduleExpression": "cron(0 12 ? * * *)",
        "RecoveryPointSelection": POINTS,
    }
    once = {"RestoreTestingPlan": document, "CreatorRequestId": "once"}
    assert stage.call("CreateRestoreTestingPlan", **once) == stage.call("CreateRestoreTestingPlan", **once)
    assert refused(stage, "CreateRestoreTestingPlan", RestoreTestingPlan=document) == "AlreadyExistsException"
    chosen = {
        "RestoreTestingSelectionName": "s",
        "ProtectedResourceType": "EBS",
        "IamRoleArn": ROLE,
        "ProtectedResourceArns": ["*"],
    }
    asked = {"RestoreTestingPlanName": "weekly", "RestoreTestingSelection": chosen}
    made = [stage.call("CreateRestoreTestingSelection", **asked, CreatorRequestId="once") for _ in range(2)]
    assert made[0] == made[1]
    assert refused(stage, "CreateRestoreTestingSelection", **asked) == "AlreadyExistsException"


def test_a_plan_with_selections_is_not_deleted(stage):
    """Selections go first; a plan that is not there may be deleted, unless the choice says otherwise."""
    create(stage)
    select(stage)
    named = {"RestoreTestingPlanName": "weekly"}
    assert refused(stage, "DeleteRestoreTestingPlan", **named) == "InvalidRequestException"
    stage.call("DeleteRestoreTestingSelection", **named, RestoreTestingSelectionName="tables")
    gone = {**named, "RestoreTestingSelectionName": "tables"}
    assert refused(stage, "DeleteRestoreTestingSelection", **gone) == "ResourceNotFoundException"
    stage.call("DeleteRestoreTestingPlan", **named)
    stage.call("DeleteRestoreTestingPlan", **named)
    assert refused(stage, "GetRestoreTestingPlan", **named) == "ResourceNotFoundException"
    strict = Stage(choices=Choices(absent_restore_testing_plan_deletes=False))
    assert refused(strict, "DeleteRestoreTestingPlan", **named) == "ResourceNotFoundException"


def test_plans_and_selections_come_in_pages(stage):
    """Every plan and selection is listed once, however small the page."""
    for name in ("a", "b", "c"):
        create(stage, name)
        select(stage, f"in_{name}", plan="a")
    plans = stage.every("ListRestoreTestingPlans", "RestoreTestingPlans", MaxResults=1)
    assert [plan["RestoreTestingPlanName"] for plan in plans] == ["a", "b", "c"]
    found = stage.every(
        "ListRestoreTestingSelections", "RestoreTestingSelections", RestoreTestingPlanName="a", MaxResults=2
    )
    assert [one["RestoreTestingSelectionName"] for one in found] == ["in_a", "in_b", "in_c"]


def test_quotas_are_100_plans_and_30_selections(stage):
    """The guide's quotas hold."""
    for number in range(100):
        create(stage, f"p{number}")
    with pytest.raises(errors.LimitError):
        create(stage, "one_more")
    for number in range(30):
        select(stage, f"s{number}", plan="p0")
    with pytest.raises(errors.LimitError):
        select(stage, "one_more", plan="p0")


def test_a_plan_is_tagged_like_all_others(stage):
    """TagResource and ListTags take the ARN of a restore testing plan."""
    arn = create(stage)
    stage.call("TagResource", ResourceArn=arn, Tags={"Team": "platform"})
    assert stage.call("ListTags", ResourceArn=arn)["Tags"] == {"Team": "platform"}


# Runs


def test_each_resource_is_restored_once_in_the_start_window(stage):
    """At the schedule, in its zone, each resource gets one restore job at a moment of the start window."""
    for arn in (ORDERS, LEDGER):
        backed_up(stage, arn)
        backed_up(stage, arn)
    arn = create(stage, ScheduleExpressionTimezone="Asia/Tokyo", StartWindowHours=3)
    select(stage)
    stage.clock.until(START + timedelta(hours=2, minutes=59))
    assert drills(stage) == []
    stage.clock.until(START + timedelta(hours=6))
    jobs = drills(stage, ByRestoreTestingPlanArn=arn)
    assert sorted(job["SourceResourceArn"] for job in jobs) == [LEDGER, ORDERS]
    assert all(timedelta(hours=3) <= when(job["CreationDate"]) - START <= timedelta(hours=6) for job in jobs)
    assert {job["CreatedBy"]["RestoreTestingPlanArn"] for job in jobs} == {arn}
    assert drills(stage, ByRestoreTestingPlanArn=f"{arn}x") == []
    plan = stage.call("GetRestoreTestingPlan", RestoreTestingPlanName="weekly")["RestoreTestingPlan"]
    assert when(plan["LastExecutionTime"]) == START + timedelta(hours=3)


def test_a_test_restores_to_a_marked_resource_that_no_plan_backs_up(stage):
    """The restored resource is named and tagged, and backup plans pass it over."""
    backed_up(stage)
    create(stage)
    select(stage, ValidationWindowHours=168)
    [job] = run(stage)
    made = job["CreatedResourceArn"]
    assert made.startswith(table_arn(PREFIX))
    assert "awsbackup-restore-test" in stage.world[made].tags
    assert stage.world[made].contents == stage.world[ORDERS].contents
    stage.plan({"RuleName": "daily", "ScheduleExpression": "cron(0 17 ? * * *)"})
    stage.clock.advance(days=1)
    assert {backup["ResourceArn"] for backup in stage.jobs()} == {ORDERS}


def test_latest_within_window_takes_the_newest_point(stage):
    """The newest point that is not an older than the window at the moment of the test is restored."""
    backed_up(stage)
    stage.clock.advance(days=1)
    newest = backed_up(stage)
    create(stage, points={"SelectionWindowDays": 1})
    select(stage)
    [job] = run(stage)
    assert job["RecoveryPointArn"] == newest
    stage.clock.advance(days=3)
    assert {job["RecoveryPointArn"] for job in drills(stage)} == {newest}
    assert len(drills(stage)) == 1


def test_random_within_window_takes_any_point_of_the_window_and_the_same_each_time():
    """Over many runs more than one point is restored, none outside the window, and a rerun repeats them."""

    def story() -> tuple[list[str], list[str]]:
        stage = Stage()
        points = []
        for _ in range(4):
            points.append(backed_up(stage))
            stage.clock.until(stage.clock.now().replace(hour=0, minute=0) + day(1))
        create(stage, points={"Algorithm": "RANDOM_WITHIN_WINDOW", "SelectionWindowDays": 30})
        select(stage)
        stage.clock.advance(days=12)
        return points, [job["RecoveryPointArn"] for job in drills(stage)]

    points, chosen = story()
    assert len(chosen) == 12
    assert 1 < len(set(chosen)) <= len(points)
    assert set(chosen) <= set(points)
    assert story() == (points, chosen)


def test_only_points_of_included_and_not_excluded_vaults_are_tested(stage):
    """Vaults are named by ARN, with wildcards, or all; exclusion wins."""
    for name in ("team-a", "team-b", "other"):
        stage.call("CreateBackupVault", BackupVaultName=name)
    made = {name: backed_up(stage, BackupVaultName=name) for name in ("team-a", "team-b", "other")}
    included = ["arn:aws:backup:*:*:backup-vault:team-*"]
    create(stage, points={"IncludeVaults": included, "ExcludeVaults": [vault_arn("team-b")]})
    select(stage)
    [job] = run(stage)
    assert job["RecoveryPointArn"] == made["team-a"]


def test_conditions_ask_the_tags_of_the_latest_point(stage):
    """What counts are the tags of the newest point, not those of the resource; keys may be bare."""
    backed_up(stage, ORDERS, {"Env": "prod"})
    backed_up(stage, LEDGER, {"Env": "prod"})
    stage.world.tag(LEDGER, Env="test")
    backed_up(stage, LEDGER)
    stage.world.tag(ORDERS, Env="test")
    create(stage)
    for name, key in (("full", "aws:ResourceTag/Env"), ("bare", "Env")):
        select(stage, name, ProtectedResourceConditions={"StringEquals": [{"Key": key, "Value": "prod"}]})
    select(stage, "negative", ProtectedResourceConditions={"StringNotEquals": [{"Key": "Env", "Value": "prod"}]})
    sources = [job["SourceResourceArn"] for job in run(stage)]
    assert sorted(sources) == [LEDGER, ORDERS, ORDERS]


def test_a_selection_tests_its_type_and_its_resources_alone(stage):
    """Other types and resources that are not named are left alone."""
    for arn in (ORDERS, LEDGER, VOLUME):
        backed_up(stage, arn)
    create(stage)
    select(stage, ProtectedResourceArns=[LEDGER])
    select(stage, "volumes", ProtectedResourceType="EBS")
    assert sorted(job["SourceResourceArn"] for job in run(stage)) == sorted([LEDGER, VOLUME])


def test_snapshots_and_continuous_points_are_told_apart(stage):
    """A plan for continuous points restores those, an S3 bucket at a moment that the metadata names."""
    stage.world.add(BUCKET, account_id=ACCOUNT, region_name=REGION)
    stage.plan({"RuleName": "pitr", "EnableContinuousBackup": True, "Lifecycle": {"DeleteAfterDays": 35}})
    stage.clock.until(START + timedelta(hours=9))
    for name, kind in (("snapshots", "SNAPSHOT"), ("latest", "CONTINUOUS"), ("random", "CONTINUOUS")):
        algorithm = "RANDOM_WITHIN_WINDOW" if name == "random" else "LATEST_WITHIN_WINDOW"
        create(stage, name, points={"Algorithm": algorithm, "RecoveryPointTypes": [kind]})
        select(stage, plan=name, ProtectedResourceType="S3")
    jobs = run(stage)
    assert [job["Status"] for job in jobs] == ["COMPLETED", "COMPLETED"]
    assert all(job["CreatedResourceArn"].startswith(f"arn:aws:s3:::{PREFIX}") for job in jobs)
    metadata = [stage.call("GetRestoreJobMetadata", RestoreJobId=job["RestoreJobId"])["Metadata"] for job in jobs]
    assert all("RestoreTime" in each for each in metadata)


def test_a_selection_that_is_deleted_tests_no_more(stage):
    """Tests that were drawn and have not started go with their selection."""
    backed_up(stage)
    create(stage, StartWindowHours=168)
    select(stage)
    stage.clock.until(START + timedelta(hours=12, seconds=1))
    stage.call("DeleteRestoreTestingSelection", RestoreTestingPlanName="weekly", RestoreTestingSelectionName="tables")
    stage.call("DeleteRestoreTestingPlan", RestoreTestingPlanName="weekly")
    stage.clock.advance(days=9)
    assert drills(stage) == []


def test_an_update_of_the_schedule_counts_from_then_on(stage):
    """The old time no longer fires."""
    backed_up(stage)
    create(stage)
    select(stage)
    change = {"ScheduleExpression": "cron(0 20 ? * * *)"}
    stage.call("UpdateRestoreTestingPlan", RestoreTestingPlanName="weekly", RestoreTestingPlan=change)
    assert run(stage, 19.9) == []
    assert len(run(stage, 22)) == 1


TYPES = {
    "Aurora": f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:main",
    "DocumentDB": f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:docs",
    "DynamoDB": ORDERS,
    "EBS": VOLUME,
    "EC2": f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-0f1e2d3c4b5a69788",
    "EFS": f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-0f1e2d3c4b5a69788",
    "FSx": f"arn:aws:fsx:{REGION}:{ACCOUNT}:file-system/fs-1f1e2d3c4b5a69788",
    "Neptune": f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:graph",
    "RDS": f"arn:aws:rds:{REGION}:{ACCOUNT}:db:main",
    "S3": BUCKET,
}


@pytest.mark.parametrize("kind", TYPES)
def test_every_type_of_restore_testing_is_restored_marked_and_deleted(stage, kind):
    """Each of the ten types is restored with its inferred metadata, and goes at the end; the source stays.

    A file system of FSx needs the override that the guide marks as required.
    """
    where: dict[str, Any] = {"account_id": ACCOUNT, "region_name": REGION} if kind == "S3" else {}
    stage.world.add(TYPES[kind], resource_type=kind, **where)
    backed_up(stage, TYPES[kind])
    create(stage)
    overrides = {"RestoreMetadataOverrides": {"subnetIds": '["subnet-1"]'}} if kind == "FSx" else {}
    select(stage, ProtectedResourceType=kind, **overrides)
    [job] = run(stage)
    assert (job["Status"], job["ResourceType"]) == ("COMPLETED", kind)
    assert "awsbackup-restore-test" in stage.world[job["CreatedResourceArn"]].tags
    stage.clock.advance(hours=5)
    assert drills(stage)[-1]["DeletionStatus"] == "SUCCESSFUL"
    assert [resource.arn for resource in stage.world] == [TYPES[kind]]


# Metadata


def test_inferred_metadata_is_that_of_the_guide(stage):
    """GetRestoreTestingInferredMetadata tells the documented values, the same each time."""
    expected = {
        ORDERS: {"deletionProtection": "false", "encryptionType": "Default"},
        VOLUME: {"encrypted": "true"},
        BUCKET: {"encrypted": "true", "encryptionType": "SSE-S3", "newBucket": "true"},
    }
    for arn, values in expected.items():
        point = backed_up(stage, arn)
        asked = {"BackupVaultName": "prod", "RecoveryPointArn": point}
        got = stage.call("GetRestoreTestingInferredMetadata", **asked)["InferredMetadata"]
        assert got.items() >= values.items()
        assert all(value.startswith(PREFIX) for key, value in got.items() if key.casefold().endswith("name"))
        assert stage.call("GetRestoreTestingInferredMetadata", **asked)["InferredMetadata"] == got


def test_metadata_is_inferred_for_the_kind_of_resource(stage):
    """Clusters of RDS are restored as clusters are, and volumes of ONTAP under a name with underscores."""
    cluster = f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:main"
    volume = f"arn:aws:fsx:{REGION}:{ACCOUNT}:volume/fs-0123456789abcdef0/fsvol-0123456789abcdef0"
    stage.world.add(cluster, resource_type="RDS")
    stage.world.add(volume)
    inferred = {}
    for arn in (cluster, volume):
        asked = {"BackupVaultName": "prod", "RecoveryPointArn": stage.back_up(arn)["RecoveryPointArn"]}
        inferred[arn] = stage.call("GetRestoreTestingInferredMetadata", **asked)["InferredMetadata"]
    assert inferred[cluster].keys() == {"availabilityZones", "dbClusterIdentifier"}
    assert inferred[volume]["name"].startswith("awsbackup_restore_test_")


def test_nothing_is_inferred_for_a_type_that_is_not_tested(stage):
    """Restore testing has ten types; a point of another one is refused."""
    point = backed_up(stage, f"arn:aws:timestream:{REGION}:{ACCOUNT}:database/metrics/table/cpu")
    asked = {"BackupVaultName": "prod", "RecoveryPointArn": point}
    assert refused(stage, "GetRestoreTestingInferredMetadata", **asked) == "InvalidParameterValueException"


def test_overrides_take_the_place_of_what_is_inferred_without_case(stage):
    """An override wins over the inferred value whatever its case."""
    backed_up(stage)
    create(stage)
    select(stage, RestoreMetadataOverrides={"ENCRYPTIONTYPE": "KMS", "kmsMasterKeyArn": "arn:aws:kms:key"})
    [job] = run(stage)
    metadata = stage.call("GetRestoreJobMetadata", RestoreJobId=job["RestoreJobId"])["Metadata"]
    assert metadata["ENCRYPTIONTYPE"] == "KMS"
    assert "encryptionType" not in metadata


def test_no_override_names_the_target(stage):
    """A test never restores under a name of the caller's, so that its clean-up deletes nothing of the caller's."""
    backed_up(stage)
    create(stage)
    select(stage, RestoreMetadataOverrides={"TargetTableName": "ledger"}, ValidationWindowHours=0)
    [job] = run(stage)
    assert job["CreatedResourceArn"].startswith(table_arn(PREFIX))
    strict = Stage(choices=Choices(restore_testing_overrides_checked=True))
    backed_up(strict)
    create(strict)
    select(strict, RestoreMetadataOverrides={"TargetTableName": "ledger"})
    [job] = run(strict)
    assert (job["Status"], "CreatedResourceArn" in job) == ("FAILED", False)
    assert "TargetTableName" in job["StatusMessage"]


def test_a_role_that_is_gone_fails_the_test(stage):
    """The test shows what a real restore would run into, and there is nothing to clean up."""
    backed_up(stage)
    create(stage)
    select(stage)
    stage.service.faults.deny(ROLE)
    [job] = run(stage)
    assert (job["Status"], "DeletionStatus" in job) == ("FAILED", False)
    assert refused_result(stage, job) == "InvalidRequestException"


# Validation and clean-up


def refused_result(stage: Stage, job: dict[str, Any]) -> str:
    return refused(stage, "PutRestoreValidationResult", RestoreJobId=job["RestoreJobId"], ValidationStatus="FAILED")


def drilled(stage: Stage, **more: Any) -> dict[str, Any]:
    backed_up(stage)
    create(stage)
    select(stage, **more)
    [job] = run(stage)
    assert job["Status"] == "COMPLETED"
    return job


def test_a_result_is_told_once_and_then_the_resource_is_deleted(stage):
    """After the result the clean-up begins, and neither can be changed; the source stays."""
    job = drilled(stage)
    assert job["CreatedResourceArn"] in stage.world
    validate(stage, job, "FAILED", ValidationStatusMessage="rows are missing")
    now = seen(stage, job)
    assert (now["ValidationStatus"], now["ValidationStatusMessage"]) == ("FAILED", "rows are missing")
    assert now["DeletionStatus"] == "DELETING"
    assert refused_result(stage, job) == "InvalidRequestException"
    stage.clock.advance(minutes=5)
    assert seen(stage, job)["DeletionStatus"] == "SUCCESSFUL"
    assert (job["CreatedResourceArn"] in stage.world, ORDERS in stage.world) == (False, True)
    stage.clock.advance(hours=5)
    assert seen(stage, job)["ValidationStatus"] == "FAILED"


def test_without_a_result_the_window_times_out(stage):
    """After ValidationWindowHours the validation is TIMED_OUT, the resource goes, and results come too late."""
    job = drilled(stage)
    ends = when(job["CompletionDate"]) + timedelta(hours=4)
    stage.clock.until(ends - timedelta(seconds=1))
    assert "DeletionStatus" not in seen(stage, job)
    stage.clock.advance(minutes=5)
    now = seen(stage, job)
    assert (now["ValidationStatus"], now["DeletionStatus"]) == ("TIMED_OUT", "SUCCESSFUL")
    assert refused_result(stage, job) == "InvalidRequestException"
    assert job["CreatedResourceArn"] not in stage.world


@pytest.mark.parametrize("world", [SyntheticWorld, Worlds])
def test_without_a_window_the_resource_goes_at_once(world):
    """ValidationWindowHours 0 deletes right after the test, without a validation status."""
    stage = Stage(world())
    job = drilled(stage, ValidationWindowHours=0)
    assert job["CreatedResourceArn"] not in stage.world
    assert (job["DeletionStatus"], "ValidationStatus" in job) == ("SUCCESSFUL", False)
    assert refused_result(stage, job) == "InvalidRequestException"


def test_validating_may_be_followed_by_the_result(stage):
    """VALIDATING deletes nothing and is not a last word, unless the choice says so."""
    job = drilled(stage)
    validate(stage, job, "VALIDATING")
    assert "DeletionStatus" not in seen(stage, job)
    validate(stage, job)
    assert seen(stage, job)["ValidationStatus"] == "SUCCESSFUL"
    strict = Stage(choices=Choices(validating_is_final=True))
    job = drilled(strict)
    validate(strict, job, "VALIDATING")
    assert refused_result(strict, job) == "InvalidRequestException"
    strict.clock.advance(hours=5)
    now = seen(strict, job)
    assert (now["ValidationStatus"], now["DeletionStatus"]) == ("VALIDATING", "SUCCESSFUL")


def test_only_restore_tests_are_validated(stage):
    """A restore that the caller started takes no result, and is never cleaned up."""
    job = stage.restore(backed_up(stage), {"targetTableName": f"{PREFIX}mine"})
    assert refused_result(stage, job) == "InvalidRequestException"
    stage.clock.advance(days=10)
    assert job["CreatedResourceArn"] in stage.world
    absent = {"RestoreJobId": "ABSENT"}
    assert refused_result(stage, absent) == "ResourceNotFoundException"


def test_a_resource_that_is_gone_already_is_no_failure(stage):
    """Whoever deletes the restored resource by hand leaves nothing to do."""
    job = drilled(stage)
    stage.world.remove(job["CreatedResourceArn"])
    validate(stage, job)
    stage.clock.advance(minutes=5)
    assert seen(stage, job)["DeletionStatus"] == "SUCCESSFUL"


def test_what_a_test_did_not_make_is_not_deleted_in_its_place(stage):
    """A volume that took the place of the restored one stays, and the test says why its deletion FAILED."""
    create(stage)
    select(stage, "volumes", ProtectedResourceType="EBS")
    backed_up(stage, VOLUME)
    [job] = run(stage)
    made = seen(stage, job)["CreatedResourceArn"]
    stage.world.remove(made)
    stage.world.add(made)
    stage.clock.advance(hours=5)
    told = seen(stage, job)
    assert told["DeletionStatus"] == "FAILED"
    assert "was not made by a restore test" in told["DeletionStatusMessage"]
    assert made in stage.world


def test_a_snapshot_keeps_plans_tests_and_windows(stage):
    """A test that waits for its result goes on after a snapshot was put back."""
    job = drilled(stage)
    before = stage.service.save_state()
    stage.clock.advance(days=2)
    stage.service.load_state(before)
    assert job["CreatedResourceArn"] in stage.world
    stage.clock.advance(hours=5)
    assert seen(stage, job)["ValidationStatus"] == "TIMED_OUT"
    stage.clock.advance(days=1)
    assert len(drills(stage)) == 2


# Real resources


@pytest.mark.slow
def test_a_real_table_is_restored_compared_and_deleted():
    """Behind a session the test's table really is there with its items, and really is gone after the result."""
    session = private_moto_session(REGION)
    stage, client = Stage(Worlds(SessionWorld(session))), session.client("dynamodb")
    name = f"orders-{uuid.uuid4().hex}"
    client.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for number in range(3):
        client.put_item(TableName=name, Item={"id": {"S": str(number)}})
    assert stage.back_up(table_arn(name))["State"] == "COMPLETED"
    create(stage)
    select(stage, ProtectedResourceArns=[table_arn(name)])
    [job] = run(stage)
    made = job["CreatedResourceArn"].rpartition("/")[2]
    assert client.scan(TableName=made)["Items"] == client.scan(TableName=name)["Items"]
    validate(stage, job)
    stage.clock.advance(minutes=5)
    assert seen(stage, job)["DeletionStatus"] == "SUCCESSFUL"
    names = client.list_tables()["TableNames"]
    assert (made in names, name in names) == (False, True)


@pytest.mark.slow
def test_a_real_bucket_is_restored_tagged_emptied_and_deleted():
    """Buckets with versions and delete markers go whole, and only those that the test made."""
    session = private_moto_session(REGION)
    stage, client = Stage(Worlds(SessionWorld(session))), session.client("s3")
    name = f"photos-{uuid.uuid4().hex}"
    client.create_bucket(Bucket=name)
    client.put_object(Bucket=name, Key="a", Body=b"first")
    assert stage.back_up(f"arn:aws:s3:::{name}")["State"] == "COMPLETED"
    create(stage)
    select(stage, ProtectedResourceType="S3", ProtectedResourceArns=[f"arn:aws:s3:::{name}"])
    [job] = run(stage)
    made = job["CreatedResourceArn"].removeprefix("arn:aws:s3:::")
    assert client.get_object(Bucket=made, Key="a")["Body"].read() == b"first"
    assert client.get_bucket_tagging(Bucket=made)["TagSet"][0]["Key"] == "awsbackup-restore-test"
    client.put_object(Bucket=made, Key="a", Body=b"again")
    client.delete_object(Bucket=made, Key="a")
    validate(stage, job)
    stage.clock.advance(minutes=5)
    assert seen(stage, job)["DeletionStatus"] == "SUCCESSFUL"
    buckets = {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}
    assert (made in buckets, name in buckets) == (False, True)


@pytest.mark.parametrize("kind", ["table", "bucket", "synthetic"])
def test_no_world_deletes_what_no_restore_test_made(kind):
    """A resource of another name stays, whoever asks; the refusal says why."""
    session, name = private_moto_session(REGION), f"mine-{uuid.uuid4().hex}"
    stage = Stage(Worlds(SessionWorld(session, account_id=ACCOUNT)))
    arn = f"arn:aws:s3:::{name}" if kind == "bucket" else table_arn(name)
    if kind == "table":
        session.client("dynamodb").create_table(
            TableName=name,
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
    elif kind == "bucket":
        session.client("s3").create_bucket(Bucket=name)
    else:
        stage.world.add(arn)
    with pytest.raises(WorldError, match="not made by a restore test"):
        stage.world.discard(arn, ACCOUNT, REGION)
    assert stage.world.find(arn, ACCOUNT, REGION) is not None


def test_an_existing_bucket_is_no_target_of_a_test(stage):
    """Where the bucket of a test is there already, the test fails and the bucket stays."""
    backed_up(stage, BUCKET)
    create(stage, StartWindowHours=1)
    select(stage, ProtectedResourceType="S3")
    before = stage.service.save_state()
    [job] = run(stage)
    taken = job["CreatedResourceArn"]
    stage.service.load_state(before)
    stage.world.add(taken, account_id=ACCOUNT, region_name=REGION)
    [again] = run(stage)
    assert (again["Status"], again["StatusMessage"]) == ("FAILED", f"Bucket {taken[13:]} already exists")
    stage.clock.advance(hours=6)
    assert taken in stage.world
