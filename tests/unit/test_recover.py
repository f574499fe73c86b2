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
DATABASE = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:shop"
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


def test_whoever_may_not_list_by_resource_finds_the_points_in_the_vaults(aws):
    """That list tells of vaults that may not be read; without it, those that may be read are enough."""
    point = backed_up(aws, vault="second")
    aws.faults.fail("ListRecoveryPointsByResource", "AccessDeniedException", rate=1)
    assert aws.recover(TABLE, to=BACK).point.recovery_point_arn == point.recovery_point_arn


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


def test_a_restore_whose_point_is_gone_by_now_is_taken_up_with_what_its_job_tells(aws):
    """The evidence has the vault and the moment of the data, and a newer point is named as what is not restored."""
    old = backed_up(aws)
    with pytest.raises(WaitTimeoutError):
        aws.recover(TABLE, to=BACK, timeout=0)
    newer = backed_up(aws)
    old.delete().wait()
    got = aws.recover(TABLE, to=BACK)
    assert (got.taken_up, got.point.recovery_point_arn) == (True, old.recovery_point_arn)
    assert got.point.backup_vault_name == "prod"
    assert got.data_age == got.started - got.data_moment
    [note] = got.notes
    assert f"holds data of 2026-01-01 00:00:00 UTC, and {newer.recovery_point_arn} of 2026-" in note


def test_the_latest_of_a_bucket_is_a_moment_that_has_arrived(aws):
    """S3 has no word for it, and what changed in the last 15 minutes may still be on its way."""
    kept_continuously(aws, "arn:aws:s3:::photos")
    got = aws.recover("arn:aws:s3:::photos", to="photos-2")
    assert got.data_age == timedelta(minutes=15)
    assert got.data_moment == got.started - timedelta(minutes=15)


def test_what_was_cleaned_up_is_not_imported(aws):
    """The evidence of a rehearsal says that nothing is left of it, and whether it was fast enough."""
    backed_up(aws)
    got = aws.recover(TABLE, run="1", cleanup=True, rto=timedelta(minutes=1), verify=lambda job: "12 rows")
    assert (got.cleaned_up, got.terraform_import, got.met_rto) == (True, None, False)
    shown = str(got)
    assert "cleaned up      yes" in shown
    assert "allowed         1 min (missed)" in shown
    assert "terraform import" not in shown


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


def test_a_restore_of_other_data_is_not_taken_for_the_moment_that_was_asked(aws):
    """Who restored the damage first and then asks for a moment before it is told that the name is taken."""
    backed_up(aws)
    before = aws.clock.now()
    aws.clock.advance(hours=1)
    backed_up(aws)
    damaged = aws.recover(TABLE, to=BACK)
    with pytest.raises(PreflightError, match="is there already"):
        aws.recover(TABLE, to=BACK, as_of=before)
    other = aws.recover(TABLE, to=bk.restore.DynamoDBTable("orders-before"), as_of=before)
    assert other.point.recovery_point_arn != damaged.point.recovery_point_arn
    assert other.job.recovery_point_arn == other.point.recovery_point_arn
    assert aws.recover(TABLE, to=bk.restore.DynamoDBTable("orders-before"), as_of=before).taken_up


def test_a_name_that_is_just_being_made_of_other_data_is_a_problem(aws):
    """A restore under way to the same name, of another point than the moment asks for, is told before the start."""
    backed_up(aws)
    before = aws.clock.now()
    aws.clock.advance(hours=1)
    backed_up(aws)
    with pytest.raises(WaitTimeoutError):
        aws.recover(TABLE, to=BACK, timeout=0)
    [started] = aws.restore_jobs()
    with pytest.raises(PreflightError, match=f"of other data by restore job {started.id}"):
        aws.recover(TABLE, to=BACK, as_of=before)


def test_the_evidence_of_what_is_taken_up_is_of_its_own_point(aws):
    """A newer backup since the first call changes neither the point nor the age in the evidence; a note tells of it."""
    first = backed_up(aws)
    aws.recover(TABLE, to=BACK)
    aws.clock.advance(hours=2)
    newer = backed_up(aws)
    got = aws.recover(TABLE, to=BACK)
    assert got.taken_up
    assert got.point.recovery_point_arn == got.job.recovery_point_arn == first.recovery_point_arn
    assert got.data_moment == first.creation_date
    assert any(newer.recovery_point_arn in note for note in got.notes)


def test_a_restore_that_failed_is_made_again(aws):
    """Once its cause is mended, the same call starts another job, whether the run has a name or not."""
    backed_up(aws)
    role = f"arn:aws:iam::{ACCOUNT}:role/service-role/AWSBackupDefaultServiceRole"
    for run in (None, "2"):
        to = bk.restore.DynamoDBTable(f"orders-{run}")
        aws.faults.deny(role)
        with pytest.raises(JobFailedError):
            aws.recover(TABLE, to=to, run=run)
        aws.faults.admit(role)
        assert aws.recover(TABLE, to=to, run=run).created_resource_arn in aws.resources


@pytest.mark.parametrize("seed", range(5))
def test_what_goes_again_and_again_is_made_again_each_time(seed):
    """Whatever ids the jobs have, each call after the target went makes it once more."""
    with bk.local(seed=seed) as aws:
        aws.call("CreateBackupVault", BackupVaultName="prod")
        backed_up(aws)
        ids = set()
        for _ in range(4):
            got = aws.recover(TABLE, to=BACK)
            ids.add(got.job.id)
            aws.resources.remove(got.created_resource_arn)
    assert len(ids) == 4


@pytest.mark.parametrize("to", [None, BACK])
def test_a_run_that_has_a_name_takes_up_its_own_target(aws, to):
    """Repeating a run whose target is there is not refused because it is there: it is the run's own."""
    backed_up(aws)
    first = aws.recover(TABLE, to=to, run="2")
    again = aws.recover(TABLE, to=to, run="2")
    assert (again.taken_up, again.job.id) == (True, first.job.id)
    preview = aws.preview_recovery(TABLE, to=to, run="2")
    assert not preview.problems
    assert first.job.id in str(preview)


def test_a_rehearsal_can_be_repeated(aws):
    """After its clean-up the same run restores again, and its check finds something to look at."""
    backed_up(aws)
    for _ in range(2):
        got = aws.recover(
            TABLE, run="rehearsal", cleanup=True, verify=lambda job: job.created_resource_arn in aws.resources
        )
        assert (got.verified, got.cleaned_up) == (True, True)


def test_clean_up_never_deletes_what_an_earlier_call_restored(aws):
    """A rehearsal that takes up what somebody restored in the night leaves it, and says so."""
    backed_up(aws)
    live = aws.recover(TABLE, to=BACK)
    got = aws.recover(TABLE, to=BACK, cleanup=True)
    assert (got.taken_up, got.cleaned_up) == (True, False)
    assert live.created_resource_arn in aws.resources
    assert "earlier call" in " ".join(got.notes)


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_clean_up_happens_also_when_the_check_is_interrupted(aws, stop):
    """What is not an Exception goes through as it is, and leaves nothing behind."""
    backed_up(aws)

    def check(_):
        raise stop

    with pytest.raises(stop):
        aws.recover(TABLE, to=BACK, verify=check, cleanup=True)
    assert {each.arn for each in aws.resources} == {TABLE}


def test_a_check_that_deletes_the_resource_leaves_nothing_to_clean_up(aws):
    """What is gone is cleaned up, whoever deleted it."""
    backed_up(aws)
    got = aws.recover(TABLE, to=BACK, cleanup=True, verify=lambda job: aws.resources.remove(job.created_resource_arn))
    assert (got.verified, got.cleaned_up, got.notes) == (True, True, ())


def kept_continuously(aws, resource=DATABASE):
    """A resource with a continuous point that goes back some hours."""
    aws.resources.add(resource)
    role = f"arn:aws:iam::{ACCOUNT}:role/service-role/AWSBackupDefaultServiceRole"
    vault = bk.Vault("continuous")
    plan = bk.Plan("pitr", bk.Rule("pitr", vault).scheduled(bk.Schedule.hourly()).continuously(keep_days=7))
    plan = plan.protecting(bk.Selection("all", role=role).including(resource))
    bk.Stack("pitr", vault, plan).preview(aws).apply()
    aws.clock.advance(hours=5)


def test_the_latest_of_a_continuous_point_is_taken_up_under_its_own_name(aws):
    """Without a name, the target is called by the time of the call; a later call finds the restore that is under way."""
    kept_continuously(aws)
    with pytest.raises(WaitTimeoutError):
        aws.recover(DATABASE, timeout=0)
    [started] = aws.restore_jobs()
    aws.clock.advance(seconds=30)
    got = aws.recover(DATABASE)
    assert (got.taken_up, got.job.id) == (True, started.id)
    assert got.data_moment == started.refresh().creation_date


def test_a_restore_that_adds_is_taken_up_only_for_the_same_items(aws):
    """Other paths into the same file system are another restore."""
    backed_up(aws, FILES)

    def items(path):
        return aws.recover(FILES, to=bk.restore.EFSItems((path,), file_system_id="fs-01234567"))

    first, other = items("/a"), items("/b")
    assert first.job.id != other.job.id
    assert items("/a").job.id == first.job.id


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"verify": 5}, "verify: 5 cannot be called"),
        ({"rto": "1h"}, "rto: '1h' is not a span of time"),
        ({"rto": timedelta(0)}, "rto: a timedelta of 0:00:00 is not a span of time above 0"),
        ({"run": ""}, "run: '' is not the name of a run"),
        ({"run": 2}, "run: 2 is not the name of a run"),
        ({"cleanup": "no"}, "cleanup: 'no' is not a boolean"),
        ({"to": bk.restore.DynamoDBTable}, "to: DynamoDBTable does not say what to restore to"),
        ({"to": ""}, "to: an empty text is not a name"),
        ({"to": "or ders"}, "restore/target_table_name: 'or ders' is not a table name"),
        ({"timeout": "1"}, "wait/timeout"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_the_start(aws, wish, words):
    """A wrong type is not noticed only after the restore was started."""
    backed_up(aws)
    with pytest.raises(InvalidValueError, match=words):
        aws.recover(TABLE, **wish)
    assert list(aws.restore_jobs()) == []


def test_the_arn_of_a_point_is_not_taken_for_a_resource_and_the_way_out_restores_it(aws):
    """Who has only the ARN of a point at hand is told how to restore it, not that there are no points."""
    backed_up(aws, FILES)
    [point] = aws.recovery_points(resource=FILES)
    arn, vault = point.recovery_point_arn, point.backup_vault_name
    with pytest.raises(InvalidValueError, match=r"is of AWS Backup, not .*aws.recovery_point\(arn, vault=\.\.\.\)"):
        aws.recover(arn)
    found = aws.recovery_point(arn, vault=vault)
    assert found.restore(found.restore_request()).wait().status == "COMPLETED"


@pytest.mark.parametrize(
    "arn",
    [
        DATABASE,
        VOLUME,
        f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-0123456789abcdef0",
        f"arn:aws:fsx:{REGION}:{ACCOUNT}:file-system/fs-0123456789abcdef0",
        f"arn:aws:redshift:{REGION}:{ACCOUNT}:cluster:dwh",
        f"arn:aws:redshift-serverless:{REGION}:{ACCOUNT}:namespace/12345678-1234-1234-1234-123456789012",
    ],
    ids=lambda arn: arn.split(":")[2],
)
def test_the_arn_that_a_service_gives_to_a_backup_is_not_taken_for_a_resource(aws, arn):
    """Snapshots, images and backups of services have ARNs of their own, which the console shows at night."""
    point = backed_up(aws, arn).recovery_point_arn
    with pytest.raises(InvalidValueError, match=r"is a backup, .*aws.recovery_point\(arn, vault=\.\.\.\)"):
        aws.recover(point)
    assert aws.recovery_point(point, vault="prod").resource_arn == arn


@pytest.mark.parametrize("name", ["shop", "i-0123456789abcdef0", "s3://invoices", None])
def test_what_is_not_an_arn_is_told_with_where_the_arns_are(aws, name):
    """Who knows only a name finds the ARN in the list that the message names."""
    backed_up(aws, DATABASE)
    with pytest.raises(InvalidValueError, match=r"resource: .* is not an ARN; .* aws\.protected_resources lists"):
        aws.recover(name)
    assert DATABASE in {each.resource_arn for each in aws.protected_resources}


def test_an_object_of_a_bucket_is_told_with_the_bucket(aws):
    """Points are of whole buckets; the ARN in the message is theirs."""
    with pytest.raises(InvalidValueError, match=r"is in a bucket; give the bucket's own ARN, arn:aws:s3:::invoices$"):
        aws.recover("arn:aws:s3:::invoices/2026/*")


def test_what_is_missing_is_told_of_what_was_made(aws):
    """A namespace that came back as a cluster overwrote nothing, and lacks what clusters lack."""
    namespace = f"arn:aws:redshift-serverless:{REGION}:{ACCOUNT}:namespace/12345678-1234-1234-1234-123456789012"
    backed_up(aws, namespace)
    got = aws.recover(namespace, to="dwh")
    assert got.created_resource_arn.endswith(":cluster:dwh")
    assert {each.what for each in got.not_restored} >= {"data shares", "the name of the endpoint"}
    assert not any("overwrites" in each.what for each in got.not_restored)


def test_a_resource_of_another_region_is_told_with_the_way_there(aws):
    """Who asks the wrong Region at night is told which connection to ask."""
    with pytest.raises(NotFoundError, match=r'asked of us-east-1; .* aws.in_region\("eu-west-1"\)'):
        aws.recover(TABLE.replace(REGION, "eu-west-1"))


def test_the_default_name_is_the_stacks_own(aws):
    """A stack's ARN ends in the id of its incarnation, which nobody knows it by."""
    stack = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/shop/1c2fa620-982a-11e3-aff7-50e2416294e0"
    backed_up(aws, stack)
    assert aws.preview_recovery(stack).request.stack_name.startswith("shop-2026")


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


@pytest.mark.slow
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


@pytest.mark.parametrize(
    ("resource_type", "resource", "line"),
    [
        ("RDS", "rds:{}:db:shop", "aws_db_instance.shop shop"),
        ("RDS", "rds:{}:cluster:shop", "aws_rds_cluster.shop shop"),
        ("Aurora", "rds:{}:cluster:shop", "aws_rds_cluster.shop shop"),
        ("DocumentDB", "rds:{}:cluster:shop", "aws_docdb_cluster.shop shop"),
        ("Neptune", "rds:{}:cluster:shop", "aws_neptune_cluster.shop shop"),
        ("DSQL", "dsql:{}:cluster/3abc", "aws_dsql_cluster._3abc 3abc"),
        ("DynamoDB", "dynamodb:{}:table/a.b", "aws_dynamodb_table.a_b a.b"),
        ("EBS", "ec2:{}:volume/vol-1", "aws_ebs_volume.vol-1 vol-1"),
        ("EC2", "ec2:{}:instance/i-1", "aws_instance.i-1 i-1"),
        ("VirtualMachine", "ec2:{}:instance/i-1", "aws_instance.i-1 i-1"),
        ("EFS", "elasticfilesystem:{}:file-system/fs-1", "aws_efs_file_system.fs-1 fs-1"),
        ("EKS", "eks:{}:cluster/shop", "aws_eks_cluster.shop shop"),
        ("CloudFormation", "cloudformation:{}:stack/shop/1c2f", "aws_cloudformation_stack.shop shop"),
        ("Redshift", "redshift:{}:cluster:shop", "aws_redshift_cluster.shop shop"),
        ("Redshift Serverless", "redshift-serverless:{}:namespace/1c2fa620-982a-11e3-aff7-50e2416294e0", None),
        ("Timestream", "timestream:{}:database/d/table/t", "aws_timestreamwrite_table.t t:d"),
        ("FSx", "fsx:{}:volume/fs-1/fsvol-2", "aws_fsx_ontap_volume.fsvol-2 fsvol-2"),
        ("FSx", "fsx:{}:file-system/fs-1", None),
        ("SAP HANA on Amazon EC2", "ssm-sap:{}:HANA/app/DB/HDB", None),
        ("Quantum", "quantum:{}:drive/1", None),
    ],
)
def test_the_terraform_line_names_what_terraform_imports_by(resource_type, resource, line):
    """Each type's id is the one of its page in the provider's documentation; where the ARN does not tell it, none."""
    job = bk.RestoreJob(
        resource_type=resource_type, created_resource_arn=f"arn:aws:{resource.format(f'{REGION}:{ACCOUNT}')}"
    )
    assert job.terraform_import == (line and f"terraform import {line}")


def test_a_moment_to_come_asks_for_the_newest(aws):
    """The age of the data is never counted from a moment that has not been."""
    point = backed_up(aws)
    aws.clock.advance(hours=1)
    got = aws.recover(TABLE, as_of=aws.clock.now() + timedelta(days=365))
    assert got.data_age == got.started - point.creation_date


def test_what_comes_after_a_restore_needs_what_it_made(aws):
    """A job that is under way, a table that takes no instances and is not a volume: each is told with the way out."""
    job = backed_up(aws).restore(BACK)
    for verb, act in (
        ("add_instances", lambda job: job.add_instances(instance_class="db.r6g.large")),
        ("attach_to", lambda job: job.attach_to("i-0123456789abcdef0", device="/dev/sdf")),
    ):
        with pytest.raises(InvalidValueError, match=rf"has made nothing yet \(PENDING\); wait .* job.wait\(\).{verb}"):
            act(job)
        with pytest.raises(InvalidValueError, match=r"takes no instances|is not a volume"):
            act(job.wait())


def test_what_was_added_to_a_bucket_is_not_a_new_one(aws):
    """A request that makes the target does not take up one that added to something of that name."""
    backed_up(aws, "arn:aws:s3:::invoices")
    aws.resources.add("arn:aws:s3:::other")
    aws.recover("arn:aws:s3:::invoices", to=bk.restore.S3Bucket("other"))
    with pytest.raises(PreflightError, match="is there already"):
        aws.recover("arn:aws:s3:::invoices", to=bk.restore.S3Bucket("other", new_bucket=True))


def test_what_must_be_chosen_says_what_there_is(aws):
    """A table that was copied from another Region needs an encryption, and the error lists those there are."""
    point = backed_up(aws)
    far = aws.in_region("eu-west-1")
    far.call("CreateBackupVault", BackupVaultName="far")
    point.copy_to(f"arn:aws:backup:eu-west-1:{ACCOUNT}:backup-vault:far").wait()
    with pytest.raises(InvalidValueError, match=r"encryption=\.\.\.\), with encryption one of Default, KMS"):
        far.recover(TABLE)
    to = bk.restore.DynamoDBTable("orders-back", encryption="Default")
    assert far.recover(TABLE, to=to).created_resource_arn in far.resources


def test_a_moment_outside_the_window_is_told_with_the_window_and_its_zone(aws):
    """Who mistook the time zone sees what the point holds, in UTC."""
    kept_continuously(aws)
    with pytest.raises(PreflightError, match=r"give as_of= a moment from 2026-01-01 [0-9:]+ to 2026-01-01 [0-9:]+ UTC"):
        aws.recover(DATABASE, as_of=aws.clock.now() + timedelta(hours=9))


def test_the_moment_in_the_evidence_is_the_one_that_was_sent(aws):
    """Moments are sent to the second; the second call tells the same of them as the first."""
    kept_continuously(aws)
    as_of = aws.clock.now() - timedelta(hours=1, microseconds=500)
    first, again = (aws.recover(DATABASE, as_of=as_of) for _ in range(2))
    assert first.data_moment == again.data_moment == as_of.replace(microsecond=0)
    assert (first.taken_up, again.taken_up) == (False, True)


def test_the_html_of_a_preview_has_the_way_out(aws):
    """A notebook shows what the text shows: the problem and what to do about it."""
    backed_up(aws)
    preview = aws.preview_recovery(TABLE, to=bk.restore.DynamoDBTable("orders"))
    assert "is there already; choose another name" in str(preview)
    assert "is there already; choose another name" in preview._repr_html_()


def test_a_zone_of_another_region_is_told_before_the_start(aws):
    """A zone that the point's Region does not have would fail the job some minutes later."""
    backed_up(aws, VOLUME)
    with pytest.raises(PreflightError, match="us-west-2a is not a zone of us-east-1"):
        aws.recover(VOLUME, to=bk.restore.EBSVolume("us-west-2a"))
