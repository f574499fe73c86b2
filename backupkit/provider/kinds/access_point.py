"""Backup access points."""

from __future__ import annotations

from backupkit.declare.access_point import AccessPoint
from backupkit.provider.answers import text
from backupkit.provider.kinds.kind import Kind, Settling
from backupkit.provider.kinds.observed import roles_in

__all__ = ["ACCESS_POINT"]


ACCESS_POINT = Kind(
    cls=AccessPoint,
    list="ListBackupAccessPoints",
    get="DescribeBackupAccessPoint",
    id="AccessPointArn",
    name="Name",
    arn="AccessPointArn",
    create="CreateBackupAccessPoint",
    delete="DeleteBackupAccessPoint",
    tags="Tags",
    needs=lambda point: roles_in(point.policy),
    settled=Settling(
        state="Status",
        done=frozenset({"AVAILABLE"}),
        failed=frozenset({"FAILED", "EXPIRED", "DISASSOCIATED"}),
        going=frozenset({"DELETING", "DISASSOCIATING"}),
        reason=lambda answer: text(answer, "StatusMessage"),
        pause_seconds=15.0,
    ),
)
