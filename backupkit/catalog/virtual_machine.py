"""VMware virtual machines."""

from __future__ import annotations

from backupkit.catalog.resource_type import ArnShape, ResourceType

__all__ = ["TYPE"]

TYPE = ResourceType(
    name="VirtualMachine",
    shapes=(ArnShape("backup-gateway", "vm/"),),
    cold=True,
    copies=True,
    air_gapped=True,
    fully_managed=True,
    copies_source_tags=False,
)
