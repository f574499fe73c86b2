"""Idempotency tokens: the same request again answers the same and does nothing, whatever else is asked with its token."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from local_stage import ACCOUNT, ROLE, Stage, vault_arn

from backupkit import errors
from backupkit.emulator.kernel import shapes

VOLUME = f"arn:aws:ec2:us-east-1:{ACCOUNT}:volume/vol-0f1e2d3c4b5a69788"
SCANNER = f"arn:aws:iam::{ACCOUNT}:role/scanner"
AuthRequest = dict[str, Any]


def rule(vault: str) -> AuthRequest:
    return {"RuleName": "r", "TargetBackupVaultName": vault}


def selection(name: str) -> AuthRequest:
    return {"SelectionName": name, "IamRoleArn": ROLE, "Resources": ["*"]}


def drill_plan(name: str, days: int = 30) -> AuthRequest:
    points = {"Algorithm": "LATEST_WITHIN_WINDOW", "IncludeVaults": ["*"], "RecoveryPointTypes": ["SNAPSHOT"]}
    return {
        "RestoreTestingPlanName": name,
        "ScheduleExpression": "cron(0 5 ? * * *)",
        "RecoveryPointSelection": {**points, "SelectionWindowDays": days},
    }


def drill_selection(name: str, hours: int = 1) -> AuthRequest:
    named = {"RestoreTestingSelectionName": name, "ProtectedResourceType": "EBS", "ProtectedResourceArns": ["*"]}
    return {**named, "IamRoleArn": ROLE, "ValidationWindowHours": hours}


def tiering(name: str, vault: str) -> AuthRequest:
    one = {"Resources": ["*"], "TieringDownSettingsInDays": 90, "ResourceType": "S3"}
    return {"TieringConfigurationName": name, "BackupVaultName": vault, "ResourceSelection": [one]}


def framework(description: str) -> AuthRequest:
    controls = [{"ControlName": "BACKUP_RECOVERY_POINT_ENCRYPTED"}]
    return {"FrameworkName": "audit", "FrameworkDescription": description, "FrameworkControls": controls}


def report(description: str) -> AuthRequest:
    return {
        "ReportPlanName": "jobs",
        "ReportPlanDescription": description,
        "ReportDeliveryChannel": {"S3BucketName": "reports"},
        "ReportSetting": {"ReportTemplate": "BACKUP_JOB_REPORT"},
    }


class Ready:
    """A stage with a plan, a restore testing plan, a report plan, a second vault and a point."""

    def __init__(self) -> None:
        self.stage = Stage()
        self.stage.world.add(VOLUME)
        self.stage.call("CreateBackupVault", BackupVaultName="other")
        document = {"BackupPlanName": "ready", "Rules": [rule("prod")]}
        self.plan = {"BackupPlanId": self.stage.call("CreateBackupPlan", BackupPlan=document)["BackupPlanId"]}
        self.stage.call("CreateRestoreTestingPlan", RestoreTestingPlan=drill_plan("ready"))
        self.stage.call("CreateReportPlan", **{**report(""), "ReportPlanName": "ready"})
        self.point: str = self.stage.back_up(VOLUME)["RecoveryPointArn"]
        self.stage.clock.advance(hours=1)

    def copied(self, vault: str) -> AuthRequest:
        source = {"RecoveryPointArn": self.point, "SourceBackupVaultName": "prod", "IamRoleArn": ROLE}
        return {**source, "DestinationBackupVaultArn": vault_arn(vault)}

    def restored(self, zone: str) -> AuthRequest:
        return {"RecoveryPointArn": self.point, "IamRoleArn": ROLE, "Metadata": {"availabilityZone": zone}}

    def backed_up(self, hours: int) -> AuthRequest:
        asked = {"BackupVaultName": "prod", "ResourceArn": VOLUME, "IamRoleArn": ROLE}
        return {**asked, "StartWindowMinutes": 60 * hours}

    def scanned(self, scanner: str) -> AuthRequest:
        named = {"BackupVaultName": "prod", "RecoveryPointArn": self.point, "IamRoleArn": ROLE}
        return {**named, "MalwareScanner": "GUARDDUTY", "ScanMode": "FULL_SCAN", "ScannerRoleArn": scanner}


def named(member: str, made: Callable[..., AuthRequest]) -> Callable[[Ready, int], AuthRequest]:
    return lambda _, number: {member: made("a", *([8] if number else []))}


# What is asked for: a request, and the same with something else in it; and what becomes of the request without a token.
AGAIN, REFUSED = "made again", "AlreadyExistsException"
CASES: dict[str, tuple[Callable[[Ready, int], AuthRequest], str]] = {
    "CreateBackupPlan": (
        lambda _, number: {"BackupPlan": {"BackupPlanName": "a", "Rules": [rule(("prod", "other")[number])]}},
        REFUSED,
    ),
    "CreateBackupSelection": (
        lambda ready, number: {**ready.plan, "BackupSelection": selection(("a", "b")[number])},
        AGAIN,
    ),
    "CreateBackupVault": (
        lambda _, number: {"BackupVaultName": "a1", "BackupVaultTags": {"number": str(number)}},
        REFUSED,
    ),
    "CreateLogicallyAirGappedBackupVault": (
        lambda _, number: {"BackupVaultName": "a1", "MinRetentionDays": 7 + number, "MaxRetentionDays": 30},
        REFUSED,
    ),
    "CreateTieringConfiguration": (
        lambda _, number: {"TieringConfiguration": tiering("a", ("prod", "other")[number])},
        REFUSED,
    ),
    "CreateRestoreTestingPlan": (named("RestoreTestingPlan", drill_plan), REFUSED),
    "CreateRestoreTestingSelection": (
        lambda _, number: {
            "RestoreTestingPlanName": "ready",
            "RestoreTestingSelection": drill_selection("a", 1 + number),
        },
        REFUSED,
    ),
    "CreateFramework": (lambda _, number: framework(str(number)), REFUSED),
    "CreateReportPlan": (lambda _, number: report(str(number)), REFUSED),
    "CreateLegalHold": (lambda _, number: {"Title": "a", "Description": str(number)}, AGAIN),
    "StartBackupJob": (lambda ready, number: ready.backed_up(1 + number), AGAIN),
    "StartCopyJob": (lambda ready, number: ready.copied(("prod", "other")[number]), AGAIN),
    "StartRestoreJob": (lambda ready, number: ready.restored(("us-east-1a", "us-east-1b")[number]), AGAIN),
    "StartReportJob": (lambda _, number: {"ReportPlanName": ("ready", "ready")[number]}, AGAIN),
    "StartScanJob": (lambda ready, number: ready.scanned((SCANNER, ROLE)[number]), AGAIN),
}
# It needs a second account and an approval team; UpdateFramework and UpdateReportPlan do nothing twice.
IN_THEIR_FAMILIES = {"CreateRestoreAccessBackupVault", "UpdateFramework", "UpdateReportPlan"}
TOKENS = ("CreatorRequestId", "IdempotencyToken")


def token_of(operation: str) -> str | None:
    shape = shapes.model().operation_model(operation).input_shape
    return next((token for token in TOKENS if shape is not None and token in shape.members), None)


def made(ready: Ready) -> object:
    """Everything that has been made, and what the ids to come will be."""
    cloud = ready.stage.service.simulation
    return cloud.serial, cloud.random.getstate(), len(cloud.agenda)


def test_every_operation_with_a_token_is_in_the_table() -> None:
    """No token of the model goes without a test."""
    assert {name for name in shapes.operation_names() if token_of(name)} == CASES.keys() | IN_THEIR_FAMILIES


@pytest.mark.parametrize("operation", sorted(CASES))
@pytest.mark.parametrize("later", [0, 45])
def test_a_request_that_comes_again_answers_the_same_and_does_nothing(operation: str, later: int) -> None:
    """At once and minutes later; also where its token comes with something else, which is not done."""
    ready, (asked, _) = Ready(), CASES[operation]
    first = {**asked(ready, 0), str(token_of(operation)): "once"}
    answer = ready.stage.call(operation, **copy.deepcopy(first))
    before = made(ready)
    assert ready.stage.call(operation, **copy.deepcopy(first)) == answer
    assert made(ready) == before
    ready.stage.clock.advance(minutes=later)
    before = made(ready)
    for again in (first, {**asked(ready, 1), str(token_of(operation)): "once"}):
        told = ready.stage.call(operation, **copy.deepcopy(again))
        assert {**told, "VaultState": "", "Status": ""} == {**answer, "VaultState": "", "Status": ""}
    assert made(ready) == before


@pytest.mark.parametrize("operation", sorted(CASES))
@pytest.mark.parametrize("token", [None, "twice"])
def test_without_the_token_a_request_is_another_one(operation: str, token: str | None) -> None:
    """A second hold, job or selection; where names are unique, or a document is, it exists already."""
    ready, (asked, outcome) = Ready(), CASES[operation]
    named = str(token_of(operation))
    answer = ready.stage.call(operation, **{**asked(ready, 0), named: "once"})
    other = {**asked(ready, 0), **({named: token} if token is not None else {})}
    if outcome == AGAIN:
        assert ready.stage.call(operation, **other) != answer
        return
    before = made(ready)
    with pytest.raises(errors.ServiceError) as caught:
        ready.stage.call(operation, **other)
    assert caught.value.code == outcome
    assert made(ready) == before


@pytest.mark.parametrize(
    ("operation", "member"),
    [("StartBackupJob", "BackupJobId"), ("StartCopyJob", "CopyJobId"), ("StartRestoreJob", "RestoreJobId")],
)
def test_a_token_is_forgotten_with_its_job(operation: str, member: str) -> None:
    """Never is a caller given the id of a job that cannot be described any more."""
    ready, (asked, _) = Ready(), CASES[operation]
    first = {**asked(ready, 1), "IdempotencyToken": "once"}
    before = ready.stage.call(operation, **first)[member]
    ready.stage.clock.advance(days=31)
    after = ready.stage.call(operation, **first)[member]
    assert after != before
    ready.stage.clock.advance(days=1)
    assert ready.stage.call(operation, **first)[member] == after
    ready.stage.call(operation.replace("Start", "Describe"), **{member: after})
