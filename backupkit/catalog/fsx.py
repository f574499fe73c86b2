"""FSx file systems and volumes, of four flavours that share one type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

import attrs

from backupkit.arn import arn_or_none
from backupkit.catalog.metadata_key import Encoding, MetadataKey, Send, Trait, keys
from backupkit.catalog.names import KMS_KEY, SECURITY_GROUP, SUBNET
from backupkit.catalog.neighbour import Listing, Look, NotRestored, Removal
from backupkit.catalog.request import Request, sends, strings
from backupkit.catalog.resource_type import ArnShape, ResourceType
from backupkit.catalog.restore_form import RestoreForm
from backupkit.catalog.restore_testing import RestoreTesting, lowered
from backupkit.catalog.structure import Structure, plain
from backupkit.checks import Pattern
from backupkit.problems import Problem

__all__ = [
    "TYPE",
    "FSxLustre",
    "FSxONTAPVolume",
    "FSxOpenZFS",
    "FSxWindows",
    "LustreConfiguration",
    "OntapConfiguration",
    "OpenZFSConfiguration",
    "WindowsConfiguration",
]

_VOLUME_NAME = Pattern("volume name", r"[a-zA-Z_][a-zA-Z0-9_]{0,202}", "up to 203 letters, digits and underscores")
_LEAST_HDD = 2_000
"""GiB of a file system of Windows on HDD (developer guide, restoring FSx)."""
_HELD = MetadataKey("", returned=True)
_MAYBE = MetadataKey("", returned=None)
_SOURCE = keys("FileSystemId FileSystemType VpcId", template=attrs.evolve(_HELD, send=Send.STRIP))
_COMMON = (
    attrs.evolve(
        _HELD,
        name="SubnetIds",
        encoding=Encoding.LIST,
        required=True,
        minimum=1,
        maximum=2,
        pattern=SUBNET,
        strip_for=(Trait.COPIED,),
    ),
    MetadataKey("SecurityGroupIds", Encoding.LIST, pattern=SECURITY_GROUP),
    attrs.evolve(_HELD, name="StorageType", values=("SSD", "HDD", "INTELLIGENT_TIERING")),
    attrs.evolve(
        _HELD,
        name="StorageCapacity",
        encoding=Encoding.INTEGER,
        minimum=1,
        excluded_by={"StorageType": "INTELLIGENT_TIERING"},
    ),
    attrs.evolve(_HELD, name="KmsKeyId", pattern=KMS_KEY, strip_for=(Trait.COPIED,)),
    *keys("DeploymentType WeeklyMaintenanceStartTime DailyAutomaticBackupStartTime", template=_MAYBE),
    attrs.evolve(_MAYBE, name="AutomaticBackupRetentionDays", encoding=Encoding.INTEGER, minimum=0, maximum=90),
    attrs.evolve(_MAYBE, name="CopyTagsToBackups", encoding=Encoding.BOOLEAN),
    *_SOURCE,
)


def _flavour(name: str, kind: str, key: str, *, secret: tuple[str, ...] = ()) -> RestoreForm:
    configuration = MetadataKey(key, Encoding.OBJECT, returned=None, secret_members=secret)
    return RestoreForm(
        name=name,
        source="restoring-fsx.md; botocore CreateFileSystemFromBackup",
        keys=(*_COMMON, configuration),
        resource="file-system/",
        held={"FileSystemType": kind},
    )


RESTORE = (
    _flavour("a new Windows file system", "WINDOWS", "WindowsConfiguration", secret=("Password",)),
    _flavour("a new Lustre file system", "LUSTRE", "LustreConfiguration"),
    _flavour("a new OpenZFS file system", "OPENZFS", "OpenZFSConfiguration"),
    RestoreForm(
        name="a new volume of an ONTAP file system",
        source="restoring-fsx.md; botocore CreateVolumeFromBackup",
        keys=(
            MetadataKey("Name", required=True, pattern=_VOLUME_NAME),
            MetadataKey(
                "OntapConfiguration", Encoding.OBJECT, required=True, required_members=("storageVirtualMachineId",)
            ),
            *keys("SubnetIds", Encoding.LIST, attrs.evolve(_HELD, send=Send.STRIP)),
            *_SOURCE,
            *keys("KmsKeyId StorageType StorageCapacity", template=attrs.evolve(_HELD, send=Send.STRIP)),
        ),
        resource="volume/",
        held={"FileSystemType": "ONTAP"},
        adds=True,
    ),
)
"""What StartRestoreJob takes."""

TYPE = ResourceType(
    name="FSx",
    size_counts="nothing",
    looks=(
        Look(
            shape=ArnShape("fsx", "file-system/"),
            service="fsx",
            method="describe_file_systems",
            arguments={"FileSystemIds": ("{name}",)},
            state="FileSystems[0].Lifecycle",
            gone=frozenset({"FileSystemNotFound"}),
            gone_states=frozenset({"DELETING"}),
            usable=frozenset({"AVAILABLE", "UPDATING"}),
        ),
        Look(
            shape=ArnShape("fsx", "volume/"),
            service="fsx",
            method="describe_volumes",
            arguments={"VolumeIds": ("{last}",)},
            state="Volumes[0].Lifecycle",
            gone=frozenset({"VolumeNotFound"}),
            gone_states=frozenset({"DELETING"}),
            usable=frozenset({"AVAILABLE", "CREATED"}),
        ),
    ),
    removal=Removal(
        shape=ArnShape("fsx", "file-system/"),
        service="fsx",
        method="delete_file_system",
        arguments={"FileSystemId": "{name}"},
    ),
    not_restored=(
        NotRestored("the DNS name; aliases of the old one", "fsx AssociateFileSystemAliases"),
        NotRestored("links to data repositories", "fsx CreateDataRepositoryAssociation"),
        NotRestored("mounts on clients"),
    ),
    # The ARN of a file system does not tell which of four it is.
    terraform_volume="aws_fsx_ontap_volume",
    terraform_id="{last}",
    shapes=(ArnShape("fsx", "file-system/"), ArnShape("fsx", "volume/")),
    listings=(
        Listing(
            service="fsx",
            method="describe_file_systems",
            found="FileSystems[?FileSystemType!='ONTAP'].{arn: ResourceARN, tags: Tags}",
        ),
        Listing(
            service="fsx",
            method="describe_volumes",
            found="Volumes[?VolumeType=='ONTAP'].{arn: ResourceARN, tags: Tags}",
        ),
    ),
    points="arn:{partition}:fsx:{region}:{account}:backup/backup-{hex17}",
    copies=True,
    opt_in_limits=frozenset({"Regions"}),
    air_gapped=True,
    restore_testing=RestoreTesting(
        # Each of the four file systems infers its own, and a point does not tell which one it is of.
        inferred={},
        overridable=lowered(
            "kmsKeyId lustreConfiguration ontapConfiguration openZfsConfiguration securityGroupIds subnetIds "
            "windowsConfiguration"
        ),
    ),
    # Volumes of ONTAP (developer guide, feature availability).
    copied_near_only="volume/",
    testing_by_kind={
        "volume/": RestoreTesting(inferred={"name": "{name_}"}, overridable=lowered("ontapConfiguration"))
    },
    stoppable=False,
    completion_window=False,
    shares_arn=True,
    id_prefix="fs-",
    config_type="AWS::FSx::FileSystem",
    aws_key="fsx",
    audited=True,
    opted_in=False,
    restore_forms=RESTORE,
)


@attrs.frozen
class WindowsConfiguration(Structure):
    """What is particular to FSx for Windows; throughput in MB a second. The type of its directory cannot be changed."""

    throughput_capacity: int
    active_directory_id: str | None = None
    self_managed_active_directory_configuration: Mapping[str, object] | None = attrs.field(
        default=None, hash=False, repr=False
    )
    deployment_type: str | None = None
    preferred_subnet_id: str | None = None
    weekly_maintenance_start_time: str | None = None
    daily_automatic_backup_start_time: str | None = None
    automatic_backup_retention_days: int | None = None
    copy_tags_to_backups: bool | None = None
    aliases: tuple[str, ...] | None = None
    audit_log_configuration: Mapping[str, object] | None = attrs.field(default=None, hash=False)
    disk_iops_configuration: Mapping[str, object] | None = attrs.field(default=None, hash=False)
    fsrm_configuration: Mapping[str, object] | None = attrs.field(default=None, hash=False)


@attrs.frozen
class LustreConfiguration(Structure):
    """What is particular to FSx for Lustre; throughput in MB a second for each TiB, and in MB a second."""

    deployment_type: str | None = None
    per_unit_storage_throughput: int | None = None
    throughput_capacity: int | None = None
    drive_cache_type: str | None = None
    data_compression_type: str | None = None
    data_read_cache_configuration: Mapping[str, object] | None = attrs.field(default=None, hash=False)
    efa_enabled: bool | None = None
    log_configuration: Mapping[str, object] | None = attrs.field(default=None, hash=False)
    root_squash_configuration: Mapping[str, object] | None = attrs.field(default=None, hash=False)
    metadata_configuration: Mapping[str, object] | None = attrs.field(default=None, hash=False)
    weekly_maintenance_start_time: str | None = None
    daily_automatic_backup_start_time: str | None = None
    automatic_backup_retention_days: int | None = None
    copy_tags_to_backups: bool | None = None


@attrs.frozen
class OpenZFSConfiguration(Structure):
    """What is particular to FSx for OpenZFS; throughput in MB a second."""

    deployment_type: str
    throughput_capacity: int
    disk_iops_configuration: Mapping[str, object] | None = attrs.field(default=None, hash=False)
    read_cache_configuration: Mapping[str, object] | None = attrs.field(default=None, hash=False)
    route_table_ids: tuple[str, ...] | None = None
    endpoint_ip_address_range: str | None = None
    preferred_subnet_id: str | None = None
    copy_tags_to_volumes: bool | None = None
    copy_tags_to_backups: bool | None = None
    root_volume_configuration: Mapping[str, object] | None = attrs.field(default=None, hash=False)
    weekly_maintenance_start_time: str | None = None
    daily_automatic_backup_start_time: str | None = None
    automatic_backup_retention_days: int | None = None


@attrs.frozen
class OntapConfiguration(Structure):
    """A volume of FSx for ONTAP. The storage virtual machine decides subnet and zone."""

    _LOWER: ClassVar[bool] = True

    storage_virtual_machine_id: str
    junction_path: str | None = None
    size_in_megabytes: int | None = None
    storage_efficiency_enabled: bool | None = None
    tiering_policy: Mapping[str, object] | None = attrs.field(default=None, hash=False)
    ontap_volume_type: str | None = None
    security_style: str | None = None
    snapshot_policy: str | None = None


@attrs.frozen(repr=False)
class _NewFileSystem(Request):
    """What the requests of new file systems share, whatever their flavour."""

    subnet_ids: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    security_group_ids: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    storage_type: str | None = attrs.field(default=None, kw_only=True)
    storage_capacity: int | None = attrs.field(default=None, kw_only=True)
    key: str | None = attrs.field(default=None, kw_only=True, metadata=sends("KmsKeyId"), converter=arn_or_none)
    deployment_type: str | None = attrs.field(default=None, kw_only=True)
    weekly_maintenance_start_time: str | None = attrs.field(default=None, kw_only=True)
    daily_automatic_backup_start_time: str | None = attrs.field(default=None, kw_only=True)
    automatic_backup_retention_days: int | None = attrs.field(default=None, kw_only=True)
    copy_tags_to_backups: bool | None = attrs.field(default=None, kw_only=True)

    def _problems(self) -> Iterator[Problem]:
        yield from super()._problems()
        fields = ("windows_configuration", "lustre_configuration", "open_zfs_configuration")
        name = next(field for field in fields if hasattr(self, field))
        found = plain(getattr(self, name))
        config = found if isinstance(found, dict) else {}
        if "MULTI_AZ_1" not in (self.deployment_type, config.get("DeploymentType")):
            return
        # FSx's own rules (botocore model, CreateFileSystemFromBackup).
        if len(self.subnet_ids) == 1:
            yield Problem("subnet_ids", "a file system in two zones needs a subnet in each", "give two")
        if config and "PreferredSubnetId" not in config:
            what = "a file system in two zones needs PreferredSubnetId"
            yield Problem(name, what, "give preferred_subnet_id=, one of subnet_ids")


@attrs.frozen(repr=False)
class FSxWindows(_NewFileSystem):
    """Restore a point to a new FSx for Windows file system. Its DNS name is new.

    Every key of it is documented, not seen in use. What is left out is as the point says.

    Args:
        subnet_ids: The subnets: two where it spans zones, else one. A restore needs them, and those of the point are
            taken where it says them and was not copied from elsewhere.
        security_group_ids: None given: the default one.
        storage_type: SSD, HDD or INTELLIGENT_TIERING; HDD from 2,000 GiB.
        storage_capacity: GiB; not of INTELLIGENT_TIERING.
        key: A KMS key. None: the point's, or AWS's for FSx.
        windows_configuration: `WindowsConfiguration`, or FSx's own structure as a mapping; it takes the place of the
            point's as a whole.
        automatic_backup_retention_days: Of FSx's own backups, 0 to 90.
        extra_metadata: Keys that backupkit has no field for; they win.

    Raises:
        InvalidValueError: A name or value that AWS would refuse.
    """

    KIND: ClassVar[ResourceType] = TYPE
    FORMS: ClassVar[tuple[RestoreForm, ...]] = RESTORE[0:1]

    windows_configuration: WindowsConfiguration | Mapping[str, object] | None = attrs.field(
        default=None, kw_only=True, hash=False, repr=False
    )

    def _problems(self) -> Iterator[Problem]:
        yield from super()._problems()
        if self.storage_type == "HDD" and isinstance(self.storage_capacity, int) and self.storage_capacity < _LEAST_HDD:
            what = f"{self.storage_capacity:,} GiB are too few for HDD"
            yield Problem("storage_capacity", what, f"use {_LEAST_HDD:,} or more, or SSD")


@attrs.frozen(repr=False)
class FSxLustre(_NewFileSystem):
    """Restore a point to a new FSx for Lustre file system. Its DNS name is new.

    Every key of it is documented, not seen in use. What is left out is as the point says.

    Args:
        subnet_ids: The subnets: two where it spans zones, else one. A restore needs them, and those of the point are
            taken where it says them and was not copied from elsewhere.
        security_group_ids: None given: the default one.
        storage_type: SSD, HDD or INTELLIGENT_TIERING.
        storage_capacity: GiB, as many as the source has; not of INTELLIGENT_TIERING.
        key: A KMS key. None: the point's, or AWS's for FSx.
        lustre_configuration: `LustreConfiguration`, or FSx's own structure as a mapping; it takes the place of the
            point's as a whole.
        automatic_backup_retention_days: Of FSx's own backups, 0 to 90.
        extra_metadata: Keys that backupkit has no field for; they win.

    Raises:
        InvalidValueError: A name or value that AWS would refuse.
    """

    KIND: ClassVar[ResourceType] = TYPE
    FORMS: ClassVar[tuple[RestoreForm, ...]] = RESTORE[1:2]

    lustre_configuration: LustreConfiguration | Mapping[str, object] | None = attrs.field(
        default=None, kw_only=True, hash=False
    )


@attrs.frozen(repr=False)
class FSxOpenZFS(_NewFileSystem):
    """Restore a point to a new FSx for OpenZFS file system. Its DNS name is new.

    Every key of it is documented, not seen in use. What is left out is as the point says.

    Args:
        subnet_ids: The subnets: two where it spans zones, else one. A restore needs them, and those of the point are
            taken where it says them and was not copied from elsewhere.
        security_group_ids: None given: the default one.
        storage_type: SSD, HDD or INTELLIGENT_TIERING; the class of the source.
        storage_capacity: GiB; not of INTELLIGENT_TIERING.
        key: A KMS key. None: the point's, or AWS's for FSx.
        open_zfs_configuration: `OpenZFSConfiguration`, or FSx's own structure as a mapping; it takes the place of the
            point's as a whole.
        automatic_backup_retention_days: Of FSx's own backups, 0 to 90.
        extra_metadata: Keys that backupkit has no field for; they win.

    Raises:
        InvalidValueError: A name or value that AWS would refuse.
    """

    KIND: ClassVar[ResourceType] = TYPE
    FORMS: ClassVar[tuple[RestoreForm, ...]] = RESTORE[2:3]

    open_zfs_configuration: OpenZFSConfiguration | Mapping[str, object] | None = attrs.field(
        default=None, kw_only=True, hash=False
    )


@attrs.frozen(repr=False)
class FSxONTAPVolume(Request):
    """Restore a point to a new volume of an ONTAP file system that exists; what is in the file system stays.

    Every key of it is documented, not seen in use.

    Args:
        name: The new volume: up to 203 letters, digits and underscores.
        ontap_configuration: `OntapConfiguration`, or its structure as a mapping, with the storage virtual machine.
        extra_metadata: Keys that backupkit has no field for; they win.

    Raises:
        InvalidValueError: A name or value that AWS would refuse.
    """

    KIND: ClassVar[ResourceType] = TYPE
    FORMS: ClassVar[tuple[RestoreForm, ...]] = RESTORE[3:]

    name: str
    ontap_configuration: OntapConfiguration | Mapping[str, object] = attrs.field(kw_only=True, hash=False)
