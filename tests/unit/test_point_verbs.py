"""Verbs on one recovery point: delete, keep longer or shorter, tag, take out, index, and which holds keep it."""

from __future__ import annotations

import json
import pickle
from datetime import timedelta

import msgspec
import pytest
from world_stage import answering

import backupkit as bk
from backupkit.connection import Connection
from backupkit.emulator import SessionWorld, private_moto_session
from backupkit.errors import (
    BackupKitError,
    ConsentError,
    InvalidValueError,
    JobFailedError,
    NotFoundError,
    RejectedError,
    WaitTimeoutError,
)
from backupkit.recover.deletion import Deletion, _looked_into
from backupkit.recover.deletion_causes import CAUSES, cause_of

ACCOUNT, REGION = "123456789012", "us-east-1"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
FILES = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-01234567"
VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-0123456789abcdef0"
STACK = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/shop/4f2c9d60-1111-4222-8333-0123456789ab"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/backup"


@pytest.fixture
def aws():
    with bk.local() as aws:
        aws.call("CreateBackupVault", BackupVaultName="prod")
        yield aws


def backed_up(aws, arn=FILES, **more):
    if arn not in aws.resources:
        aws.resources.add(arn)
    job = aws.back_up(arn, vault="prod", role=ROLE, **more).wait()
    return job.recovery_point.refresh()


def test_a_deletion_is_confirmed(aws):
    """wait() returns only when AWS does not show the point any more; until then it is DELETING."""
    first, second = backed_up(aws), backed_up(aws)
    deletion = first.delete()
    assert (deletion.state, deletion.reason, first.refresh().status) == ("DELETING", None, "DELETING")
    assert deletion.wait().state == "DELETED"
    assert [point.recovery_point_arn for point in aws.recovery_points()] == [second.recovery_point_arn]
    assert pickle.loads(pickle.dumps(deletion)) == deletion


def test_the_last_point_of_a_resource_needs_the_word(aws):
    """Whoever deletes a single point does not lose by oversight the only way to bring a resource back."""
    point = backed_up(aws)
    with pytest.raises(ConsentError, match=r"delete\(allow_last=True\)"):
        point.delete()
    assert point.refresh().status == "COMPLETED"
    assert point.delete(allow_last=True).wait().state == "DELETED"


def test_another_point_that_is_on_its_way_out_does_not_count_as_a_way_back(aws):
    """Of two points, one that is DELETING does not make the other one dispensable."""
    first, second = backed_up(aws), backed_up(aws)
    first.delete()
    with pytest.raises(ConsentError):
        second.delete()


def test_a_deletion_that_does_not_happen_says_why(aws):
    """AWS answers 200 also where the role of the point is gone: wait() tells what became of it, and the way out."""
    backed_up(aws)
    point = backed_up(aws)
    aws.faults.deny(ROLE)
    with pytest.raises(JobFailedError, match=r"still there, EXPIRED: .*cannot be assumed.*give it back") as caught:
        point.delete().wait()
    assert caught.value.job.reason == "role"
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.job.state) == (str(caught.value), "EXPIRED")
    aws.faults.admit(ROLE)
    assert point.delete().wait().state == "DELETED"


def test_a_deletion_that_is_answered_but_never_begun_is_told(aws):
    """A point that stays EXPIRED after its deletion was taken is not waited for without end."""
    backed_up(aws)
    point = backed_up(aws)
    stays = Deletion(point=point)  # as if AWS had answered 200 and done nothing
    with pytest.raises(JobFailedError, match="still there, COMPLETED"):
        stays.wait()


@pytest.mark.slow
def test_the_ami_that_uses_a_snapshot_is_found():
    """Where AWS Backup gives no reason, EC2 is asked which image holds the snapshot, where it may be asked."""
    session = private_moto_session(region_name=REGION)
    ec2 = session.client("ec2")
    image = ec2.register_image(Name="golden", RootDeviceName="/dev/sda1")["ImageId"]
    held = ec2.describe_images(ImageIds=[image])["Images"][0]["BlockDeviceMappings"]
    snapshot = held[0]["Ebs"]["SnapshotId"]
    with bk.local(world=SessionWorld(session)) as aws:
        aws.call("CreateBackupVault", BackupVaultName="prod")
        point = backed_up(aws, f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/any")
        arn = f"arn:aws:ec2:{REGION}::snapshot/{snapshot}"
        expired = msgspec.structs.replace(point, recovery_point_arn=arn, status="EXPIRED")
        found = _looked_into(Deletion(point=expired, state="EXPIRED"))
    assert found.reason == "in_use"
    assert image in found.found
    with (
        answering(session, "ec2.DescribeImages", "UnauthorizedOperation"),
        bk.local(world=SessionWorld(session)) as aws,
    ):
        aws.call("CreateBackupVault", BackupVaultName="prod")
        point = backed_up(aws, f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/any")
        expired = msgspec.structs.replace(point, recovery_point_arn=arn, status="EXPIRED")
        untold = Deletion(point=expired, state="EXPIRED")
        assert _looked_into(untold) == untold


def test_a_wait_for_a_deletion_ends_in_time(aws):
    """A timeout is a WaitTimeoutError that carries the deletion; it can be waited for again."""
    backed_up(aws)
    with pytest.raises(WaitTimeoutError, match="the deletion goes on") as caught:
        backed_up(aws).delete().wait(timeout=1)
    assert caught.value.job.wait().state == "DELETED"


@pytest.mark.parametrize("code", ["ThrottlingException", "ServiceUnavailableException", "ExpiredTokenException"])
def test_a_wait_for_a_deletion_goes_on_through_what_passes(aws, code):
    """Throttling, outages and credentials that expire do not end it, for up to an hour without any answer."""
    backed_up(aws)
    going = backed_up(aws).delete()
    aws.faults.fail("DescribeRecoveryPoint", code, times=40)
    assert going.wait().state == "DELETED"
    lasting = backed_up(aws).delete()
    aws.faults.fail("DescribeRecoveryPoint", code, rate=1)
    began = aws.clock.now()
    with pytest.raises(BackupKitError, match=code):
        lasting.wait()
    assert timedelta(hours=1) < aws.clock.now() - began < timedelta(hours=2)


def test_a_wait_for_a_deletion_ends_where_nobody_may_look(aws):
    """A right that is missing does not come by waiting."""
    backed_up(aws)
    going = backed_up(aws).delete()
    aws.faults.fail("DescribeRecoveryPoint", "AccessDeniedException", rate=1)
    with pytest.raises(bk.errors.AccessDeniedError):
        going.wait(timeout=600)


def test_what_is_being_deleted_can_be_deleted_again(aws):
    """The same deletion is taken up, and needs no word: the point brings nothing back any more."""
    backed_up(aws).delete(allow_last=True)
    [going] = aws.recovery_points()
    deletion = going.delete()
    assert (deletion.wait().state, deletion.issues, deletion.percent) == ("DELETED", None, 0.0)


def test_holds_locks_and_policies_are_told_with_the_way_out(aws):
    """AWS's refusal of a deletion comes with what to do about it, and nothing is deleted."""
    backed_up(aws)
    point = backed_up(aws)
    hold = aws.call("CreateLegalHold", Title="t", Description="d", RecoveryPointSelection={"VaultNames": ["prod"]})[
        "LegalHoldId"
    ]
    aws.clock.advance(minutes=30)
    assert [each.legal_hold_id for each in point.legal_holds()] == [hold]
    with pytest.raises(RejectedError, match=r"legal hold.*point\.legal_holds\(\)"):
        point.delete()
    aws.call("CancelLegalHold", LegalHoldId=hold, CancelDescription="over")
    assert point.legal_holds() == ()
    denial = {"Effect": "Deny", "Principal": "*", "Action": "backup:DeleteRecoveryPoint", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [denial]})
    aws.call("PutBackupVaultAccessPolicy", BackupVaultName="prod", Policy=policy)
    with pytest.raises(bk.errors.AccessDeniedError, match="access policy forbids it"):
        point.delete()
    aws.call("DeleteBackupVaultAccessPolicy", BackupVaultName="prod")
    aws.call("PutBackupVaultLockConfiguration", BackupVaultName="prod", MinRetentionDays=1)
    with pytest.raises(RejectedError, match="only a governance lock"):
        point.delete()
    assert point.refresh().status == "COMPLETED"


@pytest.mark.parametrize(
    ("sentence", "word"),
    [
        ("The recovery point cannot be deleted because it has active legal hold(s)", "legal_hold"),
        ("The snapshot snap-0a1b is currently in use by ami-0a1b", "in_use"),
        ("InvalidSnapshot.InUse: The snapshot is used", "in_use"),
        ("Snapshot snap-0a1b is locked until 2027", "snapshot_lock"),
        ("Recovery point cannot be deleted: backup vault prod is locked (Vault Lock)", "vault_lock"),
        ("... cannot be deleted before its nested recovery points are deleted or disassociated", "composite"),
        ("... not authorized ... with an explicit deny in a resource-based policy", "vault_policy"),
        ("IAM Role arn:aws:iam::1:role/x cannot be assumed by AWS Backup", "role"),
        ("User is not authorized to perform ec2:DeleteSnapshot", "access_denied"),
        ("it has active backup access point(s)", "access_point"),
        ("is in use by another action and cannot be deleted now", "busy"),
    ],
)
def test_sentences_of_aws_have_a_word(sentence, word):
    """What keeps a point can be grouped by, whatever ARNs AWS's sentence names."""
    cause = cause_of(sentence)
    assert cause is not None
    assert cause.word == word
    assert {each.word for each in CAUSES} >= {word}


def test_what_is_not_named_of_a_lifecycle_stays(aws):
    """AWS nulls what a change leaves out; a change of one day number keeps the other."""
    point = backed_up(aws, keep_days=400, cold_after_days=100)
    longer = point.update_lifecycle(keep_days=500)
    assert (longer.lifecycle.delete_after_days, longer.lifecycle.move_to_cold_storage_after_days) == (500, 100)
    colder = longer.update_lifecycle(cold_after_days=200)
    assert (colder.lifecycle.delete_after_days, colder.lifecycle.move_to_cold_storage_after_days) == (500, 200)
    warm = colder.update_lifecycle(cold_after_days=bk.FOREVER)
    assert (warm.lifecycle.delete_after_days, warm.lifecycle.move_to_cold_storage_after_days) == (500, None)
    kept = warm.update_lifecycle(keep_days=bk.FOREVER)
    assert kept.lifecycle is None
    assert kept.calculated_lifecycle is None
    assert kept.recovery_point_arn == point.recovery_point_arn


def test_a_lifecycle_that_a_point_has_already_is_not_sent(aws):
    """AWS resets what is left out, and tells a change that is none to everybody who listens."""
    point = backed_up(aws, keep_days=400)
    aws.faults.fail("UpdateRecoveryPointLifecycle", "AccessDeniedException", rate=1)
    assert point.update_lifecycle(keep_days=400) == point.refresh()


def test_forever_keeps_the_move_to_cold_storage(aws):
    """Keeping a point forever does not take back that it goes cold."""
    point = backed_up(aws, keep_days=400, cold_after_days=100).update_lifecycle(keep_days=bk.FOREVER)
    assert (point.lifecycle.delete_after_days, point.lifecycle.move_to_cold_storage_after_days) == (None, 100)


def test_a_deletion_that_comes_nearer_needs_the_word(aws):
    """A 20-day-old point that is cut to 3 days would be gone within hours: nothing changes without the word."""
    point = backed_up(aws, keep_days=400)
    aws.clock.advance(days=20)
    with pytest.raises(ConsentError, match=r"update_lifecycle\(allow_delete=True\)"):
        point.update_lifecycle(keep_days=3)
    assert point.refresh().lifecycle.delete_after_days == 400
    point.update_lifecycle(keep_days=3, allow_delete=True)
    aws.clock.advance(hours=9)
    assert list(aws.recovery_points()) == []


def test_from_forever_to_a_day_is_nearer(aws):
    """A point that is kept forever has no day of deletion; giving it one needs the word."""
    point = backed_up(aws)
    with pytest.raises(ConsentError, match="instead of never"):
        point.update_lifecycle(keep_days=4000)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({}, "neither keep_days nor cold_after_days"),
        ({"keep_days": 0}, "0"),
        ({"cold_after_days": 350}, "90 days"),
        ({"cold_after_days": 5, "keep_days": 900}, "20 days old"),
    ],
)
def test_changes_that_aws_would_refuse_are_refused_before_any_call(aws, change, why):
    """Day numbers that cannot be are told without a change."""
    point = backed_up(aws, keep_days=400)
    aws.clock.advance(days=20)
    with pytest.raises(InvalidValueError, match=why):
        point.update_lifecycle(**change)
    assert point.refresh().lifecycle.delete_after_days == 400


def test_tags_come_and_go(aws):
    """tag() adds and changes, untag() takes away; keys that are not Python names can be given as a mapping."""
    point = backed_up(aws)
    point.tag({"cost:center": "7"}, Team="a").tag(Team="b")
    assert point.tags() == {"cost:center": "7", "Team": "b"}
    assert point.untag("Team", "not there").tags() == {"cost:center": "7"}
    with pytest.raises(InvalidValueError, match="tag"):
        point.tag({"aws:x": "1"})


def test_tags_of_snapshots_are_not_aws_backups(aws):
    """Of a point whose ARN is another service's, AWS Backup has no tags: that is told before any call."""
    point = backed_up(aws, VOLUME)
    with pytest.raises(InvalidValueError, match="tag it there"):
        point.tag(Team="a")


def test_nested_and_continuous_points_can_be_taken_out(aws):
    """A nested point then stands by itself; anything else cannot be disassociated, and says so."""
    aws.resources.add(TABLE)
    aws.resources.add(STACK, members={"Orders": TABLE})
    parent = backed_up(aws, STACK)
    child = next(point for point in aws.recovery_points(parent=parent.recovery_point_arn, resource=TABLE))
    alone = child.disassociate()
    assert alone is not None
    assert (alone.recovery_point_arn, alone.parent_recovery_point_arn) == (child.recovery_point_arn, None)
    with pytest.raises(InvalidValueError, match="neither nested in a composite nor continuous"):
        alone.disassociate()


def test_a_continuous_point_that_its_own_service_takes_over_is_none(aws):
    """RDS keeps it as its own from then on, and no vault shows it any more."""
    database = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:shop"
    aws.resources.add(database, tags={"Backup": "yes"})
    rule = bk.Rule("often", "prod", continuous=True, lifecycle=bk.Lifecycle(delete_after_days=35)).scheduled(
        bk.Schedule.daily(at="05:00")
    )
    chosen = bk.Selection("all", role=ROLE).any_tag(Backup="yes")
    bk.Stack("s", bk.Plan("plan", rule).protecting(chosen)).preview(aws).apply()
    aws.clock.advance(days=2)
    [point] = aws.recovery_points(resource=database)
    assert point.disassociate() is None
    assert list(aws.recovery_points(resource=database)) == []


def test_handles_of_one_point_are_one_in_a_set(aws):
    """A handle is what AWS says of it: the connection that it came by is no part of it, in a set or in a pickle."""
    point = backed_up(aws)
    [listed] = aws.recovery_points()
    elsewhere = Connection(aws.transport).recovery_point(point.recovery_point_arn, vault="prod")
    assert {point} == {elsewhere} == {pickle.loads(pickle.dumps(point))}
    assert hash(listed) == hash(point)
    assert listed != point  # a list says less


def test_a_point_can_be_indexed(aws):
    """index() gives the point as it then is, and can take the index away again."""
    bucket = "arn:aws:s3:::photos"
    point = backed_up(aws, bucket).index()
    assert point.index_status in {"PENDING", "ACTIVE"}
    aws.clock.advance(hours=3)
    assert point.refresh().index_status == "ACTIVE"
    assert point.index(enabled=False).index_status in {"DELETING", None}


def test_a_point_whose_record_names_no_vault_is_found_in_the_one_that_holds_it(aws):
    """Verbs work on such a point, too: the vault is looked for, and where none has it, the error says so."""
    aws.call("CreateBackupVault", BackupVaultName="first-of-the-list")
    point = msgspec.structs.replace(backed_up(aws), backup_vault_name=None)
    point.tag(Team="shop")
    assert point.refresh().backup_vault_name == "prod"
    point.delete(allow_last=True).wait()
    with pytest.raises(NotFoundError, match=r"No vault here that can be read holds arn:aws:backup"):
        point.refresh()
