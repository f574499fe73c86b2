"""What keeps a point from being deleted and from expiring: legal holds on it, and access points to it.

Each hold knows its points and each point its holds, so that neither is ever searched for. An access point stands among
the point's holds with its ARN, as legal holds do with their ids; so that lifecycle, which runs over all points, asks
one question for both.

Sources: the developer guide's pages on legal holds and on backup access points, and the botocore model of
CreateLegalHold.
"""

from __future__ import annotations

from collections.abc import Iterator

from backupkit.arn import Arn
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import AccessPoint, Document, LegalHold, Point, RegionScope
from backupkit.emulator.rules import lifecycle, point_store, vault_access

__all__ = [
    "apply_legal_hold",
    "cut_off_access_points",
    "hold_for_access_point",
    "join_legal_holds",
    "point_of_access_point",
    "release_access_point",
    "release_legal_hold",
]

# ---- Legal holds ----


# DELETING and EXPIRED points are never held; those that are being made may be (developer guide), and are here.
_BEYOND = frozenset({"DELETING", "EXPIRED"})


def apply_legal_hold(simulation: Simulation, scope: RegionScope, hold: LegalHold) -> None:
    """Let a hold that becomes active take its points."""
    scope.active_holds[hold.id] = hold
    later = simulation.choices.legal_holds_take_later_points
    for point in _among(simulation, scope, hold):
        if (later or point.created <= hold.created) and _fits(simulation, hold, point):
            _take(hold, point)


def join_legal_holds(simulation: Simulation, scope: RegionScope, point: Point) -> None:
    """Put a new point under the active holds that fit, where holds take later points at all."""
    if not scope.active_holds or not simulation.choices.legal_holds_take_later_points:
        return
    for hold in scope.active_holds.values():
        if _fits(simulation, hold, point):
            _take(hold, point)


def release_legal_hold(simulation: Simulation, scope: RegionScope, hold: LegalHold) -> None:
    """Let go of all points of a hold; those without another one resume to age."""
    del scope.active_holds[hold.id]
    points, hold.points = hold.points, {}
    for point in points.values():
        point.holds -= {hold.id}
        if not point.holds:
            lifecycle.resume(simulation, scope, point)


def _take(hold: LegalHold, point: Point) -> None:
    point.holds |= {hold.id}
    hold.points[point.arn] = point


def _among(simulation: Simulation, scope: RegionScope, hold: LegalHold) -> Iterator[Point]:
    """The points that may fit: of the chosen vaults only, where that is enough."""
    selection = hold.selection or {}
    names = selection.get("VaultNames")
    if names and (simulation.choices.legal_hold_criteria_intersect or not selection.get("ResourceIdentifiers")):
        vaults = [scope.vaults[name] for name in dict.fromkeys(names) if name in scope.vaults]
    else:
        vaults = list(scope.vaults.values())
    return (point for vault in vaults for point in vault.points.values())


def _fits(simulation: Simulation, hold: LegalHold, point: Point) -> bool:
    if point.continuous or point.status in _BEYOND:
        return False
    selection = hold.selection or {}
    if not any(selection.values()):
        return True
    return _in_range(selection, point) and _chosen(simulation, selection, point)


def _in_range(selection: Document, point: Point) -> bool:
    dates = selection.get("DateRange")
    return not dates or bool(dates["FromDate"] <= point.created <= dates["ToDate"])


def _chosen(simulation: Simulation, selection: Document, point: Point) -> bool:
    verdicts: list[bool] = []
    if selection.get("VaultNames"):
        verdicts.append(point.vault_name in selection["VaultNames"])
    if selection.get("ResourceIdentifiers"):
        # A resource, or all of a type (botocore model of ResourceIdentifiers).
        verdicts.append(not {point.resource_arn, point.resource_type}.isdisjoint(selection["ResourceIdentifiers"]))
    decides = all if simulation.choices.legal_hold_criteria_intersect else any
    return not verdicts or decides(verdicts)


# ---- Access points ----


def owner_of_point(simulation: Simulation, point_arn: str) -> RegionScope | None:
    """Where the point with that ARN would be: the account and Region that the ARN names; None where nobody is."""
    return simulation.place_of(Arn.parse(point_arn))


def point_of_access_point(simulation: Simulation, access_point: AccessPoint) -> Point | None:
    """The point that the access point opens; None where it is gone."""
    scope = owner_of_point(simulation, access_point.point_arn)
    return point_store.point_called(scope, access_point.point_arn) if scope is not None else None


def hold_for_access_point(point: Point, access_point: AccessPoint) -> None:
    """Keep the point as long as the access point is there."""
    point.holds |= {access_point.arn}


def release_access_point(simulation: Simulation, access_point: AccessPoint) -> None:
    """End what the access point keeps; a point without another hold resumes to age."""
    scope, point = owner_of_point(simulation, access_point.point_arn), point_of_access_point(simulation, access_point)
    if scope is None or point is None or access_point.arn not in point.holds:
        return
    point.holds -= {access_point.arn}
    if not point.holds:
        lifecycle.resume(simulation, scope, point)


def cut_off_access_points(simulation: Simulation) -> None:
    """Let go of all points of other accounts that the makers of access points no longer reach."""
    for scope in simulation.scopes.values():
        for found in scope.access_points.values():
            if found.status not in {"DELETING", "DISASSOCIATED"} and _lost(simulation, scope, found):
                found.status = "DISASSOCIATED"
                release_access_point(simulation, found)


def _lost(simulation: Simulation, scope: RegionScope, found: AccessPoint) -> bool:
    return (
        owner_of_point(simulation, found.point_arn) is not scope
        and vault_access.vault_with(simulation, scope, found.point_arn) is None
    )
