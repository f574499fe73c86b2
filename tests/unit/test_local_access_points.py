"""Backup access points of the local AWS Backup: of which points they are, what they keep, and when they are gone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from local_stage import ACCOUNT, REGION, ROLE, START, Stage, table_arn

from backupkit import errors
from backupkit.emulator.kernel.behavior import Choices
from backupkit.emulator.rules import holds

BUCKET, OTHER = "arn:aws:s3:::photos", "210987654321"


@pytest.fixture
def stage():
    return Stage()


def snapshot_of(stage: Stage, bucket: str = BUCKET, **more: Any) -> str:
    stage.world.add(bucket, account_id=ACCOUNT, region_name=REGION)
    point: str = stage.back_up(bucket, **more)["RecoveryPointArn"]
    return point


def continuous(stage: Stage, days: int = 14) -> str:
    """A continuous point that has been followed for 20 days."""
    stage.world.add(BUCKET, account_id=ACCOUNT, region_name=REGION)
    stage.plan(
        {
            "RuleName": "continuous",
            "ScheduleExpression": "cron(0 5 ? * * *)",
            "EnableContinuousBackup": True,
            "Lifecycle": {"DeleteAfterDays": days},
        }
    )
    stage.clock.advance(days=20)
    [point] = stage.points()
    arn: str = point["RecoveryPointArn"]
    return arn


def create(stage: Stage, point: str, name: str = "reader", **more: Any) -> str:
    made = stage.call("CreateBackupAccessPoint", Name=name, RecoveryPointArn=point, **more)
    assert made["Status"] == "CREATING"
    arn: str = made["AccessPointArn"]
    return arn


def ready(stage: Stage, point: str, name: str = "reader", **more: Any) -> str:
    arn = create(stage, point, name, **more)
    stage.clock.advance(minutes=2)
    assert described(stage, arn)["Status"] == "AVAILABLE"
    return arn


def described(stage: Stage, arn: str) -> dict[str, Any]:
    return stage.call("DescribeBackupAccessPoint", AccessPointArn=arn)


def delete(stage: Stage, arn: str) -> None:
    stage.call("DeleteBackupAccessPoint", AccessPointArn=arn)


def moment(stage: Stage, **before: float) -> dict[str, str]:
    return {"AccessPointInTime": f"{stage.clock.now() - timedelta(**before):%Y-%m-%dT%H:%M:%SZ}"}


def refused(ask, *args: Any, **params: Any) -> str:
    with pytest.raises(errors.ServiceError) as caught:
        ask(*args, **params)
    return caught.value.code


def test_it_is_creating_then_available_then_deleting_then_gone(stage):
    """Each state comes on the clock; S3's names for it are there once it is AVAILABLE."""
    point = snapshot_of(stage)
    arn = create(stage, point)
    assert arn == f"arn:aws:backup:{REGION}:{ACCOUNT}:accesspoint/reader"
    assert described(stage, arn)["AccessPointMetadata"] == {}
    stage.clock.advance(minutes=2)
    found = described(stage, arn)
    assert (found["Status"], found["RecoveryPointArn"], found["ResourceArn"]) == ("AVAILABLE", point, BUCKET)
    named = found["AccessPointMetadata"]
    assert named["S3AccessPointArn"] == f"arn:aws:s3:{REGION}:{ACCOUNT}:accesspoint/reader"
    assert named["S3AccessPointAlias"].startswith("reader-")
    assert named["S3AccessPointAlias"].endswith("-ext-s3alias")
    assert len(named["S3AccessPointAlias"]) <= 63
    delete(stage, arn)
    assert described(stage, arn)["Status"] == "DELETING"
    delete(stage, arn)
    stage.clock.advance(minutes=1)
    assert refused(described, stage, arn) == "ResourceNotFoundException"


def test_a_point_with_an_access_point_cannot_be_deleted(stage):
    """From CREATING on, and until the last one is gone."""
    point = snapshot_of(stage)
    asked = {"BackupVaultName": "prod", "RecoveryPointArn": point}
    first, second = create(stage, point, "first"), create(stage, point, "second")
    assert refused(stage.call, "DeleteRecoveryPoint", **asked) == "InvalidRequestException"
    stage.clock.advance(minutes=2)
    delete(stage, first)
    stage.clock.advance(minutes=1)
    with pytest.raises(errors.RejectedError, match="active backup access point"):
        stage.call("DeleteRecoveryPoint", **asked)
    delete(stage, second)
    stage.clock.advance(minutes=1)
    stage.call("DeleteRecoveryPoint", **asked)
    assert stage.point(point)["Status"] == "DELETING"


def test_expiry_waits_for_the_last_access_point(stage):
    """The retention's end passes without effect; once the access point is gone, the point goes within a day."""
    point = snapshot_of(stage, Lifecycle={"DeleteAfterDays": 5})
    arn = ready(stage, point)
    stage.clock.advance(days=20)
    assert stage.point(point)["Status"] == "COMPLETED"
    delete(stage, arn)
    stage.clock.advance(days=1, minutes=1)
    assert stage.points() == []


def test_expiry_waits_for_the_legal_hold_as_well(stage):
    """A hold and an access point keep a point each for itself, and the point may be held and opened at once."""
    point = snapshot_of(stage, Lifecycle={"DeleteAfterDays": 5})
    hold = stage.call("CreateLegalHold", Title="t", Description="d")["LegalHoldId"]
    stage.clock.advance(minutes=2)
    arn = ready(stage, point)
    stage.clock.advance(days=10)
    stage.call("CancelLegalHold", LegalHoldId=hold, CancelDescription="over")
    stage.clock.advance(days=3)
    assert stage.point(point)["Status"] == "COMPLETED"
    delete(stage, arn)
    stage.clock.advance(days=1, minutes=1)
    assert stage.points() == []


def test_the_lifecycle_of_an_opened_point_can_be_changed(stage):
    """A shorter retention is taken, and has its effect when the access point is gone."""
    point = snapshot_of(stage, Lifecycle={"DeleteAfterDays": 100})
    arn = ready(stage, point)
    stage.call(
        "UpdateRecoveryPointLifecycle",
        BackupVaultName="prod",
        RecoveryPointArn=point,
        Lifecycle={"DeleteAfterDays": 2},
    )
    stage.clock.advance(days=5)
    assert len(stage.points()) == 1
    delete(stage, arn)
    stage.clock.advance(days=1, minutes=1)
    assert stage.points() == []


def test_only_usable_points_of_s3_can_be_opened(stage):
    """A missing one is not found; one of another type, and one that is being made, are invalid values."""
    table = table_arn("orders")
    stage.world.add(table)
    stage.world.add(BUCKET, size_bytes=10**12, account_id=ACCOUNT, region_name=REGION)
    job = stage.start(BUCKET)
    stage.clock.advance(minutes=2)
    being_made = stage.job(job)["RecoveryPointArn"]
    assert refused(create, stage, being_made) == "InvalidParameterValueException"
    assert refused(create, stage, stage.back_up(table)["RecoveryPointArn"]) == "InvalidParameterValueException"
    missing = f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:photos-20260101000000-00000000"
    assert refused(create, stage, missing) == "ResourceNotFoundException"
    assert refused(create, stage, missing.replace(ACCOUNT, OTHER)) == "ResourceNotFoundException"


def test_a_continuous_point_is_opened_at_a_moment(stage):
    """Within its retention and not in the future; the moment is told ever after."""
    point = continuous(stage)
    odd = ({"AccessPointInTime": text} for text in ("yesterday", "2026-02-30T00:00:00Z", "2026-01-15 12:00:00Z"))
    for wrong in (moment(stage, days=15), moment(stage, days=-1), *odd, {}):
        assert refused(create, stage, point, AccessPointMetadata=wrong) == "InvalidParameterValueException"
    asked = moment(stage, days=10)
    arn = ready(stage, point, AccessPointMetadata=asked)
    stage.clock.advance(days=30)
    assert described(stage, arn)["AccessPointMetadata"]["AccessPointInTime"] == asked["AccessPointInTime"]


def test_a_snapshot_is_opened_without_a_moment(stage):
    """It has only one."""
    point = snapshot_of(stage)
    assert refused(create, stage, point, AccessPointMetadata=moment(stage)) == "InvalidParameterValueException"


def test_a_name_is_taken_once_and_rests_after_it_was_deleted(stage):
    """A second one of the name is refused, and for some minutes a conflict after the first is gone."""
    point = snapshot_of(stage)
    arn = ready(stage, point)
    assert refused(create, stage, point) == "AlreadyExistsException"
    delete(stage, arn)
    stage.clock.advance(minutes=1)
    assert refused(create, stage, point) == "ConflictException"
    stage.clock.advance(minutes=6)
    ready(stage, point)


def test_a_point_has_at_most_five(stage):
    """The sixth is refused until one of them is deleted."""
    point = snapshot_of(stage)
    arns = [ready(stage, point, f"reader-{number}") for number in range(5)]
    assert refused(create, stage, point, "reader-5") == "LimitExceededException"
    delete(stage, arns[0])
    stage.clock.advance(minutes=1)
    create(stage, point, "reader-5")


def test_one_that_is_being_made_cannot_be_deleted(stage):
    """It can be, once it is AVAILABLE."""
    arn = create(stage, snapshot_of(stage))
    assert refused(delete, stage, arn) == "InvalidRequestException"
    stage.clock.advance(minutes=2)
    delete(stage, arn)


def test_the_lists_show_those_of_the_account_of_a_point_and_of_a_bucket(stage):
    """By name, in pages; of what is not there, none."""
    photos, films = snapshot_of(stage), snapshot_of(stage, "arn:aws:s3:::films")
    for name, point in (("b", films), ("a", photos), ("c", photos)):
        ready(stage, point, f"{name}-reader")

    def names(operation, **params):
        found = stage.every(operation, "BackupAccessPoints", MaxResults=1, **params)
        return [each["Name"][0] for each in found]

    assert names("ListBackupAccessPoints") == ["a", "b", "c"]
    assert names("ListBackupAccessPointsByRecoveryPoint", RecoveryPointArn=photos) == ["a", "c"]
    assert names("ListBackupAccessPointsByResource", ResourceArn="arn:aws:s3:::films") == ["b"]
    assert names("ListBackupAccessPointsByResource", ResourceArn="arn:aws:s3:::nothing") == []
    assert names("ListBackupAccessPointsByRecoveryPoint", RecoveryPointArn="arn:aws:backup:nowhere:x") == []


def test_tags_can_be_given_and_changed(stage):
    """TagResource and ListTags know the ARN."""
    arn = create(stage, snapshot_of(stage), Tags={"Team": "media"})
    stage.call("TagResource", ResourceArn=arn, Tags={"Env": "prod"})
    assert stage.call("ListTags", ResourceArn=arn)["Tags"] == {"Team": "media", "Env": "prod"}


def test_a_malformed_policy_is_refused_or_fails_the_access_point():
    """A choice says which; a FAILED one tells why, keeps nothing and can be deleted."""
    stage = Stage()
    assert refused(create, stage, snapshot_of(stage), AccessPointPolicy="[]") == "InvalidParameterValueException"
    later = Stage(choices=Choices(access_point_policy_checked=False))
    point = snapshot_of(later)
    arn = create(later, point, AccessPointPolicy="[]")
    later.clock.advance(minutes=2)
    assert described(later, arn)["Status"] == "FAILED"
    assert "policy" in described(later, arn)["StatusMessage"]
    later.call("DeleteRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=point)
    delete(later, arn)


def test_without_a_moment_the_present_is_opened_where_that_is_the_choice():
    """The model wants the moment, the guide says that it can be given."""
    stage = Stage(choices=Choices(access_point_needs_moment=False))
    arn = ready(stage, continuous(stage))
    made = described(stage, arn)
    assert made["AccessPointMetadata"]["AccessPointInTime"] == f"{START + timedelta(days=20):%Y-%m-%dT%H:%M:%SZ}"


def test_an_account_that_a_vault_is_shared_with_opens_its_points(stage):
    """Its access points keep the owner's point, the owner sees them, and they are cut off when the sharing ends."""
    point = snapshot_of(stage, Lifecycle={"DeleteAfterDays": 5})
    other = Stage()
    other.service = stage.service.as_account(OTHER)
    assert refused(create, other, point) == "ResourceNotFoundException"
    vault = stage.service.simulation.scope(ACCOUNT, REGION).vaults["prod"]
    vault.sharing.accounts.add(OTHER)
    arn = create(other, point)
    stage.clock.advance(days=10)
    assert described(other, arn)["Status"] == "AVAILABLE"
    found = stage.call("ListBackupAccessPointsByRecoveryPoint", RecoveryPointArn=point)["BackupAccessPoints"]
    assert [each["AccessPointArn"] for each in found] == [arn]
    assert stage.call("ListBackupAccessPoints")["BackupAccessPoints"] == []
    assert len(stage.points()) == 1
    vault.sharing.accounts.clear()
    holds.cut_off_access_points(stage.service.simulation)
    assert described(other, arn)["Status"] == "DISASSOCIATED"
    stage.clock.advance(days=1, minutes=1)
    assert stage.points() == []


def test_an_access_point_that_is_cut_off_while_it_is_made_does_not_open(stage):
    """A vault that is taken back within that minute leaves it DISASSOCIATED, and the point free to go."""
    point = snapshot_of(stage)
    other = Stage()
    other.service = stage.service.as_account(OTHER)
    vault = stage.service.simulation.scope(ACCOUNT, REGION).vaults["prod"]
    vault.sharing.accounts.add(OTHER)
    arn = create(other, point)
    vault.sharing.accounts.clear()
    holds.cut_off_access_points(stage.service.simulation)
    stage.clock.advance(minutes=2)
    assert described(other, arn)["Status"] == "DISASSOCIATED"
    stage.call("DeleteRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=point)


def test_access_points_survive_a_snapshot(stage):
    """What is restored keeps its point, and goes on where it was."""
    point = snapshot_of(stage, Lifecycle={"DeleteAfterDays": 5})
    arn = create(stage, point)
    kept = stage.service.save_state()
    stage.clock.advance(days=10)
    stage.service.load_state(kept)
    assert described(stage, arn)["Status"] == "CREATING"
    stage.clock.advance(days=10)
    assert described(stage, arn)["Status"] == "AVAILABLE"
    assert stage.point(point)["Status"] == "COMPLETED"


def test_the_role_does_not_matter(stage):
    """A point whose role is gone is opened all the same; only jobs need it."""
    point = snapshot_of(stage)
    stage.service.faults.deny(ROLE)
    ready(stage, point)
