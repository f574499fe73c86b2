"""Neptune clusters."""

from __future__ import annotations

from backupkit.catalog.neighbour import CLUSTER, CLUSTER_REMOVAL, NotRestored, Target
from backupkit.catalog.resource_type import CLUSTER_POINT, ArnShape, ResourceType

__all__ = ["TYPE"]

TYPE = ResourceType(
    name="Neptune",
    target=Target("dbClusterIdentifier", "arn:{partition}:rds:{region}:{account}:cluster:{value}"),
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
