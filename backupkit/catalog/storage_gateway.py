"""Storage Gateway volumes."""

from __future__ import annotations

from backupkit.catalog.neighbour import Look, NotRestored
from backupkit.catalog.resource_type import SNAPSHOT_POINT, ArnShape, ResourceType

__all__ = ["TYPE"]

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
    points=SNAPSHOT_POINT,
    copies=True,
    air_gapped=True,
)
