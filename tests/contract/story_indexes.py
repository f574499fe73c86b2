"""Every operation of backup indexes, played with as many members as they have."""

from __future__ import annotations

from datetime import UTC, datetime

ROLE = "arn:aws:iam::123456789012:role/backup"
BUCKET, VOLUME = "arn:aws:s3:::photos", "arn:aws:ec2:us-east-1:123456789012:volume/vol-0123456789abcdef0"


def play(ask):
    ask("CreateBackupVault", BackupVaultName="prod")
    for arn in (BUCKET, VOLUME):
        ask.service.resources.add(arn)
    bucket = backed_up(ask, BUCKET, Index="ENABLED")
    asked_for = ask("UpdateRecoveryPointIndexSettings", **backed_up(ask, VOLUME), Index="ENABLED", IamRoleArn=ROLE)
    assert asked_for["IndexStatus"] == "PENDING"
    ask.service.clock.advance(minutes=10)
    details = ask("GetRecoveryPointIndexDetails", **bucket)
    assert details["IndexStatus"] == "ACTIVE"
    assert details["TotalItemsIndexed"] == 1000
    filters = {
        "SourceResourceArn": BUCKET,
        "ResourceType": "S3",
        "IndexStatus": "ACTIVE",
        "CreatedAfter": datetime(2025, 1, 1, tzinfo=UTC),
        "CreatedBefore": datetime(2027, 1, 1, tzinfo=UTC),
    }
    [listed] = ask("ListIndexedRecoveryPoints", MaxResults=5, **filters)["IndexedRecoveryPoints"]
    assert listed["RecoveryPointArn"] == bucket["RecoveryPointArn"]
    first = ask("ListIndexedRecoveryPoints", MaxResults=1)
    ask("ListIndexedRecoveryPoints", MaxResults=1, NextToken=first["NextToken"])
    assert ask("DescribeRecoveryPoint", **bucket)["IndexStatus"] == "ACTIVE"
    ask("UpdateRecoveryPointIndexSettings", **bucket, Index="DISABLED")
    assert "IndexDeletionDate" in ask("GetRecoveryPointIndexDetails", **bucket)
    ask("ListRecoveryPointsByBackupVault", BackupVaultName="prod")
    ask("ListRecoveryPointsByResource", ResourceArn=BUCKET)


def backed_up(ask, arn, **more):
    """The names of a new point of the resource."""
    job = ask("StartBackupJob", BackupVaultName="prod", ResourceArn=arn, IamRoleArn=ROLE, **more)
    ask.service.clock.advance(minutes=10)
    done = ask("DescribeBackupJob", BackupJobId=job["BackupJobId"])
    return {"BackupVaultName": "prod", "RecoveryPointArn": done["RecoveryPointArn"]}
