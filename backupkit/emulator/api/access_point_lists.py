"""Backup access points in lists: of an account, of a point, and of a resource.

Source: the botocore model.
"""

from __future__ import annotations

from collections.abc import Iterable

from backupkit.arn import Arn
from backupkit.emulator.api.access_points import shown
from backupkit.emulator.kernel.operations import operation
from backupkit.emulator.kernel.paging import listing
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import AccessPoint, Document, RegionScope
from backupkit.errors import InvalidValueError

__all__: list[str] = []


@operation("ListBackupAccessPoints")
def _list(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return _listed(simulation, scope, "ListBackupAccessPoints", params, scope.access_points.values())


@operation("ListBackupAccessPointsByRecoveryPoint")
def _list_by_point(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    """Those of the caller's; the point's owner sees those of others, too."""
    arn: str = params["RecoveryPointArn"]
    scopes = simulation.scopes.values() if _owns(scope, arn) else [scope]
    found = (each for there in scopes for each in there.access_points.values() if each.point_arn == arn)
    return _listed(simulation, scope, "ListBackupAccessPointsByRecoveryPoint", params, found)


def _owns(scope: RegionScope, point_arn: str) -> bool:
    try:
        named = Arn.parse(point_arn)
    except InvalidValueError:
        return False
    return (named.account, named.region) == (scope.account_id, scope.region_name)


@operation("ListBackupAccessPointsByResource")
def _list_by_resource(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    found = (each for each in scope.access_points.values() if each.resource_arn == params["ResourceArn"])
    return _listed(simulation, scope, "ListBackupAccessPointsByResource", params, found)


def _listed(
    simulation: Simulation, scope: RegionScope, operation: str, params: Document, found: Iterable[AccessPoint]
) -> Document:
    return listing(
        simulation,
        scope,
        operation,
        params,
        found,
        lambda each: (each.name, each.arn),
        member="BackupAccessPoints",
        show=shown,
    )
