"""How a report gets to its bucket: through the worlds of this simulation that have buckets."""

from __future__ import annotations

from backupkit.emulator.kernel.resource_protocol import Delivery, World, WorldError
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import RegionScope
from backupkit.emulator.resources.denials import NotAllowedError
from backupkit.emulator.resources.worlds import Worlds

__all__ = ["put"]


def put(simulation: Simulation, scope: RegionScope, bucket: str, key: str, body: bytes) -> str | None:
    """Deliver an object; nothing is put anywhere where no world has the account's buckets.

    Returns:
        Why it could not be delivered, as a sentence; None where it was.
    """
    for world in _worlds(simulation.world):
        try:
            if isinstance(world, Delivery) and world.put_object(
                bucket, key, body, account_id=scope.account_id, region_name=scope.region_name
            ):
                return None
        except NotAllowedError:
            return f"Access denied: the report cannot be put into the S3 bucket {bucket}"
        except WorldError as error:
            return f"The report cannot be delivered to the S3 bucket {bucket}: {error}"
    return None


def _worlds(world: World) -> tuple[World, ...]:
    return (world, *world.others) if isinstance(world, Worlds) else (world,)
