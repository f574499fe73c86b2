"""Whose account restores a point, and the role that AWS Backup takes on there."""

from __future__ import annotations

import attrs

from backupkit import observe
from backupkit.arn import Arn
from backupkit.recover.caller import Caller
from backupkit.recover.region_vaults import RegionVaults

__all__ = ["default_role", "home_of", "own_role"]

_DEFAULT_ROLE = "service-role/AWSBackupDefaultServiceRole"


def home_of(caller: Caller, point: observe.RecoveryPoint) -> Arn:
    """Return where a restore of the point makes something: the ARN of its vault, with the account that restores.

    A vault that another account shares is that account's, and what is restored from it is the caller's. The account is
    empty where nothing tells it.
    """
    vault = Arn.parse(point.backup_vault_arn or point.recovery_point_arn or "")
    if caller.vault_account_id is None:
        return vault
    own = RegionVaults(attrs.evolve(caller, vault_account_id=None)).account_id
    return attrs.evolve(vault, account=own or "")


def default_role(account_id: str, partition: str) -> str:
    """Return the ARN of an account's default role for AWS Backup."""
    return f"arn:{partition}:iam::{account_id}:role/{_DEFAULT_ROLE}"


def own_role(account_id: str, partition: str, *given: str | None) -> str:
    """Return the first of the given roles that is the account's, or its default role for AWS Backup."""
    own = (role for role in given if role is not None and role.split(":")[4:5] == [account_id])
    return next(own, default_role(account_id, partition))
