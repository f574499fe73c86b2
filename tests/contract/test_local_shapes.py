"""What the local service takes and answers, held against botocore's model of AWS Backup."""

from __future__ import annotations

import json

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.parsers import create_parser
from botocore.validate import ParamValidator

from backupkit import errors
from backupkit.local import LocalService, shapes
from backupkit.local.operations import OPERATIONS
from backupkit.local.service import START

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
BUCKET = "arn:aws:s3:::photos"
ROLE = "arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole"
TOPIC = "arn:aws:sns:us-east-1:123456789012:backup-notifications"
MODEL = ServiceModel(Loader().load_service_model("backup", "service-2"), "backup")
POLICY = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", '
    '"Action": "backup:DeleteRecoveryPoint", "Resource": "*"}]}'
)


class Asked:
    """A local service that holds every answer against the model, and remembers what was asked."""

    def __init__(self) -> None:
        self.service = LocalService()
        self.operations: set[str] = set()

    def __call__(self, operation, **params):
        self.operations.add(operation)
        body = self.service.call(operation, params)
        answer = json.loads(body)
        assert shapes.output_check(operation)(answer) is None, operation
        shape = MODEL.operation_model(operation).output_shape
        parsed = create_parser("rest-json").parse({"status_code": 200, "headers": {}, "body": body}, shape)
        assert set(parsed) - {"ResponseMetadata"} >= set(answer), operation
        return answer


@pytest.fixture(scope="module")
def asked():
    """Every operation of the control plane, called once with all it can hold."""
    ask = Asked()
    ask.service.world.add(TABLE, tags={"Backup": "daily"})
    ask.service.world.add(BUCKET, account_id="123456789012", region_name="us-east-1")
    vaults(ask)
    plan = plans(ask)
    ask.service.clock.advance(days=3)
    read(ask, plan)
    holds(ask)
    summaries(ask)
    drills(ask)
    ask("DeleteBackupSelection", BackupPlanId=plan["BackupPlanId"], SelectionId=plan["SelectionId"])
    ask("DeleteBackupPlan", BackupPlanId=plan["BackupPlanId"])
    ask("GetBackupPlan", BackupPlanId=plan["BackupPlanId"])
    ask("ListBackupPlans", IncludeDeleted=True)
    for what in ("AccessPolicy", "Notifications", "LockConfiguration"):
        ask(f"DeleteBackupVault{what}", BackupVaultName="prod")
    ask("DeleteBackupVault", BackupVaultName="empty")
    return ask


def vaults(ask):
    for name in ("prod", "empty"):
        ask("CreateBackupVault", BackupVaultName=name, BackupVaultTags={"Team": "platform"}, CreatorRequestId=name)
    ask("CreateLogicallyAirGappedBackupVault", BackupVaultName="gapped", MinRetentionDays=7, MaxRetentionDays=30)
    ask("PutBackupVaultLockConfiguration", BackupVaultName="prod", MinRetentionDays=1, ChangeableForDays=30)
    ask("PutBackupVaultAccessPolicy", BackupVaultName="prod", Policy=POLICY)
    ask("PutBackupVaultNotifications", BackupVaultName="prod", SNSTopicArn=TOPIC, BackupVaultEvents=["COPY_JOB_FAILED"])
    ask("UpdateRegionSettings", ResourceTypeOptInPreference={"DynamoDB": True})
    ask("UpdateGlobalSettings", GlobalSettings={"isCrossAccountBackupEnabled": "true"})


def plans(ask):
    document = {
        "BackupPlanName": "p",
        "Rules": [
            {
                "RuleName": "daily",
                "TargetBackupVaultName": "prod",
                "ScheduleExpression": "cron(0 5 ? * * *)",
                "ScheduleExpressionTimezone": "Europe/Berlin",
                "StartWindowMinutes": 60,
                "CompletionWindowMinutes": 120,
                "Lifecycle": {"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 120},
                "RecoveryPointTags": {"Made": "by-plan"},
                "CopyActions": [
                    {"DestinationBackupVaultArn": "arn:aws:backup:us-east-1:123456789012:backup-vault:gapped"}
                ],
                "IndexActions": [{"ResourceTypes": ["S3"]}],
                "ScanActions": [{"MalwareScanner": "GUARDDUTY", "ScanMode": "FULL_SCAN"}],
            },
            {
                "RuleName": "continuous",
                "TargetBackupVaultName": "prod",
                "ScheduleExpression": "cron(0 17 ? * * *)",
                "EnableContinuousBackup": True,
                "StartWindowMinutes": 60,
                "Lifecycle": {"DeleteAfterDays": 35},
            },
        ],
        "AdvancedBackupSettings": [{"ResourceType": "EC2", "BackupOptions": {"WindowsVSS": "enabled"}}],
        "ScanSettings": [{"MalwareScanner": "GUARDDUTY", "ResourceTypes": ["ALL"], "ScannerRoleArn": ROLE}],
    }
    made = ask("CreateBackupPlan", BackupPlan=document, BackupPlanTags={"Team": "platform"}, CreatorRequestId="once")
    ask("UpdateBackupPlan", BackupPlanId=made["BackupPlanId"], BackupPlan={**document, "BackupPlanName": "q"})
    selection = ask(
        "CreateBackupSelection",
        BackupPlanId=made["BackupPlanId"],
        BackupSelection={"SelectionName": "s", "IamRoleArn": ROLE, "Resources": ["*"]},
        CreatorRequestId="once",
    )
    ask("TagResource", ResourceArn=made["BackupPlanArn"], Tags={"a": "b"})
    ask("UntagResource", ResourceArn=made["BackupPlanArn"], TagKeyList=["a"])
    return {**made, "SelectionId": selection["SelectionId"]}


def read(ask, plan):
    plan_id = plan["BackupPlanId"]
    ask("DescribeBackupVault", BackupVaultName="prod")
    ask("DescribeBackupVault", BackupVaultName="gapped")
    ask("ListBackupVaults", MaxResults=1)
    ask("GetBackupVaultAccessPolicy", BackupVaultName="prod")
    ask("GetBackupVaultNotifications", BackupVaultName="prod")
    ask("GetBackupPlan", BackupPlanId=plan_id, MaxScheduledRunsPreview=10)
    ask("ListBackupPlans", MaxResults=1)
    ask("ListBackupPlanVersions", BackupPlanId=plan_id, MaxResults=1)
    template = ask("ExportBackupPlanTemplate", BackupPlanId=plan_id)["BackupPlanTemplateJson"]
    ask("GetBackupPlanFromJSON", BackupPlanTemplateJson=template)
    ask("GetBackupSelection", BackupPlanId=plan_id, SelectionId=plan["SelectionId"])
    ask("ListBackupSelections", BackupPlanId=plan_id)
    ask("ListTags", ResourceArn=plan["BackupPlanArn"])
    for operation in ("DescribeRegionSettings", "DescribeGlobalSettings", "GetSupportedResourceTypes"):
        ask(operation)
    ask("ListBackupJobs")
    ask("ListCopyJobs")
    ask("ListProtectedResources")
    for point in ask("ListRecoveryPointsByBackupVault", BackupVaultName="prod")["RecoveryPoints"]:
        ask("DescribeRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=point["RecoveryPointArn"])


def holds(ask):
    """A legal hold from its creation to its cancellation."""
    hold = ask(
        "CreateLegalHold",
        Title="Case 7",
        Description="All of prod",
        Tags={"Case": "7"},
        RecoveryPointSelection={
            "VaultNames": ["prod"],
            "DateRange": {"FromDate": START, "ToDate": ask.service.clock.now()},
        },
    )
    named = {"LegalHoldId": hold["LegalHoldId"]}
    ask.service.clock.advance(minutes=5)
    assert ask("ListRecoveryPointsByLegalHold", **named, MaxResults=1)["RecoveryPoints"]
    ask("CancelLegalHold", **named, CancelDescription="closed", RetainRecordInDays=7)
    ask("GetLegalHold", **named)
    ask("ListLegalHolds", MaxResults=1)


def drills(ask):
    """A restore testing plan, one test of it, and its end."""
    points = {
        "Algorithm": "RANDOM_WITHIN_WINDOW",
        "IncludeVaults": ["*"],
        "ExcludeVaults": ["arn:aws:backup:us-east-1:123456789012:backup-vault:empty"],
        "RecoveryPointTypes": ["SNAPSHOT"],
        "SelectionWindowDays": 14,
    }
    plan = {"RestoreTestingPlanName": "drill", "ScheduleExpression": "cron(0 12 ? * * *)"}
    named = {"RestoreTestingPlanName": "drill"}
    both = {**named, "RestoreTestingSelectionName": "tables"}
    whole = {**plan, "RecoveryPointSelection": points, "ScheduleExpressionTimezone": "Europe/Berlin"}
    ask("CreateRestoreTestingPlan", RestoreTestingPlan=whole, Tags={"Team": "platform"}, CreatorRequestId="once")
    ask("UpdateRestoreTestingPlan", **named, RestoreTestingPlan={"StartWindowHours": 1})
    selection = {
        "RestoreTestingSelectionName": "tables",
        "ProtectedResourceType": "DynamoDB",
        "IamRoleArn": ROLE,
        "ProtectedResourceArns": ["*"],
        "ProtectedResourceConditions": {"StringEquals": [{"Key": "aws:ResourceTag/Backup", "Value": "daily"}]},
        "RestoreMetadataOverrides": {"encryptionType": "Default"},
    }
    ask("CreateRestoreTestingSelection", **named, RestoreTestingSelection=selection, CreatorRequestId="once")
    ask("UpdateRestoreTestingSelection", **both, RestoreTestingSelection={"ValidationWindowHours": 48})
    ask.service.clock.advance(days=1, hours=1)
    arn = ask("GetRestoreTestingPlan", **named)["RestoreTestingPlan"]["RestoreTestingPlanArn"]
    job = ask("ListRestoreJobs", ByRestoreTestingPlanArn=arn)["RestoreJobs"][0]
    said = {"ValidationStatus": "SUCCESSFUL", "ValidationStatusMessage": "all rows"}
    ask("PutRestoreValidationResult", RestoreJobId=job["RestoreJobId"], **said)
    ask.service.clock.advance(minutes=5)
    assert ask("DescribeRestoreJob", RestoreJobId=job["RestoreJobId"])["DeletionStatus"] == "SUCCESSFUL"
    point = {"BackupVaultName": "prod", "RecoveryPointArn": job["RecoveryPointArn"]}
    ask("GetRestoreTestingInferredMetadata", **point)
    ask("ListRestoreTestingPlans", MaxResults=1)
    ask("GetRestoreTestingSelection", **both)
    ask("ListRestoreTestingSelections", **named, MaxResults=1)
    ask("DeleteRestoreTestingSelection", **both)
    ask("DeleteRestoreTestingPlan", **named)


def summaries(ask):
    """The jobs so far, counted in each way."""
    each = {"State": "ANY", "ResourceType": "ANY"}
    for kind in ("Backup", "Copy", "Restore"):
        ask(f"List{kind}JobSummaries", AggregationPeriod="SEVEN_DAYS")
        ask(f"List{kind}JobSummaries", AccountId="AGGREGATE_ALL", **each)
    assert ask("ListBackupJobSummaries", MessageCategory="ANY", MaxResults=1, **each)["BackupJobSummaries"]


CONTROL_PLANE = sorted(
    name
    for name, operation in OPERATIONS.items()
    if operation.handler.__module__.rpartition(".")[2]
    in {
        "vaults",
        "locks",
        "policies",
        "notifications",
        "plans",
        "templates",
        "selections",
        "tags",
        "settings",
        "legal_holds",
        "job_summaries",
        "drills",
        "drill_selections",
        "drill_metadata",
        "drill_results",
    }
)


@pytest.mark.parametrize("operation", CONTROL_PLANE)
def test_every_answer_follows_the_model(asked, operation):
    """Each operation was called, its answer fits botocore's output shape, and botocore's parser keeps all of it."""
    assert operation in asked.operations


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("CreateBackupVault", {}),
        ("CreateBackupVault", {"BackupVaultName": 1}),
        ("CreateBackupVault", {"BackupVaultName": "prod", "BackupVaultTags": ["a"]}),
        ("CreateBackupVault", {"BackupVaultName": "prod", "BackupVaultTags": {"a": 1}}),
        ("CreateBackupVault", {"BackupVaultName": "prod", "Tags": {}}),
        ("CreateBackupVault", {"BackupVaultName": None}),
        ("ListBackupVaults", {"MaxResults": 0}),
        ("ListBackupVaults", {"MaxResults": "5"}),
        ("ListBackupVaults", {"ByShared": "yes"}),
        ("CreateBackupPlan", {"BackupPlan": {"BackupPlanName": "p", "Rules": [{}]}}),
        ("CreateBackupPlan", {"BackupPlan": {"BackupPlanName": "p", "Rules": {}}}),
        ("ListBackupJobs", {"ByCreatedAfter": object()}),
        ("GetBackupPlan", {"BackupPlanId": "p", "MaxScheduledRunsPreview": -1}),
    ],
)
def test_what_botocore_would_not_send_is_an_invalid_value(operation, params):
    """The local service refuses, before anything else, all that botocore's own validator does."""
    shape = MODEL.operation_model(operation).input_shape
    assert ParamValidator().validate(params, shape).has_errors()
    with pytest.raises(errors.InvalidValueError, match=operation):
        LocalService().call(operation, params)


def test_what_botocore_sends_and_the_model_forbids_is_refused_by_the_service():
    """Patterns, maxima and enums are not botocore's to check."""
    wrong = {
        "CreateBackupVault": {"BackupVaultName": "a b"},
        "ListBackupVaults": {"ByVaultType": "CUPBOARD"},
        "ListBackupPlans": {"MaxResults": 1001},
    }
    for operation, params in wrong.items():
        assert not ParamValidator().validate(params, MODEL.operation_model(operation).input_shape).has_errors()
        with pytest.raises(errors.RejectedError) as caught:
            LocalService().call(operation, params)
        assert caught.value.code == "InvalidParameterValueException"


def test_every_operation_of_the_model_compiles():
    """The check of any operation can be made, also of those that are not emulated yet."""
    for operation in shapes.operation_names():
        assert (
            shapes.input_check(operation)({}) is None or MODEL.operation_model(operation).input_shape.required_members
        )
        assert shapes.output_check(operation)({}) is None
