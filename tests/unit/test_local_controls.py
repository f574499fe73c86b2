"""Audit Manager's controls in the local AWS Backup: what is in scope, and when it is evaluated."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from audit_stage import (
    DAILY,
    FAR,
    FREQUENT,
    LEDGER,
    LOCKED,
    ORDERS,
    PROTECTED,
    QUEUE,
    RECENT,
    RESTORED,
    STREAM,
    VOLUME,
    asked,
    found,
    framework,
    results,
    tables,
)
from local_stage import REGION, START, Stage, any_tag, table_arn

from backupkit.emulator.kernel.behavior import Choices
from backupkit.emulator.kernel.resource_protocol import ResourceInfo
from backupkit.emulator.resources.session import SessionWorld, private_moto_session
from backupkit.emulator.resources.synthetic import SyntheticWorld
from backupkit.emulator.resources.worlds import Worlds


@pytest.fixture
def stage():
    return Stage()


# Scopes


def test_a_scope_of_types_leaves_out_the_others(stage):
    """Only resources of the named types are evaluated."""
    tables(stage)
    stage.world.add(VOLUME)
    stage.world.add(QUEUE)
    assert set(asked(stage, PROTECTED)) == {ORDERS, LEDGER, VOLUME, QUEUE}
    assert set(asked(stage, PROTECTED, {"ComplianceResourceTypes": ["EBS", "RDS"]})) == {VOLUME, QUEUE}
    assert set(asked(stage, PROTECTED, {"ComplianceResourceTypes": ["S3"]})) == set()


def test_a_scope_of_one_tag_leaves_out_what_lacks_it(stage):
    """Key and value must be there; an empty value takes any, and by choice only the empty one."""
    tables(stage)
    stage.world.tag(LEDGER, Stage="test")
    stage.world.add(VOLUME)
    assert set(asked(stage, PROTECTED, {"Tags": {"Stage": "prod"}})) == {ORDERS}
    assert set(asked(stage, PROTECTED, {"Tags": {"Stage": ""}})) == {ORDERS, LEDGER}
    strict = Stage(choices=Choices(empty_scope_tag_takes_any_value=False))
    tables(strict)
    assert set(asked(strict, PROTECTED, {"Tags": {"Stage": ""}})) == set()


def test_a_scope_of_one_resource_leaves_out_all_others(stage):
    """A single resource is named by its id, or by its ARN; what is not there has no finding."""
    tables(stage)
    stage.world.add(VOLUME)
    single = {"ComplianceResourceTypes": ["EBS"], "ComplianceResourceIds": ["vol-0123456789abcdef0"]}
    assert set(asked(stage, PROTECTED, single)) == {VOLUME}
    assert set(asked(stage, PROTECTED, {**single, "ComplianceResourceIds": [VOLUME]})) == {VOLUME}
    assert set(asked(stage, PROTECTED, {**single, "ComplianceResourceIds": ["vol-absent"]})) == set()
    table = {"ComplianceResourceTypes": ["DynamoDB"], "ComplianceResourceIds": ["orders"]}
    assert set(asked(stage, PROTECTED, table)) == {ORDERS}


def test_types_and_a_tag_must_both_fit_where_they_may_combine():
    """By choice a scope may be types and a tag: what has one of them alone is left out."""
    stage = Stage(choices=Choices(control_scopes_combine=True))
    tables(stage)
    stage.world.add(VOLUME, tags={"Stage": "prod"})
    assert set(asked(stage, PROTECTED, {"ComplianceResourceTypes": ["EBS"], "Tags": {"Stage": "prod"}})) == {VOLUME}


def test_types_that_audit_manager_does_not_support_are_not_evaluated(stage):
    """Timestream is not in the guide's column for Audit Manager; a choice evaluates every type."""
    stage.world.add(STREAM)
    assert asked(stage, PROTECTED) == {}
    generous = Stage(choices=Choices(controls_cover_every_type=True))
    generous.world.add(STREAM)
    assert asked(generous, PROTECTED) == {STREAM: False}


def test_what_is_in_another_account_or_region_is_not_evaluated(stage):
    """A framework sees the resources of its own account and Region alone."""
    tables(stage)
    stage.world.add(table_arn("far", FAR))
    assert set(asked(stage, PROTECTED)) == {ORDERS, LEDGER}


def test_whether_restore_tests_count_as_resources_is_a_choice():
    """What a restore test made is a resource like others, and by choice is left out."""
    tested = table_arn("awsbackup-restore-test-1")
    for sees in (True, False):
        stage = Stage(choices=Choices(controls_see_restore_tests=sees))
        stage.world.add(tested)
        assert asked(stage, PROTECTED) == ({tested: False} if sees else {})


# When


def test_daily_controls_are_evaluated_every_24_hours_and_not_between(stage):
    """What a daily control found stays until the next evaluation, 24 hours after the one before."""
    stage.world.add(ORDERS)
    framework(stage, PROTECTED)
    assert found(stage) == {ORDERS: False}
    stage.plan(DAILY, Resources=["*"])
    stage.world.add(LEDGER)
    stage.clock.advance(hours=23, minutes=59)
    assert found(stage) == {ORDERS: False}
    stage.clock.advance(minutes=1)
    assert found(stage) == {ORDERS: True, LEDGER: True}
    (result,) = results(stage)
    assert result.daily
    assert result.evaluated == START + timedelta(days=1, minutes=1)


def test_controls_on_change_are_evaluated_at_once(stage):
    """What a change made of a plan is found without waiting."""
    stage.plan({**DAILY, "Lifecycle": {"DeleteAfterDays": 7}})
    framework(stage, FREQUENT)
    assert set(found(stage).values()) == {False}
    stage.plan({**DAILY, "RuleName": "long"})
    assert sorted(map(bool, found(stage).values())) == [False, True]
    (result,) = results(stage)
    assert not result.daily
    assert result.evaluated == stage.clock.now()


def test_a_framework_in_deployment_finds_nothing(stage):
    """Nothing is found before the deployment of a framework, of its update and of its deletion is done."""
    stage.world.add(ORDERS)
    stage.call("CreateFramework", FrameworkName="f", FrameworkControls=[{"ControlName": PROTECTED}])
    assert found(stage) == {}
    stage.clock.advance(minutes=1)
    assert found(stage) == {ORDERS: False}
    stage.call("UpdateFramework", FrameworkName="f", FrameworkControls=[{"ControlName": RECENT}])
    assert found(stage) == {}
    stage.clock.advance(minutes=1)
    assert found(stage) == {ORDERS: False}
    assert results(stage)[0].name == RECENT
    stage.call("DeleteFramework", FrameworkName="f")
    assert found(stage) == {}


def test_an_update_starts_the_24_hours_anew(stage):
    """After an update daily controls are evaluated when it is deployed, and 24 hours later; the old rhythm is gone."""
    stage.world.add(ORDERS)
    framework(stage, PROTECTED)
    stage.clock.advance(hours=12)
    stage.call("UpdateFramework", FrameworkName="f", FrameworkDescription="new")
    stage.clock.advance(minutes=1)
    stage.plan(DAILY, Resources=["*"])
    stage.clock.advance(hours=23)
    assert found(stage) == {ORDERS: False}
    stage.clock.advance(hours=1)
    assert found(stage) == {ORDERS: True}


def test_a_deleted_framework_leaves_nothing_to_do(stage):
    """Once a framework is gone its evaluations are, too, and the name starts afresh."""
    stage.world.add(ORDERS)
    waiting = len(stage.service.simulation.agenda)
    framework(stage, PROTECTED)
    assert len(stage.service.simulation.agenda) == waiting + 1
    stage.call("DeleteFramework", FrameworkName="f")
    stage.clock.advance(days=2)
    assert len(stage.service.simulation.agenda) == waiting
    framework(stage, RECENT)
    assert found(stage) == {ORDERS: False}


def test_nothing_is_found_where_nothing_records():
    """A framework that is INACTIVE, as where AWS Config does not record, finds nothing and says so."""
    stage = Stage(choices=Choices(framework_status="INACTIVE"))
    tables(stage)
    framework(stage, PROTECTED)
    assert found(stage) == {}
    assert stage.call("DescribeFramework", FrameworkName="f")["FrameworkStatus"] == "INACTIVE"


def test_what_was_found_outlives_a_snapshot(stage):
    """Findings and the rhythm of evaluations come back with a snapshot."""
    tables(stage)
    framework(stage, PROTECTED)
    before = found(stage)
    saved = stage.service.save_state()
    stage.plan(DAILY, Resources=["*"])
    stage.clock.advance(days=1)
    after = found(stage)
    stage.service.load_state(saved)
    assert found(stage) == before != after
    stage.plan(DAILY, Resources=["*"])
    stage.clock.advance(days=1)
    assert found(stage) == after


def test_a_result_sums_up_its_findings(stage):
    """A control is compliant where all that was judged is; with nothing judged it is neither."""
    tables(stage)
    framework(stage, PROTECTED)
    assert results(stage)[0].compliant is False
    stage.plan(DAILY, Resources=["*"])
    stage.clock.advance(days=1)
    assert results(stage)[0].compliant is True
    framework(stage, RESTORED, framework_name="restores", maxRestoreTime="60")
    (result,) = results(stage, "restores")
    assert result.compliant is None
    assert result.parameters == {"maxRestoreTime": "60"}


def test_a_result_has_the_defaults_of_its_parameters(stage):
    """Parameters that were not given are shown with their defaults, and Describe still shows none."""
    framework(stage, FREQUENT, requiredRetentionDays="7")
    (result,) = results(stage)
    assert result.parameters == {
        "requiredFrequencyUnit": "days",
        "requiredFrequencyValue": "1",
        "requiredRetentionDays": "7",
    }


class Counting:
    """A world of one table that counts how often its resources are listed."""

    def __init__(self) -> None:
        self.inner, self.listings = SyntheticWorld(), 0
        self.inner.add(ORDERS)

    def resources(self, account_id: str, region_name: str) -> Iterable[ResourceInfo]:
        self.listings += 1
        return self.inner.resources(account_id, region_name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


def test_one_evaluation_lists_the_world_once():
    """However many plans and controls there are, what is behind a session is listed once for an evaluation."""
    world = Counting()
    stage = Stage(world)
    for number in range(5):
        stage.plan({**DAILY, "RuleName": f"r{number}"}, Resources=["*"])
    controls = [{"ControlName": name} for name in (PROTECTED, LOCKED, RECENT)]
    stage.call("CreateFramework", FrameworkName="f", FrameworkControls=controls)
    world.listings = 0
    stage.clock.advance(minutes=1)
    assert world.listings == 1
    assert [result.compliant for result in results(stage)] == [True, False, False]


@pytest.mark.slow
def test_resources_behind_a_session_are_evaluated_as_they_are():
    """A table of moto's is in scope by its own tags, and compliant once the plan's schedule has backed it up."""
    session = private_moto_session(REGION)
    name = f"audited-{os.getpid()}"
    session.client("dynamodb").create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=[{"Key": "Audited", "Value": name}],
    )
    stage = Stage(Worlds(SessionWorld(session)))
    stage.plan(DAILY, **any_tag("Audited", name))
    framework(stage, RECENT, {"Tags": {"Audited": name}})
    assert found(stage) == {table_arn(name): False}
    stage.clock.advance(days=1)
    assert found(stage) == {table_arn(name): True}
