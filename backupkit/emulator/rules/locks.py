"""What a vault's lock says of a retention."""

from __future__ import annotations

from backupkit.emulator.model import Lock, Vault

__all__ = ["lock_state", "outside"]


def lock_state(vault: Vault | None) -> str | None:
    """Whether the vault is locked, in AWS's words; None where there is no vault."""
    if vault is None:
        return None
    return "LOCKED" if vault.lock is not None else "UNLOCKED"


def outside(lock: Lock | None, days: int | None) -> bool:
    """Whether a retention of ``days`` (None: forever) breaks the lock."""
    if lock is None:
        return False
    too_short = days is not None and lock.min_retention_days is not None and days < lock.min_retention_days
    too_long = lock.max_retention_days is not None and (days is None or days > lock.max_retention_days)
    return too_short or too_long
