"""Audit Manager's controls on how resources are backed up: by plans, with copies, into locked vaults."""

from __future__ import annotations

from datetime import timedelta

import pytest
from audit_stage import (
    ACCOUNT_COPIES,
    DAILY,
    FAR,
    LEDGER,
    LOCKED,
    ORDERS,
    OTHER,
    PROTECTED,
    REGION_COPIES,
    asked,
    copying,
    framework,
    gapped_vault,
    results,
    tables,
    vault,
)
from local_stage import ACCOUNT, REGION, START, Stage, any_tag

from backupkit.emulator.kernel.behavior import Choices


@pytest.fixture
def stage():
    return Stage()


# In a plan


def test_a_resource_that_a_plan_selects_is_protected(stage):
    """A resource in a plan's selection is compliant, another one is not, and a plan's selection may be by tag."""
    tables(stage)
    stage.plan(DAILY, **any_tag("Backup", "daily"))
    assert asked(stage, PROTECTED) == {ORDERS: True, LEDGER: False}


def test_a_type_that_is_not_opted_in_is_not_protected(stage):
    """A plan does not back up types that the Region's settings leave out, and so does not protect them."""
    tables(stage)
    stage.plan(DAILY, Resources=["*"])
    assert asked(stage, PROTECTED) == {ORDERS: True, LEDGER: True}
    stage.call("UpdateRegionSettings", ResourceTypeOptInPreference={"DynamoDB": False})
    assert asked(stage, PROTECTED) == {ORDERS: False, LEDGER: False}


def test_a_deleted_selection_protects_no_longer(stage):
    """Once its selection is deleted a resource is in no plan."""
    tables(stage)
    plan = stage.plan(DAILY, Resources=[ORDERS])
    (selection,) = stage.every("ListBackupSelections", "BackupSelectionsList", BackupPlanId=plan)
    stage.call("DeleteBackupSelection", BackupPlanId=plan, SelectionId=selection["SelectionId"])
    assert asked(stage, PROTECTED) == {ORDERS: False, LEDGER: False}
    stage.call("DeleteBackupPlan", BackupPlanId=plan)
    assert asked(stage, PROTECTED) == {ORDERS: False, LEDGER: False}


def test_findings_name_what_was_found_and_when(stage):
    """A finding has the resource's type, a sentence that says why, and the moment of the evaluation."""
    tables(stage)
    stage.plan(DAILY, Resources=[ORDERS])
    framework(stage, PROTECTED)
    ((ledger, orders),) = (result.findings for result in results(stage))
    assert (orders.resource_arn, orders.resource_type) == (ORDERS, "DynamoDB")
    assert (orders.reason, ledger.reason) == ("Backup plan plan includes it", "No backup plan includes it")
    assert orders.evaluated == ledger.evaluated == START + timedelta(minutes=1)


# Copies


def test_a_copy_to_another_region_must_be_scheduled(stage):
    """A rule that copies to another Region is enough; one that copies within the Region is not."""
    tables(stage)
    near, far = vault(stage, "near"), vault(stage, "far", region=FAR)
    stage.plan(copying(near), Resources=[LEDGER])
    assert asked(stage, REGION_COPIES) == {ORDERS: False, LEDGER: False}
    stage.plan({**copying(far), "RuleName": "far"}, Resources=[ORDERS])
    assert asked(stage, REGION_COPIES) == {ORDERS: True, LEDGER: False}


def test_copies_must_go_to_every_named_region(stage):
    """Where the control names Regions, all of them are asked; by choice one of them is enough."""
    for every in (True, False):
        stage = Stage(choices=Choices(copy_controls_need_every_destination=every))
        stage.world.add(ORDERS)
        stage.plan(copying(vault(stage, "far", region=FAR)), Resources=["*"])
        assert asked(stage, REGION_COPIES, crossRegionList=FAR) == {ORDERS: True}
        assert asked(stage, REGION_COPIES, crossRegionList="us-west-2") == {ORDERS: False}
        assert asked(stage, REGION_COPIES, crossRegionList=f"us-west-2, {FAR}") == {ORDERS: not every}


def test_regions_of_all_plans_of_a_resource_count(stage):
    """Two plans that copy to one Region each satisfy a control that names both."""
    stage.world.add(ORDERS)
    for region in (FAR, "us-west-2"):
        stage.plan({**copying(vault(stage, "far", region=region)), "RuleName": region}, Resources=["*"])
    assert asked(stage, REGION_COPIES, crossRegionList=f"us-west-2,{FAR}") == {ORDERS: True}


def test_a_copy_to_another_account_must_be_scheduled(stage):
    """A copy to another account is asked, to a named one where accounts are named; another Region is none."""
    tables(stage)
    stage.plan(copying(vault(stage, "other", account=OTHER)), Resources=[ORDERS])
    stage.plan({**copying(vault(stage, "far", region=FAR)), "RuleName": "far"}, Resources=[LEDGER])
    assert asked(stage, ACCOUNT_COPIES) == {ORDERS: True, LEDGER: False}
    assert asked(stage, ACCOUNT_COPIES, crossAccountList=OTHER) == {ORDERS: True, LEDGER: False}
    assert asked(stage, ACCOUNT_COPIES, crossAccountList="222222222222") == {ORDERS: False, LEDGER: False}


def test_types_that_cannot_be_copied_are_not_evaluated_for_copies():
    """A Redshift cluster, whose points cannot be copied, has no finding there, though others are all evaluated."""
    stage = Stage(choices=Choices(controls_cover_every_type=True))
    cluster = f"arn:aws:redshift:{REGION}:{ACCOUNT}:cluster:warehouse"
    stage.world.add(cluster)
    assert asked(stage, PROTECTED) == {cluster: False}
    assert asked(stage, REGION_COPIES) == asked(stage, ACCOUNT_COPIES) == {}


# Locks


def lock(stage: Stage, name: str = "prod", **more: int) -> None:
    stage.call("PutBackupVaultLockConfiguration", BackupVaultName=name, **more)


def test_backups_must_go_to_a_locked_vault(stage):
    """Any lock is enough, governance or compliance, also in its grace time; without one a resource is not compliant."""
    tables(stage)
    stage.plan(DAILY, Resources=[ORDERS])
    assert asked(stage, LOCKED) == {ORDERS: False, LEDGER: False}
    lock(stage, MinRetentionDays=7)
    assert asked(stage, LOCKED) == {ORDERS: True, LEDGER: False}
    lock(stage, MinRetentionDays=7, ChangeableForDays=3)
    assert asked(stage, LOCKED) == {ORDERS: True, LEDGER: False}
    stage.clock.advance(days=4)
    assert asked(stage, LOCKED) == {ORDERS: True, LEDGER: False}


def test_a_lock_must_be_as_strict_as_asked(stage):
    """The lock's minimum must not be below, and its maximum not above, what the control asks."""
    stage.world.add(ORDERS)
    stage.plan(DAILY, Resources=["*"])
    lock(stage, MinRetentionDays=7, MaxRetentionDays=100)
    assert asked(stage, LOCKED, minRetentionDays="7", maxRetentionDays="100") == {ORDERS: True}
    assert asked(stage, LOCKED, minRetentionDays="8") == {ORDERS: False}
    assert asked(stage, LOCKED, maxRetentionDays="99") == {ORDERS: False}
    lock(stage, MinRetentionDays=7)
    assert asked(stage, LOCKED, maxRetentionDays="36500") == {ORDERS: False}


def test_whether_copies_into_a_locked_vault_count_is_a_choice():
    """By default the vault that is backed up into must be locked; by choice one that is copied to is enough."""
    for counts in (False, True):
        stage = Stage(choices=Choices(lock_control_counts_copies=counts))
        stage.world.add(ORDERS)
        stage.plan(copying(gapped_vault(stage)), Resources=["*"])
        assert asked(stage, LOCKED) == {ORDERS: counts}


def test_backups_straight_into_an_air_gapped_vault_are_locked(stage):
    """A rule that targets an air-gapped vault backs up into a locked one: those are born locked."""
    stage.world.add(ORDERS)
    stage.plan({**DAILY, "TargetLogicallyAirGappedBackupVaultArn": gapped_vault(stage)}, Resources=["*"])
    assert asked(stage, LOCKED, minRetentionDays="7", maxRetentionDays="60") == {ORDERS: True}
    assert asked(stage, LOCKED, minRetentionDays="8") == {ORDERS: False}
