from __future__ import annotations

import json
from typing import Any

import pytest
from world_stage import SessionStage, fresh

from backupkit.emulator.kernel.resource_protocol import RESTORE_TEST, WorldError
from backupkit.emulator.resources.session import private_moto_session

# moto makes, captures and restores what is protected.
pytestmark = pytest.mark.slow

# What RestoreDBInstanceFromDBSnapshot gives a new instance of its source where it is not told otherwise.
INHERITED = (
    "AllocatedStorage",
    "BackupRetentionPeriod",
    "DBInstanceClass",
    "DBName",
    "Engine",
    "EngineVersion",
    "Iops",
    "LicenseModel",
    "MasterUsername",
    "StorageEncrypted",
    "StorageType",
)


@pytest.fixture(scope="module")
def session() -> Any:
    return private_moto_session("us-east-1")


@pytest.fixture
def stage(session: Any) -> SessionStage:
    return SessionStage(session, "RDS")


def make(session: Any, **more: Any) -> Any:
    asked = {
        "DBInstanceIdentifier": fresh("orders"),
        "Engine": "postgres",
        "DBInstanceClass": "db.m5.large",
        "AllocatedStorage": 20,
        "Iops": 3000,
        "StorageType": "io1",
        "Port": 5433,
        "DBName": "shop",
        "MasterUsername": "boss",
        "MasterUserPassword": "not-told-again",
        "MultiAZ": True,
        "BackupRetentionPeriod": 7,
        "StorageEncrypted": True,
        "DeletionProtection": True,
        "EnableCloudwatchLogsExports": ["postgresql"],
        "Tags": [{"Key": "Backup", "Value": "daily"}],
    }
    return session.client("rds").create_db_instance(**asked | more)["DBInstance"]


def described(session: Any, name: str) -> Any:
    return session.client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]


def test_a_lost_instance_comes_back_with_its_attributes(session: Any, stage: SessionStage) -> None:
    """Engine, size, storage, port, encryption and tags are those of the source, which is gone when it is restored."""
    source = make(session, DeletionProtection=False)
    name = source["DBInstanceIdentifier"]
    point = stage.point_of(source["DBInstanceArn"])
    session.client("rds").delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
    made = stage.later(session, "RDS").restored(point, {"dbinstanceidentifier": f"{name}-R"})
    told = described(session, f"{name}-r")
    assert made == told["DBInstanceArn"] == f"{source['DBInstanceArn']}-r"
    assert {key: told.get(key) for key in INHERITED} == {key: source.get(key) for key in INHERITED}
    assert told["Endpoint"]["Port"] == 5433
    assert told["TagList"] == [{"Key": "Backup", "Value": "daily"}]


def test_what_aws_does_not_restore_is_not_restored(session: Any, stage: SessionStage) -> None:
    """Multi-AZ, deletion protection and log exports come only where the metadata says so."""
    source = make(session)
    point, name = stage.point_of(source["DBInstanceArn"]), source["DBInstanceIdentifier"]
    stage.restored(point, {"DBInstanceIdentifier": f"{name}-a"})
    plain = described(session, f"{name}-a")
    assert (plain["MultiAZ"], plain["DeletionProtection"], plain["EnabledCloudwatchLogsExports"]) == (False, False, [])
    metadata = {
        "DBInstanceIdentifier": f"{name}-b",
        "MultiAZ": "true",
        "DeletionProtection": "true",
        "EnableCloudwatchLogsExports": '["postgresql"]',
        "DBInstanceClass": "db.m5.xlarge",
        "Port": "5434",
    }
    stage.restored(point, metadata)
    told = described(session, f"{name}-b")
    assert (told["MultiAZ"], told["DeletionProtection"]) == (True, True)
    assert told["EnabledCloudwatchLogsExports"] == ["postgresql"]
    assert (told["DBInstanceClass"], told["Endpoint"]["Port"]) == ("db.m5.xlarge", 5434)


def test_the_metadata_of_a_point_describes_the_source(session: Any, stage: SessionStage) -> None:
    """It can be sent back once the name, which is the source's, is another; KMS and engine versions are ignored."""
    source = make(session)
    point = stage.point_of(source["DBInstanceArn"])
    told = stage.metadata_of(point)
    assert told["DBInstanceIdentifier"] == source["DBInstanceIdentifier"]
    assert (told["Port"], told["MultiAZ"], told["Encrypted"]) == ("5433", "true", "true")
    assert isinstance(json.loads(told["VpcSecurityGroupIds"]), list)
    assert "already exists; give another DBInstanceIdentifier" in stage.refusal(point, told)
    made = stage.restored(point, told | {"DBInstanceIdentifier": f"{source['DBInstanceIdentifier']}-r"})
    assert described(session, made.rpartition(":")[2])["MultiAZ"]


def test_the_subnet_group_of_a_point_is_that_of_its_source(session: Any, stage: SessionStage) -> None:
    """Sent back with the metadata, it puts the restored instance where the source was."""
    ec2, name = session.client("ec2"), fresh("group")
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"][:2]]
    group = {"DBSubnetGroupName": name, "DBSubnetGroupDescription": "of the shop", "SubnetIds": subnets}
    session.client("rds").create_db_subnet_group(**group)
    source = make(session, DBSubnetGroupName=name)
    point = stage.point_of(source["DBInstanceArn"])
    told = stage.metadata_of(point)
    assert told["DBSubnetGroupName"] == name
    made = stage.restored(point, told | {"DBInstanceIdentifier": f"{source['DBInstanceIdentifier']}-r"})
    assert described(session, made.rpartition(":")[2])["DBSubnetGroup"]["DBSubnetGroupName"] == name


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({}, "DBInstanceIdentifier is required"),
        ({"Port": "9" * 5000}, "is not a whole number"),
        ({"DBSnapshotIdentifier": "x"}, "does not take DBSnapshotIdentifier; leave it out"),
        ({"Port": "many"}, "Port 'many' is not a whole number"),
        ({"MultiAZ": "yes"}, "MultiAZ is neither true nor false"),
        ({"VpcSecurityGroupIds": "sg-1"}, "VpcSecurityGroupIds is not a JSON list"),
        ({"Engine": "mysql"}, "Engine mysql is not that of the backup, postgres"),
    ],
)
def test_wrong_metadata_is_refused_with_the_key(
    session: Any, stage: SessionStage, metadata: dict[str, str], message: str
) -> None:
    """The sentence names the key and what is wrong with it."""
    point = stage.point_of(make(session)["DBInstanceArn"])
    name = {"DBInstanceIdentifier": fresh("refused")} if metadata else {}
    assert message in stage.refusal(point, name | metadata)


def test_instances_are_listed_with_their_tags_and_members_of_clusters_are_not(
    session: Any, stage: SessionStage
) -> None:
    """AWS Backup protects an Aurora instance with its cluster."""
    client, source = session.client("rds"), make(session)
    cluster = fresh("cluster")
    client.create_db_cluster(
        DBClusterIdentifier=cluster, Engine="aurora-mysql", MasterUsername="boss", MasterUserPassword="not-told"
    )
    member = make(session, DBInstanceIdentifier=f"{cluster}-1", Engine="aurora-mysql", DBClusterIdentifier=cluster)
    seen = stage.seen(source["DBInstanceArn"])
    assert seen is not None
    assert (seen.resource_type, dict(seen.tags)) == ("RDS", {"Backup": "daily"})
    assert stage.seen(member["DBInstanceArn"]) is None
    assert stage.behind.find(member["DBInstanceArn"], "123456789012", "us-east-1") is None


def test_only_what_a_restore_test_made_is_discarded(session: Any, stage: SessionStage) -> None:
    """The name tells; a gone instance stays gone without an error."""
    source = make(session)
    made = stage.make_again(
        source["DBInstanceArn"], {"DBInstanceIdentifier": fresh(RESTORE_TEST)}, {RESTORE_TEST: ""}
    ).arn
    stage.discard(made)
    assert stage.seen(made) is None
    stage.discard(made)
    with pytest.raises(WorldError, match="not made by a restore test"):
        stage.discard(source["DBInstanceArn"])
    assert stage.seen(source["DBInstanceArn"]) is not None
