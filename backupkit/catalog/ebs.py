"""EBS volumes. Sources: the developer guide's page on restoring EBS, its CloudTrail sample, and public requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import attrs

from backupkit.arn import arn_or_none
from backupkit.catalog.metadata_key import Encoding, MetadataKey, Send, Trait
from backupkit.catalog.names import BUCKET_NAME, KMS_KEY, ZONE
from backupkit.catalog.neighbour import Batch, Listing, Look, NotRestored, Removal
from backupkit.catalog.request import Request, sends, strings
from backupkit.catalog.resource_type import SNAPSHOT_POINT, ArnShape, ResourceType
from backupkit.catalog.restore_form import ANY, RestoreForm
from backupkit.catalog.restore_testing import RestoreTesting, lowered
from backupkit.checks import Pattern
from backupkit.problems import Problem

__all__ = ["TYPE", "EBSFiles", "EBSVolume"]

_PATH = Pattern(
    "path",
    r"(?:[^:/]+:)?/.{0,1023}",
    "absolute paths of up to 1024 bytes, with fsId: before where there are several partitions",
)
_SOURCE = MetadataKey("volumeId", returned=True, send=Send.STRIP, seen=True)
_VOLUME = (
    MetadataKey("availabilityZone", required=True, pattern=ZONE, returned=True, send=Send.REPLACE, seen=True),
    MetadataKey(
        "encrypted",
        Encoding.BOOLEAN,
        returned=True,
        yields_to=("kmsKeyId",),
        default="true",
        default_with=("kmsKeyId",),
        seen=True,
    ),
    MetadataKey("kmsKeyId", pattern=KMS_KEY, excluded_by={"encrypted": "false"}),
    MetadataKey("volumeType", values=("gp2", "gp3", "io1", "io2", "st1", "sc1"), seen=True),
    MetadataKey("volumeSize", Encoding.INTEGER, minimum=1, maximum=65_536, seen=True),
    # EC2's own rules for a new volume (botocore model, CreateVolume).
    MetadataKey(
        "iops",
        Encoding.INTEGER,
        minimum=100,
        maximum=256_000,
        required_with={"volumeType": ("io1", "io2")},
        excluded_by={"volumeType": ("gp2", "st1", "sc1")},
    ),
    MetadataKey(
        "throughput",
        Encoding.INTEGER,
        minimum=125,
        maximum=2_000,
        excluded_by={"volumeType": ("gp2", "io1", "io2", "st1", "sc1")},
    ),
    MetadataKey("temporaryRestoreDays", Encoding.INTEGER, minimum=0, maximum=180, required_for=(Trait.ARCHIVED,)),
    _SOURCE,
)
_FILES = (
    MetadataKey("restoreType", required=True, not_for=(Trait.ARCHIVED,), source="its value is published nowhere"),
    MetadataKey("destinationBucketName", required=True, pattern=BUCKET_NAME),
    MetadataKey("pathsToRestore", Encoding.LIST, required=True, minimum=1, pattern=_PATH),
    MetadataKey("encryptionType", values=("SSE-S3", "SSE-KMS")),
    MetadataKey("kmsKeyId", pattern=KMS_KEY, goes_with={"encryptionType": "SSE-KMS"}),
    attrs.evolve(_VOLUME[0], required=False, pattern=None, send=Send.STRIP),
    MetadataKey("encrypted", Encoding.BOOLEAN, returned=True, send=Send.STRIP),
    _SOURCE,
)
RESTORE = (
    RestoreForm(name="a new volume", source="restoring-ebs.md", keys=_VOLUME),
    RestoreForm(name="files in a bucket", source="restoring-ebs.md", keys=_FILES, when={"restoreType": ANY}, adds=True),
)
"""What StartRestoreJob takes."""

TYPE = ResourceType(
    name="EBS",
    size_counts="provisioned",
    looks=(
        Look(
            shape=ArnShape("ec2", "volume/"),
            service="ec2",
            method="describe_volumes",
            arguments={"VolumeIds": ("{name}",)},
            state="Volumes[0].State",
            gone=frozenset({"InvalidVolume.NotFound"}),
            gone_states=frozenset({"deleting", "deleted"}),
            usable=frozenset({"available", "in-use"}),
            batch=Batch("volume-id", "Volumes[].[VolumeId, State]"),
        ),
    ),
    removal=Removal(
        shape=ArnShape("ec2", "volume/"),
        service="ec2",
        method="delete_volume",
        arguments={"VolumeId": "{name}"},
        first="attachments",
    ),
    not_restored=(
        NotRestored("the attachment to an instance", "ec2 AttachVolume"),
        NotRestored("the mount of its file systems"),
        NotRestored("Multi-Attach and fast snapshot restore", "ec2 ModifyVolume"),
    ),
    terraform="aws_ebs_volume",
    shapes=(ArnShape("ec2", "volume/"),),
    listings=(
        Listing(
            service="ec2",
            method="describe_volumes",
            found="Volumes[?State=='available' || State=='in-use'].{id: VolumeId, tags: Tags}",
            arn="arn:{partition}:ec2:{region}:{account}:volume/{id}",
        ),
    ),
    points=SNAPSHOT_POINT,
    cold=True,
    archive=True,
    copies=True,
    air_gapped=True,
    restore_testing=RestoreTesting(
        inferred={"availabilityZone": "{zone}", "encrypted": "true"},
        overridable=lowered("availabilityZone iops kmsKeyId throughput volumeSize volumeType"),
    ),
    id_prefix="vol-",
    config_type="AWS::EC2::Volume",
    aws_key="ebs",
    audited=True,
    indexable=True,
    scannable=True,
    restore_forms=RESTORE,
    restored_as=frozenset({"Storage Gateway"}),
)


@attrs.frozen(repr=False)
class EBSVolume(Request):
    """Restore a point to a new EBS volume, attached to nothing.

    Documented, not seen in use: key, iops, throughput, temporary_restore_days.

    Args:
        availability_zone: The zone of the new volume, for example ``us-east-1a``.
        encrypted: None: as the point is, and always where a key is given. An encrypted point cannot be decrypted.
        key: A KMS key. None: the account's default for EBS.
        volume_type: gp2, gp3, io1, io2, st1 or sc1. None: as AWS decides.
        volume_size: GiB, at least those of the point.
        iops: Operations a second, for types that are given them.
        throughput: MiB a second, of gp3.
        temporary_restore_days: For how many days an archived point comes back, 0 to 180; it needs the number, and up to
            72 hours.
        attach_to: The id of an instance that `recover` attaches the volume to afterwards; needs ``device``.
        device: The name of the device there, for example ``/dev/sdf``.
        extra_metadata: Keys that backupkit has no field for; they win.

    Raises:
        InvalidValueError: A value or combination that AWS would refuse.
    """

    KIND: ClassVar[ResourceType] = TYPE
    FORMS: ClassVar[tuple[RestoreForm, ...]] = RESTORE[:1]

    availability_zone: str
    encrypted: bool | None = attrs.field(default=None, kw_only=True)
    key: str | None = attrs.field(default=None, kw_only=True, metadata=sends("kmsKeyId"), converter=arn_or_none)
    volume_type: str | None = attrs.field(default=None, kw_only=True)
    volume_size: int | None = attrs.field(default=None, kw_only=True)
    iops: int | None = attrs.field(default=None, kw_only=True)
    throughput: int | None = attrs.field(default=None, kw_only=True)
    temporary_restore_days: int | None = attrs.field(default=None, kw_only=True)
    attach_to: str | None = attrs.field(default=None, kw_only=True, metadata=sends(None))
    device: str | None = attrs.field(default=None, kw_only=True, metadata=sends(None))

    def _problems(self) -> Iterator[Problem]:
        yield from super()._problems()
        if (self.attach_to is None) != (self.device is None):
            yield Problem("attach_to", "an instance and the device there go together", "give both or neither")


@attrs.frozen(repr=False)
class EBSFiles(Request):
    """Restore files of a point into a bucket of the role's own account; what is in the bucket stays.

    Every key of it is documented, not seen in use. The role needs AWSBackupServiceRolePolicyForItemRestores; the bucket
    must be there, because AWS Backup does not make it. Points in the archive tier cannot be restored so.

    Args:
        bucket: The name of the bucket.
        items: The paths, each from the root, up to 1024 bytes; ``fsId:/path`` where the volume has several partitions.
        restore_type: The value that turns the job into one of files. AWS publishes it nowhere; take it from the
            console.
        encryption: ``SSE-S3`` or ``SSE-KMS``. None: as the bucket's default.
        key: A KMS key; only with ``SSE-KMS``.
        extra_metadata: Keys that backupkit has no field for; they win.

    Raises:
        InvalidValueError: A value or combination that AWS would refuse.
    """

    KIND: ClassVar[ResourceType] = TYPE
    FORMS: ClassVar[tuple[RestoreForm, ...]] = RESTORE[1:]

    bucket: str = attrs.field(metadata=sends("destinationBucketName"))
    items: tuple[str, ...] = attrs.field(converter=strings, kw_only=True, metadata=sends("pathsToRestore"))
    restore_type: str = attrs.field(kw_only=True)
    encryption: str | None = attrs.field(default=None, kw_only=True, metadata=sends("encryptionType"))
    key: str | None = attrs.field(default=None, kw_only=True, metadata=sends("kmsKeyId"), converter=arn_or_none)
