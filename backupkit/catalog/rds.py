"""RDS database instances. Clusters are types of their own."""

from __future__ import annotations

from backupkit.catalog.resource_type import OWN_POINTS, ArnShape, ResourceType

__all__ = ["TYPE"]

TYPE = ResourceType(
    name="RDS",
    shapes=(ArnShape("rds", "db:"),),
    points="arn:{partition}:rds:{region}:{account}:snapshot:awsbackup:{job}",
    continuous_points=OWN_POINTS + "continuous:db-{hex17}",
    copies=True,
    restore_testing=True,
    stoppable=False,
)
