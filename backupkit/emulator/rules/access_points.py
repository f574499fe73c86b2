"""What access points keep: a point with one is neither deleted nor expires, until its last one is gone.

An access point stands among the point's holds with its ARN, as legal holds do with their ids; so that ageing, which
runs over all points, asks one question for both.

Source: the developer guide's page on backup access points.
"""

from __future__ import annotations

from backupkit.arn import Arn
from backupkit.emulator.kernel.simulation import Cloud
from backupkit.emulator.model import AccessPoint, Place, Point
from backupkit.emulator.rules import lifecycle, point_store, vault_access

__all__ = ["cut_off", "guard", "let_go", "owner_of", "point_of"]


def owner_of(cloud: Cloud, point_arn: str) -> Place | None:
    """Where the point with that ARN would be: the account and Region that the ARN names; None where nobody is."""
    parsed = Arn.parse(point_arn)
    return cloud.places.get((parsed.account, parsed.region))


def point_of(cloud: Cloud, access_point: AccessPoint) -> Point | None:
    """The point that the access point opens; None where it is gone."""
    place = owner_of(cloud, access_point.point_arn)
    return point_store.point_called(place, access_point.point_arn) if place is not None else None


def guard(point: Point, access_point: AccessPoint) -> None:
    """Keep the point as long as the access point is there."""
    point.holds |= {access_point.arn}


def let_go(cloud: Cloud, access_point: AccessPoint) -> None:
    """End what the access point keeps; a point without another hold resumes to age."""
    place, point = owner_of(cloud, access_point.point_arn), point_of(cloud, access_point)
    if place is None or point is None or access_point.arn not in point.holds:
        return
    point.holds -= {access_point.arn}
    if not point.holds:
        lifecycle.resume(cloud, place, point)


def cut_off(cloud: Cloud) -> None:
    """Let go of all points of other accounts that the makers of access points no longer reach."""
    for place in cloud.places.values():
        for found in place.access_points.values():
            if found.status not in {"DELETING", "DISASSOCIATED"} and _lost(cloud, place, found):
                found.status = "DISASSOCIATED"
                let_go(cloud, found)


def _lost(cloud: Cloud, place: Place, found: AccessPoint) -> bool:
    return (
        owner_of(cloud, found.point_arn) is not place and vault_access.vault_with(cloud, place, found.point_arn) is None
    )
