"""What legal holds hold: each hold knows its points and each point its holds, so that neither is ever searched for.

Sources: the developer guide's page on legal holds, and the botocore model of CreateLegalHold.
"""

from __future__ import annotations

from collections.abc import Iterator

from backupkit.emulator.kernel.simulation import Cloud
from backupkit.emulator.model import Document, LegalHold, Place, Point
from backupkit.emulator.rules import lifecycle

__all__ = ["apply_hold", "join", "release"]

# DELETING and EXPIRED points are never held; those that are being made may be (developer guide), and are here.
_BEYOND = frozenset({"DELETING", "EXPIRED"})


def apply_hold(cloud: Cloud, place: Place, hold: LegalHold) -> None:
    """Let a hold that becomes active take its points."""
    place.holding[hold.id] = hold
    later = cloud.choices.legal_holds_take_later_points
    for point in _among(cloud, place, hold):
        if (later or point.created <= hold.created) and _fits(cloud, hold, point):
            _take(hold, point)


def join(cloud: Cloud, place: Place, point: Point) -> None:
    """Put a new point under the active holds that fit, where holds take later points at all."""
    if not cloud.choices.legal_holds_take_later_points:
        return
    for hold in place.holding.values():
        if _fits(cloud, hold, point):
            _take(hold, point)


def release(cloud: Cloud, place: Place, hold: LegalHold) -> None:
    """Let go of all points of a hold; those without another one resume to age."""
    del place.holding[hold.id]
    points, hold.points = hold.points, {}
    for point in points.values():
        point.holds -= {hold.id}
        if not point.holds:
            lifecycle.resume(cloud, place, point)


def _take(hold: LegalHold, point: Point) -> None:
    point.holds |= {hold.id}
    hold.points[point.arn] = point


def _among(cloud: Cloud, place: Place, hold: LegalHold) -> Iterator[Point]:
    """The points that may fit: of the chosen vaults only, where that is enough."""
    selection = hold.selection or {}
    names = selection.get("VaultNames")
    if names and (cloud.choices.legal_hold_criteria_intersect or not selection.get("ResourceIdentifiers")):
        vaults = [place.vaults[name] for name in dict.fromkeys(names) if name in place.vaults]
    else:
        vaults = list(place.vaults.values())
    return (point for vault in vaults for point in vault.points.values())


def _fits(cloud: Cloud, hold: LegalHold, point: Point) -> bool:
    if point.continuous or point.status in _BEYOND:
        return False
    selection = hold.selection or {}
    if not any(selection.values()):
        return cloud.choices.bare_legal_hold_takes_all
    return _in_range(selection, point) and _chosen(cloud, selection, point)


def _in_range(selection: Document, point: Point) -> bool:
    dates = selection.get("DateRange")
    return not dates or bool(dates["FromDate"] <= point.created <= dates["ToDate"])


def _chosen(cloud: Cloud, selection: Document, point: Point) -> bool:
    verdicts: list[bool] = []
    if selection.get("VaultNames"):
        verdicts.append(point.vault_name in selection["VaultNames"])
    if selection.get("ResourceIdentifiers"):
        # A resource, or all of a type (botocore model of ResourceIdentifiers).
        verdicts.append(not {point.resource_arn, point.resource_type}.isdisjoint(selection["ResourceIdentifiers"]))
    decides = all if cloud.choices.legal_hold_criteria_intersect else any
    return not verdicts or decides(verdicts)
