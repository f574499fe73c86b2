"""Events of AWS Backup as records: of EventBridge and SNS, wrapped in whatever brings them, and patterns for rules."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime

import pytest

import backupkit as bk
from backupkit.emulator import private_moto_session
from backupkit.errors import InvalidValueError

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
BUCKET = "arn:aws:s3:::photos"
ROLE = "arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole"
POINT = "arn:aws:ec2:us-east-1::snapshot/snap-01"
VAULT = "arn:aws:backup:us-east-1:111122223333:backup-vault:v"
TOPIC = "arn:aws:sns:us-east-1:111122223333:backup"
MY_TOPIC = "arn:aws:sns:us-east-1:123456789012:backup"

OF_GUIDE = {
    "backup": {
        "backupJobId": "B1", "backupSizeInBytes": "3221225472", "backupVaultArn": VAULT, "backupVaultName": "v",
        "bytesTransferred": "0", "creationDate": "2026-01-02T03:00:00.000Z", "iamRoleArn": ROLE, "resourceArn": TABLE,
        "resourceType": "EBS", "state": "COMPLETED", "completionDate": "2026-01-02T03:00:05.921Z", "percentDone": 100,
        "retryCount": 3, "statusMessage": '"Backup job was stopped by user."',
    },
    "copy": {
        "copyJobId": "C1", "backupSizeInBytes": 3221225472, "resourceArn": TABLE, "resourceType": "EBS",
        "sourceBackupVaultArn": VAULT, "state": "RUNNING", "destinationBackupVaultArn": VAULT + "2",
        "destinationRecoveryPointArn": {}, "createdBy": {"backupPlanId": "P1", "backupPlanRuleId": "R"},
    },
    "restore": {
        "restoreJobId": "R1", "backupSizeInBytes": "22548578304", "percentDone": 0, "resourceType": "EC2",
        "status": "FAILED", "statusMessage": "You are not authorized to perform this operation.",
    },
    "recovery_point": {
        "backupVaultName": "v", "backupVaultArn": VAULT, "resourceType": "Aurora", "resourceArn": TABLE,
        "status": "COMPLETED", "isEncrypted": "false", "storageClass": "WARM", "createdBy": {},
        "lifecycle": {"deleteAfterDays": 100},
    },
    "index": {
        "recoveryPointArn": POINT, "accountId": "111122223333", "indexStatus": "ACTIVE", "resourceType": "EBS",
        "sourceResourceArn": TABLE, "isIndexingContinuous": False, "backupVaultArn": "arn:aws:cryo:us-east-1:1:pod/v",
    },
    "scan": {
        "scanJobId": "S1", "malwareScanner": "GUARDDUTY", "recoveryPointArn": POINT, "resourceType": "EC2",
        "state": "COMPLETED", "scanResult": {"scanResultStatus": "THREATS_FOUND"}, "createdBy": {"backupRuleId": "R"},
    },
    "vault": {"backupVaultName": "v", "state": "MODIFIED", "isLocked": "true"},
    "plan": {"backupPlanId": "P1", "versionId": "V", "modifiedAt": "2026-01-02T03:00:00Z", "state": "MODIFIED"},
    "region_settings": {"ResourceTypeOptInPreference": {"Aurora": True}, "state": "MODIFIED"},
}  # fmt: skip
"""Details as the developer guide shows them, oddities included."""


def bridged(kind, detail=None, resources=(POINT,)):
    detail_type = bk.events.pattern(kind)["detail-type"][0]
    return {
        "version": "0", "id": "e1", "detail-type": detail_type, "source": "aws.backup", "account": "111122223333",
        "time": "2026-01-02T03:00:09Z", "region": "us-east-1", "resources": list(resources),
        "detail": OF_GUIDE[kind] if detail is None else detail,
    }  # fmt: skip


def message(text, **attributes):
    return {
        "Type": "Notification", "MessageId": "m1", "TopicArn": TOPIC, "Subject": "Notification from AWS Backup",
        "Message": text, "Timestamp": "2026-01-02T03:00:09.000Z",
        "MessageAttributes": {name: {"Type": "String", "Value": value} for name, value in attributes.items()},
    }  # fmt: skip


FAILED = message(
    f"An AWS Backup job failed. Resource ARN : {TABLE}. BackupJob ID : B1",
    EventType="BACKUP_JOB", State="FAILED", AccountId="111122223333", Id="B1", StartTime="2026-01-02T03:00:00Z",
)  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "cls", "state", "thing"),
    [
        ("backup", bk.events.BackupJobEvent, "COMPLETED", "B1"),
        ("copy", bk.events.CopyJobEvent, "RUNNING", "C1"),
        ("restore", bk.events.RestoreJobEvent, "FAILED", "R1"),
        ("recovery_point", bk.events.RecoveryPointEvent, "COMPLETED", POINT),
        ("index", bk.events.IndexEvent, "ACTIVE", POINT),
        ("scan", bk.events.ScanJobEvent, "COMPLETED", "S1"),
        ("vault", bk.events.VaultEvent, "MODIFIED", "v"),
        ("plan", bk.events.PlanEvent, "MODIFIED", "P1"),
        ("region_settings", bk.events.RegionSettingsEvent, "MODIFIED", "us-east-1"),
    ],
)
def test_each_event_of_the_guide_has_its_kind_its_state_and_what_it_is_about(kind, cls, state, thing):
    """A handler asks for one word, whether AWS calls the member state, status or indexStatus."""
    event = bk.events.parse(bridged(kind))
    assert (type(event), event.kind, event.state, event.id, event.source) == (cls, kind, state, thing, "eventbridge")
    assert (event.account_id, event.region_name) == ("111122223333", "us-east-1")
    assert event.time == datetime(2026, 1, 2, 3, 0, 9, tzinfo=UTC)
    assert event.detail == OF_GUIDE[kind]
    assert event.recovery_point_arn == (None if kind in {"vault", "plan", "region_settings"} else POINT)
    assert pickle.loads(pickle.dumps(event)) == event


def test_numbers_quotes_and_truths_are_read_as_they_are_meant():
    """AWS gives sizes of backups as text and of copies as numbers, quotes messages twice, and says "true" in quotes."""
    backup, copy = bk.events.parse(bridged("backup")), bk.events.parse(bridged("copy"))
    assert (backup.size_bytes, copy.size_bytes) == (3221225472, 3221225472)
    assert (backup.status_message, backup.reason) == ("Backup job was stopped by user.", "stopped")
    assert (copy.destination_recovery_point_arn, copy.recovery_point_arn) == (None, POINT)
    assert (copy.plan_id, copy.rule_id, copy.destination_vault_arn) == ("P1", "R", VAULT + "2")
    assert bk.events.parse(bridged("vault")).is_locked is True
    assert bk.events.parse(bridged("recovery_point")).is_encrypted is False
    assert bk.events.parse(bridged("scan")).scan_result == "THREATS_FOUND"
    assert bk.events.parse(bridged("region_settings")).opted_in == {"Aurora": True}


def test_a_failed_restore_names_the_point_although_its_detail_does_not():
    """AWS leaves the point out of the detail of most restores: it is the event's resource."""
    event = bk.events.parse(bridged("restore"))
    assert (event.recovery_point_arn, event.ended, event.reason) == (POINT, True, "access_denied")


def test_the_first_event_of_a_restore_calls_its_status_state():
    """Whatever the member is called, the state is the state."""
    event = bk.events.parse(bridged("restore", {"restoreJobId": "R1", "state": "CREATED"}, ()))
    assert (event.kind, event.state, event.recovery_point_arn, event.ended) == ("restore", "CREATED", None, False)


def test_an_sns_message_is_read_by_its_attributes():
    """The attributes are documented; the text is prose, and only what no attribute has is taken from it."""
    event = bk.events.parse(FAILED)
    assert (type(event), event.state, event.id) == (bk.events.BackupJobEvent, "FAILED", "B1")
    assert (event.account_id, event.region_name, event.resource_arn) == ("111122223333", "us-east-1", TABLE)
    lying = message("An AWS Backup job was completed successfully.", EventType="BACKUP_JOB", State="EXPIRED", Id="B2")
    assert (bk.events.parse(lying).state, bk.events.parse(lying).id) == ("EXPIRED", "B2")


@pytest.mark.parametrize(
    ("text", "kind", "state"),
    [
        ((f"An AWS Backup job was completed successfully. Recovery point ARN: {POINT}. Resource ARN : {TABLE}. "
         "BackupJob ID : B1"), "backup", "COMPLETED"),
        ((f"An AWS Backup job was completed successfully. Recovery point ARN: {POINT} . Resource ARN : {TABLE} . "
         "Backup job ID : B1"), "backup", "COMPLETED"),
        (f"An AWS Backup job failed. Resource ARN : {TABLE}. BackupJob ID : B1", "backup", "FAILED"),
        (f"An AWS Backup job failed to complete in time. Resource ARN : {TABLE}. BackupJob ID : B1", "backup", "EXPIRED"),
        (f"An AWS Backup copy job failed. Resource ARN : {TABLE}. CopyJob ID : B1", "copy", "FAILED"),
        ((f"An AWS Backup restore job was completed successfully. Restored resource ARN: {BUCKET}. "
         f"Resource ARN : {TABLE}. Restore Job Id : B1"), "restore", "COMPLETED"),
    ],
)  # fmt: skip
def test_a_message_without_attributes_is_read_by_its_text(text, kind, state):
    """Raw delivery and old tools drop the attributes; the texts that are known still tell what happened."""
    event = bk.events.parse(message(text))
    assert (event.kind, event.state, event.id, event.resource_arn) == (kind, state, "B1", TABLE)
    if "Recovery point" in text:
        assert event.recovery_point_arn == POINT


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda event: {"Records": [{"Sns": event if "Message" in event else message(json.dumps(event))}]},
        lambda event: {"Records": [{"eventSource": "aws:sqs", "body": json.dumps(event)}]},
        lambda event: {"Messages": [{"Body": json.dumps(event)}]},
        lambda event: {"Records": [{"eventSource": "aws:sqs", "body": json.dumps(message(json.dumps(event)))}]},
        lambda event: [event],
        json.dumps,
        lambda event: json.dumps(event).encode(),
    ],
)
@pytest.mark.parametrize("event", [FAILED, bridged("backup")])
def test_it_does_not_matter_what_an_event_is_wrapped_in(event, wrapped):
    """The same handler serves a rule, a topic and a queue, and a queue behind a topic behind a rule."""
    assert bk.events.parse_all(wrapped(event)) == (bk.events.parse(event),)


def test_raw_delivery_to_a_queue_keeps_the_attributes():
    """With raw message delivery SNS puts its attributes into those of SQS, which spell them otherwise."""
    attributes = {name: {"stringValue": each["Value"], "dataType": "String"}
                  for name, each in FAILED["MessageAttributes"].items()}  # fmt: skip
    [event] = bk.events.parse_all({"Records": [{"body": FAILED["Message"], "messageAttributes": attributes}]})
    assert (event.kind, event.state, event.id, event.account_id) == ("backup", "FAILED", "B1", "111122223333")


@pytest.mark.parametrize(
    ("event", "kind", "state"),
    [
        (message("...", EventType="RECOVERY_POINT_INDEXING_COMPLETED", IndexStatus="ACTIVE", RecoveryPointArn=POINT),
         "index", "ACTIVE"),
        (message("...", EventType="EKS_RESTORE_OBJECT_SKIPPED", resourceName="web", reason="Already exists.",
                 restoreJobId="R1"), "object", "SKIPPED"),
        (message("...", eventType="S3_BACKUP_OBJECT_FAILED"), "object", "FAILED"),
    ],
)  # fmt: skip
def test_attributes_in_any_case_are_read(event, kind, state):
    """EKS's attributes begin in lower case, indexes call their state IndexStatus."""
    read = bk.events.parse(event)
    assert (read.kind, read.state) == (kind, state)


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"hello": "world"},
        {"detail-type": "Backup Access Point State Change", "detail": {"state": "CREATED"}},
        {"detail-type": 5, "detail": "text", "resources": {}},
        {"detail-type": "Copy Job State Change", "detail": None, "resources": None},
        {"Records": [{"body": "{not json"}]},
        {"Records": ["text"]},
        {"Type": "SubscriptionConfirmation", "Message": "You have chosen to subscribe", "TopicArn": TOPIC},
        message("Something new.", EventType="MOON_PHASE", State="FULL"),
    ],
)
def test_what_is_not_known_survives(event):
    """A handler that dies of something new loses the failures behind it: unknown events come back whole."""
    [read] = bk.events.parse_all(event)
    assert isinstance(read, bk.events.Event)
    if read.kind == "unknown" and "Records" not in event:
        assert read.raw == event


def test_a_change_of_a_point_under_its_other_name_is_one():
    """EventBridge's reference lists a "Recovery Point Change" beside the "Recovery Point State Change"."""
    event = bk.events.parse(
        {"detail-type": "Recovery Point Change", "resources": [POINT], "detail": {"status": "EXPIRED"}}
    )
    assert (event.kind, event.state, event.id) == ("recovery_point", "EXPIRED", POINT)


def test_an_unknown_event_still_says_its_state_and_type():
    """What is there under the usual names is read, so that a new kind can be told apart at once."""
    read = bk.events.parse({"detail-type": "Backup Moon State Change", "detail": {"state": "FULL"}})
    assert (read.kind, read.event_type, read.state) == ("unknown", "Backup Moon State Change", "FULL")


@pytest.mark.parametrize("wrong", [None, 5, "not json", b"\xff", object()])
def test_what_cannot_be_an_event_is_refused(wrong):
    """A handler that is called with the wrong thing says so."""
    with pytest.raises(InvalidValueError, match="is not an event"):
        bk.events.parse(wrong)


def test_a_batch_is_not_one_event():
    """`parse` of a batch would hide all but one."""
    with pytest.raises(InvalidValueError, match=r"2 events .* use bk\.events\.parse_all"):
        bk.events.parse({"Records": [{"Sns": FAILED}, {"Sns": FAILED}]})


class TestPatterns:
    @pytest.mark.parametrize(
        ("kind", "state", "detail"),
        [
            ("backup", "FAILED", {"state": ["FAILED"]}),
            ("backup", ["FAILED", "EXPIRED"], {"state": ["FAILED", "EXPIRED"]}),
            ("restore", ["COMPLETED", "FAILED"], {"status": ["COMPLETED", "FAILED"]}),
            ("restore", "CREATED", {"state": ["CREATED"]}),
            ("restore", ["CREATED", "FAILED"], {"$or": [{"state": ["CREATED"]}, {"status": ["FAILED"]}]}),
            ("recovery_point", "EXPIRED", {"status": ["EXPIRED"]}),
            ("index", "FAILED", {"indexStatus": ["FAILED"]}),
            ("scan", "COMPLETED_WITH_ISSUES", {"state": ["COMPLETED_WITH_ISSUES"]}),
        ],
    )
    def test_a_pattern_asks_for_the_member_that_the_kind_has(self, kind, state, detail):
        """A rule on `state` of restores never fires: AWS calls it status there."""
        assert bk.events.pattern(kind, state=state)["detail"] == detail

    def test_awss_own_name_is_taken_too(self):
        """Whoever has the name from AWS's pages need not look for another."""
        assert bk.events.pattern("Copy Job State Change") == bk.events.pattern("copy")
        assert bk.events.pattern("BACKUP_JOB") == bk.events.pattern("backup")

    @pytest.mark.parametrize(
        ("kind", "state", "told"),
        [
            ("report", None, "'report' is not a kind of event; there are backup, copy"),
            (None, None, "is not a kind of event"),
            ("copy", "EXPIRED", "'EXPIRED' is not a state; events of copy have CREATED"),
            ("backup", [], "no state at all"),
            ("backup", 5, "5 is not a state"),
        ],
    )
    def test_a_pattern_that_never_matches_is_refused(self, kind, state, told):
        """EventBridge takes any pattern, and a rule that never fires is found out in the night of the failure."""
        with pytest.raises(InvalidValueError, match=told):
            bk.events.pattern(kind, state=state)


@pytest.fixture
def aws():
    with bk.local() as connection:
        connection.events.listen()
        connection.resources.add(TABLE)
        connection.resources.add(BUCKET)
        for name in ("prod", "copies"):
            connection.call("CreateBackupVault", BackupVaultName=name)
        yield connection


def _all_kinds(aws):
    """Let something of every kind happen."""
    point = aws.back_up(TABLE, vault="prod").wait().recovery_point
    point.copy_to("arn:aws:backup:us-east-1:123456789012:backup-vault:copies").wait()
    point.restore(bk.restore.DynamoDBTable("orders-2")).wait()
    bucket = aws.back_up(BUCKET, vault="prod").wait().recovery_point
    bucket.scan(scanner_role=ROLE).wait()
    aws.call(
        "UpdateRecoveryPointIndexSettings",
        BackupVaultName="prod", RecoveryPointArn=bucket.recovery_point_arn, Index="ENABLED", IamRoleArn=ROLE,
    )  # fmt: skip
    aws.call("UpdateRegionSettings", ResourceTypeOptInPreference={"EBS": True})
    bk.Stack("s", bk.Plan("daily", bk.Rule("daily", "prod"))).preview(aws).apply()
    aws.clock.advance(hours=2)
    aws.faults.deny(ROLE)
    aws.back_up(TABLE, vault="prod")
    aws.clock.advance(hours=2)


def test_everything_that_the_local_service_emits_is_read(aws):
    """Every event has its record, with the state and the thing that the service told of."""
    _all_kinds(aws)
    news = aws.events.events()
    read = [bk.events.parse(each.event()) for each in news]
    assert {event.kind for event in read} == set(OF_GUIDE)
    for each, event in zip(news, read, strict=True):
        assert event.state == each.state, each
        if not (event.kind == "copy" and event.state == "CREATED"):  # AWS does not tell its id
            assert event.id == each.subject, each
        if isinstance(event, bk.events.JobEvent) and event.state not in {"CREATED", "RUNNING", "PENDING"}:
            assert event.ended, each
    [failed] = [event for event in read if event.state == "FAILED"]
    assert (failed.kind, failed.reason, failed.resource_arn) == ("backup", "role_not_assumable", TABLE)


@pytest.mark.slow
def test_what_is_delivered_to_queues_is_read(aws):
    """A queue behind a topic and one behind a rule hand over what a Lambda function gets; both name the same job."""
    session = private_moto_session("us-east-1")
    queues, topics, rules = (session.client(name) for name in ("sqs", "sns", "events"))
    urls = {}
    for name in ("topic", "rule"):
        urls[name] = queues.create_queue(QueueName=name)["QueueUrl"]
    arns = {
        name: queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        for name, url in urls.items()
    }
    topic = topics.create_topic(Name="backup")["TopicArn"]
    topics.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arns["topic"])
    rules.put_rule(Name="failures", EventPattern=json.dumps(bk.events.pattern("backup", state=["FAILED", "EXPIRED"])))
    rules.put_targets(Rule="failures", Targets=[{"Id": "queue", "Arn": arns["rule"]}])
    aws.call("PutBackupVaultNotifications", BackupVaultName="prod", SNSTopicArn=topic,
             BackupVaultEvents=["BACKUP_JOB_COMPLETED"])  # fmt: skip
    aws.events.deliver_to(session)
    aws.faults.deny(ROLE)
    job = aws.back_up(TABLE, vault="prod")
    aws.clock.advance(hours=1)
    for url in urls.values():
        [event] = bk.events.parse_all(queues.receive_message(QueueUrl=url))
        assert (event.kind, event.state, event.id, event.resource_arn) == ("backup", "FAILED", job.id, TABLE)


def test_notifications_of_the_local_service_are_read(aws):
    """Each message to a topic names its job, its state and its point by attributes."""
    aws.call("PutBackupVaultNotifications", BackupVaultName="prod", SNSTopicArn=MY_TOPIC, BackupVaultEvents=[
        "BACKUP_JOB_STARTED", "BACKUP_JOB_COMPLETED", "COPY_JOB_STARTED", "COPY_JOB_SUCCESSFUL", "RESTORE_JOB_STARTED",
        "RESTORE_JOB_COMPLETED", "RECOVERY_POINT_MODIFIED", "RECOVERY_POINT_INDEX_COMPLETED",
    ])  # fmt: skip
    _all_kinds(aws)
    read = [bk.events.parse(message(each.message, **each.attributes)) for each in aws.events.notifications()]
    assert {event.kind for event in read} == {"backup", "copy", "restore", "index"}
    assert all(event.state and event.id and event.source == "sns" for event in read)
    done = {event.kind: event for event in read if event.state in {"COMPLETED", "ACTIVE"}}
    assert set(done) == {"backup", "copy", "restore", "index"}
    assert all(event.recovery_point_arn for event in done.values())
    assert done["restore"].created_resource_arn == "arn:aws:dynamodb:us-east-1:123456789012:table/orders-2"


def test_a_message_of_a_changed_point_is_about_the_point(aws):
    """Its id is the point's ARN, which the attributes have in the place of a job's id."""
    aws.call("PutBackupVaultNotifications", BackupVaultName="prod", SNSTopicArn=MY_TOPIC, BackupVaultEvents=[
        "RECOVERY_POINT_MODIFIED",
    ])  # fmt: skip
    point = aws.back_up(TABLE, vault="prod").wait().recovery_point
    point.update_lifecycle(keep_days=35, allow_delete=True)
    [told] = aws.events.notifications()
    event = bk.events.parse(message(told.message, **told.attributes))
    assert (event.kind, event.id, event.recovery_point_arn) == (
        "recovery_point",
        point.recovery_point_arn,
        point.recovery_point_arn,
    )
    assert event.state
