"""Air-gapped and restore access vaults, restore testing and access points: made, compared, changed, deleted."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

import backupkit as bk
from backupkit.emulator import Choices
from backupkit.errors import ApplyError
from backupkit.provider.kinds import KINDS

ROLE = "arn:aws:iam::123456789012:role/restores"
TEAM = "arn:aws:mpa:us-east-1:123456789012:approval-team/first"
TOPIC = "arn:aws:sns:us-east-1:123456789012:backups"
BUCKET = "arn:aws:s3:::photos"
POLICY = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]}
GAP = bk.AirGappedVault("gap", min_days=7, max_days=365)
TABLES = bk.RestoreTestingSelection("tables", resource_type="DynamoDB", role=ROLE)
WEEKLY = bk.RestoreTestingPlan("weekly", schedule="cron(0 6 ? * 1 *)", vaults="*").testing(TABLES)
OTHER = "999988887777"
SOURCE = f"arn:aws:backup:us-east-1:{OTHER}:backup-vault:gap"


@pytest.fixture
def aws():
    with bk.local() as connection:
        yield connection


def preview(aws, *things, name="s"):
    return bk.Stack(name, *things).preview(aws)


def apply(aws, *things, **words):
    """Apply, and make sure that nothing is left to do."""
    done = preview(aws, *things).apply(**words).done
    assert not list(preview(aws, *things)), str(preview(aws, *things))
    return done


def told(changes):
    return [(change.address, str(change.action)) for change in changes]


def differing(changes):
    return {d.path: (d.old, d.new) for change in changes for d in change.differences}


def point_of(aws, resource=BUCKET):
    if resource not in aws.resources:
        aws.resources.add(resource)
    return aws.back_up(resource, vault="prod", keep_days=35).wait().recovery_point


class TestAirGappedVaults:
    def test_it_is_read_as_available_twice_before_it_counts_as_there(self):
        """AWS has been seen to say AVAILABLE too early, so that notifications are put only after a second look."""
        with bk.local(choices=Choices(air_gapped_creation_seconds=120)) as aws:
            begin = aws.clock.now()
            apply(aws, GAP.notifying(TOPIC, "COPY_JOB_FAILED"))
            # It becomes available after 120 seconds, and is looked at every 15.
            assert aws.clock.now() - begin >= timedelta(seconds=130)

    def test_another_bound_makes_a_new_vault_and_says_so(self, aws):
        """AWS changes no bound of an air-gapped vault; an empty one is replaced with the caller's word."""
        apply(aws, GAP)
        wider = attrs.evolve(GAP, max_days=400)
        [change] = preview(aws, wider)
        assert (str(change.action), change.destroys) == ("replace", True)
        assert "AWS cannot change the max days of an air gapped vault" in change.reason
        assert differing([change])["max_days"] == (365, 400)
        apply(aws, wider, allow_delete=True)

    def test_one_that_holds_points_stays(self, aws):
        """Points of an air-gapped vault can be deleted by nobody, so neither can it."""
        apply(aws, GAP, bk.Vault("prod"))
        arn = aws.call("DescribeBackupVault", BackupVaultName="gap")["BackupVaultArn"]
        aws.resources.add(BUCKET)
        point = point_of(aws)
        point.copy_to(arn, keep_days=35).wait()
        [change] = preview(aws, bk.Vault("prod"))
        assert "holds 1 recovery point" in str(change.problems[0])

    def test_its_key_is_compared_only_where_it_is_declared(self, aws):
        """AWS owns the key of a vault that names none, and that is not a difference."""
        apply(aws, GAP)
        assert not list(preview(aws, GAP))

    def test_the_first_team_is_taken_at_once_and_another_waits_for_it(self, aws):
        """A change of the team shows as waiting for it, stands in nobody's way, and ends as declared."""
        aws.call("UpdateGlobalSettings", GlobalSettings={"isMpaEnabled": "true"})
        first = attrs.evolve(GAP, approval_team=TEAM)
        apply(aws, first)
        second = attrs.evolve(GAP, approval_team=f"{TEAM}-2")
        changes = preview(aws, second)
        assert told(changes) == [("air_gapped_vault.gap/approval_team", "update")]
        assert "must approve it within 24 hours" in next(iter(changes)).reason
        changes.apply()
        waiting = preview(aws, second)
        assert not list(waiting)
        assert "the approval team decides about an earlier change" in str(waiting.warnings)
        aws.accounts.approve(aws.accounts.pending()[0])
        after = preview(aws, second)
        assert not list(after)
        assert "decides" not in str(after.warnings)
        assert aws.call("DescribeBackupVault", BackupVaultName="gap")["MpaApprovalTeamArn"] == f"{TEAM}-2"

    def test_dropping_the_team_is_for_the_team_to_approve(self, aws):
        """It needs the caller's word; a denial leaves the team where it is, and the next preview proposes it again."""
        aws.call("UpdateGlobalSettings", GlobalSettings={"isMpaEnabled": "true"})
        apply(aws, attrs.evolve(GAP, approval_team=TEAM))
        changes = preview(aws, GAP)
        assert told(changes) == [("air_gapped_vault.gap/approval_team", "delete")]
        with pytest.raises(bk.errors.ConsentError):
            changes.apply()
        changes.apply(allow_delete=True)
        assert not list(preview(aws, GAP))
        aws.accounts.deny(aws.accounts.pending()[0])
        changes = preview(aws, GAP)
        assert told(changes) == [("air_gapped_vault.gap/approval_team", "delete")]
        changes.apply(allow_delete=True)
        aws.accounts.approve(aws.accounts.pending()[0])
        assert "MpaApprovalTeamArn" not in aws.call("DescribeBackupVault", BackupVaultName="gap")

    def test_a_name_that_another_kind_of_vault_carries_is_a_problem(self, aws):
        """All vaults share one space of names, and one of another kind is never touched."""
        aws.call("CreateBackupVault", BackupVaultName="gap")
        [change] = preview(aws, GAP)
        assert "a standard vault carries this name" in str(change.problems[0])


class TestRestoreAccessVaults:
    @pytest.fixture
    def source(self, aws):
        owner = aws.as_account(OTHER)
        owner.call("UpdateGlobalSettings", GlobalSettings={"isMpaEnabled": "true"})
        team = TEAM.replace("123456789012", OTHER)
        preview(owner, attrs.evolve(GAP, approval_team=team)).apply()
        return owner

    def test_it_is_asked_for_and_not_waited_for(self, aws, source):
        """Approval takes up to a day; applying ends at once, and the vault is as declared before and after it."""
        vault = bk.RestoreAccessVault("restores", source=SOURCE, comment="INC-1", tags={"Team": "a"})
        begin = aws.clock.now()
        assert apply(aws, vault) == ("restore_access_vault.restores",)
        assert aws.clock.now() - begin < timedelta(minutes=1)
        [waiting] = preview(aws, vault).warnings
        assert "has not approved it yet" in waiting.message
        [pending] = source.accounts.pending()
        source.accounts.approve(pending)
        assert not list(preview(aws, vault))
        assert preview(aws, vault).warnings == ()

    def test_one_that_was_denied_is_asked_for_again(self, aws, source):
        """A vault whose request failed opens nothing: it is replaced, and its state is the reason."""
        vault = bk.RestoreAccessVault("restores", source=SOURCE)
        apply(aws, vault)
        source.accounts.deny(source.accounts.pending()[0])
        [change] = preview(aws, vault)
        assert (str(change.action), change.reason) == ("replace", "its state is FAILED: it is deleted and made again")
        apply(aws, vault, allow_delete=True)
        assert len(source.accounts.pending()) == 1

    def test_the_comment_is_sent_once_and_never_compared(self, aws, source):
        """AWS does not tell the comment, so another one is not a difference."""
        apply(aws, bk.RestoreAccessVault("restores", source=SOURCE, comment="INC-1"))
        changes = preview(aws, bk.RestoreAccessVault("restores", source=SOURCE, comment="INC-2"))
        assert not list(changes)
        assert "INC" not in str(changes)


class TestRestoreTesting:
    @pytest.mark.parametrize(
        ("field", "value", "path"),
        [
            ("schedule", "cron(0 7 ? * 2 *)", "schedule"),
            ("vaults", "arn:aws:backup:*:*:backup-vault:prod-*", "vaults"),
            ("exclude_vaults", GAP, "exclude_vaults"),
            ("algorithm", "RANDOM_WITHIN_WINDOW", "algorithm"),
            ("point_types", "SNAPSHOT", "point_types"),
            ("selection_window_days", 90, "selection_window_days"),
            ("start_window_hours", 48, "start_window_hours"),
        ],
    )
    def test_every_field_of_a_plan_is_changed_in_place_and_back(self, aws, field, value, path):
        """AWS keeps what an update leaves out; what is dropped is therefore set back to AWS's default."""
        apply(aws, WEEKLY)
        changed = attrs.evolve(WEEKLY, **{field: value})
        changes = preview(aws, changed)
        assert told(changes) == [("restore_testing_plan.weekly", "update")]
        assert set(differing(changes)) == {path}
        apply(aws, changed)
        assert apply(aws, WEEKLY) == ("restore_testing_plan.weekly",)

    @pytest.mark.parametrize(
        ("more", "path"),
        [
            ({"role": f"{ROLE}-2"}, "role"),
            ({"resources": "arn:aws:dynamodb:us-east-1:123456789012:table/orders"}, "resources"),
            ({"conditions": (bk.tag("Team").equals("a"), bk.tag("Team").differs("b"))}, "conditions"),
            ({"overrides": {"encryptionType": "KMS"}}, "overrides.encryptiontype"),
            ({"validation_window_hours": 4}, "validation_window_hours"),
        ],
    )
    def test_every_field_of_a_selection_is_changed_in_place_and_back(self, aws, more, path):
        """Also a changed list of resources is sent, and what is dropped is cleared."""
        apply(aws, WEEKLY)
        changed = attrs.evolve(WEEKLY, selections=(attrs.evolve(TABLES, **more),))
        changes = preview(aws, changed)
        assert told(changes) == [("restore_testing_plan.weekly/selection.tables", "update")]
        assert set(differing(changes)) == {path}
        apply(aws, changed)
        assert apply(aws, WEEKLY) == ("restore_testing_plan.weekly/selection.tables",)

    def test_resources_and_conditions_take_each_others_place(self, aws):
        """From single resources to conditions, both are sent together, as AWS wants them."""
        one = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
        apply(aws, attrs.evolve(WEEKLY, selections=(attrs.evolve(TABLES, resources=one),)))
        apply(aws, attrs.evolve(WEEKLY, selections=(TABLES.where(bk.tag("Team").equals("a")),)))
        apply(aws, attrs.evolve(WEEKLY, selections=(attrs.evolve(TABLES, resources=one),)))

    def test_selections_go_before_their_plan(self, aws):
        """AWS refuses to delete a plan that has selections."""
        apply(aws, WEEKLY)
        changes = preview(aws)
        assert [str(change.action) for change in changes] == ["delete", "delete"]
        changes.apply(allow_delete=True)
        assert aws.call("ListRestoreTestingPlans")["RestoreTestingPlans"] == []

    def test_the_same_written_otherwise_is_no_change(self, aws):
        """Order, the case of override keys, the spelling of JSON and AWS's defaults change nothing."""
        fsx = attrs.evolve(TABLES, resource_type="FSx")
        first = attrs.evolve(
            WEEKLY,
            vaults=("arn:aws:backup:*:*:backup-vault:b", "arn:aws:backup:*:*:backup-vault:a"),
            selections=(attrs.evolve(fsx, overrides={"subnetIds": '["a", "b"]', "kmsKeyId": "k"}),),
        )
        apply(aws, first)
        again = attrs.evolve(
            first,
            vaults=tuple(reversed(first.vaults)),
            point_types=("SNAPSHOT", "CONTINUOUS"),
            selection_window_days=30,
            start_window_hours=24,
            selections=(
                attrs.evolve(fsx, overrides={"KMSKEYID": "k", "subnetids": '["a","b"]'}, validation_window_hours=0),
            ),
        )
        assert not list(preview(aws, again))

    def test_overrides_are_never_shown(self, aws):
        """A preview tells that the value of an override differs, and never the values."""
        secret = attrs.evolve(TABLES, overrides={"kmsMasterKeyArn": "hunter2"})
        changes = preview(aws, attrs.evolve(WEEKLY, selections=(secret,)))
        assert "kmsmasterkeyarn" in str(changes)
        assert "hunter2" not in str(changes) + repr(changes) + changes._repr_html_()


class TestAccessPoints:
    @pytest.fixture
    def points(self, aws):
        aws.call("CreateBackupVault", BackupVaultName="prod")
        return [point_of(aws).recovery_point_arn for _ in range(2)]

    def test_it_is_waited_for_until_it_is_available(self, aws, points):
        """Applying ends when the access point can be used, with its tags."""
        apply(aws, bk.AccessPoint("photos", point=points[0], policy=POLICY, tags={"Team": "a"}))
        [made] = aws.call("ListBackupAccessPoints")["BackupAccessPoints"]
        assert made["Status"] == "AVAILABLE"

    @pytest.mark.slow
    def test_one_that_has_failed_is_made_again(self):
        """FAILED is not success: an access point that S3 did not take is replaced, and its state is the reason."""
        with bk.local(choices=Choices(access_point_policy_checked=False)) as aws:
            aws.call("CreateBackupVault", BackupVaultName="prod")
            named = {"Name": "photos", "RecoveryPointArn": point_of(aws).recovery_point_arn}
            aws.call("CreateBackupAccessPoint", **named, AccessPointPolicy="{", Tags={"backupkit:stack": "s"})
            aws.clock.advance(minutes=5)
            access = bk.AccessPoint("photos", point=named["RecoveryPointArn"])
            [change] = preview(aws, access)
            assert change.reason == "its state is FAILED: it is deleted and made again"
            apply(aws, access, allow_delete=True)

    @pytest.mark.slow
    def test_one_on_its_way_out_is_not_taken_for_there(self, aws, points):
        """What is being deleted shows as a creation, and applying waits until it and the rest of its name are gone."""
        access = bk.AccessPoint("photos", point=points[0])
        apply(aws, access)
        [made] = aws.call("ListBackupAccessPoints")["BackupAccessPoints"]
        aws.call("DeleteBackupAccessPoint", AccessPointArn=made["AccessPointArn"])
        assert told(preview(aws, access)) == [("access_point.photos", "create")]
        apply(aws, access)

    def test_a_continuous_point_is_shown_as_of_a_moment(self, aws):
        """The moment is sent and compared, whatever AWS adds beside it."""
        aws.call("CreateBackupVault", BackupVaultName="prod")
        aws.resources.add(BUCKET)
        rule = bk.Rule("pit", "prod", continuous=True, lifecycle=bk.Lifecycle(delete_after_days=35))
        plan = bk.Plan("pit", rule).protecting(bk.Selection("s", ROLE).including(BUCKET))
        preview(aws, plan, name="p").apply()
        aws.clock.advance(days=2)
        point = aws.recovery_points(resource=BUCKET).latest()
        at = (aws.clock.now() - timedelta(hours=3)).replace(microsecond=0)
        access = bk.AccessPoint("photos", point=point.recovery_point_arn, at=at)
        apply(aws, access)
        [change] = preview(aws, attrs.evolve(access, at=at - timedelta(hours=1)))
        assert "at" in differing([change])


def test_the_name_of_an_access_point_can_be_taken_by_somebody_else(aws):
    """An error of AWS while applying is told with its address, and nothing is made in its place."""
    aws.call("CreateBackupVault", BackupVaultName="prod")
    point = point_of(aws).recovery_point_arn
    changes = preview(aws, bk.AccessPoint("photos", point=point))
    aws.call("CreateBackupAccessPoint", Name="photos", RecoveryPointArn=point)
    with pytest.raises((ApplyError, bk.errors.StaleChangesError), match=r"access_point\.photos"):
        changes.apply()


def test_a_vault_that_is_seen_late_is_waited_for(aws):
    """AWS answers AccessDenied for a vault that it does not show yet; the list tells that it is not a refusal."""
    aws.faults.lag(60, "vaults")
    preview(aws, GAP).apply()
    aws.clock.advance(minutes=5)
    assert not list(preview(aws, GAP))


def test_a_vault_that_may_not_be_described_is_an_error(aws):
    """A refusal is never read as absence: what the list shows is there, and applying stops."""
    changes = preview(aws, GAP)
    aws.faults.fail("DescribeBackupVault", "AccessDeniedException", "no")
    with pytest.raises(ApplyError, match="no"):
        changes.apply()


def test_a_topic_hears_of_a_vault_once_it_may_be_told():
    """The policy of a topic is put before the vaults whose notifications go there."""
    vaults = bk.Vault("prod"), GAP
    for vault in vaults:
        [kind] = [kind for kind in KINDS if type(vault) is kind.cls]
        assert list(kind.needs(vault)) == []
        assert list(kind.needs(vault.notifying(TOPIC, "COPY_JOB_FAILED"))) == [bk.TopicPolicy(TOPIC).address]
