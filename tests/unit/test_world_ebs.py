from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from world_stage import TESTED, SessionStage, in_two_pages

from backupkit.emulator.kernel.resource_protocol import WorldError
from backupkit.emulator.resources.session import private_moto_session

# moto makes, captures and restores what is protected.
pytestmark = pytest.mark.slow

BLOCK = 524_288
HERE = "arn:aws:ec2:us-east-1:123456789012:volume/"
CONTENT = {0: b"\x00" * BLOCK, 3: bytes(range(256)) * 2048, 2047: b"\xff" * BLOCK}


@pytest.fixture(scope="module")
def session() -> Any:
    return private_moto_session("us-east-1")


@pytest.fixture
def stage(session: Any) -> SessionStage:
    return SessionStage(session, "EBS")


def put(ebs: Any, snapshot_id: str, blocks: Mapping[int, bytes]) -> None:
    for index, data in blocks.items():
        checksum = base64.b64encode(hashlib.sha256(data).digest()).decode()
        ebs.put_snapshot_block(
            SnapshotId=snapshot_id,
            BlockIndex=index,
            BlockData=data,
            DataLength=BLOCK,
            Checksum=checksum,
            ChecksumAlgorithm="SHA256",
        )
    ebs.complete_snapshot(SnapshotId=snapshot_id, ChangedBlocksCount=len(blocks))


def make(session: Any, blocks: Mapping[int, bytes] = CONTENT, **more: Any) -> Any:
    """A volume of 1 GiB with content, as moto can have it: made of a snapshot that was given blocks."""
    ebs, ec2 = session.client("ebs"), session.client("ec2")
    snapshot_id = ebs.start_snapshot(VolumeSize=1)["SnapshotId"]
    put(ebs, snapshot_id, blocks)
    tags = [{"ResourceType": "volume", "Tags": [{"Key": "Name", "Value": "data"}, {"Key": "Backup", "Value": "daily"}]}]
    asked = {
        "SnapshotId": snapshot_id,
        "AvailabilityZone": "us-east-1a",
        "VolumeType": "gp3",
        "TagSpecifications": tags,
    }
    return ec2.create_volume(**asked | more)


def blocks_of(session: Any, volume: Any) -> dict[int, bytes]:
    ebs, snapshot_id = session.client("ebs"), volume["SnapshotId"]
    return {
        block["BlockIndex"]: ebs.get_snapshot_block(
            SnapshotId=snapshot_id, BlockIndex=block["BlockIndex"], BlockToken=block["BlockToken"]
        )["BlockData"].read()
        for block in ebs.list_snapshot_blocks(SnapshotId=snapshot_id)["Blocks"]
    }


def described(session: Any, arn: str) -> Any:
    return session.client("ec2").describe_volumes(VolumeIds=[arn.removeprefix(HERE)])["Volumes"][0]


def test_a_lost_volume_comes_back_block_by_block(session: Any, stage: SessionStage) -> None:
    """Every block of 512 KiB is equal, and no other is there; the volume is as large, and attached to nothing."""
    source = make(session)
    arn = HERE + source["VolumeId"]
    point = stage.point_of(arn)
    session.client("ec2").delete_volume(VolumeId=source["VolumeId"])
    made = stage.later(session, "EBS").restored(point, {"AVAILABILITYZONE": "us-east-1b"})
    told = described(session, made)
    assert blocks_of(session, told) == CONTENT
    assert (told["Size"], told["AvailabilityZone"], told["Attachments"]) == (1, "us-east-1b", [])
    assert made != arn
    assert stage.point(point)["BackupSizeInBytes"] == 2**30


def test_every_page_of_the_blocks_of_a_volume_is_read(session: Any) -> None:
    """A volume has more blocks than one answer of EBS holds, and a backup holds them all."""
    source = make(session)
    with in_two_pages(session, "ebs.ListSnapshotBlocks", "Blocks"):
        stage = SessionStage(session, "EBS")
        point = stage.point_of(HERE + source["VolumeId"])
    assert blocks_of(session, described(session, stage.restored(point, {"availabilityZone": "us-east-1a"}))) == CONTENT


def test_a_volume_of_a_snapshot_that_moto_keeps_no_blocks_of_is_backed_up_empty(
    session: Any, stage: SessionStage
) -> None:
    """A snapshot that was made of a volume has no blocks there; size and type are those of the source."""
    ec2 = session.client("ec2")
    snapshot_id = ec2.create_snapshot(VolumeId=make(session)["VolumeId"])["SnapshotId"]
    source = ec2.create_volume(SnapshotId=snapshot_id, AvailabilityZone="us-east-1a", VolumeType="gp3", Size=2)
    told = described(
        session, stage.restored(stage.point_of(HERE + source["VolumeId"]), {"availabilityZone": "us-east-1a"})
    )
    assert (told["Size"], blocks_of(session, told)) == (2, {})


def test_a_restored_volume_can_be_backed_up_and_restored_again(session: Any, stage: SessionStage) -> None:
    """What a restore makes holds the same blocks for the next backup."""
    first = stage.restored(stage.point_of(HERE + make(session)["VolumeId"]), {"availabilityZone": "us-east-1a"})
    second = stage.restored(stage.point_of(first), {"availabilityZone": "us-east-1a"})
    assert blocks_of(session, described(session, second)) == CONTENT


def test_a_restore_leaves_one_volume_and_no_snapshot_behind(session: Any, stage: SessionStage) -> None:
    """The snapshot that carries the blocks is gone when the volume is there."""
    ec2 = session.client("ec2")
    point = stage.point_of(HERE + make(session)["VolumeId"])

    def there() -> tuple[int, int]:
        snapshots = ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]
        return len(ec2.describe_volumes()["Volumes"]), len(snapshots)

    volumes, snapshots = there()
    stage.restored(point, {"availabilityZone": "us-east-1a"})
    assert there() == (volumes + 1, snapshots)


def test_what_the_metadata_asks_for_is_what_the_volume_has(session: Any, stage: SessionStage) -> None:
    """Type, size, rates and encryption come from the metadata; tags where the caller asks for the source's."""
    source = make(session)
    point = stage.point_of(HERE + source["VolumeId"])
    plain = described(session, stage.restored(point, {"availabilityZone": "us-east-1a"}))
    assert (plain["Encrypted"], plain.get("Tags", [])) == (False, [])
    metadata = {
        "availabilityZone": "us-east-1c",
        "encrypted": "true",
        "volumeType": "gp3",
        "volumeSize": "2",
        "iops": "4000",
        "throughput": "250",
    }
    told = described(session, stage.restored(point, metadata, CopySourceTagsToRestoredResource=True))
    assert (told["VolumeType"], told["Size"], told["Iops"], told["Throughput"]) == ("gp3", 2, 4000, 250)
    assert told["Encrypted"]
    assert {tag["Key"]: tag["Value"] for tag in told["Tags"]} == {"Name": "data", "Backup": "daily"}


def test_an_encrypted_volume_stays_encrypted(session: Any, stage: SessionStage) -> None:
    """It comes back under its own key, and cannot be decrypted by a restore."""
    source = make(session, Encrypted=True)
    point = stage.point_of(HERE + source["VolumeId"])
    told = described(session, stage.restored(point, {"availabilityZone": "us-east-1a"}))
    assert (told["Encrypted"], told["KmsKeyId"]) == (True, source["KmsKeyId"])
    metadata = {"availabilityZone": "us-east-1a", "encrypted": "false"}
    assert "leave encrypted out" in stage.refusal(point, metadata)


def test_a_volume_in_another_region_has_a_key_of_that_region(session: Any, stage: SessionStage) -> None:
    """The source's key is not there; the volume is encrypted with the Region's own."""
    arn = HERE + make(session, Encrypted=True)["VolumeId"]
    now = stage.clock.now()
    content = stage.behind.capture(arn, "123456789012", "us-east-1", now).content
    made = stage.behind.restore(
        content,
        "EBS",
        {"availabilityZone": "eu-west-1a"},
        account_id="123456789012",
        region_name="eu-west-1",
        now=now,
        tags={},
    ).arn
    there = session.client("ec2", region_name="eu-west-1")
    (told,) = there.describe_volumes(VolumeIds=[made.rpartition("/")[2]])["Volumes"]
    assert told["Encrypted"]
    assert ":eu-west-1:" in told["KmsKeyId"]


def test_wrong_metadata_is_refused(session: Any, stage: SessionStage) -> None:
    """The sentence names the key, and nothing is made."""
    point = stage.point_of(HERE + make(session, {})["VolumeId"])
    assert "availabilityZone is required" in stage.refusal(point, {})
    for metadata, message in (
        ({"volumeSize": "0"}, "smaller than the backup, 1 GiB"),
        ({"kmsKeyId": "alias/mine"}, "give encrypted true"),
        ({"size": "2"}, "does not take size; leave it out"),
        ({"pathsToRestore": '["/etc"]'}, "restores whole volumes"),
    ):
        assert message in stage.refusal(point, {"availabilityZone": "us-east-1a"} | metadata)


def test_volumes_are_listed_with_their_tags(session: Any, stage: SessionStage) -> None:
    """Selections see the tags, and the Name among them; what is gone is not found."""
    arn = HERE + make(session)["VolumeId"]
    seen = stage.seen(arn)
    assert seen is not None
    assert (seen.resource_type, seen.name, seen.tags["Backup"]) == ("EBS", "data", "daily")
    assert stage.behind.find(HERE + "vol-0123456789abcdef0", "123456789012", "us-east-1") is None


def test_only_a_volume_with_the_mark_of_a_restore_test_is_discarded(session: Any, stage: SessionStage) -> None:
    """AWS names volumes by itself, so the tag, read anew, decides."""
    source = HERE + make(session)["VolumeId"]
    made = stage.make_again(source, {"availabilityZone": "us-east-1a"}, TESTED).arn
    seen = stage.seen(made)
    assert seen is not None
    assert seen.under_test
    stage.discard(made)
    assert stage.seen(made) is None
    with pytest.raises(WorldError, match="not made by a restore test"):
        stage.discard(source)


@contextmanager
def snapshots_with_content(session: Any) -> Iterator[None]:
    """Snapshots of volumes have the volumes' blocks, as AWS's have and moto's have not."""
    ec2 = session.client("ec2")

    def origin(params: dict[str, Any], **_: Any) -> None:
        (told,) = ec2.describe_snapshots(SnapshotIds=[params["SnapshotId"]])["Snapshots"]
        (volume,) = ec2.describe_volumes(VolumeIds=[told["VolumeId"]])["Volumes"]
        params["SnapshotId"] = volume["SnapshotId"]

    events = [f"provide-client-params.ebs.{name}" for name in ("ListSnapshotBlocks", "GetSnapshotBlock")]
    for event in events:
        session.events.register(event, origin)
    try:
        yield
    finally:
        for event in events:
            session.events.unregister(event, origin)


def test_without_an_emulator_a_volume_is_read_through_a_snapshot_of_its_own() -> None:
    """It shows the volume as it is now, and is deleted when it has been read."""
    session = private_moto_session("us-east-1")
    source = make(session)
    with snapshots_with_content(session):
        stage = SessionStage(session, "EBS", emulated=False)
        snapshots = len(session.client("ec2").describe_snapshots(OwnerIds=["self"])["Snapshots"])
        point = stage.point_of(HERE + source["VolumeId"])
        assert len(session.client("ec2").describe_snapshots(OwnerIds=["self"])["Snapshots"]) == snapshots
    session.client("ec2").delete_volume(VolumeId=source["VolumeId"])
    made = SessionStage(private_moto_session("us-east-1"), "EBS")
    made.service.load_state(stage.service.save_state())
    told = described(session, made.restored(point, {"availabilityZone": "us-east-1a"}))
    assert blocks_of(session, told) == CONTENT
