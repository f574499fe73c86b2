"""Assumed roles over HTTP and beside moto: temporary credentials call as a role in its account."""

from __future__ import annotations

import json

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from backupkit.emulator import LocalService, patch_boto3
from backupkit.emulator.http import App, Request
from backupkit.emulator.http.statefile import StartOptions, StateFile

OTHER = "210987654321"
ROLE = f"arn:aws:iam::{OTHER}:role/restore"
SESSION = f"arn:aws:sts::{OTHER}:assumed-role/restore/me"
KEY = "ASIAEXAMPLEEXAMPLE12"
DENY = {
    "Effect": "Deny",
    "Principal": {"AWS": ROLE},
    "Action": "backup:DeleteBackupVault",
    "Resource": "*",
}


def say(face: App, method: str, path: str, body: object = None, key: str = "123456789012") -> tuple[int, dict]:
    scope = {"authorization": f"Credential={key}/20260101/us-east-1/backup/aws4_request"}
    said = face.answer(Request(method, path, scope, b"" if body is None else json.dumps(body).encode()))
    return said.status, json.loads(said.body or b"{}")


@pytest.fixture
def face():
    return App(LocalService())


def test_told_credentials_call_as_their_role(face):
    """The vault is made in the role's account, and a policy of that account stops the role and not the root."""
    asked = {"access_key_id": KEY, "caller_arn": SESSION, "user_id": "AROAEXAMPLE:me"}
    status, told = say(face, "POST", "/_backupkit/accounts", {"credentials": asked})
    assert (status, told["credentials"]) == (200, {KEY: SESSION})
    _, made = say(face, "PUT", "/backup-vaults/prod", {}, key=KEY)
    assert made["BackupVaultArn"] == f"arn:aws:backup:us-east-1:{OTHER}:backup-vault:prod"
    policy = {"Policy": json.dumps({"Statement": [DENY]})}
    assert say(face, "PUT", "/backup-vaults/prod/access-policy", policy, key=KEY)[0] == 200
    status, refused = say(face, "DELETE", "/backup-vaults/prod", key=KEY)
    assert (status, refused["Message"].split(" is not")[0]) == (403, f"User: {SESSION}")
    assert say(face, "DELETE", "/backup-vaults/prod", key=OTHER)[0] == 200


def test_a_condition_that_cannot_be_evaluated_is_said_to_be_so(face):
    """A client reads that the local service lacks it, and the vault has no policy afterwards."""
    say(face, "PUT", "/backup-vaults/prod", {})
    statement = {**DENY, "Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}
    policy = {"Policy": json.dumps({"Statement": [statement]})}
    status, said = say(face, "PUT", "/backup-vaults/prod/access-policy", policy)
    assert (status, "IpAddress" in said["Message"]) == (501, True)
    assert say(face, "GET", "/backup-vaults/prod/access-policy")[0] == 400


def test_a_state_file_does_again_as_the_role_that_did_it(tmp_path):
    """What a role made, and what it was refused, is so after a restart, too."""
    file = StateFile(tmp_path / "state.db", StartOptions())
    say(file.app, "POST", "/_backupkit/accounts", {"credentials": {"access_key_id": KEY, "caller_arn": SESSION}})
    say(file.app, "PUT", "/backup-vaults/prod", {}, key=KEY)
    say(file.app, "PUT", "/backup-vaults/prod/access-policy", {"Policy": json.dumps({"Statement": [DENY]})}, key=KEY)
    assert say(file.app, "DELETE", "/backup-vaults/prod", key=KEY)[0] == 403
    file.close()
    # The first start does the requests again, the second reads the snapshot that the first has made of them.
    for _ in range(2):
        again = StateFile(tmp_path / "state.db", StartOptions())
        try:
            assert say(again.app, "GET", "/backup-vaults/prod", key=KEY)[0] == 200
            assert say(again.app, "DELETE", "/backup-vaults/prod", key=KEY)[0] == 403
        finally:
            again.close()


def test_accounts_are_arranged_by_the_control_path(face):
    """Organizations, shares and approvals can be said and read over HTTP; a wrong word changes nothing."""
    organize = {"members": [OTHER], "organization_id": "o-exampleorgid", "delegated": [OTHER]}
    _, told = say(face, "POST", "/_backupkit/accounts", {"organize": organize})
    [organization] = told["organizations"]
    assert (organization["management"], organization["members"]) == ("123456789012", ["123456789012", OTHER])
    say(face, "PUT", "/global-settings", {"GlobalSettings": {"isMpaEnabled": "true"}})
    gapped = {"MinRetentionDays": 7, "MaxRetentionDays": 30}
    _, vault = say(face, "PUT", "/logically-air-gapped-backup-vaults/gapped", gapped)
    share = {"vault": "gapped", "with_account": OTHER}
    _, told = say(face, "POST", "/_backupkit/accounts", {"share": share})
    assert told["shared"] == {vault["BackupVaultArn"]: [OTHER]}
    assert say(face, "POST", "/_backupkit/accounts", {"unshare": share})[1]["shared"] == {}
    teams = [f"arn:aws:mpa:us-east-1:123456789012:approval-team/{name}" for name in ("one", "two", "three")]
    for team, word in zip(teams, ("", "deny", "approve"), strict=True):
        say(face, "PUT", "/backup-vaults/gapped/mpaApprovalTeam", {"MpaApprovalTeamArn": team})
        for waiting in say(face, "GET", "/_backupkit/accounts")[1]["pending"]:
            assert say(face, "POST", "/_backupkit/accounts", {word: waiting["session_arn"]})[0] == 200
    _, seen = say(face, "GET", "/backup-vaults/gapped")
    assert seen["MpaApprovalTeamArn"] == teams[2]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"approve": "arn:aws:mpa:us-east-1:123456789012:session/a/b"},
        {"share": {"vault": "absent", "with_account": OTHER}},
        {"organize": {"members": ["1"]}},
        {"credentials": {"access_key_id": "1", "caller_arn": SESSION}},
        {"credentials": {"access_key_id": KEY, "caller_arn": "me"}},
        {"approve": "a", "deny": "b"},
        {"banish": OTHER},
    ],
)
def test_what_cannot_be_arranged_is_refused_and_changes_nothing(face, body):
    """One word in a body, and one that can be done."""
    before = say(face, "GET", "/_backupkit/accounts")
    assert say(face, "POST", "/_backupkit/accounts", body)[0] == 400
    assert say(face, "GET", "/_backupkit/accounts") == before


def test_credentials_of_motos_sts_call_as_the_role_in_its_account():
    """Beside mock_aws, boto3's own assume_role is enough: the vault is made in the other account, by that role."""
    with mock_aws(), patch_boto3() as service:
        lent = boto3.client("sts").assume_role(RoleArn=ROLE, RoleSessionName="me")["Credentials"]
        there = boto3.client(
            "backup",
            aws_access_key_id=lent["AccessKeyId"],
            aws_secret_access_key=lent["SecretAccessKey"],
            aws_session_token=lent["SessionToken"],
        )
        arn = there.create_backup_vault(BackupVaultName="prod")["BackupVaultArn"]
        assert arn.split(":")[4] == OTHER
        there.put_backup_vault_access_policy(BackupVaultName="prod", Policy=json.dumps({"Statement": [DENY]}))
        with pytest.raises(ClientError, match=f"User: {SESSION} is not authorized to perform: backup:DeleteBackup"):
            there.delete_backup_vault(BackupVaultName="prod")
        assert boto3.client("backup").list_backup_vaults()["BackupVaultList"] == []
        service.as_account(OTHER).call("DeleteBackupVault", {"BackupVaultName": "prod"})


def test_a_key_that_moto_did_not_lend_is_nobodys_role():
    """A user's own key beside moto calls as the account itself, whose vaults everybody else sees."""
    with mock_aws(), patch_boto3() as service:
        boto3.client("sts").assume_role(RoleArn=ROLE, RoleSessionName="me")
        keys = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "x"}
        arn = boto3.client("backup", **keys).create_backup_vault(BackupVaultName="prod")["BackupVaultArn"]
        assert arn.split(":")[4] == service.account_id


def test_two_accounts_through_boto3():
    """Plain boto3 in two accounts: a copy denied and then allowed, a deletion denied, and a restore on the other side."""
    table = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
    role = "arn:aws:iam::123456789012:role/backup"
    with patch_boto3() as service:
        service.resources.add(table)
        here, there = (
            boto3.client("backup", aws_access_key_id=account, aws_secret_access_key="x")
            for account in ("123456789012", OTHER)
        )
        here.create_backup_vault(BackupVaultName="prod")
        here.update_global_settings(GlobalSettings={"isCrossAccountBackupEnabled": "true"})
        there.create_backup_vault(BackupVaultName="dr")
        job = here.start_backup_job(BackupVaultName="prod", ResourceArn=table, IamRoleArn=role)["BackupJobId"]
        service.clock.advance(hours=1)
        point = here.describe_backup_job(BackupJobId=job)["RecoveryPointArn"]

        def copied():
            copy = here.start_copy_job(
                RecoveryPointArn=point,
                SourceBackupVaultName="prod",
                DestinationBackupVaultArn=f"arn:aws:backup:us-east-1:{OTHER}:backup-vault:dr",
                IamRoleArn=role,
            )["CopyJobId"]
            service.clock.advance(hours=1)
            return here.describe_copy_job(CopyJobId=copy)["CopyJob"]

        assert copied()["StatusMessage"] == "Access Denied trying to call AWS Backup service"
        allow = {"Effect": "Allow", "Principal": {"AWS": role}, "Action": "backup:CopyIntoBackupVault", "Resource": "*"}
        deny = {**DENY, "Principal": "*", "Action": "backup:DeleteRecoveryPoint"}
        there.put_backup_vault_access_policy(BackupVaultName="dr", Policy=json.dumps({"Statement": [allow, deny]}))
        copy = copied()["DestinationRecoveryPointArn"]
        with pytest.raises(ClientError, match="explicit deny in a resource-based policy"):
            there.delete_recovery_point(BackupVaultName="dr", RecoveryPointArn=copy)
        here.delete_recovery_point(BackupVaultName="prod", RecoveryPointArn=point)
        service.clock.advance(days=1)
        assert here.list_recovery_points_by_backup_vault(BackupVaultName="prod")["RecoveryPoints"] == []
        restore = there.start_restore_job(
            RecoveryPointArn=copy,
            Metadata={"targetTableName": "orders"},
            IamRoleArn=f"arn:aws:iam::{OTHER}:role/backup",
        )["RestoreJobId"]
        service.clock.advance(hours=1)
        done = there.describe_restore_job(RestoreJobId=restore)
        assert (done["Status"], done["CreatedResourceArn"]) == (
            "COMPLETED",
            f"arn:aws:dynamodb:us-east-1:{OTHER}:table/orders",
        )


def test_a_policy_can_ask_for_the_id_that_moto_gave():
    """aws:userid is the assumed role's id of moto, as GetCallerIdentity tells it."""
    with mock_aws(), patch_boto3():
        # Of a role that is not there, moto makes up another id each time.
        role = boto3.client("iam").create_role(RoleName="restore", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        keys = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="me")["Credentials"]
        names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
        said = dict(zip(names, (keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]), strict=True))
        there, identity = boto3.client("backup", **said), boto3.client("sts", **said).get_caller_identity()
        assert identity["Arn"].endswith(":assumed-role/restore/me")
        there.create_backup_vault(BackupVaultName="prod")
        statement = {**DENY, "Principal": "*", "Action": "backup:DescribeBackupVault"}
        for operator in ("StringNotEquals", "StringEquals"):
            condition = {operator: {"aws:userid": identity["UserId"]}}
            policy = json.dumps({"Statement": [{**statement, "Condition": condition}]})
            there.put_backup_vault_access_policy(BackupVaultName="prod", Policy=policy)
            if operator == "StringNotEquals":
                there.describe_backup_vault(BackupVaultName="prod")
            else:
                with pytest.raises(ClientError, match="explicit deny"):
                    there.describe_backup_vault(BackupVaultName="prod")
