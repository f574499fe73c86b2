"""EBS volumes."""

from __future__ import annotations

from backupkit.catalog.neighbour import Look, NotRestored, Removal
from backupkit.catalog.resource_type import SNAPSHOT_POINT, ArnShape, ResourceType

__all__ = ["TYPE"]

TYPE = ResourceType(
    name="EBS",
    looks=(
        Look(
            shape=ArnShape("ec2", "volume/"),
            service="ec2",
            method="describe_volumes",
            arguments={"VolumeIds": ("{name}",)},
            state="Volumes[0].State",
            gone=frozenset({"InvalidVolume.NotFound"}),
            gone_states=frozenset({"deleting", "deleted"}),
            usable=frozenset({"available", "in-use"}),
        ),
    ),
    removal=Removal(
        shape=ArnShape("ec2", "volume/"), service="ec2", method="delete_volume", arguments={"VolumeId": "{name}"}
    ),
    not_restored=(
        NotRestored("the attachment to an instance", "ec2 AttachVolume"),
        NotRestored("the mount of its file systems"),
        NotRestored("Multi-Attach and fast snapshot restore", "ec2 ModifyVolume"),
    ),
    terraform="aws_ebs_volume",
    shapes=(ArnShape("ec2", "volume/"),),
    points=SNAPSHOT_POINT,
    cold=True,
    archive=True,
    copies=True,
    air_gapped=True,
    restore_testing=True,
)
