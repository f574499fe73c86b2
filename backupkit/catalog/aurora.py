"""Aurora database clusters."""

from __future__ import annotations

from backupkit.catalog.resource_type import CLUSTER_POINT, OWN_POINTS, ArnShape, ResourceType

__all__ = ["TYPE"]

TYPE = ResourceType(
    name="Aurora",
    shapes=(ArnShape("rds", "cluster:"),),
    points=CLUSTER_POINT,
    continuous_points=OWN_POINTS + "continuous:cluster-{hex17}",
    copies=True,
    air_gapped=True,
    restore_testing=True,
    stoppable=False,
    shares_arn=True,
)
