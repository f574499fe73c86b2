"""EBS volumes."""

from __future__ import annotations

from backupkit.catalog.resource_type import SNAPSHOT_POINT, ArnShape, ResourceType

__all__ = ["TYPE"]

TYPE = ResourceType(
    name="EBS",
    shapes=(ArnShape("ec2", "volume/"),),
    points=SNAPSHOT_POINT,
    cold=True,
    archive=True,
    copies=True,
    air_gapped=True,
    restore_testing=True,
)
