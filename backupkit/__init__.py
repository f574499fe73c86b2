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
    from backupkit.declare import FOREVER as FOREVER
    from backupkit.declare import AccessPoint as AccessPoint
    from backupkit.declare import AccessPolicy as AccessPolicy
    from backupkit.declare import AdvancedBackupSetting as AdvancedBackupSetting
    from backupkit.declare import AirGappedVault as AirGappedVault
    from backupkit.declare import Alarm as Alarm
    from backupkit.declare import BackupRole as BackupRole
    from backupkit.declare import ComplianceLock as ComplianceLock
    from backupkit.declare import Control as Control
    from backupkit.declare import ControlParameter as ControlParameter
    from backupkit.declare import ControlScope as ControlScope
    from backupkit.declare import CopyAction as CopyAction
    from backupkit.declare import DynamoDBContinuousBackups as DynamoDBContinuousBackups
    from backupkit.declare import EFSBackupPolicy as EFSBackupPolicy
    from backupkit.declare import Framework as Framework
    from backupkit.declare import GlobalSettings as GlobalSettings
    from backupkit.declare import GovernanceLock as GovernanceLock
    from backupkit.declare import IndexAction as IndexAction
    from backupkit.declare import LegalHold as LegalHold
    from backupkit.declare import Lifecycle as Lifecycle
    from backupkit.declare import Notifications as Notifications
    from backupkit.declare import Plan as Plan
    from backupkit.declare import RegionSettings as RegionSettings
    from backupkit.declare import ReportPlan as ReportPlan
    from backupkit.declare import RestoreAccessVault as RestoreAccessVault
    from backupkit.declare import RestoreTestingPlan as RestoreTestingPlan
    from backupkit.declare import RestoreTestingSelection as RestoreTestingSelection
    from backupkit.declare import RestoreValidation as RestoreValidation
    from backupkit.declare import Rule as Rule
    from backupkit.declare import ScanAction as ScanAction
    from backupkit.declare import ScanSetting as ScanSetting
    from backupkit.declare import Selection as Selection
    from backupkit.declare import Switches as Switches
    from backupkit.declare import TagCondition as TagCondition
    from backupkit.declare import Tags as Tags
    from backupkit.declare import TieringConfiguration as TieringConfiguration
    from backupkit.declare import TieringSelection as TieringSelection
    from backupkit.declare import TopicPolicy as TopicPolicy
    from backupkit.declare import Vault as Vault
    from backupkit.declare import tag as tag
    from backupkit.insight import Coverage as Coverage
    from backupkit.insight import CoverageReason as CoverageReason
    from backupkit.insight import CoverageRow as CoverageRow
    from backupkit.insight import CoverageStatus as CoverageStatus
    from backupkit.insight import coverage as coverage
    from backupkit.problems import Problem as Problem
    from backupkit.problems import Severity as Severity
    from backupkit.provider import Action as Action
    from backupkit.provider import Applied as Applied
    from backupkit.provider import Change as Change
    from backupkit.provider import Changes as Changes
    from backupkit.provider import Difference as Difference
    from backupkit.provider import Drift as Drift
    from backupkit.provider import DriftedField as DriftedField
    from backupkit.provider import Stack as Stack
    from backupkit.recover import BackupJob as BackupJob
    from backupkit.recover import CopyJob as CopyJob
    from backupkit.recover import CopyPreview as CopyPreview
    from backupkit.recover import Deletion as Deletion
    from backupkit.recover import FoundPoints as FoundPoints
    from backupkit.recover import Orphans as Orphans
    from backupkit.recover import PointChange as PointChange
    from backupkit.recover import PointChanges as PointChanges
    from backupkit.recover import PointOutcome as PointOutcome
    from backupkit.recover import PointReport as PointReport
    from backupkit.recover import PointReturn as PointReturn
    from backupkit.recover import PointsInterrupted as PointsInterrupted
    from backupkit.recover import PointSource as PointSource
    from backupkit.recover import Polling as Polling
    from backupkit.recover import PreflightCheck as PreflightCheck
    from backupkit.recover import QuiescedBackup as QuiescedBackup
    from backupkit.recover import Recovery as Recovery
    from backupkit.recover import RecoveryPoint as RecoveryPoint
    from backupkit.recover import RecoveryPoints as RecoveryPoints
    from backupkit.recover import RecoveryPreview as RecoveryPreview
    from backupkit.recover import ReportJob as ReportJob
    from backupkit.recover import RestoreJob as RestoreJob
    from backupkit.recover import ReturnPreview as ReturnPreview
    from backupkit.recover import ReturnStep as ReturnStep
    from backupkit.recover import ScanJob as ScanJob
    from backupkit.recover import ScriptRun as ScriptRun
    from backupkit.recover import SSMQuiesce as SSMQuiesce
    from backupkit.recover import Verdict as Verdict
    from backupkit.recover import WaitResult as WaitResult
    from backupkit.recover import as_completed as as_completed
    from backupkit.recover import find_orphans as find_orphans
    from backupkit.recover import wait_all as wait_all
    from backupkit.recover.restore_preview import RestorePreview as RestorePreview
    from backupkit.schedule import Schedule as Schedule
    from backupkit.serialization import jsonable as jsonable
    from backupkit.transport.retry import RetryPolicy as RetryPolicy

_HOMES = {
    "AWSConnection": "_connect",
    "AccessPoint": "declare",
    "AccessPolicy": "declare",
    "Action": "provider",
    "AdvancedBackupSetting": "declare",
    "AirGappedVault": "declare",
    "Alarm": "declare",
    "Applied": "provider",
    "Arn": "arn",
    "BackupJob": "recover",
    "BackupRole": "declare",
    "Change": "provider",
    "Changes": "provider",
    "ComplianceLock": "declare",
    "Connection": "connection",
    "Control": "declare",
    "ControlParameter": "declare",
    "ControlScope": "declare",
    "CopyAction": "declare",
    "CopyJob": "recover",
    "CopyPreview": "recover",
    "Coverage": "insight",
    "CoverageReason": "insight",
    "CoverageRow": "insight",
    "CoverageStatus": "insight",
    "Deletion": "recover",
    "Difference": "provider",
    "Drift": "provider",
    "DriftedField": "provider",
    "DynamoDBContinuousBackups": "declare",
    "EFSBackupPolicy": "declare",
    "FOREVER": "declare",
    "FoundPoints": "recover",
    "Framework": "declare",
    "GlobalSettings": "declare",
    "GovernanceLock": "declare",
    "IndexAction": "declare",
    "LegalHold": "declare",
    "Lifecycle": "declare",
    "LocalConnection": "_local",
    "NotRestored": "catalog.neighbour",
    "Notifications": "declare",
    "Orphans": "recover",
    "Plan": "declare",
    "PointChange": "recover",
    "PointChanges": "recover",
    "PointOutcome": "recover",
    "PointReport": "recover",
    "PointReturn": "recover",
    "PointSource": "recover",
    "PointsInterrupted": "recover",
    "Polling": "recover",
    "PreflightCheck": "recover",
    "Problem": "problems",
    "QuiescedBackup": "recover",
    "Recovery": "recover",
    "RecoveryPoint": "recover",
    "RecoveryPoints": "recover",
    "RecoveryPreview": "recover",
    "RegionSettings": "declare",
    "ReportJob": "recover",
    "ReportPlan": "declare",
    "RestoreAccessVault": "declare",
    "RestoreJob": "recover",
    "RestorePreview": "recover.restore_preview",
    "RestoreRequest": "catalog",
    "RestoreTestingPlan": "declare",
    "RestoreTestingSelection": "declare",
    "RestoreValidation": "declare",
    "RetryPolicy": "transport.retry",
    "ReturnPreview": "recover",
    "ReturnStep": "recover",
    "Rule": "declare",
    "SSMQuiesce": "recover",
    "ScanAction": "declare",
    "ScanJob": "recover",
    "ScanSetting": "declare",
    "ScriptRun": "recover",
    "Schedule": "schedule",
    "Selection": "declare",
    "Severity": "problems",
    "Stack": "provider",
    "Switches": "declare",
    "TagCondition": "declare",
    "Tags": "declare",
    "TieringConfiguration": "declare",
    "TieringSelection": "declare",
    "TopicPolicy": "declare",
    "Vault": "declare",
    "Verdict": "recover",
    "WaitResult": "recover",
    "as_completed": "recover",
    "connect": "_connect",
    "coverage": "insight",
    "find_orphans": "recover",
    "jsonable": "serialization",
    "local": "_local",
    "tag": "declare",
    "wait_all": "recover",
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
