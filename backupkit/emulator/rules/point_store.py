"""Where points stand: in their vaults, and by the resource they were taken of."""

from __future__ import annotations

from datetime import timedelta

from backupkit.emulator.kernel.kinds import shaped
from backupkit.emulator.kernel.operations import refuse
from backupkit.emulator.kernel.simulation import Cloud
from backupkit.emulator.model import Place, Point, Vault

__all__ = ["filled", "new_arn", "point_called", "point_in", "put", "take", "vault_called", "vault_of"]

_SECOND = timedelta(seconds=1)


def vault_called(place: Place, name: str) -> Vault:
    """The vault of that name.

    Raises:
        Refused: It is not there; AWS answers as if access were denied.
    """
    if name not in place.vaults:
        refuse("AccessDeniedException", "Insufficient privileges to perform this action.", 403)
    return place.vaults[name]


def vault_of(place: Place, point: Point) -> Vault:
    """The vault that the point is in."""
    return place.vaults[point.vault_name]


def point_in(place: Place, vault_name: str, arn: str) -> Point:
    """The point in the vault of that name.

    Raises:
        Refused: The vault or the point is not there.
    """
    found = vault_called(place, vault_name).points.get(arn)
    if found is None:
        refuse("ResourceNotFoundException", f"Recovery point {arn} cannot be found in backup vault {vault_name}.")
    return found


def point_called(place: Place, arn: str) -> Point | None:
    """The point with that ARN in any vault, or None."""
    return next((vault.points[arn] for vault in place.vaults.values() if arn in vault.points), None)


def filled(place: Place, point: Point) -> bool:
    """Whether a backup job runs that makes the point, or brings it up to date."""
    running = place.backup_jobs.get(place.running.get(point.resource_arn, ""))
    return running is not None and running.point_arn == point.arn


def new_arn(cloud: Cloud, place: Place, shape: str, source: str, job: str) -> str:
    """The ARN of a new point, of a shape as in `kinds.shaped`; no other point of the place has it.

    Those of a cluster tell nothing but their second: where that is taken, it is the next one.
    """
    now, bits = cloud.clock.now(), cloud.random.getrandbits(128)
    while True:
        arn = shaped(shape, place=place.address, source=source, job=job, now=now, bits=bits)
        if not shape.endswith("/{name}-{stamp}") or point_called(place, arn) is None:
            return arn
        now += _SECOND


def put(cloud: Cloud, place: Place, point: Point) -> None:
    """Put a new point into its vault."""
    cloud.serial += 1
    point.serial = cloud.serial
    place.vaults[point.vault_name].points[point.arn] = point
    place.points_of.setdefault(point.resource_arn, {})[point.arn] = point
    if point.continuous:
        place.continuous[point.resource_arn] = point


def take(place: Place, point: Point) -> None:
    """Take a point out, for good; one that is gone already stays gone."""
    vault = place.vaults.get(point.vault_name)
    if vault is not None:
        vault.points.pop(point.arn, None)
    of_resource = place.points_of.get(point.resource_arn, {})
    of_resource.pop(point.arn, None)
    if not of_resource:
        place.points_of.pop(point.resource_arn, None)
    if place.continuous.get(point.resource_arn) is point:
        del place.continuous[point.resource_arn]
    if place.indexes:
        place.indexes.pop(point.arn, None)
    if place.scanned:
        place.scanned.pop(point.arn, None)
    for hold_id in point.holds:
        hold = place.legal_holds.get(hold_id)
        if hold is not None:
            hold.points.pop(point.arn, None)
