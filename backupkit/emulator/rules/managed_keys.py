"""The key ``aws/backup`` that AWS manages in each account and Region."""

from __future__ import annotations

import uuid
from functools import lru_cache

from backupkit.emulator.model import RegionScope

__all__ = ["managed_key_arn", "managed_key_of"]

_KEYS_SPACE = uuid.UUID("7d3c1c59-6a27-4f0e-9c35-2f6f5d1b8f0a")


def managed_key_arn(scope: RegionScope) -> str:
    """Return the key ``aws/backup`` that AWS manages in a place; always the same one."""
    return managed_key_of(scope.partition, scope.region_name, scope.account_id)


@lru_cache(maxsize=256)
def managed_key_of(partition: str, region_name: str, account_id: str) -> str:
    """Return the same for an account and a Region."""
    key = uuid.uuid5(_KEYS_SPACE, f"{account_id}/{region_name}")
    return f"arn:{partition}:kms:{region_name}:{account_id}:key/{key}"
