"""The settings of a new Region, by resource type, as the catalog has them.

Sources: the botocore model of GetSupportedResourceTypes, and the developer guide (two more types, opt-in defaults).
"""

from __future__ import annotations

from backupkit.catalog import TYPES

__all__ = ["default_incremental", "default_management", "default_opt_in", "supported_types"]


def supported_types() -> tuple[str, ...]:
    """Return the types that AWS Backup supports, in the order of their names."""
    return tuple(sorted(TYPES))


def default_opt_in() -> dict[str, bool]:
    """Return a new Region's ResourceTypeOptInPreference."""
    return {name: TYPES[name].opted_in for name in supported_types()}


def default_management() -> dict[str, bool]:
    """Return a new Region's ResourceTypeManagementPreference: on for every type that has the setting."""
    return {name: True for name in supported_types() if TYPES[name].management_setting}


def default_incremental() -> dict[str, bool]:
    """Return a new Region's ResourceTypeOptInIncremental: none, until somebody asks for it."""
    return {name: False for name in supported_types() if TYPES[name].incremental_setting}
