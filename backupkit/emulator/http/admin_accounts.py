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


def apply_accounts(service: LocalService, change: AccountsChange) -> None:
    """Do what one word says.

    Raises:
        Unreadable: It says none, or several.
        ConfigurationError: It cannot be done; nothing was changed.
    """
    given = [name for name in change.__struct_fields__ if getattr(change, name) is not None]
    if len(given) != 1:
        raise Unreadable("body", f"say one of {', '.join(change.__struct_fields__)}")
    _ACTS[given[0]](service, change)


def _organize(service: LocalService, change: AccountsChange) -> None:
    given = change.organize or _Organize()
    service.accounts.organize(
        *given.members,
        management=given.management,
        delegated=given.delegated,
        units=given.units,
        organization_id=given.organization_id,
    )


def _share(service: LocalService, change: AccountsChange) -> None:
    if change.share is not None:
        service.accounts.share(change.share.vault, with_account=change.share.with_account)


def _unshare(service: LocalService, change: AccountsChange) -> None:
    if change.unshare is not None:
        service.accounts.unshare(change.unshare.vault, with_account=change.unshare.with_account)


def _approve(service: LocalService, change: AccountsChange) -> None:
    service.accounts.approve(change.approve or "")


def _deny(service: LocalService, change: AccountsChange) -> None:
    service.accounts.deny(change.deny or "")


def _admit(service: LocalService, change: AccountsChange) -> None:
    given = change.credentials
    if given is not None:
        service.accounts.admit_credentials(given.access_key_id, Identity(given.caller_arn, given.user_id))


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


def _organization(org: Organization, members: list[str]) -> _Body:
    return {
        "id": org.id,
        "management": org.management,
        "members": members,
        "delegated": sorted(org.delegated.intersection(members)),
    }
