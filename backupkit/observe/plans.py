"""Plans and selections, as AWS reports them."""

from __future__ import annotations

import msgspec

from backupkit.observe.points import Lifecycle
from backupkit.observe.record import Moment, Record

__all__ = [
    "AdvancedBackupSetting",
    "BackupRule",
    "Condition",
    "ConditionParameter",
    "Conditions",
    "CopyAction",
    "IndexAction",
    "Plan",
    "PlanDocument",
    "PlanTemplate",
    "ScanAction",
    "ScanSetting",
    "ScheduledRun",
    "Selection",
    "SelectionDocument",
]


class AdvancedBackupSetting(Record, frozen=True):
    """Options for the backups of one resource type, for example ``WindowsVSS``."""

    resource_type: str | None = None
    backup_options: dict[str, str] | None = None


class CopyAction(Record, frozen=True):
    """A copy that a rule makes of each point."""

    destination_backup_vault_arn: str | None = None
    lifecycle: Lifecycle | None = None


class IndexAction(Record, frozen=True):
    """The resource types whose points a rule indexes."""

    resource_types: list[str] | None = None


class ScanAction(Record, frozen=True):
    """A malware scan that a rule starts for each point."""

    malware_scanner: str | None = None
    scan_mode: str | None = None


class ScanSetting(Record, frozen=True):
    """Which resource types a plan scans, and with which role."""

    malware_scanner: str | None = None
    resource_types: list[str] | None = None
    scanner_role_arn: str | None = None


class BackupRule(Record, frozen=True):
    """A rule of a plan. Windows are in minutes."""

    rule_name: str | None = None
    target_backup_vault_name: str | None = None
    target_logically_air_gapped_backup_vault_arn: str | None = None
    schedule_expression: str | None = None
    schedule_expression_timezone: str | None = None
    start_window_minutes: int | None = None
    completion_window_minutes: int | None = None
    lifecycle: Lifecycle | None = None
    recovery_point_tags: dict[str, str] | None = None
    rule_id: str | None = None
    copy_actions: list[CopyAction] | None = None
    enable_continuous_backup: bool | None = None
    index_actions: list[IndexAction] | None = None
    scan_actions: list[ScanAction] | None = None


class PlanDocument(Record, frozen=True):
    """What a plan says: the ``BackupPlan`` of GetBackupPlan."""

    backup_plan_name: str | None = None
    rules: list[BackupRule] | None = None
    advanced_backup_settings: list[AdvancedBackupSetting] | None = None
    scan_settings: list[ScanSetting] | None = None


class ScheduledRun(Record, frozen=True):
    """A coming run of a rule."""

    execution_time: Moment | None = None
    rule_id: str | None = None
    rule_execution_type: str | None = None


class Plan(Record, frozen=True):
    """A plan, or one version of it.

    ``backup_plan`` is its document, with the rules; lists leave it out. GetBackupPlan tells the name and the advanced
    settings in the document only; they are here all the same.
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
    backup_plan: PlanDocument | None = None
    scheduled_runs_preview: list[ScheduledRun] | None = None

    def __post_init__(self) -> None:
        if self.backup_plan is not None:
            _lift(self, self.backup_plan, "backup_plan_name", "advanced_backup_settings")


class PlanTemplate(Record, frozen=True):
    """A plan that AWS offers as a template."""

    backup_plan_template_id: str | None = None
    backup_plan_template_name: str | None = None


class ConditionParameter(Record, frozen=True):
    """A tag, and what is compared with its value."""

    condition_key: str | None = None
    condition_value: str | None = None


class Condition(ConditionParameter, frozen=True):
    """A tag that is enough for a resource to be selected."""

    condition_type: str | None = None


class Conditions(Record, frozen=True):
    """Tags that a resource must have to be selected, by how they are compared."""

    string_equals: list[ConditionParameter] | None = None
    string_not_equals: list[ConditionParameter] | None = None
    string_like: list[ConditionParameter] | None = None
    string_not_like: list[ConditionParameter] | None = None


class SelectionDocument(Record, frozen=True):
    """What a selection says: the ``BackupSelection`` of GetBackupSelection."""

    selection_name: str | None = None
    iam_role_arn: str | None = None
    resources: list[str] | None = None
    not_resources: list[str] | None = None
    list_of_tags: list[Condition] | None = None
    conditions: Conditions | None = None


class Selection(Record, frozen=True):
    """A selection of a plan.

    ``backup_selection`` is its document; lists leave it out. GetBackupSelection tells the name and the role in the
    document only; they are here all the same.
    """

    selection_id: str | None = None
    selection_name: str | None = None
    backup_plan_id: str | None = None
    creation_date: Moment | None = None
    creator_request_id: str | None = None
    iam_role_arn: str | None = None
    backup_selection: SelectionDocument | None = None

    def __post_init__(self) -> None:
        if self.backup_selection is not None:
            _lift(self, self.backup_selection, "selection_name", "iam_role_arn")


def _lift(record: Record, document: Record, *names: str) -> None:
    """Fill members that the answer tells in its document only."""
    for name in names:
        if getattr(record, name) is None:
            msgspec.structs.force_setattr(record, name, getattr(document, name))
