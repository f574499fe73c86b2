"""Legal holds and tiering, as AWS reports them."""

from __future__ import annotations

from backupkit.observe.record import Moment, Record

__all__ = ["DateRange", "HoldSelection", "LegalHold", "TieringConfiguration", "TieringSelection"]


class DateRange(Record, frozen=True):
    """From when to when points are held."""

    from_date: Moment | None = None
    to_date: Moment | None = None


class HoldSelection(Record, frozen=True):
    """Which points a legal hold keeps."""

    vault_names: list[str] | None = None
    resource_identifiers: list[str] | None = None
    date_range: DateRange | None = None


class LegalHold(Record, frozen=True):
    """A legal hold: its points cannot be deleted."""

    title: str | None = None
    status: str | None = None
    description: str | None = None
    legal_hold_id: str | None = None
    legal_hold_arn: str | None = None
    creation_date: Moment | None = None
    cancellation_date: Moment | None = None
    cancel_description: str | None = None
    retain_record_until: Moment | None = None
    recovery_point_selection: HoldSelection | None = None


class TieringSelection(Record, frozen=True):
    """Which resources go to the low-cost tier, and after how many days."""

    resources: list[str] | None = None
    tiering_down_settings_in_days: int | None = None
    resource_type: str | None = None


class TieringConfiguration(Record, frozen=True):
    """When the points of a vault go to the low-cost tier."""

    tiering_configuration_arn: str | None = None
    tiering_configuration_name: str | None = None
    backup_vault_name: str | None = None
    creation_time: Moment | None = None
    last_updated_time: Moment | None = None
    resource_selection: list[TieringSelection] | None = None
    creator_request_id: str | None = None
