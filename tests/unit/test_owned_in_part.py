"""Owning a part: what is left alone, what taking a thing over remembers, giving up, moving and renaming, and references."""

from __future__ import annotations

import attrs
import pytest

import backupkit as bk
from backupkit.errors import ConsentError, InvalidValueError

ACCOUNT, REGION = "123456789012", "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/service-role/AWSBackupDefaultServiceRole"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts"
MAIN = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:main"
LOCK = bk.GovernanceLock(min_days=7, max_days=90)
POLICY = bk.AccessPolicy.deny_deletion()
FULL = bk.Vault("main", policy=POLICY, tags={"Team": "a", "CostCenter": "7"}).locked(LOCK).notifying_failures(TOPIC)
GAP = bk.AirGappedVault("gap", min_days=7, max_days=9)
RULE = bk.Rule("daily", "main").keep(days=35)
EVERY_ONE = bk.Selection("all", ROLE).including(TABLE)
VSS = bk.AdvancedBackupSetting.windows_vss()
PLAN = bk.Plan("p", RULE, advanced_settings=[VSS]).protecting(EVERY_ONE).tagged(By="hand")


@pytest.fixture
def aws():
    with bk.local() as connection:
        yield connection


def applied(aws, *things, name="s", **words):
    bk.Stack(name, *things).preview(aws).apply(allow_delete=True, **words)


def by_hand(aws, *things):
    """Somebody without backupkit has made this."""
    applied(aws, *things, name="hand")
    bk.Stack("hand").preview_release(aws, *(thing.address for thing in things)).apply()


def told(changes):
    return {change.address: [each.path for each in change.differences] for change in changes}


def tags(aws, arn=MAIN):
    return aws.call("ListTags", ResourceArn=arn)["Tags"]


class TestUnmanaged:
    @pytest.mark.parametrize("part", ["lock", "policy", "notifications", "tags.CostCenter"])
    def test_what_others_look_after_is_neither_compared_nor_touched(self, aws, part):
        """A part that is named may change and go as it likes; all others still show."""
        applied(aws, FULL)
        bare = bk.Vault("main", tags={"Team": "a"})
        changes = bk.Stack("s", bare.unmanaged(part)).preview(aws)
        shown = {f"vault.main/{p}" for p in ("lock", "policy", "notifications")} - {f"vault.main/{part}"}
        assert {address for address in told(changes) if "/" in address} == shown
        assert ("vault.main" in told(changes)) == (part != "tags.CostCenter")
        changes.apply(allow_delete=True)
        assert not bk.Stack("s", bare.unmanaged(part)).preview(aws)
        left = bk.Stack("s", bare).preview(aws)
        assert len(left) == 1

    def test_all_tags_that_are_not_declared_can_be_left_to_others(self, aws):
        """Declared tags are compared; whatever else a vault carries stays."""
        applied(aws, FULL)
        stack = bk.Stack("s", FULL.unmanaged("tags"))
        aws.call("TagResource", ResourceArn=MAIN, Tags={"Audit": "x", "Team": "b"})
        assert told(stack.preview(aws)) == {"vault.main": ["tags.Team"]}

    def test_a_declared_tag_can_be_left_to_others_once_it_is_there(self, aws):
        """What is declared of it is used where the vault is made; the tags of the stack do not reach it either."""
        declared = bk.Stack("s", FULL.unmanaged("tags.Team", "tags.Stage"), tags={"Stage": "prod"})
        declared.preview(aws).apply()
        assert tags(aws).items() >= {"Team": "a", "Stage": "prod"}.items()
        aws.call("TagResource", ResourceArn=MAIN, Tags={"Team": "b"})
        aws.call("UntagResource", ResourceArn=MAIN, TagKeyList=["Stage"])
        assert not declared.preview(aws)

    def test_selections_of_a_plan_can_be_left_to_others(self, aws):
        """Who declares no selections and leaves them alone keeps those that are there."""
        applied(aws, FULL, PLAN)
        bare = bk.Plan("p", RULE, advanced_settings=[VSS]).tagged(By="hand").unmanaged("selections")
        assert not bk.Stack("s", FULL, bare).preview(aws)

    def test_a_field_of_a_document_that_is_sent_whole_is_sent_as_it_is(self, aws):
        """A plan is updated as a whole: what is left alone of it goes along unchanged."""
        applied(aws, FULL, PLAN)
        shorter = bk.Plan("p", RULE.keep(days=30)).protecting(EVERY_ONE).tagged(By="hand")
        stack = bk.Stack("s", FULL, shorter.unmanaged("advanced_settings"))
        assert told(stack.preview(aws)) == {"plan.p": ["rule.daily/lifecycle/delete_after_days"]}
        stack.preview(aws).apply()
        assert not stack.preview(aws)
        (found,) = aws.plans
        settings = aws.call("GetBackupPlan", BackupPlanId=found.backup_plan_id)["AdvancedBackupSettings"]
        assert settings == [{"ResourceType": "EC2", "BackupOptions": {"WindowsVSS": "enabled"}}]

    def test_what_is_declared_is_used_when_the_thing_is_made(self, aws):
        """As with Terraform's ignore_changes: made as declared, and left alone from then on."""
        vault = FULL.unmanaged("lock")
        applied(aws, vault)
        assert aws.vaults.get("main").min_retention_days == 7
        aws.call("DeleteBackupVaultLockConfiguration", BackupVaultName="main")
        assert not bk.Stack("s", vault).preview(aws)

    def test_a_retention_is_held_against_the_lock_that_is_there(self, aws):
        """A lock that others look after refuses jobs as any other does."""
        applied(aws, bk.Vault("main").locked(bk.GovernanceLock(min_days=60)))
        changes = bk.Stack("s", bk.Vault("main").unmanaged("lock"), bk.Plan("p", RULE)).preview(aws)
        assert "shorter than the lock's 60 days" in str(changes.problems[0])

    @pytest.mark.parametrize("part", ["locks", "tags.", "lock.mode", "name", "", 5, "rule.daily"])
    def test_a_part_that_is_not_one_is_refused(self, part):
        """The nearest name is the way out."""
        with pytest.raises(InvalidValueError, match=r"vault\.main/unmanaged: .* is not a part of it"):
            bk.Vault("main").unmanaged(part)

    def test_verbs_undo_each_other(self):
        """What is managed again is not unmanaged."""
        assert FULL.unmanaged("lock").manages("lock").unmanaged_parts == ()
        assert FULL.manages("lock").unmanaged("lock").managed_parts == ()
        with pytest.raises(InvalidValueError):
            FULL.manages("locks")


class TestAdopting:
    def test_taking_over_a_bare_vault_proposes_nothing_for_what_it_does_not_mention(self, aws):
        """Lock, policy, notifications, selections and tags stay, then and later; the tag tells which."""
        by_hand(aws, FULL, PLAN)
        stack = bk.Stack("mine", bk.Vault("main"), bk.Plan("p", RULE))
        changes = stack.preview(aws, adopt=True)
        own = ["tags.backupkit:stack", "tags.backupkit:unmanaged"]
        assert told(changes) == {"vault.main": own, "plan.p": own}
        changes.apply()
        kept = "lock policy notifications tags.CostCenter tags.Team"
        assert set(tags(aws)["backupkit:unmanaged"].split()) == set(kept.split())
        (plan,) = aws.plans
        remembered = tags(aws, plan.backup_plan_arn)["backupkit:unmanaged"]
        assert set(remembered.split()) == {"selections", "advanced_settings", "tags.By"}
        assert not stack.preview(aws)
        assert not stack.preview(aws, adopt=True)
        assert aws.vaults.get("main").min_retention_days == 7

    def test_what_is_declared_later_is_managed_from_then_on(self, aws):
        """A silence ends where it is broken, and does not come back."""
        by_hand(aws, FULL)
        bk.Stack("mine", bk.Vault("main")).preview(aws, adopt=True).apply()
        wider = bk.Vault("main").locked(bk.GovernanceLock(min_days=7, max_days=100))
        bk.Stack("mine", wider).preview(aws).apply()
        assert "lock" not in tags(aws)["backupkit:unmanaged"]
        changes = bk.Stack("mine", bk.Vault("main")).preview(aws)
        assert list(told(changes)) == ["vault.main/lock"]

    def test_manages_proposes_what_was_left_alone(self, aws):
        """Who wants the vault whole says so, and sees what would go; that needs the word of a deletion."""
        by_hand(aws, FULL)
        bk.Stack("mine", bk.Vault("main")).preview(aws, adopt=True).apply()
        whole = bk.Vault("main").manages("lock", "policy", "notifications", "tags")
        changes = bk.Stack("mine", whole).preview(aws)
        assert set(told(changes)) == {"vault.main"} | {f"vault.main/{p}" for p in ("lock", "policy", "notifications")}
        with pytest.raises(ConsentError):
            changes.apply()
        changes.apply(allow_delete=True)
        assert tags(aws) == {"backupkit:stack": "mine"}
        assert not bk.Stack("mine", bk.Vault("main")).preview(aws)

    def test_what_is_mentioned_differently_is_changed(self, aws):
        """A declared part is not silent: taking over makes it so."""
        by_hand(aws, FULL)
        declared = bk.Vault("main", tags={"Team": "b"}).locked(bk.GovernanceLock(min_days=1))
        changes = bk.Stack("mine", declared).preview(aws, adopt=True)
        assert told(changes)["vault.main/lock"] == ["min_days", "max_days"]
        assert "tags.Team" in told(changes)["vault.main"]

    def test_only_what_is_named_is_taken_over(self, aws):
        """A list of addresses; what it leaves out is as if nobody had said a word."""
        by_hand(aws, FULL, PLAN)
        changes = bk.Stack("mine", bk.Vault("main"), bk.Plan("p", RULE)).preview(aws, adopt=["vault.main"])
        assert [problem.address for problem in changes.problems] == ["plan.p"]
        with pytest.raises(
            InvalidValueError, match=r"preview/adopt: 'vault.mian' is not an address of the stack; write vault.main"
        ):
            bk.Stack("mine", bk.Vault("main")).preview(aws, adopt=["vault.mian"])

    def test_more_tags_than_a_tag_can_name_are_left_alone_together(self, aws):
        """A tag holds 256 characters; then it says tags, which is all that are not declared."""
        by_hand(aws, bk.Vault("main", tags={f"a-rather-long-name-of-a-tag-{n}": "x" for n in range(40)}))
        stack = bk.Stack("mine", bk.Vault("main", tags={"Team": "a"}))
        stack.preview(aws, adopt=True).apply()
        assert tags(aws)["backupkit:unmanaged"] == "tags"
        assert not stack.preview(aws)

    def test_more_tags_than_aws_takes_are_told_before(self, aws):
        """With the tags that stay and backupkit's own there are more than fifty."""
        aws.call("CreateBackupVault", BackupVaultName="main", BackupVaultTags={f"t{n}": "" for n in range(49)})
        changes = bk.Stack("mine", bk.Vault("main")).preview(aws, adopt=True)
        assert "51 tags" in str(changes.problems[0])

    def test_taking_over_is_killed_and_goes_on(self, aws):
        """Only the tags of the plan are written, and then the process ends; the next run takes up what is left."""
        by_hand(aws, FULL, PLAN)
        stack = bk.Stack("mine", bk.Vault("main"), bk.Plan("p", RULE))
        fault = aws.faults.fail("TagResource", "InvalidRequestException", at=2)
        with pytest.raises(bk.errors.ApplyError):
            stack.preview(aws, adopt=True).apply()
        aws.faults.clear(fault)
        stack.preview(aws, adopt=True).apply()
        assert not stack.preview(aws)


GAPPED = bk.AirGappedVault("gapped", min_days=7, max_days=90)
FRAMEWORK = bk.Framework("f", bk.Control.recovery_point_encrypted())
REPORT = bk.ReportPlan("r", template="BACKUP_JOB_REPORT", bucket="reports")
TESTS = bk.RestoreTestingPlan("t", schedule="cron(0 6 ? * 1 *)", vaults="*")
# What is there, barely declared, and what taking it over remembers.
OTHERS = {
    "air-gapped vault": (
        attrs.evolve(GAPPED, policy=FULL.policy, tags={"By": "hand"}).notifying_failures(TOPIC),
        GAPPED,
        {"policy", "notifications", "tags.By"},
    ),
    "framework": (attrs.evolve(FRAMEWORK, description="all of it"), FRAMEWORK, {"description"}),
    "report plan": (
        attrs.evolve(REPORT, prefix="a/b", formats=("JSON",), description="daily"),
        REPORT,
        {"prefix", "formats", "description"},
    ),
    "restore testing plan": (
        attrs.evolve(TESTS, selection_window_days=7).testing(
            bk.RestoreTestingSelection("s", resource_type="DynamoDB", role=ROLE)
        ),
        TESTS,
        {"selections", "selection_window_days"},
    ),
}


class TestOtherKinds:
    @pytest.mark.parametrize("kind", OTHERS)
    def test_taking_over_changes_only_tags(self, aws, kind):
        """What is true of vaults and plans is true of every kind that has tags."""
        whole, bare, remembered = OTHERS[kind]
        by_hand(aws, whole)
        stack = bk.Stack("mine", bare)
        changes = stack.preview(aws, adopt=True)
        (change,) = changes
        assert {call.operation for call in changes.calls} == {"TagResource"}
        (said,) = (each.new for each in change.differences if each.path == "tags.backupkit:unmanaged")
        assert set(said.split()) == remembered
        changes.apply()
        assert not stack.preview(aws)

    def test_a_report_plan_is_updated_with_what_it_has(self, aws):
        """A document that is sent whole says of a part that is left alone what is there."""
        whole, bare, _ = OTHERS["report plan"]
        by_hand(aws, whole)
        bk.Stack("mine", bare).preview(aws, adopt=True).apply()
        moved = bk.Stack("mine", attrs.evolve(bare, bucket="other-reports"))
        moved.preview(aws).apply()
        assert not moved.preview(aws)
        found = aws.call("DescribeReportPlan", ReportPlanName="r")["ReportPlan"]
        channel = {"S3BucketName": "other-reports", "S3KeyPrefix": "a/b", "Formats": ["JSON"]}
        assert (found["ReportDeliveryChannel"], found["ReportPlanDescription"]) == (channel, "daily")

    def test_a_framework_is_updated_with_what_it_has(self, aws):
        """A description that nobody mentions stays when controls change."""
        whole, bare, _ = OTHERS["framework"]
        by_hand(aws, whole)
        bk.Stack("mine", bare).preview(aws, adopt=True).apply()
        stricter = bk.Stack("mine", bare.with_controls(bk.Control.recovery_point_minimum_retention_check()))
        stricter.preview(aws).apply()
        assert not stricter.preview(aws)
        assert aws.call("DescribeFramework", FrameworkName="f")["FrameworkDescription"] == "all of it"

    def test_a_restore_testing_plan_is_updated_with_what_it_has(self, aws):
        """So do its window and its selections."""
        whole, bare, _ = OTHERS["restore testing plan"]
        by_hand(aws, whole)
        bk.Stack("mine", bare).preview(aws, adopt=True).apply()
        longer = bk.Stack("mine", attrs.evolve(bare, start_window_hours=8))
        longer.preview(aws).apply()
        assert not longer.preview(aws)
        found = aws.call("GetRestoreTestingPlan", RestoreTestingPlanName="t")["RestoreTestingPlan"]
        assert (found["StartWindowHours"], found["RecoveryPointSelection"]["SelectionWindowDays"]) == (8, 7)
        assert aws.call("ListRestoreTestingSelections", RestoreTestingPlanName="t")["RestoreTestingSelections"]


class TestReleasing:
    def test_a_thing_that_is_given_up_stays_but_for_the_tags(self, aws):
        """One tag goes; the stack then neither deletes nor changes it."""
        applied(aws, FULL, PLAN)
        changes = bk.Stack("s", FULL).preview_release(aws, "plan.p")
        assert told(changes) == {"plan.p": ["tags.backupkit:stack"]}
        assert not changes.problems
        changes.apply()
        assert not bk.Stack("s", FULL).preview(aws)
        assert len(list(aws.plans)) == 1

    def test_a_declared_thing_can_be_given_up_first(self, aws):
        """Until it is taken out of the declaration, a preview says that nobody owns it."""
        applied(aws, FULL)
        bk.Stack("s", FULL).preview_release(aws, "vault.main").apply()
        (problem,) = bk.Stack("s", FULL).preview(aws).problems
        assert "no stack owns it" in str(problem)

    def test_giving_up_twice_is_nothing(self, aws):
        """Applying the same changes again does nothing."""
        applied(aws, FULL)
        changes = bk.Stack("s").preview_release(aws, "vault.main")
        changes.apply()
        assert changes.apply().done == ()

    def test_what_a_stack_does_not_own_cannot_be_given_up(self, aws):
        """The nearest address is the way out."""
        applied(aws, FULL)
        with pytest.raises(
            InvalidValueError, match=r"vault\.mian: the stack 's' owns no such thing; write vault\.main"
        ):
            bk.Stack("s").preview_release(aws, "vault.mian")
        with pytest.raises(InvalidValueError, match="it owns nothing here"):
            bk.Stack("t").preview_release(aws, "vault.main")
        with pytest.raises(
            InvalidValueError, match="no stack can own it, so there is nothing to give up; leave it out"
        ):
            bk.Stack("s").preview_release(aws, "region_settings")


class TestMoving:
    def test_a_thing_moves_between_stacks_with_one_preview(self, aws):
        """The new stack takes it with its tags; the old one no longer has it, and nothing else changes."""
        applied(aws, FULL, PLAN, name="old")
        changes = bk.Stack("new", FULL).preview(aws, moved_from="old")
        assert told(changes) == {"vault.main": ["tags.backupkit:stack"]}
        changes.apply()
        assert not bk.Stack("new", FULL).preview(aws)
        assert not bk.Stack("old", PLAN).preview(aws)

    def test_nothing_is_taken_from_a_stack_that_is_not_named(self, aws):
        """Adopting does not reach what another stack owns, and neither does moving from a third one."""
        applied(aws, FULL, name="old")
        for words in ({"adopt": True}, {"moved_from": ["other"]}):
            (problem,) = bk.Stack("new", FULL).preview(aws, **words).problems
            assert "moved_from='old'" in str(problem)


class TestRenaming:
    def test_a_plan_is_renamed_in_place(self, aws):
        """The same plan, with its selections, under another name; once done, the line does nothing."""
        applied(aws, FULL, PLAN)
        (before,) = aws.plans
        declared = bk.Plan("q", RULE, advanced_settings=[VSS]).protecting(EVERY_ONE).tagged(By="hand")
        stack = bk.Stack("s", FULL, declared).renamed("plan.p", "plan.q")
        assert told(stack.preview(aws)) == {"plan.q": ["name"]}
        stack.preview(aws).apply()
        (after,) = aws.plans
        assert (after.backup_plan_id, after.backup_plan_name) == (before.backup_plan_id, "q")
        assert not stack.preview(aws)
        assert not bk.Stack("s", FULL, declared).preview(aws)

    def test_one_that_was_made_again_under_its_former_name_goes(self, aws):
        """Where there is one of the new name already, the former is one that the stack no longer declares."""
        other = bk.Plan("q", RULE).protecting(EVERY_ONE)
        applied(aws, FULL, PLAN, other)
        changes = bk.Stack("s", FULL, other).renamed("plan.p", "plan.q").preview(aws)
        assert [(change.address, str(change.action)) for change in changes if "/" not in change.address] == [
            ("plan.p", "delete")
        ]

    def test_what_is_in_a_renamed_plan_changes_with_it(self, aws):
        """A selection that changes in the same step is replaced in the same plan."""
        applied(aws, FULL, PLAN)
        declared = bk.Plan("q", RULE).protecting(EVERY_ONE.including("*"))
        stack = bk.Stack("s", FULL, declared).renamed("plan.p", "plan.q")
        stack.preview(aws).apply(allow_delete=True)
        assert not stack.preview(aws)
        assert len(list(aws.plans)) == 1

    def test_a_selection_under_another_name_is_there_before_the_old_one_goes(self, aws):
        """Where the new one cannot be made, the old one stays, and so does the protection."""
        applied(aws, FULL, PLAN)
        other = bk.Plan("p", RULE, advanced_settings=[VSS]).protecting(attrs.evolve(EVERY_ONE, name="every-one"))
        stack = bk.Stack("s", FULL, other.tagged(By="hand"))
        needs = {change.address: change.needs for change in stack.preview(aws)}
        assert needs == {"plan.p/selection.every-one": (), "plan.p/selection.all": ("plan.p/selection.every-one",)}
        fault = aws.faults.fail("CreateBackupSelection", "LimitExceededException", times=99)
        with pytest.raises(bk.errors.ApplyError):
            stack.preview(aws).apply(allow_delete=True)
        (plan,) = aws.plans
        assert [each.selection_name for each in aws.plans.selections(plan.backup_plan_id)] == ["all"]
        aws.faults.clear(fault)
        stack.preview(aws).apply(allow_delete=True)
        assert [each.selection_name for each in aws.plans.selections(plan.backup_plan_id)] == ["every-one"]

    @pytest.mark.parametrize(
        ("old", "new", "words"),
        [
            ("vault.old", "vault.main", "AWS cannot rename a vault"),
            ("air_gapped_vault.old", "air_gapped_vault.gap", "AWS cannot rename an air gapped vault"),
            ("plan.x", "plan.y", "nothing is declared at 'plan.y'; write plan.p"),
            ("vault.main", "plan.p", "declared as well"),
            ("vault.x", "plan.p", "not a former address"),
            ("plan.p/selection.a", "plan.p/selection.b", "made under its new name before the old goes"),
        ],
    )
    def test_what_cannot_be_renamed_is_told(self, old, new, words):
        """AWS gives new names to few things; the rest is a mistake."""
        with pytest.raises(InvalidValueError, match=words):
            bk.Stack("s", bk.Vault("main"), GAP, bk.Plan("p", RULE)).renamed(old, new)


class TestExisting:
    def test_a_vault_of_another_stack_can_be_referred_to(self, aws):
        """It is never changed, tagged or deleted, and plans put points into it."""
        applied(aws, FULL, name="platform")
        vault = bk.Vault.existing("main")
        before = tags(aws)
        stack = bk.Stack("team", vault, bk.Plan("p", bk.Rule("daily", vault).keep(days=35)))
        assert list(told(stack.preview(aws, adopt=True))) == ["plan.p"]
        stack.preview(aws).apply()
        bk.Stack("team", vault).preview(aws).apply(allow_delete=True)
        assert not bk.Stack("team").preview(aws)
        assert tags(aws) == before
        assert not bk.Stack("platform", FULL).preview(aws)

    def test_retentions_are_held_against_the_lock_that_it_has(self, aws):
        """The lock is read, for the declaration does not have it."""
        applied(aws, FULL, name="platform")
        vault = bk.Vault.existing("main")
        changes = bk.Stack("team", vault, bk.Plan("p", bk.Rule("daily", vault).keep(days=91))).preview(aws)
        assert "longer than the lock's 90 days" in str(changes.problems[0])

    def test_a_reference_says_that_it_is_one(self):
        """Neither repr nor display takes it for a vault without a lock."""
        assert repr(bk.Vault.existing("main")) == "<Vault main: only referred to>"
        assert "everything" in str(bk.Vault.existing("main"))

    def test_one_that_is_not_there_is_told(self, aws):
        """Nothing is made in its place."""
        changes = bk.Stack("team", bk.Vault.existing("main")).preview(aws)
        assert [str(problem) for problem in changes.problems] == [
            "vault.main: there is no vault 'main' here; make it first, or declare it in its own stack"
        ]

    def test_a_vault_that_was_the_stacks_and_is_only_referred_to_stays(self, aws):
        """Turning a vault into a reference deletes nothing."""
        applied(aws, FULL)
        assert not bk.Stack("s", bk.Vault.existing("main")).preview(aws)


def test_a_reference_says_nothing_that_would_not_be_done():
    """A vault that is only referred to is never changed, so a lock that is declared on it is an error, and not silence."""
    with pytest.raises(InvalidValueError, match=r"vault\.prod: .*never changed, and this one says lock"):
        bk.Vault.existing("prod").locked(bk.GovernanceLock(min_days=7))
    with pytest.raises(InvalidValueError, match="says tags"):
        bk.Vault.existing("prod").tagged(Team="platform")


def test_giving_nothing_up_is_no_preview():
    """Whoever forgets the addresses hears of it, and does not read that nothing is to change."""
    with pytest.raises(InvalidValueError, match="preview_release: no addresses"):
        bk.Stack("shop", bk.Vault("prod")).preview_release(bk.local())


def test_moving_from_a_stack_that_owns_nothing_is_told():
    """A misspelt stack moves nothing, and the preview says so."""
    changes = bk.Stack("shop", bk.Vault("prod")).preview(bk.local(), moved_from="shpo")
    assert "no thing here belongs to the stack 'shpo'" in str(changes)
