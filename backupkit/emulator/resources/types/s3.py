"""S3 buckets: every version of every object captured; they come back into a bucket with versioning, overwriting none.

Source: the developer guide's pages on S3 backups and on restoring S3 data.
"""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import Any, TypeAlias
from urllib.parse import urlencode

import attrs

from backupkit.arn import Arn
from backupkit.emulator.kernel.resource_protocol import (
    TEST_MALWARE,
    THE_POINT,
    Captured,
    Inspected,
    Metadata,
    ResourceInfo,
    Restored,
    WorldError,
    check_tested,
)
from backupkit.emulator.resources.denials import PassedOver
from backupkit.emulator.resources.types.kind import Client, SessionScope, TagsInBulk, Without, tag_list, tags_of

__all__ = ["Buckets"]

# ---- What a recovery point holds of a bucket ----


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

    def inspected(self) -> Inspected:
        """Every version is an item, delete markers are none; one with the EICAR test text is malware."""
        bodies = {
            f"{one.key} {one.version_id}": one.blob.body
            for versions in self.keys.values()
            for one in versions
            if one.blob is not None
        }
        return Inspected(len(bodies), frozenset(name for name, body in bodies.items() if TEST_MALWARE in body))


# ---- How the objects of a bucket come back ----


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
    if not re.fullmatch(r"0*[1-9][0-9]{0,17}", text):
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


# ---- Buckets ----


_PAGE = 1000
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
# S3's two oldest names of Regions.
_OLD_REGIONS = {"": "us-east-1", "EU": "eu-west-1"}

_Blobs: TypeAlias = "weakref.WeakValueDictionary[tuple[str, str, str], Blob]"


class Buckets:
    """S3 buckets."""

    resource_type = "S3"
    content = BucketContent
    emulated_only = False

    def __init__(self) -> None:
        # By bucket, key and version, as long as some point holds it: what did not change is not read again.
        self._blobs: _Blobs = weakref.WeakValueDictionary()
        self._bulk = TagsInBulk("s3")

    def names(self, arn: Arn) -> bool:
        """Whether the ARN is a bucket's."""
        return arn.service == "s3" and "/" not in arn.resource

    def resources(self, here: SessionScope) -> Iterator[ResourceInfo]:
        """Every bucket of the Region, with the tags of all in few calls where the session may make them."""
        client, tags = here.client("s3"), self._bulk.of_all(here)
        for page in client.get_paginator("list_buckets").paginate(PaginationConfig={"PageSize": _PAGE}):
            for entry in page.get("Buckets", []):
                arn = f"arn:{here.partition}:s3:::{entry['Name']}"
                # A bucket that goes between the calls is not there, and one that may not be read hides no other.
                with PassedOver(arn), Without("NoSuchBucket"):
                    if (entry.get("BucketRegion") or _region_of(client, entry["Name"])) == here.region_name:
                        own = tags.get(arn, {}) if tags is not None else _tags(client, entry["Name"])
                        yield ResourceInfo(arn, self.resource_type, own, entry["Name"])

    def find(self, here: SessionScope, arn: Arn) -> ResourceInfo | None:
        """The bucket, or None where it is not there, or in another Region."""
        client = here.client("s3")
        if _region_of(client, arn.resource) != here.region_name:
            return None
        with Without("NoSuchBucket"):
            return ResourceInfo(str(arn), self.resource_type, _tags(client, arn.resource), arn.resource)
        return None

    def capture(self, here: SessionScope, arn: Arn) -> Captured:
        """Every version of every object, with bytes, headers and tags.

        Objects in an archive storage class are left out, as AWS leaves them out.
        """
        client, bucket = here.client("s3"), arn.resource
        listed = [entry for entry in _listed(client, bucket) if entry.get("StorageClass") not in _ARCHIVED]
        with ThreadPoolExecutor(_WORKERS) as pool:
            versions = list(pool.map(lambda entry: _version(client, bucket, entry, self._blobs), listed))
        keys = {key: tuple(group) for key, group in groupby(versions, lambda one: one.key)}
        content = BucketContent(bucket, keys)
        return Captured(content, content.size_bytes(), {}, _tags(client, bucket))

    def restore(
        self, here: SessionScope, content: BucketContent, metadata: Metadata, tags: Mapping[str, str]
    ) -> Restored:
        """Put back the objects that the metadata asks for.

        Raises:
            WorldError: The metadata is wrong, the bucket is not there, or no object could be restored.
        """
        return restore_bucket(here, content, metadata, tags)

    def discard(self, here: SessionScope, arn: Arn) -> None:
        """Empty and delete a bucket that a restore test made."""
        client, bucket = here.client("s3"), arn.resource
        check_tested(bucket)
        with Without("NoSuchBucket"):
            for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
                _delete_all(client, bucket, [*page.get("Versions", ()), *page.get("DeleteMarkers", ())])
            client.delete_bucket(Bucket=bucket)


def _region_of(client: Client, bucket: str) -> str | None:
    """The bucket's Region; None where there is no such bucket."""
    with Without("NoSuchBucket"):
        scope: str = client.get_bucket_location(Bucket=bucket)["LocationConstraint"] or ""
        return _OLD_REGIONS.get(scope, scope)
    return None


def _tags(client: Client, bucket: str) -> dict[str, str]:
    with Without("NoSuchTagSet"):
        return tags_of(client.get_bucket_tagging(Bucket=bucket)["TagSet"])
    return {}


def _listed(client: Client, bucket: str) -> list[Mapping[str, Any]]:
    """All versions and delete markers by key, the newest of each key first."""
    found: list[Mapping[str, Any]] = []
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
        found += page.get("Versions", [])
        found += page.get("DeleteMarkers", [])
    # A stable sort: among equal moments the order of the listing, which is newest first, stays.
    found.sort(key=lambda entry: (entry["Key"], not entry["IsLatest"], -entry["LastModified"].timestamp()))
    return found


def _version(client: Client, bucket: str, entry: Mapping[str, Any], blobs: _Blobs) -> ObjectVersion:
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


def _delete_all(client: Client, bucket: str, versions: Sequence[Mapping[str, Any]]) -> None:
    """Delete the versions of one page of a listing, at most 1000; a bucket that keeps any is refused its deletion."""
    if versions:
        named = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in versions]
        client.delete_objects(Bucket=bucket, Delete={"Objects": named, "Quiet": True})
