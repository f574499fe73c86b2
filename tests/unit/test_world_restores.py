"""Typed restore requests over moto: what was backed up appears again under its new name, as far as moto holds it."""

from __future__ import annotations

from typing import Any

import pytest
from world_stage import fresh

import backupkit as bk
from backupkit import restore
from backupkit.emulator.resources.session import SessionWorld, private_moto_session

# moto makes, captures and restores what is protected.
pytestmark = pytest.mark.slow

HERE = "us-east-1:123456789012"


@pytest.fixture(scope="module")
def session() -> Any:
    return private_moto_session("us-east-1")


@pytest.fixture
def aws(session: Any):
    types = ["RDS", "Aurora", "EBS", "EC2", "EFS", "DynamoDB", "S3"]
    with bk.local(world=SessionWorld(session, account_id="123456789012", types=types, emulated=True)) as connection:
        bk.Stack("s", bk.Vault("prod")).preview(connection).apply()
        yield connection


def again(aws: Any, arn: str, request: Any) -> str:
    """Back a resource up, restore its point, and return the ARN of what came back."""
    job = aws.back_up(arn, vault="prod").wait()
    preview = job.recovery_point.preview_restore(request, preflight=False)
    assert preview.problems == ()
    made = preview.apply().wait().created_resource_arn
    assert made is not None
    return made


def pick(described: Any, names: str) -> dict[str, Any]:
    return {name: described.get(name) for name in names.split()}


def test_a_database_comes_back_smaller(aws: Any, session: Any) -> None:
    """What the request does not say is as it was; RDS's own answer is sent back without what would fail the job."""
    rds, name = session.client("rds"), fresh("shop")
    made = rds.create_db_instance(
        DBInstanceIdentifier=name, Engine="postgres", DBInstanceClass="db.m5.large", AllocatedStorage=20, Port=5433,
        AvailabilityZone="us-east-1b", MultiAZ=False, MasterUsername="ops", MasterUserPassword="hunter22",
    )["DBInstance"]  # fmt: skip
    arn = again(aws, made["DBInstanceArn"], restore.RDSInstance(f"{name}-2", db_instance_class="db.t3.small"))
    assert arn == f"{made['DBInstanceArn']}-2"
    there = rds.describe_db_instances(DBInstanceIdentifier=f"{name}-2")["DBInstances"][0]
    assert there["DBInstanceClass"] == "db.t3.small"
    same = "Engine EngineVersion AllocatedStorage Port MasterUsername PubliclyAccessible"
    assert pick(there, same) == pick(made, same)


def test_a_cluster_comes_back_without_instances(aws: Any, session: Any) -> None:
    """Aurora restores the cluster alone."""
    rds, name = session.client("rds"), fresh("ledger")
    made = rds.create_db_cluster(
        DBClusterIdentifier=name, Engine="aurora-postgresql", MasterUsername="ops", MasterUserPassword="hunter22"
    )["DBCluster"]
    again(aws, made["DBClusterArn"], restore.AuroraCluster(f"{name}-2", instance_class="db.r6g.large"))
    there = rds.describe_db_clusters(DBClusterIdentifier=f"{name}-2")["DBClusters"][0]
    assert pick(there, "Engine EngineVersion Port MasterUsername") == pick(
        made, "Engine EngineVersion Port MasterUsername"
    )
    assert there["DBClusterMembers"] == []


def test_a_volume_comes_back_in_the_zone_that_was_chosen(aws: Any, session: Any) -> None:
    """The point says no zone; what it says of its size holds."""
    ec2 = session.client("ec2")
    made = ec2.create_volume(AvailabilityZone="us-east-1a", Size=3, VolumeType="gp2")["VolumeId"]
    arn = again(aws, f"arn:aws:ec2:{HERE}:volume/{made}", restore.EBSVolume("us-east-1b", volume_type="gp3"))
    there = ec2.describe_volumes(VolumeIds=[arn.rpartition("/")[2]])["Volumes"][0]
    assert pick(there, "AvailabilityZone Size VolumeType") == {
        "AvailabilityZone": "us-east-1b",
        "Size": 3,
        "VolumeType": "gp3",
    }


def test_an_instance_comes_back_in_its_subnet(aws: Any, session: Any) -> None:
    """Sending back what AWS tells of its interfaces would ask for addresses that the source still has."""
    ec2 = session.client("ec2")
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    made = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, InstanceType="t3.large")["Instances"][0]
    arn = again(aws, f"arn:aws:ec2:{HERE}:instance/{made['InstanceId']}", restore.EC2Instance())
    there = ec2.describe_instances(InstanceIds=[arn.rpartition("/")[2]])["Reservations"][0]["Instances"][0]
    assert there["InstanceId"] != made["InstanceId"]
    assert pick(there, "InstanceType SubnetId") == pick(made, "InstanceType SubnetId")


def test_a_file_system_comes_back_new_or_into_one_that_is_there(aws: Any, session: Any) -> None:
    """A new one gets everything that its job needs; one that is there is named by its id."""
    efs = session.client("efs")
    made = efs.create_file_system(CreationToken=fresh("home"), Encrypted=True)
    arn = again(aws, made["FileSystemArn"], restore.EFSFileSystem(performance_mode="maxIO"))
    there = efs.describe_file_systems(FileSystemId=arn.rpartition("/")[2])["FileSystems"][0]
    assert pick(there, "Encrypted PerformanceMode") == {"Encrypted": True, "PerformanceMode": "maxIO"}
    assert (
        again(aws, made["FileSystemArn"], restore.EFSFileSystem(file_system_id=made["FileSystemId"]))
        == (made["FileSystemArn"])
    )


def test_a_table_comes_back_with_its_items(aws: Any, session: Any) -> None:
    """Item by item."""
    client, name = session.client("dynamodb"), fresh("orders")
    made = client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )["TableDescription"]
    for number in range(3):
        client.put_item(TableName=name, Item={"id": {"S": str(number)}, "total": {"N": "7"}})
    again(aws, made["TableArn"], restore.DynamoDBTable(f"{name}-2", encryption="Default"))
    items = client.scan(TableName=f"{name}-2")["Items"]
    assert sorted(items, key=lambda item: item["id"]["S"]) == sorted(
        client.scan(TableName=name)["Items"], key=lambda item: item["id"]["S"]
    )


def test_some_objects_come_back_into_a_new_bucket(aws: Any, session: Any) -> None:
    """Items are keys of the source, which are sent as URIs."""
    client, name = session.client("s3"), fresh("invoices")
    client.create_bucket(Bucket=name)
    client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    for key in ("2026/a", "2026/b", "2025/c"):
        client.put_object(Bucket=name, Key=key, Body=key.encode())
    again(aws, f"arn:aws:s3:::{name}", restore.S3Bucket(f"{name}-2", new_bucket=True, items="2026/"))
    there = client.list_objects_v2(Bucket=f"{name}-2")["Contents"]
    assert {entry["Key"] for entry in there} == {"2026/a", "2026/b"}
