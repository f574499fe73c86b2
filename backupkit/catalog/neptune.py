"""Neptune clusters."""

from __future__ import annotations

from backupkit.catalog.neighbour import CLUSTER, CLUSTER_REMOVAL, NotRestored
from backupkit.catalog.resource_type import CLUSTER_POINT, ArnShape, ResourceType

__all__ = ["TYPE"]

TYPE = ResourceType(
    name="Neptune",
    looks=(CLUSTER,),
    removal=CLUSTER_REMOVAL,
    not_restored=(
        NotRestored("instances: the cluster has none", "neptune CreateDBInstance(DBClusterIdentifier)"),
        NotRestored("IAM roles of the cluster", "neptune AddRoleToDBCluster"),
    ),
    terraform="aws_neptune_cluster",
    shapes=(ArnShape("rds", "cluster:"),),
    points=CLUSTER_POINT,
    copies=True,
    air_gapped=True,
    restore_testing=True,
    stoppable=False,
    shares_arn=True,
)
