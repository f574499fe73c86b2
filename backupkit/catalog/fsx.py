"""FSx file systems and volumes, of four flavours that share one type."""

from __future__ import annotations

from backupkit.catalog.resource_type import ArnShape, ResourceType

__all__ = ["TYPE"]

TYPE = ResourceType(
    name="FSx",
    shapes=(ArnShape("fsx", "file-system/"), ArnShape("fsx", "volume/")),
    points="arn:{partition}:fsx:{region}:{account}:backup/backup-{hex17}",
    copies=True,
    air_gapped=True,
    restore_testing=True,
    stoppable=False,
    completion_window=False,
    shares_arn=True,
)
