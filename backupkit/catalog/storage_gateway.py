"""Storage Gateway volumes."""

from __future__ import annotations

from typing import ClassVar

import attrs

from backupkit.arn import arn_or_none, arn_text
from backupkit.catalog.metadata_key import Encoding, MetadataKey, Send, Trait, keys
from backupkit.catalog.names import KMS_KEY
from backupkit.catalog.neighbour import Listing, Look, NotRestored
from backupkit.catalog.request import Request, sends
from backupkit.catalog.resource_type import SNAPSHOT_POINT, ArnShape, ResourceType
from backupkit.catalog.restore_form import ANY, RestoreForm
from backupkit.checks import Pattern

__all__ = ["TYPE", "StorageGatewayVolume"]

_GATEWAY = Pattern("gateway", r"arn:aws[a-z-]*:storagegateway:.+:gateway/.+", "the ARN of a gateway")
_TARGET = Pattern("target name", r"[-.;a-z0-9]{1,200}", "up to 200 lower-case letters, digits, ., ; and -")
_SIZED = {"diskId": ANY}
RESTORE = (
    RestoreForm(
        name="a volume of a gateway",
        source="restoring-storage-gateway.md",
        keys=(
            MetadataKey("gatewayArn", required=True, pattern=_GATEWAY, not_for=(Trait.ARCHIVED,)),
            MetadataKey("gatewayType", values=("BACKUP_VM",)),
            MetadataKey("targetName", required=True, pattern=_TARGET),
            MetadataKey(
                "volumeSizeInBytes",
                Encoding.INTEGER,
                minimum=1,
                excluded_by=_SIZED,
                required_without=("volumeSize", "diskId"),
                source="the volume is cached and has a size, or stored on a disk",
            ),
            MetadataKey("volumeSize", Encoding.INTEGER, minimum=1, excluded_by=_SIZED),
            MetadataKey("diskId"),
            MetadataKey("kmsKey", pattern=KMS_KEY),
            *keys("volumeId encrypted availabilityZone", template=MetadataKey("", returned=True, send=Send.STRIP)),
        ),
    ),
)
"""What StartRestoreJob takes."""

TYPE = ResourceType(
    name="Storage Gateway",
    looks=(
        Look(
            shape=ArnShape("storagegateway", "gateway/"),
            service="storagegateway",
            method="describe_cached_iscsi_volumes",
            arguments={"VolumeARNs": ("{arn}",)},
            state="CachediSCSIVolumes[0].VolumeStatus",
            gone=frozenset({"InvalidGatewayRequestException"}),
            gone_message="volume was not found",
            usable=frozenset({"AVAILABLE"}),
        ),
    ),
    not_restored=(
        NotRestored("CHAP secrets", "storagegateway UpdateChapCredentials"),
        NotRestored("attachments to initiators, which log in again"),
    ),
    terraform="aws_storagegateway_cached_iscsi_volume",
    terraform_id="{arn}",
    shapes=(ArnShape("storagegateway", "gateway/"),),
    listings=(
        Listing(
            service="storagegateway",
            method="list_volumes",
            found="VolumeInfos[].{arn: VolumeARN}",
        ),
    ),
    points=SNAPSHOT_POINT,
    copies=True,
    air_gapped=True,
    config_type="AWS::StorageGateway::Volume",
    audited=True,
    restore_forms=RESTORE,
    restored_as=frozenset({"EBS"}),
)


@attrs.frozen(repr=False)
class StorageGatewayVolume(Request):
    """Restore a point of a Storage Gateway or EBS volume to a volume of a gateway, which must be reachable.

    Every key of it is documented, not seen in use. CHAP secrets and initiators are set up again. `EBSVolume` restores
    the same points to EBS volumes. Points in the archive tier cannot be restored so.

    Args:
        gateway_arn: The gateway.
        target_name: The iSCSI target: lower-case letters, digits, ., ; and -.
        volume_size_in_bytes: Of a cached volume, at least that of the point.
        volume_size: The same under the page's other name; which of the two wins is not known.
        disk_id: The local disk of a stored volume; in the place of a size.
        gateway_type: ``BACKUP_VM``, the one that is documented.
        key: A KMS key.
        extra_metadata: Keys that backupkit has no field for; they win.

    Raises:
        InvalidValueError: A name or value that AWS would refuse.
    """

    KIND: ClassVar[ResourceType] = TYPE
    FORMS: ClassVar[tuple[RestoreForm, ...]] = RESTORE

    gateway_arn: str = attrs.field(kw_only=True, converter=arn_text)
    target_name: str = attrs.field(kw_only=True)
    volume_size_in_bytes: int | None = attrs.field(default=None, kw_only=True)
    volume_size: int | None = attrs.field(default=None, kw_only=True)
    disk_id: str | None = attrs.field(default=None, kw_only=True)
    gateway_type: str | None = attrs.field(default=None, kw_only=True)
    key: str | None = attrs.field(default=None, kw_only=True, metadata=sends("kmsKey"), converter=arn_or_none)
