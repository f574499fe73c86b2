from __future__ import annotations

import logging
from typing import Any

import pytest
from world_stage import SessionStage, answering, fresh

from backupkit.catalog import types_of
from backupkit.emulator.kernel.resource_protocol import WorldError
from backupkit.emulator.neighbours import LocalNeighbours
from backupkit.emulator.resources.session import SessionWorld, private_moto_session
from backupkit.errors import ConfigurationError, NeighbourError
from backupkit.neighbours import Presence

ACCOUNT, REGION = "123456789012", "us-east-1"
READ = ("DynamoDB", "S3", "EBS", "CloudFormation")
ARNS = {
    "Aurora": f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:c",
    "DSQL": f"arn:aws:dsql:{REGION}:{ACCOUNT}:cluster/{'a' * 26}",
    "CloudFormation": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/s/0f0f",
    "DynamoDB": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/t",
    "EBS": f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-0123456789abcdef0",
    "EC2": f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-0123456789abcdef0",
    "EFS": f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-0123456789abcdef0",
    "EKS": f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/c",
    "FSx": f"arn:aws:fsx:{REGION}:{ACCOUNT}:file-system/fs-0123456789abcdef0",
    "Neptune": f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:c",
    "RDS": f"arn:aws:rds:{REGION}:{ACCOUNT}:db:d",
    "Redshift": f"arn:aws:redshift:{REGION}:{ACCOUNT}:cluster:c",
    "S3": "arn:aws:s3:::no-such-bucket-anywhere",
    "Timestream": f"arn:aws:timestream:{REGION}:{ACCOUNT}:database/d/table/t",
}


@pytest.fixture(scope="module")
def session() -> Any:
    return private_moto_session(REGION)


@pytest.mark.slow
@pytest.mark.parametrize("resource_type", sorted(ARNS))
def test_what_is_not_there_is_not_found(session: Any, resource_type: str) -> None:
    """Every type answers None about an ARN of its shape, the catalog agrees about the shape, and a backup fails."""
    arn = ARNS[resource_type]
    assert resource_type in {found.name for found in types_of(arn)}
    if resource_type == "CloudFormation":
        pytest.importorskip("moto.cloudformation.models", reason="needs moto[cloudformation]", exc_type=ImportError)
    stage = SessionStage(session, resource_type)
    assert stage.behind.find(arn, ACCOUNT, REGION) is None
    with pytest.raises(WorldError, match="does not exist"):
        stage.behind.capture(arn, ACCOUNT, REGION, stage.clock.now())
    stage.discard(arn)


def test_a_type_can_be_left_out_and_an_unknown_one_is_refused(session: Any) -> None:
    """Only the types asked for are listed, found and held; a type that cannot be held is named."""
    name = fresh("orders")
    session.client("s3").create_bucket(Bucket=name)
    arn = f"arn:aws:s3:::{name}"
    without = SessionWorld(session, types=["DynamoDB"])
    assert list(without.resources(ACCOUNT, REGION)) == []
    assert without.find(arn, ACCOUNT, REGION) is None
    with pytest.raises(WorldError, match="of no type that this session holds; it holds DynamoDB"):
        without.capture(arn, ACCOUNT, REGION, SessionStage(session, "S3").clock.now())
    job = SessionStage(session, "DynamoDB").back_up(arn)
    assert job["State"] == "FAILED"
    assert "of no type that this session holds" in job["StatusMessage"]
    with pytest.raises(ConfigurationError, match="cannot hold Floppy, SAP HANA; it can hold Aurora"):
        SessionWorld(session, types=["Floppy", "S3", "SAP HANA"])


def test_databases_are_held_of_an_emulator_only(session: Any) -> None:
    """No API reads what is in them: of AWS itself they would come back empty, and so they are not offered."""
    with pytest.raises(ConfigurationError, match=r"cannot hold RDS; it can hold .*emulated=True"):
        SessionWorld(session, types=["RDS"], emulated=False)
    held = SessionWorld(session, emulated=False)
    for resource_type in ARNS.keys() - set(READ):
        with pytest.raises(WorldError, match="of no type that this session holds"):
            held.capture(ARNS[resource_type], ACCOUNT, REGION, SessionStage(session, "S3").clock.now())


def test_volumes_of_aws_are_held_only_where_they_are_named(session: Any) -> None:
    """To be read they make snapshots in the account, which nobody should do unawares."""
    arn = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/"
    arn += session.client("ec2").create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"]
    assert SessionWorld(session, emulated=False).find(arn, ACCOUNT, REGION) is None
    assert SessionWorld(session, emulated=False, types=["EBS"]).find(arn, ACCOUNT, REGION) is not None
    assert SessionWorld(session).find(arn, ACCOUNT, REGION) is not None


@pytest.mark.slow
def test_a_point_of_an_emulator_is_not_restored_into_aws(session: Any) -> None:
    """An empty database beside the real ones would look like a restore that worked."""
    stage = SessionStage(session, "RDS")
    made = session.client("rds").create_db_instance(
        DBInstanceIdentifier=fresh("orders"), Engine="mysql", DBInstanceClass="db.m5.large", AllocatedStorage=20
    )["DBInstance"]
    taken = stage.behind.capture(made["DBInstanceArn"], ACCOUNT, REGION, stage.clock.now())
    aws = SessionWorld(session, emulated=False)
    with pytest.raises(WorldError, match="holds no RDS that a session can restore"):
        aws.restore(
            taken.content,
            "RDS",
            {"DBInstanceIdentifier": "x"},
            account_id=ACCOUNT,
            region_name=REGION,
            now=stage.clock.now(),
            tags={},
        )


@pytest.mark.parametrize("code", ["AccessDenied", "UnauthorizedOperation"])
def test_a_service_that_may_not_be_listed_does_not_hide_the_others(
    session: Any, caplog: pytest.LogCaptureFixture, code: str
) -> None:
    """The listing passes over it with a warning; using one of its resources fails with a way out."""
    bucket = fresh("bucket")
    session.client("s3").create_bucket(Bucket=bucket)
    stage = SessionStage(session, "RDS", "S3")
    with answering(session, "rds.DescribeDBInstances", code), caplog.at_level(logging.WARNING):
        found = {seen.arn for seen in stage.behind.resources(ACCOUNT, REGION)}
        assert f"arn:aws:s3:::{bucket}" in found
        with pytest.raises(WorldError, match=rf"may not call DescribeDBInstances \({code}\).*types="):
            stage.behind.find(ARNS["RDS"], ACCOUNT, REGION)
        job = stage.back_up(ARNS["RDS"])
        assert job["State"] == "FAILED"
        assert "may not call DescribeDBInstances" in job["StatusMessage"]
    assert f"RDS in {REGION} is passed over" in caplog.text


def test_a_bucket_that_may_not_be_read_does_not_hide_the_others(session: Any, caplog: pytest.LogCaptureFixture) -> None:
    """The policy of one bucket may deny its tags to the session; that bucket alone is passed over, with a warning."""
    open_to_all, closed = fresh("bucket"), fresh("closed")
    for bucket in (open_to_all, closed):
        session.client("s3").create_bucket(Bucket=bucket)
    with (
        answering(session, "resource-groups-tagging-api.GetResources", "AccessDeniedException"),
        answering(session, "s3.GetBucketTagging", "AccessDenied", about=closed),
        caplog.at_level(logging.WARNING),
    ):
        names = {seen.name for seen in SessionStage(session, "S3").all()}
    assert (open_to_all in names, closed in names) == (True, False)
    assert f"arn:aws:s3:::{closed} is passed over" in caplog.text


def test_a_service_that_fails_in_a_listing_is_not_passed_over(session: Any) -> None:
    """Half a list would leave resources without backups in silence."""
    stage = SessionStage(session, "RDS", "S3")
    with (
        answering(session, "rds.DescribeDBInstances", "InternalFailure"),
        pytest.raises(WorldError, match=r"RDS: .*told by AWS"),
    ):
        list(stage.behind.resources(ACCOUNT, REGION))


def test_what_aws_refuses_becomes_the_message_of_the_job(session: Any) -> None:
    """A restore that AWS turns down fails with AWS's own words, and nothing is thrown at whoever moves the clock."""
    stage = SessionStage(session, "RDS")
    made = session.client("rds").create_db_instance(
        DBInstanceIdentifier=fresh("orders"), Engine="mysql", DBInstanceClass="db.m5.large", AllocatedStorage=20
    )["DBInstance"]
    point = stage.point_of(made["DBInstanceArn"])
    with answering(session, "rds.CreateDBInstance", "InstanceQuotaExceeded"):
        later = stage.later(session, "RDS")
        assert "told by AWS" in later.refusal(point, {"DBInstanceIdentifier": fresh("r")})


@pytest.mark.slow
def test_tags_are_asked_one_at_a_time_where_they_may_not_be_asked_in_bulk(session: Any) -> None:
    """A session without tag:GetResources sees the same tags, with a call for each resource, and asks once in bulk."""
    bucket, table = fresh("bucket"), fresh("orders")
    session.client("s3").create_bucket(Bucket=bucket)
    session.client("s3").put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    session.client("dynamodb").create_table(
        TableName=table,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=[{"Key": "c", "Value": "d"}],
    )
    found = {seen.name: dict(seen.tags) for seen in SessionStage(session, "DynamoDB", "S3").all()}
    stage, asked = SessionStage(session, "DynamoDB", "S3"), []
    bulk = "resource-groups-tagging-api.GetResources"
    session.events.register_first(f"before-call.{bulk}", lambda **_: asked.append("in bulk"))
    with answering(session, bulk, "AccessDeniedException"):
        alone, again = ({seen.name: dict(seen.tags) for seen in stage.all()} for _ in range(2))
    assert alone == again
    assert len(asked) == 2, "each of the two types asks once"
    assert found[bucket] == alone[bucket] == {"a": "b"}
    assert found[table] == alone[table] == {"c": "d"}


@pytest.mark.slow
def test_listings_go_through_every_page(session: Any) -> None:
    """More resources than one answer holds are all there, each once."""
    client = session.client("rds")
    names = {fresh("many") for _ in range(105)}
    for name in names:
        client.create_db_instance(DBInstanceIdentifier=name, Engine="mysql", DBInstanceClass="db.m5.large")
    found = [seen.name for seen in SessionStage(session, "RDS").behind.resources(ACCOUNT, REGION)]
    assert sorted(filter(None, found)) == sorted(names)
    buckets = [fresh("bucket") for _ in range(3)]
    for bucket in buckets:
        session.client("s3").create_bucket(Bucket=bucket)
    listed = [seen.name for seen in SessionStage(session, "S3").behind.resources(ACCOUNT, REGION)]
    assert set(buckets) <= set(listed)
    assert len(set(listed)) == len(listed)


def test_what_is_not_aws_behind_a_session_becomes_the_message_of_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    """An endpoint where nobody listens fails the backup with botocore's words, and tells previews that it is unknown."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    import boto3

    session = boto3.Session(aws_access_key_id="a", aws_secret_access_key="b", region_name=REGION)
    stage = SessionStage(session, "DynamoDB")
    job = stage.back_up(ARNS["DynamoDB"])
    assert (job["State"], "Could not connect to the endpoint URL" in job["StatusMessage"]) == ("FAILED", True)
    neighbours = LocalNeighbours(stage.service)
    sighting = neighbours.look(ARNS["DynamoDB"])
    assert (sighting.presence, "Could not connect" in sighting.reason) == (Presence.UNKNOWN, True)
    with pytest.raises(NeighbourError, match=r"resources cannot be listed: .*Could not connect"):
        neighbours.resources()


def test_a_session_restores_into_its_own_account(session: Any) -> None:
    """A point that another account reaches is not brought back in the session's in its place."""
    name = fresh("bucket")
    client = session.client("s3")
    client.create_bucket(Bucket=name)
    stage = SessionStage(session, "S3")
    taken = stage.behind.capture(f"arn:aws:s3:::{name}", ACCOUNT, REGION, stage.clock.now())
    where = {"account_id": "999999999999", "region_name": REGION, "now": stage.clock.now(), "tags": {}}
    metadata = {"DestinationBucketName": f"{name}-r", "NewBucket": "true"}
    with pytest.raises(WorldError, match="cannot restore into account 999999999999"):
        stage.behind.restore(taken.content, "S3", metadata, **where)
    assert f"{name}-r" not in [bucket["Name"] for bucket in client.list_buckets()["Buckets"]]


@pytest.mark.parametrize(
    ("resource_type", "event", "code"),
    [
        ("FSx", "fsx.DescribeFileSystems", "FileSystemNotFound"),
        ("EKS", "eks.DescribeCluster", "ResourceNotFoundException"),
        ("S3", "s3.GetBucketLocation", "NoSuchBucket"),
    ],
)
def test_what_aws_says_is_not_there_is_not_there(session: Any, resource_type: str, event: str, code: str) -> None:
    """An emulator may answer with nothing where AWS answers with an error; both mean the same."""
    with answering(session, event, code):
        assert SessionStage(session, resource_type).behind.find(ARNS[resource_type], ACCOUNT, REGION) is None


def test_other_accounts_and_regions_have_nothing_of_it(session: Any) -> None:
    """A session reaches its own account; an ARN of another Region is not found here."""
    stage = SessionStage(session, "EFS")
    arn = session.client("efs").create_file_system(CreationToken=fresh("t"))["FileSystemArn"]
    assert stage.behind.find(arn, ACCOUNT, REGION) is not None
    assert stage.behind.find(arn, ACCOUNT, "eu-west-1") is None
    assert stage.behind.find(arn, "999999999999", REGION) is None
    assert list(stage.behind.resources("999999999999", REGION)) == []


@pytest.mark.slow
def test_a_region_that_the_emulator_lacks_for_a_type_is_passed_over(session: Any) -> None:
    """moto has Aurora DSQL in two Regions; elsewhere there is none, and the other types are listed."""
    client = session.client("efs", region_name="eu-west-1")
    arn = client.create_file_system(CreationToken=fresh("t"))["FileSystemArn"]
    world = SessionWorld(session)
    for _ in range(2):
        assert arn in {seen.arn for seen in world.resources(ACCOUNT, "eu-west-1")}
    with pytest.raises(WorldError, match="no DSQL in eu-west-1"):
        world.find(ARNS["DSQL"].replace(REGION, "eu-west-1"), ACCOUNT, "eu-west-1")


@pytest.mark.slow
def test_inside_a_mock_of_the_callers_own_everything_can_be_held() -> None:
    """A plain session is AWS's, unless it is said that an emulator answers."""
    import boto3
    from moto import mock_aws

    with mock_aws():
        own = boto3.Session(aws_access_key_id="a", aws_secret_access_key="b", region_name=REGION)
        arn = own.client("efs").create_file_system(CreationToken=fresh("t"))["FileSystemArn"]
        assert SessionWorld(own).find(arn, ACCOUNT, REGION) is None
        stage = SessionStage(own, "EFS", emulated=True)
        point = stage.point_of(arn)
        metadata = {"newFileSystem": "true", "Encrypted": "false", "PerformanceMode": "generalPurpose"}
        assert stage.seen(stage.restored(point, metadata | {"CreationToken": fresh("t")})) is not None
