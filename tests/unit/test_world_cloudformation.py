from __future__ import annotations

import json
from typing import Any

import pytest
from world_stage import SessionStage, fresh

from backupkit.emulator.kernel.resource_protocol import WorldError
from backupkit.emulator.resources.session import private_moto_session

pytest.importorskip("moto.cloudformation.models", reason="needs moto[cloudformation]", exc_type=ImportError)

TEMPLATE = {
    "Parameters": {"Name": {"Type": "String"}, "Secret": {"Type": "String", "NoEcho": True, "Default": "x"}},
    "Resources": {
        "Orders": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "TableName": {"Ref": "Name"},
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "BillingMode": "PAY_PER_REQUEST",
            },
        },
        "Photos": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Ref": "Name"}}},
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Ref": "Name"}}},
    },
}


@pytest.fixture(scope="module")
def session() -> Any:
    return private_moto_session("us-east-1")


@pytest.fixture
def stage(session: Any) -> SessionStage:
    return SessionStage(session, "CloudFormation", "DynamoDB", "S3")


# moto hides a parameter only where its value is its name.
VALUES = {"Secret": "Secret"}


def make(session: Any, name: str, template: Any = None) -> str:
    arn: str = session.client("cloudformation").create_stack(
        StackName=name,
        TemplateBody=json.dumps(template or TEMPLATE),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in {"Name": name, **VALUES}.items()],
        Tags=[{"Key": "Backup", "Value": "daily"}],
    )["StackId"]
    return arn


def children(stage: SessionStage, arn: str) -> dict[str, dict[str, Any]]:
    """The nested points by their logical ids; the template under an empty name."""
    found = stage.points("prod", ByParentRecoveryPointArn=stage.point_of(arn))
    return {point.get("CompositeMemberIdentifier", ""): point for point in found}


def change(name: str, **more: Any) -> dict[str, str]:
    parameters = json.dumps({"Name": name, "Secret": "other"})
    return {"StackName": name, "ChangeSetName": "restore", "StackParameters": parameters} | more


def test_a_stack_is_backed_up_with_what_it_is_made_of(session: Any, stage: SessionStage) -> None:
    """Its table and its bucket are points of their own below it; a queue, which AWS Backup does not know, is none."""
    name = fresh("shop")
    found = children(stage, make(session, name))
    assert {key.rpartition("/")[2]: point["ResourceType"] for key, point in found.items()} == {
        "": "CloudFormation",
        "Orders": "DynamoDB",
        "Photos": "S3",
    }


def test_a_lost_stack_comes_back_as_a_change_set_that_can_be_executed(session: Any, stage: SessionStage) -> None:
    """The new stack is under review, with the source's template and the parameters of the metadata."""
    client, name = session.client("cloudformation"), fresh("shop")
    arn = make(session, name)
    template = children(stage, arn)[""]["RecoveryPointArn"]
    client.delete_stack(StackName=arn)
    assert stage.seen(arn) is None
    later = stage.later(session, "CloudFormation")
    made = later.restored(template, change(f"{name}-r"), CopySourceTagsToRestoredResource=True)
    (told,) = client.describe_stacks(StackName=made)["Stacks"]
    assert (told["StackStatus"], told["Tags"]) == ("REVIEW_IN_PROGRESS", [{"Key": "Backup", "Value": "daily"}])
    client.execute_change_set(ChangeSetName="restore", StackName=f"{name}-r")
    assert json.loads(json.dumps(client.get_template(StackName=f"{name}-r")["TemplateBody"])) == TEMPLATE
    assert session.client("dynamodb").describe_table(TableName=f"{name}-r")["Table"]["TableStatus"] == "ACTIVE"


def test_wrong_metadata_is_refused(session: Any, stage: SessionStage) -> None:
    """What is missing, taken, unknown or hidden is named, with a way out."""
    name = fresh("shop")
    point = children(stage, make(session, name))[""]["RecoveryPointArn"]
    assert "StackName is required" in stage.refusal(point, {"ChangeSetName": "c"})
    assert "ChangeSetName is required" in stage.refusal(point, {"StackName": fresh("s")})
    assert "give another StackName" in stage.refusal(point, change(name))
    assert "does not take TemplateBody" in stage.refusal(point, change(fresh("s"), TemplateBody="{}"))
    hidden = {"StackName": fresh("s"), "ChangeSetName": "c"}
    assert "parameter Secret; give it in StackParameters" in stage.refusal(point, hidden)
    assert "StackParameters is not a JSON object" in stage.refusal(point, change(fresh("s"), StackParameters="[1]"))


def test_stacks_are_listed_with_their_tags_and_never_discarded(session: Any, stage: SessionStage) -> None:
    """Restore testing does not have CloudFormation, so no stack is one that it made."""
    arn = make(session, fresh("shop"))
    seen = stage.seen(arn)
    assert seen is not None
    assert (seen.resource_type, dict(seen.tags)) == ("CloudFormation", {"Backup": "daily"})
    with pytest.raises(WorldError, match="not made by a restore test"):
        stage.discard(arn)
