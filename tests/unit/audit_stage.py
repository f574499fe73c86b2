"""Frameworks of one control on a small local AWS Backup, and what they find."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local_stage import ACCOUNT, REGION, ROLE, Stage, table_arn, vault_arn

from backupkit.emulator.audit.evaluation import ControlResult, evaluate

PROTECTED = "BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN"
FREQUENT = "BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK"
DELETION = "BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED"
ENCRYPTED = "BACKUP_RECOVERY_POINT_ENCRYPTED"
KEPT = "BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK"
LOCKED = "BACKUP_RESOURCES_PROTECTED_BY_BACKUP_VAULT_LOCK"
REGION_COPIES = "BACKUP_RESOURCES_PROTECTED_BY_CROSS_REGION"
ACCOUNT_COPIES = "BACKUP_RESOURCES_PROTECTED_BY_CROSS_ACCOUNT"
RECENT = "BACKUP_LAST_RECOVERY_POINT_CREATED"
RESTORED = "RESTORE_TIME_FOR_RESOURCES_MEET_TARGET"
GAPPED = "RESOURCES_IN_LOGICALLY_AIR_GAPPED_VAULT"

ORDERS, LEDGER = table_arn("orders"), table_arn("ledger")
VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-0123456789abcdef0"
QUEUE = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:queue"
STREAM = f"arn:aws:timestream:{REGION}:{ACCOUNT}:database/stream"
FAR, OTHER = "eu-west-1", "111111111111"
DAILY = {"RuleName": "daily", "ScheduleExpression": "cron(0 5 ? * * *)", "Lifecycle": {"DeleteAfterDays": 35}}


def framework(
    stage: Stage, name: str, scope: Mapping[str, Any] | None = None, /, framework_name: str = "f", **parameters: str
) -> None:
    """A framework of one control that is deployed."""
    one = {
        "ControlName": name,
        "ControlInputParameters": [{"ParameterName": key, "ParameterValue": text} for key, text in parameters.items()],
        "ControlScope": dict(scope or {}),
    }
    stage.call("CreateFramework", FrameworkName=framework_name, FrameworkControls=[one])
    stage.clock.advance(minutes=1)


def results(stage: Stage, framework_name: str = "f") -> list[ControlResult]:
    place = stage.service.simulation.scope(ACCOUNT, REGION)
    return evaluate(stage.service.simulation, place, place.frameworks[framework_name])


def found(stage: Stage, framework_name: str = "f") -> dict[str, bool | None]:
    """What the framework's one control says of each ARN."""
    (result,) = results(stage, framework_name)
    verdicts = {finding.resource_arn: finding.compliant for finding in result.findings}
    assert len(verdicts) == len(result.findings)
    return verdicts


def asked(
    stage: Stage, name: str, scope: Mapping[str, Any] | None = None, /, **parameters: str
) -> dict[str, bool | None]:
    """What a control says now, in a framework of its own that goes again."""
    framework(stage, name, scope, framework_name="once", **parameters)
    verdicts = found(stage, "once")
    stage.call("DeleteFramework", FrameworkName="once")
    stage.clock.advance(minutes=1)
    return verdicts


def tables(stage: Stage) -> None:
    stage.world.add(ORDERS, tags={"Backup": "daily", "Stage": "prod"})
    stage.world.add(LEDGER)


def vault(stage: Stage, name: str, *, region: str = REGION, account: str = ACCOUNT) -> str:
    there = stage.service.scoped(region_name=region, account_id=account)
    there.call("CreateBackupVault", {"BackupVaultName": name})
    return vault_arn(name, region, account)


def gapped_vault(stage: Stage, name: str = "gapped") -> str:
    stage.call("CreateLogicallyAirGappedBackupVault", BackupVaultName=name, MinRetentionDays=7, MaxRetentionDays=60)
    stage.clock.advance(minutes=5)
    return vault_arn(name)


def copying(*destinations: str) -> dict[str, Any]:
    return {**DAILY, "CopyActions": [{"DestinationBackupVaultArn": arn} for arn in destinations]}


def copy_of(stage: Stage, point: str, destination: str) -> None:
    started = stage.call(
        "StartCopyJob",
        RecoveryPointArn=point,
        SourceBackupVaultName="prod",
        DestinationBackupVaultArn=destination,
        IamRoleArn=ROLE,
        Lifecycle={"DeleteAfterDays": 30},
    )
    look = {"CopyJobId": started["CopyJobId"]}
    assert stage.ended(lambda: stage.call("DescribeCopyJob", **look)["CopyJob"], "State")["State"] == "COMPLETED"
