"""Taking a nested point out of its composite; both stay.

Sources: the botocore model of DisassociateRecoveryPointFromParent, and the developer guide's pages on CloudFormation
stack backups and on EKS backups.
"""

from __future__ import annotations

from backupkit.local.cloud import Cloud
from backupkit.local.composites import kinship
from backupkit.local.operations import answers, refuse
from backupkit.local.points import shelf
from backupkit.local.state import Document, Family, Place

__all__: list[str] = []

_BAD_REQUEST = "InvalidRequestException"


@answers(
    "DisassociateRecoveryPointFromParent",
    source="botocore model; developer guide, CloudFormation stack backups and EKS backups",
)
def disassociate(cloud: Cloud, place: Place, params: Document) -> Document:
    """Let a nested point stand on its own; its composite is PARTIAL from then on."""
    point = shelf.point_in(place, params["BackupVaultName"], params["RecoveryPointArn"])
    if point.family is None or point.family.parent is None:
        refuse(_BAD_REQUEST, f"Recovery point {point.arn} is not part of a composite recovery point")
    if (message := kinship.barrier(place, point, "disassociated")) is not None:
        refuse(_BAD_REQUEST, message)
    if point.status == "CREATING":
        refuse(_BAD_REQUEST, f"Recovery point {point.arn} is still being made and cannot be disassociated")
    kinship.leave(cloud, place, point)
    # A nested stack goes on as the composite that it is.
    point.family = Family(children=point.family.children) if point.family.is_parent else None
    return {}
