"""Protected resources and the settings of an account, as AWS reports them."""

from __future__ import annotations

from backupkit.observe.record import Moment, Record

__all__ = ["GlobalSettings", "ProtectedResource", "RegionSettings", "SupportedResourceTypes"]


class ProtectedResource(Record, frozen=True):
    """A resource that has, or had, a recovery point."""

    resource_arn: str | None = None
    resource_type: str | None = None
    last_backup_time: Moment | None = None
    resource_name: str | None = None
    last_backup_vault_arn: str | None = None
    last_recovery_point_arn: str | None = None
    latest_restore_execution_time_minutes: int | None = None
    latest_restore_job_creation_date: Moment | None = None
    latest_restore_recovery_point_creation_date: Moment | None = None


class SupportedResourceTypes(Record, frozen=True):
    """The type strings that AWS Backup knows in a Region; the list grows."""

    resource_types: list[str] | None = None


class RegionSettings(Record, frozen=True):
    """Which resource types an account opted in to, and which AWS Backup manages fully."""

    resource_type_opt_in_preference: dict[str, bool] | None = None
    resource_type_management_preference: dict[str, bool] | None = None
    resource_type_opt_in_incremental: dict[str, bool] | None = None


class GlobalSettings(Record, frozen=True):
    """The settings of an organization; values are the strings ``true`` and ``false``."""

    global_settings: dict[str, str] | None = None
    last_update_time: Moment | None = None
