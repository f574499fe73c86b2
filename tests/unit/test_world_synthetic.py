from __future__ import annotations

from datetime import timedelta

import pytest
from local_stage import ACCOUNT, REGION, START, Stage, day, table_arn

import backupkit as bk
from backupkit.arn import Arn
from backupkit.emulator.kernel.resource_protocol import WorldError
from backupkit.emulator.resources.session import SessionWorld, private_moto_session
from backupkit.emulator.resources.synthetic import SyntheticWorld
from backupkit.emulator.resources.worlds import Worlds
from backupkit.errors import InvalidValueError

TABLE = table_arn("orders")
CLUSTER = f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:main"


def restore(world: SyntheticWorld, content: object, metadata: dict[str, str], kind: str = "DynamoDB") -> str:
    here = {"account_id": ACCOUNT, "region_name": REGION}
    return world.restore(content, kind, metadata, **here, now=START, tags={}).arn


def test_a_resource_grows_by_its_daily_change() -> None:
    """Two in a hundred a day from its first backup on; without a rate nothing changes."""
    world = SyntheticWorld()
    world.add(TABLE, size_bytes=1000, daily_change=0.02)
    world.add(table_arn("still"), size_bytes=1000)
    sizes = [world.capture(TABLE, ACCOUNT, REGION, START + day(number)).size_bytes for number in (0, 1, 10)]
    assert sizes == [1000, 1020, 1200]
    held = [world.capture(table_arn("still"), ACCOUNT, REGION, START + day(number)).content for number in (0, 10)]
    assert held[0] == held[1]


def test_a_resource_can_change_without_growing_and_grow_as_it_is_told() -> None:
    """A database that is rewritten every day keeps its size; an archive grows though little of it changes."""
    world = SyntheticWorld()
    rewritten, archive = table_arn("rewritten"), table_arn("archive")
    world.add(rewritten, size_bytes=1000, daily_change=0.5, daily_growth=0.0)
    world.add(archive, size_bytes=1000, daily_growth=0.1)
    for arn, sizes in ((rewritten, [1000, 1000]), (archive, [1000, 1500])):
        taken = [world.capture(arn, ACCOUNT, REGION, START + day(number)) for number in (0, 5)]
        assert [each.size_bytes for each in taken] == sizes
        assert taken[0].content != taken[1].content
    with pytest.raises(InvalidValueError, match="negative"):
        world.add(TABLE, daily_growth=-0.1)


def test_a_restored_resource_is_what_was_captured() -> None:
    """Its size and contents are those of the backup, not of the source at the restore."""
    world = SyntheticWorld()
    world.add(TABLE, size_bytes=1000, daily_change=0.5)
    world.capture(TABLE, ACCOUNT, REGION, START)
    taken = world.capture(TABLE, ACCOUNT, REGION, START + day(2))
    now = world[TABLE].at(START + day(2))
    arn = restore(world, taken.content, {"TargetTableName": "back"})
    assert (world[arn].size_bytes, world[arn].contents) == (2000, now.contents)
    assert world[arn].contents != world[TABLE].contents


def test_a_type_that_shares_its_arn_is_said() -> None:
    """A cluster is Aurora by its ARN, unless the caller knows better."""
    world = SyntheticWorld()
    assert world.add(CLUSTER).resource_type == "Aurora"
    world.remove(CLUSTER)
    assert world.add(CLUSTER, resource_type="Neptune").resource_type == "Neptune"


def test_a_resource_lives_in_one_account_and_region() -> None:
    """Its ARN says where; a bucket's does not, so it is seen everywhere unless its Region is said."""
    world = SyntheticWorld()
    world.add(TABLE)
    world.add("arn:aws:s3:::everywhere")
    world.add("arn:aws:s3:::here", region_name=REGION)
    here = {seen.arn for seen in world.resources(ACCOUNT, REGION)}
    there = {seen.arn for seen in world.resources(ACCOUNT, "eu-west-1")}
    assert here == {TABLE, "arn:aws:s3:::everywhere", "arn:aws:s3:::here"}
    assert there == {"arn:aws:s3:::everywhere"}
    assert world.find(TABLE, "999999999999", REGION) is None


@pytest.mark.parametrize("arn", ["orders", "arn:aws:lambda:us-east-1:123456789012:function:f", TABLE])
def test_what_cannot_be_added_is_refused(arn: str) -> None:
    """No ARN, an unknown type, and one that is there already."""
    world = SyntheticWorld()
    world.add(TABLE)
    with pytest.raises(InvalidValueError):
        world.add(arn)


def test_what_is_not_there_is_refused() -> None:
    """Removing, tagging and looking at an unknown resource name it; capturing it fails the job."""
    world = SyntheticWorld()
    for act in (world.remove, world.tag, world.__getitem__):
        with pytest.raises(InvalidValueError, match="orders"):
            act(TABLE)
    with pytest.raises(WorldError):
        world.capture(TABLE, ACCOUNT, REGION, START)


@pytest.mark.parametrize(
    ("arn", "metadata"),
    [
        (TABLE, {"targetTableName": "back"}),
        (CLUSTER, {"dbClusterIdentifier": "back", "engine": "aurora-postgresql"}),
        (f"arn:aws:rds:{REGION}:{ACCOUNT}:db:main", {"DBInstanceIdentifier": "back"}),
        ("arn:aws:s3:::logs", {"DestinationBucketName": "back", "NewBucket": "true"}),
        (f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-1", {}),
        (f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-1", {"newFileSystem": "true"}),
    ],
)
def test_each_type_restores_under_its_own_kind_of_arn(arn: str, metadata: dict[str, str]) -> None:
    """The new ARN has the source's shape, and the name that the metadata gives where there is one."""
    world = SyntheticWorld()
    kind = world.add(arn).resource_type
    made = restore(world, world.capture(arn, ACCOUNT, REGION, START).content, metadata, kind)
    assert made != arn
    assert made in world
    assert world[made].resource_type == kind
    if metadata and "newFileSystem" not in metadata:
        assert Arn.parse(made).name == "back"


def test_a_snapshot_holds_the_resources() -> None:
    """Going back to a snapshot brings back what was lost since, sizes and tags included."""
    stage = Stage()
    stage.world.add(TABLE, size_bytes=1000, daily_change=0.1, tags={"Backup": "daily"})
    stage.plan({"RuleName": "daily"})
    stage.clock.advance(days=3)
    data, held = stage.service.save_state(), stage.world[TABLE]
    stage.world.remove(TABLE)
    stage.clock.advance(days=5)
    stage.service.load_state(data)
    assert stage.world[TABLE] == held
    assert len(stage.points()) == 3
    stage.clock.advance(days=1)
    assert len(stage.points()) == 4


@pytest.mark.slow
def test_a_synthetic_point_stays_synthetic_beside_a_session() -> None:
    """Of two worlds at once, each restores what it captured."""
    world = Worlds(SessionWorld(private_moto_session(REGION)))
    world.add(TABLE)
    taken = world.capture(TABLE, ACCOUNT, REGION, START + timedelta(hours=1))
    world.remove(TABLE)
    assert restore(world, taken.content, {"targetTableName": "orders"}) in world
    with pytest.raises(WorldError):
        restore(world, object(), {"targetTableName": "x"})


def test_tags_that_are_not_a_mapping_are_refused() -> None:
    """A list of tags is told as such, with how tags are written, and nothing is added."""
    arn = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
    with bk.local() as aws:
        with pytest.raises(InvalidValueError, match=r"a list is not a mapping; write \{\"Team\": \"platform\"\}"):
            aws.resources.add(arn, tags=["Team"])
        assert arn not in aws.resources
