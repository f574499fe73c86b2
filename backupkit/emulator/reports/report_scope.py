"""Which accounts and Regions a report covers.

Sources: the botocore model of ReportSetting, and the developer guide's page on audit reports: every account may report
on all its Regions, management and delegated administrator accounts on other accounts, too.
"""

from __future__ import annotations

from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, RegionScope
from backupkit.emulator.rules import organizations

__all__ = ["across_accounts", "across_regions", "beyond", "covered"]

_EVERYONE = "ROOT"


def across_accounts(setting: Document) -> bool:
    """Whether the setting asks for other accounts."""
    return bool(setting.get("Accounts") or setting.get("OrganizationUnits"))


def beyond(scope: RegionScope, setting: Document) -> bool:
    """Whether the setting asks for more than the plan's own account and Region."""
    return across_accounts(setting) or across_regions(scope, setting)


def across_regions(scope: RegionScope, setting: Document) -> bool:
    """Whether the setting asks for other Regions than the plan's own."""
    return set(setting.get("Regions") or [scope.region_name]) != {scope.region_name}


def covered(simulation: Simulation, scope: RegionScope, setting: Document) -> list[RegionScope]:
    """The places that the report is about, by account and Region; names of none are passed over."""
    regions: list[str] = setting.get("Regions") or [scope.region_name]
    found = [
        there
        for there in simulation.scopes.values()
        if ("*" in regions or there.region_name in regions) and _asked_for(simulation, scope, setting, there.account_id)
    ]
    return sorted(found, key=lambda there: (there.account_id, there.region_name))


def _asked_for(simulation: Simulation, scope: RegionScope, setting: Document, account_id: str) -> bool:
    if not across_accounts(setting):
        return account_id == scope.account_id
    # An account that lost its office reports on itself alone.
    if not organizations.related(simulation, account_id, scope.account_id):
        return False
    if account_id != scope.account_id and not organizations.administers(simulation, scope.account_id):
        return False
    accounts: list[str] = setting.get("Accounts") or []
    above = (organizations.path(simulation, account_id) or "").split("/")[1:]
    units = {*accounts, *(setting.get("OrganizationUnits") or [])}
    return account_id in accounts or _EVERYONE in units or not units.isdisjoint(above)
