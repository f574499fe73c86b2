"""Aurora database clusters. Sources: see `database_clusters`, and public requests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar

import attrs

from backupkit.catalog.database_clusters import CLUSTER_TYPE, NO_INSTANCES, ClusterRequest, cluster_keys, moment_keys
from backupkit.catalog.metadata_key import Trait
from backupkit.catalog.neighbour import NotRestored, clusters
from backupkit.catalog.resource_type import OWN_POINTS, ResourceType
from backupkit.catalog.restore_form import RestoreForm
from backupkit.catalog.structure import Structure

__all__ = ["TYPE", "AuroraCluster", "ScalingConfiguration", "ServerlessV2ScalingConfiguration"]

_SNAPSHOT = cluster_keys(
    "aurora-mysql aurora-postgresql aurora",
    "engineMode databaseName enableIAMDatabaseAuthentication scalingConfiguration backtrackWindow optionGroupName "
    "serverlessV2ScalingConfiguration",
    seen="dbClusterIdentifier engine dbSubnetGroupName vpcSecurityGroupIds dbClusterParameterGroupName port "
    "availabilityZones kmsKeyId enableCloudwatchLogsExports engineVersion engineMode databaseName copyTagsToSnapshot "
    "enableIAMDatabaseAuthentication scalingConfiguration",
)
RESTORE = (
    RestoreForm(
        name="a new cluster from a snapshot", source="restoring-aur.md", keys=_SNAPSHOT, traits=(Trait.SNAPSHOT,)
    ),
    RestoreForm(
        name="a new cluster as of a moment",
        source="restoring-aur.md; Aurora user guide",
        keys=moment_keys(_SNAPSHOT),
        traits=(Trait.CONTINUOUS,),
        latest=("useLatestRestorableTime", "true"),
        lag=timedelta(minutes=5),
    ),
)
"""What StartRestoreJob takes."""

TYPE = attrs.evolve(
    CLUSTER_TYPE,
    name="Aurora",
    not_restored=(
        NotRestored(NO_INSTANCES, "rds CreateDBInstance(DBClusterIdentifier)"),
        NotRestored("the Data API", "rds EnableHttpEndpoint"),
        NotRestored("the scaling of Serverless v2", "rds ModifyDBCluster(ServerlessV2ScalingConfiguration)"),
        NotRestored("IAM roles of the cluster", "rds AddRoleToDBCluster"),
        NotRestored("membership in a global cluster", "rds CreateGlobalCluster"),
        NotRestored("auto scaling of replicas", "application-autoscaling RegisterScalableTarget"),
    ),
    terraform="aws_rds_cluster",
    listings=(clusters("aurora", "aurora-mysql", "aurora-postgresql"),),
    continuous_points=OWN_POINTS + "continuous:cluster-{hex17}",
    audited=True,
    opted_in=False,
    restore_forms=RESTORE,
)


@attrs.frozen
class ScalingConfiguration(Structure):
    """How a cluster of Aurora Serverless v1 scales; capacities in ACU."""

    min_capacity: int | None = None
    max_capacity: int | None = None
    auto_pause: bool | None = None
    seconds_until_auto_pause: int | None = None
    timeout_action: str | None = None


@attrs.frozen
class ServerlessV2ScalingConfiguration(Structure):
    """How a cluster of Aurora Serverless v2 scales; capacities in ACU."""

    min_capacity: float | None = None
    max_capacity: float | None = None
    seconds_until_auto_pause: int | None = None


@attrs.frozen(repr=False)
class AuroraCluster(ClusterRequest):
    """Restore a point to a new Aurora cluster. AWS makes the cluster alone: it has no instances, and no Data API.

    What is left out is as the point has it; what belongs to a Region or account (subnet group, security groups, zones,
    parameter group, key, log exports) is left to Aurora where the point was copied from another. A continuous point is
    restored to ``as_of=``, or to its latest moment.

    Documented, not seen in use: backtrack_window, option_group_name, serverless_v2_scaling_configuration.

    Args:
        db_cluster_identifier: The new cluster: 1 to 63 lower-case letters, digits and hyphens, unique over instances
            and clusters of the Region.
        engine: ``aurora-mysql`` or ``aurora-postgresql``. None: as the point says.
        db_subnet_group_name: Decides the VPC; give ``vpc_security_group_ids`` of the same VPC as well.
        availability_zones: Of snapshots only.
        key: A KMS key. None: the point's.
        database_name: Of snapshots only.
        backtrack_window: Seconds, up to 259,200.
        instance_class: The class of the instances that `recover` adds afterwards, for example ``db.r6g.large``; it is
            not part of the restore.
        instances: How many of them; they are added where ``instance_class`` is given.
        extra_metadata: Keys that backupkit has no field for; they win.

    Raises:
        InvalidValueError: A name or value that Aurora would refuse.
    """

    KIND: ClassVar[ResourceType] = TYPE
    FORMS: ClassVar[tuple[RestoreForm, ...]] = RESTORE

    engine_mode: str | None = attrs.field(default=None, kw_only=True)
    database_name: str | None = attrs.field(default=None, kw_only=True)
    enable_iam_database_authentication: bool | None = attrs.field(default=None, kw_only=True)
    scaling_configuration: ScalingConfiguration | Mapping[str, object] | None = attrs.field(
        default=None, kw_only=True, hash=False
    )
    backtrack_window: int | None = attrs.field(default=None, kw_only=True)
    option_group_name: str | None = attrs.field(default=None, kw_only=True)
    serverless_v2_scaling_configuration: ServerlessV2ScalingConfiguration | Mapping[str, object] | None = attrs.field(
        default=None, kw_only=True, hash=False
    )
