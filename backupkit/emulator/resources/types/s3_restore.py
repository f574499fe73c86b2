"""How the objects of a bucket come back: into a bucket with versioning, without overwriting any.

Source: the developer guide's page on restoring S3 data.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

from backupkit.emulator.kernel.resource_protocol import THE_POINT, Metadata, Restored, WorldError
from backupkit.emulator.resources.types.kind import Client, SessionScope, tag_list
from backupkit.emulator.resources.types.s3_content import BucketContent, ObjectVersion

__all__ = ["restore_bucket"]

_WORKERS = 16
_MAX_ITEMS = 5
# Word for word (developer guide, S3 restore messages). For objects that are skipped it has no sentence.
_NOTIFIED = "To get notified of these failures, enable SNS event notifications."
_NOTHING_RESTORED = f"No objects were restored from {THE_POINT} to {{bucket}}. {_NOTIFIED}"
_SOME_FAILED = f"One or more objects failed to be restored from {THE_POINT} to {{bucket}}. {_NOTIFIED}"
_NO_MATCH = f"There are no objects that match the restore request for {THE_POINT}."


def restore_bucket(here: SessionScope, content: BucketContent, metadata: Metadata, tags: Mapping[str, str]) -> Restored:
    """Put the objects that the metadata asks for into its bucket; keys that are there are left as they are.

    A bucket that is made is tagged with ``tags``.

    Raises:
        WorldError: The metadata is wrong, the bucket is not there, or no object could be restored.
    """
    client, bucket = here.client("s3"), metadata.need("DestinationBucketName")
    depth = _depth(metadata.get("RestoreLatestVersionsUpTo") or "1")
    wanted = list(_wanted(content, metadata.texts("ItemsToRestore")))
    encryption = _encryption(metadata)
    _make_ready(client, bucket, metadata, here.region_name, tags)
    arn = f"arn:{here.partition}:s3:::{bucket}"
    if not wanted:
        return Restored(arn, _NO_MATCH)
    present = _present(client, bucket)
    missing = [versions for versions in wanted if versions[0].key not in present]
    failed = _put_all(client, bucket, missing, depth, encryption)
    if missing and failed == len(missing):
        raise WorldError(_NOTHING_RESTORED.replace("{bucket}", bucket))
    return Restored(arn, _SOME_FAILED.replace("{bucket}", bucket) if failed else None, all_there=not missing)


def _depth(text: str) -> int | None:
    """How many of the newest versions come back; None for all."""
    if text.casefold() == "all":
        return None
    if not text.isdecimal() or int(text) < 1:
        raise WorldError(f"Invalid restore metadata. RestoreLatestVersionsUpTo {text!r} is neither a number nor all")
    return int(text)


def _wanted(content: BucketContent, items: Sequence[str]) -> Iterator[Sequence[ObjectVersion]]:
    """The versions of each key that one of ``items`` names, or of every key."""
    if len(items) > _MAX_ITEMS:
        raise WorldError(f"Invalid restore metadata. ItemsToRestore names more than {_MAX_ITEMS} items")
    named = [item.removeprefix(f"s3://{content.bucket}/") for item in items]
    for key, versions in content.keys.items():
        if not named or any(_names(item, key, content) for item in named):
            yield versions


def _names(item: str, key: str, content: BucketContent) -> bool:
    """Whether an item is the key, or, where it is not a key, a prefix of it."""
    return key == item or (item not in content.keys and key.startswith(item))


def _encryption(metadata: Metadata) -> dict[str, str]:
    match (metadata.get("EncryptionType") or "original").casefold():
        case "original":
            return {}
        case "sse-s3":
            return {"ServerSideEncryption": "AES256"}
        case "sse-kms":
            return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": metadata.need("KMSKey")}
        case other:
            raise WorldError(f"Invalid restore metadata. EncryptionType {other!r} is not original, SSE-S3 or SSE-KMS")


def _make_ready(client: Client, bucket: str, metadata: Metadata, region_name: str, tags: Mapping[str, str]) -> None:
    """The bucket is there with versioning on, or is made where the metadata asks for a new one."""
    try:
        client.head_bucket(Bucket=bucket)
    except client.exceptions.ClientError as error:
        if not metadata.flag("NewBucket"):
            raise WorldError(f"Bucket {bucket} does not exist") from error
        _make(client, bucket, region_name, tags)
    # The guide asks for it (restoring S3 data); how AWS words the refusal is not known.
    if client.get_bucket_versioning(Bucket=bucket).get("Status") != "Enabled":
        raise WorldError(f"Bucket {bucket} does not have versioning enabled")


def _make(client: Client, bucket: str, region_name: str, tags: Mapping[str, str]) -> None:
    where = {} if region_name == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region_name}}
    try:
        client.create_bucket(Bucket=bucket, **where)
        client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        if tags:
            client.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tag_list(tags)})
    except client.exceptions.ClientError as error:
        raise WorldError(f"Bucket {bucket} cannot be created: {error}") from error


def _present(client: Client, bucket: str) -> frozenset[str]:
    """The keys that are there; one whose current version is a delete marker counts as absent."""
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return frozenset(entry["Key"] for page in pages for entry in page.get("Contents", []))


def _put_all(
    client: Client, bucket: str, missing: Iterable[Sequence[ObjectVersion]], depth: int | None, more: Mapping[str, str]
) -> int:
    """Put the versions of each key; how many keys failed."""
    with ThreadPoolExecutor(_WORKERS) as pool:
        return sum(not done for done in pool.map(lambda one: _put_key(client, bucket, one, depth, more), missing))


def _put_key(
    client: Client, bucket: str, versions: Sequence[ObjectVersion], depth: int | None, more: Mapping[str, str]
) -> bool:
    """Put the newest versions of one key, the oldest first, so that the current one is current again."""
    chosen = versions[:depth]
    try:
        for version in reversed(chosen):
            _put(client, bucket, version, more, alone=len(chosen) == 1)
    except client.exceptions.ClientError:
        return False
    return True


def _put(client: Client, bucket: str, version: ObjectVersion, more: Mapping[str, str], *, alone: bool) -> None:
    if version.blob is None:
        # A delete marker alone restores nothing: the object was deleted when the backup was made.
        if not alone:
            client.delete_object(Bucket=bucket, Key=version.key)
        return
    tagging = {"Tagging": urlencode(version.tags)} if version.tags else {}
    client.put_object(Bucket=bucket, Key=version.key, Body=version.blob.body, **version.blob.headers, **tagging, **more)
