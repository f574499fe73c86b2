"""SAP HANA databases on EC2."""

from __future__ import annotations

from backupkit.catalog.neighbour import Look, NotRestored
from backupkit.catalog.resource_type import OWN_POINTS, ArnShape, ResourceType

__all__ = ["TYPE"]

TYPE = ResourceType(
    name="SAP HANA on Amazon EC2",
    looks=(
        Look(
            shape=ArnShape("ssm-sap", "HANA/"),
            service="ssm-sap",
            method="get_database",
            arguments={"DatabaseArn": "{arn}"},
            state="Database.Status",
            usable=frozenset({"RUNNING", "STOPPED"}),
        ),
    ),
    not_restored=(
        NotRestored("tenants, which are started by hand"),
        NotRestored("system replication, which is set up again"),
        NotRestored("the maintenance mode of a cluster, which is left by hand"),
        NotRestored("the registration with Systems Manager for SAP", "ssm-sap StartApplicationRefresh"),
    ),
    shapes=(ArnShape("ssm-sap", "HANA/"),),
    continuous_points=OWN_POINTS + "continuous:{uuid}",
    cold=True,
    copies=True,
    fully_managed=True,
    stoppable=False,
    copies_source_tags=False,
)
