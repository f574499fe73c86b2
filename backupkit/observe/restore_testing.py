"""Restore testing, as AWS reports it."""

from __future__ import annotations

from backupkit.observe.record import Moment, Record

__all__ = [
    "InferredMetadata",
    "KeyValue",
    "PointSelection",
    "ResourceConditions",
    "RestoreTestingPlan",
    "RestoreTestingSelection",
]


class PointSelection(Record, frozen=True):
    """Which recovery points a restore testing plan draws from; the window is in days."""

    algorithm: str | None = None
    exclude_vaults: list[str] | None = None
    include_vaults: list[str] | None = None
    recovery_point_types: list[str] | None = None
    selection_window_days: int | None = None


class RestoreTestingPlan(Record, frozen=True):
    """A restore testing plan; the start window is in hours."""

    creation_time: Moment | None = None
    last_execution_time: Moment | None = None
    last_update_time: Moment | None = None
    restore_testing_plan_arn: str | None = None
    restore_testing_plan_name: str | None = None
    schedule_expression: str | None = None
    schedule_expression_timezone: str | None = None
    start_window_hours: int | None = None
    creator_request_id: str | None = None
    recovery_point_selection: PointSelection | None = None


class KeyValue(Record, frozen=True):
    """A tag condition of a restore testing selection."""

    key: str | None = None
    value: str | None = None


class ResourceConditions(Record, frozen=True):
    """The tag conditions of a restore testing selection."""

    string_equals: list[KeyValue] | None = None
    string_not_equals: list[KeyValue] | None = None


class RestoreTestingSelection(Record, frozen=True):
    """A restore testing selection; the validation window is in hours."""

    creation_time: Moment | None = None
    iam_role_arn: str | None = None
    protected_resource_type: str | None = None
    restore_testing_plan_name: str | None = None
    restore_testing_selection_name: str | None = None
    validation_window_hours: int | None = None
    creator_request_id: str | None = None
    protected_resource_arns: list[str] | None = None
    protected_resource_conditions: ResourceConditions | None = None
    restore_metadata_overrides: dict[str, str] | None = None


class InferredMetadata(Record, frozen=True):
    """What AWS would start a test restore of a point with. Never printed: it may name secrets."""

    inferred_metadata: dict[str, str] | None = None
