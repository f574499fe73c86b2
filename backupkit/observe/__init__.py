"""Records that AWS reports: what was seen, as it was seen, immutable.

- record      what all records have in common: fields that may be None, unknown members in ``extra``
- points      recovery points, their lifecycle and creator, access points
- vaults      vaults, their policy and notifications
- jobs        backup, copy, restore and scan jobs
- summaries   counts of jobs
- plans       plans and selections
- resources   protected resources, settings of the account
- holds       legal holds, tiering
- audit       frameworks and reports
- restore_testing  restore testing
- states      the states that AWS is known to report, and those that are final
- decode      the API's JSON as records; `lenient` where AWS sends what is not in its model
- reasons     why a job ended as it did, in words that can be counted
"""

from __future__ import annotations

from backupkit.observe.audit import (
    ControlParameter,
    ControlScope,
    Framework,
    FrameworkControl,
    ReportDeliveryChannel,
    ReportDestination,
    ReportJob,
    ReportPlan,
    ReportSetting,
)
from backupkit.observe.holds import DateRange, HoldSelection, LegalHold, TieringConfiguration, TieringSelection
from backupkit.observe.jobs import (
    BackupJob,
    ContinuousScan,
    CopyJob,
    RestoreJob,
    RestoreJobCreator,
    RestoreJobMetadata,
    ScanJob,
    ScanVerdict,
)
from backupkit.observe.plans import (
    AdvancedBackupSetting,
    BackupRule,
    Condition,
    ConditionParameter,
    Conditions,
    CopyAction,
    IndexAction,
    Plan,
    PlanDocument,
    PlanTemplate,
    ScanAction,
    ScanSetting,
    ScheduledRun,
    Selection,
    SelectionDocument,
)
from backupkit.observe.points import (
    AccessPoint,
    AggregatedScanResult,
    CalculatedLifecycle,
    Creator,
    IndexedRecoveryPoint,
    Lifecycle,
    RecoveryPoint,
    RestoreMetadata,
    ScanResult,
)
from backupkit.observe.reasons import REASONS, reason_of
from backupkit.observe.record import Document, Moment, Record
from backupkit.observe.resources import GlobalSettings, ProtectedResource, RegionSettings, SupportedResourceTypes
from backupkit.observe.restore_testing import (
    InferredMetadata,
    KeyValue,
    PointSelection,
    ResourceConditions,
    RestoreTestingPlan,
    RestoreTestingSelection,
)
from backupkit.observe.states import (
    BACKUP_JOB_ENDED,
    COPY_JOB_ENDED,
    FINAL_STATES,
    JOB_STATES,
    REPORT_JOB_ENDED,
    RESTORE_JOB_ENDED,
    SCAN_JOB_ENDED,
    BackupJobState,
    CopyJobState,
    RecoveryPointStatus,
    ReportJobStatus,
    RestoreJobStatus,
    ScanJobState,
    StorageClass,
    VaultState,
    VaultType,
)
from backupkit.observe.summaries import BackupJobSummary, CopyJobSummary, RestoreJobSummary, ScanJobSummary
from backupkit.observe.vaults import (
    ApprovalTeamUpdate,
    RestoreAccessVault,
    RevokeRequest,
    Vault,
    VaultAccessPolicy,
    VaultNotifications,
)

__all__ = [
    "BACKUP_JOB_ENDED",
    "COPY_JOB_ENDED",
    "FINAL_STATES",
    "JOB_STATES",
    "REASONS",
    "REPORT_JOB_ENDED",
    "RESTORE_JOB_ENDED",
    "SCAN_JOB_ENDED",
    "AccessPoint",
    "AdvancedBackupSetting",
    "AggregatedScanResult",
    "ApprovalTeamUpdate",
    "BackupJob",
    "BackupJobState",
    "BackupJobSummary",
    "BackupRule",
    "CalculatedLifecycle",
    "Condition",
    "ConditionParameter",
    "Conditions",
    "ContinuousScan",
    "ControlParameter",
    "ControlScope",
    "CopyAction",
    "CopyJob",
    "CopyJobState",
    "CopyJobSummary",
    "Creator",
    "DateRange",
    "Document",
    "Framework",
    "FrameworkControl",
    "GlobalSettings",
    "HoldSelection",
    "IndexAction",
    "IndexedRecoveryPoint",
    "InferredMetadata",
    "KeyValue",
    "LegalHold",
    "Lifecycle",
    "Moment",
    "Plan",
    "PlanDocument",
    "PlanTemplate",
    "PointSelection",
    "ProtectedResource",
    "Record",
    "RecoveryPoint",
    "RecoveryPointStatus",
    "RegionSettings",
    "ReportDeliveryChannel",
    "ReportDestination",
    "ReportJob",
    "ReportJobStatus",
    "ReportPlan",
    "ReportSetting",
    "ResourceConditions",
    "RestoreAccessVault",
    "RestoreJob",
    "RestoreJobCreator",
    "RestoreJobMetadata",
    "RestoreJobStatus",
    "RestoreJobSummary",
    "RestoreMetadata",
    "RestoreTestingPlan",
    "RestoreTestingSelection",
    "RevokeRequest",
    "ScanAction",
    "ScanJob",
    "ScanJobState",
    "ScanJobSummary",
    "ScanResult",
    "ScanSetting",
    "ScanVerdict",
    "ScheduledRun",
    "Selection",
    "SelectionDocument",
    "StorageClass",
    "SupportedResourceTypes",
    "TieringConfiguration",
    "TieringSelection",
    "Vault",
    "VaultAccessPolicy",
    "VaultNotifications",
    "VaultState",
    "VaultType",
    "reason_of",
]
