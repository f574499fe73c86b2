"""Where points stand: in their vaults, and by the resource they were taken of."""

from __future__ import annotations

from datetime import timedelta

from backupkit.arn import Arn
from backupkit.emulator.kernel.kinds import format_arn
from backupkit.emulator.kernel.operations import raise_api_error
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Point, RegionScope, Vault

__all__ = ["add", "filled", "new_arn", "point_called", "point_in", "remove", "vault_at", "vault_called", "vault_of"]

_SECOND = timedelta(seconds=1)


def vault_called(scope: RegionScope, name: str) -> Vault:
    """The vault of that name.

    Raises:
        ApiError: It is not there; AWS answers as if access were denied.
    """
    if name not in scope.vaults:
        raise_api_error("AccessDeniedException", "Insufficient privileges to perform this action.", 403)
    return scope.vaults[name]


def vault_at(simulation: Simulation, arn: Arn) -> Vault | None:
    """The vault with that ARN, in whatever place; None where there is none."""
    there = simulation.place_of(arn)
    return there.vaults.get(arn.name) if there is not None else None


def vault_of(scope: RegionScope, point: Point) -> Vault:
    """The vault that the point is in."""
    return scope.vaults[point.vault_name]


def point_in(scope: RegionScope, vault_name: str, arn: str) -> Point:
    """The point in the vault of that name.

    Raises:
        ApiError: The vault or the point is not there.
    """
    found = vault_called(scope, vault_name).points.get(arn)
    if found is None:
        raise_api_error(
            "ResourceNotFoundException", f"Recovery point {arn} cannot be found in backup vault {vault_name}."
        )
    return found


def point_called(scope: RegionScope, arn: str) -> Point | None:
    """The point with that ARN in any vault, or None."""
    return next((vault.points[arn] for vault in scope.vaults.values() if arn in vault.points), None)


def filled(scope: RegionScope, point: Point) -> bool:
    """Whether a backup job runs that makes the point, or brings it up to date."""
    running = scope.backup_jobs.get(scope.running.get(point.resource_arn, ""))
    return running is not None and running.point_arn == point.arn


def new_arn(simulation: Simulation, scope: RegionScope, shape: str, source: str, job: str) -> str:
    """The ARN of a new point, of a shape as in `kinds.format_arn`; no other point of the place has it.

    Those of a cluster tell nothing but their second: where that is taken, it is the next one.
    """
    now, bits = simulation.clock.now(), simulation.random.getrandbits(128)
    while True:
        arn = format_arn(shape, scope=scope.address, source=source, job=job, now=now, bits=bits)
        if not shape.endswith("/{name}-{stamp}") or point_called(scope, arn) is None:
            return arn
        now += _SECOND


def add(simulation: Simulation, scope: RegionScope, point: Point) -> None:
    """Put a new point into its vault."""
    simulation.serial += 1
    point.serial = simulation.serial
    scope.vaults[point.vault_name].points[point.arn] = point
    of_resource = scope.points_of.get(point.resource_arn)
    if of_resource is None:
        of_resource = scope.points_of[point.resource_arn] = {}
    of_resource[point.arn] = point
    if point.continuous:
        scope.continuous[point.resource_arn] = point


def remove(scope: RegionScope, point: Point) -> None:
    """Take a point out, for good; one that is gone already stays gone."""
    vault = scope.vaults.get(point.vault_name)
    if vault is not None:
        vault.points.pop(point.arn, None)
    of_resource = scope.points_of.get(point.resource_arn)
    if of_resource is not None:
        of_resource.pop(point.arn, None)
        if not of_resource:
            del scope.points_of[point.resource_arn]
    if point.continuous and scope.continuous.get(point.resource_arn) is point:
        del scope.continuous[point.resource_arn]
    if scope.indexes:
        scope.indexes.pop(point.arn, None)
    if scope.scanned:
        scope.scanned.pop(point.arn, None)
    for hold_id in point.holds:
        hold = scope.legal_holds.get(hold_id)
        if hold is not None:
            hold.points.pop(point.arn, None)
