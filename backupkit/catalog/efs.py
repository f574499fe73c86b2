"""EFS file systems."""

from __future__ import annotations

from backupkit.catalog.resource_type import ArnShape, ResourceType

__all__ = ["TYPE"]

TYPE = ResourceType(
    name="EFS",
    shapes=(ArnShape("elasticfilesystem", "file-system/"),),
    cold=True,
    copies=True,
    air_gapped=True,
    restore_testing=True,
    fully_managed=True,
)
