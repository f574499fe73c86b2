"""Every family at once, on the same points; it ends while jobs of every kind are under way."""

from __future__ import annotations

ROLE, SCANNER = "arn:aws:iam::123456789012:role/backup", "arn:aws:iam::123456789012:role/scanner"
BUCKET, LOGS = "arn:aws:s3:::photos", "arn:aws:s3:::logs"
VOLUMES = [f"arn:aws:ec2:us-east-1:123456789012:volume/vol-0f1e2d3c4b5a6978{number}" for number in range(4)]
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
DATABASE = "arn:aws:rds:us-east-1:123456789012:db:shop"
FILES = "arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-0123456789abcdef0"
STACK = "arn:aws:cloudformation:us-east-1:123456789012:stack/shop/4f2c9d60-1111-4222-8333-0123456789ab"
CLUSTER = "arn:aws:eks:us-east-1:123456789012:cluster/web"
VAULT = "arn:aws:backup:us-east-1:123456789012:backup-vault:"
POINTS = {"Algorithm": "RANDOM_WITHIN_WINDOW", "IncludeVaults": ["*"], "RecoveryPointTypes": ["SNAPSHOT", "CONTINUOUS"]}


def play(ask):
    """Three days of plans, with holds, doors, tests, scans and reports on what they make; then one of each job."""
    resources(ask)
    vaults(ask)
    plans(ask)
    watched(ask)
    ask.service.clock.advance(days=3, hours=7)
    kept(ask)
    ask.service.clock.advance(hours=7)
    ask("ListBackupPlanTemplates")
    under_way(ask)


def resources(ask):
    world = ask.service.resources
    for arn in (*VOLUMES, TABLE, DATABASE, FILES, BUCKET, LOGS):
        world.add(arn, tags={"Backup": "daily", "Team": "shop"}, size_bytes=20_000_000_000)
    world.infect(VOLUMES[0])
    world.add(STACK, members={"Orders": TABLE, "Data": VOLUMES[1]})
    world.add(CLUSTER, members={"pv-data": VOLUMES[2]})


def vaults(ask):
    for name in ("prod", "other", "locked"):
        ask("CreateBackupVault", BackupVaultName=name, BackupVaultTags={"Team": name})
    ask("CreateLogicallyAirGappedBackupVault", BackupVaultName="gapped", MinRetentionDays=7, MaxRetentionDays=60)
    ask("PutBackupVaultLockConfiguration", BackupVaultName="locked", MinRetentionDays=1, MaxRetentionDays=100)
    ask.service.clock.advance(minutes=10)


def plans(ask):
    common = {"TargetBackupVaultName": "prod", "StartWindowMinutes": 60, "CompletionWindowMinutes": 240}
    copies = [
        {"DestinationBackupVaultArn": f"{VAULT}{name}", "Lifecycle": {"DeleteAfterDays": 10}}
        for name in ("other", "gapped", "nowhere")
    ]
    scans = [{"MalwareScanner": "GUARDDUTY", "ScanMode": "INCREMENTAL_SCAN"}]
    hourly = {
        **common,
        "RuleName": "hourly",
        "ScheduleExpression": "cron(0 0/6 ? * * *)",
        "Lifecycle": {"DeleteAfterDays": 2},
        "CopyActions": copies,
        "IndexActions": [{"ResourceTypes": ["EBS"]}],
        "ScanActions": scans,
    }
    settings = [{"MalwareScanner": "GUARDDUTY", "ResourceTypes": ["ALL"], "ScannerRoleArn": SCANNER}]
    planned(ask, "volumes", hourly, [*VOLUMES[:2], TABLE], ScanSettings=settings)
    rolling = {**common, "RuleName": "rolling", "ScheduleExpression": "cron(30 5 ? * * *)"}
    keep = {"EnableContinuousBackup": True, "Lifecycle": {"DeleteAfterDays": 5}, "ScanActions": scans}
    planned(ask, "rolling", {**rolling, **keep}, [BUCKET, DATABASE], ScanSettings=settings)
    gapped = {"TargetLogicallyAirGappedBackupVaultArn": f"{VAULT}gapped", "Lifecycle": {"DeleteAfterDays": 8}}
    daily = {**common, "RuleName": "gapped", "ScheduleExpression": "cron(0 7 ? * * *)", **gapped}
    planned(ask, "gapped", daily, [VOLUMES[3], FILES])
    whole = {**common, "RuleName": "whole", "ScheduleExpression": "cron(0 9 ? * * *)", "CopyActions": copies[:1]}
    planned(ask, "composites", {**whole, "Lifecycle": {"DeleteAfterDays": 2}}, [STACK, CLUSTER])
    locked = {**common, "TargetBackupVaultName": "locked", "RuleName": "locked", "Lifecycle": {"DeleteAfterDays": 1}}
    planned(ask, "locked", {**locked, "ScheduleExpression": "cron(0 11 ? * * *)"}, [LOGS])
    too_long = {**common, "TargetBackupVaultName": "locked", "RuleName": "fails"}
    planned(ask, "fails", {**too_long, "ScheduleExpression": "cron(0 13 ? * * *)"}, [LOGS])


def planned(ask, name, rule, arns, **more):
    document = {"BackupPlanName": name, "Rules": [rule], **more}
    plan = ask("CreateBackupPlan", BackupPlan=document, CreatorRequestId=name)
    selection = {"SelectionName": name, "IamRoleArn": ROLE, "Resources": arns}
    ask("CreateBackupSelection", BackupPlanId=plan["BackupPlanId"], BackupSelection=selection, CreatorRequestId=name)


def watched(ask):
    """A restore testing plan, a framework, a report plan, a tiering configuration."""
    test = {"RestoreTestingPlanName": "tests", "ScheduleExpression": "cron(0 12 ? * * *)", "StartWindowHours": 3}
    ask("CreateRestoreTestingPlan", RestoreTestingPlan={**test, "RecoveryPointSelection": POINTS})
    for kind, hours in (("EBS", 3), ("S3", 1)):
        selection = {
            "RestoreTestingSelectionName": kind.lower(),
            "ProtectedResourceType": kind,
            "ProtectedResourceArns": ["*"],
            "ValidationWindowHours": hours,
            "IamRoleArn": ROLE,
        }
        ask("CreateRestoreTestingSelection", RestoreTestingPlanName="tests", RestoreTestingSelection=selection)
    ask(
        "CreateFramework", FrameworkName="audit", FrameworkControls=[{"ControlName": "BACKUP_RECOVERY_POINT_ENCRYPTED"}]
    )
    delivery = {"S3BucketName": "reports", "Formats": ["CSV"]}
    setting = {"ReportTemplate": "BACKUP_JOB_REPORT"}
    ask("CreateReportPlan", ReportPlanName="jobs", ReportDeliveryChannel=delivery, ReportSetting=setting)
    one = {"Resources": [BUCKET], "TieringDownSettingsInDays": 90, "ResourceType": "S3"}
    tiering = {"TieringConfigurationName": "photos_90", "BackupVaultName": "prod", "ResourceSelection": [one]}
    ask("CreateTieringConfiguration", TieringConfiguration=tiering)


def kept(ask):
    """Two holds and two access points, some on the same points, one of them going again."""
    snapshot = backed_up(ask, LOGS)
    ask("CreateBackupAccessPoint", Name="logs-reader", RecoveryPointArn=snapshot)
    [rolling] = found(ask, BUCKET, "AVAILABLE")
    moment = f"{ask.service.clock.now():%Y-%m-%dT%H:%M:%SZ}"
    ask(
        "CreateBackupAccessPoint",
        Name="photos-reader",
        RecoveryPointArn=rolling,
        AccessPointMetadata={"AccessPointInTime": moment},
    )
    vault = {"VaultNames": ["prod"]}
    first = ask("CreateLegalHold", Title="one", Description="of a vault", RecoveryPointSelection=vault)
    types = {"ResourceIdentifiers": ["EBS", LOGS]}
    ask("CreateLegalHold", Title="two", Description="of a type", RecoveryPointSelection=types)
    ask.service.clock.advance(minutes=5)
    held = ask("ListRecoveryPointsByLegalHold", LegalHoldId=first["LegalHoldId"], MaxResults=1000)["RecoveryPoints"]
    assert snapshot in {point["RecoveryPointArn"] for point in held}
    ask.service.clock.advance(days=3)
    ask("CancelLegalHold", LegalHoldId=first["LegalHoldId"], CancelDescription="over")


def found(ask, arn, *states):
    """The points of a resource in the first vault, the newest first."""
    points = ask("ListRecoveryPointsByBackupVault", BackupVaultName="prod", ByResourceArn=arn)["RecoveryPoints"]
    return [point["RecoveryPointArn"] for point in points if point["Status"] in states]


def backed_up(ask, arn):
    """The ARN of a new point that is kept for a day."""
    asked = {"BackupVaultName": "prod", "IamRoleArn": ROLE, "Lifecycle": {"DeleteAfterDays": 1}}
    job = ask("StartBackupJob", ResourceArn=arn, **asked)
    ask.service.clock.advance(hours=1)
    return ask("DescribeBackupJob", BackupJobId=job["BackupJobId"])["RecoveryPointArn"]


def under_way(ask):
    """Jobs of every kind: some just made, some running, some being stopped."""
    role = {"IamRoleArn": ROLE}
    volume = found(ask, VOLUMES[0], "COMPLETED")[0]
    restore(ask, volume, {"availabilityZone": "us-east-1a"}, "restore-1")
    state = next(arn for arn in found(ask, CLUSTER, "COMPLETED", "PARTIAL") if ":composite:" in arn)
    restore(ask, state, {"clusterName": "again", "newCluster": "true"}, "restore-2")
    to = {"SourceBackupVaultName": "prod", "DestinationBackupVaultArn": f"{VAULT}locked"}
    ask("StartCopyJob", RecoveryPointArn=volume, Lifecycle={"DeleteAfterDays": 9}, **to, **role)
    ask("StartCopyJob", RecoveryPointArn=state, Lifecycle={"DeleteAfterDays": 9}, **to, **role)
    scan = {"MalwareScanner": "GUARDDUTY", "ScannerRoleArn": SCANNER, "ScanMode": "FULL_SCAN", **role}
    ask("StartScanJob", BackupVaultName="prod", RecoveryPointArn=volume, **scan)
    ask("UpdateRecoveryPointIndexSettings", BackupVaultName="prod", RecoveryPointArn=volume, Index="DISABLED")
    for arn in (STACK, CLUSTER, TABLE, FILES, LOGS):
        ask("StartBackupJob", BackupVaultName="prod", ResourceArn=arn, Lifecycle={"DeleteAfterDays": 8}, **role)
    gapped = {"LogicallyAirGappedBackupVaultArn": f"{VAULT}gapped", "Lifecycle": {"DeleteAfterDays": 8}}
    ask("StartBackupJob", BackupVaultName="prod", ResourceArn=VOLUMES[3], **gapped, **role)
    ask.service.clock.advance(seconds=75)
    stopped = ask("StartBackupJob", BackupVaultName="prod", ResourceArn=VOLUMES[2], **role)
    ask("StopBackupJob", BackupJobId=stopped["BackupJobId"])
    ask("StartReportJob", ReportPlanName="jobs")
    ask("DeleteBackupAccessPoint", AccessPointArn="arn:aws:backup:us-east-1:123456789012:accesspoint/photos-reader")
    ask("CreateLegalHold", Title="three", Description="being made")


def restore(ask, point, metadata, token):
    ask("StartRestoreJob", RecoveryPointArn=point, Metadata=metadata, IamRoleArn=ROLE, IdempotencyToken=token)
