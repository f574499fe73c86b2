"""What is known to go wrong with Terraform's resources for AWS Backup, and does not here.

Each bug has a test below, under the resource that it is of. Those that have none cannot come up:

- Every change of a `aws_backup_vault_notifications` or of a lock replaces it, so that for a moment there is none: here
  both are one Put, tested as "in place".
- "Provider produced inconsistent final plan" (cloudposse/terraform-aws-backup#14), rules of a set whose hash holds what
  is not known yet (#8193): nothing here is computed from what is unknown; a plan and its vault are made in one run.
- Import, state moves and `timeouts` blocks: there is no state file, and nothing to import.
- The upgrade of a state that has no time zone yet: there is no state.
- `aws_backup_tiering_configuration` is on Terraform's main branch alone, and no bug of it is known.
"""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

import backupkit as bk
from backupkit.emulator import Choices
from backupkit.errors import InvalidValueError, ServiceError

ACCOUNT, REGION = "123456789012", "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/service-role/AWSBackupDefaultServiceRole"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts"
FAR = f"arn:aws:backup:eu-west-1:{ACCOUNT}:backup-vault:far"
QUICK = bk.RetryPolicy(attempts=1)


@pytest.fixture
def aws():
    with bk.local(retry=QUICK) as connection:
        connection.resources.add(TABLE)
        yield connection


def stack(*things):
    return bk.Stack("s", *things)


def applied(aws, *things, **words):
    stack(*things).preview(aws).apply(**words)


def plan(*selections, **fields):
    rule = bk.Rule("daily", "main", **fields)
    return bk.Plan("p", rule if rule.lifecycle else rule.keep(days=35)).protecting(*selections)


def selection(**fields):
    return bk.Selection("s", ROLE, **{"resources": [TABLE], **fields})


def settled(aws, *things):
    """Whether a second preview is empty."""
    applied(aws, *things, allow_delete=True)
    return not stack(*things).preview(aws)


def writes(changes):
    return [call.operation for change in changes for call in change.calls]


class TestVault:
    def test_a_vault_with_points_is_never_deleted_half(self, aws):
        """#37774: force_destroy drops the errors of its last page, so that the first try fails and the second succeeds."""
        applied(aws, bk.Vault("main"))
        aws.back_up(TABLE, vault="main").wait()
        changes = stack().preview(aws)
        with pytest.raises(InvalidValueError, match="1 recovery point"):
            changes.apply(allow_delete=True)
        assert len(list(aws.recovery_points(vault="main"))) == 1

    @pytest.mark.parametrize("operation", ["ListBackupVaults", "ListTags", "GetBackupVaultAccessPolicy"])
    def test_denied_reads_are_not_absence(self, aws, operation):
        """AccessDenied on read counts as not found there: the vault would be proposed anew, or its policy again."""
        applied(aws, bk.Vault("main", policy=bk.AccessPolicy.deny_deletion()))
        aws.faults.fail(operation, "AccessDeniedException", times=99)
        with pytest.raises(ServiceError, match="AccessDenied"):
            stack(bk.Vault("main", policy=bk.AccessPolicy.deny_deletion())).preview(aws)

    def test_a_denied_deletion_is_not_a_deletion(self, aws):
        """AccessDenied on delete counts as gone there."""
        applied(aws, bk.Vault("main"))
        aws.faults.fail("DeleteBackupVault", "AccessDeniedException", times=99)
        with pytest.raises(bk.errors.ApplyError):
            stack().preview(aws).apply(allow_delete=True)
        assert aws.vaults.get("main")

    def test_a_vault_of_another_type_is_not_absence(self, aws):
        """There an air-gapped vault of the name reads as not found."""
        aws.call("CreateLogicallyAirGappedBackupVault", BackupVaultName="main", MinRetentionDays=7, MaxRetentionDays=9)
        (change,) = stack(bk.Vault("main")).preview(aws)
        assert "air-gapped" in str(change.problems[0])
        with pytest.raises(InvalidValueError):
            stack(bk.Vault("main")).preview(aws).apply()


class TestLock:
    def test_a_lock_is_changed_in_place(self, aws):
        """Any change is a deletion and a creation there: the vault is without a lock in between."""
        applied(aws, bk.Vault("main").locked(bk.GovernanceLock(min_days=7)))
        changes = stack(bk.Vault("main").locked(bk.GovernanceLock(min_days=7, max_days=90))).preview(aws)
        assert writes(changes) == ["PutBackupVaultLockConfiguration"]

    @pytest.mark.parametrize("days", [1, 20])
    def test_taking_over_a_compliance_lock_changes_nothing(self, aws, days):
        """#46876: changeable_for_days is never read back, so an import plans a replacement."""
        lock = bk.ComplianceLock(min_days=7, max_days=90, changeable_for_days=14)
        aws.call("CreateBackupVault", BackupVaultName="main")
        aws.call(
            "PutBackupVaultLockConfiguration",
            BackupVaultName="main",
            MinRetentionDays=7,
            MaxRetentionDays=90,
            ChangeableForDays=14,
        )
        aws.clock.advance(days=days)
        changes = stack(bk.Vault("main").locked(lock)).preview(aws, adopt=True)
        assert writes(changes) == ["TagResource"]

    def test_what_a_lock_does_is_told(self, aws):
        """Whether a vault is locked, and from when on for good, is not exposed there."""
        lock = bk.ComplianceLock(min_days=7, changeable_for_days=14)
        applied(aws, bk.Vault("main").locked(lock), allow_irreversible=True)
        vault = aws.vaults.get("main")
        assert vault.locked
        assert vault.lock_date == aws.clock.now() + timedelta(days=14)

    def test_bounds_that_exclude_all_are_refused(self):
        """There is no check that the least is not more than the most."""
        with pytest.raises(InvalidValueError):
            bk.GovernanceLock(min_days=90, max_days=7)


class TestNotificationsAndPolicy:
    def test_notifications_are_changed_in_place(self, aws):
        """All fields replace there, though the call is a Put."""
        applied(aws, bk.Vault("main").notifying(TOPIC, "COPY_JOB_FAILED"))
        changes = stack(bk.Vault("main").notifying_failures(f"{TOPIC}2")).preview(aws)
        assert writes(changes) == ["PutBackupVaultNotifications"]

    @pytest.mark.parametrize("event", ["CONTINUOUS_BACKUP_INTERRUPTED", "AN_EVENT_OF_NEXT_YEAR"])
    def test_an_event_that_is_newer_than_the_tool_can_be_asked_for(self, event):
        """#43157: the enum lacked an event of AWS, and nobody could use it."""
        assert bk.Vault("main").notifying(TOPIC, event).notifications.events == (event,)

    def test_a_policy_of_a_new_principal_is_waited_for(self):
        """IAM knows a new role only after a while; AWS then says that the principal is not valid."""
        with bk.local() as aws:
            role = f"arn:aws:iam::{ACCOUNT}:role/new"
            aws.faults.fail(
                "PutBackupVaultAccessPolicy",
                "InvalidParameterValueException",
                "Provided principal is not valid",
                times=2,
            )
            assert settled(aws, bk.Vault("main", policy=bk.AccessPolicy.deny_deletion(unless=[role])))

    def test_a_policy_in_another_wording_is_no_change(self, aws):
        """AWS writes policies down in its own way."""
        policy = bk.AccessPolicy.deny_deletion()
        applied(aws, bk.Vault("main", policy=policy))
        (statement,) = policy.to_dict()["Statement"]
        reworded = {**statement, "Principal": {"AWS": "*"}, "Action": [a.lower() for a in statement["Action"]][::-1]}
        document = {"Version": "2012-10-17", "Statement": reworded}
        aws.call("PutBackupVaultAccessPolicy", BackupVaultName="main", Policy=json.dumps(document))
        assert not stack(bk.Vault("main", policy=policy)).preview(aws)


class TestPlan:
    def test_a_lost_answer_makes_no_second_plan(self):
        """No CreatorRequestId is sent there, and AWS lets several plans carry one name."""
        with bk.local() as aws:
            aws.faults.drop("CreateBackupPlan", after=True, times=1)
            applied(aws, bk.Vault("main"), plan())
            assert len(list(aws.plans)) == 1

    def test_selections_that_linger_hold_up_no_deletion(self):
        """A plan's deleted selections are there for a while, and AWS refuses to delete the plan so long."""
        with bk.local() as aws:
            applied(aws, bk.Vault("main"), plan(selection()))
            sentence = "Related backup plan selections must be deleted prior to backup plan deletion"
            aws.faults.fail("DeleteBackupPlan", "InvalidRequestException", sentence, times=2)
            applied(aws, bk.Vault("main"), allow_delete=True)
            assert not list(aws.plans)

    def test_windows_that_nobody_wrote_are_left_to_aws(self, aws):
        """Windows of 60 and 180 minutes are sent there where none is written; AWS's own are 480 and 10,080."""
        applied(aws, bk.Vault("main"), plan())
        (found,) = aws.plans
        (rule,) = aws.plans.get(found.backup_plan_id).backup_plan.rules
        assert (rule.start_window_minutes, rule.completion_window_minutes) == (480, 10_080)

    def test_a_continuous_rule_without_a_schedule_settles(self, aws):
        """#22627: AWS fills in a schedule, which is a difference forever there."""
        assert settled(aws, bk.Vault("main"), bk.Plan("p", bk.Rule("r", "main").continuously(keep_days=35)))

    def test_what_terraform_cannot_say_can_be_said(self, aws):
        """#48029, #45810: index actions and the settings of S3."""
        rule = bk.Rule("r", "main", index_actions=[bk.IndexAction("S3")]).keep(days=35)
        settings = [bk.AdvancedBackupSetting.s3(acls=False)]
        assert settled(aws, bk.Vault("main"), bk.Plan("p", rule, advanced_settings=settings))

    def test_a_copy_without_a_lifecycle_is_sent_without_one_and_warned_about(self, aws):
        """#37862: an empty lifecycle was sent, and copies were kept forever; nobody was told."""
        aws.in_region("eu-west-1").call("CreateBackupVault", BackupVaultName="far")
        declared = bk.Plan("p", bk.Rule("r", "main").keep(days=35).copy_to(FAR))
        assert "Lifecycle" not in declared.to_dict()["Rules"][0]["CopyActions"][0]
        assert any("copy.far" in problem.address for problem in declared.check())
        assert settled(aws, bk.Vault("main"), declared)

    def test_the_default_time_zone_is_no_difference(self, aws):
        """ansible-collections/amazon.aws#1952: AWS echoes Etc/UTC."""
        assert settled(aws, bk.Vault("main"), plan(schedule=bk.Schedule("cron(0 5 ? * * *)")))
        assert settled(aws, bk.Vault("main"), plan(schedule=bk.Schedule("cron(0 5 ? * * *)", "UTC")))

    @pytest.mark.parametrize(
        "wrong",
        [
            lambda: bk.Rule("r", "main").keep(days=0),
            lambda: bk.Rule("r", "main").cold_after(days=30).keep(days=35),
            lambda: bk.Rule("r", "main").scheduled("rate(1 day)"),
            lambda: bk.Rule("r", "main").scheduled("cron(0 5 * * * *)"),
            lambda: bk.Rule("r", "main", start_window_minutes=30),
        ],
    )
    def test_what_aws_refuses_is_refused_at_plan_time(self, wrong):
        """#24960 and others: nothing is checked before the call there; not one resource has a CustomizeDiff."""
        with pytest.raises(InvalidValueError):
            wrong()

    def test_a_retention_that_the_lock_refuses_is_told_before_jobs_fail(self):
        """No tool holds retentions against locks; AWS takes the plan and fails every job."""
        locked = bk.Vault("main").locked(bk.GovernanceLock(min_days=60))
        with pytest.raises(InvalidValueError, match="shorter than the lock's 60 days"):
            stack(locked, plan()).check()


class TestSelection:
    def test_a_selection_settles_whatever_aws_echoes(self, aws):
        """#22595: AWS answers all four operators and an empty NotResources, and the selection was made anew each time."""
        assert settled(aws, bk.Vault("main"), plan(selection()))
        assert settled(aws, bk.Vault("main"), plan(selection(conditions=[bk.tag("a").equals("b")])))

    def test_a_condition_that_is_removed_shows(self, aws):
        """#30785: the mending of the echo hid removals."""
        applied(aws, bk.Vault("main"), plan(selection(conditions=[bk.tag("a").equals("b")])))
        (change,) = stack(bk.Vault("main"), plan(selection())).preview(aws)
        assert change.address == "plan.p/selection.s"
        assert [each.path for each in change.differences] == ["conditions"]

    def test_a_condition_where_there_was_none_shows(self, aws):
        """ansible-collections/amazon.aws#1701: it was ignored."""
        applied(aws, bk.Vault("main"), plan(selection()))
        (change,) = stack(bk.Vault("main"), plan(selection(conditions=[bk.tag("a").equals("b")]))).preview(aws)
        assert [each.path for each in change.differences] == ["conditions"]

    @pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException", "ServiceUnavailableException"])
    @pytest.mark.parametrize("operation", ["ListBackupSelections", "GetBackupSelection"])
    def test_an_error_is_never_read_as_no_selection(self, aws, operation, code):
        """findSelection has lost its `return nil, err` there: an error is an empty result, and drops from the state."""
        applied(aws, bk.Vault("main"), plan(selection()))
        aws.faults.fail(operation, code, times=99)
        with pytest.raises(ServiceError, match=code):
            stack(bk.Vault("main"), plan(selection())).preview(aws)

    def test_a_role_that_cannot_be_assumed_yet_is_waited_for(self):
        """#10511: a new role is not known to AWS Backup at once."""
        with bk.local() as aws:
            aws.faults.fail(
                "CreateBackupSelection",
                "InvalidParameterValueException",
                f"IAM Role {ROLE} is not authorized to call tag:GetResources",
                times=2,
            )
            assert settled(aws, bk.Vault("main"), plan(selection()))

    def test_reads_that_lag_are_no_inconsistent_result(self):
        """#9914: what was just made is not seen yet; the run ends well, and the next preview, once it is seen, is empty."""
        with bk.local() as aws:
            aws.faults.lag(30)
            applied(aws, bk.Vault("main"), plan(selection()))
            aws.clock.advance(minutes=2)
            assert not stack(bk.Vault("main"), plan(selection())).preview(aws)

    def test_a_changed_selection_protects_at_every_moment(self, aws):
        """All fields replace there: deleted first, so that a backup between finds no selection."""
        applied(aws, bk.Vault("main"), plan(selection()))
        changes = stack(bk.Vault("main"), plan(selection(resources=["*"]))).preview(aws)
        created = writes(changes)
        assert created.index("CreateBackupSelection") < created.index("DeleteBackupSelection")


class TestTags:
    @pytest.mark.parametrize(
        ("stack_tags", "own", "carried"),
        [
            ({"a": "1"}, {}, {"a": "1"}),
            ({"a": "1"}, {"b": "2"}, {"a": "1", "b": "2"}),
            ({"a": "1"}, {"a": "2"}, {"a": "2"}),
            ({"a": "1"}, {"a": ""}, {"a": ""}),
            ({}, {}, {}),
        ],
    )
    def test_default_tags_and_own_tags_settle(self, aws, stack_tags, own, carried):
        """Default tags that overlap a resource's, and empty ones, have been differences forever there."""
        declared = bk.Stack("s", bk.Vault("main", tags=own), tags=stack_tags)
        declared.preview(aws).apply()
        assert not declared.preview(aws)
        tags = aws.call("ListTags", ResourceArn=f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:main")["Tags"]
        assert {key: value for key, value in tags.items() if not key.startswith("backupkit:")} == carried

    def test_tags_of_aws_are_no_difference(self, aws):
        """What begins with aws: is AWS's own."""
        applied(aws, bk.Vault("main"))
        assert not stack(bk.Vault("main")).preview(aws)


FRAMEWORK = bk.Framework("prod", bk.Control.recovery_point_encrypted())


class TestFramework:
    def test_one_that_could_not_be_deployed_is_an_error(self):
        """aws_backup_framework waits until COMPLETED or FAILED, and FAILED passes as success."""
        aws = bk.local(retry=QUICK, choices=Choices(frameworks_deploy=False))
        with pytest.raises(bk.errors.ApplyError, match="AWS answers FAILED"):
            applied(aws, FRAMEWORK)

    def test_a_control_may_be_there_twice(self, aws):
        """A set of controls by name loses one of two scopes."""
        check = bk.Control.recovery_point_minimum_retention_check
        twice = bk.Framework(
            "prod", check().for_tag("Tier", "1"), check(required_retention_days=7).for_tag("Tier", "3")
        )
        assert settled(aws, twice)
        assert len(aws.call("DescribeFramework", FrameworkName="prod")["FrameworkControls"]) == 2

    def test_parameters_and_scopes_are_checked_at_plan_time(self):
        """Terraform takes any text for them, and AWS refuses it in the middle of an apply."""
        with pytest.raises(InvalidValueError, match="recovery_point_minimum_retention_check"):
            bk.Control("BACKUP_RECOVERY_POINT_ENCRYPTED", {"requiredRetentionDays": "35"})

    def test_a_change_while_it_is_deployed_waits(self, aws):
        """ConflictException ends a run after three minutes."""
        applied(aws, FRAMEWORK)
        aws.call("UpdateFramework", FrameworkName="prod", FrameworkDescription="by hand")
        assert settled(aws, bk.Framework("prod", *FRAMEWORK.controls, description="ours"))


class TestReportPlan:
    def test_a_compliance_report_of_several_accounts_names_no_frameworks(self):
        """terraform-provider-aws#32235: the refusal comes from AWS, in the middle of an apply."""
        with pytest.raises(InvalidValueError, match="leave frameworks out"):
            bk.ReportPlan(
                "r",
                template="RESOURCE_COMPLIANCE_REPORT",
                bucket="reports",
                frameworks="prod",
                accounts="ROOT",
            )

    def test_scans_have_a_report(self, aws):
        """aws_backup_report_plan knows no SCAN_JOB_REPORT."""
        assert settled(aws, bk.ReportPlan("r", template="SCAN_JOB_REPORT", bucket="reports"))

    def test_a_number_that_aws_counts_is_no_difference(self, aws):
        """AWS answers number_of_frameworks 0, and a description "", where nothing was written."""
        assert settled(aws, bk.ReportPlan("r", template="COPY_JOB_REPORT", bucket="reports"))


class TestSettings:
    def test_types_that_nobody_wrote_are_no_difference(self, aws):
        """aws_backup_region_settings compares the whole map: each type that AWS adds is a perpetual diff."""
        assert settled(aws, bk.RegionSettings(opt_in={"S3": False}))
        aws.call("UpdateRegionSettings", ResourceTypeOptInPreference={"EFS": False})
        assert not stack(bk.RegionSettings(opt_in={"S3": False})).preview(aws)

    def test_incremental_backups_can_be_opted_in_to(self, aws):
        """aws_backup_region_settings has no resource_type_opt_in_incremental."""
        assert settled(aws, bk.RegionSettings(incremental={"DynamoDB": True}))
        assert aws.call("DescribeRegionSettings")["ResourceTypeOptInIncremental"]["DynamoDB"] is True

    def test_global_settings_that_nobody_wrote_are_no_difference(self, aws):
        """aws_backup_global_settings compares the whole map as well."""
        assert settled(aws, bk.GlobalSettings(cross_account_backup=True))


class TestAirGappedVault:
    def test_policy_and_notifications_can_be_said(self, aws):
        """Neither has an attribute there."""
        policy = bk.AccessPolicy.allow_copies_from_organization("o-a1b2c3d4e5")
        gapped = bk.AirGappedVault("gapped", min_days=7, max_days=90, policy=policy).notifying_failures(TOPIC)
        assert settled(aws, gapped)

    def test_a_denied_deletion_is_not_a_deletion(self, aws):
        """AccessDenied on delete counts as gone there."""
        applied(aws, bk.AirGappedVault("gapped", min_days=7, max_days=90))
        aws.faults.fail("DeleteBackupVault", "AccessDeniedException", times=99)
        with pytest.raises(bk.errors.ApplyError):
            stack().preview(aws).apply(allow_delete=True)


class TestRestoreTesting:
    def plan(self, **fields):
        testing = bk.RestoreTestingSelection("tables", resource_type="DynamoDB", role=ROLE, **fields)
        return bk.RestoreTestingPlan("weekly", schedule="cron(0 6 ? * 1 *)", vaults="*").testing(testing)

    def test_changed_resources_of_a_selection_are_sent(self, aws):
        """#48316: Update does not look at protected_resource_arns, which are a difference forever."""
        applied(aws, self.plan(resources=[TABLE]))
        changes = stack(self.plan(resources=[TABLE, f"{TABLE}-2"])).preview(aws)
        assert writes(changes) == ["UpdateRestoreTestingSelection"]
        assert settled(aws, self.plan(resources=[TABLE, f"{TABLE}-2"]))

    def test_what_aws_fills_in_settles(self, aws):
        """Windows, time zone and excluded vaults come back filled in."""
        assert settled(aws, self.plan())


class TestLegalHold:
    def test_there_is_one(self, aws):
        """Terraform's aws provider has no legal hold."""
        vault = bk.Vault("main")
        assert settled(aws, vault, bk.LegalHold("case", "Case 17", vaults=vault))
        (change,) = stack(vault, bk.LegalHold("case", "Case 18", vaults=vault)).preview(aws)
        assert writes([change]) == ["CreateLegalHold", "CancelLegalHold"]


def test_nothing_is_left_behind_in_another_region(aws):
    """Every resource there has a region of its own; here it is the connection's, for all that a stack makes."""
    there = aws.in_region("eu-west-1")
    applied(there, bk.Vault("main"), plan(selection(resources=["*"])))
    assert not stack(bk.Vault("main"), plan(selection(resources=["*"]))).preview(there)
    assert list(aws.plans) == []
