from __future__ import annotations

import json
from typing import Any

import pytest
from world_stage import SessionStage, fresh

from backupkit.emulator.kernel.resource_protocol import RESTORE_TEST, WorldError
from backupkit.emulator.resources.session import private_moto_session

# moto makes, captures and restores what is protected.
pytestmark = pytest.mark.slow

TYPES = ("Aurora", "Neptune", "RDS")
KINDS = [("Aurora", "aurora-mysql"), ("Aurora", "aurora-postgresql"), ("Neptune", "neptune"), ("RDS", "mysql")]
INHERITED = ("DatabaseName", "Engine", "EngineMode", "EngineVersion", "MasterUsername", "Port", "StorageEncrypted")


@pytest.fixture(scope="module")
def session() -> Any:
    return private_moto_session("us-east-1")


@pytest.fixture
def stage(session: Any) -> SessionStage:
    return SessionStage(session, *TYPES)


def make(session: Any, engine: str = "aurora-mysql", **more: Any) -> Any:
    asked = {
        "DBClusterIdentifier": fresh("cluster"),
        "Engine": engine,
        "MasterUsername": "boss",
        "MasterUserPassword": "not-told-again",
        "DatabaseName": "shop",
        "Port": 3310,
        "StorageEncrypted": True,
        "DeletionProtection": True,
        "Tags": [{"Key": "Backup", "Value": "daily"}],
    }
    if engine == "mysql":
        asked |= {"DBClusterInstanceClass": "db.m5d.large", "AllocatedStorage": 100, "StorageType": "io1", "Iops": 1000}
    return session.client("rds").create_db_cluster(**asked | more)["DBCluster"]


def described(session: Any, name: str) -> Any:
    return session.client("rds").describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]


@pytest.mark.parametrize(("resource_type", "engine"), KINDS)
def test_a_lost_cluster_comes_back_with_its_attributes(
    session: Any, stage: SessionStage, resource_type: str, engine: str
) -> None:
    """Engine, version, port, database and encryption are those of the source; no instance comes with it."""
    source = make(session, engine, DeletionProtection=False)
    name = source["DBClusterIdentifier"]
    point = stage.point_of(source["DBClusterArn"])
    assert stage.point(point)["ResourceType"] == resource_type
    session.client("rds").delete_db_cluster(DBClusterIdentifier=name, SkipFinalSnapshot=True)
    made = stage.later(session, *TYPES).restored(point, {"DBCLUSTERIDENTIFIER": f"{name}-R", "engine": engine})
    told = described(session, f"{name}-r")
    assert made == told["DBClusterArn"] == f"{source['DBClusterArn']}-r"
    assert {key: told.get(key) for key in INHERITED} == {key: source.get(key) for key in INHERITED}
    assert told["DBClusterMembers"] == []
    if engine == "mysql":
        kept = ("AllocatedStorage", "DBClusterInstanceClass", "Iops", "StorageType")
        assert {key: told[key] for key in kept} == {key: source[key] for key in kept}


def test_tags_and_deletion_protection_come_only_when_asked_for(session: Any, stage: SessionStage) -> None:
    """A restore without CopySourceTagsToRestoredResource makes a cluster without tags, and never a protected one."""
    source = make(session)
    point, name = stage.point_of(source["DBClusterArn"]), source["DBClusterIdentifier"]
    metadata = {"engine": "aurora-mysql", "vpcSecurityGroupIds": '["sg-1"]', "port": "3311"}
    stage.restored(point, metadata | {"dbClusterIdentifier": f"{name}-a"})
    stage.restored(point, metadata | {"dbClusterIdentifier": f"{name}-b"}, CopySourceTagsToRestoredResource=True)
    plain, tagged = described(session, f"{name}-a"), described(session, f"{name}-b")
    assert (plain["TagList"], tagged["TagList"]) == ([], source["TagList"])
    assert (plain["DeletionProtection"], plain["Port"]) == (False, 3311)
    assert [group["VpcSecurityGroupId"] for group in plain["VpcSecurityGroups"]] == ["sg-1"]


def test_the_metadata_of_a_point_lacks_only_a_name(session: Any, stage: SessionStage) -> None:
    """It has the keys of the guide's own example, and with a name it can be sent back."""
    source = make(session)
    point = stage.point_of(source["DBClusterArn"])
    told = stage.metadata_of(point)
    assert {"Engine", "EngineVersion", "EngineMode", "AvailabilityZones", "Port", "DatabaseName"} <= told.keys()
    assert json.loads(told["EnableCloudwatchLogsExports"]) == []
    assert "dbClusterIdentifier is required" in stage.refusal(point, told)
    stage.restored(point, told | {"dbClusterIdentifier": f"{source['DBClusterIdentifier']}-r"})


def test_the_subnet_group_of_a_cluster_is_in_its_metadata_where_there_is_one(session: Any, stage: SessionStage) -> None:
    """A restore there is where the source was; the name of a group that moto does not have is left out."""
    assert "DBSubnetGroup" not in str(stage.metadata_of(stage.point_of(make(session)["DBClusterArn"])))
    name = fresh("group")
    subnets = [subnet["SubnetId"] for subnet in session.client("ec2").describe_subnets()["Subnets"][:2]]
    group = {"DBSubnetGroupName": name, "DBSubnetGroupDescription": "of the shop", "SubnetIds": subnets}
    session.client("rds").create_db_subnet_group(**group)
    told = stage.metadata_of(stage.point_of(make(session, DBSubnetGroupName=name)["DBClusterArn"]))
    assert told["DBSubnetGroupName"] == name


def test_names_engines_and_keys_are_checked(session: Any, stage: SessionStage) -> None:
    """A taken name, another engine, a missing one and an unknown key are each refused in a sentence."""
    source = make(session)
    point, name = stage.point_of(source["DBClusterArn"]), source["DBClusterIdentifier"]
    taken = {"dbClusterIdentifier": name, "engine": "aurora-mysql"}
    assert "already exists; give another dbClusterIdentifier" in stage.refusal(point, taken)
    assert "engine is required" in stage.refusal(point, {"dbClusterIdentifier": fresh("c")})
    assert "not that of the backup" in stage.refusal(point, taken | {"engine": "neptune"})
    assert "does not take SnapshotIdentifier" in stage.refusal(point, taken | {"SnapshotIdentifier": "x"})


def test_the_engine_tells_the_type(session: Any, stage: SessionStage) -> None:
    """Clusters share one shape of ARN; each is listed once, as what it is, with its tags."""
    for resource_type, engine in KINDS:
        arn = make(session, engine)["DBClusterArn"]
        listed = [seen for seen in stage.behind.resources("123456789012", "us-east-1") if seen.arn == arn]
        assert [(seen.resource_type, dict(seen.tags)) for seen in listed] == [(resource_type, {"Backup": "daily"})]


def test_only_what_a_restore_test_made_is_discarded(session: Any, stage: SessionStage) -> None:
    """The name tells."""
    source = make(session)
    metadata = {"dbClusterIdentifier": fresh(RESTORE_TEST), "engine": "aurora-mysql"}
    made = stage.make_again(source["DBClusterArn"], metadata, {RESTORE_TEST: ""}).arn
    stage.discard(made)
    assert stage.seen(made) is None
    with pytest.raises(WorldError, match="not made by a restore test"):
        stage.discard(source["DBClusterArn"])
