"""Audit Manager's controls on recovery points and on restores."""

from __future__ import annotations

from datetime import timedelta

import pytest
from audit_stage import (
    DAILY,
    ENCRYPTED,
    FAR,
    GAPPED,
    KEPT,
    LEDGER,
    ORDERS,
    QUEUE,
    RECENT,
    RESTORED,
    asked,
    copy_of,
    found,
    framework,
    gapped_vault,
    tables,
    vault,
)
from local_stage import ACCOUNT, REGION, ROLE, START, Stage, table_arn, vault_arn

from backupkit.emulator.kernel.behavior import Choices


@pytest.fixture
def stage():
    return Stage()


# Recovery points


def test_points_must_be_kept_long_enough(stage):
    """A point's own retention decides, also after it was changed; without an end it is long enough."""
    tables(stage)
    long, short, ever = (
        stage.back_up(ORDERS, **({"Lifecycle": {"DeleteAfterDays": days}} if days else {}))["RecoveryPointArn"]
        for days in (35, 34, None)
    )
    framework(stage, KEPT)
    assert found(stage) == {long: True, short: False, ever: True}
    lifecycle = {"DeleteAfterDays": 35}
    stage.call("UpdateRecoveryPointLifecycle", BackupVaultName="prod", RecoveryPointArn=short, Lifecycle=lifecycle)
    assert found(stage) == {long: True, short: True, ever: True}
    assert set(asked(stage, KEPT, requiredRetentionDays="36").values()) == {True, False}


def test_points_that_are_gone_or_going_are_not_evaluated(stage):
    """A point counts neither while it is being deleted nor after it."""
    tables(stage)
    point = stage.back_up(ORDERS)["RecoveryPointArn"]
    framework(stage, ENCRYPTED)
    assert found(stage) == {point: True}
    stage.call("DeleteRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=point)
    assert found(stage) == {}
    stage.clock.advance(hours=1)
    assert found(stage) == {}


def test_unencrypted_points_are_not_compliant(stage):
    """A point that is not encrypted is found; copies and points of all vaults are evaluated."""
    tables(stage)
    vault(stage, "second")
    bare = stage.back_up(ORDERS)["RecoveryPointArn"]
    sound = stage.back_up(ORDERS, BackupVaultName="second")["RecoveryPointArn"]
    # No operation makes a point that is not encrypted.
    stage.service.simulation.scope(ACCOUNT, REGION).vaults["prod"].points[bare].encrypted = False
    assert asked(stage, ENCRYPTED) == {bare: False, sound: True}


def test_points_are_scoped_by_their_tags(stage):
    """A point has its resource's tags and its rule's, and those decide whether it is in scope."""
    tables(stage)
    tagged = stage.back_up(ORDERS)["RecoveryPointArn"]
    stage.back_up(LEDGER)
    own = stage.back_up(LEDGER, RecoveryPointTags={"Stage": "prod"})["RecoveryPointArn"]
    assert asked(stage, KEPT, {"Tags": {"Stage": "prod"}}) == {tagged: True, own: True}


# Recent points


def test_a_recent_point_is_one_that_the_schedule_made(stage):
    """A resource with a point of the last day is compliant, another one is not; the plan's own schedule keeps it so."""
    tables(stage)
    stage.plan(DAILY, Resources=[ORDERS])
    framework(stage, RECENT)
    assert found(stage) == {ORDERS: False, LEDGER: False}
    stage.clock.advance(days=1)
    assert found(stage) == {ORDERS: True, LEDGER: False}
    stage.clock.advance(days=30)
    assert found(stage) == {ORDERS: True, LEDGER: False}


def test_a_resource_whose_backups_stop_loses_its_compliance(stage):
    """When backups can no longer be made, the last one is too old a day later."""
    stage.world.add(ORDERS)
    stage.plan(DAILY, Resources=["*"])
    framework(stage, RECENT)
    stage.clock.advance(days=3)
    assert found(stage) == {ORDERS: True}
    stage.service.faults.block_backups(ORDERS)
    stage.clock.advance(days=2)
    assert found(stage) == {ORDERS: False}
    stage.service.faults.release(ORDERS)
    stage.clock.advance(days=2)
    assert found(stage) == {ORDERS: True}


def test_the_age_of_a_point_is_asked_in_hours_or_days(stage):
    """A point is recent to the very hour, and from then on no longer."""
    stage.world.add(ORDERS)
    stage.back_up(ORDERS)
    stage.clock.until(START + timedelta(hours=50))
    for unit, value, recent in (("hours", 50, False), ("hours", 51, True), ("days", 2, False), ("days", 3, True)):
        age = {"recoveryPointAgeUnit": unit, "recoveryPointAgeValue": str(value)}
        stage.clock.advance(minutes=10)
        assert asked(stage, RECENT, **age) == {ORDERS: recent}, (unit, value)


def test_a_continuous_point_is_as_recent_as_its_last_update(stage):
    """A continuous point that follows its resource stays recent, though it was first made long ago."""
    bucket = "arn:aws:s3:::photos"
    stage.world.add(bucket, account_id=ACCOUNT, region_name=REGION)
    stage.plan({**DAILY, "EnableContinuousBackup": True}, Resources=[bucket])
    framework(stage, RECENT)
    stage.clock.advance(days=20)
    assert len(stage.points()) == 1
    assert found(stage) == {bucket: True}


@pytest.mark.slow
def test_copies_in_other_regions_do_not_count_here(stage):
    """A resource whose only point here is deleted has no recent point, whatever lies in other Regions."""
    stage.world.add(ORDERS)
    point = stage.back_up(ORDERS)["RecoveryPointArn"]
    far = vault(stage, "far", region=FAR)
    copy_of(stage, point, far)
    stage.call("DeleteRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=point)
    assert asked(stage, RECENT) == {ORDERS: False}


# Air-gapped vaults


def test_a_copy_in_an_air_gapped_vault_is_asked(stage):
    """A point elsewhere is not enough; a copy in an air-gapped vault is, as long as it is not too old."""
    tables(stage)
    gapped = gapped_vault(stage)
    orders = stage.back_up(ORDERS)["RecoveryPointArn"]
    stage.back_up(LEDGER)
    copy_of(stage, orders, gapped)
    framework(stage, GAPPED, recoveryPointAgeValue="7")
    assert found(stage) == {ORDERS: True, LEDGER: False}
    stage.clock.advance(days=6)
    assert found(stage) == {ORDERS: True, LEDGER: False}
    stage.clock.advance(days=2)
    assert found(stage) == {ORDERS: False, LEDGER: False}


def test_a_copy_counts_from_when_it_was_made(stage):
    """An old point that was copied today is in the air-gapped vault since today."""
    stage.world.add(ORDERS)
    gapped = gapped_vault(stage)
    point = stage.back_up(ORDERS)["RecoveryPointArn"]
    stage.clock.advance(days=20)
    copy_of(stage, point, gapped)
    assert asked(stage, GAPPED) == {ORDERS: True}


def test_types_that_air_gapped_vaults_do_not_take_are_not_evaluated(stage):
    """RDS instances cannot be copied there, and so have no finding."""
    tables(stage)
    stage.world.add(QUEUE)
    assert set(asked(stage, GAPPED)) == {ORDERS, LEDGER}


def test_whether_air_gapped_vaults_elsewhere_count_is_a_choice():
    """By default only air-gapped vaults of this account and Region count; by choice all of the world."""
    for sees in (False, True):
        stage = Stage(choices=Choices(air_gap_control_sees_other_places=sees))
        stage.world.add(ORDERS)
        far = stage.service.in_region(FAR)
        far.call(
            "CreateLogicallyAirGappedBackupVault",
            {"BackupVaultName": "gapped", "MinRetentionDays": 7, "MaxRetentionDays": 60},
        )
        stage.clock.advance(minutes=5)
        copy_of(stage, stage.back_up(ORDERS)["RecoveryPointArn"], vault_arn("gapped", FAR))
        assert asked(stage, GAPPED) == {ORDERS: sees}


# Restores


def test_the_latest_restore_must_be_quick_enough(stage):
    """Exactly the target is quick enough; a resource that was never restored is not judged."""
    stage.world.add(ORDERS, size_bytes=2_000_000_000_000)
    stage.world.add(LEDGER)
    point = stage.back_up(ORDERS)["RecoveryPointArn"]
    job = stage.restore(point, {"targetTableName": "restored"})
    minutes = int((job["CompletionDate"] - job["CreationDate"]) // 60)
    assert minutes > 1
    restored = table_arn("restored")
    assert asked(stage, RESTORED, maxRestoreTime=str(minutes)) == {ORDERS: True, LEDGER: None, restored: None}
    assert asked(stage, RESTORED, maxRestoreTime=str(minutes - 1)) == {ORDERS: False, LEDGER: None, restored: None}
    shown = stage.call("DescribeProtectedResource", ResourceArn=ORDERS)
    assert shown["LatestRestoreExecutionTimeMinutes"] == minutes


def test_only_the_latest_restore_that_completed_counts(stage):
    """A quick restore after a slow one makes a resource compliant; a failed one changes nothing."""
    stage.world.add(ORDERS, size_bytes=2_000_000_000_000)
    slow = stage.back_up(ORDERS)["RecoveryPointArn"]
    stage.restore(slow, {"targetTableName": "one"})
    only = {"ComplianceResourceTypes": ["DynamoDB"], "ComplianceResourceIds": ["orders"]}
    assert asked(stage, RESTORED, only, maxRestoreTime="5") == {ORDERS: False}
    assert stage.restore(slow, {"targetTableName": "one"})["Status"] == "FAILED"
    assert asked(stage, RESTORED, only, maxRestoreTime="5") == {ORDERS: False}
    stage.world.remove(ORDERS)
    stage.world.add(ORDERS, size_bytes=1_000)
    quick = stage.back_up(ORDERS)["RecoveryPointArn"]
    stage.restore(quick, {"targetTableName": "two"})
    assert asked(stage, RESTORED, only, maxRestoreTime="5") == {ORDERS: True}


def test_restore_tests_count_as_restores(stage):
    """A restore testing plan keeps its resources within their restore time target, without anyone restoring by hand."""
    tables(stage)
    stage.back_up(ORDERS)
    points = {"Algorithm": "LATEST_WITHIN_WINDOW", "IncludeVaults": ["*"], "RecoveryPointTypes": ["SNAPSHOT"]}
    plan = {
        "RestoreTestingPlanName": "tests",
        "ScheduleExpression": "cron(0 12 ? * * *)",
        "StartWindowHours": 1,
        "RecoveryPointSelection": points,
    }
    stage.call("CreateRestoreTestingPlan", RestoreTestingPlan=plan)
    chosen = {
        "RestoreTestingSelectionName": "tables",
        "ProtectedResourceType": "DynamoDB",
        "ProtectedResourceArns": ["*"],
        "IamRoleArn": ROLE,
    }
    stage.call("CreateRestoreTestingSelection", RestoreTestingPlanName="tests", RestoreTestingSelection=chosen)
    framework(stage, RESTORED, {"Tags": {"Backup": "daily"}}, maxRestoreTime="720")
    assert found(stage) == {ORDERS: None}
    stage.clock.advance(days=1)
    assert found(stage) == {ORDERS: True}


def test_whether_a_resource_that_was_never_restored_misses_its_target_is_a_choice():
    """By choice a resource without a restore is not compliant."""
    stage = Stage(choices=Choices(never_restored_misses_target=True))
    stage.world.add(ORDERS)
    assert asked(stage, RESTORED, maxRestoreTime="60") == {ORDERS: False}
