"""Tiering configurations and backup access points, called with all their operations can hold."""

from __future__ import annotations

BUCKET = "arn:aws:s3:::photos"
ROLE = "arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole"
POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}]}'


def play(ask):
    """A configuration through its life; a snapshot of a bucket with an access point, until both are gone."""
    ask("CreateBackupVault", BackupVaultName="prod")
    tiering(ask)
    access_points(ask)


def tiering(ask):
    """Made twice by one token, changed, found, deleted."""
    one = {"Resources": [BUCKET], "TieringDownSettingsInDays": 90, "ResourceType": "S3"}
    document = {"TieringConfigurationName": "photos_90", "BackupVaultName": "prod", "ResourceSelection": [one]}
    asked = {
        "TieringConfiguration": document,
        "TieringConfigurationTags": {"Team": "media"},
        "CreatorRequestId": "once",
    }
    made = ask("CreateTieringConfiguration", **asked)
    assert ask("CreateTieringConfiguration", **asked) == made
    ask.service.clock.advance(hours=1)
    changed = {"BackupVaultName": "*", "ResourceSelection": [{**one, "Resources": ["*"]}]}
    ask("UpdateTieringConfiguration", TieringConfigurationName="photos_90", TieringConfiguration=changed)
    ask("ListTieringConfigurations", MaxResults=1)
    ask("GetTieringConfiguration", TieringConfigurationName="photos_90")
    assert ask("ListTags", ResourceArn=made["TieringConfigurationArn"])["Tags"] == {"Team": "media"}
    ask("DeleteTieringConfiguration", TieringConfigurationName="photos_90")


def access_points(ask):
    """Made, found in every list, deleted."""
    ask.service.resources.add(BUCKET, account_id="123456789012", region_name="us-east-1")
    job = ask("StartBackupJob", BackupVaultName="prod", ResourceArn=BUCKET, IamRoleArn=ROLE)
    ask.service.clock.advance(hours=2)
    point = ask("DescribeBackupJob", BackupJobId=job["BackupJobId"])["RecoveryPointArn"]
    made = ask(
        "CreateBackupAccessPoint",
        Name="photos-reader",
        RecoveryPointArn=point,
        AccessPointPolicy=POLICY,
        AccessPointMetadata={},
        Tags={"Team": "media"},
    )
    ask("DescribeBackupAccessPoint", AccessPointArn=made["AccessPointArn"])
    ask.service.clock.advance(minutes=5)
    ask("DescribeBackupAccessPoint", AccessPointArn=made["AccessPointArn"])
    for found in (
        ask("ListBackupAccessPoints", MaxResults=1),
        ask("ListBackupAccessPointsByRecoveryPoint", RecoveryPointArn=point, MaxResults=1),
        ask("ListBackupAccessPointsByResource", ResourceArn=BUCKET, MaxResults=1),
    ):
        assert [each["Name"] for each in found["BackupAccessPoints"]] == ["photos-reader"]
    ask("DeleteBackupAccessPoint", AccessPointArn=made["AccessPointArn"])
    ask.service.clock.advance(minutes=5)
    assert ask("ListBackupAccessPoints")["BackupAccessPoints"] == []
