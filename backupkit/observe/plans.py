"""Plans and selections, as AWS reports them."""

from __future__ import annotations

from backupkit.observe.record import Document, Moment, Record

__all__ = ["AdvancedBackupSetting", "Plan", "PlanTemplate", "ScheduledRun", "Selection"]


class AdvancedBackupSetting(Record, frozen=True):
    """Options for the backups of one resource type, for example ``WindowsVSS``."""

    resource_type: str | None = None
    backup_options: dict[str, str] | None = None


class ScheduledRun(Record, frozen=True):
    """A coming run of a rule."""

    execution_time: Moment | None = None
    rule_id: str | None = None
    rule_execution_type: str | None = None


class Plan(Record, frozen=True):
    """A plan, or one version of it.

    ``backup_plan`` is its document as AWS keeps it, under the API's own names; lists leave it out.
    """

    backup_plan_arn: str | None = None
    backup_plan_id: str | None = None
    creation_date: Moment | None = None
    deletion_date: Moment | None = None
    version_id: str | None = None
    backup_plan_name: str | None = None
    creator_request_id: str | None = None
    last_execution_date: Moment | None = None
    advanced_backup_settings: list[AdvancedBackupSetting] | None = None
    backup_plan: Document | None = None
    scheduled_runs_preview: list[ScheduledRun] | None = None


class PlanTemplate(Record, frozen=True):
    """A plan that AWS offers as a template."""

    backup_plan_template_id: str | None = None
    backup_plan_template_name: str | None = None


class Selection(Record, frozen=True):
    """A selection of a plan.

    ``backup_selection`` is its document as AWS keeps it, under the API's own names; lists leave it out.
    """

    selection_id: str | None = None
    selection_name: str | None = None
    backup_plan_id: str | None = None
    creation_date: Moment | None = None
    creator_request_id: str | None = None
    iam_role_arn: str | None = None
    backup_selection: Document | None = None
