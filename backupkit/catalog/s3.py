"""S3 buckets. Source: the developer guide's page on restoring S3 data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from uuid import uuid4

import attrs

from backupkit.catalog.neighbour import Look, NotRestored, Removal
from backupkit.catalog.request import Checked, mapping, merged, word
from backupkit.catalog.resource_type import OWN_POINTS, ArnShape, ResourceType
from backupkit.declare.fields import shown, texts
from backupkit.errors import InvalidValueError
from backupkit.observe import RecoveryPoint
from backupkit.problems import Problem

__all__ = ["TYPE", "S3Bucket", "is_continuous"]

TYPE = ResourceType(
    name="S3",
    looks=(
        Look(
            shape=ArnShape("s3"),
            service="s3",
            method="head_bucket",
            arguments={"Bucket": "{name}"},
            gone=frozenset({"404", "NoSuchBucket"}),
            usable=frozenset({"there"}),
        ),
    ),
    removal=Removal(
        shape=ArnShape("s3"), service="s3", method="delete_bucket", arguments={"Bucket": "{name}"}, first="objects"
    ),
    not_restored=(
        NotRestored("the bucket policy", "s3 PutBucketPolicy"),
        NotRestored("lifecycle rules", "s3 PutBucketLifecycleConfiguration"),
        NotRestored("notifications", "s3 PutBucketNotificationConfiguration"),
        NotRestored("replication", "s3 PutBucketReplication"),
        NotRestored("tags of the bucket", "s3 PutBucketTagging"),
        NotRestored("the public access block", "s3 PutPublicAccessBlock"),
        NotRestored("default encryption", "s3 PutBucketEncryption"),
        NotRestored("access points", "s3control CreateAccessPoint"),
        NotRestored("creation dates, version ids, ETags and storage classes of objects"),
        NotRestored("objects under SSE-C"),
    ),
    terraform="aws_s3_bucket",
    shapes=(ArnShape("s3"),),
    points=OWN_POINTS + "{name}-{stamp}-{hex8}",
    continuous_points=OWN_POINTS + "continuous:{name}-{hex8}",
    copies=True,
    air_gapped=True,
    restore_testing=True,
    fully_managed=True,
    copies_source_tags=False,
)
_BUCKET_NAME = re.compile(r"(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_SNAPSHOT = re.compile(r"-\d{14}-[0-9a-f]{8}$")
_CONTINUOUS = re.compile(r":continuous:|:recovery-point:.*-[0-9a-f]{8}$")
_MAX_ITEMS = 5


def is_continuous(point_arn: str) -> bool | None:
    """Whether the ARN is that of a continuous point, or None where it does not show.

    AWS names snapshots ``BUCKET-yyyymmddhhmmss-xxxxxxxx`` and continuous points ``BUCKET-xxxxxxxx`` (developer guide,
    access control); ``continuous:BUCKET-xxxxxxxx`` is seen as well.
    """
    if _SNAPSHOT.search(point_arn):
        return False
    return True if _CONTINUOUS.search(point_arn) else None


@attrs.frozen
class S3Bucket(Checked):
    """Restore a point to a bucket of its Region. Nothing is overwritten: an object whose key is there is skipped.

    AWS's documents name no message for skipped objects: a job that skipped them all is COMPLETED without issues, like
    one that restored them all. Only a new or empty bucket makes sure that what is in it comes from the point.

    Args:
        bucket_name: The destination; versioning must be on where it exists.
        new_bucket: Whether AWS Backup makes the bucket. The guide's S3 page does not name the key that is sent for it
            (NewBucket); restore testing and published requests use it.
        restore_time: The moment to go back to, an aware datetime; needed for continuous points, refused for snapshots.
        versions: How many of the latest versions of each object come back: 1 or more, or ``all``. None: 1.
        items: Up to 5 objects or prefixes; empty: everything.
        encryption: ``original``, ``SSE-S3`` or ``SSE-KMS``. None: as AWS decides.
        key: The ARN of a KMS key; only and always with ``SSE-KMS``.
        acls: Whether access control lists come back, too.
        extra_metadata: Keys that backupkit has no field for; they win.

    Raises:
        InvalidValueError: A name or combination that AWS would refuse.
    """

    bucket_name: str
    new_bucket: bool = attrs.field(default=False, kw_only=True)
    restore_time: datetime | None = attrs.field(default=None, kw_only=True)
    versions: int | str | None = attrs.field(default=None, kw_only=True)
    items: tuple[str, ...] = attrs.field(default=(), converter=texts, kw_only=True)
    encryption: str | None = attrs.field(default=None, kw_only=True)
    key: str | None = attrs.field(default=None, kw_only=True)
    acls: bool | None = attrs.field(default=None, kw_only=True)
    extra_metadata: Mapping[str, str] = attrs.field(factory=dict, converter=mapping, kw_only=True, hash=False)

    @property
    def resource_type(self) -> str:
        """``S3``."""
        return TYPE.name

    def metadata(self, point: RecoveryPoint, held: Mapping[str, str]) -> dict[str, str]:
        """The Metadata of StartRestoreJob: what the point holds, with the destination."""
        self._must_fit(point)
        put = {
            "DestinationBucketName": self.bucket_name,
            "NewBucket": "true" if self.new_bucket else None,
            "CreationToken": str(uuid4()) if self.new_bucket else None,
            "RestoreTime": _instant(self.restore_time) if self.restore_time else None,
            "RestoreLatestVersionsUpTo": None if self.versions is None else str(self.versions),
            "ItemsToRestore": json.dumps(list(self.items)) if self.items else None,
            "EncryptionType": self.encryption,
            "KMSKey": self.key,
            "RestoreACLs": word(self.acls),
            **self.extra_metadata,
        }
        return merged(held, (), put)

    def _must_fit(self, point: RecoveryPoint) -> None:
        continuous = is_continuous(point.recovery_point_arn or "")
        if continuous is True and self.restore_time is None:
            problem = Problem(
                "restore/restore_time", "a continuous point needs a moment to go back to", "give restore_time="
            )
            raise InvalidValueError(problem)
        if continuous is False and self.restore_time is not None:
            problem = Problem(
                "restore/restore_time",
                "a snapshot holds one moment only",
                "drop restore_time=, or pick a continuous point",
            )
            raise InvalidValueError(problem)

    def _problems(self) -> Iterator[Problem]:
        if not isinstance(self.bucket_name, str) or not _BUCKET_NAME.fullmatch(self.bucket_name):
            yield Problem(
                "bucket_name",
                f"{shown(self.bucket_name)} is not a bucket name",
                "use 3 to 63 lower-case letters, digits, . and -",
            )
        if self.restore_time is not None and not (isinstance(self.restore_time, datetime) and self.restore_time.tzinfo):
            yield Problem(
                "restore_time", f"{shown(self.restore_time)} is no moment with a time zone", "give an aware datetime"
            )
        if (
            self.versions is not None
            and self.versions != "all"
            and not (isinstance(self.versions, int) and self.versions >= 1)
        ):
            yield Problem("versions", f"{shown(self.versions)} is no number of versions", 'use 1 or more, or "all"')
        if len(self.items) > _MAX_ITEMS:
            yield Problem("items", f"{len(self.items)} items", f"AWS takes at most {_MAX_ITEMS} a job")
        yield from self._encryption_problems()

    def _encryption_problems(self) -> Iterator[Problem]:
        if self.encryption not in (None, "original", "SSE-S3", "SSE-KMS"):
            yield Problem(
                "encryption", f"{shown(self.encryption)} is no kind of encryption", "use original, SSE-S3 or SSE-KMS"
            )
        if (self.key is not None) != (self.encryption == "SSE-KMS"):
            yield Problem("key", "a key and SSE-KMS go together", "give both or neither")


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
