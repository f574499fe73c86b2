from __future__ import annotations

import json
import os
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer
from local_stage import ACCOUNT, REGION, Stage, table_arn
from world_stage import answering

from backupkit.emulator.kernel.behavior import Choices
from backupkit.emulator.resources.session import SessionWorld, private_moto_session
from backupkit.emulator.resources.types import dynamodb
from backupkit.emulator.resources.worlds import Worlds

# moto makes, captures and restores what is protected.
pytestmark = pytest.mark.slow

NAMES = iter(range(10_000))


@pytest.fixture
def session() -> Any:
    return private_moto_session(REGION)


@pytest.fixture
def stage(session: Any) -> Stage:
    return Stage(Worlds(SessionWorld(session, types=("DynamoDB", "S3"))))


def renewed(session: Any, stage: Stage) -> Stage:
    """The same state, with clients that are made anew."""
    other = Stage(Worlds(SessionWorld(session, types=("DynamoDB", "S3"))))
    other.service.load_state(stage.service.save_state())
    return other


def fresh(kind: str) -> str:
    # What moto holds is shared by the whole process, so each test has names of its own.
    return f"{kind}-{os.getpid()}-{next(NAMES)}"


def make_table(session: Any, name: str, count: int) -> list[dict[str, Any]]:
    client = session.client("dynamodb")
    client.create_table(
        TableName=name,
        AttributeDefinitions=[
            {"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "n", "AttributeType": "N"},
            {"AttributeName": "city", "AttributeType": "S"},
        ],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-city",
                "KeySchema": [{"AttributeName": "city", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["body"]},
            }
        ],
        LocalSecondaryIndexes=[
            {
                "IndexName": "by-city-local",
                "KeySchema": [
                    {"AttributeName": "id", "KeyType": "HASH"},
                    {"AttributeName": "city", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        Tags=[{"Key": "Backup", "Value": "daily"}],
    )
    serialize, written = TypeSerializer().serialize, []
    for number in range(count):
        item = {
            "id": f"order-{number}",
            "n": Decimal("1.234567890123456789012345678901234567") + number,
            "city": "Zürich",
            "raw": bytes(range(256)),
            "sizes": {Decimal(1), Decimal("2.5")},
            "names": {"a", "b"},
            "blobs": {b"\x00", b"\xff"},
            "nested": {"list": [None, True, {"deep": [Decimal("-0.1"), ""]}], "empty": {}},
            "body": "x" * 1000,
        }
        written.append({"PutRequest": {"Item": {key: serialize(value) for key, value in item.items()}}})
    for first in range(0, count, 25):
        client.batch_write_item(RequestItems={name: written[first : first + 25]})
    return items(session, name)


def items(session: Any, name: str) -> list[dict[str, Any]]:
    pages = session.client("dynamodb").get_paginator("scan").paginate(TableName=name)
    found = [comparable(item) for page in pages for item in page["Items"]]
    return sorted(found, key=lambda item: item["id"]["S"])


def comparable(item: dict[str, Any]) -> dict[str, Any]:
    return {
        key: {k: sorted(v) if k in {"SS", "NS", "BS"} else v for k, v in value.items()} for key, value in item.items()
    }


def test_a_lost_table_comes_back_item_for_item(session: Any, stage: Stage) -> None:
    """Numbers, binaries, sets, nested values, keys and indexes are equal after the source is gone; scans are paged."""
    name, client = fresh("orders"), session.client("dynamodb")
    before = make_table(session, name, 900)
    job = stage.back_up(table_arn(name))
    assert job["State"] == "COMPLETED", job.get("StatusMessage")
    assert job["BackupSizeInBytes"] > 900 * 1000
    client.delete_table(TableName=name)
    restored = stage.restore(job["RecoveryPointArn"], {"targetTableName": f"{name}-restored"})
    assert restored["Status"] == "COMPLETED", restored.get("StatusMessage")
    assert restored["CreatedResourceArn"] == table_arn(f"{name}-restored")
    assert items(session, f"{name}-restored") == before
    table = client.describe_table(TableName=f"{name}-restored")["Table"]
    assert [key["AttributeName"] for key in table["KeySchema"]] == ["id", "n"]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    (index,) = table["GlobalSecondaryIndexes"]
    assert (index["IndexName"], index["Projection"]["NonKeyAttributes"]) == ("by-city", ["body"])
    assert table["LocalSecondaryIndexes"][0]["IndexName"] == "by-city-local"


def test_a_restored_table_lacks_what_aws_does_not_restore(session: Any, stage: Stage) -> None:
    """Streams and tags do not come back, as with AWS."""
    name, client = fresh("orders"), session.client("dynamodb")
    make_table(session, name, 1)
    point = stage.back_up(table_arn(name))["RecoveryPointArn"]
    restored = stage.restore(point, {"TARGETTABLENAME": f"{name}-r"})
    table = client.describe_table(TableName=f"{name}-r")["Table"]
    assert not table.get("StreamSpecification", {}).get("StreamEnabled")
    assert client.list_tags_of_resource(ResourceArn=restored["CreatedResourceArn"])["Tags"] == []


def test_a_provisioned_table_comes_back_with_its_capacity(session: Any, stage: Stage) -> None:
    """The table and its index have the units that they had, and those of one that was given none are the least."""
    name, client = fresh("orders"), session.client("dynamodb")
    units = {"ReadCapacityUnits": 7, "WriteCapacityUnits": 3}
    client.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("id", "city")],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-city",
                "KeySchema": [{"AttributeName": "city", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
                "ProvisionedThroughput": units,
            }
        ],
        ProvisionedThroughput=units,
    )
    point = stage.back_up(table_arn(name))["RecoveryPointArn"]
    assert stage.restore(point, {"targetTableName": f"{name}-r"})["Status"] == "COMPLETED"
    table = client.describe_table(TableName=f"{name}-r")["Table"]
    for told in (table, *table["GlobalSecondaryIndexes"]):
        assert {unit: told["ProvisionedThroughput"][unit] for unit in units} == units


def test_the_class_of_a_table_is_asked_for_again(session: Any, stage: Stage) -> None:
    """moto knows no class of tables; of AWS's the restored one has that of the source."""
    name, asked = fresh("orders"), []
    make_table(session, name, 1)

    def tell(parsed: dict[str, Any], **_: Any) -> None:
        parsed["Table"]["TableClassSummary"] = {"TableClass": "STANDARD_INFREQUENT_ACCESS"}

    session.events.register("after-call.dynamodb.DescribeTable", tell)
    session.events.register("provide-client-params.dynamodb.CreateTable", lambda params, **_: asked.append(params))
    there = renewed(session, stage)
    there.restore(there.back_up(table_arn(name))["RecoveryPointArn"], {"targetTableName": f"{name}-r"})
    assert [params["TableClass"] for params in asked] == ["STANDARD_INFREQUENT_ACCESS"]


def test_a_table_that_does_not_take_its_items_is_not_left_behind(
    session: Any, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job fails with DynamoDB's words, or where it keeps leaving items, and a later restore under the same name is free to be made."""
    name, client = fresh("orders"), session.client("dynamodb")
    before = make_table(session, name, 3)
    point = stage.back_up(table_arn(name))["RecoveryPointArn"]
    with answering(session, "dynamodb.BatchWriteItem", "ValidationException"):
        job = renewed(session, stage).restore(point, {"targetTableName": f"{name}-r"})
    assert (job["Status"], "told by AWS" in job["StatusMessage"]) == ("FAILED", True)

    def leave_all(params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        return SimpleNamespace(status_code=200), {"UnprocessedItems": json.loads(params["body"])["RequestItems"]}

    monkeypatch.setattr(dynamodb, "_TRIES", 2)
    session.events.register_first("before-call.dynamodb.BatchWriteItem", leave_all)
    job = renewed(session, stage).restore(point, {"targetTableName": f"{name}-r"})
    session.events.unregister("before-call.dynamodb.BatchWriteItem", leave_all)
    assert (job["Status"], "left some unprocessed 2 times" in job["StatusMessage"]) == ("FAILED", True)
    assert f"{name}-r" not in client.list_tables()["TableNames"]
    assert stage.restore(point, {"targetTableName": f"{name}-r"})["Status"] == "COMPLETED"
    assert items(session, f"{name}-r") == before


def test_items_that_dynamodb_leaves_unprocessed_are_sent_again(session: Any, stage: Stage) -> None:
    """A throttled batch is taken at another try, and every item is there once."""
    name = fresh("orders")
    before = make_table(session, name, 3)
    point = stage.back_up(table_arn(name))["RecoveryPointArn"]
    refused: list[str] = []

    def leave_one(parsed: dict[str, Any], **_: Any) -> None:
        if not refused:
            refused.append("once")
            parsed["UnprocessedItems"] = {f"{name}-r": [{"PutRequest": {"Item": before[0]}}]}

    session.events.register("after-call.dynamodb.BatchWriteItem", leave_one)
    assert renewed(session, stage).restore(point, {"targetTableName": f"{name}-r"})["Status"] == "COMPLETED"
    assert refused == ["once"]
    assert items(session, f"{name}-r") == before


def test_a_point_holds_its_moment(session: Any, stage: Stage) -> None:
    """Writes after the backup are not in the point."""
    name = fresh("orders")
    before = make_table(session, name, 3)
    point = stage.back_up(table_arn(name))["RecoveryPointArn"]
    session.client("dynamodb").put_item(TableName=name, Item={"id": {"S": "late"}, "n": {"N": "1"}})
    stage.restore(point, {"targetTableName": f"{name}-r"})
    assert items(session, f"{name}-r") == before


def test_a_table_is_encrypted_as_the_metadata_says(session: Any, stage: Stage) -> None:
    """By AWS's own key where it is silent, by a KMS key where it names the type; a contradiction is refused."""
    name = fresh("orders")
    make_table(session, name, 1)
    point = stage.back_up(table_arn(name))["RecoveryPointArn"]
    key = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1111aaaa"
    stage.restore(point, {"targetTableName": f"{name}-a", "encryptionType": "Default"})
    stage.restore(point, {"targetTableName": f"{name}-b", "encryptionType": "KMS", "kmsMasterKeyArn": key})
    told = [session.client("dynamodb").describe_table(TableName=f"{name}-{part}")["Table"] for part in "ab"]
    assert "SSEDescription" not in told[0]
    assert told[1]["SSEDescription"]["KMSMasterKeyArn"] == key
    for wrong in ({"kmsMasterKeyArn": key}, {"encryptionType": "AES"}):
        job = stage.restore(point, {"targetTableName": f"{name}-c"} | wrong)
        assert job["Status"] == "FAILED"
        assert "encryptionType" in job["StatusMessage"]


def test_a_table_is_never_overwritten(session: Any, stage: Stage) -> None:
    """A restore to a table that is there fails, with a sentence, and leaves that table as it is."""
    name = fresh("orders")
    before = make_table(session, name, 2)
    point = stage.back_up(table_arn(name))["RecoveryPointArn"]
    job = stage.restore(point, {"targetTableName": name})
    assert job["Status"] == "FAILED"
    assert "already exists" in job["StatusMessage"]
    assert items(session, name) == before


def test_metadata_of_a_table_names_the_original(session: Any, stage: Stage) -> None:
    """GetRecoveryPointRestoreMetadata tells the original's name and a request id, and passes through a restore."""
    name = fresh("orders")
    make_table(session, name, 1)
    point = stage.back_up(table_arn(name))["RecoveryPointArn"]
    told = stage.call("GetRecoveryPointRestoreMetadata", BackupVaultName="prod", RecoveryPointArn=point)
    assert told["RestoreMetadata"].keys() == {"originalTableName", "aws:backup:request-id"}
    assert told["ResourceType"] == "DynamoDB"
    job = stage.restore(point, {**told["RestoreMetadata"], "targetTableName": f"{name}-r"})
    assert job["Status"] == "COMPLETED"


def make_bucket(session: Any, name: str) -> Any:
    client = session.client("s3")
    client.create_bucket(Bucket=name)
    client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    client.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [{"Key": "Backup", "Value": "daily"}]})
    return client


def objects(client: Any, bucket: str) -> dict[str, tuple[Any, ...]]:
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    found = {}
    for key in (entry["Key"] for page in pages for entry in page.get("Contents", [])):
        got = client.get_object(Bucket=bucket, Key=key)
        # Reading the tags of all would take most of the test's time.
        tags = client.get_object_tagging(Bucket=bucket, Key=key)["TagSet"] if len(found) % 25 == 0 else None
        found[key] = (got["Body"].read(), got["Metadata"], got["ContentType"], got.get("CacheControl"), tags)
    return found


def fill(client: Any, bucket: str, count: int) -> None:
    for number in range(count):
        client.put_object(
            Bucket=bucket,
            Key=f"logs/ä {number:04}.bin",
            Body=os.urandom(64) + bytes([number % 256]),
            Metadata={"number": str(number)},
            ContentType="application/x-thing",
            CacheControl="max-age=5",
            Tagging=f"n={number}&team=a%20b",
        )


def lose(client: Any, bucket: str) -> None:
    for page in list(client.get_paginator("list_object_versions").paginate(Bucket=bucket)):
        entries = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        named = [{"Key": entry["Key"], "VersionId": entry["VersionId"]} for entry in entries]
        client.delete_objects(Bucket=bucket, Delete={"Objects": named})
    client.delete_bucket(Bucket=bucket)


def test_a_lost_bucket_comes_back_byte_for_byte(session: Any, stage: Stage) -> None:
    """Bytes, metadata, content type and tags of every page of objects are equal in a new bucket; deleted ones stay so."""
    name = fresh("bucket")
    client = make_bucket(session, name)
    fill(client, name, 1005)
    client.delete_object(Bucket=name, Key="logs/ä 0003.bin")
    before = objects(client, name)
    assert len(before) == 1004
    job = stage.back_up(f"arn:aws:s3:::{name}")
    assert job["State"] == "COMPLETED", job.get("StatusMessage")
    lose(client, name)
    restored = stage.restore(
        job["RecoveryPointArn"], {"DestinationBucketName": name, "NewBucket": "true", "CreationToken": "once"}
    )
    assert (restored["Status"], restored.get("StatusMessage")) == ("COMPLETED", None)
    assert objects(client, name) == before


def test_versions_come_back_as_many_as_asked_for(session: Any, stage: Stage) -> None:
    """RestoreLatestVersionsUpTo decides how many versions of each object return, the newest current again."""
    name = fresh("bucket")
    client = make_bucket(session, name)
    for body in (b"one", b"two", b"three"):
        client.put_object(Bucket=name, Key="a", Body=body)
    point = stage.back_up(f"arn:aws:s3:::{name}")["RecoveryPointArn"]
    for asked, wanted in (("1", [b"three"]), ("2", [b"two", b"three"]), ("all", [b"one", b"two", b"three"])):
        target = f"{name}-{asked}"
        stage.restore(point, {"DestinationBucketName": target, "NewBucket": "true", "RestoreLatestVersionsUpTo": asked})
        versions = client.list_object_versions(Bucket=target)["Versions"]
        bodies = [client.get_object(Bucket=target, Key="a", VersionId=v["VersionId"])["Body"].read() for v in versions]
        assert sorted(bodies) == sorted(wanted)
        assert client.get_object(Bucket=target, Key="a")["Body"].read() == b"three"


def test_a_deleted_object_comes_back_deleted_over_its_versions(session: Any, stage: Stage) -> None:
    """With its versions comes the marker that deleted it; the marker alone brings nothing."""
    name = fresh("bucket")
    client = make_bucket(session, name)
    client.put_object(Bucket=name, Key="a", Body=b"one")
    client.delete_object(Bucket=name, Key="a")
    point = stage.back_up(f"arn:aws:s3:::{name}")["RecoveryPointArn"]
    for asked, versions, markers in (("1", 0, 0), ("all", 1, 1)):
        target = {"DestinationBucketName": f"{name}-{asked}", "NewBucket": "true"}
        assert stage.restore(point, {**target, "RestoreLatestVersionsUpTo": asked})["Status"] == "COMPLETED"
        told = client.list_object_versions(Bucket=f"{name}-{asked}")
        assert (len(told.get("Versions", [])), len(told.get("DeleteMarkers", []))) == (versions, markers)
        assert objects(client, f"{name}-{asked}") == {}


def test_objects_are_encrypted_as_the_metadata_says(session: Any, stage: Stage) -> None:
    """With the key that it names, or with S3's own."""
    name, key = fresh("bucket"), f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1111aaaa"
    client = make_bucket(session, name)
    client.put_object(Bucket=name, Key="a", Body=b"x")
    point = stage.back_up(f"arn:aws:s3:::{name}")["RecoveryPointArn"]
    for metadata, told in (
        ({"EncryptionType": "SSE-KMS", "KMSKey": key}, ("aws:kms", key)),
        ({"EncryptionType": "SSE-S3"}, ("AES256", None)),
    ):
        target = fresh("bucket")
        stage.restore(point, {"DestinationBucketName": target, "NewBucket": "true", **metadata})
        got = client.get_object(Bucket=target, Key="a")
        assert (got["ServerSideEncryption"], got.get("SSEKMSKeyId")) == told


def test_objects_that_s3_does_not_take_are_told(session: Any, stage: Stage) -> None:
    """Some that fail leave the job COMPLETED with AWS's sentence, all that fail make it FAILED, as does the bucket."""
    name = fresh("bucket")
    client = make_bucket(session, name)
    for key in ("good", "bad"):
        client.put_object(Bucket=name, Key=key, Body=b"x")
    point = stage.back_up(f"arn:aws:s3:::{name}")["RecoveryPointArn"]
    target = {"DestinationBucketName": f"{name}-r", "NewBucket": "true"}
    with answering(session, "s3.CreateBucket", "BucketAlreadyExists"):
        job = renewed(session, stage).restore(point, target)
    assert (job["Status"], "cannot be created" in job["StatusMessage"]) == ("FAILED", True)
    with answering(session, "s3.PutObject", "AccessDenied"):
        job = renewed(session, stage).restore(point, target)
    assert (job["Status"], job["StatusMessage"].startswith("No objects were restored")) == ("FAILED", True)
    with answering(session, "s3.PutObject", "AccessDenied", about="/bad"):
        job = renewed(session, stage).restore(point, target)
    assert job["Status"] == "COMPLETED"
    assert job["StatusMessage"].startswith(f"One or more objects failed to be restored from {point} to {name}-r.")
    assert objects(client, f"{name}-r").keys() == {"good"}


def test_a_bucket_that_goes_while_it_is_looked_at_is_not_there(session: Any, stage: Stage) -> None:
    """Between asking for its Region and for its tags somebody deleted it."""
    name = fresh("bucket")
    make_bucket(session, name)
    arn = f"arn:aws:s3:::{name}"
    assert stage.service.resources.find(arn, ACCOUNT, REGION) is not None
    with answering(session, "s3.GetBucketTagging", "NoSuchBucket"):
        assert SessionWorld(session).find(arn, ACCOUNT, REGION) is None


def test_a_restore_never_overwrites_an_object(session: Any, stage: Stage) -> None:
    """A key that is there keeps its content; missing and deleted ones come back; others are left alone."""
    name = fresh("bucket")
    client = make_bucket(session, name)
    for key in ("kept", "deleted", "lost"):
        client.put_object(Bucket=name, Key=key, Body=b"old")
    point = stage.back_up(f"arn:aws:s3:::{name}")["RecoveryPointArn"]
    client.put_object(Bucket=name, Key="kept", Body=b"new")
    client.put_object(Bucket=name, Key="extra", Body=b"extra")
    client.delete_object(Bucket=name, Key="deleted")
    stage.restore(point, {"DestinationBucketName": name})
    assert {key: told[0] for key, told in objects(client, name).items()} == {
        "kept": b"new",
        "deleted": b"old",
        "lost": b"old",
        "extra": b"extra",
    }


def test_a_restore_needs_a_bucket_with_versioning(session: Any, stage: Stage) -> None:
    """AWS asks for it; a rehearsal that passes without would fail on the day."""
    name = fresh("bucket")
    make_bucket(session, name).put_object(Bucket=name, Key="a", Body=b"x")
    point = stage.back_up(f"arn:aws:s3:::{name}")["RecoveryPointArn"]
    session.client("s3").create_bucket(Bucket=f"{name}-plain")
    job = stage.restore(point, {"DestinationBucketName": f"{name}-plain"})
    assert job["Status"] == "FAILED"
    assert "does not have versioning enabled" in job["StatusMessage"]


@pytest.mark.parametrize(
    ("items", "restored"),
    [
        ('["s3://{bucket}/a/1"]', {"a/1"}),
        ('["a/"]', {"a/1", "a/2"}),
        ('["s3://{bucket}/b", "a/2"]', {"a/2", "b"}),
        ('["nowhere"]', set()),
    ],
)
def test_single_objects_and_prefixes_come_back(session: Any, stage: Stage, items: str, restored: set[str]) -> None:
    """ItemsToRestore names objects or prefixes; where nothing matches, the job completes and says so."""
    name = fresh("bucket")
    client = make_bucket(session, name)
    for key in ("a/1", "a/2", "b"):
        client.put_object(Bucket=name, Key=key, Body=b"x")
    point = stage.back_up(f"arn:aws:s3:::{name}")["RecoveryPointArn"]
    metadata = {
        "DestinationBucketName": f"{name}-r",
        "NewBucket": "true",
        "ItemsToRestore": items.replace("{bucket}", name),
    }
    job = stage.restore(point, metadata)
    assert job["Status"] == "COMPLETED"
    assert objects(client, f"{name}-r").keys() == restored
    if not restored:
        assert job["StatusMessage"] == f"There are no objects that match the restore request for {point}."


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({"DestinationBucketName": "no-such-bucket-there"}, "does not exist"),
        ({}, "DestinationBucketName is required"),
        ({"DestinationBucketName": "x", "RestoreLatestVersionsUpTo": "0"}, "RestoreLatestVersionsUpTo"),
        ({"DestinationBucketName": "x", "ItemsToRestore": "a,b"}, "not a JSON list"),
        ({"DestinationBucketName": "x", "RestoreLatestVersionsUpTo": "9" * 5000}, "RestoreLatestVersionsUpTo"),
        ({"DestinationBucketName": "x", "ItemsToRestore": "[" * 100_000}, "not a JSON list"),
        ({"DestinationBucketName": "x", "ItemsToRestore": '["1", "2", "3", "4", "5", "6"]'}, "more than 5 items"),
        ({"DestinationBucketName": "x", "EncryptionType": "AES"}, "not original, SSE-S3 or SSE-KMS"),
        ({"DestinationBucketName": "x", "EncryptionType": "SSE-KMS"}, "KMSKey is required"),
        ({"DestinationBucketName": "x", "RestoreTime": "2026-01-01T00:00:00Z"}, "continuous"),
    ],
)
def test_wrong_metadata_fails_the_job_and_not_the_call(
    session: Any, stage: Stage, metadata: dict[str, str], message: str
) -> None:
    """StartRestoreJob takes it and the job fails with a sentence, as AWS does."""
    name = fresh("bucket")
    make_bucket(session, name).put_object(Bucket=name, Key="a", Body=b"x")
    point = stage.back_up(f"arn:aws:s3:::{name}")["RecoveryPointArn"]
    job = stage.restore(point, metadata)
    assert job["Status"] == "FAILED"
    assert message in job["StatusMessage"]


def test_a_continuous_point_restores_a_moment(session: Any, stage: Stage) -> None:
    """RestoreTime picks what the bucket held then, and is required; the present counts while the bucket is there."""
    name = fresh("bucket")
    client = make_bucket(session, name)
    client.put_object(Bucket=name, Key="a", Body=b"first day")
    rule = {"RuleName": "pitr", "EnableContinuousBackup": True, "Lifecycle": {"DeleteAfterDays": 35}}
    stage.plan(rule, Resources=[f"arn:aws:s3:::{name}"])
    stage.clock.advance(days=1)
    client.put_object(Bucket=name, Key="a", Body=b"second day")
    stage.clock.advance(days=1)
    client.put_object(Bucket=name, Key="a", Body=b"now")
    (point,) = stage.points(ByResourceArn=f"arn:aws:s3:::{name}")
    assert point["Status"] == "AVAILABLE"
    assert ":recovery-point:continuous:" in point["RecoveryPointArn"]
    for moment, body in (("2026-01-02T00:00:00Z", b"first day"), ("2026-01-03T00:00:00Z", b"second day")):
        target = fresh("bucket")
        arn = point["RecoveryPointArn"]
        job = stage.restore(arn, {"DestinationBucketName": target, "NewBucket": "true", "RestoreTime": moment})
        assert job["Status"] == "COMPLETED", job.get("StatusMessage")
        assert client.get_object(Bucket=target, Key="a")["Body"].read() == body
    now = stage.clock.now().isoformat()
    target = fresh("bucket")
    stage.restore(arn, {"DestinationBucketName": target, "NewBucket": "true", "RestoreTime": now})
    assert client.get_object(Bucket=target, Key="a")["Body"].read() == b"now"
    later = (stage.clock.now() + timedelta(days=1)).isoformat()
    for wrong, said in (
        ({}, "RestoreTime is required"),
        ({"RestoreTime": later}, "is in the future"),
        ({"RestoreTime": "yesterday"}, "is not an ISO 8601 time"),
        ({"RestoreTime": "2026-01-01T00:00:00Z"}, "before the earliest restorable time"),
    ):
        job = stage.restore(arn, {"DestinationBucketName": target, **wrong})
        assert (job["Status"], said in job["StatusMessage"]) == ("FAILED", True), job["StatusMessage"]


def test_a_plan_finds_tables_and_buckets_by_their_tags(session: Any, stage: Stage) -> None:
    """Resources behind the session are selected by tag in their Region, beside synthetic ones."""
    table, bucket = fresh("orders"), fresh("bucket")
    make_table(session, table, 1)
    make_bucket(session, bucket)
    stage.world.add(table_arn("synthetic"), tags={"Backup": "daily"})
    world = stage.service.resources
    here = {seen.arn for seen in world.resources(ACCOUNT, REGION) if seen.tags.get("Backup") == "daily"}
    assert {table_arn(table), f"arn:aws:s3:::{bucket}", table_arn("synthetic")} <= here
    assert not list(world.resources(ACCOUNT, "eu-west-1"))
    assert not list(world.resources("999999999999", REGION))


def test_a_private_session_switches_nothing_else(session: Any) -> None:
    """Other sessions are not answered by moto, and the environment keeps its credentials."""
    import boto3
    from botocore.config import Config
    from botocore.exceptions import EndpointConnectionError

    assert session.client("sts").get_caller_identity()["Account"] == ACCOUNT
    assert os.environ.get("AWS_ACCESS_KEY_ID") != "FOOBARKEY"
    other = boto3.Session(aws_access_key_id="a", aws_secret_access_key="b", region_name=REGION)
    client = other.client(
        "dynamodb", endpoint_url="http://127.0.0.1:1", config=Config(retries={"max_attempts": 0}, connect_timeout=1)
    )
    with pytest.raises(EndpointConnectionError):
        client.list_tables()


def test_what_a_point_holds_survives_a_snapshot(session: Any, stage: Stage) -> None:
    """A snapshot of the service keeps the content of points, which restores after the resource is gone."""
    name = fresh("orders")
    before = make_table(session, name, 5)
    point = stage.back_up(table_arn(name))["RecoveryPointArn"]
    session.client("dynamodb").delete_table(TableName=name)
    job = renewed(session, stage).restore(point, {"targetTableName": name})
    assert job["Status"] == "COMPLETED", job.get("StatusMessage")
    assert items(session, name) == before


@pytest.mark.parametrize("told", [False, True])
def test_a_restore_of_what_is_all_there_restores_nothing(session: Any, told: bool) -> None:
    """AWS documents no message for skipped objects; a program can be tried with one by ``skipped_objects_told``."""
    stage = Stage(Worlds(SessionWorld(session, types=("S3",))), choices=Choices(skipped_objects_told=told))
    name = fresh("bucket")
    make_bucket(session, name).put_object(Bucket=name, Key="a", Body=b"x")
    point = stage.back_up(f"arn:aws:s3:::{name}")["RecoveryPointArn"]
    job = stage.restore(point, {"DestinationBucketName": name})
    said = f"There are no objects that match the restore request for {point}." if told else None
    assert (job["Status"], job.get("StatusMessage")) == ("COMPLETED", said)
