"""S3 buckets behind a boto3 client: every version of every object captured, and put back without overwriting any.

Source: the developer guide's pages on S3 backups and on restoring S3 data.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import Any, TypeAlias
from urllib.parse import urlencode

import attrs

from backupkit.local.world.metadata import Metadata
from backupkit.local.world.seam import Restored, WorldError, check_tested

__all__ = ["Blobs", "BucketContent", "Client", "ObjectVersion", "capture_bucket", "discard_bucket", "restore_bucket"]

Client: TypeAlias = Any  # boto3 makes its clients at run time; no type of theirs is needed beyond this room.

_WORKERS = 16
_ARCHIVED = frozenset({"GLACIER", "DEEP_ARCHIVE"})
_HEADERS = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Metadata",
    "WebsiteRedirectLocation",
)
_MAX_ITEMS = 5
_NOTHING_RESTORED = "No objects were restored from {bucket}"
_SOME_FAILED = "One or more objects failed to be restored from {bucket}"
_NO_MATCH = "There are no objects that match the restore request"


@attrs.frozen(eq=False)
class Blob:
    """The bytes and headers of one version; points that hold the same version share it."""

    body: bytes
    headers: Mapping[str, Any]


@attrs.frozen
class ObjectVersion:
    """One version of an object, or a delete marker, which has no blob."""

    key: str
    version_id: str
    blob: Blob | None
    storage_class: str = "STANDARD"
    tags: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen
class BucketContent:
    """A bucket as it was: the versions of each key, the newest first."""

    bucket: str
    keys: Mapping[str, Sequence[ObjectVersion]]

    def size_bytes(self) -> int:
        """The bytes of all versions."""
        return sum(len(one.blob.body) for versions in self.keys.values() for one in versions if one.blob is not None)


Blobs: TypeAlias = "weakref.WeakValueDictionary[tuple[str, str, str], Blob]"
"""The blobs that some point still holds, by bucket, key and version: what did not change is not read again."""


def capture_bucket(client: Client, bucket: str, blobs: Blobs) -> BucketContent:
    """Every version of every object, with bytes, headers and tags.

    Objects in an archive storage class are left out, as AWS leaves them out.

    Raises:
        WorldError: The bucket is not there.
    """
    try:
        listed = [entry for entry in _listed(client, bucket) if entry.get("StorageClass") not in _ARCHIVED]
    except client.exceptions.NoSuchBucket as error:
        raise WorldError(f"Bucket {bucket} does not exist") from error
    with ThreadPoolExecutor(_WORKERS) as pool:
        versions = list(pool.map(lambda entry: _version(client, bucket, entry, blobs), listed))
    return BucketContent(bucket, {key: tuple(group) for key, group in groupby(versions, lambda one: one.key)})


def _listed(client: Client, bucket: str) -> list[Mapping[str, Any]]:
    """All versions and delete markers by key, the newest of each key first."""
    found: list[Mapping[str, Any]] = []
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
        found += page.get("Versions", [])
        found += page.get("DeleteMarkers", [])
    # A stable sort: among equal moments the order of the listing, which is newest first, stays.
    found.sort(key=lambda entry: (entry["Key"], not entry["IsLatest"], -entry["LastModified"].timestamp()))
    return found


def _version(client: Client, bucket: str, entry: Mapping[str, Any], blobs: Blobs) -> ObjectVersion:
    key, version_id = entry["Key"], entry["VersionId"]
    if "Size" not in entry:
        return ObjectVersion(key, version_id, None)
    held = blobs.get((bucket, key, version_id))
    blob = held if held is not None else _blob(client, bucket, key, version_id)
    if version_id != "null":
        # The version "null" is overwritten in place; the others never change.
        blobs[bucket, key, version_id] = blob
    tagging = client.get_object_tagging(Bucket=bucket, Key=key, VersionId=version_id)["TagSet"]
    tags = {tag["Key"]: tag.get("Value", "") for tag in tagging}
    return ObjectVersion(key, version_id, blob, entry.get("StorageClass") or "STANDARD", tags)


def _blob(client: Client, bucket: str, key: str, version_id: str) -> Blob:
    got = client.get_object(Bucket=bucket, Key=key, VersionId=version_id)
    return Blob(got["Body"].read(), {name: got[name] for name in _HEADERS if got.get(name)})


def restore_bucket(
    client: Client, content: BucketContent, metadata: Metadata, region_name: str, tags: Mapping[str, str]
) -> Restored:
    """Put the objects that the metadata asks for into its bucket; keys that are there are left as they are.

    A bucket that is made is tagged with ``tags``.

    Raises:
        WorldError: The metadata is wrong, the bucket is not there, or no object could be restored.
    """
    bucket = metadata.need("DestinationBucketName")
    depth = _depth(metadata.get("RestoreLatestVersionsUpTo") or "1")
    wanted = list(_wanted(content, metadata.texts("ItemsToRestore")))
    encryption = _encryption(metadata)
    _make_ready(client, bucket, metadata, region_name, tags)
    arn = f"arn:aws:s3:::{bucket}"
    if not wanted:
        return Restored(arn, _NO_MATCH)
    present = _present(client, bucket)
    missing = [versions for versions in wanted if versions[0].key not in present]
    failed = _put_all(client, bucket, missing, depth, encryption)
    if missing and failed == len(missing):
        raise WorldError(_NOTHING_RESTORED.format(bucket=content.bucket))
    return Restored(arn, _SOME_FAILED.format(bucket=content.bucket) if failed else None)


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
    """Whether an item is the key, or, where it is no key, a prefix of it."""
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
            tag_set = [{"Key": key, "Value": value} for key, value in tags.items()]
            client.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tag_set})
    except client.exceptions.ClientError as error:
        raise WorldError(f"Bucket {bucket} cannot be created: {error}") from error


def discard_bucket(client: Client, bucket: str) -> None:
    """Empty and delete a bucket that a restore test made.

    Raises:
        WorldError: No restore test made it, or S3 refuses.
    """
    check_tested(bucket)
    try:
        for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
            _delete_all(client, bucket, [*page.get("Versions", ()), *page.get("DeleteMarkers", ())])
        client.delete_bucket(Bucket=bucket)
    except client.exceptions.ClientError as error:
        raise WorldError(f"Bucket {bucket} cannot be deleted: {error}") from error


def _delete_all(client: Client, bucket: str, versions: Sequence[Mapping[str, Any]]) -> None:
    """Delete the versions of one page of a listing, at most 1000; a bucket that keeps any is refused its deletion."""
    if versions:
        named = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in versions]
        client.delete_objects(Bucket=bucket, Delete={"Objects": named, "Quiet": True})


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
