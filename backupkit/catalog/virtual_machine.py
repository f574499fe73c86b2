"""VMware virtual machines."""

from __future__ import annotations

from backupkit.catalog.neighbour import Look, NotRestored
from backupkit.catalog.resource_type import ArnShape, ResourceType

__all__ = ["TYPE"]

TYPE = ResourceType(
    name="VirtualMachine",
    looks=(
        Look(
            shape=ArnShape("backup-gateway", "vm/"),
            service="backup-gateway",
            method="get_virtual_machine",
            arguments={"ResourceArn": "{arn}"},
            gone=frozenset({"ResourceNotFoundException"}),
        ),
    ),
    not_restored=(
        NotRestored("VMware Tools, which are installed again"),
        NotRestored("the networks of the machine, which are joined again"),
        NotRestored("a key pair, where it became an instance"),
    ),
    shapes=(ArnShape("backup-gateway", "vm/"),),
    cold=True,
    copies=True,
    air_gapped=True,
    fully_managed=True,
    copies_source_tags=False,
)
