"""Vaults of the local service: made, described, listed, locked, deleted; with policies and notifications."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from backupkit import errors
from backupkit.emulator import Choices, LocalService
from backupkit.emulator.api.vaults import MOST_VAULTS

KEY = "arn:aws:kms:us-east-1:123456789012:key/mrk-abc123"
TOPIC = "arn:aws:sns:us-east-1:123456789012:backup-notifications"
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
ROLE = "arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole"


def ask(service, operation, **params):
    return json.loads(service.call(operation, params))


def vault(service, name="prod", **params):
    return ask(service, "CreateBackupVault", BackupVaultName=name, **params)


def described(service, name="prod"):
    return ask(service, "DescribeBackupVault", BackupVaultName=name)


@pytest.fixture
def service():
    return LocalService()


class TestVaults:
    def test_a_new_vault_is_described_as_it_was_asked_for(self, service):
        """A vault comes back with its ARN, key, time and count of points."""
        made = vault(service, EncryptionKeyArn=KEY, CreatorRequestId="once")
        seen = described(service)
        assert made["BackupVaultArn"] == "arn:aws:backup:us-east-1:123456789012:backup-vault:prod"
        assert seen["EncryptionKeyArn"] == KEY
        assert seen["EncryptionKeyType"] == "CUSTOMER_MANAGED_KMS_KEY"
        assert seen["CreatorRequestId"] == "once"
        assert seen["CreationDate"] == datetime(2026, 1, 1, tzinfo=UTC).timestamp()
        assert (seen["NumberOfRecoveryPoints"], seen["Locked"], seen["VaultType"]) == (0, False, "BACKUP_VAULT")

    def test_a_vault_without_a_key_has_the_one_that_aws_manages(self, service):
        """All such vaults of a place share one key; another Region has another."""
        vault(service)
        vault(service, "other")
        elsewhere = service.in_region("eu-west-1")
        vault(elsewhere)
        assert described(service)["EncryptionKeyArn"] == described(service, "other")["EncryptionKeyArn"]
        assert described(elsewhere)["EncryptionKeyArn"].startswith("arn:aws:kms:eu-west-1:123456789012:key/")

    def test_a_missing_vault_is_denied_and_not_said_to_be_missing(self, service):
        """AWS answers AccessDenied for a vault that is not there, whatever is asked of it."""
        for operation in ("DescribeBackupVault", "DeleteBackupVault", "GetBackupVaultAccessPolicy"):
            with pytest.raises(errors.AccessDeniedError, match="Insufficient privileges") as caught:
                ask(service, operation, BackupVaultName="nowhere")
            assert (caught.value.status, caught.value.code) == (403, "AccessDeniedException")
            assert caught.value.request_id

    def test_a_name_is_taken_unless_the_same_request_comes_again(self, service):
        """The creator's request id makes a repeated creation harmless."""
        first = vault(service, CreatorRequestId="once")
        assert vault(service, CreatorRequestId="once") == first
        for token in ({}, {"CreatorRequestId": "twice"}):
            with pytest.raises(errors.AlreadyExistsError, match="Backup vault with the same name already exists"):
                vault(service, **token)

    @pytest.mark.parametrize("key", ["alias/aws/backup", "arn:aws:kms:us-east-1:123456789012:alias/mine"])
    def test_a_key_must_be_a_key_and_no_alias(self, service, key):
        """AWS takes the ARN of a key only; nothing is made otherwise."""
        with pytest.raises(errors.RejectedError, match="EncryptionKeyArn"):
            vault(service, EncryptionKeyArn=key)
        assert ask(service, "ListBackupVaults") == {"BackupVaultList": []}

    @pytest.mark.parametrize("name", ["a b", "x", "a" * 51, "prod.vault"])
    def test_a_name_must_match_the_pattern(self, service, name):
        """botocore lets a bad name through, so the refusal is the service's."""
        with pytest.raises(errors.RejectedError) as caught:
            vault(service, name)
        assert caught.value.code == "InvalidParameterValueException"

    def test_the_account_holds_300_vaults(self, service):
        """One more is over the quota."""
        for number in range(MOST_VAULTS):
            vault(service, f"vault-{number}")
        with pytest.raises(errors.LimitError):
            vault(service, "one-more")

    def test_a_vault_with_points_stays(self, service):
        """Its points must go first."""
        service.resources.add(TABLE)
        vault(service)
        ask(service, "StartBackupJob", BackupVaultName="prod", ResourceArn=TABLE, IamRoleArn=ROLE)
        service.clock.advance(days=1)
        assert described(service)["NumberOfRecoveryPoints"] == 1
        with pytest.raises(errors.RejectedError, match="because it contains recovery points"):
            ask(service, "DeleteBackupVault", BackupVaultName="prod")

    def test_an_empty_vault_goes_even_when_locked_for_good(self, service):
        """Compliance protects points; a vault without any may go."""
        vault(service)
        ask(service, "PutBackupVaultLockConfiguration", BackupVaultName="prod", ChangeableForDays=3)
        service.clock.advance(days=4)
        ask(service, "DeleteBackupVault", BackupVaultName="prod")
        assert ask(service, "ListBackupVaults")["BackupVaultList"] == []

    def test_lists_filter_by_type(self, service):
        """ByVaultType filters; no vault is shared with the account."""
        vault(service)
        ask(
            service,
            "CreateLogicallyAirGappedBackupVault",
            BackupVaultName="gapped",
            MinRetentionDays=7,
            MaxRetentionDays=30,
        )
        listed = ask(service, "ListBackupVaults", ByVaultType="LOGICALLY_AIR_GAPPED_BACKUP_VAULT")["BackupVaultList"]
        assert [item["BackupVaultName"] for item in listed] == ["gapped"]
        assert ask(service, "ListBackupVaults", ByShared=True)["BackupVaultList"] == []

    def test_places_hold_their_own_vaults(self, service):
        """One name may be taken in each account and Region."""
        vault(service)
        for other in (service.in_region("eu-west-1"), service.as_account("210987654321")):
            assert ask(other, "ListBackupVaults")["BackupVaultList"] == []
            vault(other)


class TestAirGapped:
    def make(self, service, least=7, most=30):
        return ask(
            service,
            "CreateLogicallyAirGappedBackupVault",
            BackupVaultName="gapped",
            MinRetentionDays=least,
            MaxRetentionDays=most,
        )

    def test_it_becomes_available_after_a_while_and_is_locked_from_the_start(self, service):
        """Its state changes by the clock; its lock date is its creation."""
        made = self.make(service)
        assert made["VaultState"] == "CREATING"
        service.clock.advance(minutes=3)
        seen = described(service, "gapped")
        assert (seen["VaultState"], seen["Locked"], seen["LockDate"]) == ("AVAILABLE", True, made["CreationDate"])
        assert (seen["MinRetentionDays"], seen["MaxRetentionDays"]) == (7, 30)

    def test_its_lock_cannot_be_changed(self, service):
        """The lock operations are refused on it."""
        self.make(service)
        with pytest.raises(errors.RejectedError) as caught:
            ask(service, "DeleteBackupVaultLockConfiguration", BackupVaultName="gapped")
        assert caught.value.code == "InvalidRequestException"

    @pytest.mark.parametrize(("least", "most"), [(6, 30), (31, 30), (7, 36_501)])
    def test_its_retention_has_bounds(self, service, least, most):
        """At least 7 days, and a maximum that is not smaller."""
        with pytest.raises(errors.RejectedError):
            self.make(service, least, most)


class TestLocks:
    def lock(self, service, **days):
        return ask(service, "PutBackupVaultLockConfiguration", BackupVaultName="prod", **days)

    def unlock(self, service):
        return ask(service, "DeleteBackupVaultLockConfiguration", BackupVaultName="prod")

    def test_a_governance_lock_comes_and_goes(self, service):
        """It has no lock date, and may be taken off at any time."""
        vault(service)
        self.lock(service, MinRetentionDays=7, MaxRetentionDays=7)
        service.clock.advance(days=400)
        seen = described(service)
        assert (seen["Locked"], seen["MinRetentionDays"], seen["MaxRetentionDays"]) == (True, 7, 7)
        assert "LockDate" not in seen
        self.unlock(service)
        assert described(service)["Locked"] is False

    def test_a_compliance_lock_is_for_good_after_its_grace_time(self, service):
        """Until LockDate it may go; from that second on it may not."""
        vault(service)
        self.lock(service, MinRetentionDays=7, ChangeableForDays=3)
        assert described(service)["LockDate"] == (service.clock.now() + timedelta(days=3)).timestamp()
        service.clock.advance(days=3, seconds=-1)
        self.unlock(service)
        self.lock(service, MinRetentionDays=7, ChangeableForDays=3)
        service.clock.advance(days=3)
        for change in (self.unlock, self.lock):
            with pytest.raises(errors.RejectedError) as caught:
                change(service)
            assert caught.value.code == "InvalidRequestException"
        assert described(service)["MinRetentionDays"] == 7

    @pytest.mark.parametrize(
        "days",
        [
            {"MinRetentionDays": 0},
            {"MaxRetentionDays": 36_501},
            {"MinRetentionDays": 8, "MaxRetentionDays": 7},
            {"ChangeableForDays": 2},
            {"ChangeableForDays": 36_501},
        ],
    )
    def test_days_out_of_bounds_are_refused_and_change_nothing(self, service, days):
        """A refused lock leaves the vault as it was."""
        vault(service)
        with pytest.raises(errors.RejectedError):
            self.lock(service, **days)
        assert described(service)["Locked"] is False

    def test_a_second_lock_replaces_the_first_whole(self, service):
        """What the second leaves out is gone, unless the choice says it stays."""
        for choices, kept in ((Choices(), None), (Choices(lock_put_replaces=False), 7)):
            chosen = LocalService(choices=choices)
            vault(chosen)
            self.lock(chosen, MinRetentionDays=7)
            self.lock(chosen, MaxRetentionDays=30)
            assert described(chosen).get("MinRetentionDays") == kept

    def test_a_second_compliance_lock_counts_from_now_or_from_the_first_by_choice(self):
        """No source says whether the grace time begins again; the choice decides, and a lock without one has none."""
        for restarts, days in ((True, 12), (False, 10)):
            chosen = LocalService(choices=Choices(lock_put_restarts_grace=restarts))
            vault(chosen)
            begun = chosen.clock.now()
            self.lock(chosen, ChangeableForDays=10)
            chosen.clock.advance(days=2)
            self.lock(chosen, ChangeableForDays=10)
            assert described(chosen)["LockDate"] == (begun + timedelta(days=days)).timestamp()
            self.lock(chosen, MinRetentionDays=7)
            assert "LockDate" not in described(chosen)

    def test_unlocking_what_is_not_locked_succeeds_by_choice(self, service):
        """No source says what AWS does; the choice is named."""
        vault(service)
        self.unlock(service)
        strict = LocalService(choices=Choices(absent_lock_deletes=False))
        vault(strict)
        with pytest.raises(errors.NotFoundError):
            self.unlock(strict)


class TestPolicies:
    def put(self, service, policy):
        return ask(service, "PutBackupVaultAccessPolicy", BackupVaultName="prod", Policy=policy)

    def test_a_policy_means_the_same_but_is_spelled_anew(self, service):
        """AWS does not give back the caller's own text."""
        vault(service)
        text = json.dumps(
            {
                "Statement": [
                    {
                        "Effect": "Deny",
                        "Principal": {"AWS": ["*"]},
                        "Action": ["backup:DeleteRecoveryPoint"],
                        "Resource": "*",
                    }
                ],
                "Version": "2012-10-17",
            },
            indent=2,
        )
        self.put(service, text)
        got = ask(service, "GetBackupVaultAccessPolicy", BackupVaultName="prod")["Policy"]
        assert got != text
        assert json.loads(got)["Statement"][0]["Action"] == "backup:DeleteRecoveryPoint"
        assert json.loads(got)["Statement"][0]["Principal"] == {"AWS": "*"}

    @pytest.mark.parametrize(
        "policy",
        [
            "{",
            "[]",
            "{}",
            '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "backup:*"}]}',
            '{"Statement": [{"Effect": "Allow", "Action": "backup:CopyIntoBackupVault"}]}',
            '{"Statement": [{"Effect": "Maybe", "Principal": "*", "Action": "backup:CopyIntoBackupVault"}]}',
            '{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "bob"}, "Action": "backup:CopyIntoBackupVault"}]}',
        ],
    )
    def test_a_wrong_policy_is_refused(self, service, policy):
        """JSON, statements, effects, actions and principals are checked."""
        vault(service)
        with pytest.raises(errors.RejectedError) as caught:
            self.put(service, policy)
        assert caught.value.code == "InvalidParameterValueException"

    def test_no_policy_is_not_found(self, service):
        """Reading one that was never set, or was deleted, is refused; deleting is not."""
        vault(service)
        ask(service, "DeleteBackupVaultAccessPolicy", BackupVaultName="prod")
        with pytest.raises(errors.NotFoundError):
            ask(service, "GetBackupVaultAccessPolicy", BackupVaultName="prod")


class TestNotifications:
    def put(self, service, topic=TOPIC, events=("COPY_JOB_FAILED", "BACKUP_JOB_COMPLETED", "COPY_JOB_FAILED")):
        return ask(
            service,
            "PutBackupVaultNotifications",
            BackupVaultName="prod",
            SNSTopicArn=topic,
            BackupVaultEvents=list(events),
        )

    def test_events_are_a_set(self, service):
        """Neither the order nor repetitions come back; a second call replaces all."""
        vault(service)
        self.put(service)
        self.put(service, events=["RESTORE_JOB_STARTED", "COPY_JOB_FAILED", "COPY_JOB_FAILED"])
        got = ask(service, "GetBackupVaultNotifications", BackupVaultName="prod")
        assert got["SNSTopicArn"] == TOPIC
        assert sorted(got["BackupVaultEvents"]) == ["COPY_JOB_FAILED", "RESTORE_JOB_STARTED"]

    def test_an_unknown_event_is_refused_with_the_list(self, service):
        """The sentence is AWS's own."""
        vault(service)
        with pytest.raises(errors.RejectedError, match="Please select from the following list of notifications"):
            self.put(service, events=["BACKUP_WENT_WELL"])

    @pytest.mark.parametrize("topic", [f"{TOPIC}.fifo", "topic", TOPIC.replace("123456789012", "210987654321")])
    def test_a_topic_is_a_standard_topic_of_the_account(self, service, topic):
        """Others are refused, and nothing is set."""
        vault(service)
        with pytest.raises(errors.RejectedError, match="SNSTopicArn"):
            self.put(service, topic)
        with pytest.raises(errors.NotFoundError):
            ask(service, "GetBackupVaultNotifications", BackupVaultName="prod")

    def test_deprecated_events_are_taken_by_choice(self, service):
        """No source says that AWS refuses them."""
        vault(service)
        self.put(service, events=["BACKUP_JOB_FAILED"])
        strict = LocalService(choices=Choices(deprecated_events_accepted=False))
        vault(strict)
        with pytest.raises(errors.RejectedError):
            self.put(strict, events=["BACKUP_JOB_FAILED"])
