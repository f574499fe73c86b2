"""backupkit: declare, preview, apply and recover AWS Backup.

A map of the package, lowest floor first; a room imports only from floors below it:

- `problems`, `errors`, `arn`, `checks`, `schedule`, `serialization`: what everything stands on
- `observe`: records AWS reports, and how they are read from the API's JSON
- `catalog`: one file per resource type, with its restore request (`restore`)
- `declare`: immutable values a user writes, and the API's documents of them
- `events`: what EventBridge and SNS are told, as records
- `transport`: the one way to the API, ``call(operation, params) -> JSON``, with retries and paging round it
- `boto`, `emulator`: boto3, and an AWS Backup in this process
- `recover`, `connection`: points, jobs, waiting, restoring
- `provider`: stacks, previews, changes
- `insight`: which resources a policy protects
- `restore_testing`: validators of restore tests, and their evidence
- `plots`: pictures of points, plans, coverage and jobs

Names are loaded when first used: ``import backupkit`` imports neither boto3 nor anything else that is slow.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backupkit import emulator as emulator
    from backupkit import errors as errors
    from backupkit import events as events
    from backupkit import observe as observe
    from backupkit import plots as plots
    from backupkit import restore as restore
    from backupkit import restore_testing as restore_testing
    from backupkit._connect import AWSConnection, connect
    from backupkit._local import LocalConnection, local
    from backupkit.arn import Arn as Arn
    from backupkit.catalog import RestoreRequest as RestoreRequest
    from backupkit.catalog.neighbour import NotRestored as NotRestored
    from backupkit.connection import Connection as Connection
    from backupkit.declare.access_point import AccessPoint as AccessPoint
    from backupkit.declare.access_policy import AccessPolicy as AccessPolicy
    from backupkit.declare.actions import AdvancedBackupSetting as AdvancedBackupSetting
    from backupkit.declare.actions import IndexAction as IndexAction
    from backupkit.declare.actions import ScanAction as ScanAction
    from backupkit.declare.actions import ScanSetting as ScanSetting
    from backupkit.declare.air_gapped import AirGappedVault as AirGappedVault
    from backupkit.declare.air_gapped import RestoreAccessVault as RestoreAccessVault
    from backupkit.declare.alarm import Alarm as Alarm
    from backupkit.declare.backup_role import BackupRole as BackupRole
    from backupkit.declare.beside import DynamoDBContinuousBackups as DynamoDBContinuousBackups
    from backupkit.declare.beside import EFSBackupPolicy as EFSBackupPolicy
    from backupkit.declare.beside import RestoreValidation as RestoreValidation
    from backupkit.declare.beside import TopicPolicy as TopicPolicy
    from backupkit.declare.controls import Control as Control
    from backupkit.declare.controls import ControlParameter as ControlParameter
    from backupkit.declare.controls import ControlScope as ControlScope
    from backupkit.declare.framework import Framework as Framework
    from backupkit.declare.legal_hold import LegalHold as LegalHold
    from backupkit.declare.lifecycle import FOREVER as FOREVER
    from backupkit.declare.lifecycle import CopyAction as CopyAction
    from backupkit.declare.lifecycle import Lifecycle as Lifecycle
    from backupkit.declare.plan import Plan as Plan
    from backupkit.declare.report_plan import ReportPlan as ReportPlan
    from backupkit.declare.restore_testing import RestoreTestingPlan as RestoreTestingPlan
    from backupkit.declare.restore_testing import RestoreTestingSelection as RestoreTestingSelection
    from backupkit.declare.rule import Rule as Rule
    from backupkit.declare.selection import Selection as Selection
    from backupkit.declare.selection import TagCondition as TagCondition
    from backupkit.declare.selection import tag as tag
    from backupkit.declare.settings import GlobalSettings as GlobalSettings
    from backupkit.declare.settings import RegionSettings as RegionSettings
    from backupkit.declare.tags import Switches as Switches
    from backupkit.declare.tags import Tags as Tags
    from backupkit.declare.tiering import TieringConfiguration as TieringConfiguration
    from backupkit.declare.tiering import TieringSelection as TieringSelection
    from backupkit.declare.vault import ComplianceLock as ComplianceLock
    from backupkit.declare.vault import GovernanceLock as GovernanceLock
    from backupkit.declare.vault import Notifications as Notifications
    from backupkit.declare.vault import Vault as Vault
    from backupkit.insight import Coverage as Coverage
    from backupkit.insight import CoverageReason as CoverageReason
    from backupkit.insight import CoverageRow as CoverageRow
    from backupkit.insight import CoverageStatus as CoverageStatus
    from backupkit.insight import coverage as coverage
    from backupkit.problems import Problem as Problem
    from backupkit.problems import Severity as Severity
    from backupkit.provider import Action as Action
    from backupkit.provider import Applied as Applied
    from backupkit.provider import ApplyInterrupted as ApplyInterrupted
    from backupkit.provider import Change as Change
    from backupkit.provider import Changes as Changes
    from backupkit.provider import Difference as Difference
    from backupkit.provider import Drift as Drift
    from backupkit.provider import DriftedField as DriftedField
    from backupkit.provider import Stack as Stack
    from backupkit.recover.backup_job import BackupJob as BackupJob
    from backupkit.recover.copy_job import CopyJob as CopyJob
    from backupkit.recover.copy_preview import CopyPreview as CopyPreview
    from backupkit.recover.deletion import Deletion as Deletion
    from backupkit.recover.orphans import FoundPoints as FoundPoints
    from backupkit.recover.orphans import Orphans as Orphans
    from backupkit.recover.orphans import PointSource as PointSource
    from backupkit.recover.orphans import find_orphans as find_orphans
    from backupkit.recover.point_change import PointChange as PointChange
    from backupkit.recover.point_changes import PointChanges as PointChanges
    from backupkit.recover.point_report import PointOutcome as PointOutcome
    from backupkit.recover.point_report import PointReport as PointReport
    from backupkit.recover.point_report import PointsInterrupted as PointsInterrupted
    from backupkit.recover.point_return import PointReturn as PointReturn
    from backupkit.recover.point_return import ReturnPreview as ReturnPreview
    from backupkit.recover.point_return import ReturnStep as ReturnStep
    from backupkit.recover.points import RecoveryPoints as RecoveryPoints
    from backupkit.recover.polling import Polling as Polling
    from backupkit.recover.preflight import PreflightCheck as PreflightCheck
    from backupkit.recover.preflight import Verdict as Verdict
    from backupkit.recover.quiesce import SSMQuiesce as SSMQuiesce
    from backupkit.recover.quiesced_backup import QuiescedBackup as QuiescedBackup
    from backupkit.recover.recovery import Recovery as Recovery
    from backupkit.recover.recovery_point import RecoveryPoint as RecoveryPoint
    from backupkit.recover.recovery_preview import RecoveryPreview as RecoveryPreview
    from backupkit.recover.report_job import ReportJob as ReportJob
    from backupkit.recover.restore_job import RestoreJob as RestoreJob
    from backupkit.recover.restore_preview import RestorePreview as RestorePreview
    from backupkit.recover.scan_job import ScanJob as ScanJob
    from backupkit.recover.ssm_script import ScriptRun as ScriptRun
    from backupkit.recover.together import WaitResult as WaitResult
    from backupkit.recover.together import as_completed as as_completed
    from backupkit.recover.together import wait_all as wait_all
    from backupkit.schedule import Schedule as Schedule
    from backupkit.serialization import jsonable as jsonable
    from backupkit.transport.retry import RetryPolicy as RetryPolicy

_HOMES = {
    "AWSConnection": "_connect",
    "AccessPoint": "declare.access_point",
    "AccessPolicy": "declare.access_policy",
    "Action": "provider",
    "AdvancedBackupSetting": "declare.actions",
    "AirGappedVault": "declare.air_gapped",
    "Alarm": "declare.alarm",
    "Applied": "provider",
    "ApplyInterrupted": "provider",
    "Arn": "arn",
    "BackupJob": "recover.backup_job",
    "BackupRole": "declare.backup_role",
    "Change": "provider",
    "Changes": "provider",
    "ComplianceLock": "declare.vault",
    "Connection": "connection",
    "Control": "declare.controls",
    "ControlParameter": "declare.controls",
    "ControlScope": "declare.controls",
    "CopyAction": "declare.lifecycle",
    "CopyJob": "recover.copy_job",
    "CopyPreview": "recover.copy_preview",
    "Coverage": "insight",
    "CoverageReason": "insight",
    "CoverageRow": "insight",
    "CoverageStatus": "insight",
    "Deletion": "recover.deletion",
    "Difference": "provider",
    "Drift": "provider",
    "DriftedField": "provider",
    "DynamoDBContinuousBackups": "declare.beside",
    "EFSBackupPolicy": "declare.beside",
    "FOREVER": "declare.lifecycle",
    "FoundPoints": "recover.orphans",
    "Framework": "declare.framework",
    "GlobalSettings": "declare.settings",
    "GovernanceLock": "declare.vault",
    "IndexAction": "declare.actions",
    "LegalHold": "declare.legal_hold",
    "Lifecycle": "declare.lifecycle",
    "LocalConnection": "_local",
    "NotRestored": "catalog.neighbour",
    "Notifications": "declare.vault",
    "Orphans": "recover.orphans",
    "Plan": "declare.plan",
    "PointChange": "recover.point_change",
    "PointChanges": "recover.point_changes",
    "PointOutcome": "recover.point_report",
    "PointReport": "recover.point_report",
    "PointReturn": "recover.point_return",
    "PointSource": "recover.orphans",
    "PointsInterrupted": "recover.point_report",
    "Polling": "recover.polling",
    "PreflightCheck": "recover.preflight",
    "Problem": "problems",
    "QuiescedBackup": "recover.quiesced_backup",
    "Recovery": "recover.recovery",
    "RecoveryPoint": "recover.recovery_point",
    "RecoveryPoints": "recover.points",
    "RecoveryPreview": "recover.recovery_preview",
    "RegionSettings": "declare.settings",
    "ReportJob": "recover.report_job",
    "ReportPlan": "declare.report_plan",
    "RestoreAccessVault": "declare.air_gapped",
    "RestoreJob": "recover.restore_job",
    "RestorePreview": "recover.restore_preview",
    "RestoreRequest": "catalog",
    "RestoreTestingPlan": "declare.restore_testing",
    "RestoreTestingSelection": "declare.restore_testing",
    "RestoreValidation": "declare.beside",
    "RetryPolicy": "transport.retry",
    "ReturnPreview": "recover.point_return",
    "ReturnStep": "recover.point_return",
    "Rule": "declare.rule",
    "SSMQuiesce": "recover.quiesce",
    "ScanAction": "declare.actions",
    "ScanJob": "recover.scan_job",
    "ScanSetting": "declare.actions",
    "ScriptRun": "recover.ssm_script",
    "Schedule": "schedule",
    "Selection": "declare.selection",
    "Severity": "problems",
    "Stack": "provider",
    "Switches": "declare.tags",
    "TagCondition": "declare.selection",
    "Tags": "declare.tags",
    "TieringConfiguration": "declare.tiering",
    "TieringSelection": "declare.tiering",
    "TopicPolicy": "declare.beside",
    "Vault": "declare.vault",
    "Verdict": "recover.preflight",
    "WaitResult": "recover.together",
    "as_completed": "recover.together",
    "connect": "_connect",
    "coverage": "insight",
    "find_orphans": "recover.orphans",
    "jsonable": "serialization",
    "local": "_local",
    "tag": "declare.selection",
    "wait_all": "recover.together",
}
_ROOMS = frozenset({"emulator", "errors", "events", "observe", "plots", "restore", "restore_testing"})

__all__ = [
    "FOREVER",
    "AWSConnection",
    "AccessPoint",
    "AccessPolicy",
    "Action",
    "AdvancedBackupSetting",
    "AirGappedVault",
    "Alarm",
    "Applied",
    "ApplyInterrupted",
    "Arn",
    "BackupJob",
    "BackupRole",
    "Change",
    "Changes",
    "ComplianceLock",
    "Connection",
    "Control",
    "ControlParameter",
    "ControlScope",
    "CopyAction",
    "CopyJob",
    "CopyPreview",
    "Coverage",
    "CoverageReason",
    "CoverageRow",
    "CoverageStatus",
    "Deletion",
    "Difference",
    "Drift",
    "DriftedField",
    "DynamoDBContinuousBackups",
    "EFSBackupPolicy",
    "FoundPoints",
    "Framework",
    "GlobalSettings",
    "GovernanceLock",
    "IndexAction",
    "LegalHold",
    "Lifecycle",
    "LocalConnection",
    "NotRestored",
    "Notifications",
    "Orphans",
    "Plan",
    "PointChange",
    "PointChanges",
    "PointOutcome",
    "PointReport",
    "PointReturn",
    "PointSource",
    "PointsInterrupted",
    "Polling",
    "PreflightCheck",
    "Problem",
    "QuiescedBackup",
    "Recovery",
    "RecoveryPoint",
    "RecoveryPoints",
    "RecoveryPreview",
    "RegionSettings",
    "ReportJob",
    "ReportPlan",
    "RestoreAccessVault",
    "RestoreJob",
    "RestorePreview",
    "RestoreRequest",
    "RestoreTestingPlan",
    "RestoreTestingSelection",
    "RestoreValidation",
    "RetryPolicy",
    "ReturnPreview",
    "ReturnStep",
    "Rule",
    "SSMQuiesce",
    "ScanAction",
    "ScanJob",
    "ScanSetting",
    "Schedule",
    "ScriptRun",
    "Selection",
    "Severity",
    "Stack",
    "Switches",
    "TagCondition",
    "Tags",
    "TieringConfiguration",
    "TieringSelection",
    "TopicPolicy",
    "Vault",
    "Verdict",
    "WaitResult",
    "as_completed",
    "connect",
    "coverage",
    "emulator",
    "errors",
    "events",
    "find_orphans",
    "jsonable",
    "local",
    "observe",
    "plots",
    "restore",
    "restore_testing",
    "tag",
    "wait_all",
]


def __getattr__(name: str) -> object:
    if name in _HOMES:
        found = getattr(importlib.import_module(f"backupkit.{_HOMES[name]}"), name)
        globals()[name] = found
        return found
    if name in _ROOMS:
        return importlib.import_module(f"backupkit.{name}")
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415

        return version("backupkit")
    raise AttributeError(f"module 'backupkit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, "__version__"})
