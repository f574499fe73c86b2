"""News that is delivered to the services behind a session: it arrives there, in few calls, and never stops the clock."""

from __future__ import annotations

import json
import logging
from collections import Counter
from datetime import timedelta

import pytest
from local_stage import ACCOUNT, REGION, ROLE, START, Stage, table_arn
from moto.sns.utils import FilterPolicyMatcher

import backupkit as bk
from backupkit.emulator import Choices, LocalService
from backupkit.emulator.resources.session import SessionWorld, private_moto_session
from backupkit.errors import ConfigurationError, InvalidValueError

TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:backup-news"


class Post:
    """The other end, in moto: a queue, a topic that it hears, and a session that counts its calls."""

    def __init__(self) -> None:
        self.session = private_moto_session(REGION)
        self.calls: Counter[str] = Counter()
        self.session.events.register("before-send", self._count)
        self._queues = self.session.client("sqs")
        self.sns = self.session.client("sns")
        self.events = self.session.client("events")
        self.metrics = self.session.client("cloudwatch")

    def _count(self, event_name, **_):
        self.calls[event_name.removeprefix("before-send.")] += 1

    def queue(self, name):
        url = self._queues.create_queue(QueueName=name)["QueueUrl"]
        return url, self._queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"][
            "QueueArn"
        ]

    def topic(self):
        url, arn = self.queue("of-topic")
        topic = self.sns.create_topic(Name="backup-news")["TopicArn"]
        self.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        return url

    def rule(self, pattern):
        url, arn = self.queue("of-rule")
        self.events.put_rule(Name="rule", EventPattern=json.dumps(pattern))
        self.events.put_targets(Rule="rule", Targets=[{"Id": "queue", "Arn": arn}])
        return url

    def letters(self, url):
        found = []
        while True:
            page = self._queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
            if not page:
                return found
            found += [json.loads(letter["Body"]) for letter in page]
            for letter in page:
                self._queues.delete_message(QueueUrl=url, ReceiptHandle=letter["ReceiptHandle"])

    def sums(self, metric, **dimensions):
        told = self.metrics.get_metric_statistics(
            Namespace="AWS/Backup",
            MetricName=metric,
            Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
            StartTime=START - timedelta(hours=1),
            EndTime=START + timedelta(days=40),
            Period=300,
            Statistics=["Sum"],
        )["Datapoints"]
        return {point["Timestamp"]: point["Sum"] for point in told}

    def values(self, metric, **dimensions):
        told = [{"Name": name, "Value": value} for name, value in dimensions.items()]
        stat = {
            "Metric": {"Namespace": "AWS/Backup", "MetricName": metric, "Dimensions": told},
            "Period": 300,
            "Stat": "Sum",
        }
        [found] = self.metrics.get_metric_data(
            MetricDataQueries=[{"Id": "one", "MetricStat": stat}], StartTime=START, EndTime=START + timedelta(minutes=5)
        )["MetricDataResults"]
        return found["Values"]


@pytest.fixture
def post():
    return Post()


def stage(choices=None):
    """A vault that tells its topic of every end of a backup, and two tables."""
    made = Stage(choices=choices)
    for name in ("orders", "customers"):
        made.world.add(table_arn(name))
    made.call(
        "PutBackupVaultNotifications",
        BackupVaultName="prod",
        SNSTopicArn=TOPIC,
        BackupVaultEvents=["BACKUP_JOB_COMPLETED"],
    )
    return made


def test_the_notification_of_a_failed_backup_arrives_at_a_queue_of_the_topic(post):
    """Subject, text and attributes are AWS's, so that a filter on State works."""
    letters, local = post.topic(), stage()
    local.service.events.deliver_to(post.session)
    local.service.faults.deny(ROLE)
    job = local.back_up(table_arn("orders"))
    [letter] = post.letters(letters)
    assert letter["Subject"] == "Notification from AWS Backup"
    assert letter["Message"] == (
        f"An AWS Backup job failed. Resource ARN : {table_arn('orders')}. BackupJob ID : {job['BackupJobId']}"
    )
    told = {name: attribute["Value"] for name, attribute in letter["MessageAttributes"].items()}
    assert told == {
        "EventType": "BACKUP_JOB",
        "State": "FAILED",
        "AccountId": ACCOUNT,
        "Id": job["BackupJobId"],
        "StartTime": "2026-01-01T00:00:00Z",
    }


@pytest.mark.slow
def test_a_filter_policy_on_the_state_lets_only_failures_through(post):
    """The way AWS recommends to hear of failures alone works here, too."""
    letters, local = post.topic(), stage()
    [subscription] = post.sns.list_subscriptions()["Subscriptions"]
    post.sns.set_subscription_attributes(
        SubscriptionArn=subscription["SubscriptionArn"],
        AttributeName="FilterPolicy",
        AttributeValue=json.dumps({"State": [{"anything-but": "COMPLETED"}]}),
    )
    local.service.events.deliver_to(post.session)
    local.back_up(table_arn("orders"))
    assert not post.letters(letters)
    local.service.faults.deny(ROLE)
    local.back_up(table_arn("orders"))
    assert len(post.letters(letters)) == 1


def filtered(post, policy):
    [subscription] = post.sns.list_subscriptions()["Subscriptions"]
    post.sns.set_subscription_attributes(
        SubscriptionArn=subscription["SubscriptionArn"], AttributeName="FilterPolicy", AttributeValue=json.dumps(policy)
    )


@pytest.mark.slow
def test_a_vault_that_notifies_of_failures_tells_of_nothing_else(post):
    """With the filter on the subscription, failed backups, copies and restores arrive, and none that went well."""
    letters = post.topic()
    filtered(post, bk.events.failures_filter())
    vault = bk.Vault("main").notifying_failures(TOPIC)
    with bk.local() as aws:
        aws.events.deliver_to(post.session)
        aws.resources.add(table_arn("orders"))
        bk.Stack("s", vault, bk.Vault("other")).preview(aws).apply()
        point = aws.back_up(table_arn("orders"), vault="main").wait().recovery_point
        point.restore(bk.restore.DynamoDBTable("again")).wait()
        other = str(bk.Vault("other").arn(region_name=REGION, account_id=ACCOUNT))
        point.copy_to(other).wait()
        assert not post.letters(letters)

        aws.faults.deny(ROLE)
        aws.back_up(table_arn("orders"), vault="main", role=ROLE)
        point.restore(bk.restore.DynamoDBTable("third"), role=ROLE)
        point.copy_to(other, role=ROLE)
        aws.clock.advance(hours=1)
        told = [letter["MessageAttributes"] for letter in post.letters(letters)]
    assert {each["State"]["Value"] for each in told} == {"FAILED"}
    assert sorted(each["EventType"]["Value"] for each in told) == ["BACKUP_JOB", "COPY_JOB", "RESTORE_JOB"]


@pytest.mark.parametrize(
    ("attributes", "arrives"),
    [
        ({"EventType": "BACKUP_JOB", "State": "COMPLETED"}, False),
        ({"EventType": "RESTORE_JOB", "State": "COMPLETED"}, False),
        ({"EventType": "BACKUP_JOB", "State": "EXPIRED"}, True),
        ({"EventType": "BACKUP_JOB", "State": "PARTIAL"}, True),
        ({"EventType": "COPY_JOB", "State": "FAILED"}, True),
        ({"EventType": "RECOVERY_POINT", "State": "COMPLETED"}, True),
        ({"EventType": "RECOVERY_POINT_INDEXING_FAILED", "IndexStatus": "FAILED"}, True),
        ({"eventType": "EKS_BACKUP_OBJECT_FAILED"}, True),
    ],
)
def test_the_filter_for_failures_holds_back_only_what_went_well(attributes, arrives):
    """An interrupted continuous backup, and messages that say no state, come through."""
    matcher = FilterPolicyMatcher(bk.events.failures_filter(), "MessageAttributes")
    told = {name: {"Type": "String", "Value": value} for name, value in attributes.items()}
    assert matcher.matches(told, "") == arrives


def test_a_rule_for_failed_backups_delivers_them_and_nothing_else(post):
    """An EventBridge rule as users write it matches the local events by source, detail-type and state."""
    letters = post.rule(
        {"source": ["aws.backup"], "detail-type": ["Backup Job State Change"], "detail": {"state": ["FAILED"]}}
    )
    local = stage()
    local.service.events.deliver_to(post.session)
    local.back_up(table_arn("orders"))
    local.service.faults.deny(ROLE)
    job = local.back_up(table_arn("customers"))
    [event] = post.letters(letters)
    assert event["region"] == REGION
    assert event["detail"]["backupJobId"] == job["BackupJobId"]
    assert event["detail"]["statusMessage"] == f'"IAM Role {ROLE} cannot be assumed by AWS Backup"'
    assert event["detail"] == local.service.events.events()[-1].detail


def test_the_event_of_a_call_arrives_before_the_clock_moves(post):
    """What a call tells is delivered once it is answered."""
    letters = post.rule({"detail-type": ["Backup Vault State Change"]})
    local = stage()
    local.service.events.deliver_to(post.session)
    local.call("CreateBackupVault", BackupVaultName="more")
    [event] = post.letters(letters)
    assert event["detail"] == {"backupVaultName": "more", "state": "CREATED"}


@pytest.mark.slow
def test_metrics_can_be_read_back_for_each_vault_and_type(post):
    """Each data point counts five minutes, is never zero, and is there once the five minutes are over."""
    local = stage()
    courier = local.service.events.deliver_to(post.session)
    for name in ("orders", "customers"):
        local.start(table_arn(name))
    local.clock.advance(minutes=4)
    both = {"BackupVaultName": "prod", "ResourceType": "DynamoDB"}
    assert not post.sums("NumberOfBackupJobsCreated", **both)
    local.clock.advance(days=1)
    assert post.sums("NumberOfBackupJobsCreated", **both) == {START: 2.0}
    assert post.sums("NumberOfBackupJobsCompleted", **both) == {START: 2.0}
    assert post.sums("NumberOfRecoveryPointsCompleted", **both) == {START: 2.0}
    assert not post.sums("NumberOfBackupJobsFailed", **both)
    assert courier.calls["cloudwatch"] == 1
    for dimensions in ({"BackupVaultName": "prod"}, {"ResourceType": "DynamoDB"}, both):
        assert post.values("NumberOfBackupJobsCompleted", **dimensions) == [2.0]
    assert [] not in [metric["Dimensions"] for metric in post.metrics.list_metrics()["Metrics"]]


def test_metrics_without_dimensions_are_a_choice(post):
    """Whether AWS sums over everything no source says; it is off unless chosen."""
    local = stage(Choices(metrics_without_dimensions=True))
    local.service.events.deliver_to(post.session)
    local.back_up(table_arn("orders"))
    local.clock.advance(minutes=5)
    assert [] in [metric["Dimensions"] for metric in post.metrics.list_metrics()["Metrics"]]


def test_metrics_can_be_told_by_what_is_asked_for_alone(post):
    """moto adds up all points that have the dimensions asked for among theirs; by one set alone its sums are right."""
    local = stage()
    local.service.events.deliver_to(post.session, metrics_by=[("BackupVaultName", "ResourceType")])
    local.back_up(table_arn("orders"))
    local.clock.advance(minutes=5)
    assert post.sums("NumberOfBackupJobsCompleted", BackupVaultName="prod") == {START: 1.0}
    assert post.sums("NumberOfBackupJobsCompleted") == {START: 1.0}
    with pytest.raises(InvalidValueError, match="is not a set of BackupVaultName and ResourceType"):
        local.service.events.deliver_to(post.session, metrics_by=[("Vault",)])


@pytest.mark.slow
def test_a_month_takes_a_tenth_of_a_call_for_each_event_and_one_for_all_metrics(post):
    """Moving the clock far costs no call for each second, or for each five minutes."""
    local = stage()
    local.plan({"RuleName": "hourly", "ScheduleExpression": "cron(0 * ? * * *)", "Lifecycle": {"DeleteAfterDays": 1}})
    courier = local.service.events.deliver_to(post.session)
    post.topic()
    post.calls.clear()
    local.clock.advance(days=3)
    told = len(local.service.events.events())
    assert courier.sent["events"] == told > 500
    assert post.calls["eventbridge.PutEvents"] == -(-told // 10)
    assert post.calls["sns.Publish"] == len(local.service.events.notifications()) == courier.sent["notifications"]
    assert courier.sent["metrics"] > 1000
    assert post.calls["cloudwatch.PutMetricData"] == -(-courier.sent["metrics"] // 1000)


def test_what_fails_is_counted_and_logged_and_the_clock_goes_on(post, caplog):
    """A topic that is not there costs the notification, nothing else; no message is in the log."""
    local = stage()
    courier = local.service.events.deliver_to(post.session)
    with caplog.at_level(logging.WARNING, "backupkit.emulator.events"):
        job = local.back_up(table_arn("orders"))
    assert job["State"] == "COMPLETED"
    [failure] = local.service.events.failures()
    assert (failure.where, failure.number, failure.code) == ("sns", 1, "NotFound")
    assert failure.moment == local.service.events.notifications()[0].moment
    assert courier.sent["notifications"] == 0
    assert courier.sent["events"] > 0
    assert caplog.messages == ["1 not delivered to sns: NotFound"]


@pytest.mark.slow
def test_a_service_that_is_out_of_reach_is_tried_once_for_each_move_of_the_clock(post):
    """An address that answers nothing does not hold the clock up again and again."""
    local = stage()
    local.plan({"RuleName": "hourly", "ScheduleExpression": "cron(0 * ? * * *)"})
    session = private_moto_session(REGION)
    session.events.register_first("before-send.events", _unreachable)
    courier = local.service.events.deliver_to(session)
    post.topic()
    local.clock.advance(days=1)
    assert courier.calls["events"] == 2  # in the midst of the day, and at its end
    codes = Counter(failure.code for failure in local.service.events.failures())
    assert codes["EndpointConnectionError"] == 2
    assert sum(failure.number for failure in local.service.events.failures()) == len(local.service.events.events())


def _unreachable(**_):
    from botocore.exceptions import EndpointConnectionError

    raise EndpointConnectionError(endpoint_url="https://events.us-east-1.amazonaws.com")


def test_events_that_the_bus_refuses_are_counted_each(post):
    """AWS itself refuses events in its own name; the courier's count says so, and another source can be given."""
    local = stage()
    session = private_moto_session(REGION)
    session.events.register_first("after-call.events.PutEvents", _refused)
    courier = local.service.events.deliver_to(session)
    post.topic()
    local.back_up(table_arn("orders"))
    assert courier.sent["events"] == 0
    assert {failure.code for failure in local.service.events.failures()} == {"NotAuthorizedForSourceException"}


def _refused(parsed, **_):
    for entry in parsed["Entries"]:
        entry["ErrorCode"] = "NotAuthorizedForSourceException"


def test_another_source_and_namespace_can_be_given(post):
    """So that events and metrics reach a real account, which keeps AWS's own names to itself."""
    letters = post.rule({"source": ["rehearsal.backup"]})
    local = stage()
    local.service.events.deliver_to(post.session, source="rehearsal.backup", namespace="Rehearsal")
    local.back_up(table_arn("orders"))
    local.clock.advance(minutes=5)
    assert post.letters(letters)
    assert {metric["Namespace"] for metric in post.metrics.list_metrics()["Metrics"]} == {"Rehearsal"}


@pytest.mark.slow
def test_the_session_of_the_world_is_the_one_to_deliver_to(post):
    """Whoever protects the resources behind a session need not give it twice; nothing is sent before it is asked for."""
    world = SessionWorld(post.session, account_id=ACCOUNT)
    service = LocalService(world=world)
    post.calls.clear()
    service.call("CreateBackupVault", {"BackupVaultName": "prod"})
    assert not post.calls
    service.events.deliver_to()
    service.call("CreateBackupVault", {"BackupVaultName": "more"})
    assert post.calls == {"eventbridge.PutEvents": 1}


def test_without_a_session_there_is_nowhere_to_deliver_to():
    """A forgotten session is an error at once, not silence."""
    with pytest.raises(ConfigurationError, match="no session to deliver to"):
        LocalService().events.deliver_to()


def test_other_accounts_are_not_delivered(post):
    """A session is one account's; its Regions are all delivered, each to its own bus."""
    local = stage()
    courier = local.service.events.deliver_to(post.session)
    local.service.as_account("210987654321").call("CreateBackupVault", {"BackupVaultName": "theirs"})
    assert not courier.sent
    local.service.in_region("eu-west-1").call("CreateBackupVault", {"BackupVaultName": "ireland"})
    assert courier.sent == {"events": 1}


def test_what_was_counted_before_the_clock_went_back_is_not_delivered(post):
    """Metrics wait for the end of their five minutes; those of a time that never was are dropped with it."""
    local = stage()
    local.service.events.deliver_to(post.session, metrics_by=[("BackupVaultName",)])
    before = local.service.save_state()
    assert local.back_up(table_arn("orders"))["State"] == "COMPLETED"
    local.service.load_state(before)
    local.clock.advance(hours=1)
    assert post.sums("NumberOfBackupJobsCompleted", BackupVaultName="prod") == {}
    assert local.back_up(table_arn("orders"))["State"] == "COMPLETED"
    local.clock.advance(hours=1)
    assert list(post.sums("NumberOfBackupJobsCompleted", BackupVaultName="prod").values()) == [1.0]
