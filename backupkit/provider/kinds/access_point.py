"""Backup access points."""

from __future__ import annotations

from backupkit.declare import AccessPoint
from backupkit.provider.answers import Document, text
from backupkit.provider.kinds.kind import Kind, Settling

__all__ = ["ACCESS_POINT"]


def _other(entry: Document) -> str:
    going = text(entry, "Status") in {"DELETING", "DISASSOCIATING"}
    return "it is on its way out, and its name is taken until it is gone" if going else ""


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
    settled=Settling(
        state="Status",
        done=frozenset({"AVAILABLE"}),
        failed=frozenset({"FAILED", "EXPIRED", "DISASSOCIATED"}),
        reason=lambda answer: text(answer, "StatusMessage"),
    ),
    other=_other,
)
