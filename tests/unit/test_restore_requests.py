"""Typed restore requests: what they send, and what they refuse before anything is sent."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import attrs
import pytest
from hypothesis import given, settings
from hypothesis.strategies import booleans, data, dictionaries, sampled_from, text

from backupkit import catalog, restore
from backupkit.catalog import PointFacts, Send, Trait, check_metadata
from backupkit.catalog.merge import merged
from backupkit.catalog.point_facts import is_continuous
from backupkit.errors import InvalidValueError
from backupkit.problems import Severity, errors_in

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
ADVANCED = "arn:aws:backup:us-east-1:123456789012:recovery-point:1EB3B5E7-9EB0-435A-A80B-108B488B0D45"
COPIED = "arn:aws:backup:eu-west-1:123456789012:recovery-point:1EB3B5E7-9EB0-435A-A80B-108B488B0D45"
BASIC = "arn:aws:dynamodb:us-east-1:123456789012:table/orders/backup/01548275198233-a4e6d1b2"
SNAPSHOT = "arn:aws:backup:us-east-1:123456789012:recovery-point:invoices-20260101050000-1a2b3c4d"
CONTINUOUS = "arn:aws:backup:us-east-1:123456789012:recovery-point:invoices-1a2b3c4d"
VAULT = "arn:aws:backup:us-east-1:123456789012:backup-vault:prod"
DR_VAULT = "arn:aws:backup:eu-west-1:123456789012:backup-vault:dr"
REQUEST_ID = {"aws:backup:request-id": "a6dbc5a8-8a4d-4f0f-9bb4-7f1d2c3b4a59"}
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)

HELD = {
    "RDS": {
        "DBInstanceIdentifier": "shop",
        "DBInstanceClass": "db.r6g.xlarge",
        "Engine": "postgres",
        "Port": "5432",
        "DBSubnetGroupName": "private",
        "VpcSecurityGroupIds": '["sg-0a"]',
        "AvailabilityZone": "us-east-1a",
        "MultiAZ": "false",
        "EnableCloudwatchLogsExports": '["postgresql"]',
        "KmsKeyId": "arn:aws:kms:us-east-1:123456789012:key/k",
        "DBSnapshotIdentifier": "awsbackup:job-1",
        "InformationalOnly:StorageType": "gp3",
        **REQUEST_ID,
    },
    "Aurora": {
        "EngineVersion": "15.4",
        "KmsKeyId": "arn:aws:kms:us-east-1:123456789012:key/k",
        "EngineMode": "provisioned",
        "AvailabilityZones": '["us-east-1a","us-east-1b"]',
        "Port": "5432",
        "DatabaseName": "",
        "DBSubnetGroupName": "private",
        "VpcSecurityGroupIds": '["sg-0a"]',
        "CopyTagsToSnapshot": "true",
        "Engine": "aurora-postgresql",
        "EnableCloudwatchLogsExports": "[]",
    },
    "EBS": {"encrypted": "false", "volumeId": "vol-0123456789abcdef0", "availabilityZone": None, **REQUEST_ID},
    "EC2": {
        "InstanceType": "t2.micro",
        "KeyName": "ops",
        "SubnetId": "subnet-0a",
        "VpcId": "vpc-0a",
        "SecurityGroupIds": '["sg-0a"]',
        "CpuOptions": '{"CoreCount":1,"ThreadsPerCore":1}',
        "CreditSpecification": '{"CpuCredits":"standard"}',
        "Monitoring": '{"State":"disabled"}',
        "Placement": '{"AvailabilityZone":"us-east-1a","GroupName":null,"Tenancy":"default"}',
        "NetworkInterfaces": '[{"NetworkInterfaceId":"eni-1","PrivateIpAddress":"10.0.0.4"}]',
        **REQUEST_ID,
    },
    "EFS": {"file-system-id": "fs-0123456789abcdef0", **REQUEST_ID},
    "DynamoDB": {"originalTableName": "orders", **REQUEST_ID},
    "S3": {},
}


def facts(kind: str, arn: str = ADVANCED, resource: str = "", vault: str = VAULT, **more) -> PointFacts:
    return PointFacts(
        resource_type=kind,
        point_arn=arn,
        resource_arn=resource,
        vault_arn=vault,
        held=more.pop("held", HELD.get(kind, {})),
        **more,
    )


TABLE_POINT = facts("DynamoDB", BASIC, TABLE)
BUCKET_POINT = facts("S3", SNAPSHOT, "arn:aws:s3:::invoices", created=NOON)
FLOWING_BUCKET = facts(
    "S3", CONTINUOUS, "arn:aws:s3:::invoices", continuous=True, earliest=NOON, latest=NOON + timedelta(days=5)
)
DATABASE = facts(
    "RDS", "arn:aws:rds:us-east-1:123456789012:snapshot:awsbackup:job-1", "arn:aws:rds:us-east-1:123456789012:db:shop"
)
FLOWING_DATABASE = attrs.evolve(
    DATABASE,
    point_arn="arn:aws:backup:us-east-1:123456789012:recovery-point:continuous:db-0a",
    continuous=True,
    earliest=NOON,
    latest=NOON + timedelta(days=5),
)
CLUSTER = facts(
    "Aurora",
    "arn:aws:rds:us-east-1:123456789012:cluster-snapshot:awsbackup:job-1",
    "arn:aws:rds:us-east-1:123456789012:cluster:ledger",
)
VOLUME = facts(
    "EBS", "arn:aws:ec2:us-east-1::snapshot/snap-0a", "arn:aws:ec2:us-east-1:123456789012:volume/vol-0123456789abcdef0"
)
INSTANCE = facts("EC2", "arn:aws:ec2:us-east-1::image/ami-0a", "arn:aws:ec2:us-east-1:123456789012:instance/i-0a")
FILES = facts("EFS", ADVANCED, "arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-0123456789abcdef0")


def sent(request, point: PointFacts, as_of: datetime | None = None) -> dict[str, str]:
    made = merged(request, point, as_of)
    assert errors_in(made.problems) == (), made.problems
    return {entry.key: entry.value for entry in made.sent}


def dropped(request, point: PointFacts) -> dict[str, str]:
    return {each.key: each.reason for each in merged(request, point).dropped}


def wrong(request, point: PointFacts, as_of: datetime | None = None) -> set[str]:
    return {problem.address for problem in errors_in(merged(request, point, as_of).problems)}


class TestMerging:
    def test_a_key_is_never_sent_in_two_spellings(self):
        """The documentation spells keys in several ways, so the caller's spelling replaces the one that the point holds."""
        request = restore.AuroraCluster("ledger-2", db_subnet_group_name="isolated")
        asked = sent(request, CLUSTER)
        assert asked["dbSubnetGroupName"] == "isolated"
        assert "DBSubnetGroupName" not in asked

    def test_a_null_drops_its_own_key_and_no_other(self):
        """AWS answers null for a volume's zone, and boto3 refuses to send null."""
        assert sent(restore.EBSVolume("us-east-1b"), VOLUME) == {"availabilityZone": "us-east-1b", "encrypted": "false"}
        nulls = attrs.evolve(TABLE_POINT, held={"a": None, "b": "1"})
        made = merged(restore.DynamoDBTable("orders-2"), nulls)
        assert [each.key for each in made.dropped] == ["a"]
        assert {"b": "1"}.items() <= {entry.key: entry.value for entry in made.sent}.items()

    def test_extra_metadata_wins_and_is_only_doubted(self):
        """Keys and values that backupkit does not know yet can be sent."""
        request = restore.EBSVolume("us-east-1a", volume_type="gp3", extra_metadata={"VolumeType": "gp9", "new": "1"})
        made = merged(request, VOLUME)
        assert {"VolumeType": "gp9", "new": "1"}.items() <= {entry.key: entry.value for entry in made.sent}.items()
        assert "volumeType" not in {entry.key for entry in made.sent}
        assert errors_in(made.problems) == ()
        assert {problem.severity for problem in made.problems} == {Severity.WARNING}

    @pytest.mark.parametrize("kind", [name for name, each in catalog.TYPES.items() if each.restore_forms])
    def test_what_the_table_strips_is_never_sent_back(self, kind):
        """A point tells what describes its source; a job that is sent the source's own name or snapshot fails."""
        for form in catalog.TYPES[kind].restore_forms:
            for key in form.keys:
                assert key.send is Send.KEEP or not key.required or key.name == "engine" or key.send is Send.REPLACE


class TestRDS:
    def test_the_source_is_passed_on_without_what_fails_the_job(self):
        """A drill saw jobs fail within 15 seconds that were sent DBSnapshotIdentifier or an informational key."""
        asked = sent(restore.RDSInstance("shop-2", db_instance_class="db.t4g.medium"), DATABASE)
        assert asked == {
            "DBInstanceIdentifier": "shop-2",
            "DBInstanceClass": "db.t4g.medium",
            "Engine": "postgres",
            "Port": "5432",
            "DBSubnetGroupName": "private",
            "VpcSecurityGroupIds": '["sg-0a"]',
            "AvailabilityZone": "us-east-1a",
            "MultiAZ": "false",
            "EnableCloudwatchLogsExports": '["postgresql"]',
        }

    def test_a_copy_leaves_behind_what_belongs_to_its_region(self):
        """Subnet groups, security groups, zones and log exports of another Region are not there."""
        copy = attrs.evolve(DATABASE, vault_arn=DR_VAULT)
        assert sent(restore.RDSInstance("shop-2"), copy).keys() == {
            "DBInstanceIdentifier", "DBInstanceClass", "Engine", "Port", "MultiAZ",
        }  # fmt: skip

    def test_multi_az_takes_no_zone(self):
        """RDS refuses a zone beside MultiAZ, so the point's own is dropped and the caller's refused."""
        assert "AvailabilityZone" not in sent(restore.RDSInstance("shop-2", multi_az=True), DATABASE)
        with pytest.raises(InvalidValueError, match="restore/availability_zone"):
            restore.RDSInstance("shop-2", multi_az=True, availability_zone="us-east-1a")

    def test_a_continuous_point_is_restored_to_the_moment_or_to_its_latest(self):
        """as_of= is the one word for the moment."""
        asked = sent(restore.RDSInstance("shop-2"), FLOWING_DATABASE, NOON + timedelta(hours=1))
        assert asked["RestoreTime"] == "2026-01-02T13:00:00Z"
        assert "UseLatestRestorableTime" not in asked
        asked = sent(restore.RDSInstance("shop-2"), FLOWING_DATABASE)
        assert asked["UseLatestRestorableTime"] == "true"
        assert "RestoreTime" not in asked

    def test_a_moment_outside_the_window_is_refused(self):
        """Asking for it would fail the job."""
        assert wrong(restore.RDSInstance("shop-2"), FLOWING_DATABASE, NOON - timedelta(hours=1)) == {"restore/as_of"}
        assert wrong(restore.RDSInstance("shop-2"), FLOWING_DATABASE, NOON + timedelta(days=6)) == {"restore/as_of"}

    def test_the_last_minutes_are_doubted(self):
        """RDS is about five minutes behind, and a job that asks for more fails."""
        late = FLOWING_DATABASE.latest
        [doubt] = merged(restore.RDSInstance("shop-2"), FLOWING_DATABASE, late).problems
        assert (doubt.address, doubt.severity) == ("restore/as_of", Severity.WARNING)
        assert merged(restore.RDSInstance("shop-2"), FLOWING_DATABASE, late - timedelta(minutes=6)).problems == ()

    def test_a_snapshot_that_is_newer_than_the_moment_is_refused(self):
        """It would bring back what happened after the moment."""
        assert wrong(restore.RDSInstance("shop-2"), attrs.evolve(DATABASE, created=NOON), NOON - timedelta(1)) == {
            "restore/as_of"
        }


class TestAurora:
    def test_a_moment_has_its_own_key_and_takes_no_zones(self):
        """Two pages of AWS say RestoreToTime; zones and a database name are of snapshots only."""
        flowing = attrs.evolve(
            CLUSTER,
            point_arn="arn:aws:backup:us-east-1:123456789012:recovery-point:continuous:cluster-0a",
            continuous=True,
        )
        asked = sent(restore.AuroraCluster("ledger-2"), flowing, NOON)
        assert asked["restoreToTime"] == "2026-01-02T12:00:00Z"
        assert not {"AvailabilityZones", "DatabaseName"} & asked.keys()

    def test_what_aws_answered_is_not_judged(self):
        """A key that is spelled in a way we do not know is sent back as it came."""
        odd = attrs.evolve(CLUSTER, held={**HELD["Aurora"], "KmsKeyId": "default"})
        assert sent(restore.AuroraCluster("ledger-2"), odd)["KmsKeyId"] == "default"

    def test_what_comes_after_the_job_is_not_sent(self):
        """Instances are added by `recover`; StartRestoreJob knows nothing of them."""
        request = restore.AuroraCluster("ledger-2", instance_class="db.r6g.large", instances=2)
        assert not any("nstance" in key for key in sent(request, CLUSTER))


class TestEBS:
    def test_a_key_encrypts_the_volume(self):
        """The point says encrypted false, with which a key would be refused."""
        asked = sent(restore.EBSVolume("us-east-1a", key="alias/backups"), VOLUME)
        assert asked == {"availabilityZone": "us-east-1a", "encrypted": "true", "kmsKeyId": "alias/backups"}

    def test_nothing_is_said_of_encryption_where_nobody_says_anything(self):
        """Without it the volume follows the snapshot."""
        silent = attrs.evolve(VOLUME, held={})
        assert sent(restore.EBSVolume("us-east-1a"), silent) == {"availabilityZone": "us-east-1a"}

    @pytest.mark.parametrize(
        "zone", ["us-gov-west-1b", "us-west-2-lax-1a", "us-east-1-wl1-bos-wlz-1", "ap-southeast-2c"]
    )
    def test_zones_of_all_kinds_are_taken(self, zone):
        """Local zones and those of Wavelength have longer names."""
        assert restore.EBSVolume(zone).availability_zone == zone

    def test_an_archived_point_needs_the_days_for_which_it_comes_back(self):
        """Without them the job fails."""
        archived = attrs.evolve(VOLUME, archived=True)
        assert wrong(restore.EBSVolume("us-east-1a"), archived) == {"restore/temporary_restore_days"}
        assert sent(restore.EBSVolume("us-east-1a", temporary_restore_days=7), archived)["temporaryRestoreDays"] == "7"

    def test_files_go_into_a_bucket(self):
        """What AWS does not publish is an argument that the caller must know."""
        request = restore.EBSFiles("rescued", items=("/etc/hosts", "/var/log"), restore_type="FILE")
        assert sent(request, VOLUME) == {
            "restoreType": "FILE",
            "destinationBucketName": "rescued",
            "pathsToRestore": '["/etc/hosts", "/var/log"]',
        }


class TestEC2:
    def test_nothing_is_sent_that_the_source_still_holds(self):
        """Its interfaces and addresses may be in use, many types refuse CPU options, and the zone is the subnet's."""
        asked = sent(restore.EC2Instance(instance_type="t3.small"), INSTANCE)
        assert asked == {
            "InstanceType": "t3.small",
            "KeyName": "ops",
            "SubnetId": "subnet-0a",
            "SecurityGroupIds": '["sg-0a"]',
            "CreditSpecification": '{"CpuCredits":"standard"}',
            "Monitoring": '{"State":"disabled"}',
            "Placement": '{"Tenancy": "default"}',
        }

    def test_interfaces_take_the_place_of_subnet_and_groups(self):
        """RunInstances refuses both at once."""
        request = restore.EC2Instance(
            network_interfaces=restore.NetworkInterface(subnet_id="subnet-0b", groups=("sg-0b",))
        )
        asked = sent(request, INSTANCE)
        assert json.loads(asked["NetworkInterfaces"]) == [
            {"DeviceIndex": 0, "SubnetId": "subnet-0b", "Groups": ["sg-0b"]}
        ]
        assert not {"SubnetId", "SecurityGroupIds"} & asked.keys()


class TestEFS:
    def test_a_new_file_system_gets_all_that_its_job_needs(self):
        """A job without a token or a performance mode is started, and fails later."""
        asked = sent(restore.EFSFileSystem(), FILES)
        assert len(asked.pop("CreationToken")) == 36
        assert asked == {
            "newFileSystem": "true",
            "file-system-id": "fs-0123456789abcdef0",
            "Encrypted": "true",
            "PerformanceMode": "generalPurpose",
        }

    def test_an_existing_one_is_named_by_its_id(self):
        """These two keys are a complete request."""
        assert sent(restore.EFSFileSystem(file_system_id="fs-0b"), FILES) == {
            "newFileSystem": "false",
            "file-system-id": "fs-0b",
        }

    def test_items_are_paths(self):
        """A single path is one path, and not its letters."""
        asked = sent(restore.EFSItems("/home/ada", file_system_id="fs-0b"), FILES)
        assert asked["ItemsToRestore"] == '["/home/ada"]'

    def test_one_zone_needs_its_zone(self):
        """And the zone needs One Zone."""
        with pytest.raises(InvalidValueError, match="restore/availability_zone_name"):
            restore.EFSFileSystem(single_az_filesystem=True)
        with pytest.raises(InvalidValueError, match="restore/availability_zone_name"):
            restore.EFSFileSystem(availability_zone_name="us-east-1a")


class TestDynamoDB:
    def test_only_the_new_name_is_sent(self):
        """The source's own name has no effect."""
        assert sent(restore.DynamoDBTable("orders-restored"), TABLE_POINT) == {"targetTableName": "orders-restored"}

    def test_a_copy_from_another_region_needs_its_encryption_said(self):
        """AWS has no default there, and would fail the job minutes later."""
        copied = facts("DynamoDB", COPIED, TABLE, DR_VAULT)
        assert wrong(restore.DynamoDBTable("orders-restored"), copied) == {"restore/encryption"}
        key = "arn:aws:kms:eu-west-1:123456789012:key/k"
        asked = sent(restore.DynamoDBTable("orders-restored", encryption="KMS", key=key), copied)
        assert (asked["encryptionType"], asked["kmsMasterKeyArn"]) == ("KMS", key)

    def test_a_point_of_the_same_region_needs_no_encryption(self):
        """AWS then decides by the kind of point."""
        assert "encryptionType" not in sent(restore.DynamoDBTable("orders-2"), facts("DynamoDB", ADVANCED, TABLE))


class TestS3:
    @pytest.mark.parametrize(
        ("arn", "expected"),
        [(SNAPSHOT, False), (CONTINUOUS, True), (ADVANCED.lower().replace("08b488b0d45", "z"), None)],
    )
    def test_the_arn_tells_snapshots_from_continuous_points(self, arn, expected):
        """AWS names the two kinds differently; where the ARN does not tell, nothing is claimed."""
        assert is_continuous(arn) is expected

    def test_a_continuous_point_needs_a_moment(self):
        """S3 has no key for the latest one."""
        assert wrong(restore.S3Bucket("invoices-2"), FLOWING_BUCKET) == {"restore/as_of"}

    def test_the_moment_is_sent_in_utc_to_the_second(self):
        """AWS documents RestoreTime as 2021-11-27T03:30:27Z."""
        moment = datetime.fromisoformat("2026-01-03T05:04:05+02:00")
        assert sent(restore.S3Bucket("invoices-2"), FLOWING_BUCKET, moment)["RestoreTime"] == "2026-01-03T03:04:05Z"

    def test_a_snapshot_takes_no_moment(self):
        """RestoreTime is invalid for snapshots, which are restored as they are."""
        assert "RestoreTime" not in sent(restore.S3Bucket("invoices-2"), BUCKET_POINT, NOON)

    def test_every_choice_is_encoded_as_the_guide_says(self):
        """Lists are JSON text, numbers decimal text, booleans true and false, items URIs of the source's objects."""
        request = restore.S3Bucket(
            "invoices-2",
            new_bucket=True,
            restore_latest_versions_up_to="all",
            items=("a/", "s3://invoices/b"),
            encryption="SSE-KMS",
            key="alias/k",
            restore_acls=False,
        )
        asked = sent(request, BUCKET_POINT)
        assert len(asked.pop("CreationToken")) == 36
        assert asked == {
            "DestinationBucketName": "invoices-2",
            "NewBucket": "true",
            "RestoreLatestVersionsUpTo": "all",
            "ItemsToRestore": '["s3://invoices/a/", "s3://invoices/b"]',
            "EncryptionType": "SSE-KMS",
            "KMSKey": "alias/k",
            "RestoreACLs": "false",
        }

    def test_a_single_item_is_one_item_and_not_its_letters(self):
        """Its letters would match no object, and the restore would complete with nothing restored."""
        assert restore.S3Bucket("invoices-2", items="a/b").items == ("a/b",)


BROKEN = [
    (restore.RDSInstance, {"db_instance_identifier": "Shop"}, "db_instance_identifier"),
    (restore.RDSInstance, {"db_instance_identifier": "shop", "port": 80}, "port"),
    (restore.RDSInstance, {"db_instance_identifier": "shop", "multi_az": "yes"}, "multi_az"),
    (restore.RDSCluster, {"db_cluster_identifier": "1st"}, "db_cluster_identifier"),
    (restore.RDSCluster, {"db_cluster_identifier": "shop", "engine": "oracle"}, "engine"),
    (restore.RDSCluster, {"db_cluster_identifier": "shop", "availability_zones": "us-east-1"}, "availability_zones"),
    (restore.AuroraCluster, {"db_cluster_identifier": "two--hyphens"}, "db_cluster_identifier"),
    (restore.AuroraCluster, {"db_cluster_identifier": "shop", "backtrack_window": 259_201}, "backtrack_window"),
    (restore.AuroraCluster, {"db_cluster_identifier": "shop", "port": 80}, "port"),
    (restore.AuroraCluster, {"db_cluster_identifier": "shop", "instances": 0}, "instances"),
    (restore.EBSVolume, {"availability_zone": "us-east-1"}, "availability_zone"),
    (restore.EBSVolume, {"availability_zone": "us-east-1a", "volume_type": "gp9"}, "volume_type"),
    (restore.EBSVolume, {"availability_zone": "us-east-1a", "key": "alias/k", "encrypted": False}, "key"),
    (restore.EBSVolume, {"availability_zone": "us-east-1a", "temporary_restore_days": 181}, "temporary_restore_days"),
    (restore.EBSVolume, {"availability_zone": "us-east-1a", "attach_to": "i-0a"}, "attach_to"),
    (restore.EBSFiles, {"bucket": "Rescued", "items": "/a", "restore_type": "x"}, "bucket"),
    (restore.EBSFiles, {"bucket": "rescued", "items": "a", "restore_type": "x"}, "items"),
    (restore.EBSFiles, {"bucket": "rescued", "items": "/a", "restore_type": "x", "key": "alias/k"}, "key"),
    (restore.EC2Instance, {"subnet_id": "vpc-0a"}, "subnet_id"),
    (restore.EC2Instance, {"security_group_ids": "default"}, "security_group_ids"),
    (restore.EC2Instance, {"instance_initiated_shutdown_behavior": "sleep"}, "instance_initiated_shutdown_behavior"),
    (restore.EC2Instance, {"subnet_id": "subnet-0a", "network_interfaces": {"DeviceIndex": 0}}, "subnet_id"),
    (restore.EFSFileSystem, {"encrypted": False, "key": "alias/k"}, "key"),
    (restore.EFSFileSystem, {"performance_mode": "fast"}, "performance_mode"),
    (restore.EFSFileSystem, {"file_system_id": "vol-0a"}, "file_system_id"),
    (restore.EFSItems, {"paths": ()}, "paths"),
    (restore.EFSItems, {"paths": "home"}, "paths"),
    (restore.EFSItems, {"paths": "/home", "encrypted": False, "key": "alias/k"}, "key"),
    (restore.EFSItems, {"paths": "/home", "performance_mode": "fast"}, "performance_mode"),
    (restore.DynamoDBTable, {"target_table_name": "ab"}, "target_table_name"),
    (restore.DynamoDBTable, {"target_table_name": "with space"}, "target_table_name"),
    (restore.DynamoDBTable, {"target_table_name": None}, "target_table_name"),
    (restore.DynamoDBTable, {"target_table_name": "orders", "key": "alias/k"}, "key"),
    (restore.DynamoDBTable, {"target_table_name": "orders", "encryption": "AES"}, "encryption"),
    (restore.S3Bucket, {"destination_bucket_name": "Upper"}, "destination_bucket_name"),
    (restore.S3Bucket, {"destination_bucket_name": "192.168.0.1"}, "destination_bucket_name"),
    (restore.S3Bucket, {"destination_bucket_name": "b-2", "restore_latest_versions_up_to": 0}, "restore_latest_versions_up_to"),
    (restore.S3Bucket, {"destination_bucket_name": "b-2", "items": tuple("abcdef")}, "items"),
    (restore.S3Bucket, {"destination_bucket_name": "b-2", "encryption": ["SSE-S3"]}, "encryption"),
    (restore.S3Bucket, {"destination_bucket_name": "b-2", "encryption": "SSE-KMS"}, "key"),
    (restore.S3Bucket, {"destination_bucket_name": "b-2", "key": "alias/k"}, "key"),
]  # fmt: skip


class TestBrokenRequests:
    @pytest.mark.parametrize(("request_type", "words", "field"), BROKEN)
    def test_what_aws_would_refuse_is_refused_when_it_is_written(self, request_type, words, field):
        """The mistake shows on the line that makes it, with the field's name, and not in a job minutes later."""
        with pytest.raises(InvalidValueError) as refused:
            request_type(**words)
        assert field in {problem.address.removeprefix("restore/") for problem in refused.value.problems}
        assert all(problem.hint for problem in refused.value.problems)

    def test_each_type_has_three(self):
        """No type is looked at less than the others."""
        for request_type in {each[0] for each in BROKEN}:
            assert sum(each[0] is request_type for each in BROKEN) >= 3, request_type

    def test_an_unknown_value_names_the_way_out(self):
        """AWS adds types of volumes faster than libraries are released."""
        with pytest.raises(InvalidValueError, match=r"gp9.*extra_metadata=\{\"volumeType\""):
            restore.EBSVolume("us-east-1a", volume_type="gp9")
        assert (
            sent(restore.EBSVolume("us-east-1a", extra_metadata={"volumeType": "gp9"}), VOLUME)["volumeType"] == "gp9"
        )

    @pytest.mark.parametrize("request_type", [restore.S3Bucket, restore.DynamoDBTable])
    def test_extra_metadata_must_be_a_mapping_of_texts(self, request_type):
        """What is not one is refused when it is written, not in the midst of a restore."""
        with pytest.raises(InvalidValueError, match="a list is not a mapping"):
            request_type("invoices-2", extra_metadata=["NewKey"])
        with pytest.raises(InvalidValueError, match="'NewKey' is a bool, not a text"):
            request_type("invoices-2", extra_metadata={"NewKey": True})

    @pytest.mark.parametrize("value", [{"a": {1, 2}}, {"a": float("nan")}, {"a": b"x"}, {"a": object()}])
    def test_what_json_does_not_have_is_refused(self, value):
        """It would be a TypeError of another library, or text that no service reads."""
        with pytest.raises(InvalidValueError, match="restore/placement: it holds what JSON does not have"):
            restore.EC2Instance(placement=value)

    def test_raw_values_must_be_a_mapping_and_may_be_in_a_set(self):
        """Requests of all kinds can be kept in sets."""
        assert len({restore.Raw("EFS", {"a": "1"}), restore.Raw("EFS", {"a": "1"})}) == 1
        with pytest.raises(InvalidValueError, match="a str is not a mapping"):
            restore.Raw("EFS", "a=1")

    def test_values_that_may_be_secret_are_in_no_repr(self):
        """Reprs end in logs."""
        request = restore.RDSInstance("shop", tde_credential_password="hunter2", extra_metadata={"x": "hunter2"})
        assert "hunter2" not in repr(request) + repr(restore.Raw("RDS", {"TdeCredentialPassword": "hunter2"}))
        assert "hunter2" not in repr(merged(request, DATABASE))
        assert repr(request) == (
            "RDSInstance(extra_metadata={x: ***}, db_instance_identifier='shop', tde_credential_password=***)"
        )

    @pytest.mark.parametrize("value", [None, 5, ("sg-0a", 7), b"sg-0a"])
    def test_what_is_not_a_list_is_told_with_its_field(self, value):
        """The line that makes it may have ten lists."""
        with pytest.raises(InvalidValueError, match=r"restore/vpc_security_group_ids: .* is not a tuple of texts"):
            restore.RDSInstance("shop", vpc_security_group_ids=value)
        with pytest.raises(InvalidValueError, match=r"restore/network_interfaces: .* is not a tuple of mappings"):
            restore.EC2Instance(network_interfaces=value)

    def test_a_request_does_not_change_with_the_mapping_it_was_made_of(self):
        """A request is a value."""
        values = {"a": "1"}
        requests = restore.Raw("EFS", values), restore.DynamoDBTable("orders", extra_metadata=values)
        values["b"] = "2"
        placement = {"Tenancy": "dedicated"}
        instance = restore.EC2Instance(placement=placement)
        placement["Tenancy"] = "default"
        assert instance.placement == {"Tenancy": "dedicated"}
        assert requests[0].values == requests[1].extra_metadata == {"a": "1"}


class TestCheckMetadata:
    @pytest.mark.parametrize(
        ("kind", "point", "metadata", "expected"),
        [
            ("EFS", FILES, {}, {"newFileSystem", "CreationToken", "PerformanceMode", "Encrypted"}),
            ("EBS", VOLUME, {}, {"availabilityZone"}),
            ("EBS", VOLUME, {"availabilityZone": "us-east-1a", "volumeType": "gp9"}, {"volumeType"}),
            ("EBS", VOLUME, {"availabilityZone": "us-east-1a", "encrypted": "yes"}, {"encrypted"}),
            ("EBS", VOLUME, {"availabilityZone": "us-east-1a", "volumeSize": "big"}, {"volumeSize"}),
            ("EBS", attrs.evolve(VOLUME, archived=True), {"availabilityZone": "us-east-1a"}, {"temporaryRestoreDays"}),
            ("RDS", FLOWING_DATABASE, {"DBInstanceIdentifier": "shop-2"}, {"RestoreTime"}),
            ("RDS", FLOWING_DATABASE, {"dbinstanceidentifier": "shop-2", "RestoreTime": "2020-01-01T00:00:00Z"}, {"RestoreTime"}),
            ("RDS", FLOWING_DATABASE, {"DBInstanceIdentifier": "shop-2", "RestoreTime": "soon"}, {"RestoreTime"}),
            ("RDS", DATABASE, {"DBInstanceIdentifier": "SHOP"}, {"DBInstanceIdentifier"}),
            ("RDS", DATABASE, {"DBInstanceIdentifier": "shop-2", "VpcSecurityGroupIds": "sg-0a,sg-0b"}, {"VpcSecurityGroupIds"}),
            ("RDS", DATABASE, {"DBInstanceIdentifier": "shop-2", "DBSnapshotIdentifier": "s"}, {"DBSnapshotIdentifier"}),
            ("RDS", DATABASE, {"DBInstanceIdentifier": "shop-2", "InformationalOnly:x": "s"}, {"InformationalOnly:x"}),
            ("RDS", DATABASE, {"DBInstanceIdentifier": "shop-2", "Colour": "red"}, {"Colour"}),
            ("RDS", DATABASE, {"DBInstanceIdentifier": "shop-2", "RestoreTime": "2026-01-02T00:00:00Z"}, {"RestoreTime"}),
            ("S3", BUCKET_POINT, {"DestinationBucketName": "b-2", "RestoreTime": "2026-01-02T00:00:00Z"}, {"RestoreTime"}),
            ("S3", FLOWING_BUCKET, {"DestinationBucketName": "b-2"}, {"RestoreTime"}),
            ("EFS", FILES, {"newFileSystem": "false", "file-system-id": "fs-0a"}, set()),
            ("EC2", INSTANCE, {"SubnetId": "subnet-0a", "NetworkInterfaces": "[]", "CpuOptions": "{}"}, set()),
            ("EC2", INSTANCE, {}, set()),
        ],
    )  # fmt: skip
    def test_raw_metadata_is_judged_by_the_same_table(self, kind, point, metadata, expected):
        """What is missing, unknown, out of range, wrongly encoded or does not apply is named, and nothing else."""
        found = errors_in(check_metadata(catalog.TYPES[kind], point, metadata))
        assert {problem.address for problem in found} == expected

    def test_booleans_in_capitals_are_only_doubted(self):
        """Two pages of the guide write them so, and no public request does."""
        metadata = {"availabilityZone": "us-east-1a", "encrypted": "FALSE", "kmsKeyId": "alias/k"}
        found = check_metadata(catalog.TYPES["EBS"], VOLUME, metadata)
        assert [(each.address, each.severity) for each in found] == [
            ("encrypted", Severity.WARNING),
            ("kmsKeyId", Severity.ERROR),
        ]

    def test_no_message_holds_a_value(self):
        """Metadata may hold passwords."""
        metadata = {"DBInstanceIdentifier": "HUNTER2", "Port": "HUNTER2", "StorageType": "HUNTER2", "new": "HUNTER2"}
        found = check_metadata(catalog.TYPES["RDS"], DATABASE, metadata)
        assert len(found) == 4
        assert "HUNTER2" not in repr(found)

    def test_unknown_keys_of_file_systems_are_only_doubted(self):
        """Public requests forward tags as metadata of EFS, and succeed."""
        metadata = {"newFileSystem": "false", "file-system-id": "fs-0a", "Owner": "ada"}
        assert [each.severity for each in check_metadata(catalog.TYPES["EFS"], FILES, metadata)] == [Severity.WARNING]

    @settings(max_examples=60, deadline=None)
    @given(data=data())
    def test_whatever_is_written_is_judged(self, data):
        """Raw metadata may hold anything; the verdict is a list of problems, and never an error of ours."""
        kind = catalog.TYPES[data.draw(sampled_from(sorted(catalog.TYPES)))]
        names = sampled_from([key.name for key in kind.restore_keys]) | text(min_size=1, max_size=5)
        odd = sampled_from(
            ["", "[" * 5_000, "{}", "[]", "null", "9" * 5000, "--5", "0001-01-01T00:00:00+14:00", "true", "NaN"]
        )
        metadata = data.draw(dictionaries(names, odd | text(max_size=8), max_size=5))
        point = facts(kind.name, held={}, continuous=data.draw(booleans()), earliest=NOON, latest=NOON)
        for problem in check_metadata(kind, point, metadata):
            assert problem.address
            assert problem.hint


class TestTables:
    @pytest.mark.parametrize("kind", catalog.TYPES.values(), ids=lambda kind: kind.name)
    def test_no_key_stands_twice_in_a_form(self, kind):
        """A fact is written once."""
        for form in kind.restore_forms:
            names = [key.name.casefold() for key in form.keys]
            assert len(names) == len(set(names)), form.name

    def test_traits_are_told_by_the_arns(self):
        """Where a point is, and where it came from, decides what goes with it."""
        assert Trait.BASIC in TABLE_POINT.traits
        assert Trait.COPIED in facts("DynamoDB", COPIED, TABLE, DR_VAULT).traits
        assert Trait.COPIED not in BUCKET_POINT.traits
        assert Trait.COPIED in facts("DynamoDB", COPIED, TABLE, vault="").traits
        other = attrs.evolve(VOLUME, vault_arn="arn:aws:backup:us-east-1:999999999999:backup-vault:dr")
        assert other.traits == {Trait.COPIED, Trait.SNAPSHOT, Trait.BASIC}


class TestCatalog:
    @pytest.mark.parametrize(
        ("arn", "name"),
        [
            (TABLE, "DynamoDB"),
            ("arn:aws:s3:::invoices", "S3"),
            ("arn:aws:ec2:us-east-1:123456789012:volume/vol-1", "EBS"),
            ("arn:aws:rds:us-east-1:123456789012:db:shop", "RDS"),
        ],
    )
    def test_an_arn_names_its_type(self, arn, name):
        """The type decides what AWS Backup can do with a resource."""
        found = catalog.type_of(arn)
        assert found is not None
        assert found.name == name

    @pytest.mark.parametrize(
        "arn", ["*", "arn:aws:rds:us-east-1:123456789012:cluster:shop", "arn:aws:lambda:us-east-1:1:function:f", "x"]
    )
    def test_what_an_arn_does_not_tell_is_not_guessed(self, arn):
        """Aurora, DocumentDB and Neptune clusters share one ARN shape."""
        assert catalog.type_of(arn) is None
