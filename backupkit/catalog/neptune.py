"""Neptune clusters."""

from __future__ import annotations

from backupkit.catalog.resource_type import CLUSTER_POINT, ArnShape, ResourceType

__all__ = ["TYPE"]

TYPE = ResourceType(
    name="Neptune",
    shapes=(ArnShape("rds", "cluster:"),),
    points=CLUSTER_POINT,
    copies=True,
    air_gapped=True,
    restore_testing=True,
    stoppable=False,
    shares_arn=True,
)
