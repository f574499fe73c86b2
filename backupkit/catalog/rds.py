"""RDS: database instances, and Multi-AZ clusters.

Sources: the developer guide's pages on restoring RDS and on point-in-time recovery, botocore's models of
RestoreDBInstanceFromDBSnapshot and RestoreDBInstanceToPointInTime, and public requests.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar

import attrs

from backupkit.arn import arn_or_none
from backupkit.catalog.database_clusters import CLUSTER_TESTING, cluster_keys
from backupkit.catalog.metadata_key import Encoding, MetadataKey, Send, Trait, keys
from backupkit.catalog.names import DATABASE_NAME, INSTANCE_CLASS, SECURITY_GROUP, ZONE
from backupkit.catalog.neighbour import CLUSTER_TARGET, Listing, Look, NotRestored, Removal, Target, clusters
from backupkit.catalog.request import Request, sends, strings, structures
from backupkit.catalog.resource_type import CLUSTER_POINT, OWN_POINTS, ArnShape, ResourceType
from backupkit.catalog.restore_form import RestoreForm
from backupkit.catalog.restore_testing import RestoreTesting, lowered
from backupkit.catalog.structure import Structure

__all__ = ["TYPE", "RDSCluster", "RDSInstance"]

_HELD = MetadataKey("", returned=True, seen=True)
_MAYBE = MetadataKey("", returned=None)
_NEWER = MetadataKey("", returned=None, source="botocore; whether AWS Backup takes it is not known")
_OF_REGION = attrs.evolve(_HELD, strip_for=(Trait.COPIED,))
_IGNORED = attrs.evolve(_HELD, send=Send.STRIP)
_INSTANCE = (
    attrs.evolve(_HELD, name="DBInstanceIdentifier", required=True, pattern=DATABASE_NAME, send=Send.REPLACE),
    attrs.evolve(_HELD, name="DBInstanceClass", pattern=INSTANCE_CLASS),
    attrs.evolve(_HELD, name="Engine"),
    MetadataKey("Port", Encoding.INTEGER, minimum=1150, maximum=65_535, returned=True, seen=True),
    *keys("DBSubnetGroupName DBParameterGroupName", template=_OF_REGION),
    attrs.evolve(_OF_REGION, name="OptionGroupName", seen=False),
    attrs.evolve(_OF_REGION, name="VpcSecurityGroupIds", encoding=Encoding.LIST, pattern=SECURITY_GROUP),
    attrs.evolve(
        _OF_REGION,
        name="AvailabilityZone",
        pattern=ZONE,
        excluded_by={"MultiAZ": "true"},
        yields_to=("DBSubnetGroupName",),
    ),
    *keys("MultiAZ PubliclyAccessible CopyTagsToSnapshot", Encoding.BOOLEAN, _HELD),
    MetadataKey("DeletionProtection", Encoding.BOOLEAN, returned=None, seen=True),
    attrs.evolve(_OF_REGION, name="EnableCloudwatchLogsExports", encoding=Encoding.LIST),
    MetadataKey("DBName", returned=None, seen=True),
    MetadataKey("LicenseModel", returned=None),
    MetadataKey("StorageType", values=("gp2", "gp3", "io1", "io2", "standard"), returned=None),
    MetadataKey("AllocatedStorage", Encoding.INTEGER, minimum=5, maximum=262_144, returned=None),
    MetadataKey("Iops", Encoding.INTEGER, minimum=1000, maximum=256_000, returned=None),
    MetadataKey("StorageThroughput", Encoding.INTEGER, minimum=125, maximum=4_000, returned=None),
    MetadataKey("NetworkType", values=("IPV4", "DUAL"), returned=None),
    MetadataKey("BackupTarget", values=("local", "outposts", "region"), returned=None),
    *keys(
        "AutoMinorVersionUpgrade EnableIAMDatabaseAuthentication UseDefaultProcessorFeatures EnableCustomerOwnedIp",
        Encoding.BOOLEAN,
        _MAYBE,
    ),
    *keys(
        "Domain DomainIAMRoleName DomainFqdn DomainOu DomainAuthSecretArn CustomIamInstanceProfile TdeCredentialArn",
        template=_MAYBE,
    ),
    *keys("DomainDnsIps", Encoding.LIST, _MAYBE),
    *keys("ProcessorFeatures", Encoding.OBJECTS, _MAYBE),
    MetadataKey("TdeCredentialPassword", returned=None, secret=True),
    attrs.evolve(_NEWER, name="BackupRetentionPeriod", encoding=Encoding.INTEGER, minimum=0, maximum=35),
    *keys("PreferredBackupWindow CACertificateIdentifier MasterUserSecretKmsKeyId", template=_NEWER),
    attrs.evolve(
        _NEWER,
        name="EngineLifecycleSupport",
        values=("open-source-rds-extended-support", "open-source-rds-extended-support-disabled"),
    ),
    *keys("DedicatedLogVolume ManageMasterUserPassword", Encoding.BOOLEAN, _NEWER),
    *keys("AdditionalStorageVolumes", Encoding.OBJECTS, _NEWER),
    *keys("EngineVersion KmsKeyId Encrypted VpcId", template=_IGNORED),
    *keys("DBSnapshotIdentifier InformationalOnly:*", template=attrs.evolve(_IGNORED, fails=True)),
)
_MOMENT = (
    *_INSTANCE,
    MetadataKey("RestoreTime", Encoding.MOMENT, not_for=(Trait.SNAPSHOT,)),
    MetadataKey("UseLatestRestorableTime", Encoding.BOOLEAN, not_for=(Trait.SNAPSHOT,)),
    attrs.evolve(_NEWER, name="MaxAllocatedStorage", encoding=Encoding.INTEGER, minimum=5, maximum=262_144),
)
RESTORE = (
    RestoreForm(
        name="a new instance from a snapshot",
        source="restoring-rds.md; botocore RestoreDBInstanceFromDBSnapshot",
        keys=_INSTANCE,
        traits=(Trait.SNAPSHOT,),
        resource="db:",
    ),
    RestoreForm(
        name="a new instance as of a moment",
        source="point-in-time-recovery.md; botocore RestoreDBInstanceToPointInTime",
        keys=_MOMENT,
        traits=(Trait.CONTINUOUS,),
        resource="db:",
        latest=("UseLatestRestorableTime", "true"),
        lag=timedelta(minutes=5),
    ),
    RestoreForm(
        name="a new Multi-AZ cluster",
        source="botocore RestoreDBClusterFromSnapshot; no page lists its keys",
        keys=cluster_keys(
            "mysql postgres",
            "databaseName enableIAMDatabaseAuthentication optionGroupName dbClusterInstanceClass storageType iops "
            "publiclyAccessible",
        ),
        resource="cluster:",
        target=CLUSTER_TARGET,
    ),
)
"""What StartRestoreJob takes."""

TYPE = ResourceType(
    name="RDS",
    size_counts="nothing",
    target=Target("DBInstanceIdentifier", "arn:{partition}:rds:{region}:{account}:db:{value}"),
    looks=(
        Look(
            shape=ArnShape("rds", "db:"),
            service="rds",
            method="describe_db_instances",
            arguments={"DBInstanceIdentifier": "{name}"},
            state="DBInstances[0].DBInstanceStatus",
            gone=frozenset({"DBInstanceNotFound", "DBInstanceNotFoundFault"}),
            gone_states=frozenset({"deleting"}),
            usable=frozenset({"available"}),
            created="DBInstances[0].InstanceCreateTime",
        ),
    ),
    removal=Removal(
        shape=ArnShape("rds", "db:"),
        service="rds",
        method="delete_db_instance",
        arguments={"DBInstanceIdentifier": "{name}", "SkipFinalSnapshot": True, "DeleteAutomatedBackups": True},
        first="protection",
    ),
    not_restored=(
        NotRestored("read replicas", "rds CreateDBInstanceReadReplica"),
        NotRestored("event subscriptions", "rds AddSourceIdentifierToSubscription"),
        NotRestored("IAM roles of the instance", "rds AddRoleToDBInstance"),
        NotRestored("Performance Insights and enhanced monitoring", "rds ModifyDBInstance"),
        NotRestored("the backup retention and window", "rds ModifyDBInstance"),
    ),
    terraform="aws_db_instance",
    shapes=(ArnShape("rds", "db:"),),
    listings=(
        Listing(
            service="rds",
            method="describe_db_instances",
            found="DBInstances[?!DBClusterIdentifier && DBInstanceStatus!='deleting']"
            ".{arn: DBInstanceArn, tags: TagList}",
        ),
        clusters("mysql", "postgres"),
    ),
    points="arn:{partition}:rds:{region}:{account}:snapshot:awsbackup:{job}",
    continuous_points=OWN_POINTS + "continuous:db-{hex17}",
    cluster_points=CLUSTER_POINT,
    copies=True,
    # Multi-AZ clusters (developer guide, feature availability).
    uncopied=":cluster-snapshot:",
    restore_testing=RestoreTesting(
        inferred={
            "dbInstanceIdentifier": "{name}",
            "deletionProtection": "false",
            "multiAz": "false",
            "publiclyAccessible": "false",
        },
        overridable=lowered(
            "allocatedStorage availabilityZones dbInstanceClass dbName dbParameterGroupName dbSubnetGroupName domain "
            "domainIamRoleName enableCloudwatchLogsExports enableIamDatabaseAuthentication iops licenseModel multiAz "
            "optionGroupName port processorFeatures publiclyAccessible storageType vpcSecurityGroupIds"
        ),
    ),
    testing_by_kind={"cluster:": CLUSTER_TESTING},
    stoppable=False,
    config_type="AWS::RDS::DBInstance",
    aws_key="rds",
    audited=True,
    restore_forms=RESTORE,
)


@attrs.frozen(repr=False)
class RDSInstance(Request):
    """Restore a point to a new RDS instance. Its encryption is that of the point, and cannot be changed.

    The fields are RDS's own parameters of RestoreDBInstanceFromDBSnapshot. What is left out is as the point has it;
    what belongs to a Region or account (subnet group, security groups, zone, parameter and option group, log exports)
    is left to RDS where the point was copied from another. A continuous point is restored to ``as_of=``, or to its
    latest moment.

    Documented, not seen in use: option_group_name, license_model, storage_type, allocated_storage, iops,
    storage_throughput, network_type, backup_target, auto_minor_version_upgrade, enable_iam_database_authentication,
    use_default_processor_features, enable_customer_owned_ip, domain, domain_iam_role_name, domain_fqdn, domain_ou,
    domain_auth_secret_arn, custom_iam_instance_profile, tde_credential_arn, domain_dns_ips, processor_features,
    tde_credential_password, backup_retention_period, preferred_backup_window, ca_certificate_identifier,
    master_user_secret_kms_key_id, engine_lifecycle_support, dedicated_log_volume, manage_master_user_password,
    additional_storage_volumes, max_allocated_storage.

    Args:
        db_instance_identifier: The new instance: 1 to 63 lower-case letters, digits and hyphens, unique over instances
            and clusters of the Region.
        db_instance_class: For example ``db.t4g.medium``. None: as the point.
        db_subnet_group_name: Decides the VPC; give ``vpc_security_group_ids`` of the same VPC as well.
        allocated_storage: GiB.
        storage_throughput: MiB a second.
        backup_retention_period: Days of RDS's own backups, 0 to 35.
        max_allocated_storage: GiB up to which storage grows; of continuous points only.
        extra_metadata: Keys that backupkit has no field for; they win.

    Raises:
        InvalidValueError: A name or value that RDS would refuse.
    """

    KIND: ClassVar[ResourceType] = TYPE
    FORMS: ClassVar[tuple[RestoreForm, ...]] = RESTORE[:2]

    db_instance_identifier: str
    db_instance_class: str | None = attrs.field(default=None, kw_only=True)
    engine: str | None = attrs.field(default=None, kw_only=True)
    port: int | None = attrs.field(default=None, kw_only=True)
    db_subnet_group_name: str | None = attrs.field(default=None, kw_only=True)
    db_parameter_group_name: str | None = attrs.field(default=None, kw_only=True)
    option_group_name: str | None = attrs.field(default=None, kw_only=True)
    vpc_security_group_ids: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    availability_zone: str | None = attrs.field(default=None, kw_only=True)
    multi_az: bool | None = attrs.field(default=None, kw_only=True)
    publicly_accessible: bool | None = attrs.field(default=None, kw_only=True)
    copy_tags_to_snapshot: bool | None = attrs.field(default=None, kw_only=True)
    deletion_protection: bool | None = attrs.field(default=None, kw_only=True)
    enable_cloudwatch_logs_exports: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    db_name: str | None = attrs.field(default=None, kw_only=True)
    license_model: str | None = attrs.field(default=None, kw_only=True)
    storage_type: str | None = attrs.field(default=None, kw_only=True)
    allocated_storage: int | None = attrs.field(default=None, kw_only=True)
    iops: int | None = attrs.field(default=None, kw_only=True)
    storage_throughput: int | None = attrs.field(default=None, kw_only=True)
    network_type: str | None = attrs.field(default=None, kw_only=True)
    backup_target: str | None = attrs.field(default=None, kw_only=True)
    auto_minor_version_upgrade: bool | None = attrs.field(default=None, kw_only=True)
    enable_iam_database_authentication: bool | None = attrs.field(default=None, kw_only=True)
    use_default_processor_features: bool | None = attrs.field(default=None, kw_only=True)
    enable_customer_owned_ip: bool | None = attrs.field(default=None, kw_only=True)
    domain: str | None = attrs.field(default=None, kw_only=True)
    domain_iam_role_name: str | None = attrs.field(default=None, kw_only=True)
    domain_fqdn: str | None = attrs.field(default=None, kw_only=True)
    domain_ou: str | None = attrs.field(default=None, kw_only=True)
    domain_auth_secret_arn: str | None = attrs.field(default=None, kw_only=True, converter=arn_or_none)
    custom_iam_instance_profile: str | None = attrs.field(default=None, kw_only=True)
    tde_credential_arn: str | None = attrs.field(default=None, kw_only=True, converter=arn_or_none)
    domain_dns_ips: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    processor_features: tuple[Structure | Mapping[str, object], ...] = attrs.field(
        default=(), converter=structures, kw_only=True, hash=False
    )
    tde_credential_password: str | None = attrs.field(default=None, kw_only=True, repr=False)
    backup_retention_period: int | None = attrs.field(default=None, kw_only=True)
    preferred_backup_window: str | None = attrs.field(default=None, kw_only=True)
    ca_certificate_identifier: str | None = attrs.field(default=None, kw_only=True)
    master_user_secret_kms_key_id: str | None = attrs.field(default=None, kw_only=True, converter=arn_or_none)
    engine_lifecycle_support: str | None = attrs.field(default=None, kw_only=True)
    dedicated_log_volume: bool | None = attrs.field(default=None, kw_only=True)
    manage_master_user_password: bool | None = attrs.field(default=None, kw_only=True)
    additional_storage_volumes: tuple[Structure | Mapping[str, object], ...] = attrs.field(
        default=(), converter=structures, kw_only=True, hash=False
    )
    max_allocated_storage: int | None = attrs.field(default=None, kw_only=True)


@attrs.frozen(repr=False)
class RDSCluster(Request):
    """Restore a point of an RDS Multi-AZ DB cluster to a new one.

    Every key of it is documented, not seen in use; no page of AWS Backup lists what it takes for these clusters. They
    are never continuous, and their points cannot be copied.

    Args:
        db_cluster_identifier: The new cluster: 1 to 63 lower-case letters, digits and hyphens, unique over instances
            and clusters of the Region.
        engine: ``mysql`` or ``postgres``. None: as the point says.
        db_cluster_instance_class: For example ``db.m6gd.large``. None: as the point.
        key: A KMS key. None: the point's.
        extra_metadata: Keys that backupkit has no field for; they win.

    Raises:
        InvalidValueError: A name or value that RDS would refuse.
    """

    KIND: ClassVar[ResourceType] = TYPE
    FORMS: ClassVar[tuple[RestoreForm, ...]] = RESTORE[2:]

    db_cluster_identifier: str
    engine: str | None = attrs.field(default=None, kw_only=True)
    db_cluster_instance_class: str | None = attrs.field(default=None, kw_only=True)
    db_subnet_group_name: str | None = attrs.field(default=None, kw_only=True)
    vpc_security_group_ids: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    db_cluster_parameter_group_name: str | None = attrs.field(default=None, kw_only=True)
    port: int | None = attrs.field(default=None, kw_only=True)
    availability_zones: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    key: str | None = attrs.field(default=None, kw_only=True, metadata=sends("kmsKeyId"), converter=arn_or_none)
    engine_version: str | None = attrs.field(default=None, kw_only=True)
    database_name: str | None = attrs.field(default=None, kw_only=True)
    option_group_name: str | None = attrs.field(default=None, kw_only=True)
    enable_cloudwatch_logs_exports: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    enable_iam_database_authentication: bool | None = attrs.field(default=None, kw_only=True)
    copy_tags_to_snapshot: bool | None = attrs.field(default=None, kw_only=True)
    publicly_accessible: bool | None = attrs.field(default=None, kw_only=True)
    storage_type: str | None = attrs.field(default=None, kw_only=True)
    iops: int | None = attrs.field(default=None, kw_only=True)
