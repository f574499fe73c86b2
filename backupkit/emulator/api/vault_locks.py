"""Vault locks: governance, which may go; and compliance, which after its grace time may not.

Source: the developer guide's page on Vault Lock and the botocore model of PutBackupVaultLockConfiguration.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NoReturn

from backupkit.emulator.kernel.operations import answers, refuse
from backupkit.emulator.kernel.simulation import Cloud
from backupkit.emulator.model import Document, Lock, Place, Vault
from backupkit.emulator.rules.point_store import vault_called

__all__: list[str] = []

_SOURCE = "botocore model; developer guide, Vault Lock"
_MOST_DAYS = 36_500
_LEAST_GRACE_DAYS = 3


@answers("PutBackupVaultLockConfiguration", source=_SOURCE)
def put(cloud: Cloud, place: Place, params: Document) -> Document:
    """Lock a vault; with ChangeableForDays for good, once those days are over."""
    vault = vault_called(place, params["BackupVaultName"])
    _check_open(cloud, vault)
    old = vault.lock or Lock()
    kept = Lock() if cloud.choices.lock_put_replaces else old
    least = params.get("MinRetentionDays", kept.min_retention_days)
    most = params.get("MaxRetentionDays", kept.max_retention_days)
    grace = params.get("ChangeableForDays")
    _check_days(least, most, grace)
    vault.lock = Lock(least, most, _locks_at(cloud, old, grace))
    if cloud.news is not None:
        cloud.news.vault(place, vault, "MODIFIED")
    return {}


def _locks_at(cloud: Cloud, old: Lock, grace: int | None) -> datetime | None:
    if grace is None:
        return None
    if old.locks_at is not None and not cloud.choices.lock_put_restarts_grace:
        return old.locks_at
    return cloud.clock.now() + timedelta(days=grace)


@answers("DeleteBackupVaultLockConfiguration", source=_SOURCE)
def delete(cloud: Cloud, place: Place, params: Document) -> Document:
    """Take a lock off that may still be taken off."""
    vault = vault_called(place, params["BackupVaultName"])
    _check_open(cloud, vault)
    if vault.lock is None and not cloud.choices.absent_lock_deletes:
        refuse("ResourceNotFoundException", f"Backup vault {vault.name} has no lock configuration.")
    was, vault.lock = vault.lock, None
    if cloud.news is not None and was is not None:
        cloud.news.vault(place, vault, "MODIFIED")
    return {}


def _check_open(cloud: Cloud, vault: Vault) -> None:
    if vault.lock is not None and vault.lock.locks_at is not None and vault.lock.locks_at <= cloud.clock.now():
        refuse(
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
    refuse("InvalidParameterValueException", text)
