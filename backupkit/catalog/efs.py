"""EFS file systems."""

from __future__ import annotations

from backupkit.catalog.neighbour import Look, NotRestored, Removal
from backupkit.catalog.resource_type import ArnShape, ResourceType

__all__ = ["TYPE"]

TYPE = ResourceType(
    name="EFS",
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
    cold=True,
    copies=True,
    air_gapped=True,
    restore_testing=True,
    fully_managed=True,
)
