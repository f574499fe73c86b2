"""Sets of points: chosen, previewed, saved, applied, and reported on."""

from __future__ import annotations

import _thread
import json
import pickle
from collections import Counter
from datetime import timedelta

import pytest

import backupkit as bk
from backupkit.connection import Connection
from backupkit.errors import ConfigurationError, ConsentError, InvalidValueError
from backupkit.recover.caller import caller_at
from backupkit.recover.point_lookup import Watched, staying
from backupkit.transport.recording import Recording

ACCOUNT, REGION = "123456789012", "us-east-1"
ROLE, OTHER_ROLE = (f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("backup", "other"))
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-0123456789abcdef0"
STACK = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/shop/4f2c9d60-1111-4222-8333-0123456789ab"
CLUSTER = f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/web"


def files(number):
    return f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-{number:017x}"


class InterruptedAt:
    """Passes calls on, and plays Ctrl-C at one of them."""

    def __init__(self, inner, operation, at):
        self.inner, self.operation, self.left = inner, operation, at
        self.region_name, self.clock = inner.region_name, inner.clock

    def call(self, operation, params, /):
        if operation == self.operation:
            self.left -= 1
            if self.left == 0:
                _thread.interrupt_main()
        return self.inner.call(operation, params)


@pytest.fixture
def aws():
    with bk.local() as aws:
        for name in ("prod", "second"):
            aws.call("CreateBackupVault", BackupVaultName=name)
        yield aws


def backed_up(aws, *arns, vault="prod", role=ROLE, **more):
    for arn in arns:
        if arn not in aws.resources:
            aws.resources.add(arn, size_bytes=1000)
    jobs = [aws.back_up(arn, vault=vault, role=role, **more) for arn in arns]
    bk.wait_all(jobs)
    return [job.refresh().recovery_point_arn for job in jobs]


def arns(points):
    return {point.recovery_point_arn for point in points}


def refusals(changes):
    return Counter(change.refusal for change in changes.refused)


def statuses(aws):
    return Counter(point.status for point in aws.recovery_points())


def test_where_filters_what_aws_cannot(aws):
    """Age, status, type, vault, tags and functions all narrow a set; several calls of where add up."""
    old = backed_up(aws, files(1), keep_days=900)
    aws.clock.advance(days=400)
    new = backed_up(aws, files(1), TABLE)
    backed_up(aws, files(2), vault="second", keep_days=30, tags={"Team": "a"})
    points = aws.recovery_points()
    assert arns(points.where(older_than=timedelta(days=300))) == set(old)
    assert len(list(points.where(newer_than=timedelta(days=300)))) == 3
    assert arns(points.where(vault="prod", kept_forever=True)) == set(new)
    assert arns(points.where(resource_type={"EFS", "EBS"}).where(vault="prod")) == {old[0], new[0]}
    assert [point.tags() for point in points.where(tags={"Team": None})] == [{"Team": "a"}]
    assert list(points.where(tags={"Team": "b"})) == []
    assert arns(points.where(lambda point: point.lifecycle is None)) == set(new)
    assert list(points.where(status=["EXPIRED", "DELETING"])) == []
    assert arns(aws.recovery_points(resource=files(1)).where(kept_forever=True)) == {new[0]}


@pytest.mark.parametrize(
    "wrong", [{"older_than": 400}, {"resource_type": "dynamodb"}, {"newer_than": "yesterday"}, "text"]
)
def test_what_cannot_be_asked_of_points_is_told(aws, wrong):
    """A misspelt type or a number of days finds nothing in silence nowhere."""
    with pytest.raises(InvalidValueError, match="where"):
        aws.recovery_points().where(**wrong) if isinstance(wrong, dict) else aws.recovery_points().where(wrong)


def test_everything_expired_or_old_goes_and_the_newest_stays(aws):
    """The newcomer's errand: preview, give the word, and read what became of each point."""
    old = backed_up(aws, files(1), files(2))
    aws.clock.advance(days=401)
    new = backed_up(aws, files(1))
    stale = aws.recovery_points().where(lambda p: p.status == "EXPIRED" or p.age > timedelta(days=400))
    changes = stale.preview_deletion()
    assert arns(changes) == {old[0]}
    assert [(each.recovery_point_arn, each.refusal) for each in changes.refused] == [(old[1], "last_points")]
    with pytest.raises(ConsentError, match=r"apply\(allow_delete=True\)"):
        changes.apply()
    assert statuses(aws) == {"COMPLETED": 3}
    report = changes.apply(allow_delete=True)
    assert (arns(report.done), arns(report.refused), report.complete) == ({old[0]}, {old[1]}, True)
    assert arns(aws.recovery_points()) == {old[1], *new}


@pytest.mark.parametrize(("keep_last", "left"), [(0, 0), (1, 1), (3, 3), (9, 5)])
def test_the_newest_points_of_each_resource_are_kept(aws, keep_last, left):
    """keep_last= counts over all vaults: 0 lets the last one go, 3 keeps three, always the newest."""
    made = []
    for number in range(5):
        made += backed_up(aws, files(1), vault=("prod", "second")[number % 2])
        aws.clock.advance(days=1)
    changes = aws.recovery_points().preview_deletion(keep_last=keep_last)
    assert arns(changes.refused) == set(made[5 - left :])
    changes.apply(allow_delete=True)
    assert arns(aws.recovery_points()) == set(made[5 - left :])


def test_what_remains_is_counted_over_all_vaults_and_not_over_the_set(aws):
    """Points that are not in the set are ways back, too; a set of one vault sees those of the others."""
    gone = backed_up(aws, files(1))
    backed_up(aws, files(1), vault="second")
    assert arns(aws.recovery_points(vault="prod").preview_deletion()) == set(gone)
    assert arns(aws.recovery_points(vault="prod").preview_deletion(keep_last=2)) == set()


def test_points_that_went_after_the_preview_count_when_it_is_applied(aws):
    """A saved preview does not delete the last point of a resource, whatever was deleted meanwhile."""
    kept, gone = backed_up(aws, files(1))[0], None
    aws.clock.advance(days=1)
    gone = backed_up(aws, files(1))[0]
    changes = aws.recovery_points().where(lambda p: p.recovery_point_arn == kept).preview_deletion()
    assert len(changes) == 1
    aws.recovery_point(gone, vault="prod").delete().wait()
    report = changes.apply(allow_delete=True)
    assert [(each.state, each.reason) for each in report.outcomes] == [("refused", "last_points")]
    assert arns(aws.recovery_points()) == {kept}


def test_every_refusal_is_told_without_a_call_for_each_point(aws):
    """Locks, holds and policies are read once a vault, however many points there are."""
    backed_up(aws, *map(files, range(20)))
    backed_up(aws, files(0), vault="second")
    aws.call("CreateBackupVault", BackupVaultName="locked")
    backed_up(aws, files(1), vault="locked", keep_days=30)
    aws.call("PutBackupVaultLockConfiguration", BackupVaultName="locked", MinRetentionDays=1)
    denial = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "backup:DeleteRecoveryPoint", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [denial]})
    aws.call("PutBackupVaultAccessPolicy", BackupVaultName="second", Policy=policy)
    held = {"VaultNames": ["prod"], "ResourceIdentifiers": [files(7)]}
    aws.call("CreateLegalHold", Title="case", Description="d", RecoveryPointSelection=held)
    aws.clock.advance(hours=1)
    watched = Recording(aws.transport)
    changes = Connection(watched).recovery_points().preview_deletion(keep_last=0)
    found = refusals(changes)
    assert (found["locked"], found["vault_policy"]) == (1, 1)
    assert found["legal_hold"] >= 1
    assert len(changes) + sum(found.values()) == 22
    assert len(watched.calls) <= 12
    report = changes.apply(allow_delete=True)
    assert len(report.refused) == sum(found.values())
    assert report.failed == ()
    assert "legal_hold" in str(changes)


def test_a_policy_that_depends_on_the_caller_is_a_note_and_not_a_refusal(aws):
    """What cannot be decided beforehand is said, and AWS decides."""
    backed_up(aws, files(1))
    denial = {
        "Effect": "Deny",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/intern"},
        "Action": "backup:DeleteRecoveryPoint",
        "Resource": "*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [denial]})
    aws.call("PutBackupVaultAccessPolicy", BackupVaultName="prod", Policy=policy)
    changes = aws.recovery_points().preview_deletion(keep_last=0)
    assert [change.notes for change in changes] == [
        ("the access policy of its vault may forbid DeleteRecoveryPoint, depending on the caller",)
    ]
    assert changes.apply(allow_delete=True).complete


@pytest.mark.parametrize("source", [STACK, CLUSTER])
def test_a_composite_goes_as_a_whole(aws, source):
    """What is nested in a composite is in the preview and goes before it; nothing is left half."""
    for arn in (TABLE, VOLUME):
        aws.resources.add(arn)
    members = {"Orders": TABLE, "Data": VOLUME} if source == STACK else {"data-0": VOLUME}
    aws.resources.add(source, members=members)
    [parent] = backed_up(aws, source)
    assert len(list(aws.recovery_points())) == len(members) + 2
    only = aws.recovery_points().where(lambda point: point.recovery_point_arn == parent)
    changes = only.preview_deletion(keep_last=0)
    assert arns(changes) == arns(aws.recovery_points())
    assert not only.preview_deletion(), "the only points of the members"
    report = changes.apply(allow_delete=True)
    assert report.complete, str(report)
    assert list(aws.recovery_points()) == []


def test_the_state_of_a_cluster_follows_its_composite(aws):
    """It has no lifecycle of its own, and is copied with its composite: no call for it is made that AWS refuses."""
    aws.resources.add(VOLUME)
    aws.resources.add(CLUSTER, members={"data-0": VOLUME})
    backed_up(aws, CLUSTER, keep_days=30)
    changes = aws.recovery_points().preview_lifecycle(keep_days=60)
    assert refusals(changes) == {"composite": 1}
    assert changes.apply().complete
    copies = aws.recovery_points().preview_copies(aws.vaults.get("second").backup_vault_arn)
    assert refusals(copies) == {"composite": 2}


@pytest.mark.slow
def test_what_is_throttled_through_all_attempts_gets_a_second_turn(aws):
    """A service that is slow for a while fails no point."""
    backed_up(aws, *map(files, range(4)))
    changes = aws.recovery_points().preview_deletion(keep_last=0)
    aws.faults.throttle("DeleteRecoveryPoint", times=45)
    report = changes.apply(allow_delete=True)
    assert report.complete, str(report)


@pytest.mark.slow
def test_a_service_that_stays_throttled_fails_points_and_a_later_run_ends_it(aws):
    """What failed is in .failed with AWS's word, and is tried again with the report."""
    backed_up(aws, *map(files, range(2)))
    changes = aws.recovery_points().preview_deletion(keep_last=0)
    aws.faults.throttle("DeleteRecoveryPoint", rate=1.0)
    report = changes.apply(allow_delete=True)
    assert [each.reason for each in report.failed] == ["ThrottlingException"] * 2
    aws.faults.clear()
    assert changes.apply(allow_delete=True, resume=report).complete


def test_ctrl_c_keeps_what_is_known_and_the_next_run_goes_on(aws):
    """A real interrupt of the main thread ends the calls under way, and the report has every point once."""
    backed_up(aws, *map(files, range(12)))
    changes = aws.recovery_points().preview_deletion(keep_last=0)
    here = Connection(InterruptedAt(aws.transport, "DeleteRecoveryPoint", 4))
    with pytest.raises(bk.PointsInterrupted) as caught:
        bk.PointChanges.from_json(changes.to_json(), here).apply(allow_delete=True, workers=2)
    report = caught.value.report
    assert isinstance(caught.value, KeyboardInterrupt)
    assert "interrupted" in str(caught.value)
    assert len(arns(report.outcomes)) == len(report.outcomes) == 12
    assert report.started
    assert report.not_started
    assert len(report.started) + len(report.not_started) == 12
    assert {each.status for each in aws.recovery_points()} == {"DELETING", "COMPLETED"}
    assert pickle.loads(pickle.dumps(caught.value)).report == report
    assert changes.apply(allow_delete=True, resume=report).complete


def test_a_part_of_a_composite_does_not_go_alone(aws):
    """Deleting one nested point would leave a composite that cannot be restored as a whole."""
    aws.resources.add(TABLE)
    aws.resources.add(STACK, members={"Orders": TABLE})
    backed_up(aws, STACK)
    backed_up(aws, TABLE)
    part = aws.recovery_points(resource=TABLE).where(lambda point: point.parent_recovery_point_arn is not None)
    assert refusals(part.preview_deletion()) == {"composite": 1}


def test_a_composite_stays_whole_where_a_hold_keeps_one_part(aws):
    """One nested point under a legal hold keeps the composite and everything in it."""
    aws.resources.add(TABLE)
    aws.resources.add(STACK, members={"Orders": TABLE})
    backed_up(aws, STACK)
    held = {"ResourceIdentifiers": [TABLE]}
    aws.call("CreateLegalHold", Title="case", Description="d", RecoveryPointSelection=held)
    aws.clock.advance(hours=1)
    changes = aws.recovery_points().preview_deletion(keep_last=0)
    assert not changes
    assert refusals(changes)["legal_hold"] >= 1


def test_without_waiting_points_are_started_and_a_second_run_confirms_them(aws):
    """wait=False says what AWS took; the report is enough to go on with."""
    backed_up(aws, *map(files, range(6)))
    changes = aws.recovery_points().preview_deletion(keep_last=0)
    first = changes.apply(allow_delete=True, wait=False)
    assert (len(first.started), first.done, first.complete) == (6, (), False)
    again = bk.PointReport.from_json(first.to_json())
    assert again == first
    second = changes.apply(allow_delete=True, resume=again)
    assert (len(second.done), second.complete) == (6, True)
    assert list(aws.recovery_points()) == []


def test_changes_are_saved_and_applied_elsewhere(aws):
    """The JSON is all that another process needs; without a connection it can only be looked at."""
    backed_up(aws, *map(files, range(3)))
    changes = aws.recovery_points().preview_deletion(keep_last=0)
    for loaded in (bk.PointChanges.from_json(changes.to_json()), pickle.loads(pickle.dumps(changes))):
        assert loaded == changes
        assert str(loaded) == str(changes)
        with pytest.raises(ConfigurationError, match="from_json"):
            loaded.apply(allow_delete=True)
    with pytest.raises(InvalidValueError, match="eu-west-1"):
        bk.PointChanges.from_json(changes.to_json(), aws.in_region("eu-west-1"))
    for wrong in ("{}", "[]", "no", changes.to_json().replace("Changes/1", "Changes/9")):
        with pytest.raises(InvalidValueError, match="not what"):
            bk.PointChanges.from_json(wrong, aws)
    assert (
        changes.to_dict(json=True)
        == json.loads(changes.to_json())
        == json.loads(json.dumps(changes.to_dict(json=True)))
    )
    assert changes.to_dict()["previewed_at"] == changes.previewed_at
    report = bk.PointChanges.from_json(changes.to_json(), aws).apply(allow_delete=True)
    assert report.complete
    assert report.to_dict(json=True) == json.loads(report.to_json())
    assert pickle.loads(pickle.dumps(report)) == report
    other = aws.recovery_points().preview_deletion()
    with pytest.raises(InvalidValueError, match="another preview"):
        other.apply(allow_delete=True, resume=report)


def test_what_aws_does_not_carry_out_is_failed_with_its_reason(aws):
    """A 200 is not a deletion: the points whose role is gone are in .failed, the others are done."""
    backed_up(aws, files(1), files(2))
    backed_up(aws, files(3), role=OTHER_ROLE)
    aws.faults.deny(OTHER_ROLE)
    report = aws.recovery_points().preview_deletion(keep_last=0).apply(allow_delete=True)
    assert (len(report.done), [each.reason for each in report.failed]) == (2, ["role"])
    assert "cannot be assumed" in report.failed[0].message
    assert not report.complete
    assert "role: 1" in str(report)


def test_lifecycles_change_together_and_keep_what_is_not_named(aws):
    """Points with a lifecycle of their own each keep the other day number; those that fit already are left."""
    backed_up(aws, files(1), keep_days=400, cold_after_days=100)
    backed_up(aws, files(2), keep_days=500)
    changes = aws.recovery_points().preview_lifecycle(keep_days=500)
    assert refusals(changes) == {"unchanged": 1}
    assert changes.apply().complete
    found = {p.resource_arn: p.lifecycle for p in aws.recovery_points()}
    assert {life.delete_after_days for life in found.values()} == {500}
    assert found[files(1)].move_to_cold_storage_after_days == 100
    with pytest.raises(ConsentError, match="bring nearer the deletion"):
        aws.recovery_points().preview_lifecycle(keep_days=450).apply()
    assert aws.recovery_points().preview_lifecycle(keep_days=450).apply(allow_delete=True).complete
    assert not aws.recovery_points().preview_lifecycle(cold_after_days=400), "less than 90 days in cold storage"


def test_a_lifecycle_that_moved_since_the_preview_is_left(aws):
    """Nothing is done that was not previewed."""
    [arn] = backed_up(aws, files(1), keep_days=400)
    changes = aws.recovery_points().preview_lifecycle(cold_after_days=100)
    aws.recovery_point(arn, vault="prod").update_lifecycle(keep_days=600)
    report = changes.apply()
    assert [each.reason for each in report.failed] == ["stale"]
    assert aws.recovery_point(arn, vault="prod").lifecycle.move_to_cold_storage_after_days is None


def test_a_lifecycle_that_cannot_be_any_more_is_left(aws):
    """A day of cold storage that has passed since the preview is told, and AWS is not asked."""
    backed_up(aws, files(1), keep_days=400)
    changes = aws.recovery_points().preview_lifecycle(cold_after_days=5)
    aws.clock.advance(days=9)
    [failed] = changes.apply().failed
    assert (failed.reason, "it is 9 days old: it can go cold after 10 days" in failed.message) == ("stale", True)


def test_tags_are_set_on_all_that_have_tags_of_aws_backup(aws):
    """Snapshots keep their tags in EC2: they are refused, the others are tagged; values are in no text but the JSON."""
    backed_up(aws, files(1), VOLUME)
    changes = aws.recovery_points().preview_tags({"Case": "hush-hush"}, remove=["Old"])
    assert refusals(changes) == {"foreign_tags": 1}
    shown = f"{changes} {changes!r} {changes.task!r} {changes._repr_html_()}"
    assert "hush-hush" not in shown
    assert changes.apply().complete
    assert list(aws.recovery_points().where(tags={"Case": "hush-hush"}))


def test_copies_are_made_once(aws):
    """A second preview sees what was copied; a second run of the same changes starts no second job."""
    backed_up(aws, files(1), files(2))
    there = aws.vaults.get("second").backup_vault_arn
    changes = aws.recovery_points(vault="prod").preview_copies(there, keep_days=90)
    begun = changes.apply(wait=False)
    assert len(begun.started) == 2
    again = changes.apply()
    assert again.complete, str(again)
    assert {each.job_id for each in again.done} == {each.job_id for each in begun.started}
    assert len(list(aws.copy_jobs())) == 2
    assert refusals(aws.recovery_points().preview_copies(there)) == {"copied": 2, "same_vault": 2}


def test_continuous_points_are_deleted_with_a_note_and_not_copied_or_changed(aws):
    """Their lifecycle is their rule's, AWS copies them by rules alone, and deleting one ends the continuous backup."""
    bucket = "arn:aws:s3:::photos"
    aws.resources.add(bucket, tags={"Backup": "yes"})
    vault = bk.Vault("prod")
    kept = bk.Lifecycle(delete_after_days=35)
    rule = bk.Rule("often", vault, continuous=True, lifecycle=kept).scheduled(bk.Schedule.daily(at="05:00"))
    plan = bk.Plan("plan", rule).protecting(bk.Selection("all", role=ROLE).any_tag(Backup="yes"))
    bk.Stack("s", vault, plan).preview(aws, adopt=True).apply()
    aws.clock.advance(days=2)
    points = aws.recovery_points().where(continuous=True)
    [point] = points
    assert refusals(points.preview_lifecycle(keep_days=20)) == {"continuous": 1}
    assert refusals(points.preview_copies(aws.vaults.get("second").backup_vault_arn)) == {"continuous": 1}
    [change] = points.preview_deletion(keep_last=0)
    assert change.notes == ("ends the continuous backup; its rule makes a new one at its next run",)
    stopped = point.disassociate()
    assert stopped is not None
    assert stopped.status == "STOPPED"
    assert points.preview_deletion(keep_last=0).apply(allow_delete=True).complete


class Skipping:
    """A service whose list leaves points out once, as lists may while others go."""

    def __init__(self, inner):
        self.inner, self.skips = inner, 1
        self.region_name, self.clock = inner.region_name, inner.clock

    def call(self, operation, params, /):
        if operation == "ListRecoveryPointsByBackupVault" and self.skips:
            self.skips -= 1
            return b'{"RecoveryPoints": []}'
        return self.inner.call(operation, params)


def test_a_point_that_a_list_leaves_out_once_is_not_called_gone(aws):
    """What is confirmed is really gone: one list that does not show a point is not enough."""
    made = backed_up(aws, *map(files, range(8)))
    watched = Watched(caller_at(Connection(Skipping(aws.transport)), "test"), "prod", set(made))
    assert [point for point in watched.look().values() if point is None] == []
    assert set(watched.look()) == watched.going == set(made)
    for point in aws.recovery_points():
        point.delete(allow_last=True)
    aws.clock.advance(minutes=5)
    watched.look()
    assert set(watched.look().values()) == {None}
    assert watched.going == set()


def test_texts_in_a_preview_are_escaped():
    """Whatever stands in a name cannot become HTML."""
    from backupkit.recover.point_change import PointChange, PointTask

    nasty = PointChange(recovery_point_arn="<script>alert(1)</script>", vault="<b>", resource_type="<i>")
    with bk.local() as aws:
        empty = aws.recovery_points().preview_deletion()
    assert not empty
    changes = bk.PointChanges(
        id="1",
        region_name=REGION,
        question="<u>any</u>",
        previewed_at=empty.previewed_at,
        task=PointTask(verb="delete"),
        records=(nasty,),
        notes=("<script>",),
    )
    page = changes._repr_html_()
    for tag in ("<script>", "<b>", "<i>", "<u>"):
        assert tag not in page
    assert "&lt;script&gt;" in page


def test_a_bar_can_be_drawn(aws, capsys):
    """progress=True tells how far it is; nothing is printed otherwise."""
    backed_up(aws, *map(files, range(3)))
    changes = aws.recovery_points().preview_deletion(keep_last=0)
    changes.apply(allow_delete=True, wait=False)
    assert capsys.readouterr().err == ""
    changes.apply(allow_delete=True, progress=True)
    assert "delete 3 points" in capsys.readouterr().err


def test_a_timeout_leaves_what_is_under_way_in_started(aws):
    """timeout= is how long is waited; what AWS took goes on."""
    backed_up(aws, *map(files, range(5)))
    changes = aws.recovery_points().preview_deletion(keep_last=0)
    report = changes.apply(allow_delete=True, timeout=1)
    assert report.started
    assert not report.complete
    assert changes.apply(allow_delete=True, resume=report).complete


PHOTOS = "arn:aws:s3:::photos"
DATABASE = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:shop"


def obstructed(aws):
    """Points of which each has something against changes of it, and one with nothing; the word by the resource."""
    backed_up(aws, files(1), keep_days=300, cold_after_days=1)
    aws.clock.advance(days=3)
    [opened] = backed_up(aws, PHOTOS, keep_days=300)
    aws.call("CreateBackupAccessPoint", Name="reader", RecoveryPointArn=opened)
    backed_up(aws, DATABASE, TABLE, keep_days=300)
    aws.call("CreateLogicallyAirGappedBackupVault", BackupVaultName="gapped", MinRetentionDays=7, MaxRetentionDays=400)
    aws.clock.advance(minutes=5)
    [free] = backed_up(aws, files(2), keep_days=300)
    aws.recovery_point(free, vault="prod").copy_to(aws.vaults.get("gapped").backup_vault_arn).wait()
    aws.resources.add(files(3))
    aws.back_up(files(3), vault="prod", role=ROLE)
    aws.clock.advance(minutes=1)


def told(changes):
    return Counter((change.resource_type, change.vault, change.refusal) for change in changes.refused)


def test_what_stands_against_a_lifecycle_is_told_before(aws):
    """A list does not say that a point is in cold storage: it follows from its lifecycle, and is not left to AWS."""
    obstructed(aws)
    changes = aws.recovery_points().preview_lifecycle(cold_after_days=100)
    assert told(changes) == {
        ("EFS", "prod", "cold"): 1,
        ("S3", "prod", "access_point"): 1,
        ("RDS", "prod", "cold"): 1,
        ("EFS", "gapped", "locked"): 1,
        ("EFS", "prod", "busy"): 1,
    }
    reasons = {change.reason for change in changes.refused}
    assert "AWS Backup has no cold storage for RDS" in reasons
    assert "it is in cold storage: when it went there cannot be changed any more" in reasons
    assert len(changes) == 2
    assert changes.apply().complete


def test_what_stands_against_a_deletion_is_told_before(aws):
    """What is being made, what an access point opens and what an air-gapped vault holds cannot go."""
    obstructed(aws)
    changes = aws.recovery_points().preview_deletion(keep_last=0)
    assert told(changes) == {
        ("S3", "prod", "access_point"): 1,
        ("EFS", "gapped", "locked"): 1,
        ("EFS", "prod", "busy"): 1,
    }
    assert changes.apply(allow_delete=True).complete


def test_copies_of_points_in_cold_storage_are_not_tried(aws):
    """A set refuses what `preview_copy` refuses, although lists do not say which points are cold."""
    obstructed(aws)
    changes = aws.recovery_points(vault="prod").preview_copies(aws.vaults.get("second").backup_vault_arn)
    assert {change.reason for change in changes.refused if change.refusal == "cold"} == {
        "AWS cannot copy points in cold storage"
    }
    assert changes.apply().complete


@pytest.mark.parametrize(
    ("made", "asked", "words"),
    [
        ({"keep_days": 400}, {"keep_days": 500}, "keep 400 days -> 500 days, deleted at 2027-05-16"),
        ({}, {"keep_days": 500}, "keep forever -> 500 days, deleted at 2027-05-16"),
        ({"keep_days": 500}, {"keep_days": bk.FOREVER}, "keep 500 days -> forever"),
        ({"keep_days": 500}, {"cold_after_days": 100}, "cold after never -> 100 days, deleted at 2027-05-16"),
        ({"cold_after_days": 9}, {"cold_after_days": bk.FOREVER}, "cold after 9 days -> never"),
        ({"keep_days": 1}, {"keep_days": 2}, "keep 1 day -> 2 days, deleted at 2026-01-03"),
    ],
)
def test_a_preview_says_what_becomes_of_each_lifecycle(aws, made, asked, words):
    """Both day numbers, before and after, and the day on which the point would go."""
    backed_up(aws, files(1), **made)
    changes = aws.recovery_points().preview_lifecycle(**asked)
    assert words in str(changes)
    assert words.replace(">", "&gt;") in changes._repr_html_()


def test_what_may_not_be_read_is_noted_and_stops_nothing(aws):
    """Whoever may only delete can delete: the preview names what it could not look at, and AWS decides."""
    backed_up(aws, files(1))
    backed_up(aws, files(1))
    unread = ("ListBackupVaults", "ListLegalHolds", "ListBackupAccessPoints", "GetBackupVaultAccessPolicy")
    for operation in unread:
        aws.faults.fail(operation, "AccessDeniedException", rate=1)
    changes = aws.recovery_points(vault="prod").preview_deletion()
    assert [note.partition(" could not be read")[0] for note in changes.notes] == [
        "vaults",
        "legal holds",
        "access points",
        "the access policy of vault prod",
    ]
    assert (len(changes), refusals(changes)) == (1, {"last_points": 1})
    assert changes.apply(allow_delete=True).complete


@pytest.mark.parametrize("number", [1, 5])
@pytest.mark.parametrize("denied", [(), ("ListRecoveryPointsByBackupVault",)])
def test_what_remains_is_counted_with_few_calls_and_alike(aws, number, denied):
    """Few resources are asked for one by one and many by their vaults, and by resource where a vault is closed."""
    resources = [files(each) for each in range(number)]
    going = backed_up(aws, *resources)
    backed_up(aws, *resources[1:], vault="second")
    for operation in denied:
        deny = {"Effect": "Deny", "Principal": "*", "Action": f"backup:{operation}", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
        aws.call("PutBackupVaultAccessPolicy", BackupVaultName="second", Policy=policy)
    changes = aws.recovery_points(vault="prod").preview_deletion()
    assert arns(changes) == set(going[1:])
    watched = Recording(aws.transport)
    found = staying(caller_at(Connection(watched), "test"), resources)
    assert {arn: len(points) for arn, points in found.items()} == {
        arn: 1 if arn == resources[0] else 2 for arn in resources
    }
    if not denied:
        assert len(watched.calls) <= 3


def test_points_that_went_since_the_preview_are_told(aws):
    """They are failed where something was to be done to them, and done where they were to go."""
    gone, stays = backed_up(aws, files(1), files(2), keep_days=400)
    tags = aws.recovery_points().preview_tags({"Case": "7"})
    lifecycles = aws.recovery_points().preview_lifecycle(keep_days=500)
    deletion = aws.recovery_points().preview_deletion(keep_last=0)
    aws.recovery_point(gone, vault="prod").delete(allow_last=True).wait()
    for changes in (tags, lifecycles):
        report = changes.apply()
        assert (arns(report.done), arns(report.failed)) == ({stays}, {gone})
        assert [(each.reason, each.message) for each in report.failed] == [("gone", "the point is not there any more")]
    assert arns(deletion.apply(allow_delete=True).done) == {gone, stays}


class Overtaken:
    """Passes calls on; somebody else deletes every point a moment before it is deleted here."""

    def __init__(self, inner):
        self.inner = inner
        self.region_name, self.clock = inner.region_name, inner.clock

    def call(self, operation, params, /):
        if operation == "DeleteRecoveryPoint":
            self.inner.call(operation, params)
            self.clock.sleep(300)
        return self.inner.call(operation, params)


def test_a_point_that_somebody_else_deletes_at_the_same_time_is_done(aws):
    """What was to go is gone: nothing has failed."""
    backed_up(aws, files(1))
    changes = aws.recovery_points().preview_deletion(keep_last=0)
    here = Connection(Overtaken(aws.transport))
    report = bk.PointChanges.from_json(changes.to_json(), here).apply(allow_delete=True)
    assert [(each.state, each.message) for each in report.outcomes] == [("done", "it was gone already")]


class Late:
    """Passes calls on; deletions are answered at once, and begin only after some looks."""

    def __init__(self, inner, looks):
        self.inner, self.looks, self.taken = inner, looks, []
        self.region_name, self.clock = inner.region_name, inner.clock

    def call(self, operation, params, /):
        if operation == "DeleteRecoveryPoint":
            self.taken.append(params)
            return b"{}"
        if self.taken and operation == "DescribeRecoveryPoint":
            self.looks -= 1
            if self.looks == 0:
                self.inner.call("DeleteRecoveryPoint", self.taken.pop())
        return self.inner.call(operation, params)


@pytest.mark.parametrize(("looks", "state"), [(3, "done"), (30, "failed")])
def test_a_deletion_that_aws_shows_a_moment_later_is_not_failed(aws, looks, state):
    """A few looks at a point that is as it was are no news; many are a deletion that does not happen."""
    backed_up(aws, files(1))
    changes = aws.recovery_points().preview_deletion(keep_last=0)
    here = Connection(Late(aws.transport, looks))
    report = bk.PointChanges.from_json(changes.to_json(), here).apply(allow_delete=True)
    assert [each.state for each in report.outcomes] == [state]
    if state == "failed":
        assert "AWS took the deletion, and the point is still COMPLETED" in report.failed[0].message


def test_a_composite_waits_for_its_parts_where_one_cannot_go(aws):
    """The composite is not tried where AWS refuses a part of it, and a later run ends it."""
    aws.resources.add(TABLE)
    aws.resources.add(STACK, members={"Orders": TABLE})
    [parent] = backed_up(aws, STACK)
    changes = aws.recovery_points().preview_deletion(keep_last=0)
    aws.faults.fail("DeleteRecoveryPoint", "AccessDeniedException", times=1)
    report = changes.apply(allow_delete=True)
    assert [each.reason for each in report.failed] == ["access_denied"]
    [waits] = [each for each in report.not_started if each.recovery_point_arn == parent]
    assert (waits.reason, "apply again" in waits.message) == ("composite", True)
    assert changes.apply(allow_delete=True, resume=report).complete
    assert list(aws.recovery_points()) == []


def test_copies_that_fail_are_failed_with_their_reason(aws):
    """A copy job that AWS took is not a copy."""
    backed_up(aws, files(1), TABLE)
    aws.faults.outage("EFS", jobs=("copy",))
    changes = aws.recovery_points(vault="prod").preview_copies(aws.vaults.get("second").backup_vault_arn)
    report = changes.apply()
    [failed] = report.failed
    assert ("EFS is unavailable" in failed.message, failed.job_id != "", len(report.done)) == (True, True, 1)
    assert not report.complete


@pytest.mark.parametrize("resumed", [True, False])
def test_a_copy_that_failed_is_tried_again_by_a_later_run(aws, resumed):
    """AWS answers a token that it knows with the job of that time, failed or not; a copy that is there is not made."""
    backed_up(aws, files(1), TABLE)
    outage = aws.faults.outage("EFS", jobs=("copy",))
    changes = aws.recovery_points(vault="prod").preview_copies(aws.vaults.get("second").backup_vault_arn)
    report = changes.apply()
    assert (len(report.failed), len(report.done)) == (1, 1)
    aws.faults.clear(outage)
    again = changes.apply(resume=report if resumed else None)
    assert (again.complete, len(again.done)) == (True, 2), str(again)
    assert len(list(aws.copy_jobs())) == 3
    assert {each.job_id for each in report.done} < {each.job_id for each in again.done}


def test_without_any_answer_the_rest_is_not_tried(aws):
    """Where the network is gone, hundreds of points are not each tried for minutes; a later run does the rest."""
    backed_up(aws, *map(files, range(40)))
    changes = aws.recovery_points().preview_deletion(keep_last=0)
    fault = aws.faults.drop("DeleteRecoveryPoint", rate=1)
    report = changes.apply(allow_delete=True)
    assert report.stopped.startswith("no answer ")
    assert len(report.not_started) > 10
    assert report.done == ()
    aws.faults.clear(fault)
    assert changes.apply(allow_delete=True, resume=report).complete
