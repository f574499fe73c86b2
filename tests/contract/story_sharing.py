"""Accounts among each other: an approval team, a restore access vault, a shared vault, and what a policy denies."""

from __future__ import annotations

import json

TEAM = "arn:aws:mpa:us-east-1:123456789012:approval-team/vault-guardians"
OTHER_TEAM = "arn:aws:mpa:us-east-1:123456789012:approval-team/second-shift"
GAPPED = "arn:aws:backup:us-east-1:123456789012:backup-vault:gapped"


def play(ask):
    """A logically air-gapped vault from its first team to its last, with one restore access vault in between."""
    ask("UpdateGlobalSettings", GlobalSettings={"isMpaEnabled": "true", "isDelegatedAdministratorEnabled": "false"})
    assert ask("DescribeGlobalSettings")["GlobalSettings"]["isMpaEnabled"] == "true"
    ask("CreateLogicallyAirGappedBackupVault", BackupVaultName="gapped", MinRetentionDays=7, MaxRetentionDays=30)
    ask.service.clock.advance(minutes=5)
    named = {"BackupVaultName": "gapped"}
    ask("AssociateBackupVaultMpaApprovalTeam", **named, MpaApprovalTeamArn=TEAM, RequesterComment="the first")
    opened = restore_access(ask, named)
    ask("AssociateBackupVaultMpaApprovalTeam", **named, MpaApprovalTeamArn=OTHER_TEAM, RequesterComment="they moved")
    assert ask("DescribeBackupVault", **named)["LatestMpaApprovalTeamUpdate"]["Status"] == "PENDING"
    approve(ask)
    assert ask("DescribeBackupVault", **named)["MpaApprovalTeamArn"] == OTHER_TEAM
    revoked(ask, named, opened)
    ask("DisassociateBackupVaultMpaApprovalTeam", **named, RequesterComment="no longer needed")
    approve(ask)
    seen = ask("DescribeBackupVault", **named, BackupVaultAccountId="123456789012")
    assert "MpaApprovalTeamArn" not in seen
    shared(ask)


def approve(ask):
    [waiting] = ask.service.accounts.pending()
    ask.service.accounts.approve(waiting)


def restore_access(ask, named):
    """A restore access vault, asked for and approved; seen from both of its ends."""
    asked = {"SourceBackupVaultArn": GAPPED, "BackupVaultTags": {"Team": "platform"}, "CreatorRequestId": "once"}
    made = ask("CreateRestoreAccessBackupVault", **asked, BackupVaultName="opened", RequesterComment="a drill")
    assert (
        ask("CreateRestoreAccessBackupVault", **asked)["RestoreAccessBackupVaultArn"]
        == made["RestoreAccessBackupVaultArn"]
    )
    approve(ask)
    assert ask("DescribeBackupVault", BackupVaultName="opened")["SourceBackupVaultArn"] == GAPPED
    ask("ListBackupVaults", ByVaultType="RESTORE_ACCESS_BACKUP_VAULT")
    ask("ListRecoveryPointsByBackupVault", BackupVaultName="opened")
    [listed] = ask("ListRestoreAccessBackupVaults", **named, MaxResults=1)["RestoreAccessBackupVaults"]
    assert listed["VaultState"] == "AVAILABLE"
    return made["RestoreAccessBackupVaultArn"]


def revoked(ask, named, arn):
    """Asked for, seen as pending, approved, and gone."""
    ask("RevokeRestoreAccessBackupVault", **named, RestoreAccessBackupVaultArn=arn, RequesterComment="drill is over")
    [listed] = ask("ListRestoreAccessBackupVaults", **named)["RestoreAccessBackupVaults"]
    assert listed["LatestRevokeRequest"]["Status"] == "PENDING"
    approve(ask)
    assert ask("ListRestoreAccessBackupVaults", **named)["RestoreAccessBackupVaults"] == []


def shared(ask):
    """A vault that another account shares, listed and looked into."""
    ask("ListBackupVaults", ByShared=True, MaxResults=1)
    owner = ask.service.as_account("210987654321")
    owner.call(
        "CreateLogicallyAirGappedBackupVault",
        {"BackupVaultName": "theirs", "MinRetentionDays": 7, "MaxRetentionDays": 30},
    )
    owner.accounts.share("theirs", with_account="123456789012")
    [listed] = ask("ListBackupVaults", ByShared=True)["BackupVaultList"]
    assert listed["BackupVaultName"] == "theirs"
    there = {"BackupVaultName": "theirs", "BackupVaultAccountId": "210987654321"}
    ask("DescribeBackupVault", **there)
    ask("ListRecoveryPointsByBackupVault", **there)
    ask("ListProtectedResourcesByBackupVault", **there)
    policy = {"Effect": "Deny", "Principal": "*", "Action": "backup:StartRestoreJob", "Resource": "*"}
    ask("PutBackupVaultAccessPolicy", BackupVaultName="gapped", Policy=json.dumps({"Statement": [policy]}))
