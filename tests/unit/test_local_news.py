"""What the local AWS Backup tells the outside, heard in the process: events, notifications, and who hears of them."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime, timedelta

import pytest
from local_stage import ACCOUNT, REGION, ROLE, START, Stage, table_arn, vault_arn

from backupkit.emulator import Choices
from backupkit.emulator.events.event_details import instant
from backupkit.emulator.kernel import event_records
from backupkit.emulator.model import BackupJob, Index, Point, RegionScope
from backupkit.errors import ConfigurationError

ORDERS = table_arn("orders")
FILES = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-0a1b2c3d"
VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-0f1e2d3c4b5a69788"
BUCKET = "arn:aws:s3:::photos"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:backup-news"

CREATOR = {"backupPlanId", "backupPlanArn", "backupPlanVersion", "backupPlanRuleId"}
BACKUP = {
    "backupJobId", "backupVaultArn", "backupVaultName", "bytesTransferred", "creationDate", "iamRoleArn",
    "resourceArn", "resourceType", "state", "startBy", "percentDone",
}  # fmt: skip
COPY = {
    "copyJobId", "backupSizeInBytes", "creationDate", "iamRoleArn", "resourceArn", "resourceType",
    "sourceBackupVaultArn", "state", "destinationBackupVaultArn", "destinationRecoveryPointArn",
}  # fmt: skip
RESTORE = {"restoreJobId", "backupSizeInBytes", "creationDate", "iamRoleArn", "percentDone", "resourceType", "status"}
POINT = {
    "backupVaultName", "backupVaultArn", "creationDate", "iamRoleArn", "resourceType", "resourceArn", "status",
    "isEncrypted", "storageClass",
}  # fmt: skip


class Told(Stage):
    """A stage on which somebody listens from the start."""

    def __init__(self, choices: Choices | None = None) -> None:
        super().__init__(choices=choices)
        self.service.events.listen()
        self.world.add(ORDERS)
        self.world.add(FILES)
        self.world.add(VOLUME)

    def events(self, kind=None, subject=None):
        return [
            news
            for news in self.service.events.events()
            if kind in {None, news.kind} and subject in {None, news.subject}
        ]

    def details(self, kind, subject=None):
        return {news.state: news.detail for news in self.events(kind, subject)}

    def notify(self, *events, vault="prod"):
        self.call(
            "PutBackupVaultNotifications", BackupVaultName=vault, SNSTopicArn=TOPIC, BackupVaultEvents=list(events)
        )

    def notified(self):
        return self.service.events.notifications()

    def copy(self, point_arn, vault="copies"):
        started = self.call(
            "StartCopyJob",
            RecoveryPointArn=point_arn,
            SourceBackupVaultName="prod",
            DestinationBackupVaultArn=vault_arn(vault),
            IamRoleArn=ROLE,
        )
        return self.ended(lambda: self.call("DescribeCopyJob", CopyJobId=started["CopyJobId"])["CopyJob"], "State")


@pytest.fixture
def stage():
    return Told()


def test_nothing_is_told_until_somebody_listens():
    """An assertion about events that were never kept is an error, not an empty list."""
    stage = Stage()
    assert not stage.service.events.listening
    with pytest.raises(ConfigurationError, match=r"call events\.listen\(\) first"):
        stage.service.events.events()
    stage.service.events.listen()
    assert (
        stage.service.events.events() == stage.service.events.notifications() == stage.service.events.failures() == []
    )
    stage.service.events.silence()
    assert not stage.service.events.listening


def test_a_backup_is_told_with_the_members_of_the_guide(stage):
    """Each state has the members of its example in the developer guide, so that rules and handlers fit."""
    job = stage.back_up(ORDERS)
    told = stage.details(event_records.BACKUP_JOB, job["BackupJobId"])
    assert list(told) == ["CREATED", "RUNNING", "COMPLETED"]
    assert told["CREATED"] == {
        "backupJobId": job["BackupJobId"], "state": "CREATED", "creationDate": "2026-01-01T00:00:00Z"
    }  # fmt: skip
    assert set(told["RUNNING"]) == BACKUP | {"backupSizeInBytes", "expectedCompletionDate"}
    assert set(told["COMPLETED"]) == BACKUP | {"backupSizeInBytes", "completionDate", "retryCount"}
    assert told["COMPLETED"]["backupSizeInBytes"] == told["COMPLETED"]["bytesTransferred"] == "1000000000"
    assert told["COMPLETED"]["percentDone"] == 100
    assert re.fullmatch(r"Jan 1, 2026 12:0\d:\d\d AM", told["RUNNING"]["expectedCompletionDate"])
    assert re.fullmatch(r"2026-01-01T00:0\d:\d\d\.\d{3}Z", told["COMPLETED"]["completionDate"])
    [*_, last] = stage.events(event_records.BACKUP_JOB)
    assert last.resources == (job["RecoveryPointArn"],)


def test_a_backup_that_fails_tells_its_message_in_quotes_of_its_own(stage):
    """AWS quotes the statusMessage of a backup twice; code that strips it must be testable."""
    stage.service.faults.deny(ROLE)
    told = stage.details(event_records.BACKUP_JOB, stage.back_up(ORDERS)["BackupJobId"])
    assert list(told) == ["CREATED", "FAILED"]
    assert set(told["FAILED"]) == BACKUP | {"statusMessage", "retryCount"}
    assert told["FAILED"]["statusMessage"] == f'"IAM Role {ROLE} cannot be assumed by AWS Backup"'


def test_a_backup_that_is_stopped_or_too_late_is_told(stage):
    """ABORTED and EXPIRED have their events; ABORTING has none."""
    stopped = stage.start(ORDERS)
    stage.call("StopBackupJob", BackupJobId=stopped)
    stage.service.faults.block_backups(FILES)
    late = stage.start(FILES, StartWindowMinutes=60)
    stage.clock.advance(hours=2)
    told = stage.details(event_records.BACKUP_JOB, stopped)
    assert list(told) == ["CREATED", "ABORTED"]
    assert told["ABORTED"]["statusMessage"] == '"Backup job was stopped by user."'
    assert set(told["ABORTED"]) == BACKUP | {"statusMessage", "completionDate"}
    assert list(stage.details(event_records.BACKUP_JOB, late)) == ["CREATED", "EXPIRED"]


def test_what_a_plan_makes_names_the_plan(stage):
    """createdBy has the event's own word for the rule's id."""
    plan_id = stage.plan(
        {"RuleName": "daily", "ScheduleExpression": "cron(0 5 ? * * *)", "Lifecycle": {"DeleteAfterDays": 35}}
    )
    stage.clock.advance(days=1)
    [completed] = [
        news
        for news in stage.events(event_records.BACKUP_JOB)
        if news.state == "COMPLETED" and news.detail["resourceArn"] == ORDERS
    ]
    assert set(completed.detail["createdBy"]) == CREATOR
    assert completed.detail["createdBy"]["backupPlanId"] == plan_id
    [point] = [news for news in stage.events(event_records.POINT, completed.resources[0]) if news.state == "COMPLETED"]
    assert set(point.detail) == POINT | {"completionDate", "createdBy", "lifecycle", "calculatedLifeCycle"}
    assert point.detail["lifecycle"] == {"deleteAfterDays": 35}
    assert point.detail["calculatedLifeCycle"] == {"deleteAt": "2026-02-05T05:00:00Z"}


def test_a_plan_tells_when_it_was_made_changed_and_deleted(stage):
    """Each has its own word for the time, and the version that it is about."""
    document = {"BackupPlanName": "p", "Rules": [{"RuleName": "r", "TargetBackupVaultName": "prod"}]}
    made = stage.call("CreateBackupPlan", BackupPlan=document)
    changed = stage.call(
        "UpdateBackupPlan", BackupPlanId=made["BackupPlanId"], BackupPlan={**document, "BackupPlanName": "q"}
    )
    stage.clock.advance(hours=1)
    stage.call("DeleteBackupPlan", BackupPlanId=made["BackupPlanId"])
    told = stage.details(event_records.BACKUP_PLAN, made["BackupPlanId"])
    now = "2026-01-01T00:00:00Z"
    assert told == {
        "CREATED": {"backupPlanId": made["BackupPlanId"], "versionId": made["VersionId"], "creationDate": now, "state": "CREATED"},
        "MODIFIED": {"backupPlanId": made["BackupPlanId"], "versionId": changed["VersionId"], "modifiedAt": now, "state": "MODIFIED"},
        "DELETED": {
            "backupPlanId": made["BackupPlanId"],
            "versionId": changed["VersionId"],
            "deletionDate": "2026-01-01T01:00:00Z",
            "state": "DELETED",
        },
    }  # fmt: skip
    assert {news.resources for news in stage.events(event_records.BACKUP_PLAN)} == {(made["BackupPlanArn"],)}


def test_a_vault_tells_when_it_was_made_locked_and_deleted(stage):
    """isLocked is a string, and told when the lock changes; taking off no lock changes nothing."""
    stage.call("CreateBackupVault", BackupVaultName="safe")
    stage.call("PutBackupVaultLockConfiguration", BackupVaultName="safe", MinRetentionDays=1)
    stage.call("DeleteBackupVaultLockConfiguration", BackupVaultName="safe")
    stage.call("DeleteBackupVaultLockConfiguration", BackupVaultName="safe")
    stage.call("DeleteBackupVault", BackupVaultName="safe")
    assert [news.detail for news in stage.events(event_records.BACKUP_VAULT, "safe")] == [
        {"backupVaultName": "safe", "state": "CREATED"},
        {"backupVaultName": "safe", "state": "MODIFIED", "isLocked": "true"},
        {"backupVaultName": "safe", "state": "MODIFIED", "isLocked": "false"},
        {"backupVaultName": "safe", "state": "DELETED"},
    ]
    assert {news.resources for news in stage.events(event_records.BACKUP_VAULT)} == {(vault_arn("safe"),)}


def test_a_restore_access_vault_is_told_where_it_comes_to_be_and_goes(stage):
    """Its account hears of it as of any vault of its own; the account that shares it does not."""
    other = stage.service.as_account("210987654321")
    stage.call("UpdateGlobalSettings", GlobalSettings={"isMpaEnabled": "true"})
    stage.call("CreateLogicallyAirGappedBackupVault", BackupVaultName="gapped", MinRetentionDays=7, MaxRetentionDays=30)
    stage.clock.advance(minutes=5)
    team = f"arn:aws:mpa:{REGION}:{ACCOUNT}:approval-team/guardians"
    stage.call("AssociateBackupVaultMpaApprovalTeam", BackupVaultName="gapped", MpaApprovalTeamArn=team)
    asked = {"SourceBackupVaultArn": vault_arn("gapped"), "BackupVaultName": "rescue"}
    made = json.loads(other.call("CreateRestoreAccessBackupVault", asked))["RestoreAccessBackupVaultArn"]
    _approve(stage)
    stage.call("RevokeRestoreAccessBackupVault", BackupVaultName="gapped", RestoreAccessBackupVaultArn=made)
    _approve(stage)
    assert [(news.subject, news.state) for news in other.events.events()] == [
        ("rescue", "CREATED"),
        ("rescue", "DELETED"),
    ]
    assert [news.state for news in stage.events(event_records.BACKUP_VAULT)] == ["CREATED"]


def _approve(stage):
    [asked] = stage.service.accounts.pending()
    stage.service.accounts.approve(asked)
    stage.clock.advance(hours=1)


def test_a_region_tells_which_types_it_was_opted_in_to(stage):
    """Only what was given is told, under the API's own spelling; the management of types has no event."""
    stage.call("UpdateRegionSettings", ResourceTypeOptInPreference={"Aurora": False})
    stage.call("UpdateRegionSettings", ResourceTypeManagementPreference={"DynamoDB": True})
    [told] = stage.events(event_records.REGION_SETTING)
    assert told.detail == {
        "modifiedAt": "2026-01-01T00:00:00Z", "ResourceTypeOptInPreference": {"Aurora": False}, "state": "MODIFIED"
    }  # fmt: skip
    assert told.resources == ()


def test_a_refused_call_tells_nothing(stage):
    """What changed nothing is not news."""
    before = stage.events()
    with pytest.raises(Exception, match="already exists"):
        stage.call("CreateBackupVault", BackupVaultName="prod")
    assert stage.events() == before


def test_a_copy_is_told_where_its_source_is_and_its_point_where_that_comes_to_be(stage):
    """The first event has no id; the ARN of the new point is an empty object until it is there."""
    ireland = stage.service.in_region("eu-west-1")
    ireland.call("CreateBackupVault", {"BackupVaultName": "copies"})
    ireland.events.listen()
    point = stage.back_up(FILES)["RecoveryPointArn"]
    stage.call(
        "StartCopyJob",
        RecoveryPointArn=point,
        SourceBackupVaultName="prod",
        DestinationBackupVaultArn=vault_arn("copies", "eu-west-1"),
        IamRoleArn=ROLE,
    )
    stage.clock.advance(hours=1)
    told = stage.details(event_records.COPY_JOB)
    assert list(told) == ["CREATED", "RUNNING", "COMPLETED"]
    assert set(told["CREATED"]) == {"creationDate", "state", "sourceBackupVaultArn", "destinationBackupVaultArn"}
    assert set(told["RUNNING"]) == COPY
    assert told["RUNNING"]["destinationRecoveryPointArn"] == {}
    assert told["RUNNING"]["backupSizeInBytes"] == 1_000_000_000
    assert set(told["COMPLETED"]) == COPY | {"completionDate"}
    assert {news.resources for news in stage.events(event_records.COPY_JOB)} == {(point,)}
    [copied] = [news for news in ireland.events.events() if news.kind == event_records.POINT]
    assert copied.subject == told["COMPLETED"]["destinationRecoveryPointArn"]
    assert copied.detail["status"] == "COMPLETED"


def test_a_copy_that_fails_tells_its_message_without_quotes(stage):
    """Copies and restores spell the message once, unlike backups."""
    stage.copy(stage.back_up(FILES)["RecoveryPointArn"], "nowhere")
    failed = stage.details(event_records.COPY_JOB)["FAILED"]
    assert failed["statusMessage"] == (
        f"Copy job failed because the destination Backup vault {vault_arn('nowhere')} does not exist."
    )
    assert failed["destinationRecoveryPointArn"] == {}


def test_a_restore_is_told_with_the_members_of_the_guide(stage):
    """Its first event says ``state``, the others ``status``: rules must match both."""
    point = stage.back_up(ORDERS)["RecoveryPointArn"]
    job = stage.restore(point, {"targetTableName": "again"})
    told = stage.details(event_records.RESTORE_JOB, job["RestoreJobId"])
    assert list(told) == ["CREATED", "PENDING", "RUNNING", "COMPLETED"]
    assert set(told["CREATED"]) == {"restoreJobId", "creationDate", "state"}
    assert set(told["PENDING"]) == set(told["RUNNING"]) == RESTORE
    assert set(told["COMPLETED"]) == RESTORE | {
        "backupVaultArn", "recoveryPointArn", "sourceResourceArn", "createdResourceArn", "completionDate"
    }  # fmt: skip
    assert told["COMPLETED"]["createdResourceArn"] == table_arn("again")
    assert {news.resources for news in stage.events(event_records.RESTORE_JOB)} == {(point,)}


def test_a_restore_that_fails_tells_why(stage):
    """The message is the job's own."""
    point = stage.back_up(ORDERS)["RecoveryPointArn"]
    job = stage.restore(point, {"targetTableName": "orders"})
    told = stage.details(event_records.RESTORE_JOB, job["RestoreJobId"])
    assert list(told) == ["CREATED", "PENDING", "RUNNING", "FAILED"]
    assert set(told["FAILED"]) == RESTORE | {"statusMessage"}
    assert told["FAILED"]["statusMessage"] == job["StatusMessage"]


def test_the_event_of_a_restore_test_names_its_plan(stage):
    """A validator reads restoreTestingPlanArn and createdResourceArn out of the event."""
    stage.back_up(ORDERS)
    rules = {"Algorithm": "LATEST_WITHIN_WINDOW", "IncludeVaults": ["*"], "RecoveryPointTypes": ["SNAPSHOT"]}
    plan = stage.call(
        "CreateRestoreTestingPlan",
        RestoreTestingPlan={
            "RestoreTestingPlanName": "weekly",
            "ScheduleExpression": "cron(0 1 ? * * *)",
            "RecoveryPointSelection": rules,
        },
    )
    stage.call(
        "CreateRestoreTestingSelection",
        RestoreTestingPlanName="weekly",
        RestoreTestingSelection={
            "RestoreTestingSelectionName": "tables",
            "ProtectedResourceType": "DynamoDB",
            "ProtectedResourceArns": ["*"],
            "IamRoleArn": ROLE,
        },
    )
    stage.clock.advance(days=1, hours=3)
    completed = stage.details(event_records.RESTORE_JOB)["COMPLETED"]
    assert completed["restoreTestingPlanArn"] == plan["RestoreTestingPlanArn"]
    assert ":table/awsbackup-restore-test-" in completed["createdResourceArn"]


def test_a_point_is_told_from_its_creation_to_its_deletion(stage):
    """CREATING, COMPLETED, cold, and DELETING and DELETED when its retention ends or somebody deletes it."""
    lifecycle = {"MoveToColdStorageAfterDays": 1, "DeleteAfterDays": 91}
    old = stage.back_up(FILES, Lifecycle=lifecycle)["RecoveryPointArn"]
    young = stage.back_up(FILES)["RecoveryPointArn"]
    stage.call("DeleteRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=young)
    stage.clock.advance(days=92)
    made, gone = ["CREATING", "COMPLETED"], ["DELETING", "DELETED"]
    assert [news.state for news in stage.events(event_records.POINT, old)] == [*made, "COLD", *gone]
    assert [news.state for news in stage.events(event_records.POINT, young)] == [*made, *gone]
    assert stage.details(event_records.POINT, old)["DELETED"]["deletedBy"] == "backup.amazonaws.com"
    assert stage.details(event_records.POINT, young)["DELETED"]["deletedBy"] == f"arn:aws:iam::{ACCOUNT}:root"
    cold = stage.details(event_records.POINT, old)["COLD"]
    assert (cold["status"], cold["storageClass"]) == ("COMPLETED", "COLD")
    assert cold["lifecycle"] == {"moveToColdStorageAfterDays": 1, "deleteAfterDays": 91}


def test_the_deletion_of_a_point_tells_which_role_did_it(stage):
    """It comes when the point is gone, some time after the call; what a listener reads of it knows who called."""
    point = stage.back_up(FILES)["RecoveryPointArn"]
    role = f"arn:aws:sts::{ACCOUNT}:assumed-role/cleaner/me"
    asked = {"BackupVaultName": "prod", "RecoveryPointArn": point}
    stage.service.as_caller(role).call("DeleteRecoveryPoint", asked)
    stage.call("ListBackupVaults")
    assert "DELETED" not in stage.details(event_records.POINT, point)
    stage.clock.advance(minutes=5)
    event = next(news for news in stage.events(event_records.POINT, point) if news.state == "DELETED")
    assert event.detail["deletedBy"] == role
    assert event.detail["status"] == "DELETED"


def test_a_point_that_cannot_be_deleted_is_told_as_expired(stage):
    """Points that nobody can delete go on costing: that is worth an alarm."""
    point = stage.back_up(ORDERS, Lifecycle={"DeleteAfterDays": 1})["RecoveryPointArn"]
    stage.service.faults.deny(ROLE)
    stage.clock.advance(days=2)
    *_, last = stage.events(event_records.POINT, point)
    assert last.state == "EXPIRED"
    assert last.detail["statusMessage"] == f"IAM Role {ROLE} cannot be assumed by AWS Backup"


def test_a_continuous_point_is_available_once_and_stops_when_it_is_disassociated(stage):
    """Bringing it up to date is not a change of state."""
    stage.world.add(BUCKET, account_id=ACCOUNT, region_name=REGION)
    stage.plan(
        {
            "RuleName": "pitr",
            "ScheduleExpression": "cron(0 5 ? * * *)",
            "EnableContinuousBackup": True,
            "Lifecycle": {"DeleteAfterDays": 35},
        },
        Resources=[BUCKET],
    )
    stage.clock.advance(days=4)
    [point] = {news.subject for news in stage.events(event_records.POINT)}
    stage.call("DisassociateRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=point)
    assert [news.state for news in stage.events(event_records.POINT)] == ["CREATING", "AVAILABLE", "STOPPED"]


def test_a_continuous_backup_that_is_interrupted_is_notified(stage):
    """S3's point stops when its rule's retention changes: who asked for it hears of it."""
    stage.world.add(BUCKET, account_id=ACCOUNT, region_name=REGION)
    stage.notify("CONTINUOUS_BACKUP_INTERRUPTED")
    rule = {
        "RuleName": "pitr",
        "TargetBackupVaultName": "prod",
        "ScheduleExpression": "cron(0 5 ? * * *)",
        "EnableContinuousBackup": True,
        "Lifecycle": {"DeleteAfterDays": 35},
    }
    plan_id = stage.plan(rule, Resources=[BUCKET])
    stage.clock.advance(days=2)
    rule["Lifecycle"] = {"DeleteAfterDays": 7}
    stage.call("UpdateBackupPlan", BackupPlanId=plan_id, BackupPlan={"BackupPlanName": "plan", "Rules": [rule]})
    stage.clock.advance(days=1)
    [notification] = stage.notified()
    assert notification.attributes["State"] == "STOPPED"
    assert notification.attributes["Id"] in notification.message


def test_the_whole_event_is_what_eventbridge_hands_out(stage):
    """A handler can be called with it, as a Lambda function would be."""
    stage.call("CreateBackupVault", BackupVaultName="safe")
    [news] = stage.events()
    event = news.event()
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", event.pop("id"))
    assert event == {
        "version": "0",
        "detail-type": "Backup Vault State Change",
        "source": "aws.backup",
        "account": ACCOUNT,
        "time": "2026-01-01T00:00:00Z",
        "region": REGION,
        "resources": [vault_arn("safe")],
        "detail": {"backupVaultName": "safe", "state": "CREATED"},
    }
    assert news.event()["id"] == news.event()["id"]


def test_moments_are_spelled_as_java_does():
    """A fraction of zero is left out; everything else has three digits."""
    assert instant(datetime(2026, 7, 29, 20, 13, 7, tzinfo=UTC)) == "2026-07-29T20:13:07Z"
    assert instant(datetime(2026, 7, 29, 20, 13, 7, 392_999, tzinfo=UTC)) == "2026-07-29T20:13:07.392Z"
    assert instant(datetime(2026, 7, 29, 20, 13, 7, 5_000, tzinfo=UTC)) == "2026-07-29T20:13:07.005Z"


def test_a_vault_notifies_of_its_events_and_of_no_others(stage):
    """A topic hears of what was asked for; each message has AWS's attributes."""
    stage.notify("BACKUP_JOB_STARTED", "RESTORE_JOB_COMPLETED")
    job = stage.back_up(ORDERS)
    restored = stage.restore(job["RecoveryPointArn"], {"targetTableName": "again"})
    stage.call("CreateBackupVault", BackupVaultName="quiet")
    stage.back_up(ORDERS, BackupVaultName="quiet")
    started, ended = stage.notified()
    assert (started.event, ended.event) == ("BACKUP_JOB_STARTED", "RESTORE_JOB_COMPLETED")
    assert started.topic_arn == TOPIC
    assert ended.attributes == {
        "EventType": "RESTORE_JOB",
        "State": "COMPLETED",
        "AccountId": ACCOUNT,
        "Id": restored["RestoreJobId"],
        "StartTime": instant(datetime.fromtimestamp(restored["CreationDate"], UTC)),
    }
    stage.call("DeleteBackupVaultNotifications", BackupVaultName="prod")
    stage.back_up(ORDERS)
    assert len(stage.notified()) == 2


def test_completed_means_ended_whether_well_or_not(stage):
    """BACKUP_JOB_COMPLETED fires for every end; the attribute State tells which."""
    stage.notify("BACKUP_JOB_COMPLETED")
    stage.back_up(ORDERS)
    stopped = stage.start(ORDERS)
    stage.call("StopBackupJob", BackupJobId=stopped)
    stage.clock.advance(minutes=5)
    stage.service.faults.block_backups(ORDERS)
    stage.start(ORDERS, StartWindowMinutes=60)
    stage.clock.advance(hours=2)
    stage.service.faults.release(ORDERS)
    stage.service.faults.deny(ROLE)
    stage.back_up(ORDERS)
    ends = [(told.attributes["State"], told.message.partition(".")[0]) for told in stage.notified()]
    assert ends == [
        ("COMPLETED", "An AWS Backup job was completed successfully"),
        ("ABORTED", "An AWS Backup job was stopped"),
        ("EXPIRED", "An AWS Backup job failed to complete in time"),
        ("FAILED", "An AWS Backup job failed"),
    ]


@pytest.mark.parametrize(
    ("recorded", "text"),
    [
        (True, "Recovery point ARN: {point}. Backed up Resource ARN : {resource}. Backup Job Id : {job}"),
        (False, "Recovery point ARN: {point}. Resource ARN : {resource}. BackupJob ID : {job}"),
    ],
)
def test_the_guide_and_recordings_differ_in_the_text_of_a_completed_backup(recorded, text):
    """Whoever parses the text must know of both spellings."""
    stage = Told(Choices(notifications_as_recorded=recorded))
    stage.notify("BACKUP_JOB_COMPLETED")
    job = stage.back_up(ORDERS)
    told = text.format(point=job["RecoveryPointArn"], resource=ORDERS, job=job["BackupJobId"])
    assert stage.notified()[0].message == f"An AWS Backup job was completed successfully. {told}"


@pytest.mark.parametrize(("sent", "states"), [(False, []), (True, ["FAILED"])])
def test_deprecated_events_are_sent_by_choice_only(sent, states):
    """The model says that they are no longer sent; some old vaults still ask for them."""
    stage = Told(Choices(deprecated_events_notify=sent))
    stage.notify("BACKUP_JOB_FAILED")
    stage.back_up(ORDERS)
    stage.service.faults.deny(ROLE)
    stage.back_up(ORDERS)
    assert [told.attributes["State"] for told in stage.notified()] == states


@pytest.mark.parametrize(("created", "states"), [(False, ["RUNNING"] * 3), (True, ["CREATED", "CREATED", "PENDING"])])
def test_jobs_have_started_when_they_run_or_by_choice_when_they_are_made(created, states):
    """No source says which; it matters to whoever measures how long a backup waits."""
    stage = Told(Choices(started_when_created=created))
    stage.call("CreateBackupVault", BackupVaultName="copies")
    stage.notify("BACKUP_JOB_STARTED", "COPY_JOB_STARTED", "RESTORE_JOB_STARTED")
    point = stage.back_up(FILES)["RecoveryPointArn"]
    stage.copy(point)
    stage.restore(point, {"newFileSystem": "true", "PerformanceMode": "generalPurpose"})
    assert [told.event for told in stage.notified()] == [
        "BACKUP_JOB_STARTED",
        "COPY_JOB_STARTED",
        "RESTORE_JOB_STARTED",
    ]
    assert [told.attributes["State"] for told in stage.notified()] == states
    assert all(" was started." in told.message for told in stage.notified())


@pytest.mark.parametrize("there", [False, True])
def test_copies_are_notified_by_the_vault_of_the_source_or_of_the_destination(there):
    """No source says which of the two it is, so it is a choice."""
    stage = Told(Choices(copy_notifications_at_destination=there))
    stage.call("CreateBackupVault", BackupVaultName="copies")
    events = ["COPY_JOB_STARTED", "COPY_JOB_SUCCESSFUL", "COPY_JOB_FAILED"]
    stage.notify(*events)
    stage.notify(*events, vault="copies")
    job = stage.copy(stage.back_up(FILES)["RecoveryPointArn"])
    assert [told.event for told in stage.notified()] == ["COPY_JOB_STARTED", "COPY_JOB_SUCCESSFUL"]
    assert {told.vault_name for told in stage.notified()} == {"copies" if there else "prod"}
    assert stage.notified()[-1].message.endswith(f"CopyJob ID : {job['CopyJobId']}")


@pytest.mark.parametrize(("cold", "times"), [(True, 2), (False, 1)])
def test_a_changed_lifecycle_is_notified_and_by_choice_a_move_to_cold_storage(cold, times):
    """RECOVERY_POINT_MODIFIED is for both, as far as anybody can tell."""
    stage = Told(Choices(cold_is_modified=cold))
    stage.notify("RECOVERY_POINT_MODIFIED")
    point = stage.back_up(FILES)["RecoveryPointArn"]
    stage.call(
        "UpdateRecoveryPointLifecycle",
        BackupVaultName="prod",
        RecoveryPointArn=point,
        Lifecycle={"MoveToColdStorageAfterDays": 1, "DeleteAfterDays": 100},
    )
    stage.clock.advance(days=2)
    assert [told.attributes["Id"] for told in stage.notified()] == [point] * times


def test_the_index_of_a_point_is_told_and_notified(stage):
    """The guide's own names, also where its examples differ from the names of the events."""
    stage.notify("RECOVERY_POINT_INDEX_COMPLETED", "RECOVERY_POINT_INDEX_DELETED", "RECOVERY_POINT_INDEXING_FAILED")
    arn = stage.back_up(VOLUME)["RecoveryPointArn"]
    place: RegionScope = stage.service.simulation.scope(ACCOUNT, REGION)
    point: Point = place.vaults["prod"].points[arn]
    for status in ("ACTIVE", "DELETED", "FAILED"):
        index = Index(point, None, created=START, begun=START)
        stage.service.simulation.bus.index_changed(place, index, status, START + timedelta(minutes=5))
    told = stage.details(event_records.POINT_INDEX, arn)
    shared = {
        "recoveryPointArn", "accountId", "indexStatus", "iamRoleArn", "resourceType", "backupVaultArn",
        "indexCreationTime", "isIndexingContinuous", "sourceResourceArn", "backupCreationTime", "indexStatusMessage",
    }  # fmt: skip
    assert set(told["ACTIVE"]) == shared | {"indexCompletionTime"}
    assert set(told["DELETED"]) == shared | {"indexDeletionTime"}
    assert set(told["FAILED"]) == shared
    assert [notification.attributes["EventType"] for notification in stage.notified()] == [
        "RECOVERY_POINT_INDEXING_COMPLETED",
        "RECOVERY_POINT_INDEX_DELETED",
        "RECOVERY_POINT_INDEXING_FAILED",
    ]


def test_a_scan_job_is_told_out_of_what_describe_scan_job_shows(stage):
    """Its createdBy spells the rule's id in another way than all other events do."""
    shown = {
        "ScanJobId": "4d5fc12e",
        "State": "COMPLETED",
        "AccountId": ACCOUNT,
        "CreationDate": START,
        "CreatedBy": {"BackupPlanId": "p", "BackupPlanArn": "a", "BackupPlanVersion": "v", "BackupRuleId": "r"},
        "RecoveryPointArn": "arn:aws:backup:us-east-1:123456789012:recovery-point:one",
        "ScanResult": {"ScanResultStatus": "THREATS_FOUND"},
        "ScanMode": "FULL_SCAN",
    }
    stage.service.simulation.publisher.scan_job(stage.service.simulation.scope(ACCOUNT, REGION), shown)
    [told] = stage.events(event_records.SCAN_JOB)
    assert told.detail == {
        "accountId": ACCOUNT,
        "createdBy": {"backupPlanId": "p", "backupPlanArn": "a", "backupPlanVersion": "v", "backupRuleId": "r"},
        "creationDate": "2026-01-01T00:00:00Z",
        "recoveryPointArn": shown["RecoveryPointArn"],
        "scanJobId": "4d5fc12e",
        "scanResult": {"scanResultStatus": "THREATS_FOUND"},
        "state": "COMPLETED",
    }
    assert told.resources == (shown["RecoveryPointArn"],)


def test_a_composite_is_told_with_all_its_parts(stage):
    """The backup of a stack tells of its parent job and of a job for each part; a part that is lost makes it PARTIAL."""
    stack = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/shop/4f2c9d60-1111-4222-8333-0123456789ab"
    lost = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:checkout"
    stage.world.add(stack, members={"Orders": ORDERS, "Checkout": lost})
    stage.notify("BACKUP_JOB_COMPLETED")
    parent = stage.start(stack)
    stage.clock.advance(hours=3)
    ends = {news.subject: news for news in stage.events(event_records.BACKUP_JOB) if news.state != "RUNNING"}
    assert {job["BackupJobId"]: job["State"] for job in stage.jobs()} == {
        subject: news.state for subject, news in ends.items()
    }
    assert ends[parent].state == "PARTIAL"
    assert stage.details(event_records.POINT, ends[parent].resources[0]).keys() == {"CREATING", "PARTIAL"}
    assert [told.attributes["State"] for told in stage.notified()].count("PARTIAL") == 1
    [message] = [told.message for told in stage.notified() if told.attributes["Id"] == parent]
    assert message.startswith("An AWS Backup job was completed partially. Recovery point ARN: ")


def test_a_listener_hears_of_whole_changes_and_may_act_on_them(stage):
    """A function that copies what was just backed up finds the point COMPLETED, as a Lambda function would."""
    stage.call("CreateBackupVault", BackupVaultName="copies")
    heard = []

    def hear(news):
        heard.append(news)
        if news.kind == event_records.BACKUP_JOB and news.state == "COMPLETED":
            stage.call(
                "StartCopyJob",
                RecoveryPointArn=news.resources[0],
                SourceBackupVaultName=news.detail["backupVaultName"],
                DestinationBackupVaultArn=vault_arn("copies"),
                IamRoleArn=ROLE,
            )

    stage.service.events.listen(hear)
    stage.back_up(FILES)
    stage.clock.advance(hours=1)
    assert [point["SourceBackupVaultArn"] for point in stage.points("copies")] == [vault_arn("prod")]
    assert heard == stage.events()[-len(heard) :]
    assert not stage.service.events.failures()


def test_a_listener_that_moves_the_clock_still_leaves_all_in_order(stage):
    """What happens meanwhile is heard afterwards, by every listener in the same order."""
    first, second = [], []

    def hear(news):
        first.append(news.number)
        if news.state == "RUNNING":
            stage.clock.advance(hours=1)

    stage.service.events.listen(hear)
    stage.service.events.listen(lambda news: second.append(news.number))
    stage.start(ORDERS)
    stage.clock.advance(minutes=30)
    assert first == second == sorted(first)
    assert [news.state for news in stage.events(event_records.BACKUP_JOB)] == ["CREATED", "RUNNING", "COMPLETED"]


def test_a_listener_that_raises_is_counted_and_does_not_stop_the_clock(stage, caplog):
    """The other listeners hear all the same; the log names the error, not its text."""
    heard = []

    def raising(news):
        raise ValueError("a secret")

    stage.service.events.listen(raising)
    stage.service.events.listen(heard.append)
    with caplog.at_level(logging.WARNING, "backupkit.emulator.events"):
        assert stage.back_up(ORDERS)["State"] == "COMPLETED"
    assert {failure.code for failure in stage.service.events.failures()} == {"ValueError"}
    assert len(heard) == len(stage.service.events.failures()) == stage.service.events.failed == 5
    assert "a secret" not in caplog.text


def test_an_error_with_a_response_of_another_kind_is_counted_too(stage):
    """Errors of HTTP libraries have a response that is not a mapping; it must not bring the clock down."""

    def raising(news):
        error = OSError("no route")
        error.response = object()
        raise error

    stage.service.events.listen(raising)
    stage.call("CreateBackupVault", BackupVaultName="safe")
    assert [failure.code for failure in stage.service.events.failures()] == ["OSError"]


def test_a_listener_may_take_a_snapshot(stage):
    """The state is whole whenever something is heard: going back there and on again leads to the same end."""
    taken = []
    stage.service.events.listen(
        lambda news: taken.append(stage.service.save_state()) if news.state == "RUNNING" else None
    )
    job = stage.back_up(ORDERS)
    stage.service.load_state(taken[0])
    assert stage.job(job["BackupJobId"])["State"] == "RUNNING"
    stage.clock.advance(minutes=10)
    assert stage.job(job["BackupJobId"]) == job
    assert [news.state for news in stage.events(event_records.BACKUP_JOB)] == ["CREATED", "RUNNING", "COMPLETED"]


def test_notifications_are_heard_too(stage):
    """A function can stand in for what is subscribed to the topic."""
    heard = []
    stage.service.events.listen(notifications=heard.append)
    stage.notify("BACKUP_JOB_COMPLETED")
    stage.back_up(ORDERS)
    assert heard == stage.notified()
    assert len(heard) == 1


def test_each_place_hears_of_itself(stage):
    """As each account has a bus of its own in each Region."""
    heard = []
    ireland = stage.service.in_region("eu-west-1")
    ireland.events.listen(heard.append)
    stage.call("CreateBackupVault", BackupVaultName="here")
    ireland.call("CreateBackupVault", {"BackupVaultName": "there"})
    assert [news.subject for news in heard] == [news.subject for news in ireland.events.events()] == ["there"]
    assert [news.subject for news in stage.events(event_records.BACKUP_VAULT)] == ["here"]


def test_a_snapshot_has_the_log_and_listeners_stay_what_they_are(stage):
    """Going back takes back what was told since; whoever listens goes on hearing, and nobody is in the snapshot."""
    heard = []
    stage.back_up(ORDERS)
    before, taken = stage.events(), stage.service.save_state()
    stage.service.events.listen(lambda news: heard.append(news.subject))
    stage.back_up(ORDERS)
    assert len(stage.events()) > len(before)
    stage.service.load_state(taken)
    assert stage.events() == before
    heard.clear()
    stage.call("CreateBackupVault", BackupVaultName="after")
    assert heard == ["after"]
    assert stage.events()[-1].number == before[-1].number + 1
    fresh = Stage()
    fresh.service.load_state(taken)
    assert fresh.service.events.events() == before


def test_a_snapshot_of_a_silent_service_is_silent_again(stage):
    """The log begins anew where a snapshot has none; without a listener it is not kept at all."""
    taken = Stage().service.save_state()
    stage.service.load_state(taken)
    assert not stage.service.events.listening
    heard = []
    stage.service.events.listen(heard.append)
    stage.service.load_state(taken)
    assert stage.service.events.events() == []
    stage.call("CreateBackupVault", BackupVaultName="after")
    assert len(heard) == 1


def test_the_log_is_bounded(stage):
    """The oldest go first, so that a service may run for years."""
    place: RegionScope = stage.service.simulation.scope(ACCOUNT, REGION)
    job: BackupJob = next(iter(place.backup_jobs.values()), None) or _job(stage, place)
    for _ in range(event_records.KEPT + 10):
        stage.service.simulation.publisher.backup_job(place, job)
    told = stage.events()
    assert len(told) == event_records.KEPT
    assert told[-1].number - told[0].number == event_records.KEPT - 1


def _job(stage, place):
    stage.start(ORDERS)
    return next(iter(place.backup_jobs.values()))


def test_who_listens_does_not_change_the_story():
    """Ids, moments and points are those of the seed, heard or not."""

    def story(listens):
        stage = Stage()
        if listens:
            stage.service.events.listen(lambda news: None)
        stage.world.add(ORDERS)
        stage.world.add(FILES)
        stage.plan({"RuleName": "r", "ScheduleExpression": "cron(0 5 ? * * *)", "Lifecycle": {"DeleteAfterDays": 3}})
        stage.clock.advance(days=10)
        return stage.jobs(), stage.points()

    assert story(listens=True) == story(listens=False)
