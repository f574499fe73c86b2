"""The control plane, called with all its operations can hold."""

from __future__ import annotations

from backupkit.emulator.service import START

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
BUCKET = "arn:aws:s3:::photos"
ROLE = "arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole"
TOPIC = "arn:aws:sns:us-east-1:123456789012:backup-notifications"
POLICY = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", '
    '"Action": "backup:DeleteRecoveryPoint", "Resource": "*"}]}'
)


def play(ask):
    """Vaults, plans, what their schedules make, holds, summaries and drills."""
    ask.service.resources.add(TABLE, tags={"Backup": "daily"})
    ask.service.resources.add(BUCKET, account_id="123456789012", region_name="us-east-1")
    vaults(ask)
    plan = plans(ask)
    ask.service.clock.advance(days=3)
    read(ask, plan)
    holds(ask)
    summaries(ask)
    drills(ask)
    ask("DeleteBackupSelection", BackupPlanId=plan["BackupPlanId"], SelectionId=plan["SelectionId"])
    gone = ask("DeleteBackupPlan", BackupPlanId=plan["BackupPlanId"])
    ask("GetBackupPlan", BackupPlanId=plan["BackupPlanId"], VersionId=gone["VersionId"])
    ask("ListBackupPlans", IncludeDeleted=True)
    for what in ("AccessPolicy", "Notifications", "LockConfiguration"):
        ask(f"DeleteBackupVault{what}", BackupVaultName="prod")
    ask("DeleteBackupVault", BackupVaultName="empty")


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
