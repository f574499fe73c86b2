"""FSx file systems and volumes, of four flavours that share one type."""

from __future__ import annotations

from backupkit.catalog.neighbour import Look, NotRestored, Removal
from backupkit.catalog.resource_type import ArnShape, ResourceType

__all__ = ["TYPE"]

TYPE = ResourceType(
    name="FSx",
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
    terraform="aws_fsx_{flavour}",
    terraform_id="{last}",
    shapes=(ArnShape("fsx", "file-system/"), ArnShape("fsx", "volume/")),
    points="arn:{partition}:fsx:{region}:{account}:backup/backup-{hex17}",
    copies=True,
    air_gapped=True,
    restore_testing=True,
    stoppable=False,
    completion_window=False,
    shares_arn=True,
)
