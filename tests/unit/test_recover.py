"""recover: one call from a resource's ARN to what came back, with the evidence."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime, timedelta

import pytest

import backupkit as bk
from backupkit.emulator import SessionWorld, private_moto_session
from backupkit.errors import (
    InvalidValueError,
    JobFailedError,
    NotFoundError,
    PreflightError,
    VerificationError,
    WaitTimeoutError,
)

ACCOUNT, REGION = "123456789012", "us-east-1"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-0123456789abcdef0"
FILES = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-01234567"
CLUSTER = f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:shop"
BACK = bk.restore.DynamoDBTable("orders-back")


@pytest.fixture
def aws():
    with bk.local() as aws:
        aws.call("CreateBackupVault", BackupVaultName="prod")
        aws.call("CreateBackupVault", BackupVaultName="second")
        yield aws


def backed_up(aws, arn=TABLE, vault="prod", **resource):
    if arn not in aws.resources:
        aws.resources.add(arn, **resource)
    return aws.back_up(arn, vault=vault).wait().recovery_point


def test_a_lost_resource_comes_back_and_the_evidence_says_how(aws):
    """The ARN alone is enough, also when the resource is gone; ages and times are measured on the service's clock."""
    point = backed_up(aws)
    aws.clock.advance(hours=3)
    aws.resources.remove(TABLE)
    began = aws.clock.now()
    got = aws.recover(
        TABLE, to=BACK, rto=timedelta(hours=1), verify=lambda job: f"looked at {job.created_resource_arn}"
    )
    assert got.created_resource_arn == f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders-back"
    assert got.created_resource_arn in aws.resources
    assert (got.resource_arn, got.point.recovery_point_arn) == (TABLE, point.recovery_point_arn)
    assert got.data_age == began - got.point.creation_date >= timedelta(hours=3)
    assert timedelta(0) < got.duration == aws.clock.now() - began
    assert (got.met_rto, got.verified, got.cleaned_up, got.run) == (True, True, False, None)
    assert got.verification_message == f"looked at {got.created_resource_arn}"
    assert any(each.what == "time to live" and "UpdateTimeToLive" in each.call for each in got.not_restored)
    assert got.terraform_import == "terraform import aws_dynamodb_table.orders-back orders-back"


def test_the_evidence_is_text_json_and_html(aws):
    """Every figure is in all three, nothing is markup that should not be, and the value pickles."""
    backed_up(aws)
    got = aws.recover(TABLE, to=BACK, verify=lambda _: "<b>fine</b>")
    told = json.loads(got.to_json())
    assert told == got.to_dict(json=True)
    assert told["created_resource_arn"] == got.created_resource_arn
    assert got.created_resource_arn in str(got)
    assert "<b>" not in got._repr_html_()
    assert "&lt;b&gt;fine&lt;/b&gt;" in got._repr_html_()
    assert pickle.loads(pickle.dumps(got)).to_dict(json=True) == told


def test_it_finds_the_newest_whole_point_over_all_vaults(aws):
    """Points of every vault count, copies in the same Region as well; as_of leaves out what is newer."""
    old = backed_up(aws)
    middle = aws.clock.advance(days=1) or aws.clock.now()
    aws.clock.advance(days=1)
    new = backed_up(aws, vault="second")
    assert aws.preview_recovery(TABLE, to=BACK).point.recovery_point_arn == new.recovery_point_arn
    assert aws.preview_recovery(TABLE, to=BACK, as_of=middle).point.recovery_point_arn == old.recovery_point_arn
    with pytest.raises(NotFoundError, match="seen: 2"):
        aws.preview_recovery(TABLE, to=BACK, as_of=datetime(2025, 1, 1, tzinfo=UTC))


def test_vaults_that_may_not_be_read_stand_in_the_evidence(aws):
    """A vault whose points cannot be listed is named, because a newer point may lie in it."""
    backed_up(aws)
    deny = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Deny", "Principal": "*", "Action": "backup:ListRecoveryPointsByBackupVault", "Resource": "*"}
        ],
    }
    aws.call("PutBackupVaultAccessPolicy", BackupVaultName="second", Policy=json.dumps(deny))
    got = aws.recover(TABLE, to=BACK)
    assert got.unreadable_vaults == ("second",)
    assert "second" in str(got)


def test_a_second_call_takes_up_what_the_first_began(aws):
    """While a restore to the same target is under way, or there, none is started again; run= asks for one more."""
    backed_up(aws)
    with pytest.raises(WaitTimeoutError):
        aws.recover(TABLE, to=BACK, timeout=0)
    [started] = list(aws.restore_jobs())
    got = aws.recover(TABLE, to=BACK)
    assert (got.taken_up, got.job.id) == (True, started.id)
    again = aws.recover(TABLE, to=BACK)
    assert (again.taken_up, again.job.id) == (True, started.id)
    other = aws.recover(TABLE, to=bk.restore.DynamoDBTable("orders-2"))
    assert (other.taken_up, other.job.id != started.id) == (False, True)


def test_the_same_run_starts_once_and_another_run_once_more(aws):
    """A run's name makes the token, so that repeating it gives the same job, and another name another one."""
    backed_up(aws, FILES)
    to = bk.restore.EFSFileSystem()
    first = aws.recover(FILES, to=to, run="1")
    same = aws.recover(FILES, to=to, run="1")
    second = aws.recover(FILES, to=to, run="2")
    assert first.job.id == same.job.id != second.job.id


def test_a_target_that_is_gone_is_made_again(aws):
    """A completed restore whose target was deleted since does not count as done."""
    backed_up(aws)
    first = aws.recover(TABLE, to=BACK)
    aws.resources.remove(first.created_resource_arn)
    second = aws.recover(TABLE, to=BACK)
    assert not second.taken_up
    assert second.job.id != first.job.id
    assert second.created_resource_arn in aws.resources


@pytest.mark.parametrize(
    ("check", "words"),
    [(lambda _: False, "it returned False"), (lambda _: 1 / 0, "ZeroDivisionError: division by zero")],
)
def test_a_check_that_fails_raises_with_the_evidence(aws, check, words):
    """False or an exception fails it; what came back stays, and the evidence says what was made."""
    backed_up(aws)
    with pytest.raises(VerificationError, match=words) as caught:
        aws.recover(TABLE, to=BACK, verify=check)
    got = caught.value.recovery
    assert (got.verified, got.verification_message) == (False, words)
    assert got.created_resource_arn in aws.resources


def test_clean_up_deletes_what_was_made_also_when_the_check_fails(aws):
    """A rehearsal leaves nothing behind, and never touches the source."""
    backed_up(aws)
    got = aws.recover(TABLE, to=BACK, cleanup=True)
    assert got.cleaned_up
    assert got.created_resource_arn not in aws.resources
    with pytest.raises(VerificationError) as caught:
        aws.recover(TABLE, to=BACK, cleanup=True, verify=lambda _: False)
    assert caught.value.recovery.cleaned_up
    assert TABLE in aws.resources


def test_clean_up_never_deletes_what_existed(aws):
    """A restore into a file system that was there adds to it; cleaning up leaves it as it is, and says so."""
    backed_up(aws, FILES)
    got = aws.recover(FILES, to=bk.restore.EFSFileSystem(file_system_id="fs-01234567"), cleanup=True)
    assert not got.cleaned_up
    assert FILES in aws.resources
    assert "existed" in " ".join(got.notes)


def test_what_stands_against_it_is_told_before_the_start_all_at_once(aws):
    """A name that is taken is a problem of the preflight; nothing is started."""
    backed_up(aws)
    with pytest.raises(PreflightError) as caught:
        aws.recover(TABLE, to=bk.restore.DynamoDBTable("orders"))
    [problem] = caught.value.problems
    assert "is there already" in problem.message
    assert list(aws.restore_jobs()) == []
    with pytest.raises(JobFailedError):
        aws.recover(TABLE, to=bk.restore.DynamoDBTable("orders"), preflight=False)


def test_a_point_with_malware_is_not_restored_without_the_word(aws):
    """What a scan found stops the restore, unless the caller allows threats."""
    backed_up(aws, VOLUME)
    point = aws.recovery_points(resource=VOLUME).latest()
    aws.resources.infect(VOLUME)
    point = backed_up(aws, VOLUME)
    point.scan(scanner_role=f"arn:aws:iam::{ACCOUNT}:role/scanner").wait(accept_issues=True)
    to = bk.restore.EBSVolume("us-east-1a")
    with pytest.raises(PreflightError, match="malware"):
        aws.recover(VOLUME, to=to)
    assert aws.recover(VOLUME, to=to, allow_threats=True).created_resource_arn


def test_the_latest_of_a_continuous_point_is_told_to_be_inexact(aws):
    """A moment that was asked for is exact; the latest one is not known to the minute, and a note says so."""
    arn = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:shop"
    aws.resources.add(arn, tags={"backup": "yes"})
    rule = bk.Rule("always", "prod").scheduled(bk.Schedule.daily(at="05:00")).continuously(keep_days=14)
    role = f"arn:aws:iam::{ACCOUNT}:role/service-role/AWSBackupDefaultServiceRole"
    plan = bk.Plan("always", rule).protecting(bk.Selection("all", role=role).any_tag(backup="yes"))
    bk.Stack("always", plan).preview(aws).apply()
    aws.clock.advance(days=2)
    moment = aws.clock.now() - timedelta(hours=7)
    exact, latest = aws.recover(arn, as_of=moment), aws.recover(arn)
    assert (exact.data_moment, exact.data_age, exact.notes) == (moment, timedelta(0), ())
    assert "some minutes before" in " ".join(latest.notes)


def test_bad_wishes_are_refused_before_any_call(aws):
    """No ARN, no zone, and no request: each is our own error."""
    backed_up(aws)
    with pytest.raises(InvalidValueError, match="is not an ARN"):
        aws.recover("orders")
    with pytest.raises(InvalidValueError, match="time zone"):
        aws.recover(TABLE, as_of=datetime(2026, 1, 1))
    with pytest.raises(InvalidValueError, match="does not say what to restore"):
        aws.recover(TABLE, to=5)


def test_instances_of_a_cluster_need_a_session_and_the_evidence_says_so(aws):
    """Without a session the cluster comes back all the same, and a note says what was not done."""
    backed_up(aws, CLUSTER, resource_type="Aurora")
    got = aws.recover(CLUSTER, to=bk.restore.AuroraCluster("shop-back", instance_class="db.r6g.large"))
    assert any("no instance was added" in note for note in got.notes)


def test_over_a_session_the_real_resources_come_back_and_are_checked():
    """With moto's DynamoDB behind the session, the preflight and the clean-up look at the real table."""
    session = private_moto_session(region_name=REGION)
    dynamodb = session.client("dynamodb", region_name=REGION)
    dynamodb.create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.put_item(TableName="orders", Item={"id": {"S": "1"}})

    def rows(job):
        found = dynamodb.scan(TableName=job.created_resource_arn.rpartition("/")[2])["Count"]
        assert found == 1
        return f"{found} rows"

    with bk.local(world=SessionWorld(session, account_id=ACCOUNT)) as aws:
        aws.call("CreateBackupVault", BackupVaultName="prod")
        aws.back_up(TABLE, vault="prod").wait()
        dynamodb.delete_table(TableName="orders")
        got = aws.recover(TABLE, to=BACK, verify=rows, cleanup=True, preflight=False)
    assert (got.verified, got.verification_message, got.cleaned_up) == (True, "1 rows", True)
    assert dynamodb.list_tables()["TableNames"] == []
