"""Settings of a Region and of an organization.

Source: the botocore model of the settings operations. Both updates merge: what is left out stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from backupkit.emulator.kernel.operations import operation, raise_invalid_request, raise_invalid_value
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Account, Document, RegionScope
from backupkit.emulator.model.scopes import default_incremental, default_management, supported_types
from backupkit.emulator.rules import organizations

__all__: list[str] = []

_GLOBAL = ("isCrossAccountBackupEnabled", "isDelegatedAdministratorEnabled", "isMpaEnabled")

_UNKNOWN_TYPE = (
    "Element present in resource type {of} preference has invalid values. "
    "Please use describeRegionSettings API to know the supported resource types"
)


@operation("GetSupportedResourceTypes")
def supported(simulation: Simulation, scope: RegionScope, params: Document) -> Document:  # noqa: ARG001 - the shape of a handler
    """The resource types that can be backed up."""
    return {"ResourceTypes": list(supported_types())}


@operation("DescribeRegionSettings")
def describe_region(simulation: Simulation, scope: RegionScope, params: Document) -> Document:  # noqa: ARG001 - as above
    """Which types the Region is opted in to, which AWS Backup manages in full, and which it backs up incrementally."""
    return {
        "ResourceTypeOptInPreference": scope.opt_in,
        "ResourceTypeManagementPreference": scope.management,
        "ResourceTypeOptInIncremental": scope.incremental,
    }


@operation("UpdateRegionSettings", missing="what incremental backups of DynamoDB save")
def update_region(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    """Opt in or out of types."""
    opt_in = params.get("ResourceTypeOptInPreference", {})
    management = params.get("ResourceTypeManagementPreference", {})
    _check_types(opt_in, supported_types(), "opt in")
    _check_types(management, default_management(), "management")
    incremental = params.get("ResourceTypeOptInIncremental", {})
    _check_types(incremental, default_incremental(), "opt in incremental")
    scope.opt_in.update(opt_in)
    scope.management.update(management)
    scope.incremental.update(incremental)
    if opt_in:
        simulation.bus.opt_in_changed(scope, opt_in)
    return {}


def _check_types(given: Mapping[str, bool], known: Iterable[str], of: str) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise_invalid_value(_UNKNOWN_TYPE.format(of=of))


@operation("DescribeGlobalSettings")
def describe_global(simulation: Simulation, scope: RegionScope, params: Document) -> Document:  # noqa: ARG001 - as above
    """The settings of the account's organization; every member may read them."""
    manager = organizations.managing(simulation, scope.account_id)
    if manager is None:
        raise_invalid_request("The account is not a member of an organization")
    account = simulation.accounts.get(manager) or Account(manager)
    return {
        "GlobalSettings": {**dict.fromkeys(_GLOBAL, "false"), **account.global_settings},
        "LastUpdateTime": account.settings_updated,
    }


@operation("UpdateGlobalSettings", missing="the 15 minutes that switching off may take: it counts at once")
def update_global(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    """Change the settings of the account's organization, which its management account alone may."""
    if organizations.managing(simulation, scope.account_id) != scope.account_id:
        raise_invalid_request("The account is not the management account of an organization")
    given = params.get("GlobalSettings", {})
    for name, value in given.items():
        if name not in _GLOBAL or value not in {"true", "false"}:
            raise_invalid_value(f"Invalid global setting {name}: {value}")
    account = simulation.account(scope.account_id)
    account.global_settings.update(given)
    account.settings_updated = simulation.clock.now()
    return {}
