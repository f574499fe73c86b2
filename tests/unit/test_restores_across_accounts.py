"""Restores of another account's points: whose role, where the target lies, and which of the source's values hold."""

from __future__ import annotations

import json

import pytest

import backupkit as bk
from backupkit.errors import InvalidValueError, NotFoundError, PreflightError

OWN, RESCUE, REGION = "123456789012", "333333333333", "us-east-1"
FILES = f"arn:aws:elasticfilesystem:{REGION}:{OWN}:file-system/fs-01234567"
CLUSTER = f"arn:aws:rds:{REGION}:{OWN}:cluster:shop"
VOLUME = f"arn:aws:ec2:{REGION}:{OWN}:volume/vol-0123456789abcdef0"
DEFAULT_ROLE = "role/service-role/AWSBackupDefaultServiceRole"


@pytest.fixture
def aws():
    """An account with a vault, which copies to another that takes its copies."""
    with bk.local() as aws:
        aws.accounts.organize(RESCUE)
        aws.call("UpdateGlobalSettings", GlobalSettings={"isCrossAccountBackupEnabled": "true"})
        aws.call("CreateBackupVault", BackupVaultName="prod")
        aws.call(
            "CreateLogicallyAirGappedBackupVault", BackupVaultName="gapped", MinRetentionDays=7, MaxRetentionDays=90
        )
        aws.clock.advance(minutes=5)
        yield aws


def shared(aws, resource, **more):
    """The points of a resource in an air-gapped vault, as the account sees them that it is shared with."""
    aws.resources.add(resource, **more)
    point = aws.back_up(resource, vault="prod", keep_days=30).wait().recovery_point
    point.copy_to(aws.vaults.get("gapped").backup_vault_arn).wait_at(aws)
    aws.accounts.share("gapped", with_account=RESCUE)
    [seen] = aws.as_account(RESCUE).recovery_points(vault="gapped", vault_account_id=OWN)
    return seen


def test_a_copy_in_another_account_is_restored_by_a_role_of_that_account(aws):
    """AWS answers the source's role for a copy, and no account can pass another's: the own default one is taken."""
    rescue = aws.as_account(RESCUE)
    rescue.call(
        "CreateBackupVault",
        BackupVaultName="rescue",
        EncryptionKeyArn=f"arn:aws:kms:{REGION}:{RESCUE}:key/mrk-0123456789abcdef",
    )
    allow = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{OWN}:root"},
        "Action": "backup:CopyIntoBackupVault",
        "Resource": "*",
    }
    rescue.call("PutBackupVaultAccessPolicy", BackupVaultName="rescue", Policy=json.dumps({"Statement": [allow]}))
    aws.resources.add(FILES)
    point = aws.back_up(FILES, vault="prod", role=f"arn:aws:iam::{OWN}:role/backup").wait().recovery_point
    copy = point.copy_to(rescue.vaults.get("rescue").backup_vault_arn, destination=rescue).wait_at(rescue)
    assert copy.iam_role_arn == f"arn:aws:iam::{OWN}:role/backup"
    request = bk.restore.EFSFileSystem()
    assert copy.preview_restore(request).role == f"arn:aws:iam::{RESCUE}:{DEFAULT_ROLE}"
    assert point.preview_restore(request).role == f"arn:aws:iam::{OWN}:role/backup"


def test_a_role_of_another_account_is_refused_before_the_call(aws):
    """The message names both accounts, and a role of the restoring one, as it says, gets through."""
    point = shared(aws, FILES)
    with pytest.raises(PreflightError, match=f"of account {OWN}, and account {RESCUE} restores; .*role="):
        point.restore(bk.restore.EFSFileSystem(), role=f"arn:aws:iam::{OWN}:role/backup")
    job = point.restore(bk.restore.EFSFileSystem(), role=f"arn:aws:iam::{RESCUE}:role/backup").wait()
    assert job.created_resource_arn.split(":")[4] == RESCUE


def test_the_target_of_a_shared_point_is_looked_at_where_it_is_made(aws):
    """A name that is taken in the restoring account is told beforehand; one that the owner has is free."""
    point = shared(aws, CLUSTER, resource_type="Aurora")
    assert point.preview_restore(bk.restore.AuroraCluster("shop")).obstacles == ()
    made = point.restore(bk.restore.AuroraCluster("shop")).wait().created_resource_arn
    assert made == CLUSTER.replace(OWN, RESCUE)
    with pytest.raises(PreflightError, match="is there already"):
        point.restore(bk.restore.AuroraCluster("shop"))


def test_what_belongs_to_the_owners_account_is_left_behind(aws):
    """Keys and zones of the account that shares the vault are not sent, although the vault is that account's."""
    preview = shared(aws, CLUSTER, resource_type="Aurora").preview_restore(bk.restore.AuroraCluster("shop"))
    assert {"AvailabilityZones", "EnableCloudwatchLogsExports"} <= {each.key for each in preview.dropped}
    assert not {"AvailabilityZones", "EnableCloudwatchLogsExports"} & preview.metadata.keys()


def test_recover_looks_into_vaults_that_are_shared_with_the_account(aws):
    """Whoever is in the rescuing account at night needs the ARN alone, and no vault of their own."""
    shared(aws, FILES)
    got = aws.as_account(RESCUE).recover(FILES)
    assert got.created_resource_arn.split(":")[4] == RESCUE
    assert (got.point.backup_vault_name, got.unreadable_vaults) == ("gapped", ())


def test_who_asks_the_wrong_account_is_told_which_one_is_the_resources_own(aws):
    """Of a resource of another account there may be no points here, and that account's own vaults are the place."""
    with pytest.raises(NotFoundError, match=rf"asked of account {OWN}; connect to its own account, {RESCUE}\)"):
        aws.recover(VOLUME.replace(OWN, RESCUE))


def test_a_backup_by_a_role_of_another_account_is_refused_before_the_call(aws):
    """No account can pass the role; one of the resource's own account gets through."""
    aws.resources.add(VOLUME)
    with pytest.raises(
        InvalidValueError, match=f"role is of account {RESCUE}, and the resource of account {OWN}; give"
    ):
        aws.back_up(VOLUME, vault="prod", role=f"arn:aws:iam::{RESCUE}:role/backup")
    assert aws.back_up(VOLUME, vault="prod", role=f"arn:aws:iam::{OWN}:role/backup").wait().state == "COMPLETED"
