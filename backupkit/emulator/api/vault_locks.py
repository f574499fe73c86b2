"""Vault locks: governance, which may go; and compliance, which after its grace time may not.

Source: the developer guide's page on Vault Lock and the botocore model of PutBackupVaultLockConfiguration.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NoReturn

from backupkit.emulator.kernel.operations import operation, raise_api_error
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, Lock, RegionScope, Vault
from backupkit.emulator.rules.point_store import vault_called

__all__: list[str] = []

_SOURCE = "botocore model; developer guide, Vault Lock"
_MOST_DAYS = 36_500
_LEAST_GRACE_DAYS = 3


@operation("PutBackupVaultLockConfiguration", source=_SOURCE)
def put(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    """Lock a vault; with ChangeableForDays for good, once those days are over."""
    vault = vault_called(scope, params["BackupVaultName"])
    _check_open(simulation, vault)
    old = vault.lock or Lock()
    kept = Lock() if simulation.choices.lock_put_replaces else old
    least = params.get("MinRetentionDays", kept.min_retention_days)
    most = params.get("MaxRetentionDays", kept.max_retention_days)
    grace = params.get("ChangeableForDays")
    _check_days(least, most, grace)
    vault.lock = Lock(least, most, _locks_at(simulation, old, grace))
    simulation.bus.vault_changed(scope, vault, "MODIFIED")
    return {}


def _locks_at(simulation: Simulation, old: Lock, grace: int | None) -> datetime | None:
    if grace is None:
        return None
    if old.locks_at is not None and not simulation.choices.lock_put_restarts_grace:
        return old.locks_at
    return simulation.clock.now() + timedelta(days=grace)


@operation("DeleteBackupVaultLockConfiguration", source=_SOURCE)
def delete(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    """Take a lock off that may still be taken off."""
    vault = vault_called(scope, params["BackupVaultName"])
    _check_open(simulation, vault)
    if vault.lock is None and not simulation.choices.absent_lock_deletes:
        raise_api_error("ResourceNotFoundException", f"Backup vault {vault.name} has no lock configuration.")
    was, vault.lock = vault.lock, None
    if was is not None:
        simulation.bus.vault_changed(scope, vault, "MODIFIED")
    return {}


def _check_open(simulation: Simulation, vault: Vault) -> None:
    if vault.lock is not None and vault.lock.locks_at is not None and vault.lock.locks_at <= simulation.clock.now():
        raise_api_error(
            "InvalidRequestException",
            f"The lock configuration of backup vault {vault.name} cannot be changed after its lock date.",
        )


def _check_days(least: int | None, most: int | None, grace: int | None) -> None:
    for name, days in (("MinRetentionDays", least), ("MaxRetentionDays", most)):
        if days is not None and not 1 <= days <= _MOST_DAYS:
            _refuse(f"{name} cannot be less than 1 or more than {_MOST_DAYS}")
    if least is not None and most is not None and least > most:
        _refuse("MinRetentionDays cannot be greater than MaxRetentionDays")
    if grace is not None and not _LEAST_GRACE_DAYS <= grace <= _MOST_DAYS:
        _refuse(f"ChangeableForDays cannot be less than {_LEAST_GRACE_DAYS} or more than {_MOST_DAYS}")


def _refuse(text: str) -> NoReturn:
    raise_api_error("InvalidParameterValueException", text)
