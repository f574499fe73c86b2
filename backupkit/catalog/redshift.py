"""Redshift clusters."""

from __future__ import annotations

from typing import ClassVar

import attrs

from backupkit.arn import arn_or_none
from backupkit.catalog.metadata_key import Encoding, MetadataKey, Send, Trait, keys
from backupkit.catalog.names import KMS_KEY, REDSHIFT_CLUSTER_NAME, SECURITY_GROUP, ZONE
from backupkit.catalog.neighbour import Listing, Look, NotRestored, Removal, Target
from backupkit.catalog.request import Request, arn_strings, sends, strings
from backupkit.catalog.resource_type import ArnShape, ResourceType
from backupkit.catalog.restore_form import RestoreForm
from backupkit.checks import Pattern

__all__ = ["CLUSTER_KEYS", "TYPE", "RedshiftCluster"]

_MAYBE = MetadataKey("", returned=None)
_OF_REGION = attrs.evolve(_MAYBE, strip_for=(Trait.COPIED,))
CLUSTER_KEYS = (
    MetadataKey("ClusterIdentifier", required=True, pattern=REDSHIFT_CLUSTER_NAME, returned=None, send=Send.REPLACE),
    MetadataKey(
        "RestoreType",
        required=True,
        values=("CLUSTER_RESTORE", "TABLE_RESTORE", "NAMESPACE_RESTORE"),
        default="CLUSTER_RESTORE",
    ),
    *keys("NodeType ClusterParameterGroupName", template=_MAYBE),
    attrs.evolve(_MAYBE, name="NumberOfNodes", encoding=Encoding.INTEGER, minimum=1, maximum=128),
    attrs.evolve(_MAYBE, name="Port", encoding=Encoding.INTEGER, minimum=1150, maximum=65_535),
    attrs.evolve(_OF_REGION, name="ClusterSubnetGroupName"),
    attrs.evolve(_OF_REGION, name="VpcSecurityGroupIds", encoding=Encoding.LIST, pattern=SECURITY_GROUP),
    attrs.evolve(_OF_REGION, name="AvailabilityZone", pattern=ZONE),
    *keys("ClusterSecurityGroups IamRoles", Encoding.LIST, _MAYBE),
    attrs.evolve(_MAYBE, name="KmsKeyId", pattern=KMS_KEY, excluded_by={"Encrypted": "false"}),
    *keys(
        "AllowVersionUpgrade AvailabilityZoneRelocation Encrypted EnhancedVpcRouting ManageMasterPassword "
        "PubliclyAccessible",
        Encoding.BOOLEAN,
        _MAYBE,
    ),
    attrs.evolve(_MAYBE, name="AutomatedSnapshotRetentionPeriod", encoding=Encoding.INTEGER, minimum=0, maximum=35),
    attrs.evolve(
        _MAYBE,
        name="ManualSnapshotRetentionPeriod",
        encoding=Encoding.INTEGER,
        minimum=-1,
        maximum=3653,
        pattern=Pattern("retention", r"-1|[1-9]\d*", "1 to 3,653 days, or -1 for as long as they are not deleted"),
    ),
    attrs.evolve(
        _MAYBE, name="MasterPasswordSecretKmsKeyId", pattern=KMS_KEY, goes_with={"ManageMasterPassword": "true"}
    ),
    *keys(
        "AdditionalInfo AquaConfigurationStatus DefaultIamRoleArn ElasticIp HsmClientCertificateIdentifier "
        "HsmConfigurationIdentifier MaintenanceTrackName OwnerAccount PreferredMaintenanceWindow ReservedNodeId "
        "SnapshotClusterIdentifier SnapshotScheduleIdentifier TargetReservedNodeOfferingId",
        template=_MAYBE,
    ),
)
"""What the restore of a cluster takes; a Serverless point can be restored so, too."""
RESTORE = (
    RestoreForm(name="a new cluster", source="redshift-restores.md", keys=CLUSTER_KEYS),
    RestoreForm(
        name="a table in a cluster",
        source="redshift-restores.md; the names are botocore's, of RestoreTableFromClusterSnapshot",
        keys=(
            attrs.evolve(CLUSTER_KEYS[0], send=Send.KEEP),
            attrs.evolve(CLUSTER_KEYS[1], default=None),
            *keys("SourceDatabaseName SourceTableName NewTableName", template=MetadataKey("", required=True)),
            *keys("SourceSchemaName TargetDatabaseName TargetSchemaName"),
            *keys("EnableCaseSensitiveIdentifier", Encoding.BOOLEAN),
        ),
        when={"RestoreType": "TABLE_RESTORE"},
        adds=True,
    ),
)
"""What StartRestoreJob takes."""

TYPE = ResourceType(
    name="Redshift",
    target=Target("ClusterIdentifier", "arn:{partition}:redshift:{region}:{account}:cluster:{value}"),
    looks=(
        Look(
            shape=ArnShape("redshift", "cluster:"),
            service="redshift",
            method="describe_clusters",
            arguments={"ClusterIdentifier": "{name}"},
            state="Clusters[0].ClusterStatus",
            gone=frozenset({"ClusterNotFound"}),
            gone_states=frozenset({"deleting", "final-snapshot"}),
            usable=frozenset({"available"}),
            created="Clusters[0].ClusterCreateTime",
        ),
    ),
    removal=Removal(
        shape=ArnShape("redshift", "cluster:"),
        service="redshift",
        method="delete_cluster",
        arguments={"ClusterIdentifier": "{name}", "SkipFinalClusterSnapshot": True},
    ),
    not_restored=(
        NotRestored("the name of the endpoint"),
        NotRestored("data shares", "redshift AuthorizeDataShare"),
        NotRestored("usage limits", "redshift CreateUsageLimit"),
        NotRestored("event subscriptions", "redshift CreateEventSubscription"),
    ),
    terraform="aws_redshift_cluster",
    shapes=(ArnShape("redshift", "cluster:"),),
    listings=(
        Listing(
            service="redshift",
            method="describe_clusters",
            found="Clusters[].{id: ClusterIdentifier, tags: Tags}",
            arn="arn:{partition}:redshift:{region}:{account}:cluster:{id}",
        ),
    ),
    points="arn:{partition}:redshift:{region}:{account}:snapshot:{name}/awsbackup:{job}",
    config_type="AWS::Redshift::Cluster",
    aws_key="redshift",
    restore_forms=RESTORE,
)


@attrs.frozen(repr=False)
class RedshiftCluster(Request):
    """Restore a point of Redshift, also of Redshift Serverless, to a new cluster with the tags of the source.

    Every key of it is documented, not seen in use. The names under which AWS Backup takes a restore of single tables
    are published nowhere: `Raw` sends them.

    Args:
        cluster_identifier: The new cluster: 1 to 63 lower-case letters, digits and hyphens.
        key: A KMS key.
        automated_snapshot_retention_period: Days, 0 to 35.
        manual_snapshot_retention_period: Days, 1 to 3,653; -1: until they are deleted.
        manage_master_password: Whether Secrets Manager keeps the password, as it must where it did for the source. The
            role then needs rights there.
        extra_metadata: Keys that backupkit has no field for; they win.

    Raises:
        InvalidValueError: A name or value that AWS would refuse.
    """

    KIND: ClassVar[ResourceType] = TYPE
    FORMS: ClassVar[tuple[RestoreForm, ...]] = RESTORE[:1]

    cluster_identifier: str
    node_type: str | None = attrs.field(default=None, kw_only=True)
    number_of_nodes: int | None = attrs.field(default=None, kw_only=True)
    port: int | None = attrs.field(default=None, kw_only=True)
    cluster_subnet_group_name: str | None = attrs.field(default=None, kw_only=True)
    vpc_security_group_ids: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    availability_zone: str | None = attrs.field(default=None, kw_only=True)
    cluster_parameter_group_name: str | None = attrs.field(default=None, kw_only=True)
    cluster_security_groups: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    iam_roles: tuple[str, ...] = attrs.field(default=(), converter=arn_strings, kw_only=True)
    default_iam_role_arn: str | None = attrs.field(default=None, kw_only=True, converter=arn_or_none)
    encrypted: bool | None = attrs.field(default=None, kw_only=True)
    key: str | None = attrs.field(default=None, kw_only=True, metadata=sends("KmsKeyId"), converter=arn_or_none)
    publicly_accessible: bool | None = attrs.field(default=None, kw_only=True)
    enhanced_vpc_routing: bool | None = attrs.field(default=None, kw_only=True)
    allow_version_upgrade: bool | None = attrs.field(default=None, kw_only=True)
    availability_zone_relocation: bool | None = attrs.field(default=None, kw_only=True)
    manage_master_password: bool | None = attrs.field(default=None, kw_only=True)
    master_password_secret_kms_key_id: str | None = attrs.field(default=None, kw_only=True, converter=arn_or_none)
    automated_snapshot_retention_period: int | None = attrs.field(default=None, kw_only=True)
    manual_snapshot_retention_period: int | None = attrs.field(default=None, kw_only=True)
    preferred_maintenance_window: str | None = attrs.field(default=None, kw_only=True)
    maintenance_track_name: str | None = attrs.field(default=None, kw_only=True)
    elastic_ip: str | None = attrs.field(default=None, kw_only=True)
    additional_info: str | None = attrs.field(default=None, kw_only=True)
    aqua_configuration_status: str | None = attrs.field(default=None, kw_only=True)
    hsm_client_certificate_identifier: str | None = attrs.field(default=None, kw_only=True)
    hsm_configuration_identifier: str | None = attrs.field(default=None, kw_only=True)
    owner_account: str | None = attrs.field(default=None, kw_only=True)
    reserved_node_id: str | None = attrs.field(default=None, kw_only=True)
    snapshot_cluster_identifier: str | None = attrs.field(default=None, kw_only=True)
    snapshot_schedule_identifier: str | None = attrs.field(default=None, kw_only=True)
    target_reserved_node_offering_id: str | None = attrs.field(default=None, kw_only=True)
