"""Taking a nested point out of its composite; both stay.

Sources: the botocore model of DisassociateRecoveryPointFromParent, and the developer guide's pages on CloudFormation
stack backups and on EKS backups.
"""

from __future__ import annotations

from backupkit.emulator.kernel.operations import operation, raise_api_error
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, Family, RegionScope
from backupkit.emulator.rules import nesting, point_store

__all__: list[str] = []

_BAD_REQUEST = "InvalidRequestException"


@operation(
    "DisassociateRecoveryPointFromParent",
    source="botocore model; developer guide, CloudFormation stack backups and EKS backups",
)
def disassociate(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    """Let a nested point stand on its own; its composite is PARTIAL from then on."""
    point = point_store.point_in(scope, params["BackupVaultName"], params["RecoveryPointArn"])
    if point.family is None or point.family.parent is None:
        raise_api_error(_BAD_REQUEST, f"Recovery point {point.arn} is not part of a composite recovery point")
    if (message := nesting.obstacle(scope, point, "disassociated")) is not None:
        raise_api_error(_BAD_REQUEST, message)
    if point.status == "CREATING":
        raise_api_error(_BAD_REQUEST, f"Recovery point {point.arn} is still being made and cannot be disassociated")
    nesting.detach(simulation, scope, point)
    # A nested stack goes on as the composite that it is.
    point.family = Family(children=point.family.children) if point.family.is_parent else None
    return {}
