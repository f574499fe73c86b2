from __future__ import annotations

import json
from typing import Any

import pytest
from world_stage import TESTED, SessionStage

from backupkit.emulator.kernel.resource_protocol import WorldError
from backupkit.emulator.resources.session import private_moto_session

HERE = "arn:aws:fsx:us-east-1:123456789012:file-system/"
SUBNET, OTHER = "subnet-0123456789abcdef0", "subnet-0123456789abcdef1"
LUSTRE = {"DeploymentType": "PERSISTENT_1", "PerUnitStorageThroughput": 50, "CopyTagsToBackups": True}
WINDOWS = {"DeploymentType": "SINGLE_AZ_1", "ThroughputCapacity": 16, "ActiveDirectoryId": "d-0123456789"}
FLAVOURS = [
    ("LUSTRE", "LustreConfiguration", LUSTRE),
    ("WINDOWS", "WindowsConfiguration", WINDOWS),
    ("OPENZFS", "OpenZFSConfiguration", {"DeploymentType": "SINGLE_AZ_1", "ThroughputCapacity": 64}),
    ("ONTAP", "OntapConfiguration", {"DeploymentType": "MULTI_AZ_1", "ThroughputCapacity": 128}),
]


@pytest.fixture(scope="module")
def session() -> Any:
    return private_moto_session("us-east-1")


@pytest.fixture
def stage(session: Any) -> SessionStage:
    return SessionStage(session, "FSx")


def make(session: Any, flavour: str = "LUSTRE", **more: Any) -> Any:
    asked = {
        "FileSystemType": flavour,
        "StorageCapacity": 1200,
        "StorageType": "SSD",
        "SubnetIds": [SUBNET],
        "KmsKeyId": "key-1",
        "Tags": [{"Key": "Backup", "Value": "daily"}],
    }
    if flavour == "LUSTRE":
        asked["LustreConfiguration"] = LUSTRE
    return session.client("fsx").create_file_system(**asked | more)["FileSystem"]


def described(session: Any, arn: str) -> Any:
    answer = session.client("fsx").describe_file_systems(FileSystemIds=[arn.removeprefix(HERE)])
    return answer["FileSystems"][0]


@pytest.mark.parametrize(("flavour", "member", "configuration"), FLAVOURS)
def test_a_lost_file_system_comes_back_with_its_attributes(
    session: Any, stage: SessionStage, flavour: str, member: str, configuration: dict[str, Any]
) -> None:
    """Flavour, capacity, storage, key and configuration are those of the source; subnets are as told; no tags come."""
    source = make(session, flavour, **{member: configuration})
    point = stage.point_of(source["ResourceARN"])
    session.client("fsx").delete_file_system(FileSystemId=source["FileSystemId"])
    made = stage.later(session, "FSx").restored(point, {"subnetIds": json.dumps([OTHER])})
    told = described(session, made)
    kept = ("FileSystemType", "StorageCapacity", "StorageType", "KmsKeyId", member)
    assert {key: told[key] for key in kept} == {key: source[key] for key in kept}
    assert (told["SubnetIds"], told.get("Tags", [])) == ([OTHER], [])


def test_the_configuration_of_the_flavour_can_be_changed(session: Any, stage: SessionStage) -> None:
    """What the metadata tells of it wins, member by member; numbers as texts are taken, as in the guide's example."""
    point = stage.point_of(make(session, "WINDOWS", WindowsConfiguration=WINDOWS)["ResourceARN"])
    directory = {"SelfManagedActiveDirectoryConfiguration": {"DnsIps": ["10.0.0.1"], "DomainName": "a.example"}}
    metadata = {
        "SubnetIds": json.dumps([SUBNET]),
        "StorageType": "HDD",
        "WindowsConfiguration": json.dumps(
            {"ThroughputCapacity": "32", "PreferredSubnetId": None, "copyTagsToBackups": "true", **directory}
        ),
        "AutomaticBackupRetentionDays": "0",
    }
    told = described(session, stage.restored(point, metadata, CopySourceTagsToRestoredResource=True))
    changed = {**WINDOWS, "ThroughputCapacity": 32, "AutomaticBackupRetentionDays": 0, "CopyTagsToBackups": True}
    changed |= directory
    # A description names some members and leaves others out.
    assert {key: told["WindowsConfiguration"].get(key) for key in changed} == changed
    assert (told["StorageType"], told["Tags"]) == ("HDD", [{"Key": "Backup", "Value": "daily"}])


def test_the_metadata_of_a_point_describes_the_source(session: Any, stage: SessionStage) -> None:
    """The file system's id and type are in it, and must be left out to send it back, as with AWS."""
    source = make(session)
    point = stage.point_of(source["ResourceARN"])
    told = stage.metadata_of(point)
    assert (told["FileSystemId"], told["FileSystemType"]) == (source["FileSystemId"], "LUSTRE")
    assert json.loads(told["LustreConfiguration"]) == LUSTRE
    refusal = stage.refusal(point, told)
    assert "FileSystemId" in refusal
    assert "leave it out" in refusal
    rest = {key: value for key, value in told.items() if key not in {"FileSystemId", "FileSystemType"}}
    assert described(session, stage.restored(point, rest))["LustreConfiguration"] == LUSTRE


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({}, "SubnetIds is required"),
        ({"SubnetIds": SUBNET}, "SubnetIds is not a JSON list"),
        ({"WindowsConfiguration": '{"ThroughputCapacity": 8}'}, "give LustreConfiguration"),
        ({"StorageCapacity": "big"}, "StorageCapacity 'big' is not a whole number"),
    ],
)
def test_wrong_metadata_is_refused(session: Any, stage: SessionStage, metadata: dict[str, str], message: str) -> None:
    """The sentence names the key and what to give."""
    point = stage.point_of(make(session)["ResourceARN"])
    assert message in stage.refusal(point, {"SubnetIds": json.dumps([SUBNET])} | metadata if metadata else {})


def test_file_systems_are_listed_with_their_tags(session: Any, stage: SessionStage) -> None:
    """Selections see the tags; what is gone is not found."""
    seen = stage.seen(make(session)["ResourceARN"])
    assert seen is not None
    assert (seen.resource_type, dict(seen.tags)) == ("FSx", {"Backup": "daily"})
    assert stage.behind.find(HERE + "fs-0123456789abcdef0", "123456789012", "us-east-1") is None


def test_only_a_file_system_with_the_mark_of_a_restore_test_is_discarded(session: Any, stage: SessionStage) -> None:
    """AWS names file systems by itself, so the tag, read anew, decides."""
    source = make(session)["ResourceARN"]
    made = stage.make_again(source, {"subnetIds": json.dumps([SUBNET])}, TESTED).arn
    stage.discard(made)
    assert stage.seen(made) is None
    with pytest.raises(WorldError, match="not made by a restore test"):
        stage.discard(source)
