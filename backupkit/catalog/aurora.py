"""Aurora database clusters."""

from __future__ import annotations

from backupkit.catalog.neighbour import CLUSTER, CLUSTER_REMOVAL, NotRestored
from backupkit.catalog.resource_type import CLUSTER_POINT, OWN_POINTS, ArnShape, ResourceType

__all__ = ["TYPE"]

TYPE = ResourceType(
    name="Aurora",
    looks=(CLUSTER,),
    removal=CLUSTER_REMOVAL,
    not_restored=(
        NotRestored("instances: the cluster has none", "rds CreateDBInstance(DBClusterIdentifier)"),
        NotRestored("the Data API", "rds EnableHttpEndpoint"),
        NotRestored("the scaling of Serverless v2", "rds ModifyDBCluster(ServerlessV2ScalingConfiguration)"),
        NotRestored("IAM roles of the cluster", "rds AddRoleToDBCluster"),
        NotRestored("membership in a global cluster", "rds CreateGlobalCluster"),
        NotRestored("auto scaling of replicas", "application-autoscaling RegisterScalableTarget"),
    ),
    terraform="aws_rds_cluster",
    shapes=(ArnShape("rds", "cluster:"),),
    points=CLUSTER_POINT,
    continuous_points=OWN_POINTS + "continuous:cluster-{hex17}",
    copies=True,
    air_gapped=True,
    restore_testing=True,
    stoppable=False,
    shares_arn=True,
)
