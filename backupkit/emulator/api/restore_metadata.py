"""What GetRecoveryPointRestoreMetadata answers: what is known of the source, as far as it agrees with the point.

Sources: the botocore model, the developer guide's pages on restoring, and answers that public programs printed.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import NAMESPACE_URL, uuid5

from backupkit.catalog import type_named
from backupkit.emulator.kernel.operations import operation
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, Point, RegionScope
from backupkit.emulator.resources.resource import SyntheticContent
from backupkit.emulator.rules import vault_access

__all__: list[str] = []

_SNAPSHOT = "snapshot:"


@operation("GetRecoveryPointRestoreMetadata", source="botocore model; developer guide, restoring a backup")
def _answer(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    found = vault_access.reached(simulation, scope, params)
    point = found.point(params["RecoveryPointArn"])
    return {
        "BackupVaultArn": found.named.arn,
        "RecoveryPointArn": point.arn,
        "RestoreMetadata": {
            "aws:backup:request-id": str(uuid5(NAMESPACE_URL, point.arn)),
            **point.restore_metadata,
            **dict(_of_point(point)),
        },
        "ResourceType": point.resource_type,
    }


def _of_point(point: Point) -> Iterator[tuple[str, str | None]]:
    """What the point itself decides, and not its source."""
    if point.resource_type == "EBS":
        # The guide shows null: the zone of the new volume is to be chosen.
        yield "availabilityZone", None
        yield "encrypted", str(point.encrypted).lower()
    if not isinstance(point.content, SyntheticContent):
        return
    kind = type_named(point.resource_type)
    key = next((each for each in kind.restore_keys if each.name.casefold() == "kmskeyid"), None) if kind else None
    if key is not None and key.returned and point.key_arn and point.restore_metadata:
        yield "KmsKeyId", point.key_arn
    if point.resource_type == "RDS" and point.restore_metadata and (name := _snapshot(point.arn)):
        yield "DBSnapshotIdentifier", name


def _snapshot(arn: str) -> str | None:
    """The name of a database's snapshot; None where the point is none."""
    resource = arn.split(":", 5)[-1]
    return resource.removeprefix(_SNAPSHOT) if resource.startswith(_SNAPSHOT) else None
