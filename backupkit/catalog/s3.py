"""S3 buckets. Source: the developer guide's page on restoring S3 data, and public requests."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import ClassVar

import attrs

from backupkit.arn import arn_or_none
from backupkit.catalog.metadata_key import NEW_TOKEN, Encoding, MetadataKey, Trait
from backupkit.catalog.names import BUCKET_NAME, KMS_KEY, VERSIONS
from backupkit.catalog.neighbour import Listing, Look, NotRestored, Removal, Target
from backupkit.catalog.point_facts import PointFacts
from backupkit.catalog.request import Request, sends, strings
from backupkit.catalog.resource_type import OWN_POINTS, ArnShape, ResourceType
from backupkit.catalog.restore_form import RestoreForm
from backupkit.catalog.restore_testing import RestoreTesting, lowered
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, quote

__all__ = ["TYPE", "S3Bucket"]

_MAX_ITEMS = 5
_LAG = timedelta(minutes=15)
_KMS = {"EncryptionType": "SSE-KMS"}
_KEYS = (
    MetadataKey("DestinationBucketName", required=True, pattern=BUCKET_NAME, seen=True),
    MetadataKey("NewBucket", Encoding.BOOLEAN, seen=True, source="public requests; restore testing"),
    MetadataKey(
        "RestoreTime",
        Encoding.MOMENT,
        required_for=(Trait.CONTINUOUS,),
        not_for=(Trait.SNAPSHOT,),
        seen=True,
    ),
    MetadataKey("ItemsToRestore", Encoding.LIST, minimum=1, maximum=_MAX_ITEMS, seen=True),
    MetadataKey("RestoreLatestVersionsUpTo", pattern=VERSIONS, seen=True),
    MetadataKey("EncryptionType", values=("original", "SSE-S3", "SSE-KMS"), seen=True),
    MetadataKey("KMSKey", pattern=KMS_KEY, goes_with=_KMS, required_with=_KMS, seen=True),
    MetadataKey("RestoreACLs", Encoding.BOOLEAN, seen=True),
    MetadataKey("Encrypted", Encoding.BOOLEAN, seen=True, source="public requests; restore testing"),
)
_TOKEN = MetadataKey("CreationToken", seen=True, source="public requests")
RESTORE = (
    RestoreForm(name="an existing bucket", lag=_LAG, source="restoring-s3.md", keys=(*_KEYS, _TOKEN), adds=True),
    RestoreForm(
        name="a new bucket",
        lag=_LAG,
        source="restoring-s3.md; public requests",
        keys=(*_KEYS, attrs.evolve(_TOKEN, default=NEW_TOKEN)),
        when={"NewBucket": "true"},
    ),
)
"""What StartRestoreJob takes."""

TYPE = ResourceType(
    name="S3",
    target=Target("DestinationBucketName", "arn:{partition}:s3:::{value}", new="new_bucket=True"),
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
    listings=(
        Listing(
            service="s3",
            method="list_buckets",
            found="Buckets[].{id: Name}",
            arn="arn:{partition}:s3:::{id}",
            arguments={"BucketRegion": "{region}"},
        ),
    ),
    points=OWN_POINTS + "{name}-{stamp}-{hex8}",
    continuous_points=OWN_POINTS + "continuous:{name}-{hex8}",
    copies=True,
    air_gapped=True,
    restore_testing=RestoreTesting(
        inferred={
            "destinationBucketName": "{name}",
            "encrypted": "true",
            "encryptionType": "SSE-S3",
            "newBucket": "true",
        },
        overridable=lowered("encryptionType kmsKey restoreACLs"),
    ),
    fully_managed=True,
    copies_source_tags=False,
    restore_policy="AWSBackupServiceRolePolicyForS3Restore",
    config_type="AWS::S3::Bucket",
    audited=True,
    indexable=True,
    scannable=True,
    backup_options=("BackupACLs", "BackupObjectTags"),
    restore_forms=RESTORE,
)


@attrs.frozen(repr=False)
class S3Bucket(Request):
    """Restore a point to a bucket of its Region; what is in the bucket stays, and the point's objects are added.

    Nothing is overwritten: an object whose key is there is skipped. AWS's documents name no message for skipped
    objects: a job that skipped them all is COMPLETED without issues, like one that restored them all. Only a new or
    empty bucket makes sure that what is in it comes from the point. A continuous point needs ``as_of=``.

    Args:
        destination_bucket_name: The destination; versioning must be on where it exists.
        new_bucket: Whether AWS Backup makes the bucket. The guide's S3 page does not name the key that is sent for it
            (NewBucket); restore testing and published requests use it.
        restore_latest_versions_up_to: How many of the latest versions of each object come back: 1 or more, or ``all``.
            None: 1.
        items: Up to 5 objects or prefixes, as keys of the source or as ``s3://bucket/key``; empty: everything.
        encryption: ``original``, ``SSE-S3`` or ``SSE-KMS``. None: as AWS decides.
        key: A KMS key; only and always with ``SSE-KMS``.
        restore_acls: Whether access control lists come back, too.
        encrypted: Sent by published requests; what it does beside ``encryption`` is documented nowhere.
        creation_token: Tells one new bucket from another. None: a new one.
        extra_metadata: Keys that backupkit has no field for; they win.

    Raises:
        InvalidValueError: A name or combination that AWS would refuse.
    """

    KIND: ClassVar[ResourceType] = TYPE
    FORMS: ClassVar[tuple[RestoreForm, ...]] = RESTORE

    destination_bucket_name: str
    new_bucket: bool | None = attrs.field(default=None, kw_only=True)
    restore_latest_versions_up_to: int | str | None = attrs.field(default=None, kw_only=True)
    items: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True, metadata=sends("ItemsToRestore"))
    encryption: str | None = attrs.field(default=None, kw_only=True, metadata=sends("EncryptionType"))
    key: str | None = attrs.field(default=None, kw_only=True, metadata=sends("KMSKey"), converter=arn_or_none)
    restore_acls: bool | None = attrs.field(default=None, kw_only=True)
    encrypted: bool | None = attrs.field(default=None, kw_only=True)
    creation_token: str | None = attrs.field(default=None, kw_only=True)

    def requested(self, facts: PointFacts) -> dict[str, str]:
        """The metadata that the request asks for, with its items as URIs of the source's objects.

        Raises:
            InvalidValueError: An item is of another bucket, of which the point holds nothing.
        """
        found = super().requested(facts)
        if self.items and facts.resource:
            source = f"s3://{facts.resource}/"
            uris = [item if item.startswith("s3://") else f"{source}{item}" for item in self.items]
            strange = next((uri for uri in uris if not uri.startswith(source)), None)
            if strange is not None:
                what = f"{quote(strange)} is not in the bucket that was backed up"
                raise InvalidValueError(Problem("restore/items", what, f"give keys, or URIs that begin with {source}"))
            found["ItemsToRestore"] = json.dumps(uris)
        return found
