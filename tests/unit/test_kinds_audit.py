"""Frameworks, report plans, settings, tiering configurations and legal holds in stacks: what is special about each."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

import backupkit as bk
from backupkit.emulator import Choices
from backupkit.transport.protocol import Params, Transport

ACCOUNT, REGION = "123456789012", "us-east-1"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/Backup"
QUICK = bk.RetryPolicy(attempts=1)
FRAMEWORK = bk.Framework("prod", bk.Control.recovery_point_encrypted())
REPORT = bk.ReportPlan("daily", template="RESOURCE_COMPLIANCE_REPORT", bucket="reports", frameworks=FRAMEWORK)
HOLD = bk.LegalHold("case-17", "Case 17", vaults="prod")


@pytest.fixture
def aws():
    with bk.local(retry=QUICK) as connection:
        yield connection


def stack(*things, name="s"):
    return bk.Stack(name, *things)


def applied(aws, *things, name="s"):
    changes = stack(*things, name=name).preview(aws)
    changes.apply(allow_delete=True)
    assert not stack(*things, name=name).preview(aws)
    return changes


class Watched:
    """A transport that looks at the world before each write."""

    def __init__(self, inner: Transport, look):
        self._inner, self._look = inner, look
        self.region_name, self.clock = inner.region_name, inner.clock

    @property
    def transport(self):
        return self

    def call(self, operation: str, params: Params, /) -> bytes:
        if not operation.startswith(("Describe", "Get", "List")):
            self._look(operation)
        return self._inner.call(operation, params)


class Refusing:
    """A transport of a Region that does not have one operation."""

    def __init__(self, inner: Transport, operation: str):
        self._inner, self._operation = inner, operation
        self.region_name, self.clock = inner.region_name, inner.clock

    @property
    def transport(self):
        return self

    def call(self, operation: str, params: Params, /) -> bytes:
        if operation == self._operation:
            raise bk.errors.RejectedError(operation, "UnknownOperationException", "not here")
        return self._inner.call(operation, params)


class Stopwatch:
    """A clock on which nothing happens while somebody sleeps."""

    def __init__(self, inner):
        self._inner, self._slept = inner, 0.0

    def now(self):
        return self._inner.now()

    def monotonic(self):
        return self._slept

    def sleep(self, seconds):
        self._slept += seconds


class TestWaiting:
    """AWS may take forever: a wait ends with an error that says what was last seen."""

    @pytest.fixture
    def stuck(self, aws):
        found = Watched(aws.transport, lambda _: None)
        found.clock = Stopwatch(aws.clock)
        return found

    def test_for_a_deployment_ends(self, stuck):
        """What is made is told, with its state and how long it was waited for."""
        with pytest.raises(bk.errors.ApplyError, match="still CREATE_IN_PROGRESS after 600 seconds"):
            stack(FRAMEWORK).preview(stuck).apply()

    def test_for_what_another_client_changes_ends(self, aws, stuck):
        """A change that cannot begin is told."""
        applied(aws, FRAMEWORK)
        aws.call("UpdateFramework", FrameworkName="prod", FrameworkDescription="by hand")
        with pytest.raises(bk.errors.ApplyError, match="still UPDATE_IN_PROGRESS after 600 seconds"):
            stack(FRAMEWORK).preview(stuck).apply()

    def test_for_a_deletion_ends(self, aws, stuck):
        """A framework that does not go is told."""
        applied(aws, FRAMEWORK)
        with pytest.raises(bk.errors.ApplyError, match="still there 600 seconds after it was deleted"):
            stack().preview(stuck).apply(allow_delete=True)


class TestRegions:
    @pytest.mark.parametrize(
        "operation", ["ListFrameworks", "ListReportPlans", "ListTieringConfigurations", "ListLegalHolds"]
    )
    def test_one_that_lacks_a_kind_holds_stacks_of_the_others(self, aws, operation):
        """Legal holds are in a third of the Regions: a stack without one is previewed all the same, and says so."""
        changes = stack(bk.Vault("prod")).preview(Refusing(aws.transport, operation))
        assert [change.address for change in changes] == ["vault.prod"]
        (note,) = changes.notes
        assert "cannot be listed here, so none is taken for the stack's" in note

    def test_one_that_lacks_a_kind_refuses_a_stack_that_declares_it(self, aws):
        """No answer is not taken for nothing being there."""
        with pytest.raises(bk.errors.RejectedError):
            stack(FRAMEWORK).preview(Refusing(aws.transport, "ListFrameworks"))


def framework(aws):
    return aws.call("DescribeFramework", FrameworkName="prod")


class TestFrameworks:
    def test_applying_ends_once_it_is_deployed(self, aws):
        """AWS deploys in the background: what was applied is there, and can be changed at once."""
        applied(aws, FRAMEWORK)
        assert framework(aws)["DeploymentStatus"] == "COMPLETED"

    def test_one_that_cannot_be_deployed_is_an_error_with_the_reason_and_is_replaced(self):
        """FAILED is not success; AWS has no words for why, so those that are known are told, and the way out works."""
        with bk.local(retry=QUICK, choices=Choices(frameworks_deploy=False, framework_status="INACTIVE")) as aws:
            with pytest.raises(bk.errors.ApplyError) as failed:
                stack(FRAMEWORK).preview(aws).apply()
            assert "framework.prod: AWS answers FAILED: FrameworkStatus is INACTIVE" in str(failed.value)
            assert "see that AWS Config records what the controls evaluate" in str(failed.value)
            (change,) = stack(FRAMEWORK).preview(aws)
            assert change.action is bk.Action.REPLACE
            assert change.reason == "its state is FAILED: it is deleted and made again"
            assert [call.operation for call in change.calls] == ["DeleteFramework", "CreateFramework"]

    def test_one_that_is_being_deployed_is_waited_for_before_it_is_changed(self, aws):
        """AWS refuses changes while it deploys: what another client made a moment ago is changed once it can be."""
        aws.call(
            "CreateFramework",
            FrameworkName="prod",
            FrameworkControls=[{"ControlName": "BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK"}],
        )
        changes = stack(FRAMEWORK).preview(aws, adopt=True)
        assert framework(aws)["DeploymentStatus"] == "CREATE_IN_PROGRESS"
        changes.apply()
        assert framework(aws)["DeploymentStatus"] == "COMPLETED"
        assert not stack(FRAMEWORK).preview(aws)

    @pytest.mark.parametrize("moment", ["before the look", "after it"])
    def test_one_that_another_run_is_making_is_waited_for(self, aws, moment):
        """Two runs of one stack: both end once the framework is deployed, whoever made it."""
        changes, done = stack(FRAMEWORK).preview(aws), []

        def overtaken(operation=""):
            if not done:
                done.append(operation)
                tags = {"backupkit:stack": "s"}
                controls = [{"ControlName": "BACKUP_RECOVERY_POINT_ENCRYPTED"}]
                aws.call("CreateFramework", FrameworkName="prod", FrameworkControls=controls, FrameworkTags=tags)

        if moment == "after it":
            changes = stack(FRAMEWORK).preview(Watched(aws.transport, overtaken))
        else:
            overtaken()
        assert changes.apply().unchanged == ("framework.prod",)
        assert framework(aws)["DeploymentStatus"] == "COMPLETED"

    def test_one_that_is_being_deleted_is_made_again_under_its_name(self, aws):
        """It counts as gone, and its name is waited for."""
        applied(aws, FRAMEWORK)
        aws.call("DeleteFramework", FrameworkName="prod")
        (change,) = stack(FRAMEWORK).preview(aws)
        assert change.action is bk.Action.CREATE
        applied(aws, FRAMEWORK)

    def test_a_description_that_goes_is_cleared(self, aws):
        """Leaving the description out takes it away, instead of leaving AWS's as it is."""
        applied(aws, bk.Framework("prod", *FRAMEWORK.controls, description="For the auditor"))
        applied(aws, FRAMEWORK)
        assert not framework(aws).get("FrameworkDescription")

    def test_a_parameter_is_told_with_both_values(self, aws):
        """A difference says in which control and parameter it is."""
        check = bk.Control.recovery_point_minimum_retention_check
        applied(aws, bk.Framework("prod", check(required_retention_days=7)))
        (change,) = stack(bk.Framework("prod", check(required_retention_days=30))).preview(aws)
        (found,) = change.differences
        name = "BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK"
        assert found.path == f"control.{name}/parameter.requiredRetentionDays/value"
        assert (found.old, found.new) == ("7", "30")

    def test_one_control_with_two_scopes_settles(self, aws):
        """AWS tells controls by their names apart; two of one name are not taken for one."""
        check = bk.Control.recovery_point_minimum_retention_check
        both = (check(required_retention_days=7).for_tag("Tier", "3"), check().for_tag("Tier", "1"))
        applied(aws, bk.Framework("prod", *both))
        assert not stack(bk.Framework("prod", *reversed(both))).preview(aws)
        (change,) = stack(bk.Framework("prod", both[0])).preview(aws)
        assert change.action is bk.Action.UPDATE


class TestReportPlans:
    def test_a_framework_can_be_named_before_it_is_there(self, aws):
        """AWS chooses the end of its ARN, so the report plan waits for the framework and takes its ARN."""
        changes = stack(REPORT, FRAMEWORK).preview(aws)
        created = next(change for change in changes if change.address == "report_plan.daily")
        assert created.needs == ("framework.prod",)
        told = json.loads(created.to_json())["calls"][0]["params"]["ReportSetting"]["FrameworkArns"]
        assert told == ["<FrameworkArn of framework.prod>"]
        changes.apply()
        plan = aws.call("DescribeReportPlan", ReportPlanName="daily")["ReportPlan"]
        assert plan["ReportSetting"]["FrameworkArns"] == [framework(aws)["FrameworkArn"]]
        assert not stack(REPORT, FRAMEWORK).preview(aws)

    def test_a_framework_of_its_arn_is_the_same(self, aws):
        """A name and the ARN that it has are no difference."""
        applied(aws, REPORT, FRAMEWORK)
        by_arn = bk.ReportPlan(
            "daily",
            template="RESOURCE_COMPLIANCE_REPORT",
            bucket="reports",
            frameworks=framework(aws)["FrameworkArn"],
        )
        assert not stack(by_arn, FRAMEWORK).preview(aws)

    @pytest.mark.slow
    def test_a_framework_that_was_made_again_has_another_arn(self, aws):
        """The report plan still names the one that is gone: it shows, and applying names the new one."""
        applied(aws, REPORT, FRAMEWORK)
        aws.call("DeleteFramework", FrameworkName="prod")
        aws.clock.advance(minutes=2)
        changes = stack(REPORT, FRAMEWORK).preview(aws)
        assert [(change.address, change.action) for change in changes] == [
            ("framework.prod", bk.Action.CREATE),
            ("report_plan.daily", bk.Action.UPDATE),
        ]
        changes.apply()
        plan = aws.call("DescribeReportPlan", ReportPlanName="daily")["ReportPlan"]
        assert plan["ReportSetting"]["FrameworkArns"] == [framework(aws)["FrameworkArn"]]
        assert not stack(REPORT, FRAMEWORK).preview(aws)

    @pytest.mark.parametrize("goes", [False, True])
    def test_a_framework_that_is_not_there_is_told_before_anything_is_called(self, aws, goes):
        """AWS would refuse the report plan, or be left with one of a framework that the stack deletes."""
        if goes:
            applied(aws, FRAMEWORK)
        changes = stack(REPORT).preview(aws)
        (problem,) = changes.problems
        assert problem.address == "report_plan.daily/frameworks"
        assert ("would be deleted" in problem.message) is goes
        with pytest.raises(bk.errors.InvalidValueError):
            changes.apply(allow_delete=True)


class TestSettings:
    def test_only_what_is_named_is_compared_and_changed(self, aws):
        """Types that AWS adds, or that another stack looks after, are nobody's difference."""
        before = aws.call("DescribeRegionSettings")["ResourceTypeOptInPreference"]
        applied(aws, bk.RegionSettings(opt_in={"S3": not before["S3"]}))
        applied(aws, bk.RegionSettings(opt_in={"EFS": not before["EFS"]}), name="other")
        assert not stack(bk.RegionSettings(opt_in={"S3": not before["S3"]})).preview(aws)
        after = aws.call("DescribeRegionSettings")["ResourceTypeOptInPreference"]
        assert {name for name in before if before[name] != after[name]} == {"S3", "EFS"}

    def test_dropping_them_changes_nothing(self, aws):
        """AWS always has settings, and cannot forget a type."""
        applied(aws, bk.RegionSettings(opt_in={"S3": False}))
        assert not stack().preview(aws)
        assert aws.call("DescribeRegionSettings")["ResourceTypeOptInPreference"]["S3"] is False

    def test_a_type_that_is_not_there_is_told_with_the_one_that_was_meant(self, aws):
        """AWS refuses an unknown type without saying which: the preview does."""
        changes = stack(bk.RegionSettings(opt_in={"Dynamo": True}, management={"S3": True})).preview(aws)
        assert [str(problem) for problem in changes.problems] == [
            "region_settings/opt_in: 'Dynamo' is not a resource type that has this here; write DynamoDB",
            "region_settings/management: 'S3' is not a resource type that has this here; use some of DynamoDB, EFS",
        ]

    def test_an_account_without_an_organization_has_no_global_settings(self):
        """AWS says so, and that is not taken for settings that are all off."""
        aws = bk.local(retry=QUICK, choices=Choices(manages_organization=False))
        with pytest.raises(bk.errors.ServiceError, match="not a member of an organization"):
            stack(bk.GlobalSettings(mpa=True)).preview(aws)

    def test_a_member_may_look_and_not_change(self, aws):
        """Only the management account changes the organization's settings."""
        aws.accounts.organize(ACCOUNT, management="999999999999")
        assert not stack(bk.GlobalSettings(cross_account_backup=False)).preview(aws)
        with pytest.raises(bk.errors.ApplyError, match="not the management account"):
            stack(bk.GlobalSettings(cross_account_backup=True)).preview(aws).apply()


class TestTiering:
    @pytest.mark.parametrize("vault", ["prod", "*"])
    def test_a_second_one_for_a_vault_is_told_before_anything_is_called(self, aws, vault):
        """AWS takes one for each vault, and one for all of them."""
        first = bk.TieringConfiguration("first", vault).after(days=60)
        second = bk.TieringConfiguration("second", vault).after(days=90)
        (problem,) = stack(first, second).preview(aws).problems
        assert problem.address == "tiering_configuration.second/vault"
        applied(aws, first)
        (problem,) = stack(second, name="other").preview(aws).problems
        assert "first is the tiering configuration of" in problem.message

    def test_a_vault_and_its_configuration_are_made_and_deleted_in_order(self, aws):
        """The vault comes first, and goes last."""
        changes = applied(aws, bk.TieringConfiguration("t", "prod").after(days=60), bk.Vault("prod"))
        assert next(each for each in changes if each.address == "tiering_configuration.t").needs == ("vault.prod",)
        assert [change.address for change in applied(aws)] == ["tiering_configuration.t", "vault.prod"]


def holds(aws, *states):
    return [each for each in aws.call("ListLegalHolds")["LegalHolds"] if each["Status"] in states]


class TestLegalHolds:
    @pytest.mark.slow
    def test_its_points_are_held_at_every_moment_while_it_is_replaced(self, aws):
        """The hold that takes its place is active before the old one is cancelled."""
        vault = bk.Vault("prod")
        applied(aws, vault, HOLD)
        seen = []
        changed = bk.LegalHold("case-17", "Case 18", vaults="prod")
        stack(vault, changed).preview(
            Watched(aws.transport, lambda op: seen.append((op, len(holds(aws, "ACTIVE")))))
        ).apply(allow_delete=True)
        assert seen == [("CreateLegalHold", 1), ("CancelLegalHold", 2)]
        (stands,) = holds(aws, "ACTIVE", "CREATING")
        assert stands["Description"] == "Case 18"
        assert not stack(vault, changed).preview(aws)

    @pytest.mark.slow
    def test_where_a_run_ended_between_the_two_the_older_one_goes(self, aws):
        """Two holds of one title are not two claims: the last one made stands, and the next run cancels the other."""
        vault, changed = bk.Vault("prod"), bk.LegalHold("case-17", "Case 18", vaults="prod")
        applied(aws, vault, HOLD)

        def end(operation):
            if operation == "CancelLegalHold":
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            stack(vault, changed).preview(Watched(aws.transport, end)).apply(allow_delete=True)
        assert len(holds(aws, "ACTIVE")) == 2
        (change,) = stack(vault, changed).preview(aws)
        assert change.action is bk.Action.DELETE
        old = next(each["LegalHoldId"] for each in holds(aws, "ACTIVE") if each["Description"] == "Case 17")
        assert change.address == f"legal_hold.case-17({old})"
        applied(aws, vault, changed)
        assert [each["Description"] for each in holds(aws, "ACTIVE")] == ["Case 18"]

    @pytest.mark.parametrize(
        "thing", [HOLD, bk.TieringConfiguration("t", "prod").after(days=60)], ids=["hold", "tiering"]
    )
    def test_a_vault_that_is_not_there_is_warned_about(self, aws, thing):
        """A name that is misspelled holds nothing, and AWS says nothing of it."""
        (warned,) = stack(thing).preview(aws).warnings
        assert "there is no vault 'prod' here" in str(warned)
        assert not stack(thing, bk.Vault("prod")).preview(aws).warnings
        applied(aws, bk.Vault("prod"), name="other")
        assert not stack(thing).preview(aws).warnings

    def test_a_cancelled_one_is_no_hold(self, aws):
        """AWS keeps its record for 180 days; its title can be used again, and it is not cancelled twice."""
        vault = bk.Vault("prod")
        applied(aws, vault, HOLD)
        applied(aws, vault)
        assert len(holds(aws, "CANCELING", "CANCELED")) == 1
        (change,) = stack(vault, HOLD).preview(aws)
        assert change.action is bk.Action.CREATE
        applied(aws, vault, HOLD)
        assert len(holds(aws, "ACTIVE")) == 1

    @pytest.mark.slow
    def test_two_runs_at_once_leave_one(self, aws):
        """AWS takes two holds of one title: whoever made the later one cancels it again, and says so."""
        things, done = (bk.Vault("prod"), HOLD), []
        applied(aws, things[0])

        def overtaken(operation):
            if operation == "CreateLegalHold" and not done:
                done.append(operation)
                stack(*things).preview(aws).apply()

        with pytest.raises(bk.errors.StaleChangesError, match="that legal hold stands"):
            stack(*things).preview(Watched(aws.transport, overtaken)).apply()
        assert len(holds(aws, "ACTIVE", "CREATING")) == 1
        assert not stack(*things).preview(aws)

    def test_cancelling_needs_consent(self, aws):
        """It lets points be deleted again."""
        applied(aws, bk.Vault("prod"), HOLD)
        with pytest.raises(bk.errors.ConsentError):
            stack(bk.Vault("prod")).preview(aws).apply()

    def test_points_are_held(self, aws):
        """What a declared hold covers cannot be deleted; once it is dropped, it can."""
        aws.resources.add(TABLE)
        vault = bk.Vault("prod")
        applied(aws, vault)
        job = aws.back_up(TABLE, vault="prod", role=ROLE, keep_days=35)
        job.wait()
        (point,) = aws.recovery_points(vault="prod")
        now = aws.clock.now()
        applied(aws, vault, bk.LegalHold("h", "why", vaults=vault, from_date=now - timedelta(days=1), to_date=now))
        with pytest.raises(bk.errors.ServiceError):
            aws.call("DeleteRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=point.recovery_point_arn)
        applied(aws, vault)
        aws.clock.advance(minutes=2)
        aws.call("DeleteRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=point.recovery_point_arn)
