"""Settings of a Region and of an organization.

Source: the botocore model of the settings operations. Both updates merge: what is left out stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from backupkit.emulator.kernel.operations import answers, refuse
from backupkit.emulator.kernel.simulation import Cloud
from backupkit.emulator.model import Account, Document, Place
from backupkit.emulator.model.supported import default_incremental, default_management, supported_types
from backupkit.emulator.rules import organizations

__all__: list[str] = []

_GLOBAL = ("isCrossAccountBackupEnabled", "isDelegatedAdministratorEnabled", "isMpaEnabled")

_UNKNOWN_TYPE = (
    "Element present in resource type {of} preference has invalid values. "
    "Please use describeRegionSettings API to know the supported resource types"
)


@answers("GetSupportedResourceTypes")
def supported(cloud: Cloud, place: Place, params: Document) -> Document:  # noqa: ARG001 - the shape of a handler
    """The resource types that can be backed up."""
    return {"ResourceTypes": list(supported_types())}


@answers("DescribeRegionSettings")
def describe_region(cloud: Cloud, place: Place, params: Document) -> Document:  # noqa: ARG001 - as above
    """Which types the Region is opted in to, which AWS Backup manages in full, and which it backs up incrementally."""
    return {
        "ResourceTypeOptInPreference": place.opt_in,
        "ResourceTypeManagementPreference": place.management,
        "ResourceTypeOptInIncremental": place.incremental,
    }


@answers("UpdateRegionSettings", lacks="what incremental backups of DynamoDB save")
def update_region(cloud: Cloud, place: Place, params: Document) -> Document:
    """Opt in or out of types."""
    opt_in = params.get("ResourceTypeOptInPreference", {})
    management = params.get("ResourceTypeManagementPreference", {})
    _check_types(opt_in, supported_types(), "opt in")
    _check_types(management, default_management(), "management")
    incremental = params.get("ResourceTypeOptInIncremental", {})
    _check_types(incremental, default_incremental(), "opt in incremental")
    place.opt_in.update(opt_in)
    place.management.update(management)
    place.incremental.update(incremental)
    if cloud.news is not None and opt_in:
        cloud.news.region_setting(place, opt_in)
    return {}


def _check_types(given: Mapping[str, bool], known: Iterable[str], of: str) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown:
        refuse("InvalidParameterValueException", _UNKNOWN_TYPE.format(of=of))


@answers("DescribeGlobalSettings")
def describe_global(cloud: Cloud, place: Place, params: Document) -> Document:  # noqa: ARG001 - as above
    """The settings of the account's organization; every member may read them."""
    manager = organizations.managing(cloud, place.account_id)
    if manager is None:
        refuse("InvalidRequestException", "The account is not a member of an organization")
    account = cloud.accounts.get(manager) or Account(manager)
    return {
        "GlobalSettings": {**dict.fromkeys(_GLOBAL, "false"), **account.global_settings},
        "LastUpdateTime": account.settings_updated,
    }


@answers("UpdateGlobalSettings", lacks="the 15 minutes that switching off may take: it counts at once")
def update_global(cloud: Cloud, place: Place, params: Document) -> Document:
    """Change the settings of the account's organization, which its management account alone may."""
    if organizations.managing(cloud, place.account_id) != place.account_id:
        refuse("InvalidRequestException", "The account is not the management account of an organization")
    given = params.get("GlobalSettings", {})
    for name, value in given.items():
        if name not in _GLOBAL or value not in {"true", "false"}:
            refuse("InvalidParameterValueException", f"Invalid global setting {name}: {value}")
    account = cloud.account(place.account_id)
    account.global_settings.update(given)
    account.settings_updated = cloud.clock.now()
    return {}
