"""EFS file systems. Source: the developer guide's page on restoring EFS, and public requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import attrs

from backupkit.arn import arn_or_none
from backupkit.catalog.metadata_key import NEW_TOKEN, Encoding, MetadataKey
from backupkit.catalog.names import ABSOLUTE_PATH, FILE_SYSTEM_ID, KMS_KEY, TOKEN, ZONE
from backupkit.catalog.neighbour import Listing, Look, NotRestored, Removal, Target
from backupkit.catalog.request import Request, sends, strings
from backupkit.catalog.resource_type import ArnShape, ResourceType
from backupkit.catalog.restore_form import RestoreForm
from backupkit.catalog.restore_testing import RestoreTesting, lowered

__all__ = ["TYPE", "EFSFileSystem", "EFSItems"]

_NEW_FLAG = MetadataKey("newFileSystem", Encoding.BOOLEAN, required=True, seen=True)
_ITEMS = MetadataKey("ItemsToRestore", Encoding.LIST, minimum=1, pattern=ABSOLUTE_PATH)
_ONE_ZONE = {"singleAzFilesystem": "true"}
_NEW = (
    _NEW_FLAG,
    MetadataKey("file-system-id", returned=True, seen=True, source="it is ignored where the file system is new"),
    MetadataKey("Encrypted", Encoding.BOOLEAN, required=True, default="true", seen=True),
    MetadataKey("KmsKeyId", pattern=KMS_KEY, goes_with={"Encrypted": "true"}, seen=True),
    MetadataKey(
        "PerformanceMode", required=True, values=("generalPurpose", "maxIO"), default="generalPurpose", seen=True
    ),
    MetadataKey("CreationToken", required=True, pattern=TOKEN, default=NEW_TOKEN, seen=True),
    _ITEMS,
    MetadataKey("singleAzFilesystem", Encoding.BOOLEAN, excluded_by={"PerformanceMode": "maxIO"}),
    MetadataKey("availabilityZoneName", pattern=ZONE, goes_with=_ONE_ZONE, required_with=_ONE_ZONE),
)
_EXISTING = (
    _NEW_FLAG,
    MetadataKey("file-system-id", required=True, pattern=FILE_SYSTEM_ID, returned=True, seen=True),
    _ITEMS,
    *(attrs.evolve(key, required=False, default=None, required_with={}) for key in _NEW[2:6]),
)
RESTORE = (
    RestoreForm(name="a new file system", source="restoring-efs.md", keys=_NEW, when={"newFileSystem": "true"}),
    RestoreForm(
        name="an existing file system",
        source="restoring-efs.md",
        keys=_EXISTING,
        when={"newFileSystem": "false"},
        adds=True,
    ),
)
"""What StartRestoreJob takes."""

TYPE = ResourceType(
    name="EFS",
    size_counts="changed",
    target=Target(
        "file-system-id",
        "arn:{partition}:elasticfilesystem:{region}:{account}:file-system/{value}",
        existing=True,
        new="no file_system_id=",
    ),
    looks=(
        Look(
            shape=ArnShape("elasticfilesystem", "file-system/"),
            service="efs",
            method="describe_file_systems",
            arguments={"FileSystemId": "{name}"},
            state="FileSystems[0].LifeCycleState",
            gone=frozenset({"FileSystemNotFound"}),
            gone_states=frozenset({"deleting", "deleted"}),
            usable=frozenset({"available"}),
        ),
    ),
    removal=Removal(
        shape=ArnShape("elasticfilesystem", "file-system/"),
        service="efs",
        method="delete_file_system",
        arguments={"FileSystemId": "{name}"},
        first="mount targets",
    ),
    not_restored=(
        NotRestored("mount targets", "efs CreateMountTarget, one for each zone"),
        NotRestored("access points", "efs CreateAccessPoint"),
        NotRestored("the place of the data, which lies in /aws-backup-restore_<date and time>/", "move it by hand"),
        NotRestored("the file system policy", "efs PutFileSystemPolicy"),
        NotRestored("the lifecycle configuration", "efs PutLifecycleConfiguration"),
        NotRestored("the backup policy", "efs PutBackupPolicy"),
        NotRestored("the throughput mode", "efs UpdateFileSystem"),
        NotRestored("replication", "efs CreateReplicationConfiguration"),
    ),
    terraform="aws_efs_file_system",
    shapes=(ArnShape("elasticfilesystem", "file-system/"),),
    listings=(
        Listing(
            service="efs",
            method="describe_file_systems",
            found="FileSystems[].{arn: FileSystemArn, tags: Tags}",
        ),
    ),
    cold=True,
    copies=True,
    air_gapped=True,
    restore_testing=RestoreTesting(
        inferred={
            "encrypted": "true",
            "file-system-id": "{point:file-system-id}",
            "kmsKeyId": "alias/aws/elasticfilesystem",
            "newFileSystem": "true",
            "performanceMode": "generalPurpose",
        },
        overridable=lowered("kmsKeyId performanceMode"),
    ),
    fully_managed=True,
    id_prefix="fs-",
    config_type="AWS::EFS::FileSystem",
    audited=True,
    management_setting=True,
    restore_forms=RESTORE,
    tolerates_unknown_keys=True,
)


def _into(file_system_id: str | None) -> Mapping[str, str]:
    return {"newFileSystem": "true" if file_system_id is None else "false"}


@attrs.frozen(repr=False)
class EFSFileSystem(Request):
    """Restore a point to a new EFS file system, or add it to one that exists.

    The data lies in the directory ``aws-backup-restore_<datetime>`` of either; nothing is overwritten. A new file
    system has no mount targets, access points, policy or lifecycle.

    Documented, not seen in use: single_az_filesystem, availability_zone_name.

    Args:
        file_system_id: The id of a file system that exists, to which the data is added. None: a new one.
        encrypted: Whether a new one is encrypted. None: yes.
        key: A KMS key for a new one. None: AWS's key for EFS.
        performance_mode: ``generalPurpose`` or ``maxIO`` of a new one. None: ``generalPurpose``.
        creation_token: Tells one new file system from another. None: a new one.
        single_az_filesystem: Whether a new one is One Zone.
        availability_zone_name: The zone of a One Zone file system.
        extra_metadata: Keys that backupkit has no field for; they win.

    Raises:
        InvalidValueError: A value or combination that AWS would refuse.
    """

    KIND: ClassVar[ResourceType] = TYPE
    FORMS: ClassVar[tuple[RestoreForm, ...]] = RESTORE

    file_system_id: str | None = attrs.field(default=None, kw_only=True)
    encrypted: bool | None = attrs.field(default=None, kw_only=True)
    key: str | None = attrs.field(default=None, kw_only=True, metadata=sends("KmsKeyId"), converter=arn_or_none)
    performance_mode: str | None = attrs.field(default=None, kw_only=True)
    creation_token: str | None = attrs.field(default=None, kw_only=True)
    single_az_filesystem: bool | None = attrs.field(default=None, kw_only=True)
    availability_zone_name: str | None = attrs.field(default=None, kw_only=True)

    def says(self) -> Mapping[str, str]:
        """Whether the file system is new."""
        return _into(self.file_system_id)


@attrs.frozen(repr=False)
class EFSItems(Request):
    """Restore some files and directories of a point to a new EFS file system, or add them to one that exists.

    They lie in the directory ``aws-backup-restore_<datetime>`` of either; nothing is overwritten.

    Documented, not seen in use: paths.

    Args:
        paths: Files and directories from the root of the file system; case counts, and there are no wildcards.
        file_system_id: The id of a file system that exists, to which they are added. None: a new one.
        encrypted: Whether a new one is encrypted. None: yes.
        key: A KMS key for a new one. None: AWS's key for EFS.
        performance_mode: ``generalPurpose`` or ``maxIO`` of a new one. None: ``generalPurpose``.
        creation_token: Tells one new file system from another. None: a new one.
        extra_metadata: Keys that backupkit has no field for; they win.

    Raises:
        InvalidValueError: A value or combination that AWS would refuse.
    """

    KIND: ClassVar[ResourceType] = TYPE
    FORMS: ClassVar[tuple[RestoreForm, ...]] = tuple(
        attrs.evolve(form, keys=tuple(attrs.evolve(key, required=key is _ITEMS or key.required) for key in form.keys))
        for form in RESTORE
    )

    paths: tuple[str, ...] = attrs.field(converter=strings, metadata=sends("ItemsToRestore"))
    file_system_id: str | None = attrs.field(default=None, kw_only=True)
    encrypted: bool | None = attrs.field(default=None, kw_only=True)
    key: str | None = attrs.field(default=None, kw_only=True, metadata=sends("KmsKeyId"), converter=arn_or_none)
    performance_mode: str | None = attrs.field(default=None, kw_only=True)
    creation_token: str | None = attrs.field(default=None, kw_only=True)

    def says(self) -> Mapping[str, str]:
        """Whether the file system is new."""
        return _into(self.file_system_id)
