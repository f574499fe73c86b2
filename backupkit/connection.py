"""What `connect()` and `local()` return: one place in AWS or on this machine, and all that can be asked of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Self

import attrs

from backupkit.arn import Arn, arn_or_none
from backupkit.checks import must_be_bools
from backupkit.collections import Plans, ProtectedResources, Vaults
from backupkit.declare.vault_name import VaultOrName
from backupkit.errors import InvalidValueError
from backupkit.neighbours import NO_NEIGHBOURS, Neighbours
from backupkit.observe import decode
from backupkit.problems import Problem, typed
from backupkit.recover.arguments import check_arn, check_vault
from backupkit.recover.backups import Backups
from backupkit.recover.caller import Caller, present
from backupkit.recover.filters import params_of
from backupkit.recover.job_lists import JobLists
from backupkit.recover.point_listing import split_pages
from backupkit.recover.points import RecoveryPoints
from backupkit.recover.recoveries import Recoveries
from backupkit.recover.recovery_point import RecoveryPoint
from backupkit.transport.closable import Closable
from backupkit.transport.paging import Pages
from backupkit.transport.protocol import Clock, Params, Transport, Value
from backupkit.transport.reading import read
from backupkit.transport.unpicklable import Bound

__all__ = ["Connection"]


class Connection(JobLists, Bound, Recoveries, Backups):
    """An AWS Backup: one account in one Region.

    Use it in a ``with`` block, or call `close`. It may be shared by threads.

    Args:
        transport: What answers operations.
        neighbours: The way to the services whose resources are backed up; None: they cannot be looked at.
    """

    def __init__(self, transport: Transport, neighbours: Neighbours | None = None) -> None:
        self._closable = Closable(transport)
        self._caller = Caller(self._closable, neighbours or NO_NEIGHBOURS)

    @property
    def transport(self) -> Transport:
        """What answers operations; once the connection is closed, it refuses them."""
        return self._closable

    @property
    def region_name(self) -> str:
        """The Region, for example ``us-east-1``."""
        return self.transport.region_name

    @property
    def neighbours(self) -> Neighbours:
        """The way to the services whose resources are backed up."""
        return self._caller.neighbours

    @property
    def clock(self) -> Clock:
        """What waiting and retrying go by."""
        return self.transport.clock

    def __enter__(self) -> Self:
        self._closable.check_open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of connections to the service. What is asked afterwards, also of handles, is a ConfigurationError."""
        self._closable.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.region_name!r})"

    def call(self, operation: str, /, **members: Value) -> dict[str, object]:
        """Call any operation of the API under its own names, with retries and backupkit's errors.

        Example:
            ``aws.call("DescribeRegionSettings")["ResourceTypeOptInPreference"]``

        Returns:
            The answer's members; times are epoch seconds, UTC.
        """
        if not isinstance(operation, str):
            what = f"{typed(operation)} is not an operation of AWS Backup"
            raise InvalidValueError(Problem("call", what, "give its name, like ListBackupVaults"))
        return read(self.transport, operation, present(members), decode.document)

    @property
    def vaults(self) -> Vaults:
        """The vaults; iterate, or look one up by name."""
        return Vaults(self._caller)

    @property
    def plans(self) -> Plans:
        """The plans; iterate, or look one up by name or id."""
        return Plans(self._caller)

    @property
    def protected_resources(self) -> ProtectedResources:
        """Resources that have points, deleted ones among them; a resource shows up after its first backup only."""
        return ProtectedResources(self._caller)

    def recovery_points(
        self,
        *,
        vault: VaultOrName | None = None,
        resource: Arn | str | None = None,
        resource_type: str | None = None,
        plan_id: str | None = None,
        created_before: datetime | None = None,
        created_after: datetime | None = None,
        parent: Arn | str | None = None,
        vault_account_id: str | None = None,
        managed_only: bool = True,
    ) -> RecoveryPoints:
        """Recovery points, a page at a time; where answers take long, several pages at once, in no particular order.

        Args:
            vault: In this vault; None: in all vaults, or wherever the resource's points are.
            resource: Of the resource with this ARN. Without a vault AWS then leaves some members out, which the point's
                ``refresh()`` gets.
            resource_type: Of this type, for example ``DynamoDB``.
            plan_id: Made by this plan.
            created_before: Made before this aware moment.
            created_after: Made after this aware moment.
            parent: Below the composite point with this ARN.
            vault_account_id: The account that owns the vault, where it is a shared air-gapped one.
            managed_only: Of one resource in any vault: leave out snapshots that AWS Backup did not make.

        Raises:
            InvalidValueError: A moment has no time zone, an ARN is not one, or a resource type is misspelt.
        """
        must_be_bools("recovery_points", managed_only=managed_only)
        filters = params_of(
            resource=resource,
            resource_type=resource_type,
            plan_id=plan_id,
            created_before=created_before,
            created_after=created_after,
            parent_point=parent,
            vault_account_id=vault_account_id,
        )
        of_resource = {name: filters.pop(name) for name in ("ByResourceArn",) if name in filters}
        caller = attrs.evolve(self._caller, vault_account_id=vault_account_id)
        resource = arn_or_none(resource)
        name = check_vault(vault, "recovery_points/vault")
        where = f"vault {name}" if name else "any vault"
        question = f"{resource} in {where}" if resource else f"{where} with {resource_type or 'any type'}"
        split = {word: value for word, value in filters.items() if not word.startswith("ByCreated")}
        pages = partial(_point_pages, caller, name, {**split, **of_resource}, created_after, created_before)
        in_full = partial(_each, pages)
        if name is None and resource is not None and not filters:
            found = {"ResourceArn": resource, "ManagedByAWSBackupOnly": True if managed_only else None}
            by_resource = partial(self._caller.paged, "ListRecoveryPointsByResource", RecoveryPoint, found)
            first = partial(_each, by_resource)
            return RecoveryPoints(resource, first, in_full=in_full, caller=self._caller, pages=by_resource)
        all_seen = name is None and not filters and not of_resource
        return RecoveryPoints(question, in_full, all_seen=all_seen, caller=self._caller, pages=pages)

    def recovery_point(
        self, arn: Arn | str, *, vault: VaultOrName, vault_account_id: str | None = None
    ) -> RecoveryPoint:
        """One point.

        Args:
            arn: Its ARN.
            vault: The vault that holds it.
            vault_account_id: The account that owns the vault, where it is a shared air-gapped one.

        Raises:
            InvalidValueError: The text is not an ARN.
            NotFoundError: The vault does not hold it.
            AccessDeniedError: Not allowed, or the vault is not there.
        """
        arn = check_arn(arn, "recovery_point")
        name = check_vault(vault, "recovery_point/vault")
        caller = attrs.evolve(self._caller, vault_account_id=vault_account_id)
        params = {"BackupVaultName": name, "RecoveryPointArn": arn, "BackupVaultAccountId": vault_account_id}
        return caller.fetch("DescribeRecoveryPoint", RecoveryPoint, params)


def _point_pages(
    caller: Caller, vault: str | None, filters: Params, after: datetime | None, before: datetime | None
) -> Iterator[list[RecoveryPoint]]:
    names = (vault,) if vault is not None else (held.backup_vault_name for held in Vaults(caller))

    def opened(name: str | None, limits: Params) -> Pages[RecoveryPoint]:
        query = {"BackupVaultName": name, **filters, **limits}
        return caller.paged("ListRecoveryPointsByBackupVault", RecoveryPoint, query)

    return split_pages(names, opened, created_after=after, created_before=before)


def _each(pages: Callable[[], Iterator[list[RecoveryPoint]]]) -> Iterator[RecoveryPoint]:
    return chain.from_iterable(pages())
