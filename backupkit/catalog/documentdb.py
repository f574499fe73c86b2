"""DocumentDB clusters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import attrs

from backupkit.catalog.database_clusters import CLUSTER_TESTING, ClusterRequest, cluster_keys
from backupkit.catalog.neighbour import CLUSTER, CLUSTER_REMOVAL, NotRestored, Target, clusters
from backupkit.catalog.resource_type import CLUSTER_POINT, ArnShape, ResourceType
from backupkit.catalog.restore_form import RestoreForm

__all__ = ["TYPE", "DocumentDBCluster"]

RESTORE = (
    RestoreForm(
        name="a new cluster",
        source="restoring-docdb.md; botocore DocumentDB RestoreDBClusterFromSnapshot",
        keys=cluster_keys("docdb", "serverlessV2ScalingConfiguration storageType", default="docdb"),
    ),
)
"""What StartRestoreJob takes."""

TYPE = ResourceType(
    name="DocumentDB",
    size_counts="nothing",
    target=Target("dbClusterIdentifier", "arn:{partition}:rds:{region}:{account}:cluster:{value}"),
    looks=(CLUSTER,),
    removal=CLUSTER_REMOVAL,
    not_restored=(NotRestored("instances: the cluster has none", "docdb CreateDBInstance(DBClusterIdentifier)"),),
    terraform="aws_docdb_cluster",
    shapes=(ArnShape("rds", "cluster:"),),
    listings=(clusters("docdb"),),
    points=CLUSTER_POINT,
    copies=True,
    opt_in_limits=frozenset({"Regions", "accounts"}),
    air_gapped=True,
    restore_testing=CLUSTER_TESTING,
    stoppable=False,
    shares_arn=True,
    cluster_service="docdb",
    config_type="AWS::RDS::DBCluster",
    aws_key="rds",
    restore_forms=RESTORE,
)


@attrs.frozen(repr=False)
class DocumentDBCluster(ClusterRequest):
    """Restore a point to a new DocumentDB cluster. AWS makes the cluster alone: it has no instances.

    Every key of it is documented, not seen in use. What is left out is as the point has it; what belongs to a Region or
    account is left to DocumentDB where the point was copied from another.

    Args:
        db_cluster_identifier: The new cluster: 1 to 63 lower-case letters, digits and hyphens, unique over instances
            and clusters of the Region.
        engine: ``docdb``, which is sent where the point does not say it.
        db_subnet_group_name: Decides the VPC; give ``vpc_security_group_ids`` of the same VPC as well.
        key: A KMS key. None: the point's.
        instance_class: The class of the instances that `recover` adds afterwards; it is not part of the restore.
        instances: How many of them; they are added where ``instance_class`` is given.
        extra_metadata: Keys that backupkit has no field for; they win.

    Raises:
        InvalidValueError: A name or value that AWS would refuse.
    """

    KIND: ClassVar[ResourceType] = TYPE
    FORMS: ClassVar[tuple[RestoreForm, ...]] = RESTORE

    serverless_v2_scaling_configuration: Mapping[str, object] | None = attrs.field(
        default=None, kw_only=True, hash=False
    )
    storage_type: str | None = attrs.field(default=None, kw_only=True)
