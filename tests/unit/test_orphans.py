"""Orphans: points whose source is gone, as the source's own service says."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime, timedelta

import attrs
import pytest

import backupkit as bk
from backupkit.connection import Connection
from backupkit.emulator import SessionWorld, private_moto_session
from backupkit.errors import InvalidValueError
from backupkit.neighbours import NO_NEIGHBOURS, Presence, SessionNeighbours, look_all

ACCOUNT, REGION = "123456789012", "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/backup"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-0123456789abcdef0"
STACK = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/shop/4f2c9d60-1111-4222-8333-0123456789ab"
FILES = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-01234567"


@pytest.fixture
def aws():
    with bk.local() as aws:
        for name in ("prod", "second"):
            aws.call("CreateBackupVault", BackupVaultName=name)
        yield aws


def backed_up(aws, *arns, vault="prod", **more):
    for arn in arns:
        if arn not in aws.resources:
            aws.resources.add(arn, size_bytes=1000)
    jobs = [aws.back_up(arn, vault=vault, role=ROLE, **more) for arn in arns]
    bk.wait_all(jobs)
    return [job.refresh().recovery_point_arn for job in jobs]


def arns(points):
    return {point.recovery_point_arn for point in points}


def test_points_of_what_is_gone_are_found_and_can_be_deleted(aws):
    """Only the source that is gone counts, though AWS Backup lists it as protected as before."""
    gone = backed_up(aws, TABLE, VOLUME)
    backed_up(aws, FILES)
    for arn in (TABLE, VOLUME):
        aws.resources.remove(arn)
    assert {each.resource_arn for each in aws.protected_resources} == {TABLE, VOLUME, FILES}
    orphans = bk.find_orphans(aws)
    assert arns(orphans) == set(gone)
    assert {(each.resource_arn, each.presence, each.points) for each in orphans.sources} == {
        (TABLE, "gone", 1),
        (VOLUME, "gone", 1),
    }
    assert (orphans.unknown, orphans.size_bytes) == ((), sum(each.size_bytes for each in orphans.sources))
    assert not orphans.preview_deletion(), "the last points that anything can be restored from"
    assert orphans.preview_deletion(keep_last=0).apply(allow_delete=True).complete
    assert {point.resource_arn for point in aws.recovery_points()} == {FILES}
    assert len(bk.find_orphans(aws)) == 0


def test_points_stay_where_their_source_came_back_before_they_were_deleted(aws):
    """A source that was restored under its name since it was missed keeps its points, also of a saved preview."""
    gone = backed_up(aws, TABLE, VOLUME)
    for arn in (TABLE, VOLUME):
        aws.resources.remove(arn)
    saved = bk.find_orphans(aws).preview_deletion(keep_last=0).to_json()
    aws.resources.add(TABLE)
    report = bk.PointChanges.from_json(saved, aws).apply(allow_delete=True)
    [kept] = report.refused
    assert (kept.recovery_point_arn, kept.reason) == (gone[0], "not_orphaned")
    assert kept.message == f"{TABLE} is there by now"
    assert arns(aws.recovery_points()) == {gone[0]}


def test_a_composite_stays_whole_where_its_source_came_back(aws):
    """What is nested in it stays with it, although the member itself is gone."""
    aws.resources.add(TABLE)
    aws.resources.add(STACK, members={"Orders": TABLE})
    backed_up(aws, STACK)
    held = arns(aws.recovery_points())
    for arn in (STACK, TABLE):
        aws.resources.remove(arn)
    changes = bk.find_orphans(aws).preview_deletion(keep_last=0)
    assert arns(changes) == held
    aws.resources.add(STACK)
    report = changes.apply(allow_delete=True)
    assert {(each.reason, each.message) for each in report.refused} == {("not_orphaned", f"{STACK} is there by now")}
    assert arns(aws.recovery_points()) == arns(report.refused) == held


def test_points_stay_where_a_backup_of_their_source_is_under_way_by_then(aws):
    """What cannot be told is not taken for gone, and the report says what cannot be told."""
    backed_up(aws, VOLUME)
    aws.resources.remove(VOLUME)
    changes = bk.find_orphans(aws).preview_deletion(keep_last=0)
    aws.resources.add(VOLUME)
    aws.back_up(VOLUME, vault="prod", role=ROLE)
    aws.resources.remove(VOLUME)
    [kept] = changes.apply(allow_delete=True).refused
    assert kept.message == f"nobody can tell whether {VOLUME} is gone by now: a backup of it is under way"


def test_filters_narrow_what_is_looked_at(aws):
    """One resource, one vault or one type can be asked for, as of recovery_points."""
    backed_up(aws, TABLE, FILES)
    backed_up(aws, TABLE, vault="second")
    aws.resources.remove(TABLE)
    aws.resources.remove(FILES)
    assert {point.backup_vault_name for point in bk.find_orphans(aws, vault="second")} == {"second"}
    assert {point.resource_arn for point in bk.find_orphans(aws, resource_type="EFS")} == {FILES}
    assert len(bk.find_orphans(aws, resource=TABLE)) == 2


def test_who_cannot_be_asked_is_unknown_and_never_gone(aws):
    """Without a session nobody tells: no point is called an orphan."""
    backed_up(aws, TABLE)
    aws.resources.remove(TABLE)
    orphans = bk.find_orphans(Connection(aws.transport, NO_NEIGHBOURS))
    assert list(orphans) == []
    assert [(each.resource_arn, "session" in each.reason) for each in orphans.unknown] == [(TABLE, True)]


def test_sources_of_other_regions_are_unknown(aws):
    """A copy in another Region does not make an orphan of a source that can be seen from its own Region only."""
    [arn] = backed_up(aws, FILES)
    far = aws.in_region("eu-west-1")
    far.call("CreateBackupVault", BackupVaultName="far")
    aws.recovery_point(arn, vault="prod").copy_to(far.vaults.get("far").backup_vault_arn).wait()
    orphans = bk.find_orphans(far)
    assert list(orphans) == []
    assert [each.reason for each in orphans.unknown] == [f"it is in {REGION}: look there"]
    aws.resources.remove(FILES)
    assert len(bk.find_orphans(aws)) == 1


def test_sources_of_other_accounts_are_unknown(aws):
    """Whoever looks with this account's rights would call every resource of another one gone."""
    point = next(iter([aws.recovery_point(each, vault="prod") for each in backed_up(aws, FILES)]))
    from backupkit.recover.point_sources import _elsewhere

    foreign = FILES.replace(ACCOUNT, "999999999999")
    caller = point._caller
    assert _elsewhere(caller, foreign, [point], frozenset({ACCOUNT})) == "it is in account 999999999999: look there"
    assert _elsewhere(caller, FILES, [point], frozenset({ACCOUNT})) is None
    assert _elsewhere(caller, "", [point], frozenset({ACCOUNT})) is not None


def test_a_backup_under_way_is_a_sign_of_life(aws):
    """What is being backed up is not called gone in the same minute."""
    backed_up(aws, FILES)
    aws.back_up(FILES, vault="prod", role=ROLE)
    aws.resources.remove(FILES)
    orphans = bk.find_orphans(aws)
    assert list(orphans) == []
    assert [each.reason for each in orphans.unknown] == ["a backup of it is under way"]


def test_expired_points_and_those_kept_forever_stand_beside_them(aws):
    """What costs without being looked at is told with its size, also where its source is there."""
    forever = backed_up(aws, FILES)
    stuck = backed_up(aws, TABLE, keep_days=1)
    aws.faults.deny(ROLE)
    aws.clock.advance(days=3)
    orphans = bk.find_orphans(aws)
    assert list(orphans) == []
    assert (arns(orphans.expired), arns(orphans.kept_forever)) == (set(stuck), set(forever))
    assert orphans.expired.size_bytes == sum(point.backup_size_in_bytes for point in orphans.expired)
    aws.faults.admit(ROLE)
    assert orphans.expired.preview_deletion(keep_last=0).apply(allow_delete=True).complete


def test_what_was_found_can_be_read_and_sent(aws):
    """Text, HTML and JSON tell the same; a set holds its connection, so it is not pickled."""
    backed_up(aws, FILES)
    aws.resources.remove(FILES)
    orphans = bk.find_orphans(aws)
    assert "1 point of 1 resource that are gone" in str(orphans)
    assert FILES in str(orphans)
    assert FILES in orphans._repr_html_()
    found = json.loads(json.dumps(orphans.to_dict(json=True)))
    assert (found["sources"][0]["presence"], len(found["points"])) == ("gone", 1)
    with pytest.raises(TypeError, match="connection"):
        pickle.dumps(orphans)
    assert pickle.loads(pickle.dumps(orphans.sources)) == orphans.sources


def test_texts_of_orphans_are_escaped(aws):
    """Whatever stands in a name or a reason cannot become HTML."""
    found = bk.find_orphans(aws)
    nasty = bk.PointSource(
        resource_arn="<script>alert(1)</script>", resource_type="<b>", presence=Presence.UNKNOWN, reason="<i>"
    )
    page = attrs.evolve(found, unknown=(nasty,), question="<u>")._repr_html_()
    for tag in ("<script>", "<b>", "<i>", "<u>"):
        assert tag not in page
    assert "&lt;script&gt;" in page


def test_something_else_than_a_connection_is_told():
    """A session or a client is not a connection."""
    with pytest.raises(InvalidValueError, match="not a connection"):
        bk.find_orphans(object())


@pytest.mark.slow
def test_many_volumes_are_asked_for_together_and_the_missing_ones_by_themselves():
    """A hundred volumes take one call; one that is not shown is asked for by itself before it is gone."""
    session = private_moto_session(region_name=REGION)
    ec2 = session.client("ec2")
    made = [ec2.create_volume(AvailabilityZone=f"{REGION}a", Size=1)["VolumeId"] for _ in range(5)]
    there = [f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/{name}" for name in made]
    calls = []
    session.events.register("before-call.ec2.DescribeVolumes", lambda **_: calls.append(1))
    seen = look_all(SessionNeighbours(session, REGION, lambda _: None), [*there, VOLUME, TABLE])
    assert {arn: each.presence for arn, each in seen.items()} == {
        **dict.fromkeys(there, Presence.THERE),
        VOLUME: Presence.GONE,
        TABLE: Presence.GONE,
    }
    assert len(calls) == 2


@pytest.mark.slow
def test_a_name_that_a_newer_resource_carries_is_unknown():
    """A table that was made again under the same name is not the one that was backed up, and is not gone either."""
    session = private_moto_session(region_name=REGION)
    start = datetime.now(UTC) - timedelta(days=400)
    table = {
        "TableName": "orders",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    with bk.local(world=SessionWorld(session), start=start) as aws:
        session.client("dynamodb").create_table(**table)
        aws.call("CreateBackupVault", BackupVaultName="prod")
        aws.back_up(TABLE, vault="prod", role=ROLE).wait()
        neighbours = SessionNeighbours(session, REGION, lambda _: None)
        orphans = bk.find_orphans(Connection(aws.transport, neighbours))
        assert list(orphans) == []
        assert "a newer resource carries its name" in orphans.unknown[0].reason
        session.client("dynamodb").delete_table(TableName="orders")
        assert len(bk.find_orphans(Connection(aws.transport, neighbours))) == 1
