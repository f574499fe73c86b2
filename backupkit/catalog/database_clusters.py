"""The metadata keys of database clusters: Aurora, DocumentDB, Neptune and RDS Multi-AZ share one API and one table.

Sources: the developer guide's pages on restoring Aurora, DocumentDB and Neptune, the Aurora user guide, and botocore's
models of RestoreDBClusterFromSnapshot and RestoreDBClusterToPointInTime.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from backupkit.arn import arn_or_none
from backupkit.catalog.metadata_key import Encoding, MetadataKey, Send, Trait
from backupkit.catalog.names import DATABASE_NAME, INSTANCE_CLASS, KMS_KEY, SECURITY_GROUP, ZONE
from backupkit.catalog.neighbour import CLUSTER, CLUSTER_REMOVAL, CLUSTER_TARGET, NotRestored, clusters
from backupkit.catalog.request import Request, instance_count, sends, strings
from backupkit.catalog.resource_type import CLUSTER_POINT, ArnShape, ResourceType
from backupkit.catalog.restore_form import RestoreForm
from backupkit.catalog.restore_testing import RestoreTesting, lowered
from backupkit.checks import matches, optional
from backupkit.problems import Problem

__all__ = [
    "CLUSTER_TESTING",
    "CLUSTER_TYPE",
    "NO_INSTANCES",
    "ClusterRequest",
    "EngineClusterRequest",
    "cluster_keys",
    "engine_cluster",
    "moment_keys",
]

CLUSTER_TESTING = RestoreTesting(
    inferred={"availabilityZones": "{zones}", "dbClusterIdentifier": "{name}", "engine": "{point:Engine}"},
    overridable=lowered(
        "availabilityZones databaseName dbClusterParameterGroupName dbSubnetGroupName enableCloudwatchLogsExports "
        "enableIamDatabaseAuthentication engine engineMode engineVersion kmsKeyId port optionGroupName "
        "scalingConfiguration vpcSecurityGroupIds"
    ),
)
"""What restore testing infers for a cluster, and what a selection may put in its place."""

NO_INSTANCES = "instances: the cluster has none"
CLUSTER_TYPE = ResourceType(
    name="",
    size_counts="nothing",
    target=CLUSTER_TARGET,
    looks=(CLUSTER,),
    removal=CLUSTER_REMOVAL,
    shapes=(ArnShape("rds", "cluster:"),),
    points=CLUSTER_POINT,
    copies=True,
    air_gapped=True,
    restore_testing=CLUSTER_TESTING,
    stoppable=False,
    shares_arn=True,
    config_type="AWS::RDS::DBCluster",
    aws_key="rds",
)
"""What is true of the clusters of every engine."""

_INSTANCE_CLASS = optional(matches(INSTANCE_CLASS))
_HELD = MetadataKey("", returned=True)
_OF_REGION = attrs.evolve(_HELD, strip_for=(Trait.COPIED,))
_NEWER = MetadataKey("", returned=None, source="botocore; whether AWS Backup takes it is not known")
_COMMON = (
    MetadataKey("dbClusterIdentifier", required=True, pattern=DATABASE_NAME, returned=None, send=Send.REPLACE),
    attrs.evolve(_HELD, name="engine", required=True),
    attrs.evolve(_OF_REGION, name="dbSubnetGroupName"),
    attrs.evolve(_OF_REGION, name="vpcSecurityGroupIds", encoding=Encoding.LIST, pattern=SECURITY_GROUP),
    attrs.evolve(_OF_REGION, name="dbClusterParameterGroupName"),
    attrs.evolve(_HELD, name="port", encoding=Encoding.INTEGER, minimum=1150, maximum=65_535),
    attrs.evolve(
        _OF_REGION, name="availabilityZones", encoding=Encoding.LIST, pattern=ZONE, yields_to=("dbSubnetGroupName",)
    ),
    attrs.evolve(_OF_REGION, name="kmsKeyId", pattern=KMS_KEY),
    attrs.evolve(_OF_REGION, name="enableCloudwatchLogsExports", encoding=Encoding.LIST),
    attrs.evolve(_HELD, name="engineVersion"),
    attrs.evolve(_HELD, name="copyTagsToSnapshot", encoding=Encoding.BOOLEAN),
)
_MORE = {
    key.name.casefold(): key
    for key in (
        attrs.evolve(_HELD, name="engineMode"),
        attrs.evolve(_HELD, name="databaseName"),
        attrs.evolve(_HELD, name="enableIAMDatabaseAuthentication", encoding=Encoding.BOOLEAN),
        attrs.evolve(_HELD, name="scalingConfiguration", encoding=Encoding.OBJECT),
        MetadataKey("backtrackWindow", Encoding.INTEGER, minimum=0, maximum=259_200, returned=None),
        attrs.evolve(_OF_REGION, name="optionGroupName", returned=None),
        attrs.evolve(_NEWER, name="serverlessV2ScalingConfiguration", encoding=Encoding.OBJECT),
        attrs.evolve(_NEWER, name="dbClusterInstanceClass", pattern=INSTANCE_CLASS),
        attrs.evolve(_NEWER, name="storageType"),
        attrs.evolve(_NEWER, name="iops", encoding=Encoding.INTEGER, minimum=1000, maximum=256_000),
        attrs.evolve(_NEWER, name="publiclyAccessible", encoding=Encoding.BOOLEAN),
    )
}


def cluster_keys(
    engines: str, more: str = "", *, default: str | None = None, seen: str = ""
) -> tuple[MetadataKey, ...]:
    """The keys of a cluster from a snapshot.

    Args:
        engines: The engines that there are, apart by spaces.
        more: Keys beside those that all clusters have.
        default: The engine where the point does not say one.
        seen: The keys that public requests were seen to send.
    """
    names = {name.casefold() for name in seen.split()}
    engine = attrs.evolve(_COMMON[1], values=tuple(engines.split()), default=default)
    chosen = (_COMMON[0], engine, *_COMMON[2:], *(_MORE[name.casefold()] for name in more.split()))
    return tuple(attrs.evolve(key, seen=key.name.casefold() in names) for key in chosen)


def moment_keys(of_snapshot: tuple[MetadataKey, ...]) -> tuple[MetadataKey, ...]:
    """The keys of a cluster as of a moment. Its zones and the name of its database cannot be given."""
    return (
        *(key for key in of_snapshot if key.name not in {"availabilityZones", "databaseName"}),
        # The Aurora user guide and the page on Aurora say so; a table of the page on recovery says RestoreTime.
        MetadataKey("restoreToTime", Encoding.MOMENT, not_for=(Trait.SNAPSHOT,)),
        MetadataKey("useLatestRestorableTime", Encoding.BOOLEAN, not_for=(Trait.SNAPSHOT,)),
    )


def engine_cluster(
    name: str,
    service: str,
    *,
    page: str,
    keys: str,
    opt_in_limits: frozenset[str],
    not_restored: tuple[NotRestored, ...] = (),
) -> ResourceType:
    """The type of the clusters of a service with one engine, which restores snapshots alone.

    Args:
        name: AWS Backup's string for it.
        service: Its engine, which boto3 and Terraform call the service by.
        page: The developer guide's page on restoring it.
        keys: Its keys beside those that all clusters have.
        opt_in_limits: As of every type.
        not_restored: What does not come back beside the instances.
    """
    source = f"{page}; botocore {name} RestoreDBClusterFromSnapshot"
    form = RestoreForm(name="a new cluster", source=source, keys=cluster_keys(service, keys, default=service))
    return attrs.evolve(
        CLUSTER_TYPE,
        name=name,
        not_restored=(NotRestored(NO_INSTANCES, f"{service} CreateDBInstance(DBClusterIdentifier)"), *not_restored),
        terraform=f"aws_{service}_cluster",
        listings=(clusters(service),),
        opt_in_limits=opt_in_limits,
        cluster_service=service,
        restore_forms=(form,),
    )


@attrs.frozen(repr=False)
class ClusterRequest(Request):
    """What the requests of Aurora, DocumentDB and Neptune share; AWS restores their clusters without instances."""

    db_cluster_identifier: str
    engine: str | None = attrs.field(default=None, kw_only=True)
    db_subnet_group_name: str | None = attrs.field(default=None, kw_only=True)
    vpc_security_group_ids: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    db_cluster_parameter_group_name: str | None = attrs.field(default=None, kw_only=True)
    port: int | None = attrs.field(default=None, kw_only=True)
    availability_zones: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    key: str | None = attrs.field(default=None, kw_only=True, metadata=sends("kmsKeyId"), converter=arn_or_none)
    enable_cloudwatch_logs_exports: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    engine_version: str | None = attrs.field(default=None, kw_only=True)
    copy_tags_to_snapshot: bool | None = attrs.field(default=None, kw_only=True)
    instance_class: str | None = attrs.field(default=None, kw_only=True, metadata=sends(None))
    instances: int = attrs.field(default=1, kw_only=True, metadata=sends(None))

    def _problems(self) -> Iterator[Problem]:
        yield from super()._problems()
        yield from instance_count(self.instances)
        for problem in _INSTANCE_CLASS(self.instance_class):
            yield problem.below("instance_class")


@attrs.frozen(repr=False)
class EngineClusterRequest(ClusterRequest):
    """What the requests of DocumentDB and Neptune share beside that."""

    serverless_v2_scaling_configuration: Mapping[str, object] | None = attrs.field(
        default=None, kw_only=True, hash=False
    )
    storage_type: str | None = attrs.field(default=None, kw_only=True)
