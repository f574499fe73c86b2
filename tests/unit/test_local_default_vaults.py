"""An account as it is: the vaults that AWS makes by itself."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from local_stage import ACCOUNT, REGION, ROLE, table_arn, vault_arn

import backupkit as bk
from backupkit import errors
from backupkit.emulator import Choices
from backupkit.emulator.http import App, Request
from backupkit.emulator.kernel.resource_protocol import ResourceInfo, WorldError
from backupkit.emulator.resources.synthetic import SyntheticWorld

AUTOMATIC = "aws/efs/automatic-backup-vault"
SYSTEM = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-1"
ENCODED = AUTOMATIC.replace("/", "%2F")


@pytest.fixture
def aws() -> Any:
    return bk.local(default_vaults=True)


def names(aws: Any) -> list[str]:
    return [vault.backup_vault_name for vault in aws.vaults]


def ask(aws: Any, operation: str, **params: Any) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(aws.service.call(operation, params))
    return answer


def test_every_account_and_region_has_its_default_vault(aws: Any) -> None:
    """Its CreatorRequestId is Default, it is under aws/backup, and it can neither be made again nor deleted."""
    for other in (aws, aws.in_region("eu-west-1"), aws.as_account("210987654321")):
        assert names(other) == ["Default"]
    vault = ask(aws, "DescribeBackupVault", BackupVaultName="Default")
    assert (vault["CreatorRequestId"], "EncryptionKeyType" in vault) == ("Default", False)
    with pytest.raises(errors.AlreadyExistsError):
        ask(aws, "CreateBackupVault", BackupVaultName="Default")
    with pytest.raises(errors.RejectedError):
        ask(aws, "DeleteBackupVault", BackupVaultName="Default")


def test_the_automatic_vault_is_there_from_when_a_file_system_is(aws: Any) -> None:
    """It is listed, described by its name with slashes, and its policy denies restores, copies and deletions."""
    aws.resources.add(table_arn("orders"))
    assert names(aws) == ["Default"]
    aws.resources.add(SYSTEM)
    described = ask(aws, "DescribeBackupVault", BackupVaultName=AUTOMATIC)
    assert described["BackupVaultArn"] == vault_arn(AUTOMATIC)
    assert names(aws) == ["Default", AUTOMATIC]
    assert names(aws.in_region("eu-west-1")) == ["Default"]
    job = {"BackupVaultName": AUTOMATIC, "ResourceArn": SYSTEM, "IamRoleArn": ROLE}
    ask(aws, "StartBackupJob", **job)
    aws.clock.advance(hours=3)
    [point] = ask(aws, "ListRecoveryPointsByBackupVault", BackupVaultName=AUTOMATIC)["RecoveryPoints"]
    named = {"BackupVaultName": AUTOMATIC, "RecoveryPointArn": point["RecoveryPointArn"]}
    for operation, params in (
        ("DeleteRecoveryPoint", named),
        ("UpdateRecoveryPointLifecycle", named),
        ("StartRestoreJob", {"RecoveryPointArn": point["RecoveryPointArn"], "Metadata": {}, "IamRoleArn": ROLE}),
        ("DeleteBackupVaultAccessPolicy", {"BackupVaultName": AUTOMATIC}),
        ("DeleteBackupVault", {"BackupVaultName": AUTOMATIC}),
    ):
        with pytest.raises(errors.AccessDeniedError, match="explicit deny"):
            ask(aws, operation, **params)


class Moody(SyntheticWorld):
    """A world that cannot be looked at for a while."""

    dark = False

    def resources(self, account_id: str, region_name: str) -> Iterable[ResourceInfo]:
        if self.dark:
            raise WorldError("DynamoDB answered AccessDenied to ListTables")
        return super().resources(account_id, region_name)


def test_a_world_that_cannot_be_looked_at_hides_the_automatic_vault_for_that_long() -> None:
    """Vaults are listed all the same, and the one that AWS makes by itself is there at the next call."""
    world = Moody()
    aws = bk.local(world=world, default_vaults=True)
    aws.resources.add(SYSTEM)
    world.dark = True
    assert names(aws) == ["Default"]
    world.dark = False
    assert names(aws) == ["Default", AUTOMATIC]


def test_putting_another_policy_opens_the_automatic_vault(aws: Any) -> None:
    """As the guide says: the policy is edited before the first restore."""
    aws.resources.add(SYSTEM)
    statement = {"Effect": "Deny", "Principal": "*", "Action": "backup:DeleteBackupVault", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    ask(aws, "PutBackupVaultAccessPolicy", BackupVaultName=AUTOMATIC, Policy=policy)
    ask(aws, "DeleteBackupVaultAccessPolicy", BackupVaultName=AUTOMATIC)


def test_the_automatic_vault_is_reached_over_http_by_its_encoded_name(aws: Any) -> None:
    """Clients percent-encode the slashes of the name."""
    aws.resources.add(SYSTEM)
    said = App(aws.service).answer(Request("GET", f"/backup-vaults/{ENCODED}", {}, b""))
    assert json.loads(said.body)["BackupVaultName"] == AUTOMATIC


def test_nobody_makes_a_vault_with_slashes(aws: Any) -> None:
    """The name is AWS's own."""
    with pytest.raises(errors.RejectedError, match="not valid"):
        ask(aws, "CreateBackupVault", BackupVaultName=AUTOMATIC)


def test_without_the_choice_an_account_is_empty() -> None:
    """As the API itself makes it, and as every story that counts vaults expects."""
    aws = bk.local()
    aws.resources.add(SYSTEM)
    assert names(aws) == []
    with pytest.raises(errors.AccessDeniedError, match="Insufficient privileges"):
        ask(aws, "DescribeBackupVault", BackupVaultName=AUTOMATIC)


def test_a_saved_state_has_its_default_vaults() -> None:
    """The choice is part of the state; new Regions have theirs afterwards, too."""
    first = bk.local(choices=Choices(default_vaults=True))
    first.resources.add(SYSTEM)
    again = bk.local()
    again.load_state(first.save_state())
    assert names(again) == ["Default", AUTOMATIC]
    assert names(again.in_region("eu-west-1")) == ["Default"]
