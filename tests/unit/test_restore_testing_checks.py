"""Ready checks of restored resources, over moto: what passes, what fails and why, what is not known."""

from __future__ import annotations

import msgspec
import pytest
from test_world_efs import make as make_file_system
from world_stage import fresh

import backupkit as bk
from backupkit.connection import Connection
from backupkit.emulator import LocalService
from backupkit.emulator.resources.session import private_moto_session
from backupkit.errors import InvalidValueError, NeighbourError, VerificationError
from backupkit.neighbours import SessionNeighbours
from backupkit.restore_testing import Outcome, checks


@pytest.fixture(scope="module")
def session():
    return private_moto_session("us-east-1")


@pytest.fixture(scope="module")
def aws(session):
    """A connection whose neighbours are moto's services, asked as AWS's are."""
    service = LocalService("us-east-1", "123456789012")
    return Connection(service, SessionNeighbours(session, "us-east-1", service.clock.sleep))


def restored(aws, resource_type, arn):
    job = bk.RestoreJob(resource_type=resource_type, status="COMPLETED", created_resource_arn=arn)
    msgspec.structs.force_setattr(job, "_aws", aws._caller)
    return job


def told(check, job):
    return {each.name: (str(each.outcome), each.message) for each in check.results(job)}


@pytest.fixture
def database(session, aws):
    found = session.client("rds").create_db_instance(
        DBInstanceIdentifier=fresh("orders"),
        Engine="postgres",
        DBInstanceClass="db.m5.large",
        AllocatedStorage=50,
        StorageEncrypted=True,
        MasterUsername="boss",
        MasterUserPassword="not-told",
    )
    return restored(aws, "RDS", found["DBInstance"]["DBInstanceArn"])


@pytest.fixture
def cluster(session, aws):
    found = session.client("rds").create_db_cluster(
        DBClusterIdentifier=fresh("c"),
        Engine="aurora-postgresql",
        MasterUsername="boss",
        MasterUserPassword="not-told",
    )
    return restored(aws, "Aurora", found["DBCluster"]["DBClusterArn"])


@pytest.fixture
def table(session, aws):
    name, tables = fresh("orders"), session.client("dynamodb")
    made = tables.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in ("id", "customer")],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-customer",
                "KeySchema": [{"AttributeName": "customer", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    for number in range(5):
        tables.put_item(TableName=name, Item={"id": {"S": str(number)}, "customer": {"S": "c"}})
    return restored(aws, "DynamoDB", made["TableDescription"]["TableArn"])


@pytest.fixture
def bucket(session, aws):
    name, buckets = fresh("photos"), session.client("s3")
    buckets.create_bucket(Bucket=name)
    for key in ("2026/a{b}.jpg", "2026/c.jpg", "2025/d.jpg"):
        buckets.put_object(Bucket=name, Key=key, Body=b"12345")
    return restored(aws, "S3", f"arn:aws:s3:::{name}")


@pytest.fixture
def files(session, aws):
    arn = make_file_system(session)
    vpcs = session.client("ec2")
    subnet = vpcs.describe_subnets()["Subnets"][0]["SubnetId"]
    session.client("efs").create_mount_target(FileSystemId=arn.rpartition("/")[2], SubnetId=subnet)
    return restored(aws, "EFS", arn)


@pytest.fixture
def machine(session, aws):
    client = session.client("ec2")
    found = client.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, InstanceType="t3.small")["Instances"][
        0
    ]
    return restored(aws, "EC2", f"arn:aws:ec2:us-east-1:123456789012:instance/{found['InstanceId']}")


GOOD = [
    (
        checks.rds(engine="postgres", encrypted=True, storage_gib=50, multi_az=False),
        "database",
        {"rds status": "available", "rds engine": "postgres", "rds encrypted": "yes", "rds storage_gib": "50"}
        | {"rds multi_az": "no"},
    ),
    (
        checks.aurora(engine="aurora-postgresql", encrypted=False),
        "cluster",
        {"aurora status": "available", "aurora engine": "aurora-postgresql", "aurora encrypted": "no"},
    ),
    (
        checks.dynamodb(items=5, indexes=["by-customer"]),
        "table",
        {"dynamodb status": "ACTIVE", "dynamodb indexes": "by-customer", "dynamodb items": "at least 5"},
    ),
    (
        checks.s3(objects=2, prefix="2026/", keys=["2025/d.jpg"]),
        "bucket",
        {"s3 status": "there", "s3 objects": "at least 2", "s3 object 2025/d.jpg": "5 bytes"},
    ),
    (checks.s3(prefix="2026/a{b}"), "bucket", {"s3 status": "there", "s3 objects": "at least 1"}),
    (checks.efs(mount_targets=1), "files", {"efs status": "available", "efs mount_targets": "1"}),
    (
        checks.ec2(instance_type="t3.small"),
        "machine",
        {
            "ec2 status": "running",
            "ec2 state": "running",
            "ec2 instance status check": "ok",
            "ec2 system status check": "ok",
            "ec2 instance_type": "t3.small",
        },
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize(("check", "resource", "seen"), GOOD, ids=[check.name for check, _, _ in GOOD])
def test_a_ready_check_passes_and_says_what_it_saw(request, check, resource, seen):
    """The evidence of a test is what was seen, thing by thing, and whose answer that was."""
    job = request.getfixturevalue(resource)
    assert told(check, job) == {name: ("passed", message) for name, message in seen.items()}
    assert all(each.looked_at for each in check.results(job))
    assert check(job).startswith(f"{len(seen)} check")


BAD = [
    (checks.rds(engine="mysql"), "database", "rds engine", "postgres, wanted mysql"),
    (checks.rds(encrypted=False), "database", "rds encrypted", "yes, wanted no"),
    (checks.rds(storage_gib=1_000), "database", "rds storage_gib", "50, wanted at least 1,000"),
    (checks.rds(multi_az=True), "database", "rds multi_az", "no, wanted yes"),
    (checks.aurora(instances=1), "cluster", "aurora instances", "0, wanted at least 1"),
    (checks.aurora(encrypted=True), "cluster", "aurora encrypted", "no, wanted yes"),
    (checks.dynamodb(items=6), "table", "dynamodb items", "5, wanted at least 6"),
    (checks.dynamodb(indexes=["by-day"]), "table", "dynamodb indexes", "by-customer, wanted by-day"),
    (checks.s3(objects=4), "bucket", "s3 objects", "3, wanted at least 4"),
    (checks.s3(objects=0, keys=["none.jpg"]), "bucket", "s3 object none.jpg", "not there"),
    (checks.efs(mount_targets=2), "files", "efs mount_targets", "1, wanted at least 2"),
    (checks.efs(size_bytes=10**15), "files", "efs size_bytes", "0, wanted at least 1,000,000,000,000,000"),
    (checks.ec2(instance_type="m5.large"), "machine", "ec2 instance_type", "t3.small, wanted m5.large"),
]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("check", "resource", "name", "message"),
    BAD,
    ids=[f"{name}-{number}" for number, (_, _, name, _) in enumerate(BAD)],
)
def test_a_ready_check_fails_and_says_what_was_seen_and_wanted(request, check, resource, name, message):
    """A failure names what is wrong; what else was looked at passed."""
    found = told(check, request.getfixturevalue(resource))
    assert found[name] == ("failed", message)
    assert [each for each, (outcome, _) in found.items() if outcome != "passed"] == [name]
    with pytest.raises(AssertionError, match=f"1 of {len(found)} checks failed: {name}"):
        check(request.getfixturevalue(resource))


GONE = [
    (checks.rds(engine="mysql"), "RDS", "arn:aws:rds:us-east-1:123456789012:db:gone"),
    (checks.aurora(), "Aurora", "arn:aws:rds:us-east-1:123456789012:cluster:gone"),
    (checks.dynamodb(items=3), "DynamoDB", "arn:aws:dynamodb:us-east-1:123456789012:table/gone"),
    (checks.s3(), "S3", "arn:aws:s3:::gone-from-here"),
    (checks.efs(), "EFS", "arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-00000000000000000"),
    (checks.ec2(), "EC2", "arn:aws:ec2:us-east-1:123456789012:instance/i-00000000000000000"),
    (checks.exists(), "RDS", "arn:aws:rds:us-east-1:123456789012:db:gone"),
]


@pytest.mark.parametrize(("check", "resource_type", "arn"), GONE, ids=[check.name for check, _, _ in GONE])
def test_what_is_not_there_fails_and_nothing_more_is_asked(aws, check, resource_type, arn):
    """The first answer decides; a count of items of a table that is gone would be an error."""
    [found] = check.results(restored(aws, resource_type, arn))
    assert (found.outcome, found.message) == (Outcome.FAILED, f"{arn} is not there")


def test_an_instance_that_is_stopped_failed(session, aws, machine):
    """EC2 lets a stopped instance be used, but a restore brings back a running one."""
    session.client("ec2").stop_instances(InstanceIds=[machine.created_resource_arn.rpartition("/")[2]])
    assert told(checks.ec2(status_checks=False), machine)["ec2 state"] == ("failed", "stopped, wanted running")
    assert told(checks.ec2(), machine)["ec2 instance status check"][0] == "pending"


def state_of(session, job, status):
    """Let moto's database be in a state that it never reaches by itself."""
    from moto.rds.models import rds_backends

    rds_backends["123456789012"]["us-east-1"].databases[job.created_resource_arn.rpartition(":")[2]].status = status


@pytest.mark.slow
@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("creating", "pending"),
        ("modifying", "pending"),
        ("backing-up", "passed"),
        ("failed", "failed"),
        ("stopped", "failed"),
        ("incompatible-restore", "failed"),
        ("storage-full", "failed"),
    ],
)
def test_a_state_that_passes_is_waited_for_and_one_that_stays_is_not(session, aws, database, status, outcome):
    """A database takes minutes to become available; one that failed will not."""
    state_of(session, database, status)
    try:
        assert told(checks.rds(), database)["rds status"] == (outcome, status)
    finally:
        state_of(session, database, "available")


def test_a_multi_az_cluster_is_of_type_rds_too(aws, cluster):
    """AWS Backup calls clusters of RDS that are not Aurora's RDS; the ARN tells which service call describes it."""
    job = restored(aws, "RDS", cluster.created_resource_arn)
    assert told(checks.rds(engine="aurora-postgresql"), job)["rds engine"] == ("passed", "aurora-postgresql")


def test_a_check_leaves_other_types_alone():
    """One function can hold the checks of several types; the job decides which of them are run."""
    every = [checks.rds(), checks.aurora(), checks.dynamodb(), checks.s3(), checks.efs(), checks.ec2()]
    for kind in ("RDS", "Aurora", "DynamoDB", "S3", "EFS", "EC2"):
        assert len([check for check in every if check.fits(bk.RestoreJob(resource_type=kind))]) == 1
        assert checks.exists().fits(bk.RestoreJob(resource_type=kind))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("items", "outcome", "message"),
    [(1_001, "passed", "at least 1,200"), (1_300, "failed", "1,200, wanted at least 1,300")],
)
def test_what_is_counted_comes_in_pages(session, aws, table, items, outcome, message):
    """A service shows a thousand at a time: what is on later pages counts, and nothing is counted twice."""
    tables = session.client("dynamodb")
    name = table.created_resource_arn.rpartition("/")[2]
    for begin in range(5, 1_200, 25):
        puts = [{"PutRequest": {"Item": {"id": {"S": str(number)}}}} for number in range(begin, min(begin + 25, 1_200))]
        tables.batch_write_item(RequestItems={name: puts})
    assert told(checks.dynamodb(items=items), table)["dynamodb items"] == (outcome, message)


def test_a_job_that_made_nothing_failed(aws):
    """A failed restore has nothing to look at, and says so."""
    job = restored(aws, "RDS", None)
    assert told(checks.rds(), job) == {"rds status": ("failed", "the job made nothing (COMPLETED)")}


def test_without_a_session_details_are_not_known():
    """Synthetic resources can be there or not; how many items they hold, nobody can tell."""
    aws = bk.local()
    arn = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
    aws.resources.add(arn)
    job = restored(aws, "DynamoDB", arn)
    assert told(checks.exists(), job) == {"resource status": ("passed", "there")}
    found = told(checks.dynamodb(items=1), job)
    assert found["dynamodb items"] == ("unknown", "this connection has no boto3 session to look with")
    with pytest.raises(NeighbourError, match="no boto3 session"):
        checks.dynamodb(items=1)(job)


def test_what_may_not_be_looked_at_is_not_known(session, aws):
    """A resource of another Region, or a service that refuses, decides nothing."""
    job = restored(aws, "RDS", "arn:aws:rds:eu-west-1:123456789012:db:far")
    assert told(checks.rds(), job) == {"rds status": ("unknown", "it is in eu-west-1, not in us-east-1")}


def test_a_ready_check_verifies_a_recovery():
    """What checks a restore test also checks `aws.recover`."""
    aws = bk.local()
    arn = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
    aws.resources.add(arn)
    aws.call("CreateBackupVault", BackupVaultName="prod")
    aws.back_up(arn, vault="prod").wait()
    assert aws.recover(arn, verify=checks.exists()).verified
    with pytest.raises(VerificationError, match="no boto3 session"):
        aws.recover(arn, run="2", verify=checks.dynamodb(items=1))


@pytest.mark.parametrize(
    ("make", "address"),
    [
        (lambda: checks.dynamodb(items=-1), "checks.dynamodb/items"),
        (lambda: checks.s3(objects="3"), "checks.s3/objects"),
        (lambda: checks.rds(storage_gib=True), "checks.rds/storage_gib"),
        (lambda: checks.efs(mount_targets=1.5), "checks.efs/mount_targets"),
    ],
)
def test_a_number_that_counts_nothing_is_refused(make, address):
    """The mistake shows where the check is written."""
    with pytest.raises(InvalidValueError, match=address):
        make()


def test_a_check_says_what_it_is_about():
    """In a log or notebook a check is readable."""
    assert (
        checks.rds(engine="postgres", storage_gib=50).about
        == "there and usable; engine postgres; storage_gib at least 50"
    )
    assert checks.dynamodb(items=5_000, indexes="a").about == "there and usable; indexes a; items at least 5,000"
    assert repr(checks.s3()) == "ReadyCheck(name='s3', types=frozenset({'S3'}))"
