"""Legal holds of the local AWS Backup: what they hold, how long, and what happens when they go."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from local_stage import REGION, START, Stage, day, table_arn, vault_arn

from backupkit import errors
from backupkit.emulator.kernel.behavior import Choices

ORDERS, LEDGER = table_arn("orders"), table_arn("ledger")


@pytest.fixture
def stage():
    return Stage()


def backed_up(stage: Stage, arn: str = ORDERS, **more: Any) -> str:
    stage.world.add(arn)
    point: str = stage.back_up(arn, **more)["RecoveryPointArn"]
    return point


def hold(stage: Stage, **more: Any) -> str:
    """A new hold that is ACTIVE."""
    made = stage.call("CreateLegalHold", **{"Title": "Case 7", "Description": "keep all", **more})
    stage.clock.advance(minutes=2)
    hold_id: str = made["LegalHoldId"]
    return hold_id


def cancel(stage: Stage, hold_id: str, **more: Any) -> None:
    stage.call("CancelLegalHold", LegalHoldId=hold_id, **{"CancelDescription": "closed", **more})


def status(stage: Stage, hold_id: str) -> str:
    found: str = stage.call("GetLegalHold", LegalHoldId=hold_id)["Status"]
    return found


def held(stage: Stage, hold_id: str) -> set[str]:
    found = stage.every("ListRecoveryPointsByLegalHold", "RecoveryPoints", LegalHoldId=hold_id, MaxResults=1)
    return {point["RecoveryPointArn"] for point in found}


def delete(stage: Stage, arn: str) -> None:
    stage.call("DeleteRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=arn)


def refused(stage: Stage, operation: str, **params: Any) -> str:
    with pytest.raises(errors.ServiceError) as caught:
        stage.call(operation, **params)
    return caught.value.code


def test_a_hold_is_created_active_canceling_and_canceled_on_the_clock(stage):
    """Each state comes when the clock reaches it, never at once."""
    made = stage.call("CreateLegalHold", Title="t", Description="d")
    assert made["Status"] == "CREATING"
    hold_id = made["LegalHoldId"]
    stage.clock.advance(minutes=2)
    assert status(stage, hold_id) == "ACTIVE"
    cancel(stage, hold_id)
    assert status(stage, hold_id) == "CANCELING"
    stage.clock.advance(minutes=2)
    assert status(stage, hold_id) == "CANCELED"


def test_a_held_point_cannot_be_deleted_or_disassociated(stage):
    """The refusal is AWS's own sentence, and the point stays."""
    point = backed_up(stage)
    hold_id = hold(stage, RecoveryPointSelection={"VaultNames": ["prod"]})
    for operation, what in (("DeleteRecoveryPoint", "deleted"), ("DisassociateRecoveryPoint", "disassociated")):
        says = f"cannot be {what} because it has active legal hold"
        with pytest.raises(errors.ServiceError, match=says):
            stage.call(operation, BackupVaultName="prod", RecoveryPointArn=point)
    assert stage.point(point)["Status"] == "COMPLETED"
    cancel(stage, hold_id)
    delete(stage, point)
    assert stage.point(point)["Status"] == "DELETING"


def test_before_a_hold_is_active_a_delete_succeeds_and_the_point_is_not_held(stage):
    """While a hold is CREATING it protects nothing yet, and a point that is being deleted is beyond it."""
    point = backed_up(stage)
    hold_id = stage.call("CreateLegalHold", Title="t", Description="d")["LegalHoldId"]
    stage.clock.advance(seconds=58)
    delete(stage, point)
    stage.clock.advance(seconds=4)
    assert status(stage, hold_id) == "ACTIVE"
    assert held(stage, hold_id) == set()


def test_expiry_waits_for_the_last_hold_and_then_comes_within_a_day(stage):
    """Two holds on one point: letting one go changes nothing, letting the other go ends it within 24 hours."""
    point = backed_up(stage, Lifecycle={"DeleteAfterDays": 5})
    first, second = hold(stage), hold(stage)
    stage.clock.advance(days=20)
    cancel(stage, first)
    stage.clock.advance(days=3)
    assert stage.point(point)["Status"] == "COMPLETED"
    cancel(stage, second)
    stage.clock.advance(hours=24)
    assert stage.points() == []


def test_a_hold_that_goes_early_leaves_expiry_at_its_time(stage):
    """Only what was missed is made up for; a retention that still runs is not cut short."""
    point = backed_up(stage, Lifecycle={"DeleteAfterDays": 30})
    hold_id = hold(stage)
    cancel(stage, hold_id)
    stage.clock.advance(days=29)
    assert stage.point(point)["Status"] == "COMPLETED"
    stage.clock.advance(days=2)
    assert stage.points() == []


def test_cold_storage_waits_for_the_hold(stage):
    """A held point stays WARM, and is COLD within 24 hours after the hold."""
    lifecycle = {"MoveToColdStorageAfterDays": 5, "DeleteAfterDays": 365}
    point = backed_up(stage, Lifecycle=lifecycle)
    hold_id = hold(stage)
    stage.clock.advance(days=20)
    assert stage.point(point)["StorageClass"] == "WARM"
    cancel(stage, hold_id)
    stage.clock.advance(hours=24)
    assert stage.point(point)["StorageClass"] == "COLD"


def test_vaults_resources_and_types_select(stage):
    """A hold takes the points of its vaults, or of its resources or their types, and no others."""
    stage.call("CreateBackupVault", BackupVaultName="other")
    orders, ledger = backed_up(stage), backed_up(stage, LEDGER, BackupVaultName="other")
    for selection, expected in (
        ({"VaultNames": ["prod"]}, {orders}),
        ({"VaultNames": ["prod", "other", "absent"]}, {orders, ledger}),
        ({"ResourceIdentifiers": [LEDGER]}, {ledger}),
        ({"ResourceIdentifiers": ["DynamoDB"]}, {orders, ledger}),
        ({"ResourceIdentifiers": ["EBS"]}, set()),
        ({"VaultNames": ["prod"], "ResourceIdentifiers": [LEDGER]}, set()),
        (None, {orders, ledger}),
    ):
        chosen = {} if selection is None else {"RecoveryPointSelection": selection}
        assert held(stage, hold(stage, **chosen)) == expected


def test_both_ends_of_a_date_range_are_in_it(stage):
    """A point that was made at the very first or last moment of the range is held; a millisecond beside it is not."""
    point = backed_up(stage)
    [made] = [
        each.created for each in stage.service.simulation.scope("123456789012", REGION).vaults["prod"].points.values()
    ]
    tick = timedelta(milliseconds=1)
    stage.clock.advance(days=1)
    for first, last, inside in (
        (made, made, True),
        (made - day(1), made - tick, False),
        (made + tick, made + day(1), False),
    ):
        dates = {"FromDate": first, "ToDate": last}
        assert held(stage, hold(stage, RecoveryPointSelection={"DateRange": dates})) == ({point} if inside else set())


def test_a_range_that_ends_in_the_future_or_before_it_begins_is_refused(stage):
    """AWS permits no future dates in a hold."""
    for first, last in ((START, START + day(1)), (START, START - day(1))):
        selection = {"DateRange": {"FromDate": first, "ToDate": last}}
        code = refused(stage, "CreateLegalHold", Title="t", Description="d", RecoveryPointSelection=selection)
        assert code == "InvalidParameterValueException"


def test_continuous_and_expired_points_are_never_held(stage):
    """A continuous point and one whose role is gone stay outside of a hold on everything."""
    bucket = "arn:aws:s3:::photos"
    stage.world.add(bucket)
    backed_up(stage, Lifecycle={"DeleteAfterDays": 1})
    rule = {"RuleName": "r", "ScheduleExpression": "cron(0 5 ? * * *)", "EnableContinuousBackup": True}
    stage.plan({**rule, "Lifecycle": {"DeleteAfterDays": 30}}, Resources=[bucket])
    stage.service.faults.deny("arn:aws:iam::123456789012:role/backup")
    stage.clock.advance(hours=1)
    stage.service.faults.admit("arn:aws:iam::123456789012:role/backup")
    stage.clock.advance(days=0.9)
    stage.service.faults.deny("arn:aws:iam::123456789012:role/backup")
    stage.clock.advance(days=1)
    assert {point["Status"] for point in stage.points()} == {"AVAILABLE", "EXPIRED"}
    assert held(stage, hold(stage)) == set()


def test_a_hold_is_not_carried_to_copies(stage):
    """The copy of a held point can be deleted."""
    stage.call("CreateBackupVault", BackupVaultName="copies")
    point = backed_up(stage)
    hold_id = hold(stage)
    asked = {"RecoveryPointArn": point, "SourceBackupVaultName": "prod"}
    role = "arn:aws:iam::123456789012:role/backup"
    stage.call("StartCopyJob", **asked, DestinationBackupVaultArn=vault_arn("copies"), IamRoleArn=role)
    stage.clock.advance(hours=1)
    [copy] = stage.points("copies")
    assert held(stage, hold_id) == {point}
    stage.call("DeleteRecoveryPoint", BackupVaultName="copies", RecoveryPointArn=copy["RecoveryPointArn"])


@pytest.mark.parametrize("later", [False, True])
def test_points_made_after_the_hold_join_it_only_by_choice(later):
    """No source says which; `legal_holds_take_later_points` decides."""
    stage = Stage(choices=Choices(legal_holds_take_later_points=later))
    hold_id = hold(stage)
    point = backed_up(stage)
    assert held(stage, hold_id) == ({point} if later else set())


def test_points_made_while_the_hold_is_created_are_later_points():
    """It is the moment of the call that counts, not the one at which the hold becomes active."""
    stage = Stage(choices=Choices(legal_hold_change_seconds=86_400))
    before = backed_up(stage)
    hold_id = hold(stage)
    backed_up(stage, LEDGER)
    stage.clock.advance(days=2)
    assert held(stage, hold_id) == {before}


def test_a_held_point_whose_job_is_stopped_leaves_the_hold():
    """A point that is being made may be held; when its job is stopped there is no point, and the hold lists none."""
    stage = Stage()
    volume = "arn:aws:ec2:us-east-1:123456789012:volume/vol-0f1e2d3c4b5a69788"
    stage.world.add(volume, size_bytes=10**13)
    job_id = stage.start(volume)
    while stage.job(job_id)["State"] == "CREATED":
        stage.clock.advance(minutes=1)
    hold_id = hold(stage)
    assert len(held(stage, hold_id)) == 1
    stage.call("StopBackupJob", BackupJobId=job_id)
    stage.clock.advance(minutes=1)
    assert held(stage, hold_id) == set()
    cancel(stage, hold_id)


def test_an_account_has_at_most_fifty_open_holds(stage):
    """The 51st is refused, in any Region, until one is canceled."""
    first = hold(stage)
    for _ in range(49):
        stage.call("CreateLegalHold", Title="t", Description="d")
    assert refused(stage, "CreateLegalHold", Title="t", Description="d") == "LimitExceededException"
    cancel(stage, first)
    stage.call("CreateLegalHold", Title="t", Description="d")


def test_one_idempotency_token_makes_one_hold(stage):
    """A repeated call answers the first hold; without a token there are two."""
    asked = {"Title": "t", "Description": "d"}
    one, same = (stage.call("CreateLegalHold", **asked, IdempotencyToken="once")["LegalHoldId"] for _ in range(2))
    assert one == same
    stage.call("CreateLegalHold", **asked)
    stage.call("CreateLegalHold", **asked)
    assert len(stage.every("ListLegalHolds", "LegalHolds", MaxResults=2)) == 3


def test_cancelling_needs_its_reason_and_an_active_hold(stage):
    """Without CancelDescription nothing is sent; in any state but ACTIVE, and for no hold at all, AWS refuses."""
    hold_id = stage.call("CreateLegalHold", Title="t", Description="d")["LegalHoldId"]
    asked = {"LegalHoldId": hold_id, "CancelDescription": "closed"}
    with pytest.raises(errors.InvalidValueError, match="CancelDescription"):
        stage.call("CancelLegalHold", LegalHoldId=hold_id)
    assert refused(stage, "CancelLegalHold", **asked) == "InvalidResourceStateException"
    stage.clock.advance(minutes=2)
    for wrong in ({"CancelDescription": "x" * 281}, {"RetainRecordInDays": -1}, {"RetainRecordInDays": 10**12}):
        assert refused(stage, "CancelLegalHold", **{**asked, **wrong}) == "InvalidParameterValueException"
    stage.call("CancelLegalHold", **asked)
    assert refused(stage, "CancelLegalHold", **asked) == "InvalidResourceStateException"
    assert refused(stage, "CancelLegalHold", **{**asked, "LegalHoldId": "none"}) == "ResourceNotFoundException"


def test_a_hold_that_is_not_there_has_no_points(stage):
    """The list of its points is refused as the model has it: for this operation as a wrong value."""
    assert refused(stage, "GetLegalHold", LegalHoldId="none") == "ResourceNotFoundException"
    assert refused(stage, "ListRecoveryPointsByLegalHold", LegalHoldId="none") == "InvalidParameterValueException"


@pytest.mark.parametrize("days", [None, 7])
def test_the_record_of_a_canceled_hold_is_kept_180_days_or_as_told(stage, days):
    """RetainRecordUntil tells until when, and then the hold is no more found."""
    hold_id = hold(stage)
    cancel(stage, hold_id, **({} if days is None else {"RetainRecordInDays": days}))
    told = stage.call("GetLegalHold", LegalHoldId=hold_id)
    assert told["RetainRecordUntil"] - told["CancellationDate"] == (days or 180) * 86_400
    assert told["CancelDescription"] == "closed"
    stage.clock.advance(days=(days or 180), seconds=-1)
    assert status(stage, hold_id) == "CANCELED"
    stage.clock.advance(seconds=2)
    assert refused(stage, "GetLegalHold", LegalHoldId=hold_id) == "ResourceNotFoundException"


def test_the_token_of_a_hold_whose_record_is_gone_makes_another(stage):
    """A repeated request answers a hold as long as its record is kept, and no longer."""
    asked = {"IdempotencyToken": "once"}
    first = hold(stage, **asked)
    cancel(stage, first, RetainRecordInDays=1)
    assert hold(stage, **asked) == first
    stage.clock.advance(days=1)
    assert hold(stage, **asked) != first


def test_a_hold_has_tags(stage):
    """The tags of its creation are listed under its ARN, and can be changed."""
    made = stage.call("CreateLegalHold", Title="t", Description="d", Tags={"Case": "7"})
    stage.call("TagResource", ResourceArn=made["LegalHoldArn"], Tags={"Team": "legal"})
    assert stage.call("ListTags", ResourceArn=made["LegalHoldArn"])["Tags"] == {"Case": "7", "Team": "legal"}


def test_a_snapshot_keeps_the_holds(stage):
    """After going back, a held point is held still, and letting go works."""
    point = backed_up(stage, Lifecycle={"DeleteAfterDays": 1})
    hold_id = hold(stage)
    stage.clock.advance(days=5)
    before = stage.service.save_state()
    cancel(stage, hold_id)
    stage.service.load_state(before)
    assert held(stage, hold_id) == {point}
    cancel(stage, hold_id)
    stage.clock.advance(hours=24)
    assert stage.points() == []
