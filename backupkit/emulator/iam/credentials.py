"""Who calls with temporary credentials: those told to the local service, and those that moto's STS gave out."""

from __future__ import annotations

import sys
from typing import Any

from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Identity

__all__ = ["known", "lent_by_moto"]

_SHORTEST = 16


def known(simulation: Simulation, access_key_id: str) -> Identity | None:
    """Who was told to call with that access key; None where nobody was."""
    for account in simulation.accounts.values():
        if access_key_id in account.credentials:
            return account.credentials[access_key_id]
    return None


def lent_by_moto(access_key_id: str) -> Identity | None:
    """Whose role moto's STS lent that access key for, in this process; None where moto did not, or is not there."""
    models: Any = sys.modules.get("moto.sts.models")
    if models is None or len(access_key_id) < _SHORTEST:
        return None
    for partitions in list(models.sts_backends.values()):
        for backend in list(partitions.values()):
            role = backend.get_assumed_role_from_access_key(access_key_id)
            if role is not None:
                return Identity(str(role.arn), str(role.user_id), str(role.role_arn))
    return None
