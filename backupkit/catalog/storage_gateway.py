"""Storage Gateway volumes."""

from __future__ import annotations

from backupkit.catalog.resource_type import SNAPSHOT_POINT, ArnShape, ResourceType

__all__ = ["TYPE"]

TYPE = ResourceType(
    name="Storage Gateway",
    shapes=(ArnShape("storagegateway", "gateway/"),),
    points=SNAPSHOT_POINT,
    copies=True,
    air_gapped=True,
)
