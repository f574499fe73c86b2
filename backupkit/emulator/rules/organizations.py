"""Which accounts belong together, who manages them, and whose records an account may see.

Accounts that were put into no organization form one of their own, in which each counts as the management account, as
long as `Choices.manages_organization` says so; otherwise they belong to none.

Sources: the botocore model of the global settings and of the job lists, and the developer guide's page on managing
several accounts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Organization, RegionScope

__all__ = ["IMPLIED_ID", "administers", "identifier", "managing", "path", "related", "scopes", "settings"]

IMPLIED_ID = "o-backupkit00"
"""The id of the organization of all accounts that were put into none."""
_IMPLIED_ROOT = "r-bk00"


def _organization(simulation: Simulation, account_id: str) -> Organization | None:
    account = simulation.accounts.get(account_id)
    return account.organization if account is not None else None


def identifier(simulation: Simulation, account_id: str) -> str | None:
    """The id of the account's organization; None outside of any."""
    org = _organization(simulation, account_id)
    if org is not None:
        return org.id
    return IMPLIED_ID if simulation.choices.manages_organization else None


def path(simulation: Simulation, account_id: str) -> str | None:
    """Where in its organization the account is, as ``o-id/r-id/ou-id/``; None outside of any."""
    org = _organization(simulation, account_id)
    if org is None:
        return f"{IMPLIED_ID}/{_IMPLIED_ROOT}/" if simulation.choices.manages_organization else None
    units = org.units.get(account_id, "")
    return "/".join([org.id, org.root_id, *units.split("/")] if units else [org.id, org.root_id]) + "/"


def related(simulation: Simulation, one: str, other: str) -> bool:
    """Whether both accounts are members of the same organization."""
    return identifier(simulation, one) is not None and identifier(simulation, one) == identifier(simulation, other)


def managing(simulation: Simulation, account_id: str) -> str | None:
    """The management account of the account's organization; None outside of any."""
    org = _organization(simulation, account_id)
    if org is not None:
        return org.management
    return account_id if simulation.choices.manages_organization else None


def administers(simulation: Simulation, account_id: str) -> bool:
    """Whether the account sees what the others of its organization do: it manages it, or is a delegated one."""
    if managing(simulation, account_id) == account_id:
        return True
    org = _organization(simulation, account_id)
    if org is None or account_id not in org.delegated:
        return False
    wanted = simulation.choices.delegated_administrators_need_setting
    return not wanted or settings(simulation, account_id).get("isDelegatedAdministratorEnabled") == "true"


def settings(simulation: Simulation, account_id: str) -> Mapping[str, str]:
    """The global settings that hold for the account; empty outside of any organization."""
    manager = simulation.accounts.get(managing(simulation, account_id) or "")
    return manager.global_settings if manager is not None else {}


def scopes(simulation: Simulation, scope: RegionScope, wanted: str | None) -> list[RegionScope]:
    """Whose records a list shows, all in the caller's Region.

    Args:
        simulation: The whole simulation.
        scope: Where the call was made.
        wanted: An account's id, or ``*`` for every one that the caller may see; None: the caller's own.
    """
    if wanted is None or wanted == scope.account_id:
        return [scope]
    if not administers(simulation, scope.account_id):
        return [scope] if wanted == "*" else []
    return [there for there in _members(simulation, scope) if wanted in {"*", there.account_id}]


def _members(simulation: Simulation, scope: RegionScope) -> Iterator[RegionScope]:
    for there in simulation.scopes.values():
        if there.region_name == scope.region_name and related(simulation, there.account_id, scope.account_id):
            yield there
