"""Every operation of malware scans, played with as many members as they have."""

from __future__ import annotations

from datetime import UTC, datetime

ROLE, SCANNER = "arn:aws:iam::123456789012:role/backup", "arn:aws:iam::123456789012:role/scanner"
BUCKET, VOLUME = "arn:aws:s3:::photos", "arn:aws:ec2:us-east-1:123456789012:volume/vol-0123456789abcdef0"


def play(ask):
    ask("CreateBackupVault", BackupVaultName="prod")
    for arn in (BUCKET, VOLUME):
        ask.service.resources.add(arn)
    base = backed_up(ask, VOLUME)
    scanned(ask, base, ScanMode="FULL_SCAN", IdempotencyToken="once")
    ask.service.resources.infect(VOLUME)
    infected = backed_up(ask, VOLUME)
    job = scanned(ask, infected, ScanMode="INCREMENTAL_SCAN", ScanBaseRecoveryPointArn=base["RecoveryPointArn"])
    assert job["ScanResult"] == {"ScanResultStatus": "THREATS_FOUND"}
    assert job["ScanBaseRecoveryPointArn"] == base["RecoveryPointArn"]
    assert ask("DescribeRecoveryPoint", **infected)["ScanResults"][0]["Findings"] == ["MALWARE"]
    ask("ListRecoveryPointsByBackupVault", BackupVaultName="prod")
    ask("ListRecoveryPointsByResource", ResourceArn=VOLUME)
    listed(ask, job)
    continuous(ask)


def listed(ask, job):
    filters = {
        "ByAccountId": "123456789012",
        "ByBackupVaultName": "prod",
        "ByCompleteAfter": datetime(2025, 1, 1, tzinfo=UTC),
        "ByCompleteBefore": datetime(2027, 1, 1, tzinfo=UTC),
        "ByMalwareScanner": "GUARDDUTY",
        "ByRecoveryPointArn": job["RecoveryPointArn"],
        "ByResourceArn": VOLUME,
        "ByResourceType": "EBS",
        "ByScanResultStatus": "THREATS_FOUND",
        "ByState": "COMPLETED",
    }
    [found] = ask("ListScanJobs", **filters)["ScanJobs"]
    assert found["ScanJobId"] == job["ScanJobId"]
    first = ask("ListScanJobs", MaxResults=1)
    ask("ListScanJobs", MaxResults=1, NextToken=first["NextToken"])
    summed = {"State": "ANY", "ResourceType": "ANY", "MalwareScanner": "GUARDDUTY", "AccountId": "ANY"}
    ask("ListScanJobSummaries", **summed, ScanResultStatus="THREATS_FOUND", AggregationPeriod="SEVEN_DAYS")
    assert ask("ListScanJobSummaries")["ScanJobSummaries"][0]["Count"] == 2


def continuous(ask):
    """A plan that backs a bucket up continuously, and scans it."""
    rule = {
        "RuleName": "continuous",
        "TargetBackupVaultName": "prod",
        "ScheduleExpression": "cron(0 5 ? * * *)",
        "EnableContinuousBackup": True,
        "Lifecycle": {"DeleteAfterDays": 35},
        "IndexActions": [{"ResourceTypes": ["S3"]}],
        "ScanActions": [{"MalwareScanner": "GUARDDUTY", "ScanMode": "INCREMENTAL_SCAN"}],
    }
    settings = [{"MalwareScanner": "GUARDDUTY", "ResourceTypes": ["S3"], "ScannerRoleArn": SCANNER}]
    document = {"BackupPlanName": "p", "Rules": [rule], "ScanSettings": settings}
    plan = ask("CreateBackupPlan", BackupPlan=document)
    selection = {"SelectionName": "s", "IamRoleArn": ROLE, "Resources": [BUCKET]}
    ask("CreateBackupSelection", BackupPlanId=plan["BackupPlanId"], BackupSelection=selection)
    ask.service.clock.advance(days=3)
    [kept] = ask("ListRecoveryPointsByResource", ResourceArn=BUCKET)["RecoveryPoints"]
    point = {"BackupVaultName": "prod", "RecoveryPointArn": kept["RecoveryPointArn"]}
    moment = ask.service.clock.now()
    job = scanned(ask, point, ScanMode="FULL_SCAN", ContinuousScanEndTime=moment)
    assert job["ContinuousScanEndTime"] in {moment, moment.timestamp()}
    told = ask("GetPITRMalwareScanResults", **point, ScanEndTime=moment, MalwareScanner="GUARDDUTY")
    assert told["ScanId"] == job["ScanId"]


def scanned(ask, point, **more):
    """A scan job that has ended."""
    asked = {"MalwareScanner": "GUARDDUTY", "IamRoleArn": ROLE, "ScannerRoleArn": SCANNER, **more}
    job = ask("StartScanJob", **point, **asked)
    ask.service.clock.advance(minutes=10)
    return ask("DescribeScanJob", ScanJobId=job["ScanJobId"])


def backed_up(ask, arn):
    """The names of a new point of the resource."""
    job = ask("StartBackupJob", BackupVaultName="prod", ResourceArn=arn, IamRoleArn=ROLE)
    ask.service.clock.advance(minutes=10)
    done = ask("DescribeBackupJob", BackupJobId=job["BackupJobId"])
    return {"BackupVaultName": "prod", "RecoveryPointArn": done["RecoveryPointArn"]}
