"""All points of a resource, wherever they may be read: the first step of a recovery."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import attrs

from backupkit import observe
from backupkit.arn import Arn
from backupkit.errors import AccessDeniedError, RejectedError
from backupkit.recover.caller import Caller
from backupkit.recover.points import RecoveryPoints
from backupkit.recover.recovery_point import RecoveryPoint
from backupkit.recover.region_vaults import RegionVaults
from backupkit.transport.protocol import Params

__all__ = ["Candidates", "candidates"]


@attrs.frozen
class Candidates:
    """The points of one resource in one Region.

    Args:
        resource_arn: Whose points.
        points: Each once, in no order.
        unreadable_vaults: Names of vaults whose points could not be listed; a newer point may lie in one of them.
        region_name: The Region that was asked.
        account_id: The account that was asked; empty where no vault of it tells.
    """

    resource_arn: str
    points: tuple[RecoveryPoint, ...]
    unreadable_vaults: tuple[str, ...] = ()
    region_name: str = ""
    account_id: str = ""

    def newest(self, as_of: datetime | None = None) -> RecoveryPoint:
        """Return the point whose data is whole and newest, of data from before ``as_of``.

        Raises:
            NotFoundError: There is none; says what was seen instead.
        """
        question = self.resource_arn
        if self.unreadable_vaults:
            question += f" (of vaults that may be read; not of {', '.join(self.unreadable_vaults)})"
        if not self.points:
            question += self._where_else()
        return RecoveryPoints(question, lambda: iter(self.points)).latest(as_of=as_of)

    def _where_else(self) -> str:
        """Where else to ask: the resource's own account and Region."""
        home = Arn.parse(self.resource_arn)
        if home.region not in {"", self.region_name}:
            return f' (asked of {self.region_name}; a connection to its own Region is aws.in_region("{home.region}"))'
        if self.account_id and home.account not in {"", self.account_id}:
            return f" (asked of account {self.account_id}; connect to its own account, {home.account})"
        return ""


def candidates(caller: Caller, resource_arn: str) -> Candidates:
    """Return the points of a resource over all vaults.

    The list by resource leaves out copies in the same Region, so each vault is asked as well, also those that other
    accounts share with this one.
    """
    here, own = RegionVaults(caller), list(caller.listed("ListBackupVaults", observe.Vault, {}))
    shared = list(here.shared.values())
    found: dict[str | None, RecoveryPoint] = {}
    unreadable: list[str] = []
    for vault, owner in (*((vault, _account(vault)) for vault in shared), *((vault, None) for vault in own)):
        name, holder = vault.backup_vault_name or "", attrs.evolve(caller, vault_account_id=owner)
        where: Params = {"BackupVaultName": name, "ByResourceArn": resource_arn, "BackupVaultAccountId": owner}
        try:
            for point in holder.listed("ListRecoveryPointsByBackupVault", RecoveryPoint, where):
                found[point.recovery_point_arn] = point
        except (AccessDeniedError, RejectedError):
            unreadable.append(name)
    for point in _by_resource(caller, resource_arn):
        found.setdefault(point.recovery_point_arn, point)
    return Candidates(
        resource_arn,
        tuple(found.values()),
        tuple(unreadable),
        caller.transport.region_name,
        _account(own[0]) if own else here.account_id or "",
    )


def _account(vault: observe.Vault) -> str:
    return Arn.parse(vault.backup_vault_arn or "").account


def _by_resource(caller: Caller, resource_arn: str) -> Iterator[RecoveryPoint]:
    # It tells of points in vaults that may not be read, too; and not everybody who recovers may ask for it.
    try:
        yield from caller.listed("ListRecoveryPointsByResource", RecoveryPoint, {"ResourceArn": resource_arn})
    except AccessDeniedError:
        return
