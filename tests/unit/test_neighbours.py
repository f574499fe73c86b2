"""Looking at the resources that AWS Backup protects, over moto and over synthetic ones."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError

import backupkit as bk
from backupkit.emulator import SessionWorld, private_moto_session
from backupkit.errors import NeighbourError
from backupkit.neighbours import NO_NEIGHBOURS, Presence, SessionNeighbours, look_all

ACCOUNT, REGION = "123456789012", "us-east-1"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-0123456789abcdef0"
BUCKET = "arn:aws:s3:::invoices"


@pytest.fixture
def session():
    return private_moto_session(region_name=REGION)


@pytest.fixture
def neighbours(session):
    return SessionNeighbours(session, REGION, lambda _: None)


def make(session):
    session.client("dynamodb", region_name=REGION).create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    s3 = session.client("s3", region_name=REGION)
    s3.create_bucket(Bucket="invoices")
    s3.put_bucket_versioning(Bucket="invoices", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"1", b"2"):
        s3.put_object(Bucket="invoices", Key="a", Body=body)
    s3.delete_object(Bucket="invoices", Key="a")


@pytest.mark.parametrize("arn", [TABLE, BUCKET])
def test_what_is_there_is_seen_and_removed_and_then_gone(session, neighbours, arn):
    """A table, and a bucket with all versions of its objects, go on demand; each look tells the truth."""
    assert neighbours.look(arn).presence is Presence.GONE
    make(session)
    seen = neighbours.look(arn)
    assert (seen.presence, seen.usable) == (Presence.THERE, True)
    neighbours.remove(arn)
    assert neighbours.look(arn).presence is Presence.GONE


@pytest.mark.slow
def test_a_volume_that_was_attached_is_detached_first(session, neighbours):
    """What a recovery attached does not stand against its clean-up."""
    ec2 = session.client("ec2", region_name=REGION)
    volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"]
    image = ec2.describe_images()["Images"][0]["ImageId"]
    [instance] = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)["Instances"]
    ec2.attach_volume(VolumeId=volume, InstanceId=instance["InstanceId"], Device="/dev/sdf")
    arn = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/{volume}"
    neighbours.remove(arn)
    assert neighbours.look(arn).presence is Presence.GONE


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["db", "cluster"])
def test_a_database_whose_protection_came_along_is_removed(session, neighbours, kind):
    """A restore takes the protection against deletion along; what it made can go all the same."""
    rds = session.client("rds", region_name=REGION)
    more = {"Engine": "aurora-mysql", "MasterUsername": "u", "MasterUserPassword": "not-a-secret"}
    if kind == "cluster":
        rds.create_db_cluster(DBClusterIdentifier="shop", DeletionProtection=True, **more)
    else:
        more |= {"Engine": "mysql", "DBInstanceClass": "db.t3.medium", "AllocatedStorage": 20}
        rds.create_db_instance(DBInstanceIdentifier="shop", DeletionProtection=True, **more)
    arn = f"arn:aws:rds:{REGION}:{ACCOUNT}:{kind}:shop"
    neighbours.remove(arn)
    assert neighbours.look(arn).presence is Presence.GONE


@pytest.mark.slow
def test_a_cluster_goes_with_its_instances(session, neighbours):
    """What a recovery added to a cluster does not stand against its clean-up."""
    rds = session.client("rds", region_name=REGION)
    login = {"MasterUsername": "u", "MasterUserPassword": "not-a-secret"}
    rds.create_db_cluster(DBClusterIdentifier="shop", Engine="aurora-mysql", **login)
    for name in ("shop-1", "shop-2"):
        rds.create_db_instance(
            DBInstanceIdentifier=name, DBInstanceClass="db.r6g.large", Engine="aurora-mysql", DBClusterIdentifier="shop"
        )
    arn = f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:shop"
    neighbours.remove(arn)
    assert neighbours.look(arn).presence is Presence.GONE
    assert rds.describe_db_instances()["DBInstances"] == []


@pytest.mark.slow
def test_a_file_system_goes_with_its_mount_targets(session, neighbours):
    """EFS refuses to delete one that can still be mounted."""
    efs, ec2 = session.client("efs", region_name=REGION), session.client("ec2", region_name=REGION)
    files = efs.create_file_system(CreationToken="t")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    efs.create_mount_target(FileSystemId=files["FileSystemId"], SubnetId=subnet)
    neighbours.remove(files["FileSystemArn"])
    assert neighbours.look(files["FileSystemArn"]).presence is Presence.GONE


def test_what_must_go_before_is_not_waited_for_without_end(session):
    """A volume that stays attached for ten minutes is left, and the error says what holds it."""
    slept = []
    attached = {"Volumes": [{"Attachments": [{"InstanceId": "i-1"}]}], "ResponseMetadata": {"HTTPStatusCode": 200}}
    for operation in ("DescribeVolumes", "DetachVolume"):
        event = f"before-call.ec2.{operation}"
        session.events.register_first(event, lambda **_: (SimpleNamespace(status_code=200), attached))
    with pytest.raises(NeighbourError, match=r"attachments of .* are still there after 600 seconds"):
        SessionNeighbours(session, REGION, slept.append).remove(VOLUME)
    assert sum(slept) == 600


@pytest.mark.parametrize(
    ("arn", "words"),
    [
        (f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/shop", "resources of its type are deleted by hand"),
        (TABLE, "could not be deleted: ResourceNotFoundException"),
    ],
)
def test_what_cannot_be_removed_says_why(neighbours, arn, words):
    """The code of the service's error, or that nothing here deletes it; never what was sent."""
    with pytest.raises(NeighbourError, match=words) as caught:
        neighbours.remove(arn)
    assert arn in str(caught.value)
    assert caught.value.__cause__ is caught.value.__context__ is None


@pytest.mark.slow
def test_an_instance_that_is_terminated_is_gone(session, neighbours):
    """EC2 shows it for an hour after, by itself and among others."""
    ec2 = session.client("ec2", region_name=REGION)
    image = ec2.describe_images()["Images"][0]["ImageId"]
    made = ec2.run_instances(ImageId=image, MinCount=2, MaxCount=2)["Instances"]
    kept, gone = (f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{each['InstanceId']}" for each in made)
    neighbours.remove(gone)
    assert neighbours.look(gone).presence is Presence.GONE
    seen = look_all(neighbours, [kept, gone])
    assert [seen[arn].presence for arn in (kept, gone)] == [Presence.THERE, Presence.GONE]


def test_many_that_may_not_be_asked_for_are_unknown_and_never_gone(session):
    """Nor is what nobody can ask for, without a session."""
    volumes = [VOLUME, f"{VOLUME}0"]
    for neighbours, reason in (
        (refusing(session, "ec2"), "ec2 answered AccessDeniedException"),
        (NO_NEIGHBOURS, "no boto3 session"),
    ):
        for seen in look_all(neighbours, volumes).values():
            assert seen.presence is Presence.UNKNOWN
            assert reason in seen.reason


@pytest.mark.slow
@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:rds:{REGION}:{ACCOUNT}:db:shop",
        f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:shop",
        f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-0123456789abcdef0",
        f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-0123456789abcdef0",
        f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-01234567",
        f"arn:aws:redshift:{REGION}:{ACCOUNT}:cluster:shop",
    ],
)
def test_what_was_never_there_is_gone_by_the_services_own_code(neighbours, arn):
    """moto answers with the services' codes; each is known."""
    assert neighbours.look(arn).presence is Presence.GONE


@pytest.mark.slow
def test_what_cannot_be_asked_is_unknown_and_never_gone(neighbours):
    """Another Region, a type that nobody knows, and a service that answers otherwise are not absence."""
    far = neighbours.look(TABLE.replace(REGION, "eu-west-1"))
    assert (far.presence, far.reason) == (Presence.UNKNOWN, "it is in eu-west-1, not in us-east-1")
    assert neighbours.look(f"arn:aws:sqs:{REGION}:{ACCOUNT}:queue").presence is Presence.UNKNOWN
    gateway = neighbours.look(f"arn:aws:storagegateway:{REGION}:{ACCOUNT}:gateway/sgw-1/volume/vol-1")
    assert gateway.presence is Presence.UNKNOWN
    assert NO_NEIGHBOURS.look(TABLE).presence is Presence.UNKNOWN
    with pytest.raises(NeighbourError, match="no boto3 session"):
        NO_NEIGHBOURS.remove(TABLE)


def test_a_refusal_tells_the_code_and_not_what_was_sent(neighbours):
    """Messages of other services may quote their input, so only their codes are told."""
    with pytest.raises(NeighbourError, match=r"^dynamodb describe_table: ResourceNotFoundException$") as caught:
        neighbours.ask("dynamodb", "describe_table", {"TableName": "secret-name"})
    assert caught.value.code == "ResourceNotFoundException"
    assert "secret" not in repr(caught.value.__cause__)


@pytest.mark.slow
def test_a_local_connection_looks_at_its_synthetic_resources_and_behind_its_session(session):
    """Synthetic resources are seen and removed; others are looked for behind the session."""
    make(session)
    with bk.local(world=SessionWorld(session, account_id=ACCOUNT)) as aws:
        look, remove = aws._caller.neighbours.look, aws._caller.neighbours.remove
        assert aws.session is session
        volume = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-0123456789abcdef0"
        aws.resources.add(volume)
        assert look(volume).presence is look(TABLE).presence is Presence.THERE
        remove(volume)
        remove(TABLE)
        assert look(volume).presence is look(TABLE).presence is Presence.GONE


def test_without_a_session_other_places_are_unknown():
    """A resource of another account or Region cannot be seen from here."""
    with bk.local() as aws:
        look = aws._caller.neighbours.look
        assert aws.session is None
        assert look(TABLE).presence is Presence.GONE
        assert look(TABLE.replace(ACCOUNT, "210987654321")).presence is Presence.UNKNOWN
        assert look(TABLE.replace(REGION, "eu-west-1")).presence is Presence.UNKNOWN


def listed(inventory, resource_type):
    return {each.arn: each.tags for each in inventory.resources if each.resource_type == resource_type}


@pytest.mark.slow
def test_resources_are_listed_by_their_own_services_with_their_tags(session, neighbours):
    """What never had a tag is there, too; buckets of other Regions and instances of clusters are not."""
    make(session)
    rds = session.client("rds", region_name=REGION)
    login = {"MasterUsername": "admin", "MasterUserPassword": "not-a-secret"}
    rds.create_db_cluster(DBClusterIdentifier="shop", Engine="aurora-mysql", Tags=[{"Key": "a", "Value": "1"}], **login)
    rds.create_db_instance(
        DBInstanceIdentifier="member", DBInstanceClass="db.r6g.large", Engine="aurora-mysql", DBClusterIdentifier="shop"
    )
    session.client("s3", region_name="eu-west-1").create_bucket(
        Bucket="far-away", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    found = neighbours.resources({"DynamoDB", "S3", "RDS", "Aurora"})
    assert listed(found, "DynamoDB") == {TABLE: {}}
    assert listed(found, "S3") == {BUCKET: {}}
    assert listed(found, "Aurora") == {f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:shop": {"a": "1"}}
    assert listed(found, "RDS") == {}
    assert not found.unread


def test_tags_that_a_list_leaves_out_come_from_the_tagging_api(session, neighbours):
    """The list of tables tells names only."""
    make(session)
    tags = [{"Key": "backup", "Value": "daily"}]
    session.client("dynamodb", region_name=REGION).tag_resource(ResourceArn=TABLE, Tags=tags)
    assert listed(neighbours.resources({"DynamoDB"}), "DynamoDB") == {TABLE: {"backup": "daily"}}


def refusing(session, *services):
    """The session, which may not call these services."""

    def refuse(**_):
        raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "any")

    class Refusing:
        def client(self, service, **settings):
            client = session.client(service, **settings)
            if service in services:
                client.meta.events.register("before-call", refuse)
            return client

    return SessionNeighbours(Refusing(), REGION, lambda _: None)


def test_a_type_that_may_not_be_listed_says_why_and_hides_no_other(session):
    """Half a list is never taken for the whole: the type is told with the code of the error."""
    make(session)
    found = refusing(session, "dynamodb").resources({"DynamoDB", "S3"})
    assert found.unread == {"DynamoDB": "AccessDeniedException"}
    assert listed(found, "S3") == {BUCKET: {}}


def test_lists_that_boto3_cannot_page_are_read_to_their_end(session, neighbours):
    """Timestream's tables come in pages for which botocore has no paginator."""
    client = session.client("timestream-write", region_name=REGION)
    client.create_database(DatabaseName="metrics")
    for name in ("cpu", "disk", "memory"):
        client.create_table(DatabaseName="metrics", TableName=name)

    def one_at_a_time(parsed, **_):
        parsed["Tables"] = parsed["Tables"][len(asked) :][:1]
        asked.append(parsed["Tables"][0]["TableName"])
        if len(asked) < 3:
            parsed["NextToken"] = str(len(asked))

    asked = []
    session.events.register("after-call.timestream-write.ListTables", one_at_a_time)
    found = listed(neighbours.resources({"Timestream"}), "Timestream")
    assert {arn.rpartition("/")[2] for arn in found} == {"cpu", "disk", "memory"} == set(asked)


@pytest.mark.slow
def test_tags_that_may_not_be_read_are_not_taken_for_none(session):
    """Without the tagging API it is not known which tags a table has."""
    make(session)
    assert listed(refusing(session, "resourcegroupstaggingapi").resources({"DynamoDB"}), "DynamoDB") == {TABLE: None}
