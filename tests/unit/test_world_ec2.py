from __future__ import annotations

import json
from typing import Any

import pytest
from test_world_ebs import BLOCK, CONTENT, blocks_of, put
from world_stage import TESTED, SessionStage, fresh

from backupkit.emulator.kernel.resource_protocol import TEST_MALWARE, WorldError, inspected
from backupkit.emulator.resources.session import private_moto_session

# moto makes, captures and restores what is protected.
pytestmark = pytest.mark.slow

HERE = "arn:aws:ec2:us-east-1:123456789012:instance/"


@pytest.fixture(scope="module")
def session() -> Any:
    return private_moto_session("us-east-1")


@pytest.fixture
def stage(session: Any) -> SessionStage:
    return SessionStage(session, "EC2")


def snapshot(session: Any, blocks: dict[int, bytes]) -> str:
    snapshot_id: str = session.client("ebs").start_snapshot(VolumeSize=1)["SnapshotId"]
    put(session.client("ebs"), snapshot_id, blocks)
    return snapshot_id


def make(session: Any, **more: Any) -> Any:
    ec2 = session.client("ec2")
    asked = {
        "ImageId": ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"],
        "MinCount": 1,
        "MaxCount": 1,
        "InstanceType": "t3.large",
        "InstanceInitiatedShutdownBehavior": "terminate",
        "BlockDeviceMappings": [
            {
                "DeviceName": "/dev/sda1",
                "Ebs": {"SnapshotId": snapshot(session, CONTENT), "VolumeSize": 1, "VolumeType": "gp3", "Iops": 4000},
            },
            {
                "DeviceName": "/dev/sdf",
                "Ebs": {
                    "SnapshotId": snapshot(session, {7: b"d" * BLOCK}),
                    "VolumeSize": 2,
                    "VolumeType": "st1",
                    "DeleteOnTermination": True,
                },
            },
        ],
        "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "web"}]}],
    }
    (made,) = ec2.run_instances(**asked | more)["Instances"]
    return described(session, HERE + made["InstanceId"])


def described(session: Any, arn: str) -> Any:
    answer = session.client("ec2").describe_instances(InstanceIds=[arn.removeprefix(HERE)])
    return answer["Reservations"][0]["Instances"][0]


def disks(session: Any, instance: Any) -> dict[str, Any]:
    found = {}
    for mapping in instance["BlockDeviceMappings"]:
        (volume,) = session.client("ec2").describe_volumes(VolumeIds=[mapping["Ebs"]["VolumeId"]])["Volumes"]
        found[mapping["DeviceName"]] = (
            volume["Size"],
            volume["VolumeType"],
            volume.get("Iops"),
            mapping["Ebs"]["DeleteOnTermination"],
            blocks_of(session, volume),
        )
    return found


def test_a_lost_instance_comes_back_with_its_disks(session: Any, stage: SessionStage) -> None:
    """Type, image, shutdown behaviour and every disk with its blocks are those of the source; tags are not."""
    source = make(session)
    before, arn = disks(session, source), HERE + source["InstanceId"]
    assert before["/dev/sda1"][-1] == CONTENT
    point = stage.point_of(arn)
    session.client("ec2").terminate_instances(InstanceIds=[source["InstanceId"]])
    assert stage.seen(arn) is None
    made = stage.later(session, "EC2").restored(point, {})
    told = described(session, made)
    assert disks(session, told) == before
    assert (told["InstanceType"], told["ImageId"]) == ("t3.large", source["ImageId"])
    ask = session.client("ec2").describe_instance_attribute
    ending = ask(InstanceId=told["InstanceId"], Attribute="instanceInitiatedShutdownBehavior")
    assert ending["InstanceInitiatedShutdownBehavior"]["Value"] == "terminate"
    assert told.get("Tags", []) == []
    assert stage.point(point)["BackupSizeInBytes"] == 3 * 2**30


def test_an_instance_whose_disk_was_detached_has_none_of_others(session: Any, stage: SessionStage) -> None:
    """With no volume to name, EC2 would tell all volumes of the account."""
    source = make(session, BlockDeviceMappings=[])
    ec2 = session.client("ec2")
    for mapping in source["BlockDeviceMappings"]:
        ec2.detach_volume(VolumeId=mapping["Ebs"]["VolumeId"], InstanceId=source["InstanceId"])
    point = stage.point_of(HERE + source["InstanceId"])
    assert stage.point(point)["BackupSizeInBytes"] == 0


def test_the_throughput_of_a_disk_is_asked_for_again(session: Any) -> None:
    """moto's RunInstances makes no volume faster, but AWS's does, and is told to."""
    source, asked = make(session), []
    volumes = [mapping["Ebs"]["VolumeId"] for mapping in source["BlockDeviceMappings"]]
    session.client("ec2").modify_volume(VolumeId=volumes[0], Throughput=250)
    session.events.register("provide-client-params.ec2.RunInstances", lambda params, **_: asked.append(params))
    stage = SessionStage(session, "EC2")
    stage.restored(stage.point_of(HERE + source["InstanceId"]), {})
    told = {mapping["DeviceName"]: mapping["Ebs"].get("Throughput") for mapping in asked[0]["BlockDeviceMappings"]}
    assert told == {"/dev/sda1": 250, "/dev/sdf": None}


def test_malware_on_a_disk_of_an_instance_is_found(session: Any, stage: SessionStage) -> None:
    """A scan of the instance looks into its volumes, and names the device."""
    blocks = {0: b"-" * BLOCK, 4: TEST_MALWARE.ljust(BLOCK, b"-")}
    mapping = {"DeviceName": "/dev/sda1", "Ebs": {"SnapshotId": snapshot(session, blocks), "VolumeSize": 1}}
    arn = HERE + make(session, BlockDeviceMappings=[mapping])["InstanceId"]
    found = inspected(stage.behind.capture(arn, "123456789012", "us-east-1", stage.clock.now()).content)
    assert found is not None
    assert (found.items, found.malware) == (None, {"/dev/sda1 block 4"})


def test_tags_come_back_where_they_are_asked_for(session: Any, stage: SessionStage) -> None:
    """CopySourceTagsToRestoredResource gives the new instance the source's tags."""
    point = stage.point_of(HERE + make(session)["InstanceId"])
    made = stage.restored(point, {"InstanceType": "t3.small"}, CopySourceTagsToRestoredResource=True)
    told = described(session, made)
    assert (told["InstanceType"], told["Tags"]) == ("t3.small", [{"Key": "Name", "Value": "web"}])


def test_the_metadata_of_a_point_must_be_edited_before_it_is_sent_back(session: Any, stage: SessionStage) -> None:
    """Its network interfaces contradict its subnet and groups, as with AWS; without them it restores there."""
    source = make(session)
    point = stage.point_of(HERE + source["InstanceId"])
    told = stage.metadata_of(point)
    assert json.loads(told["HibernationOptions"]) == {"Configured": False}
    assert json.loads(told["Monitoring"]) == {"State": "disabled"}
    assert told["SubnetId"] == source["SubnetId"]
    assert "NetworkInterfaces" in stage.refusal(point, told)
    made = described(session, stage.restored(point, told | {"NetworkInterfaces": "[]"}))
    assert made["SubnetId"] == source["SubnetId"]
    assert made["Placement"]["AvailabilityZone"] == source["Placement"]["AvailabilityZone"]


def test_disks_can_be_encrypted_by_a_restore(session: Any, stage: SessionStage) -> None:
    """BlockDeviceMappings change what they name of a disk, and keep the rest."""
    source = make(session)
    point = stage.point_of(HERE + source["InstanceId"])
    changes = [{"DeviceName": "/dev/sdf", "Ebs": {"Encrypted": True, "VolumeSize": 3}}]
    told = described(session, stage.restored(point, {"BlockDeviceMappings": json.dumps(changes)}))
    found = disks(session, told)
    assert found["/dev/sdf"][0] == 3
    assert found["/dev/sda1"] == disks(session, source)["/dev/sda1"]
    assert found["/dev/sdf"][-1] == {7: b"d" * BLOCK}


def test_only_the_backed_up_instance_profile_can_be_attached(session: Any, stage: SessionStage) -> None:
    """Another one fails the job with AWS's own sentence; without the key, there is none."""
    name = fresh("profile")
    session.client("iam").create_instance_profile(InstanceProfileName=name)
    point = stage.point_of(HERE + make(session, IamInstanceProfile={"Name": name})["InstanceId"])
    assert "does not permit attaching a new instance profile" in stage.refusal(point, {"IamInstanceProfileName": "x"})
    for asked in (name, "UseBackedUpValue"):
        told = described(session, stage.restored(point, {"IamInstanceProfileName": asked}))
        assert told["IamInstanceProfile"]["Arn"].endswith(f"/{name}")
    assert "IamInstanceProfile" not in described(session, stage.restored(point, {}))


def test_wrong_metadata_is_refused(session: Any, stage: SessionStage) -> None:
    """The sentence names the key or what AWS says about its value."""
    point = stage.point_of(HERE + make(session, BlockDeviceMappings=[])["InstanceId"])
    for metadata, message in (
        ({"ImageId": "ami-1"}, "does not take ImageId; leave it out"),
        ({"DisableApiTermination": "no"}, "neither true nor false"),
        ({"CpuOptions": "[1]"}, "CpuOptions is not a JSON object"),
        ({"BlockDeviceMappings": "{}"}, "BlockDeviceMappings is not a JSON list"),
        ({"SubnetId": "subnet-0123456789abcdef0"}, "subnet-0123456789abcdef0"),
    ):
        assert message in stage.refusal(point, metadata)


def test_only_an_instance_with_the_mark_of_a_restore_test_is_discarded(session: Any, stage: SessionStage) -> None:
    """What restore testing infers makes an instance that can be terminated again; the source is never touched."""
    source = HERE + make(session)["InstanceId"]
    inferred = {"disableApiTermination": "false", "instanceType": "t3.large", "requireImdsV2": "true"}
    made = stage.make_again(source, inferred, TESTED).arn
    assert described(session, made)["MetadataOptions"]["HttpTokens"] == "required"
    stage.discard(made)
    assert stage.seen(made) is None
    with pytest.raises(WorldError, match="not made by a restore test"):
        stage.discard(source)
    assert stage.seen(source) is not None
