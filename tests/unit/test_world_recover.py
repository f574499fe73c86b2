"""recover over moto: from the ARN alone to what came back, which is as it was, as far as moto holds it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import attrs
import pytest
from world_stage import answering, fresh

import backupkit as bk
from backupkit import restore
from backupkit.emulator import SessionWorld, private_moto_session
from backupkit.errors import JobFailedError, NeighbourError, PreflightError
from backupkit.neighbours import SessionNeighbours
from backupkit.recover.after_restore import add_instances, attach_volume

# moto makes, captures and restores what is protected.
pytestmark = pytest.mark.slow

ACCOUNT = "123456789012"
HERE = f"us-east-1:{ACCOUNT}"
OWNER = {"MasterUsername": "ops", "MasterUserPassword": "hunter22"}


@pytest.fixture(scope="module")
def session() -> Any:
    return private_moto_session("us-east-1")


@pytest.fixture(scope="module")
def aws(session: Any):
    with bk.local(world=SessionWorld(session, account_id=ACCOUNT, emulated=True)) as connection:
        connection.call("CreateBackupVault", BackupVaultName="prod")
        yield connection


def database(session: Any) -> str:
    made = session.client("rds").create_db_instance(
        DBInstanceIdentifier=fresh("shop"), Engine="postgres", DBInstanceClass="db.m5.large", AllocatedStorage=20,
        Port=5433, MultiAZ=False, **OWNER,
    )  # fmt: skip
    return made["DBInstance"]["DBInstanceArn"]


def cluster(session: Any) -> str:
    made = session.client("rds").create_db_cluster(
        DBClusterIdentifier=fresh("ledger"), Engine="aurora-postgresql", Port=5433, **OWNER
    )
    return made["DBCluster"]["DBClusterArn"]


def volume(session: Any) -> str:
    made = session.client("ec2").create_volume(AvailabilityZone="us-east-1a", Size=3, VolumeType="gp3")
    return f"arn:aws:ec2:{HERE}:volume/{made['VolumeId']}"


def instance(session: Any) -> str:
    ec2 = session.client("ec2")
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    [group] = ec2.describe_security_groups(GroupNames=["default"])["SecurityGroups"]
    [made] = ec2.run_instances(
        ImageId=image, MinCount=1, MaxCount=1, InstanceType="t3.large", SecurityGroupIds=[group["GroupId"]],
        HibernationOptions={"Configured": False},
    )["Instances"]  # fmt: skip
    return f"arn:aws:ec2:{HERE}:instance/{made['InstanceId']}"


def files(session: Any) -> str:
    made = session.client("efs").create_file_system(CreationToken=fresh("home"), Encrypted=True)
    return made["FileSystemArn"]


def table(session: Any) -> str:
    client, name = session.client("dynamodb"), fresh("orders")
    made = client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for number in range(3):
        client.put_item(TableName=name, Item={"id": {"S": str(number)}, "total": {"N": "7"}})
    return made["TableDescription"]["TableArn"]


def bucket(session: Any) -> str:
    client, name = session.client("s3"), fresh("invoices")
    client.create_bucket(Bucket=name)
    client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    for key in ("2026/a", "2025/c"):
        client.put_object(Bucket=name, Key=key, Body=key.encode(), Metadata={"by": "ops"})
    return f"arn:aws:s3:::{name}"


def look_at_table(session: Any, name: str) -> Any:
    client = session.client("dynamodb")
    told = client.describe_table(TableName=name)["Table"]
    items = sorted(client.scan(TableName=name)["Items"], key=lambda item: item["id"]["S"])
    return {"Items": items, **told}


def look_at_bucket(session: Any, name: str) -> Any:
    client = session.client("s3")
    keys = [entry["Key"] for entry in client.list_objects_v2(Bucket=name)["Contents"]]
    found = {key: client.get_object(Bucket=name, Key=key) for key in keys}
    return {key: (each["Body"].read(), each["Metadata"]) for key, each in found.items()}


def last(arn: str) -> str:
    return arn.replace(":", "/").rpartition("/")[2]


@attrs.frozen
class Kind:
    """A type: how one is made, restored and looked at, and what is its own of each."""

    make: Callable[[Any], str]
    to: Callable[[str], Any]
    look: Callable[[Any, str], Any]
    own: str = ""


KINDS = {
    "RDS": Kind(
        database,
        lambda name: restore.RDSInstance(f"{name}-2"),
        lambda session, name: session.client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0],
        "DBInstanceIdentifier DBInstanceArn DbiResourceId InstanceCreateTime LatestRestorableTime Endpoint",
    ),
    "Aurora": Kind(
        cluster,
        lambda name: restore.AuroraCluster(f"{name}-2"),
        lambda session, name: session.client("rds").describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0],
        "DBClusterIdentifier DBClusterArn DbClusterResourceId ClusterCreateTime EarliestRestorableTime LatestRestorableTime Endpoint "
        "ReaderEndpoint HostedZoneId",
    ),
    "EBS": Kind(
        volume,
        lambda _: restore.EBSVolume("us-east-1a", volume_type="gp3"),
        lambda session, name: session.client("ec2").describe_volumes(VolumeIds=[name])["Volumes"][0],
        "VolumeId CreateTime SnapshotId",
    ),
    "EC2": Kind(
        instance,
        lambda _: restore.EC2Instance(),
        lambda session, name: session.client("ec2").describe_instances(InstanceIds=[name])["Reservations"][0]["Instances"][0],
        "InstanceId ImageId LaunchTime BlockDeviceMappings NetworkInterfaces PrivateIpAddress PrivateDnsName "
        "PublicIpAddress PublicDnsName ClientToken",
    ),
    "EFS": Kind(
        files,
        lambda _: restore.EFSFileSystem(),
        lambda session, name: session.client("efs").describe_file_systems(FileSystemId=name)["FileSystems"][0],
        "FileSystemId FileSystemArn CreationToken CreationTime SizeInBytes",
    ),
    "DynamoDB": Kind(
        table,
        lambda name: restore.DynamoDBTable(f"{name}-2"),
        look_at_table,
        "TableName TableArn TableId CreationDateTime",
    ),
    "S3": Kind(bucket, lambda name: restore.S3Bucket(f"{name}-2", new_bucket=True), look_at_bucket),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_what_is_recovered_is_what_was_there(aws: Any, session: Any, kind: Kind) -> None:
    """Looked at through its own service, the new one differs from the source in its names and ids alone."""
    arn = kind.make(session)
    aws.back_up(arn, vault="prod").wait()
    before = kind.look(session, last(arn))
    got = aws.recover(arn, to=kind.to(last(arn)))
    assert (got.job.state, got.resource_arn) == ("COMPLETED", arn)
    assert got.created_resource_arn != arn
    after = kind.look(session, last(got.created_resource_arn))
    own = kind.own.split()
    assert {key: value for key, value in after.items() if key not in own} == {
        key: value for key, value in before.items() if key not in own
    }


@pytest.mark.parametrize("kind", [name for name in KINDS if name != "EBS"])
def test_the_arn_alone_is_enough(aws: Any, session: Any, kind: str) -> None:
    """Of all but a volume, whose zone somebody must choose, and then the message says so."""
    arn = KINDS[kind].make(session)
    aws.back_up(arn, vault="prod").wait()
    got = aws.recover(arn)
    assert KINDS[kind].look(session, last(got.created_resource_arn))


def test_a_moment_is_needed_behind_a_session_too(aws: Any, session: Any) -> None:
    """RDS restores a continuous point to a moment or to the latest, whatever holds the database."""
    arn = database(session)
    rule = bk.Rule("daily", "prod").continuously(keep_days=7)
    role = f"arn:aws:iam::{ACCOUNT}:role/service-role/AWSBackupDefaultServiceRole"
    plan = bk.Plan(fresh("p"), rule).protecting(bk.Selection("all", role=role).including(arn))
    bk.Stack(fresh("s"), plan).preview(aws).apply()
    aws.clock.advance(days=2)
    point = next(each for each in aws.recovery_points(resource=arn) if each.is_continuous)
    asked = {**point.restore_metadata(), "DBInstanceIdentifier": f"{last(arn)}-2"}
    asked.pop("DBSnapshotIdentifier", None)
    job = point.restore(restore.Raw("RDS", asked), preflight=False)
    [failed] = bk.wait_all([job]).failed
    assert (failed.state, "RestoreTime" in failed.status_message) == ("FAILED", True)
    moment = aws.clock.now() - timedelta(hours=2)
    assert point.restore(restore.RDSInstance(f"{last(arn)}-2"), as_of=moment).wait().state == "COMPLETED"


def test_a_cluster_gets_its_instance(aws: Any, session: Any) -> None:
    """AWS Backup makes the cluster alone; what the request says comes after the job, before the check."""
    arn = cluster(session)
    aws.back_up(arn, vault="prod").wait()
    request = restore.AuroraCluster(f"{last(arn)}-2", instance_class="db.r6g.large", instances=1)
    rds = session.client("rds")

    def members(job: Any) -> str:
        [found] = rds.describe_db_clusters(DBClusterIdentifier=last(job.created_resource_arn))["DBClusters"]
        return " ".join(each["DBInstanceIdentifier"] for each in found["DBClusterMembers"])

    got = aws.recover(arn, to=request, verify=members)
    [made] = got.verification_message.split()
    [there] = rds.describe_db_instances(DBInstanceIdentifier=made)["DBInstances"]
    assert (there["DBInstanceClass"], there["Engine"]) == ("db.r6g.large", "aurora-postgresql")


def test_instances_are_added_once(aws: Any, session: Any) -> None:
    """Repeating it adds what is missing alone, and what RDS refuses is told by its code."""
    arn = cluster(session)
    aws.back_up(arn, vault="prod").wait()
    job = aws.recover(arn, to=restore.AuroraCluster(f"{last(arn)}-2")).job
    rds = session.client("rds")

    def members() -> set[str]:
        [found] = rds.describe_db_clusters(DBClusterIdentifier=last(job.created_resource_arn))["DBClusters"]
        return {each["DBInstanceIdentifier"] for each in found["DBClusterMembers"]}

    for instances in (1, 1, 2):
        made = job.add_instances(instance_class="db.r6g.large", instances=instances)
        assert {last(each) for each in made} == members()
        assert len(made) == instances


@pytest.mark.parametrize(
    ("operation", "code", "words"),
    [
        ("CreateDBInstance", "InsufficientDBInstanceCapacity", "create_db_instance: InsufficientDBInstanceCapacity"),
        ("DescribeDBInstances", "AccessDenied", "db:.*-1 cannot be looked at: rds answered AccessDenied"),
        ("DescribeDBInstances", "DBInstanceNotFound", "db:.*-1 cannot be used after 60 minutes"),
    ],
)
def test_an_instance_that_does_not_come_is_told(session: Any, operation: str, code: str, words: str) -> None:
    """What RDS refuses, what may not be looked at, and what is still not there after an hour."""
    arn, slept = cluster(session), list[float]()
    neighbours = SessionNeighbours(session, "us-east-1", slept.append)
    with answering(session, f"rds.{operation}", code), pytest.raises(NeighbourError, match=words):
        add_instances(neighbours, slept.append, arn, "Aurora", instance_class="db.r6g.large")
    assert sum(slept) == (3600 if "60 minutes" in words else 0)


def test_a_cluster_whose_instance_is_refused_is_cleaned_up(session: Any) -> None:
    """The error of RDS is the caller's, and what was made for a rehearsal does not stay for it."""
    arn = cluster(session)
    request = restore.AuroraCluster(f"{last(arn)}-2", instance_class="db.r6g.large", instances=1)
    with answering(session, "rds.CreateDBInstance", "InvalidParameterValue"):
        world = SessionWorld(session, account_id=ACCOUNT, emulated=True)
        with bk.local(world=world) as other:
            other.call("CreateBackupVault", BackupVaultName="prod")
            other.back_up(arn, vault="prod").wait()
            with pytest.raises(NeighbourError, match="create_db_instance: InvalidParameterValue"):
                other.recover(arn, to=request, run="rehearsal", cleanup=True)
    rds = session.client("rds")
    assert f"{last(arn)}-2" not in {each["DBClusterIdentifier"] for each in rds.describe_db_clusters()["DBClusters"]}


def test_a_bucket_in_which_nothing_came_back_is_cleaned_up(aws: Any, session: Any) -> None:
    """What a rehearsal made for objects that no point has does not stay, and the job says what went wrong."""
    s3, name = session.client("s3"), fresh("photos").lower()
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=name, Key="cat.jpg", Body=b"1")
    aws.back_up(f"arn:aws:s3:::{name}", vault="prod").wait()
    nothing = restore.S3Bucket(f"{name}-2", new_bucket=True, items=("dog.jpg",))
    with pytest.raises(JobFailedError, match="no objects that match"):
        aws.recover(f"arn:aws:s3:::{name}", to=nothing, run="rehearsal", cleanup=True)
    assert f"{name}-2" not in {each["Name"] for each in s3.list_buckets()["Buckets"]}
    kept = aws.recover(f"arn:aws:s3:::{name}", to=nothing, run="look", accept_issues=True)
    assert (kept.job.reason, kept.created_resource_arn) == ("nothing_restored", f"arn:aws:s3:::{name}-2")


def test_a_volume_is_attached(aws: Any, session: Any) -> None:
    """To the instance and as the device that the request names, and once."""
    ec2, arn = session.client("ec2"), volume(session)
    aws.back_up(arn, vault="prod").wait()
    host = last(instance(session))
    [found] = ec2.describe_instances(InstanceIds=[host])["Reservations"][0]["Instances"]
    zone = found["Placement"]["AvailabilityZone"]
    got = aws.recover(arn, to=restore.EBSVolume(zone, attach_to=host, device="/dev/sdf"))
    [made] = ec2.describe_volumes(VolumeIds=[last(got.created_resource_arn)])["Volumes"]
    assert [(each["InstanceId"], each["Device"]) for each in made["Attachments"]] == [(host, "/dev/sdf")]
    with pytest.raises(NeighbourError, match="NotFound"):
        got.job.attach_to("i-0123456789abcdef0", device="/dev/sdf")
    with answering(session, "ec2.AttachVolume", "VolumeInUse"):
        attach = partial(attach_volume, SessionNeighbours(session, "us-east-1", lambda _: None), lambda _: None)
        attach(got.created_resource_arn, host, "/dev/sdf")
        with pytest.raises(NeighbourError, match="VolumeInUse"):
            attach(got.created_resource_arn, "i-0123456789abcdef0", "/dev/sdf")


def _volume_and_host(aws: Any, session: Any) -> tuple[str, str, str]:
    """The ARN of a volume that was backed up, an instance, and the zone of that."""
    arn, host = volume(session), last(instance(session))
    aws.back_up(arn, vault="prod").wait()
    [found] = session.client("ec2").describe_instances(InstanceIds=[host])["Reservations"][0]["Instances"]
    return arn, host, found["Placement"]["AvailabilityZone"]


def test_a_volume_that_cannot_be_attached_is_not_restored_first(aws: Any, session: Any) -> None:
    """The zone, the instance and the device are looked at before the restore, which would take its time in vain."""
    arn, host, zone = _volume_and_host(aws, session)
    other = f"{zone[:-1]}{'b' if zone.endswith('a') else 'a'}"
    for to, words in (
        (restore.EBSVolume(other, attach_to=host, device="/dev/sdf"), f"{host} is in {zone}, not in {other}"),
        (restore.EBSVolume(zone, attach_to="i-0123456789abcdef0", device="/dev/sdf"), "is not there; name one that is"),
    ):
        with pytest.raises(PreflightError, match=words):
            aws.recover(arn, to=to)
    assert list(aws.restore_jobs(resource=arn)) == []
    to = restore.EBSVolume(zone, attach_to=host, device="/dev/sdf")
    first = aws.recover(arn, to=to, run="1")
    assert aws.recover(arn, to=to, run="1").job.id == first.job.id
    again = volume(session)
    aws.back_up(again, vault="prod").wait()
    with pytest.raises(PreflightError, match="has something at /dev/sdf; give another device than"):
        aws.recover(again, to=to)


def test_what_was_restored_is_told_where_what_comes_after_it_fails(aws: Any, session: Any) -> None:
    """At night nobody looks for the volume in the list of jobs; the same call takes it up, and tries again."""
    arn, _, zone = _volume_and_host(aws, session)
    to = restore.EBSVolume(zone, attach_to="i-0123456789abcdef0", device="/dev/sdg")
    told = []
    for _ in range(2):
        words = (
            r"volume/vol-\w+ is restored, but not what .* InvalidInstanceID.NotFound; the same call goes on from there"
        )
        with pytest.raises(NeighbourError, match=words) as raised:
            aws.recover(arn, to=to, preflight=False)
        told.append((str(raised.value), raised.value.code))
    assert told[0] == told[1]
    assert len(list(aws.restore_jobs(resource=arn))) == 1
