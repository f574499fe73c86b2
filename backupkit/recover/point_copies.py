"""Copies of a point to other vaults, accounts and Regions, and its way back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from backupkit.arn import ROLE, Arn
from backupkit.checks import listed, must_be_bools, optional, whole
from backupkit.declare.lifecycle import FOREVER
from backupkit.declare.names import MAX_DAYS
from backupkit.declare.vault_name import VaultOrName, is_vault_name, vault_name_or_none
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, located, quote
from backupkit.recover.caller import caller_at
from backupkit.recover.copy_job import CopyJob
from backupkit.recover.point_handle import PointHandle
from backupkit.transport.connected import Connected

if TYPE_CHECKING:
    from backupkit.recover.copy_preview import CopyPreview
    from backupkit.recover.point_return import ReturnPreview

__all__ = ["PointCopies"]


class PointCopies(PointHandle):
    """A base of the handle of points."""

    __slots__ = ()

    def preview_copy(
        self,
        vault: Arn | str,
        *,
        keep_days: int | None = None,
        cold_after_days: int | None = None,
        role: Arn | str | None = None,
        destination: Connected | None = None,
    ) -> CopyPreview:
        """Show what stands against a copy of the point: type, storage, destination, organization, policies, keys, lock.

        Args:
            vault: The ARN of the vault that takes the copy, in any Region or account.
            keep_days: Days from the creation of this point to the deletion of the copy. None: as long as this point.
            cold_after_days: Days in warm storage.
            role: The ARN of the role AWS Backup takes on. None: the one that made the point, or the account's default
                one where that is another account's.
            destination: A connection to the account and Region of the vault, through which the other side is looked at.
                None: only what this side tells is known, unless the vault is of this account and Region.

        Returns:
            The preview; its ``apply()`` starts the job.

        Raises:
            InvalidValueError: A day number that AWS would refuse, or a destination that is not the vault's.
        """
        return self._preview_copy(vault, keep_days, cold_after_days, role, destination, where="preview_copy")

    def _preview_copy(
        self,
        vault: Arn | str,
        keep_days: int | None,
        cold_after_days: int | None,
        role: Arn | str | None,
        destination: Connected | None,
        *,
        where: str,
        preflight: bool = True,
    ) -> CopyPreview:
        from backupkit.recover.copy_preview import check_copy, preview_copy  # noqa: PLC0415 - copies are points again

        must_be_bools(where, preflight=preflight)
        arn, role = check_copy(vault, keep_days=keep_days, cold_after_days=cold_after_days, role=role, where=where)
        point = self._point
        enough = point.says_enough and point.backup_vault_arn is not None and not preflight
        return preview_copy(
            self._caller,
            point if enough else point.refresh(),
            arn,
            keep_days=keep_days,
            cold_after_days=cold_after_days,
            role=role,
            destination=None if destination is None else caller_at(destination, f"{where}/destination"),
            preflight=preflight,
        )

    def copy_to(
        self,
        vault: Arn | str,
        *,
        keep_days: int | None = None,
        cold_after_days: int | None = None,
        role: Arn | str | None = None,
        destination: Connected | None = None,
        preflight: bool = True,
        token: str | None = None,
    ) -> CopyJob:
        """Start copying the point to the vault with this ARN. AWS cannot copy cold or continuous points on demand.

        Args:
            vault: In any Region or account.
            keep_days: Days from the creation of this point to the deletion of the copy. None: as long as this point.
            cold_after_days: Days in warm storage.
            role: The ARN of the role AWS Backup takes on. None: the one that made the point, or the account's default
                one where that is another account's.
            destination: A connection to the account and Region of the vault, through which the other side is looked at.
            preflight: Whether what stands against the copy is looked at first, as `preview_copy` shows it.
            token: Calls with one token start one job. None: a new one for this call, kept over its retries.

        Returns:
            The job; its ``wait()`` tells how it ends, its ``wait_at(destination)`` gives the copy on the other side.

        Raises:
            PreflightError: What was looked at beforehand stands against it; nothing was sent.
            InvalidValueError: A day number that AWS would refuse; nothing was sent.
        """
        preview = self._preview_copy(
            vault, keep_days, cold_after_days, role, destination, where="copy_to", preflight=preflight
        )
        return preview.apply(token=token)

    def preview_return(
        self,
        *,
        to: Connected,
        connections: Iterable[Connected] = (),
        vault: VaultOrName | None = None,
        keep_days: int | None = None,
        roles: Mapping[str, Arn | str] | None = None,
    ) -> ReturnPreview:
        """Show the way of the point to where it can be restored: the fewest copies that AWS takes.

        A point in an air-gapped vault that is shared with the account, or behind its restore access vault, needs none.

        Args:
            to: A connection to the account and Region where it is to be restored.
            connections: Connections to the other accounts and Regions that it may go through. The point's own is always
                among them.
            vault: The vault that takes the last copy, or its name. None: one that can.
            keep_days: Days from the creation of the point to the deletion of each copy. None: as long as this point.
            roles: The ARN of the role that AWS Backup takes on, by the id of the account that a copy starts in. None:
                the one that made the point in its own account, elsewhere the account's default one.

        Returns:
            The preview; its ``apply()`` makes the copies, and the same again after a kill takes up what there is.

        Raises:
            InvalidValueError: Something is not a connection or a role.
        """
        from backupkit.recover.point_return import preview_return  # noqa: PLC0415 - copies are points again

        name = vault_name_or_none(vault)
        found = [
            *located("preview_return/vault", optional(is_vault_name)(name)),
            *located("preview_return/keep_days", optional(whole(1, MAX_DAYS, "days", also=FOREVER))(keep_days)),
            *located("preview_return", _role_map(roles)),
        ]
        if found:
            raise InvalidValueError(found)
        others = listed(connections, "preview_return/connections")
        callers = [self._caller, *(caller_at(each, "preview_return/connections") for each in others)]
        target = caller_at(to, "preview_return/to")
        return preview_return(
            self._point.refresh(), target, callers, vault=name, keep_days=keep_days, roles=roles or {}
        )


def _role_map(roles: object) -> Iterator[Problem]:
    """What is wrong with roles by their accounts."""
    if roles is not None and not isinstance(roles, Mapping):
        what = f"{quote(roles)} is not a mapping of account ids to roles"
        yield Problem("roles", what, f'give {{"123456789012": "{ROLE.example}"}}')
