"""Accounts among each other, in the words of the control path; the words are those of `backupkit.emulator.accounts`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from backupkit.emulator.http.messages import Unreadable
from backupkit.emulator.model import Identity, Organization
from backupkit.emulator.service import LocalService

__all__ = ["AccountsChange", "apply_accounts", "describe_accounts"]

_Body: TypeAlias = "dict[str, object]"


class _Strict(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A body that may say these words and no others."""


class _Organize(_Strict):
    """Accounts that belong together."""

    members: list[str] = []
    management: str | None = None
    delegated: list[str] = []
    units: dict[str, str] = {}
    organization_id: str | None = None


class _Share(_Strict):
    """A vault of the caller's, and whom it is shared with."""

    vault: str
    with_account: str


class _Credentials(_Strict):
    """Temporary credentials, and who calls with them."""

    access_key_id: str
    caller_arn: str
    user_id: str = ""


class AccountsChange(_Strict):
    """What Organizations, RAM, approvers or STS shall do: one word in each body."""

    organize: _Organize | None = None
    share: _Share | None = None
    unshare: _Share | None = None
    approve: str | None = None
    deny: str | None = None
    credentials: _Credentials | None = None


def apply_accounts(service: LocalService, asked: AccountsChange) -> None:
    """Do what one word says.

    Raises:
        Unreadable: It says none, or several.
        ConfigurationError: It cannot be done; nothing was changed.
    """
    said = [name for name in asked.__struct_fields__ if getattr(asked, name) is not None]
    if len(said) != 1:
        raise Unreadable("body", f"say one of {', '.join(asked.__struct_fields__)}")
    _ACTS[said[0]](service, asked)


def _organize(service: LocalService, asked: AccountsChange) -> None:
    said = asked.organize or _Organize()
    service.accounts.organize(
        *said.members,
        management=said.management,
        delegated=said.delegated,
        units=said.units,
        organization_id=said.organization_id,
    )


def _share(service: LocalService, asked: AccountsChange) -> None:
    if asked.share is not None:
        service.accounts.share(asked.share.vault, with_account=asked.share.with_account)


def _unshare(service: LocalService, asked: AccountsChange) -> None:
    if asked.unshare is not None:
        service.accounts.unshare(asked.unshare.vault, with_account=asked.unshare.with_account)


def _approve(service: LocalService, asked: AccountsChange) -> None:
    service.accounts.approve(asked.approve or "")


def _deny(service: LocalService, asked: AccountsChange) -> None:
    service.accounts.deny(asked.deny or "")


def _admit(service: LocalService, asked: AccountsChange) -> None:
    said = asked.credentials
    if said is not None:
        service.accounts.admit_credentials(said.access_key_id, Identity(said.caller_arn, said.user_id))


_ACTS: dict[str, Callable[[LocalService, AccountsChange], None]] = {
    "organize": _organize,
    "share": _share,
    "unshare": _unshare,
    "approve": _approve,
    "deny": _deny,
    "credentials": _admit,
}


def describe_accounts(service: LocalService) -> _Body:
    """How the accounts of the world are arranged now."""
    simulation = service.simulation
    accounts = [simulation.accounts[account_id] for account_id in sorted(simulation.accounts)]
    found = {id(account.organization): account.organization for account in accounts}
    return {
        "organizations": [
            _organization(each, [account.account_id for account in accounts if account.organization is each])
            for each in found.values()
            if each is not None
        ],
        "shared": {
            vault.arn: sorted(vault.sharing.accounts)
            for scope in simulation.scopes.values()
            for vault in scope.vaults.values()
            if vault.sharing.accounts
        },
        "pending": [
            {"session_arn": each.session_arn, "operation": each.operation, "vault_arn": each.vault_arn}
            for each in service.accounts.pending()
        ],
        "credentials": {
            key: identity.arn for account in accounts for key, identity in sorted(account.credentials.items())
        },
    }


def _organization(told: Organization, members: list[str]) -> _Body:
    return {
        "id": told.id,
        "management": told.management,
        "members": members,
        "delegated": sorted(told.delegated.intersection(members)),
    }
