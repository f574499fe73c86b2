"""What access points keep: a point with one is neither deleted nor expires, until its last one is gone.

An access point stands among the point's holds with its ARN, as legal holds do with their ids; so that lifecycle, which
runs over all points, asks one question for both.

Source: the developer guide's page on backup access points.
"""

from __future__ import annotations

from backupkit.arn import Arn
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import AccessPoint, Point, RegionScope
from backupkit.emulator.rules import lifecycle, point_store, vault_access

__all__ = ["cut_off", "guard", "let_go", "owner_of", "point_of"]


def owner_of(simulation: Simulation, point_arn: str) -> RegionScope | None:
    """Where the point with that ARN would be: the account and Region that the ARN names; None where nobody is."""
    parsed = Arn.parse(point_arn)
    return simulation.scopes.get((parsed.account, parsed.region))


def point_of(simulation: Simulation, access_point: AccessPoint) -> Point | None:
    """The point that the access point opens; None where it is gone."""
    scope = owner_of(simulation, access_point.point_arn)
    return point_store.point_called(scope, access_point.point_arn) if scope is not None else None


def guard(point: Point, access_point: AccessPoint) -> None:
    """Keep the point as long as the access point is there."""
    point.holds |= {access_point.arn}


def let_go(simulation: Simulation, access_point: AccessPoint) -> None:
    """End what the access point keeps; a point without another hold resumes to age."""
    scope, point = owner_of(simulation, access_point.point_arn), point_of(simulation, access_point)
    if scope is None or point is None or access_point.arn not in point.holds:
        return
    point.holds -= {access_point.arn}
    if not point.holds:
        lifecycle.resume(simulation, scope, point)


def cut_off(simulation: Simulation) -> None:
    """Let go of all points of other accounts that the makers of access points no longer reach."""
    for scope in simulation.scopes.values():
        for found in scope.access_points.values():
            if found.status not in {"DELETING", "DISASSOCIATED"} and _lost(simulation, scope, found):
                found.status = "DISASSOCIATED"
                let_go(simulation, found)


def _lost(simulation: Simulation, scope: RegionScope, found: AccessPoint) -> bool:
    return (
        owner_of(simulation, found.point_arn) is not scope
        and vault_access.vault_with(simulation, scope, found.point_arn) is None
    )
