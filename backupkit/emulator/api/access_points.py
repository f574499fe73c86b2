"""Backup access points: made, described, listed, deleted.

Sources: the botocore model, and the developer guide's page on backup access points.
"""

from __future__ import annotations

from datetime import timedelta

import attrs

from backupkit.emulator.api.access_point_requests import checked, malformed, usable_point
from backupkit.emulator.kernel.operations import operation, raise_api_error
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import AccessPoint, Document, RegionScope
from backupkit.emulator.rules import holds

__all__ = ["shown"]

_SOURCE = "botocore model; developer guide, access points"
_MALFORMED = "The access point policy is malformed"
# AWS tells none of these times: docs/choices.md.
_CREATING, _DELETING, _NAME_RESTS = timedelta(seconds=60), timedelta(seconds=30), timedelta(seconds=300)


@operation(
    "CreateBackupAccessPoint",
    source=_SOURCE,
    missing="the S3 access point itself: nothing can be read through it, nobody deletes it in S3 (which makes this one "
    "EXPIRED), and other S3 access points take no names",
)
def create(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    """Begin to make an access point; it is AVAILABLE some time later."""
    vault, point = usable_point(simulation, scope, params["RecoveryPointArn"])
    metadata = checked(simulation, scope, point, params)
    name = params["Name"]
    made = AccessPoint(
        name=name,
        arn=scope.arn(f"accesspoint/{name}"),
        point_arn=point.arn,
        vault_name=vault.name,
        vault_arn=vault.arn,
        resource_arn=point.resource_arn,
        resource_type=point.resource_type,
        created=simulation.clock.now(),
        metadata=metadata,
        policy=params.get("AccessPointPolicy"),
        tags=dict(params.get("Tags", {})),
    )
    scope.access_points[name] = made
    if simulation.choices.access_point_protects_at_once:
        holds.hold_for_access_point(point, made)
    simulation.agenda.schedule(made.created + _CREATING, _AccessPointReady(scope, made))
    return {"AccessPointArn": made.arn, "Status": made.status}


@attrs.frozen(eq=False)
class _AccessPointReady:
    scope: RegionScope
    access_point: AccessPoint

    def happen(self, simulation: Simulation) -> None:
        made = self.access_point
        if made.status != "CREATING":
            return
        point = holds.point_of_access_point(simulation, made)
        if point is None or point.status == "DELETING":
            _fail(simulation, made, f"Recovery point {made.point_arn} cannot be found")
        elif malformed(made.policy):
            _fail(simulation, made, _MALFORMED)
        else:
            made.status = "AVAILABLE"
            made.metadata |= _in_s3(simulation, self.scope, made.name)
            holds.hold_for_access_point(point, made)


def _fail(simulation: Simulation, made: AccessPoint, message: str) -> None:
    made.status, made.status_message = "FAILED", message
    holds.release_access_point(simulation, made)


def _in_s3(simulation: Simulation, scope: RegionScope, name: str) -> dict[str, str]:
    """What S3 calls it; an alias has at most 63 characters, and begins with what fits of the name."""
    alias = f"{name[:20].rstrip('-')}-{simulation.random.getrandbits(112):028x}-ext-s3alias"
    arn = f"arn:{scope.partition}:s3:{scope.region_name}:{scope.account_id}:accesspoint/{name}"
    return {"S3AccessPointAlias": alias, "S3AccessPointArn": arn}


@operation("DescribeBackupAccessPoint", source=_SOURCE)
def describe(simulation: Simulation, scope: RegionScope, params: Document) -> Document:  # noqa: ARG001 - the shape of a handler
    """Everything about an access point but its policy, which is S3's to tell."""
    return shown(_called(scope, params["AccessPointArn"]))


def _called(scope: RegionScope, arn: str) -> AccessPoint:
    found = scope.access_points.get(arn.rpartition("/")[2])
    if found is None or found.arn != arn:
        raise_api_error("ResourceNotFoundException", f"Backup access point {arn} cannot be found")
    return found


def shown(found: AccessPoint) -> Document:
    """An access point as it is described and listed."""
    return {
        "AccessPointArn": found.arn,
        "AccessPointMetadata": found.metadata,
        "BackupVaultArn": found.vault_arn,
        "BackupVaultName": found.vault_name,
        "CreationTime": found.created,
        "Name": found.name,
        "RecoveryPointArn": found.point_arn,
        "ResourceArn": found.resource_arn,
        "ResourceType": found.resource_type,
        "Status": found.status,
        "StatusMessage": found.status_message,
    }


@operation("DeleteBackupAccessPoint", source=_SOURCE)
def delete(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    """Begin to delete an access point; what it keeps resumes to age when it is gone."""
    found = _called(scope, params["AccessPointArn"])
    if found.status in {"CREATING", "DISASSOCIATING"}:
        raise_api_error(
            "InvalidRequestException", f"Backup access point {found.arn} is {found.status}; wait until it is not"
        )
    if found.status != "DELETING":
        found.status = "DELETING"
        simulation.agenda.schedule(simulation.clock.now() + _DELETING, _Gone(scope, found))
    return {}


@attrs.frozen(eq=False)
class _Gone:
    scope: RegionScope
    access_point: AccessPoint

    def happen(self, simulation: Simulation) -> None:
        del self.scope.access_points[self.access_point.name]
        resting, now = self.scope.resting_names, simulation.clock.now()
        for name in [name for name, until in resting.items() if until <= now]:
            del resting[name]
        resting[self.access_point.name] = now + _NAME_RESTS
        holds.release_access_point(simulation, self.access_point)
