"""Backup access points in lists: of an account, of a point, and of a resource.

Source: the botocore model.
"""

from __future__ import annotations

from collections.abc import Iterable

from backupkit.arn import Arn
from backupkit.emulator.api.access_points import shown
from backupkit.emulator.kernel.operations import answers
from backupkit.emulator.kernel.paging import listing
from backupkit.emulator.kernel.simulation import Cloud
from backupkit.emulator.model import AccessPoint, Document, Place
from backupkit.errors import InvalidValueError

__all__: list[str] = []


@answers("ListBackupAccessPoints")
def _list(cloud: Cloud, place: Place, params: Document) -> Document:
    return _listed(cloud, place, "ListBackupAccessPoints", params, place.access_points.values())


@answers("ListBackupAccessPointsByRecoveryPoint")
def _list_by_point(cloud: Cloud, place: Place, params: Document) -> Document:
    """Those of the caller's; the point's owner sees those of others, too."""
    arn: str = params["RecoveryPointArn"]
    places = cloud.places.values() if _owns(place, arn) else [place]
    found = (each for there in places for each in there.access_points.values() if each.point_arn == arn)
    return _listed(cloud, place, "ListBackupAccessPointsByRecoveryPoint", params, found)


def _owns(place: Place, point_arn: str) -> bool:
    try:
        named = Arn.parse(point_arn)
    except InvalidValueError:
        return False
    return (named.account, named.region) == (place.account_id, place.region_name)


@answers("ListBackupAccessPointsByResource")
def _list_by_resource(cloud: Cloud, place: Place, params: Document) -> Document:
    found = (each for each in place.access_points.values() if each.resource_arn == params["ResourceArn"])
    return _listed(cloud, place, "ListBackupAccessPointsByResource", params, found)


def _listed(cloud: Cloud, place: Place, operation: str, params: Document, found: Iterable[AccessPoint]) -> Document:
    return listing(
        cloud,
        place,
        operation,
        params,
        found,
        lambda each: (each.name, each.arn),
        member="BackupAccessPoints",
        show=shown,
    )
