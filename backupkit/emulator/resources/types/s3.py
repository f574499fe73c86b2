"""S3 buckets: every version of every object captured; how they come back is in `s3_restore`.

Source: the developer guide's page on S3 backups.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import Any, TypeAlias

from backupkit.arn import Arn
from backupkit.emulator.kernel.resource_protocol import Captured, Metadata, ResourceInfo, Restored, check_tested
from backupkit.emulator.resources.denials import PassedOver
from backupkit.emulator.resources.types import s3_restore
from backupkit.emulator.resources.types.bulk import TagsInBulk
from backupkit.emulator.resources.types.kind import Client, SessionScope, Without, tags_of
from backupkit.emulator.resources.types.s3_content import Blob, BucketContent, ObjectVersion

__all__ = ["Buckets"]

_WORKERS = 16
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
        return s3_restore.restore_bucket(here, content, metadata, tags)

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
