"""Jobs and points: backed up, copied, restored, kept shorter, let go and deleted."""

from __future__ import annotations

ROLE = "arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole"
VOLUME = "arn:aws:ec2:us-east-1:123456789012:volume/vol-0f1e2d3c4b5a69788"
BUCKET = "arn:aws:s3:::photos"
OTHER = "arn:aws:backup:us-east-1:123456789012:backup-vault:other"


def play(ask):
    """A volume from its backup to its restore, and a bucket's continuous point until it is let go."""
    ask.service.resources.add(VOLUME, tags={"Backup": "daily"})
    ask.service.resources.add(BUCKET, account_id="123456789012", region_name="us-east-1")
    for name in ("prod", "other"):
        ask("CreateBackupVault", BackupVaultName=name)
    point = backed_up(ask)
    copied(ask, point)
    restored(ask, point)
    looked_at(ask, point)
    let_go(ask)
    ask("DeleteRecoveryPoint", **point)


def backed_up(ask):
    """One job that runs to its end, and one that is stopped."""
    asked = {"BackupVaultName": "prod", "ResourceArn": VOLUME, "IamRoleArn": ROLE}
    windows = {"StartWindowMinutes": 60, "CompleteWindowMinutes": 600}
    keep = {"Lifecycle": {"DeleteAfterDays": 35}, "RecoveryPointTags": {"Made": "by-hand"}}
    job = ask("StartBackupJob", **asked, **windows, **keep, IdempotencyToken="once")
    ask.service.clock.advance(hours=2)
    done = ask("DescribeBackupJob", BackupJobId=job["BackupJobId"])
    assert done["State"] == "COMPLETED"
    ask("StopBackupJob", BackupJobId=ask("StartBackupJob", **asked)["BackupJobId"])
    ask.service.clock.advance(hours=1)
    ask("ListBackupJobs", ByState="ABORTED", ByResourceArn=VOLUME, ByResourceType="EBS", ByBackupVaultName="prod")
    return {"BackupVaultName": "prod", "RecoveryPointArn": done["RecoveryPointArn"]}


def copied(ask, point):
    """A copy into the other vault."""
    job = ask(
        "StartCopyJob",
        RecoveryPointArn=point["RecoveryPointArn"],
        SourceBackupVaultName="prod",
        DestinationBackupVaultArn=OTHER,
        IamRoleArn=ROLE,
        IdempotencyToken="once",
        Lifecycle={"DeleteAfterDays": 50},
    )
    ask.service.clock.advance(hours=2)
    assert ask("DescribeCopyJob", CopyJobId=job["CopyJobId"])["CopyJob"]["State"] == "COMPLETED"
    ask("ListCopyJobs", ByState="COMPLETED", ByDestinationVaultArn=OTHER, ByResourceArn=VOLUME)


def restored(ask, point):
    """A new volume, made with the metadata that the point gives."""
    given = ask("GetRecoveryPointRestoreMetadata", **point)["RestoreMetadata"]
    job = ask(
        "StartRestoreJob",
        RecoveryPointArn=point["RecoveryPointArn"],
        Metadata={**given, "availabilityZone": "us-east-1a"},
        IamRoleArn=ROLE,
        IdempotencyToken="once",
        ResourceType="EBS",
    )
    ask.service.clock.advance(hours=2)
    named = {"RestoreJobId": job["RestoreJobId"]}
    assert ask("DescribeRestoreJob", **named)["Status"] == "COMPLETED"
    ask("GetRestoreJobMetadata", **named)
    ask("ListRestoreJobs", ByStatus="COMPLETED", ByResourceType="EBS")
    ask("ListRestoreJobsByProtectedResource", ResourceArn=VOLUME, ByStatus="COMPLETED")


def looked_at(ask, point):
    """The point, the resource, and every list that names them."""
    ask("DescribeRecoveryPoint", **point)
    ask("ListRecoveryPointsByResource", ResourceArn=VOLUME, MaxResults=1)
    ask("ListRecoveryPointsByBackupVault", BackupVaultName="prod", ByResourceArn=VOLUME, ByResourceType="EBS")
    ask("DescribeProtectedResource", ResourceArn=VOLUME)
    ask("ListProtectedResources", MaxResults=1)
    ask("ListProtectedResourcesByBackupVault", BackupVaultName="prod")
    ask("UpdateRecoveryPointLifecycle", **point, Lifecycle={"DeleteAfterDays": 20})


def let_go(ask):
    """A continuous point, disassociated."""
    rule = {
        "RuleName": "continuous",
        "TargetBackupVaultName": "prod",
        "ScheduleExpression": "cron(0 5 ? * * *)",
        "EnableContinuousBackup": True,
        "Lifecycle": {"DeleteAfterDays": 35},
    }
    plan = ask("CreateBackupPlan", BackupPlan={"BackupPlanName": "p", "Rules": [rule]})
    selection = {"SelectionName": "s", "IamRoleArn": ROLE, "Resources": [BUCKET]}
    ask("CreateBackupSelection", BackupPlanId=plan["BackupPlanId"], BackupSelection=selection)
    ask.service.clock.advance(days=2)
    [kept] = ask("ListRecoveryPointsByResource", ResourceArn=BUCKET)["RecoveryPoints"]
    ask("DisassociateRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=kept["RecoveryPointArn"])
