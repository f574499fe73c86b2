"""Answers that others recorded of AWS Backup, or that their programs depend on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from local_stage import ACCOUNT, REGION, Stage, table_arn, vault_arn

from backupkit import errors
from backupkit.catalog import TYPES
from backupkit.emulator.http import App, Request
from backupkit.emulator.kernel.behavior import Choices

TABLE = table_arn("orders")
CLUSTER = f"arn:aws:dsql:{REGION}:{ACCOUNT}:cluster/{'a' * 26}"
UNKNOWN_TYPE = (
    "Element present in resource type opt in preference has invalid values. "
    "Please use describeRegionSettings API to know the supported resource types"
)


def refused(stage: Stage, operation: str, **params: Any) -> tuple[str, str]:
    with pytest.raises(errors.ServiceError) as caught:
        stage.call(operation, **params)
    return caught.value.code, caught.value.message


def over_http(stage: Stage, method: str, path: str, body: object = None) -> tuple[str, dict[str, Any]]:
    """The error's class and the body, as any client of HTTP sees them."""
    sent = b"" if body is None else json.dumps(body).encode()
    said = App(stage.service).answer(Request(method, path, {}, sent))
    return said.error, json.loads(said.body)


def test_a_vault_without_notifications_says_so_in_awss_words() -> None:
    """Steampipe, CloudQuery and others look for this sentence, and for ERROR_2106 in the body."""
    stage = Stage()
    sentence = "Failed reading notifications from database for Backup vault prod"
    asked = {"BackupVaultName": "prod"}
    assert refused(stage, "GetBackupVaultNotifications", **asked) == ("ResourceNotFoundException", sentence)
    told = over_http(stage, "GET", "/backup-vaults/prod/notification-configuration")
    assert told == ("ResourceNotFoundException", {"Code": "ERROR_2106", "Message": sentence})


def test_a_vault_without_a_policy_is_named_by_its_arn() -> None:
    """The sentence has the vault's ARN, not its name."""
    said = f"Backup vault {vault_arn('prod')} has no associated policy"
    answer = refused(Stage(), "GetBackupVaultAccessPolicy", BackupVaultName="prod")
    assert answer == ("ResourceNotFoundException", said)


def test_bodies_carry_a_code_of_aws_backups_own_or_none() -> None:
    """ERROR_nnnn where one was recorded; never the name of the exception, which is in a header."""
    stage = Stage()
    stage.world.add(TABLE)
    stage.back_up(TABLE)
    assert over_http(stage, "DELETE", "/backup-vaults/prod")[1]["Code"] == "ERROR_9101"
    rule = {"RuleName": "r", "TargetBackupVaultName": "prod", "Lifecycle": {"DeleteAfterDays": 0}}
    plan = {"BackupPlan": {"BackupPlanName": "p", "Rules": [rule]}}
    assert over_http(stage, "PUT", "/backup/plans/", plan)[1]["Code"] == "ERROR_3015"
    for method, path, body in (
        ("PUT", "/backup-vaults/prod", {}),
        ("GET", "/backup-vaults/absent", None),
        ("GET", "/backup/plans/absent/", None),
        ("GET", "/backup-vaults/prod/access-policy", None),
    ):
        error, told = over_http(stage, method, path, body)
        assert (error != "", list(told)) == (True, ["Message"])


def test_an_unknown_type_in_the_settings_of_a_region_is_refused_in_awss_words() -> None:
    """Opting in to a type that is not there changes nothing, and says where to look for those that are."""
    stage = Stage()
    before = stage.call("DescribeRegionSettings")
    for name in ("Aurora DSQL", "Lambda", "dynamodb"):
        asked = {"ResourceTypeOptInPreference": {"EBS": False, name: True}}
        assert refused(stage, "UpdateRegionSettings", **asked) == ("InvalidParameterValueException", UNKNOWN_TYPE)
    assert stage.call("DescribeRegionSettings") == before


def test_incremental_backups_are_opted_in_to_for_the_types_that_have_them() -> None:
    """DynamoDB's are off until somebody asks for them; no other type has any, and what is left out stays."""
    stage = Stage()
    told = "ResourceTypeOptInIncremental"
    assert stage.call("DescribeRegionSettings")[told] == {"DynamoDB": False}
    stage.call("UpdateRegionSettings", ResourceTypeOptInIncremental={"DynamoDB": True})
    stage.call("UpdateRegionSettings", ResourceTypeOptInPreference={"EBS": False})
    assert stage.call("DescribeRegionSettings")[told] == {"DynamoDB": True}
    code, _ = refused(stage, "UpdateRegionSettings", ResourceTypeOptInIncremental={"EBS": True})
    assert code == "InvalidParameterValueException"


def test_clusters_of_aurora_dsql_are_of_the_type_dsql() -> None:
    """In the settings of a Region, among the supported types, on points and jobs, and in the catalog."""
    stage = Stage()
    assert "DSQL" in stage.call("DescribeRegionSettings")["ResourceTypeOptInPreference"]
    assert "DSQL" in stage.call("GetSupportedResourceTypes")["ResourceTypes"]
    stage.world.add(CLUSTER)
    assert stage.back_up(CLUSTER)["ResourceType"] == "DSQL"
    assert [point["ResourceType"] for point in stage.points(ByResourceType="DSQL")] == ["DSQL"]
    assert "DSQL" in TYPES


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:ec2:us-east-1::snapshot/snap-03ba1ca215342e331",
        "arn:aws:ec2:us-east-1::image/ami-03ba1ca215342e331",
        f"arn:aws:rds:us-east-1:{ACCOUNT}:snapshot:awsbackup:job-1",
        f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/orders/backup/01704067200000-a1b2c3d4",
        f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:checkout",
    ],
)
def test_points_cannot_be_listed_by_the_arn_of_a_snapshot(arn: str) -> None:
    """ByResourceArn takes what is protected, and neither a point's own ARN nor one of another type."""
    said = ("InvalidParameterValueException", f"Unsupported resource type: {arn}")
    assert refused(Stage(), "ListRecoveryPointsByBackupVault", BackupVaultName="prod", ByResourceArn=arn) == said


def test_points_can_be_listed_by_the_arn_of_each_type() -> None:
    """A resource without points gives an empty list, and one with points gives them."""
    stage = Stage()
    stage.world.add(TABLE)
    stage.back_up(TABLE)
    assert len(stage.points(ByResourceArn=TABLE)) == 1
    assert stage.points(ByResourceArn=CLUSTER) == []


def written(**more: Any) -> str:
    rule = {"RuleName": "daily", "TargetBackupVaultName": "prod", "Lifecycle": {"DeleteAfterDays": 35}}
    return json.dumps({"BackupPlanName": "by-hand", "Rules": [rule], **more})


def test_a_plan_written_by_hand_is_read_as_it_is() -> None:
    """GetBackupPlanFromJSON gives the document back, ready for CreateBackupPlan; a choice takes exported ones alone."""
    plan = Stage().call("GetBackupPlanFromJSON", BackupPlanTemplateJson=written())["BackupPlan"]
    assert plan == json.loads(written())
    strict = Stage(choices=Choices(unsigned_plan_json_accepted=False))
    code, _ = refused(strict, "GetBackupPlanFromJSON", BackupPlanTemplateJson=written())
    assert code == "InvalidRequestException"


@pytest.mark.parametrize(
    "text",
    ["[]", "{}", written(Rules=[]), written(Colour="red"), written(BackupPlanName="no spaces"), written(Signature="x")],
)
def test_a_plan_written_by_hand_that_is_none_is_refused(text: str) -> None:
    """What CreateBackupPlan would refuse is refused here; so is a signature that does not fit."""
    assert refused(Stage(), "GetBackupPlanFromJSON", BackupPlanTemplateJson=text)[0].startswith("Invalid")
