"""Frameworks and reports of Audit Manager, as AWS reports them."""

from __future__ import annotations

from backupkit.observe.record import Moment, Record

__all__ = [
    "ControlParameter",
    "ControlScope",
    "Framework",
    "FrameworkControl",
    "ReportDeliveryChannel",
    "ReportDestination",
    "ReportJob",
    "ReportPlan",
    "ReportSetting",
]


class ControlParameter(Record, frozen=True):
    """A parameter of a control; all values are strings."""

    parameter_name: str | None = None
    parameter_value: str | None = None


class ControlScope(Record, frozen=True):
    """What a control looks at."""

    compliance_resource_ids: list[str] | None = None
    compliance_resource_types: list[str] | None = None
    tags: dict[str, str] | None = None


class FrameworkControl(Record, frozen=True):
    """A control of a framework."""

    control_name: str | None = None
    control_input_parameters: list[ControlParameter] | None = None
    control_scope: ControlScope | None = None


class Framework(Record, frozen=True):
    """A framework."""

    framework_name: str | None = None
    framework_arn: str | None = None
    framework_description: str | None = None
    number_of_controls: int | None = None
    creation_time: Moment | None = None
    deployment_status: str | None = None
    framework_controls: list[FrameworkControl] | None = None
    framework_status: str | None = None
    idempotency_token: str | None = None


class ReportSetting(Record, frozen=True):
    """What a report covers."""

    report_template: str | None = None
    framework_arns: list[str] | None = None
    number_of_frameworks: int | None = None
    accounts: list[str] | None = None
    organization_units: list[str] | None = None
    regions: list[str] | None = None


class ReportDeliveryChannel(Record, frozen=True):
    """Where reports go."""

    s3_bucket_name: str | None = None
    s3_key_prefix: str | None = None
    formats: list[str] | None = None


class ReportPlan(Record, frozen=True):
    """A report plan."""

    report_plan_arn: str | None = None
    report_plan_name: str | None = None
    report_plan_description: str | None = None
    report_setting: ReportSetting | None = None
    report_delivery_channel: ReportDeliveryChannel | None = None
    deployment_status: str | None = None
    creation_time: Moment | None = None
    last_attempted_execution_time: Moment | None = None
    last_successful_execution_time: Moment | None = None


class ReportDestination(Record, frozen=True):
    """Where a report went."""

    s3_bucket_name: str | None = None
    s3_keys: list[str] | None = None


class ReportJob(Record, frozen=True):
    """The making of one report."""

    report_job_id: str | None = None
    report_plan_arn: str | None = None
    report_template: str | None = None
    creation_time: Moment | None = None
    completion_time: Moment | None = None
    status: str | None = None
    status_message: str | None = None
    report_destination: ReportDestination | None = None
