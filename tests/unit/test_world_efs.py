from __future__ import annotations

from typing import Any

import pytest
from world_stage import TESTED, SessionStage, fresh

from backupkit.emulator.kernel.resource_protocol import WorldError
from backupkit.emulator.resources.session import private_moto_session

# moto makes, captures and restores what is protected.
pytestmark = pytest.mark.slow

HERE = "arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/"


@pytest.fixture(scope="module")
def session() -> Any:
    return private_moto_session("us-east-1")


@pytest.fixture
def stage(session: Any) -> SessionStage:
    return SessionStage(session, "EFS")


def make(session: Any, **more: Any) -> str:
    asked = {
        "CreationToken": fresh("token"),
        "PerformanceMode": "maxIO",
        "Encrypted": True,
        "ThroughputMode": "provisioned",
        "ProvisionedThroughputInMibps": 5.0,
        "Tags": [{"Key": "Name", "Value": "home"}, {"Key": "Backup", "Value": "daily"}],
    }
    arn: str = session.client("efs").create_file_system(**asked | more)["FileSystemArn"]
    return arn


def new(**more: str) -> dict[str, str]:
    told = {"newFileSystem": "true", "Encrypted": "true", "PerformanceMode": "maxIO", "CreationToken": fresh("token")}
    return told | more


def described(session: Any, arn: str) -> Any:
    return session.client("efs").describe_file_systems(FileSystemId=arn.removeprefix(HERE))["FileSystems"][0]


def test_a_lost_file_system_comes_back_with_its_attributes(session: Any, stage: SessionStage) -> None:
    """It is as the metadata says; moto holds no files, and the throughput mode does not come back with AWS either."""
    source = make(session)
    before, point = described(session, source), stage.point_of(source)
    session.client("efs").delete_file_system(FileSystemId=source.removeprefix(HERE))
    metadata = stage.metadata_of(point) | new()
    made = stage.later(session, "EFS").restored(point, metadata)
    told = described(session, made)
    kept = ("PerformanceMode", "Encrypted", "SizeInBytes")
    assert {key: told[key] for key in kept[:2]} == {key: before[key] for key in kept[:2]}
    assert (told["CreationToken"], told["ThroughputMode"]) == (metadata["CreationToken"], "bursting")
    assert told["Tags"] == []
    assert made != source


def test_tags_come_back_with_a_new_file_system_where_asked_for(session: Any, stage: SessionStage) -> None:
    """An existing one keeps its own."""
    source, other = make(session), make(session, Tags=[])
    point = stage.point_of(source)
    made = stage.restored(point, new(), CopySourceTagsToRestoredResource=True)
    assert described(session, made)["Tags"] == described(session, source)["Tags"]
    there = {"newFileSystem": "false", "file-system-id": other.removeprefix(HERE)}
    assert stage.restored(point, there, CopySourceTagsToRestoredResource=True) == other
    assert described(session, other)["Tags"] == []


def test_a_file_system_of_one_zone(session: Any, stage: SessionStage) -> None:
    """singleAzFilesystem goes with the zone's name."""
    point = stage.point_of(make(session))
    one = new(singleAzFilesystem="true", PerformanceMode="generalPurpose")
    assert "availabilityZoneName is required" in stage.refusal(point, one)
    made = stage.restored(point, one | {"availabilityZoneName": "us-east-1b"})
    assert described(session, made)["AvailabilityZoneName"] == "us-east-1b"


@pytest.mark.parametrize("missing", ["newFileSystem", "Encrypted", "PerformanceMode", "CreationToken"])
def test_every_key_of_a_new_file_system_is_required(session: Any, stage: SessionStage, missing: str) -> None:
    """AWS takes the request without, and the job fails."""
    point = stage.point_of(make(session))
    metadata = {key: value for key, value in new().items() if key != missing}
    assert f"{missing} is required" in stage.refusal(point, metadata)


def test_wrong_metadata_is_refused(session: Any, stage: SessionStage) -> None:
    """A key without encryption, files that are not held, a file system that is not there, a token that is taken."""
    source = make(session)
    point = stage.point_of(source)
    assert "give Encrypted true" in stage.refusal(point, new(Encrypted="false", KmsKeyId="alias/mine"))
    assert "hold no files" in stage.refusal(point, new(ItemsToRestore='["/a"]'))
    gone = {"newFileSystem": "false", "file-system-id": "fs-0123456789abcdef0"}
    assert "does not exist" in stage.refusal(point, gone)
    assert "file-system-id is required" in stage.refusal(point, {"newFileSystem": "false"})
    token = described(session, source)["CreationToken"]
    assert "already exists; give another CreationToken" in stage.refusal(point, new(CreationToken=token))


def test_file_systems_are_listed_with_their_tags(session: Any, stage: SessionStage) -> None:
    """Selections see the tags, and the Name among them."""
    seen = stage.seen(make(session))
    assert seen is not None
    assert (seen.resource_type, seen.name, seen.tags["Backup"]) == ("EFS", "home", "daily")
    assert stage.behind.find(HERE + "fs-0123456789abcdef0", "123456789012", "us-east-1") is None


def test_a_restore_test_makes_and_discards_a_file_system(session: Any, stage: SessionStage) -> None:
    """What is inferred has no token, so one is thought of; only what carries the mark is deleted."""
    source = make(session)
    inferred = {
        "encrypted": "true",
        "file-system-id": source.removeprefix(HERE),
        "kmsKeyId": "alias/aws/elasticfilesystem",
        "newFileSystem": "true",
        "performanceMode": "generalPurpose",
    }
    made = stage.make_again(source, inferred, TESTED).arn
    stage.discard(made)
    assert stage.seen(made) is None
    with pytest.raises(WorldError, match="not made by a restore test"):
        stage.discard(source)
