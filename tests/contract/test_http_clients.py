"""Other clients than ours against the served local service: the AWS CLI, the SDK for JavaScript, aiobotocore."""

from __future__ import annotations

import asyncio
import copy
import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from http_programs import ACCOUNT, REGION, client, control, environment

from backupkit.emulator import LocalService
from backupkit.emulator.http import serving
from backupkit.emulator.wiring import OPERATIONS

HERE = Path(__file__).parent
ROLE = f"arn:aws:iam::{ACCOUNT}:role/service-role/AWSBackupDefaultServiceRole"
DATABASE = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:myapp-prod"
VAULT = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:prod-backup-vault"


# ---- the AWS CLI ----

PLAN = {
    "BackupPlanName": "prod-backup-plan",
    "Rules": [
        {
            "RuleName": "daily-backup",
            "TargetBackupVaultName": "prod-backup-vault",
            "ScheduleExpression": "cron(0 5 ? * * *)",
            "StartWindowMinutes": 60,
            "CompletionWindowMinutes": 180,
            "Lifecycle": {"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 35},
            "CopyActions": [],
        },
        {
            "RuleName": "monthly-backup",
            "TargetBackupVaultName": "prod-backup-vault",
            "ScheduleExpression": "cron(0 5 1 * ? *)",
            "StartWindowMinutes": 60,
            "CompletionWindowMinutes": 360,
            "Lifecycle": {"MoveToColdStorageAfterDays": 7, "DeleteAfterDays": 365},
            "CopyActions": [],
        },
    ],
}
SELECTION = {
    "SelectionName": "prod-tagged-resources",
    "IamRoleArn": ROLE,
    "ListOfTags": [{"ConditionType": "STRINGEQUALS", "ConditionKey": "Backup", "ConditionValue": "daily"}],
    "NotResources": [],
    "Conditions": {
        "StringEquals": [{"ConditionKey": "aws:ResourceTag/Environment", "ConditionValue": "production"}],
    },
}
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::PROD-ACCOUNT-ID:root"},
            "Action": ["backup:CopyIntoBackupVault"],
            "Resource": "*",
        }
    ],
}
CONTROLS = [
    {
        "ControlName": "BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN",
        "ControlInputParameters": [{"ParameterName": "requiredRetentionDays", "ParameterValue": "35"}],
        "Scope": {
            "ComplianceResourceTypes": ["RDS", "DynamoDB", "EFS", "EC2"],
            "Tags": {"Environment": "production"},
        },
    },
    {"ControlName": "BACKUP_RECOVERY_POINT_ENCRYPTED", "ControlInputParameters": []},
    {
        "ControlName": "BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK",
        "ControlInputParameters": [{"ParameterName": "requiredRetentionDays", "ParameterValue": "7"}],
    },
]
CHANNEL = {"S3BucketName": "techoral-backup-reports", "S3KeyPrefix": "compliance/", "Formats": ["CSV", "JSON"]}
REPORT = {
    "ReportTemplate": "RESOURCE_COMPLIANCE_REPORT",
    "FrameworkArns": [f"arn:aws:backup:{REGION}:{ACCOUNT}:framework/prod-compliance-framework"],
}
TESTING_PLAN = {
    "RestoreTestingPlanName": "weekly-restore-validation",
    "ScheduleExpression": "cron(0 8 ? * 1 *)",
    "StartWindowHours": 2,
    "RecoveryPointSelection": {
        "Algorithm": "LATEST_WITHIN_WINDOW",
        "IncludeVaults": [VAULT],
        "RecoveryPointTypes": ["SNAPSHOT", "CONTINUOUS"],
        "SelectionWindowDays": 7,
    },
}
TESTING_SELECTION = {
    "RestoreTestingSelectionName": "rds-restore-test",
    "ProtectedResourceType": "RDS",
    "IamRoleArn": f"arn:aws:iam::{ACCOUNT}:role/RestoreTestingRole",
    "ProtectedResourceArns": [DATABASE],
    "RestoreMetadataOverrides": {
        "DBInstanceIdentifier": "restore-test-{{random}}",
        "MultiAZ": "false",
        "DBInstanceClass": "db.t3.small",
    },
    "ValidationWindowHours": 4,
}


@pytest.fixture
def aws(cli, tmp_path):
    """Runs ``aws backup ...`` against a served local service."""
    service = LocalService()
    with serving(service) as url:

        def run(*line):
            words = [json.dumps(word) if isinstance(word, (dict, list)) else word for word in line]
            return subprocess.run(
                [cli, "backup", *words],
                env=environment(url),
                cwd=tmp_path,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )

        run.url = url
        yield run


def _done(ended):
    assert (ended.returncode, ended.stderr) == (0, "")
    return json.loads(ended.stdout) if ended.stdout else {}


def _no(ended, operation, *words):
    """Refused by the service; an operation that it does not have yet says so itself."""
    assert ended.returncode != 0
    if operation not in OPERATIONS:
        words = ("UnknownOperationException", operation)
    assert all(word in ended.stderr for word in words), ended.stderr


@pytest.mark.slow
def test_the_cli_runs_the_commands_of_a_common_guide(aws, tmp_path):
    """Every ``aws backup`` command of a guide that people copy from: what AWS takes is done, and what AWS refuses is
    refused, each by the CLI itself or with AWS's own error.
    """
    (tmp_path / "backup-plan.json").write_text(json.dumps(PLAN))
    vault = ("--backup-vault-name", "prod-backup-vault")
    key = ("--encryption-key-arn", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/mrk-abc123")
    tags = "Environment=production,Team=platform"

    ended = aws("create-backup-vault", *vault, *key, "--tags", tags)
    assert ended.returncode != 0
    assert "--tags" in ended.stderr
    assert _done(aws("create-backup-vault", *vault, *key, "--backup-vault-tags", tags))["BackupVaultArn"] == VAULT

    ended = aws("create-backup-plan", "--backup-plan", "file://backup-plan.json")
    _no(ended, "CreateBackupPlan", "InvalidParameterValueException", "cannot be less than 90 days apart")
    mended = copy.deepcopy(PLAN)
    mended["Rules"][0]["Lifecycle"]["DeleteAfterDays"] = 120
    plan = _done(aws("create-backup-plan", "--backup-plan", mended))["BackupPlanId"]

    limits = ("--min-retention-days", "7", "--max-retention-days", "365", "--changeable-for-days", "14")
    _done(aws("put-backup-vault-lock-configuration", *vault, *limits))
    # The first version of the CLI shows moments as numbers, the second as text.
    assert _done(aws("describe-backup-vault", *vault))["Locked"] is True
    lock_date = client(aws.url).describe_backup_vault(BackupVaultName="prod-backup-vault")["LockDate"]
    assert lock_date == datetime(2026, 1, 15, tzinfo=UTC)

    _done(aws("create-backup-selection", "--backup-plan-id", plan, "--backup-selection", SELECTION))

    ended = aws("put-backup-vault-access-policy", "--backup-vault-name", "backup-account-vault", "--policy", POLICY)
    _no(ended, "PutBackupVaultAccessPolicy", "An error occurred (")

    topic = ("--sns-topic-arn", f"arn:aws:sns:{REGION}:{ACCOUNT}:backup-notifications", "--backup-vault-events")
    events = "BACKUP_JOB_STARTED BACKUP_JOB_COMPLETED BACKUP_JOB_FAILED COPY_JOB_FAILED RESTORE_JOB_FAILED"
    _done(aws("put-backup-vault-notifications", *vault, *topic, *events.split()))

    control(aws.url, "/resources", {"add": {"arn": DATABASE}})
    what = ("--resource-arn", DATABASE, "--iam-role-arn", ROLE, "--lifecycle", "DeleteAfterDays=35")
    _done(aws("start-backup-job", *vault, *what))
    control(aws.url, "/clock", {"advance": {"hours": 12}})
    query = "RecoveryPoints[*].{Created:CreationDate,Status:Status,Size:BackupSizeInBytes}"
    shown = aws("list-recovery-points-by-resource", "--resource-arn", DATABASE, "--query", query, "--output", "table")
    assert shown.returncode == 0
    assert "COMPLETED" in shown.stdout

    # `Scope` is not a member of a control: the CLI does not even send it.
    ended = aws("create-framework", "--framework-name", "prod-compliance-framework", "--framework-controls", CONTROLS)
    assert ended.returncode != 0
    assert "Scope" in ended.stderr

    report = ("--report-plan-name", "daily-backup-compliance", "--report-delivery-channel", CHANNEL)
    ended = aws(
        "create-report-plan", *report, "--report-setting", REPORT, "--report-plan-tags", "Environment=production"
    )
    _no(ended, "CreateReportPlan", "InvalidParameterValueException")
    ended = aws("create-restore-testing-plan", "--restore-testing-plan", TESTING_PLAN)
    _no(ended, "CreateRestoreTestingPlan", "InvalidParameterValueException")
    testing = ("--restore-testing-plan-name", "weekly-restore-validation")
    ended = aws("create-restore-testing-selection", *testing, "--restore-testing-selection", TESTING_SELECTION)
    _no(ended, "CreateRestoreTestingSelection", "An error occurred (")


# ---- the SDK for JavaScript ----


@pytest.mark.slow
def test_the_sdk_for_javascript_goes_a_full_cycle(sdk_for_javascript):
    """Vault, plan, backups by schedule and on demand, pages, moments, restore, errors with their classes, deletion."""
    shutil.copy(HERE / "full_cycle.mjs", sdk_for_javascript)
    with serving(LocalService()) as url:
        settings = environment(url, key="210987654321", region="eu-west-1")
        line = ["node", "full_cycle.mjs"]
        ended = subprocess.run(
            line, cwd=sdk_for_javascript, env=settings, capture_output=True, text=True, timeout=90, check=False
        )
    assert ended.returncode == 0, ended.stderr
    seen = json.loads(ended.stdout)
    seen.pop("lacking", None)
    assert seen == {
        "vault": "arn:aws:backup:eu-west-1:210987654321:backup-vault:prod",
        "created": "2026-01-01T00:00:00.000Z",
        "tags": {"a": "b c", "d/e": "ü"},
        "points": 3,
        "job": "COMPLETED",
        "late": 3,
        "status": "COMPLETED",
        "restored": ["COMPLETED", "arn:aws:dynamodb:eu-west-1:210987654321:table/again"],
        "refused": [
            True,
            "InvalidRequestException",
            "Backup vault cannot be deleted because it contains recovery points.",
            400,
        ],
        "missing": True,
        "unknown": "AccessDeniedException",
    }


# ---- aiobotocore ----


def test_aiobotocore_calls_many_at_once():
    """Asynchronous clients share the server: what one makes, the others see, and errors keep their classes."""
    session_room = pytest.importorskip("aiobotocore.session")

    async def work(url):
        session = session_room.get_session()
        settings = {"aws_access_key_id": "A", "aws_secret_access_key": "b", "region_name": REGION}
        async with session.create_client("backup", endpoint_url=url, **settings) as aws:
            names = [f"vault-{number}" for number in range(20)]
            await asyncio.gather(*(aws.create_backup_vault(BackupVaultName=name) for name in names))
            pages = aws.get_paginator("list_backup_vaults").paginate(PaginationConfig={"PageSize": 7})
            seen = [vault["BackupVaultName"] async for page in pages for vault in page["BackupVaultList"]]
            with pytest.raises(aws.exceptions.AlreadyExistsException):
                await aws.create_backup_vault(BackupVaultName="vault-3")
            return names, seen

    with serving(LocalService()) as url:
        names, seen = asyncio.run(work(url))
    assert sorted(seen) == sorted(names)
