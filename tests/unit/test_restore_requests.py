"""Typed restore requests: what they send, and what they refuse before anything is sent."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from backupkit import catalog, restore
from backupkit.catalog.request import merged
from backupkit.catalog.s3 import is_continuous
from backupkit.errors import InvalidValueError
from backupkit.observe import RecoveryPoint

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
ADVANCED = "arn:aws:backup:us-east-1:123456789012:recovery-point:1EB3B5E7-9EB0-435A-A80B-108B488B0D45"
COPIED = "arn:aws:backup:eu-west-1:123456789012:recovery-point:1EB3B5E7-9EB0-435A-A80B-108B488B0D45"
BASIC = "arn:aws:dynamodb:us-east-1:123456789012:table/orders/backup/01548275198233-a4e6d1b2"
SNAPSHOT = "arn:aws:backup:us-east-1:123456789012:recovery-point:invoices-20260101050000-1a2b3c4d"
CONTINUOUS = "arn:aws:backup:us-east-1:123456789012:recovery-point:invoices-1a2b3c4d"


def point(arn: str, resource: str = TABLE) -> RecoveryPoint:
    return RecoveryPoint(recovery_point_arn=arn, resource_arn=resource)


class TestMerging:
    def test_a_key_is_never_sent_in_two_spellings(self):
        """The documentation spells keys in several ways, so the caller's spelling replaces the one that the point holds."""
        assert merged({"TargetTableName": "a", "other": "b"}, (), {"targetTableName": "c"}) == {
            "targetTableName": "c",
            "other": "b",
        }

    def test_nulls_that_aws_holds_are_not_sent_back(self):
        """AWS answers null for members such as an EBS volume's zone, and boto3 refuses to send null."""
        assert merged({"availabilityZone": None, "encrypted": "false"}, ("volumeId",), {}) == {"encrypted": "false"}


class TestDynamoDBTable:
    def test_what_the_point_holds_is_passed_on_with_the_new_name(self):
        """AWS accepts its own output plus the new table's name; the request id may stay."""
        held = {"originalTableName": "orders", "aws:backup:request-id": "x"}
        sent = restore.DynamoDBTable("orders-restored").metadata(point(BASIC), held)
        assert sent == {**held, "targetTableName": "orders-restored"}

    def test_a_copy_from_another_region_needs_its_encryption_said(self):
        """AWS has no default there, and would fail the job minutes later."""
        with pytest.raises(InvalidValueError, match=r"encryption.*copied from another Region.*encryption=\"Default\""):
            restore.DynamoDBTable("orders-restored").metadata(point(COPIED), {})
        request = restore.DynamoDBTable("orders-restored", encryption="KMS", key="arn:aws:kms:eu-west-1:1:key/k")
        sent = request.metadata(point(COPIED), {})
        assert sent["encryptionType"] == "KMS"
        assert sent["kmsMasterKeyArn"] == "arn:aws:kms:eu-west-1:1:key/k"

    def test_a_point_of_the_same_region_needs_no_encryption(self):
        """AWS then decides by the kind of point."""
        assert "encryptionType" not in restore.DynamoDBTable("orders-2").metadata(point(ADVANCED), {})

    @pytest.mark.parametrize("name", ["ab", "x" * 256, "with space", "", 7])
    def test_impossible_table_names_are_refused_at_once(self, name):
        """DynamoDB takes 3 to 255 letters, digits, _, - and ."""
        with pytest.raises(InvalidValueError, match="restore/table_name"):
            restore.DynamoDBTable(name)

    def test_a_key_without_kms_encryption_is_refused(self):
        """The key would be ignored, and the table encrypted with another one."""
        with pytest.raises(InvalidValueError, match="restore/key"):
            restore.DynamoDBTable("orders-restored", key="arn:aws:kms:us-east-1:1:key/k")

    def test_extra_metadata_wins(self):
        """Keys that backupkit does not know yet can be sent."""
        request = restore.DynamoDBTable("orders-restored", extra_metadata={"NewKey": "1"})
        assert request.metadata(point(BASIC), {})["NewKey"] == "1"


class TestS3Bucket:
    @pytest.mark.parametrize(
        ("arn", "expected"),
        [(SNAPSHOT, False), (CONTINUOUS, True), (ADVANCED.lower().replace("08b488b0d45", "z"), None)],
    )
    def test_the_arn_tells_snapshots_from_continuous_points(self, arn, expected):
        """AWS names the two kinds differently; where the ARN does not tell, nothing is claimed."""
        assert is_continuous(arn) is expected

    def test_a_continuous_point_needs_a_moment(self):
        """RestoreTime is required for continuous points."""
        with pytest.raises(InvalidValueError, match="restore/restore_time"):
            restore.S3Bucket("invoices-2").metadata(point(CONTINUOUS), {})

    def test_the_moment_is_sent_in_utc_to_the_second(self):
        """AWS documents RestoreTime as 2021-11-27T03:30:27Z."""
        moment = datetime.fromisoformat("2026-01-02T05:04:05+02:00")
        sent = restore.S3Bucket("invoices-2", restore_time=moment).metadata(point(CONTINUOUS), {})
        assert sent["RestoreTime"] == "2026-01-02T03:04:05Z"

    def test_a_snapshot_takes_no_moment(self):
        """RestoreTime is invalid for snapshots."""
        with pytest.raises(InvalidValueError, match="one moment only"):
            restore.S3Bucket("invoices-2", restore_time=datetime(2026, 1, 1, tzinfo=UTC)).metadata(point(SNAPSHOT), {})

    def test_every_choice_is_encoded_as_the_guide_says(self):
        """Lists are JSON text, numbers decimal text, booleans true and false."""
        request = restore.S3Bucket(
            "invoices-2", new_bucket=True, versions="all", items=("a/", "b"), encryption="SSE-KMS", key="k", acls=False
        )
        sent = request.metadata(point(SNAPSHOT), {})
        assert len(sent.pop("CreationToken")) == 36
        assert sent == {
            "DestinationBucketName": "invoices-2",
            "NewBucket": "true",
            "RestoreLatestVersionsUpTo": "all",
            "ItemsToRestore": '["a/", "b"]',
            "EncryptionType": "SSE-KMS",
            "KMSKey": "k",
            "RestoreACLs": "false",
        }

    @pytest.mark.parametrize(
        ("bad", "where"),
        [
            ({"bucket_name": "Upper"}, "bucket_name"),
            ({"bucket_name": "192.168.0.1"}, "bucket_name"),
            ({"versions": 0}, "versions"),
            ({"versions": "some"}, "versions"),
            ({"items": tuple("abcdef")}, "items"),
            ({"encryption": "none"}, "encryption"),
            ({"encryption": "SSE-KMS"}, "key"),
            ({"key": "k"}, "key"),
            ({"restore_time": datetime(2026, 1, 1)}, "restore_time"),
            ({"restore_time": "2026-01-01"}, "restore_time"),
            ({"encryption": ["SSE-S3"]}, "encryption"),
        ],
    )
    def test_impossible_requests_are_refused_at_once(self, bad, where):
        """Nothing reaches AWS that its restore page rules out."""
        with pytest.raises(InvalidValueError, match=f"restore/{where}"):
            restore.S3Bucket(**{"bucket_name": "invoices-2", **bad})

    def test_a_single_item_is_one_item_and_not_its_letters(self):
        """Its letters would match no object, and the restore would complete with nothing restored."""
        assert restore.S3Bucket("invoices-2", items="a/b").items == ("a/b",)

    @pytest.mark.parametrize("request_type", [restore.S3Bucket, restore.DynamoDBTable])
    def test_extra_metadata_must_be_a_mapping(self, request_type):
        """What is none is refused when it is written, not in the midst of a restore."""
        with pytest.raises(InvalidValueError, match="a list is not a mapping"):
            request_type("invoices-2", extra_metadata=["NewKey"])

    def test_raw_values_must_be_a_mapping_and_may_be_in_a_set(self):
        """Requests of all kinds can be kept in sets."""
        assert len({restore.Raw("EFS", {"a": "1"}), restore.Raw("EFS", {"a": "1"})}) == 1
        with pytest.raises(InvalidValueError, match="a str is not a mapping"):
            restore.Raw("EFS", "a=1")


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
