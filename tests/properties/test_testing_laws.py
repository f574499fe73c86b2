"""What `backupkit.testing` draws, on the local service: all of it is taken, and plans really run."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import backupkit as bk
from backupkit import errors, testing

FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
HERE = {"account_id": "123456789012", "region_name": "us-east-1"}
RULE = bk.Rule("daily", "prod").scheduled(bk.Schedule.daily(at="05:00")).keep(days=35)


def _applied(aws, *things):
    bk.Stack("drawn", *things).preview(aws, preflight=False).apply(allow_irreversible=True)


@given(testing.stacks())
@FEW
def test_a_drawn_stack_is_taken_whole_and_stays_as_declared(stack):
    """What was applied shows no difference afterwards, and a week of its schedules passes."""
    with bk.local() as aws:
        stack.preview(aws, preflight=False).apply(allow_irreversible=True)
        assert [change.action for change in stack.preview(aws) if change.action != "keep"] == []
        aws.clock.advance(days=7)


@pytest.mark.parametrize("region_name", ["cn-north-1", "us-gov-west-1", "eu-west-1"])
@given(st.data())
@settings(FEW, max_examples=3)
def test_a_stack_can_be_drawn_for_another_place(region_name, data):
    """Partition, Region and account of all that it names are those that were asked for."""
    stack = data.draw(testing.stacks(account_id="210987654321", region_name=region_name))
    with bk.local(account_id="210987654321", region_name=region_name) as aws:
        stack.preview(aws, preflight=False).apply(allow_irreversible=True)


@given(st.lists(testing.resources(), max_size=5, unique_by=lambda resource: resource["arn"]))
@FEW
def test_drawn_resources_are_backed_up(resources):
    """Each is of a type that AWS Backup knows, stands in the world, and has a point after a day."""
    with bk.local() as aws:
        for resource in resources:
            aws.resources.add(**resource)
        everything = bk.Selection("all", role="arn:aws:iam::123456789012:role/backup").including("*")
        _applied(aws, bk.Vault("prod"), bk.Plan("prod", RULE).protecting(everything))
        aws.clock.advance(days=1)
        assert {job.resource_arn for job in aws.backup_jobs(state="COMPLETED")} == {
            resource["arn"] for resource in resources
        }


@given(testing.vaults(**HERE))
@FEW
def test_a_drawn_vault_is_taken(vault):
    """With its key, tags, lock, policy and notifications, in its account and Region."""
    with bk.local() as aws:
        _applied(aws, vault)


@given(testing.plans(**HERE))
@FEW
def test_a_drawn_plan_is_taken(plan):
    """With all its rules, selections and settings, once its vaults are there."""
    with bk.local() as aws:
        for name in {rule.vault for rule in plan.rules}:
            aws.call("CreateBackupVault", BackupVaultName=name)
        _applied(aws, plan)


@given(testing.schedules(), testing.selections(**HERE), testing.copy_actions(), testing.lifecycles(), testing.tags(10))
@FEW
def test_drawn_parts_of_a_plan_are_taken(schedule, selection, copy, lifecycle, tags):
    """Each part by itself in a rule that is else plain."""
    rule = bk.Rule("drawn", "prod", schedule=schedule, lifecycle=lifecycle, copies=[copy], point_tags=tags)
    with bk.local() as aws:
        _applied(aws, bk.Vault("prod"), bk.Plan("prod", rule).protecting(selection))


@given(testing.invalid_lifecycles())
@FEW
def test_an_invalid_lifecycle_is_refused_here_and_there(days):
    """What the declared value refuses, the local service refuses, too."""
    with pytest.raises(errors.InvalidValueError):
        bk.Lifecycle(**days)
    names = {"delete_after_days": "DeleteAfterDays", "move_to_cold_storage_after_days": "MoveToColdStorageAfterDays"}
    rule = {
        "RuleName": "r",
        "TargetBackupVaultName": "prod",
        "Lifecycle": {names[name]: number for name, number in days.items()},
    }
    with bk.local() as aws, pytest.raises(errors.BackupKitError):
        aws.call("CreateBackupPlan", BackupPlan={"BackupPlanName": "p", "Rules": [rule]})


def test_every_strategy_is_listed_and_draws():
    """Each name of the module draws something, without any argument."""
    for name in testing.__all__:
        if not isinstance(getattr(testing, name), type):
            assert isinstance(getattr(testing, name)(), st.SearchStrategy), name


def test_where_hypothesis_is_missing_the_error_says_what_to_install():
    """Whoever imports it without hypothesis reads the way out."""
    code = "import sys; sys.modules['hypothesis'] = None; import backupkit.testing"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "needs hypothesis, which is not installed: pip install hypothesis" in ended.stderr.splitlines()[-1]


def test_a_connection_that_only_reads_previews_and_changes_nothing():
    """`ReadOnly` lets a preview through and refuses its calls; `Recording` has what came through, in order."""
    with bk.local() as aws:
        recording = testing.Recording(aws.transport)
        looking = bk.Connection(testing.ReadOnly(recording))
        changes = bk.Stack("drawn", bk.Vault("prod")).preview(looking, preflight=False)
        with pytest.raises(errors.BackupKitError, match="could change something"):
            changes.apply()
        assert "ListBackupVaults" in recording.operations
        assert list(aws.vaults) == []
