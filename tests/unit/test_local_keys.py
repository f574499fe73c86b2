"""Keys and copies: what is encrypted with whose key, and which copies a key forbids."""

from __future__ import annotations

import json
from typing import Any

import pytest
from local_stage import ACCOUNT, REGION, ROLE, Stage, table_arn, vault_arn

from backupkit.emulator.kernel.behavior import Choices

OTHER, WEST = "210987654321", "eu-west-1"
VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-0f1e2d3c4b5a69788"
CLUSTER = f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:main"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0a1b2c3d-0000-4000-8000-000000000000"
OF_AWS = f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/aws/ebs"
DEFAULT_KEY = (
    "Copy job failed because the destination Backup vault is encrypted with the default Backup service managed key."
)


def key_in(region: str, account: str) -> str:
    return f"arn:aws:kms:{region}:{account}:key/0a1b2c3d-1111-4000-8000-000000000000"


@pytest.fixture
def stage() -> Stage:
    return ready()


def ready(choices: Choices | None = None) -> Stage:
    """A vault in another account and one in another Region, each once with a key of its own and once with aws/backup."""
    stage = Stage(choices=choices)
    stage.call("UpdateGlobalSettings", GlobalSettings={"isCrossAccountBackupEnabled": "true"})
    allowed = {"Effect": "Allow", "Principal": "*", "Action": "backup:CopyIntoBackupVault", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    for service in (stage.service.as_account(OTHER), stage.service.in_region(WEST)):
        own = {"EncryptionKeyArn": key_in(service.region_name, service.account_id)}
        for name, more in (("keyed", own), ("default", {})):
            service.call("CreateBackupVault", {"BackupVaultName": name, **more})
            service.call("PutBackupVaultAccessPolicy", {"BackupVaultName": name, "Policy": policy})
    return stage


def copied(stage: Stage, arn: str, vault: str, *, region: str = REGION, account: str = ACCOUNT) -> dict[str, Any]:
    """The copy job, ended, of a new point of the resource."""
    point = stage.back_up(arn)["RecoveryPointArn"]
    asked = {"RecoveryPointArn": point, "SourceBackupVaultName": "prod", "IamRoleArn": ROLE}
    started = stage.call("StartCopyJob", **asked, DestinationBackupVaultArn=vault_arn(vault, region, account))
    return stage.ended(lambda: stage.call("DescribeCopyJob", CopyJobId=started["CopyJobId"])["CopyJob"], "State")


def point_there(stage: Stage, job: dict[str, Any], vault: str, *, region: str = REGION, account: str = ACCOUNT) -> Any:
    there = stage.service.as_account(account).in_region(region)
    asked = {"BackupVaultName": vault, "RecoveryPointArn": job["DestinationRecoveryPointArn"]}
    return json.loads(there.call("DescribeRecoveryPoint", asked))


def test_what_is_encrypted_with_a_key_of_aws_is_not_copied_to_another_account(stage: Stage) -> None:
    """Nobody can share such a key; another Region of the same account takes the copy."""
    stage.world.add(VOLUME, key_arn=OF_AWS)
    job = copied(stage, VOLUME, "keyed", account=OTHER)
    assert (job["State"], "AWS managed key" in job["StatusMessage"]) == ("FAILED", True)
    assert copied(stage, VOLUME, "keyed", region=WEST)["State"] == "COMPLETED"


@pytest.mark.parametrize("key", [None, KEY])
def test_another_account_takes_a_copy_that_its_own_service_keeps_under_a_key_of_its_own_alone(
    stage: Stage, key: str | None
) -> None:
    """A vault under aws/backup refuses it in AWS's words; one with a customer's key takes it, and encrypts it."""
    stage.world.add(VOLUME, key_arn=key)
    refused = copied(stage, VOLUME, "default", account=OTHER)
    assert (refused["State"], refused["StatusMessage"].startswith(DEFAULT_KEY)) == ("FAILED", True)
    point = point_there(stage, copied(stage, VOLUME, "keyed", account=OTHER), "keyed", account=OTHER)
    assert (point["IsEncrypted"], point["EncryptionKeyArn"]) == (True, key_in(REGION, OTHER))


def test_what_aws_backup_keeps_itself_goes_into_any_vault(stage: Stage) -> None:
    """Its copies are encrypted anew with the key of the vault, whatever that is."""
    stage.world.add(table_arn("orders"), key_arn=OF_AWS)
    for vault in ("default", "keyed"):
        assert copied(stage, table_arn("orders"), vault, account=OTHER)["State"] == "COMPLETED"


@pytest.mark.parametrize(("choice", "state"), [(False, "COMPLETED"), (True, "FAILED")])
def test_another_region_under_aws_backup_is_a_choice(choice: bool, state: str) -> None:
    """The guide says no; `default_key_takes_no_copies` decides. A key of the customer's own takes the copy anyway."""
    stage = ready(Choices(default_key_takes_no_copies=choice))
    stage.world.add(VOLUME)
    assert copied(stage, VOLUME, "default", region=WEST)["State"] == state
    assert copied(stage, VOLUME, "keyed", region=WEST)["State"] == "COMPLETED"


@pytest.mark.parametrize(("key", "encrypted"), [(None, False), (KEY, True), (OF_AWS, True)])
def test_a_point_of_a_volume_is_encrypted_exactly_where_it_has_a_key(
    stage: Stage, key: str | None, encrypted: bool
) -> None:
    """IsEncrypted, EncryptionKeyArn and the restore metadata agree, on the point and on its copies."""
    stage.world.add(VOLUME, key_arn=key)
    point = stage.point(stage.back_up(VOLUME)["RecoveryPointArn"])
    assert (point["IsEncrypted"], point.get("EncryptionKeyArn")) == (encrypted, key)
    asked = {"BackupVaultName": "prod", "RecoveryPointArn": point["RecoveryPointArn"]}
    told = stage.call("GetRecoveryPointRestoreMetadata", **asked)["RestoreMetadata"]
    assert told["encrypted"] == str(encrypted).lower()
    stage.call("CreateBackupVault", BackupVaultName="beside")
    for vault, region in (("beside", REGION), ("default", WEST), ("keyed", WEST)):
        copy = point_there(stage, copied(stage, VOLUME, vault, region=region), vault, region=region)
        assert copy["IsEncrypted"] == ("EncryptionKeyArn" in copy)
        assert copy["IsEncrypted"] or not encrypted


def test_a_copy_of_a_cluster_in_another_account_has_the_key_of_its_vault(stage: Stage) -> None:
    """Whatever encrypts the cluster itself."""
    stage.world.add(CLUSTER)
    stage.call("UpdateRegionSettings", ResourceTypeOptInPreference={"Aurora": True})
    point = point_there(stage, copied(stage, CLUSTER, "keyed", account=OTHER), "keyed", account=OTHER)
    assert (point["IsEncrypted"], point["EncryptionKeyArn"]) == (True, key_in(REGION, OTHER))
