"""SAP HANA databases on EC2."""

from __future__ import annotations

from backupkit.catalog.resource_type import OWN_POINTS, ArnShape, ResourceType

__all__ = ["TYPE"]

TYPE = ResourceType(
    name="SAP HANA on Amazon EC2",
    shapes=(ArnShape("ssm-sap", "HANA/"),),
    continuous_points=OWN_POINTS + "continuous:{uuid}",
    cold=True,
    copies=True,
    fully_managed=True,
    stoppable=False,
    copies_source_tags=False,
)
