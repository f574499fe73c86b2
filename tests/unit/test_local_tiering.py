"""Tiering configurations of the local AWS Backup: what is taken, what is refused, and what is free again."""

from __future__ import annotations

from typing import Any

import pytest
from local_stage import Stage

from backupkit import errors
from backupkit.emulator.kernel.behavior import Choices


@pytest.fixture
def stage():
    return Stage()


def bucket(name: str) -> str:
    return f"arn:aws:s3:::{name}"


def chosen(*resources: str, days: int = 60, **more: Any) -> dict[str, Any]:
    return {"Resources": list(resources), "TieringDownSettingsInDays": days, "ResourceType": "S3", **more}


def create(
    stage: Stage, name: str = "all", vault: str = "*", *selections: dict[str, Any], **more: Any
) -> dict[str, Any]:
    document = {
        "TieringConfigurationName": name,
        "BackupVaultName": vault,
        "ResourceSelection": list(selections) or [chosen("*")],
    }
    return stage.call("CreateTieringConfiguration", TieringConfiguration=document, **more)


def get(stage: Stage, name: str = "all") -> dict[str, Any]:
    found: dict[str, Any] = stage.call("GetTieringConfiguration", TieringConfigurationName=name)["TieringConfiguration"]
    return found


def refused(ask, *args: Any, **params: Any) -> str:
    with pytest.raises(errors.ServiceError) as caught:
        ask(*args, **params)
    return caught.value.code


def test_a_configuration_comes_back_as_it_was_given(stage):
    """Selections with their days, the vault, the token; and an ARN with the name in it."""
    selections = [chosen(bucket("photos"), bucket("films"), days=120), chosen(bucket("logs"))]
    made = create(stage, "by_bucket", "prod", *selections, CreatorRequestId="once")
    found = get(stage, "by_bucket")
    assert found["ResourceSelection"] == selections
    assert (found["BackupVaultName"], found["CreatorRequestId"]) == ("prod", "once")
    assert found["TieringConfigurationArn"] == made["TieringConfigurationArn"]
    assert ":tiering-configuration:by_bucket-" in made["TieringConfigurationArn"]
    assert "LastUpdatedTime" not in found


def test_the_same_token_makes_one_configuration(stage):
    """A repeated request answers what the first one made; another request for that name is refused."""
    made = create(stage, CreatorRequestId="once")
    assert create(stage, CreatorRequestId="once") == made
    assert refused(create, stage, CreatorRequestId="twice") == "AlreadyExistsException"


def test_each_vault_has_one_configuration_beside_that_of_all(stage):
    """A second for the same vault is refused, and a second for all vaults; also by a change."""
    create(stage, "all", "*")
    create(stage, "prod", "prod")
    for vault in ("*", "prod"):
        assert refused(create, stage, "second", vault) == "AlreadyExistsException"
    changed = {"BackupVaultName": "*", "ResourceSelection": [chosen("*")]}
    params = {"TieringConfigurationName": "prod", "TieringConfiguration": changed}
    assert refused(stage.call, "UpdateTieringConfiguration", **params) == "AlreadyExistsException"
    assert get(stage, "prod")["BackupVaultName"] == "prod"


def test_a_change_replaces_vault_and_selections_whole(stage):
    """The name and the ARN stay, and the time of the change is told."""
    made = create(stage)
    stage.clock.advance(days=1)
    changed = {"BackupVaultName": "prod", "ResourceSelection": [chosen(bucket("photos"), days=36_500)]}
    told = stage.call("UpdateTieringConfiguration", TieringConfigurationName="all", TieringConfiguration=changed)
    assert told["LastUpdatedTime"] == made["CreationTime"] + 86_400
    found = get(stage)
    assert (found["BackupVaultName"], found["ResourceSelection"]) == ("prod", changed["ResourceSelection"])
    assert found["TieringConfigurationArn"] == made["TieringConfigurationArn"]


def test_deleting_frees_name_vault_and_token(stage):
    """What is not there is not found; afterwards the same request makes another one."""
    made = create(stage, CreatorRequestId="once")
    stage.call("DeleteTieringConfiguration", TieringConfigurationName="all")
    for operation in ("GetTieringConfiguration", "DeleteTieringConfiguration"):
        assert refused(stage.call, operation, TieringConfigurationName="all") == "ResourceNotFoundException"
    again = create(stage, CreatorRequestId="once")
    assert again["TieringConfigurationArn"] != made["TieringConfigurationArn"]


@pytest.mark.parametrize(
    ("selections", "code"),
    [
        ([chosen("*", ResourceType="EBS")], "InvalidParameterValueException"),
        ([chosen()], "InvalidParameterValueException"),
        ([chosen("*", bucket("photos"))], "InvalidParameterValueException"),
        ([chosen("arn:aws:ec2:us-east-1:123456789012:volume/vol-1")], "InvalidParameterValueException"),
        ([chosen("*", days=36_501)], "InvalidParameterValueException"),
        ([chosen(bucket(f"bucket-{number}")) for number in range(6)], "LimitExceededException"),
        ([chosen(*(bucket(f"bucket-{number}") for number in range(101)))], "LimitExceededException"),
    ],
)
def test_what_cannot_be_tiered_is_refused(stage, selections, code):
    """Only S3, either all or up to 100 buckets in up to 5 selections, after 60 to 36,500 days."""
    assert refused(create, stage, "all", "*", *selections) == code
    assert stage.call("ListTieringConfigurations")["TieringConfigurations"] == []


def test_an_empty_list_of_selections_is_refused(stage):
    """A configuration says at least what it is for."""
    document = {"TieringConfigurationName": "none", "BackupVaultName": "*", "ResourceSelection": []}
    code = refused(stage.call, "CreateTieringConfiguration", TieringConfiguration=document)
    assert code == "InvalidParameterValueException"


def test_configurations_are_listed_by_name_and_in_pages(stage):
    """Each once, without its selections."""
    for name in ("c", "a", "b"):
        create(stage, name, f"vault-{name}")
    found = stage.every("ListTieringConfigurations", "TieringConfigurations", MaxResults=1)
    assert [each["TieringConfigurationName"] for each in found] == ["a", "b", "c"]
    assert "ResourceSelection" not in found[0]


def test_tags_of_a_configuration_are_those_it_was_made_with_until_they_change(stage):
    """TagResource, UntagResource and ListTags know its ARN."""
    arn = create(stage, TieringConfigurationTags={"Team": "media"})["TieringConfigurationArn"]
    stage.call("TagResource", ResourceArn=arn, Tags={"Env": "prod"})
    stage.call("UntagResource", ResourceArn=arn, TagKeyList=["Team"])
    assert stage.call("ListTags", ResourceArn=arn)["Tags"] == {"Env": "prod"}


def test_open_points_can_be_switched():
    """Whether the vault must be there, and whether a bucket may be named twice, no source says."""
    strict = Stage(choices=Choices(tiering_vault_must_exist=True, tiering_resources_unique=True))
    twice = [chosen(bucket("photos")), chosen(bucket("photos"), days=90)]
    assert refused(create, strict, "nowhere", "nowhere") == "InvalidParameterValueException"
    assert refused(create, strict, "twice", "prod", *twice) == "InvalidParameterValueException"
    lenient = Stage()
    create(lenient, "nowhere", "nowhere")
    create(lenient, "twice", "prod", *twice)


def test_configurations_survive_a_snapshot(stage):
    """What is restored answers as before."""
    create(stage, CreatorRequestId="once")
    before, kept = get(stage), stage.service.save_state()
    stage.call("DeleteTieringConfiguration", TieringConfigurationName="all")
    stage.service.load_state(kept)
    assert get(stage) == before
