"""What legal holds hold: each hold knows its points and each point its holds, so that neither is ever searched for.

Sources: the developer guide's page on legal holds, and the botocore model of CreateLegalHold.
"""

from __future__ import annotations

from collections.abc import Iterator

from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, LegalHold, Point, RegionScope
from backupkit.emulator.rules import lifecycle

__all__ = ["apply_hold", "join", "release"]

# DELETING and EXPIRED points are never held; those that are being made may be (developer guide), and are here.
_BEYOND = frozenset({"DELETING", "EXPIRED"})


def apply_hold(simulation: Simulation, scope: RegionScope, hold: LegalHold) -> None:
    """Let a hold that becomes active take its points."""
    scope.active_holds[hold.id] = hold
    later = simulation.choices.legal_holds_take_later_points
    for point in _among(simulation, scope, hold):
        if (later or point.created <= hold.created) and _fits(simulation, hold, point):
            _take(hold, point)


def join(simulation: Simulation, scope: RegionScope, point: Point) -> None:
    """Put a new point under the active holds that fit, where holds take later points at all."""
    if not scope.active_holds or not simulation.choices.legal_holds_take_later_points:
        return
    for hold in scope.active_holds.values():
        if _fits(simulation, hold, point):
            _take(hold, point)


def release(simulation: Simulation, scope: RegionScope, hold: LegalHold) -> None:
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
