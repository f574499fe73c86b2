"""Copies: what is looked at before, the copy on its own side, and the way back."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import msgspec
import pytest

import backupkit as bk
from backupkit import errors
from backupkit.connection import Connection
from backupkit.neighbours import NO_NEIGHBOURS
from backupkit.recover.caller import caller_at
from backupkit.recover.copy_checks import copy_checks
from backupkit.recover.copy_route import CopyItem, CopyRoute
from backupkit.recover.region_vaults import RegionVaults
from backupkit.recover.vault_policy import PolicyCaller, allows

OWN, CENTRAL, TARGET = "123456789012", "222222222222", "333333333333"
EAST, WEST = "us-east-1", "eu-west-1"
VOLUME = f"arn:aws:ec2:{EAST}:{OWN}:volume/vol-0123456789abcdef0"
FILES = f"arn:aws:elasticfilesystem:{EAST}:{OWN}:file-system/fs-0123456789abcdef0"
OF_AWS = f"arn:aws:kms:{EAST}:{OWN}:alias/aws/ebs"
INTO = "backup:CopyIntoBackupVault"
ROLE = f"arn:aws:iam::{OWN}:role/backup"


def key(account, region=EAST):
    return f"arn:aws:kms:{region}:{account}:key/mrk-0123456789abcdef0123456789abcdef"


def arn(name, account=OWN, region=EAST):
    return f"arn:aws:backup:{region}:{account}:backup-vault:{name}"


def vault(there, name, *takes_from, keyed=True, region=EAST):
    """A vault that takes copies from some accounts; its ARN."""
    own = {"EncryptionKeyArn": key(there.account_id, region)} if keyed else {}
    there.call("CreateBackupVault", BackupVaultName=name, **own)
    if takes_from:
        who = {"AWS": [f"arn:aws:iam::{account}:root" for account in takes_from]}
        said = {"Effect": "Allow", "Principal": who, "Action": INTO, "Resource": "*"}
        there.call("PutBackupVaultAccessPolicy", BackupVaultName=name, Policy=json.dumps({"Statement": [said]}))
    return arn(name, there.account_id, region)


def gapped(there, name="gapped"):
    there.call("CreateLogicallyAirGappedBackupVault", BackupVaultName=name, MinRetentionDays=7, MaxRetentionDays=400)
    there.clock.advance(minutes=5)
    return arn(name, there.account_id)


@pytest.fixture
def aws():
    """One organization of three accounts with cross-account backup on, a volume, and a vault for it."""
    aws = bk.local()
    aws.accounts.organize(CENTRAL, TARGET)
    aws.call("UpdateGlobalSettings", GlobalSettings={"isCrossAccountBackupEnabled": "true"})
    aws.resources.add(VOLUME, size_bytes=10**8)
    aws.call("CreateBackupVault", BackupVaultName="prod")
    return aws


def backed_up(aws, resource=VOLUME, **more):
    return aws.back_up(resource, vault="prod", **more).wait().recovery_point


def addresses(preview):
    return [problem.address for problem in preview.problems]


class TestPreflight:
    def test_nothing_is_started_where_something_stands_against_it(self, aws):
        """`copy_to` looks first, and its error has all the problems with the way out of each."""
        central = aws.as_account(CENTRAL)
        target = vault(central, "central", keyed=False)
        with pytest.raises(errors.PreflightError) as caught:
            backed_up(aws).copy_to(target, destination=central)
        assert [problem.address for problem in caught.value.problems] == ["copy/policy", "copy/key"]
        assert all(problem.hint for problem in caught.value.problems)
        assert list(aws.copy_jobs()) == []

    def test_without_the_other_side_its_part_is_unknown_and_does_not_stop_the_copy(self, aws):
        """What was not looked at is never fine, and never refused."""
        central = aws.as_account(CENTRAL)
        preview = backed_up(aws).preview_copy(vault(central, "central", OWN))
        unknown = {check.name for check in preview.checks if check.verdict is bk.Verdict.UNKNOWN}
        assert unknown == {"destination", "organization", "policy"}
        assert preview.problems == ()
        assert preview.apply().wait().state == "COMPLETED"

    def test_what_may_not_be_read_is_unknown_and_stops_nothing(self, aws):
        """Whoever may only start copies can start them."""
        central = aws.as_account(CENTRAL)
        point, target = backed_up(aws), vault(central, "central", OWN)
        for operation in ("ListBackupVaults", "GetBackupVaultAccessPolicy", "DescribeGlobalSettings"):
            aws.faults.fail(operation, "AccessDeniedException", rate=1)
        preview = point.preview_copy(target, destination=central)
        assert {check.verdict for check in preview.checks if check.name != "type"} == {bk.Verdict.UNKNOWN}
        assert point.copy_to(target, destination=central).wait_at(central).backup_vault_arn == target

    def test_a_destination_of_another_account_or_region_than_the_vault_is_refused(self, aws):
        """What such a connection would show is another account's."""
        target = vault(aws.as_account(CENTRAL), "central", OWN)
        vault(aws.as_account(TARGET), "rescue")
        for wrong in (aws.as_account(TARGET), aws.as_account(CENTRAL).in_region(WEST)):
            with pytest.raises(errors.InvalidValueError, match="connect to the vault's account and Region"):
                backed_up(aws).preview_copy(target, destination=wrong)
        with pytest.raises(errors.InvalidValueError, match="is not a connection"):
            backed_up(aws).preview_copy(target, destination="central")

    @pytest.mark.slow
    def test_continuous_and_cold_points_are_refused_with_what_to_do_instead(self, aws):
        """AWS copies neither on demand."""
        aws.resources.add(FILES)
        second = vault(aws, "second")
        cold = backed_up(aws, FILES, cold_after_days=1, keep_days=200)
        aws.clock.advance(days=3)
        assert addresses(cold.preview_copy(second)) == ["copy/cold"]
        database = f"arn:aws:rds:{EAST}:{OWN}:db:main"
        aws.resources.add(database, tags={"Backup": "often"})
        kept = bk.Lifecycle(delete_after_days=20)
        rule = bk.Rule("often", "prod", continuous=True, lifecycle=kept).scheduled(bk.Schedule.daily(at="05:00"))
        chosen = bk.Selection("often", role=f"arn:aws:iam::{OWN}:role/backup").any_tag(Backup="often")
        bk.Stack("often", bk.Plan("often", rule).protecting(chosen)).preview(aws).apply()
        aws.clock.advance(days=2)
        [continuous] = aws.recovery_points(resource=database)
        [problem] = continuous.preview_copy(second).problems
        assert (problem.address, "a plan's rule" in problem.hint) == ("copy/continuous", True)

    def test_a_composite_goes_as_a_whole_and_the_state_of_a_cluster_not_alone(self, aws):
        """Other nested points can be copied by themselves; CloudFormation's composites stay in their account."""
        target = aws.as_account(TARGET)
        last = vault(target, "rescue", OWN)
        cluster, stack = (f"arn:aws:{kind}:{EAST}:{OWN}:" for kind in ("eks", "cloudformation"))
        cluster, stack = f"{cluster}cluster/shop", f"{stack}stack/shop/0a1b2c3d-0000-4000-8000-000000000000"
        for arn_ in (cluster, stack):
            aws.resources.add(arn_, members=[VOLUME])
        whole = backed_up(aws, cluster)
        nested = {
            point.resource_type: point for point in aws.recovery_points(vault="prod", parent=whole.recovery_point_arn)
        }
        assert addresses(nested["EKS"].preview_return(to=target)) == ["return/composite"]
        assert addresses(nested["EBS"].preview_return(to=target)) == []
        assert whole.preview_return(to=target).apply().point.backup_vault_arn == last
        assert addresses(backed_up(aws, stack).preview_copy(last, destination=target)) == ["copy/type"]

    def test_what_only_some_regions_copy_is_noted(self, aws):
        """Which Regions an account must opt in to, no list says; so it is worth knowing, and stops nothing."""
        far = vault(aws.in_region(WEST), "far", region=WEST)
        cluster = f"arn:aws:rds:{EAST}:{OWN}:cluster:ledger"
        aws.resources.add(cluster, resource_type="DocumentDB")
        checks = backed_up(aws, cluster).preview_copy(far, destination=aws.in_region(WEST)).checks
        [note] = [check for check in checks if check.verdict is bk.Verdict.NOTE]
        assert note.message == "Regions that accounts must opt in to do not copy points of DocumentDB to other Regions"

    @pytest.mark.parametrize(
        ("changes", "into", "name", "verdict", "words"),
        [
            ({"resource_type": "Quantum"}, "second", "type", "UNKNOWN", "knows nothing of copies of Quantum"),
            (
                {
                    "resource_type": "RDS",
                    "recovery_point_arn": f"arn:aws:rds:{EAST}:{OWN}:cluster-snapshot:awsbackup:1",
                },
                "second",
                "type",
                "PROBLEM",
                "whose ARNs hold :cluster-snapshot:; restore it where it is",
            ),
            ({"resource_type": "Redshift"}, "second", "type", "PROBLEM", "cannot copy points of Redshift; restore it"),
            ({"resource_type": "FSx"}, "second", "type", "NOTE", "cannot be copied to another Region or account"),
            ({"resource_type": "Aurora", "is_encrypted": False}, "gapped", "air gap", "PROBLEM", "are not encrypted"),
            ({"resource_type": "EKS"}, "gapped", "air gap", "PROBLEM", "do not take points of EKS; name a standard"),
            ({"encryption_key_arn": key(OWN)}, "gapped", "key", "UNKNOWN", "its key .* was not looked at"),
        ],
    )
    def test_what_a_type_and_a_key_say_of_a_copy(self, aws, changes, into, name, verdict, words):
        """Nothing that is not known passes for fine, and what AWS cannot copy says where its data can go instead."""
        gapped(aws) if into == "gapped" else vault(aws, into)
        record = msgspec.structs.replace(backed_up(aws, keep_days=30).refresh(), **changes)
        here = RegionVaults(caller_at(aws, "test"))
        route = CopyRoute(item=CopyItem.of(record), here=here, there=here, vault_arn=arn(into), role_arn=ROLE)
        [found] = [check for check in copy_checks(route) if (check.name, check.verdict.name) == (name, verdict)]
        assert re.search(words, f"{found.message}; {found.hint}")

    def test_a_table_that_cannot_be_copied_can_once_its_advanced_features_are_on(self, aws):
        """The way out that the preview names is one."""
        table, second = f"arn:aws:dynamodb:{EAST}:{OWN}:table/orders", vault(aws, "second")
        aws.resources.add(table)
        for advanced, problems in ((False, ["copy/type"]), (True, [])):
            aws.call("UpdateRegionSettings", ResourceTypeManagementPreference={"DynamoDB": advanced})
            preview = backed_up(aws, table).preview_copy(second)
            assert addresses(preview) == problems
            assert all("back the table up again" in problem.hint for problem in preview.problems)

    def test_vaults_that_take_no_copies_are_told_with_those_that_do(self, aws):
        """One that is still being made, the restore access vault of another account, and its Default vault."""
        target, point = aws.as_account(TARGET), backed_up(aws, keep_days=30)
        vault(target, "rescue", OWN)
        aws.call("CreateLogicallyAirGappedBackupVault", BackupVaultName="new", MinRetentionDays=7, MaxRetentionDays=400)
        [problem] = point.preview_copy(arn("new")).problems
        assert (problem.message, problem.hint) == (f"vault {arn('new')} is CREATING", "wait until it is AVAILABLE")
        gapped(aws)
        aws.call("UpdateGlobalSettings", GlobalSettings={"isMpaEnabled": "true"})
        team = f"arn:aws:mpa:{EAST}:{OWN}:approval-team/guardians"
        aws.call("AssociateBackupVaultMpaApprovalTeam", BackupVaultName="gapped", MpaApprovalTeamArn=team)
        target.call("CreateRestoreAccessBackupVault", SourceBackupVaultArn=arn("gapped"), BackupVaultName="access")
        aws.accounts.approve(aws.accounts.pending()[0])
        target.call("CreateBackupVault", BackupVaultName="Default")
        for name, why in (("access", "takes no copies"), ("Default", "no copies from other accounts")):
            [problem] = [
                each
                for each in point.preview_copy(arn(name, TARGET), destination=target).problems
                if each.address == "copy/destination"
            ]
            assert why in problem.message
            assert "rescue" in problem.hint
            assert "access" not in problem.hint

    @pytest.mark.parametrize("cold", [None, bk.FOREVER])
    def test_minus_one_is_no_copy_forever(self, aws, cold):
        """AWS keeps such a copy as long as the point: the preview, the lock and the copy go by that."""
        second, point = vault(aws, "second"), backed_up(aws, keep_days=60)
        aws.call("PutBackupVaultLockConfiguration", BackupVaultName="second", MinRetentionDays=7, MaxRetentionDays=90)
        preview = point.preview_copy(second, keep_days=bk.FOREVER, cold_after_days=cold)
        assert preview.problems == ()
        [note] = [check for check in preview.checks if check.verdict is bk.Verdict.NOTE]
        assert ("does not keep a copy forever" in note.message, note.hint) == (True, "say keep_days=36500")
        assert "-1 days" not in str(preview)
        copied = preview.apply().wait_at(aws)
        assert copied.lifecycle.delete_after_days == 60

    def test_days_count_from_the_backup_so_a_copy_that_would_be_gone_at_once_is_noted(self, aws):
        """A copy keeps the moment of its backup; AWS takes such a copy, so it is not refused."""
        second = vault(aws, "second")
        point = backed_up(aws)
        aws.clock.advance(days=40)
        for days, word in ((30, "within hours"), (60, "is kept until")):
            preview = point.preview_copy(second, keep_days=days)
            [check] = [check for check in preview.checks if check.name == "retention"]
            assert (word in check.message, preview.problems) == (True, ())

    def test_a_vault_that_does_not_exist_is_named_with_those_that_do(self, aws):
        """The way out is a name that works."""
        [problem] = backed_up(aws).preview_copy(arn("secnod")).problems
        assert "does not exist" in problem.message
        assert "prod" in problem.hint

    def test_the_preview_is_text_json_and_html(self, aws):
        """All three show the same."""
        preview = backed_up(aws).preview_copy(vault(aws, "second"))
        told = json.loads(preview.to_json())
        assert told["destination_vault_arn"] == arn("second")
        for shown in (str(preview), preview._repr_html_()):
            assert arn("second") in shown
            assert "type: fine" in shown

    def test_sets_of_points_have_the_same_preflight(self, aws):
        """`preview_copies` refuses what `preview_copy` refuses, by the same words."""
        central = aws.as_account(CENTRAL)
        target = vault(central, "central", keyed=False)
        backed_up(aws)
        changes = aws.recovery_points(vault="prod").preview_copies(target, destination=central)
        assert [change.refusal for change in changes.refused] == ["policy"]
        assert f"copy to {target}" in str(changes)
        vault(central, "keyed", OWN)
        changes = aws.recovery_points(vault="prod").preview_copies(arn("keyed", CENTRAL), destination=central)
        assert len(changes.apply().done) == 1


class TestPolicies:
    WHO = PolicyCaller(role_arn=f"arn:aws:iam::{OWN}:role/backup", account_id=OWN, organization_id="o-ours")

    @pytest.mark.parametrize(
        ("change", "verdict"),
        [
            ({}, True),
            ({"Principal": {"AWS": OWN}}, True),
            ({"Principal": {"AWS": f"arn:aws:iam::{OWN}:role/backup"}}, True),
            ({"Principal": {"AWS": f"arn:aws:iam::{OWN}:role/another"}}, False),
            ({"Principal": {"AWS": f"arn:aws:iam::{CENTRAL}:root"}}, False),
            ({"Principal": {"AWS": "AROAEXAMPLEID"}}, None),
            ({"NotPrincipal": {"AWS": f"arn:aws:iam::{CENTRAL}:root"}}, None),
            ({"Effect": "Deny"}, False),
            ({"Action": "backup:StartCopyJob"}, False),
            ({"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-ours"}}}, True),
            ({"Condition": {"StringEquals": {"aws:PrincipalOrgID": ["o-theirs"]}}}, False),
            ({"Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-theirs"}}}, None),
            ({"Condition": {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-ours/*"}}}, None),
        ],
    )
    def test_what_a_policy_lets_another_account_do(self, change, verdict):
        """What names the caller and asks for nothing but its organization is decided; the rest is left to AWS."""
        statement = {"Effect": "Allow", "Principal": "*", "Action": INTO, "Resource": "*", **change}
        assert allows(json.dumps({"Statement": [statement]}), INTO, (arn("dr"),), self.WHO) is verdict

    def test_a_policy_that_cannot_be_read_is_left_to_aws(self):
        """Nothing is taken for allowed or forbidden by a text that is not a policy."""
        assert allows("{", INTO, (arn("dr"),), self.WHO) is None

    def test_what_only_aws_can_decide_is_unknown_in_the_preview(self, aws):
        """A condition that is not compared here neither stops the copy nor is it fine."""
        central = aws.as_account(CENTRAL)
        target = vault(central, "central")
        said = {"Effect": "Allow", "Principal": "*", "Action": INTO, "Resource": "*"}
        said["Condition"] = {"StringNotEquals": {"aws:PrincipalOrgID": "o-theirs"}}
        policy = json.dumps({"Statement": [said]})
        central.call("PutBackupVaultAccessPolicy", BackupVaultName="central", Policy=policy)
        backed_up(aws)
        changes = aws.recovery_points(vault="prod").preview_copies(target, destination=central)
        assert (len(changes), len(changes.notes)) == (1, 1)
        assert "the access policy of vault central has conditions that only AWS can decide" in changes.notes[0]

    def test_a_denial_wins(self):
        """Whatever else is allowed."""
        allowed = {"Effect": "Allow", "Principal": "*", "Action": INTO, "Resource": "*"}
        denied = {**allowed, "Effect": "Deny", "Principal": {"AWS": OWN}}
        perhaps = {**denied, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
        for statements, verdict in (([allowed, denied], False), ([allowed, perhaps], None), ([perhaps], False)):
            assert allows(json.dumps({"Statement": statements}), INTO, (arn("dr"),), self.WHO) is verdict


class TestOnTheOtherSide:
    def test_the_copy_is_a_point_of_the_other_account(self, aws):
        """Its handle asks that account, and can be restored there."""
        central = aws.as_account(CENTRAL).in_region(WEST)
        job = backed_up(aws).copy_to(vault(central, "central", OWN, region=WEST), destination=central)
        copy = job.wait_at(central)
        assert copy.backup_vault_arn == arn("central", CENTRAL, WEST)
        made = copy.restore(bk.restore.EBSVolume(f"{WEST}a")).wait().created_resource_arn
        assert made.split(":")[3:5] == [WEST, CENTRAL]

    def test_a_connection_elsewhere_is_refused_before_waiting(self, aws):
        """It would never see the copy."""
        central = aws.as_account(CENTRAL)
        job = backed_up(aws).copy_to(vault(central, "central", OWN))
        with pytest.raises(errors.InvalidValueError, match="is not a vault of this connection"):
            job.wait_at(aws)

    def test_a_copy_that_failed_is_an_error_there_as_well(self, aws):
        """With AWS's own sentence."""
        central = aws.as_account(CENTRAL)
        job = backed_up(aws).copy_to(vault(central, "central"), preflight=False)
        with pytest.raises(errors.JobFailedError, match="Access Denied"):
            job.wait_at(central)

    def test_a_copy_that_is_seen_late_is_waited_for(self, aws):
        """The other Region may not show it at once."""
        far = aws.in_region(WEST)
        job = backed_up(aws).copy_to(vault(far, "far", region=WEST))
        job = job.wait()
        late = far.faults.fail("DescribeRecoveryPoint", "ResourceNotFoundException", times=3)
        assert job.wait_at(far).status == "COMPLETED"
        assert late.fired == 3

    @pytest.mark.parametrize(
        ("code", "timeout", "error", "words"),
        [
            ("AccessDeniedException", None, errors.AccessDeniedError, "Insufficient privileges"),
            ("ResourceNotFoundException", None, errors.NotFoundError, "is not seen at its destination, although copy"),
            ("ResourceNotFoundException", 600, errors.WaitTimeoutError, "its copy was not seen after 600 seconds"),
            ("ServiceUnavailableException", None, errors.UnavailableError, "ServiceUnavailable"),
        ],
    )
    def test_a_copy_that_is_never_seen_is_not_waited_for_without_end(self, aws, code, timeout, error, words):
        """An hour, or the time that was given; what may not be looked at ends it at once."""
        far = aws.in_region(WEST)
        job = backed_up(aws).copy_to(vault(far, "far", region=WEST)).wait()
        far.faults.fail("DescribeRecoveryPoint", code, rate=1)
        began = aws.clock.now()
        with pytest.raises(error, match=words):
            job.wait_at(far, timeout=timeout)
        waited = (aws.clock.now() - began).total_seconds()
        least, most = (0, 1) if code.startswith("Access") else (600, 601) if timeout else (3600, 7200)
        assert least <= waited <= most

    def test_one_token_starts_one_copy(self, aws):
        """However often the call is made."""
        point, second = backed_up(aws), vault(aws, "second")
        assert point.copy_to(second, token="once").id == point.copy_to(second, token="once").id

    def test_points_of_a_shared_vault_are_handles_that_know_its_owner(self, aws):
        """They can be looked at again, previewed and restored by the account that the vault is shared with."""
        held = backed_up(aws, keep_days=30).copy_to(gapped(aws)).wait_at(aws)
        aws.accounts.share("gapped", with_account=TARGET)
        target = aws.as_account(TARGET)
        [listed] = target.recovery_points(vault="gapped", vault_account_id=OWN)
        got = target.recovery_point(held.recovery_point_arn, vault="gapped", vault_account_id=OWN)
        assert listed.refresh() == got.refresh() == got
        made = got.restore(bk.restore.EBSVolume(f"{EAST}a")).wait().created_resource_arn
        assert made.split(":")[4] == TARGET


class TestTheWayBack:
    def test_out_of_a_central_vault_it_is_one_copy(self, aws):
        """Back into the account that it came from, too."""
        central = aws.as_account(CENTRAL)
        home = vault(aws, "home", CENTRAL)
        copy = backed_up(aws).copy_to(vault(central, "central", OWN)).wait_at(central)
        way = copy.preview_return(to=aws, vault="home")
        assert [step.destination_vault_arn for step in way.steps] == [home]
        assert way.apply().point.backup_vault_arn == home

    def test_it_goes_through_another_account_where_there_is_no_direct_way(self, aws):
        """The fewest copies that AWS takes, by the roles of the accounts that start them."""
        central, target = aws.as_account(CENTRAL), aws.as_account(TARGET)
        hop, last = vault(central, "central", OWN), vault(target, "rescue", CENTRAL)
        role = f"arn:aws:iam::{CENTRAL}:role/forward"
        point = backed_up(aws)
        assert addresses(point.preview_return(to=target)) == ["return/policy"]
        way = point.preview_return(to=target, connections=[central], roles={CENTRAL: role})
        assert [step.destination_vault_arn for step in way.steps] == [hop, last]
        assert [step.role_arn for step in way.steps] == [point.refresh().iam_role_arn, role]
        unsaid = point.preview_return(to=target, connections=[central]).steps[1].role_arn
        assert unsaid == f"arn:aws:iam::{CENTRAL}:role/service-role/AWSBackupDefaultServiceRole"
        assert way.apply().point.iam_role_arn == role

    def test_a_key_of_aws_is_left_behind_by_a_copy_to_another_region(self, aws):
        """Nobody can share such a key, but a copy to another Region takes the key of its vault."""
        target, far = aws.as_account(TARGET), aws.in_region(WEST)
        volume = f"{VOLUME[:-1]}1"
        aws.resources.add(volume, key_arn=OF_AWS)
        vault(target, "rescue", OWN)
        hop = vault(far, "far", region=WEST)
        way = backed_up(aws, volume).preview_return(to=target, connections=[far])
        assert [step.destination_vault_arn for step in way.steps] == [hop, arn("rescue", TARGET)]
        assert way.apply().point.encryption_key_arn == key(TARGET)

    def test_what_the_account_reaches_needs_no_copy(self, aws):
        """A point in its own vault, in a shared one, and behind a restore access vault."""
        target = aws.as_account(TARGET)
        held = backed_up(aws, keep_days=30).copy_to(gapped(aws)).wait_at(aws)
        assert held.preview_return(to=aws).apply().point == held
        vault(target, "rescue", OWN)
        assert len(held.preview_return(to=target).steps) == 1
        aws.call("UpdateGlobalSettings", GlobalSettings={"isMpaEnabled": "true"})
        team = f"arn:aws:mpa:{EAST}:{OWN}:approval-team/guardians"
        aws.call("AssociateBackupVaultMpaApprovalTeam", BackupVaultName="gapped", MpaApprovalTeamArn=team)
        asked = {"SourceBackupVaultArn": arn("gapped"), "BackupVaultName": "access"}
        target.call("CreateRestoreAccessBackupVault", **asked)
        aws.accounts.approve(aws.accounts.pending()[0])
        way = held.preview_return(to=target)
        assert (way.steps, "access" in way.reason) == ((), True)
        assert way.apply().point.backup_vault_name == "access"
        aws.accounts.share("gapped", with_account=TARGET)
        way = held.preview_return(to=target)
        assert (way.steps, "shares" in way.reason) == ((), True)
        got = way.apply().point
        assert got.refresh().recovery_point_arn == held.recovery_point_arn
        assert got.restore(bk.restore.EBSVolume(f"{EAST}a")).wait().state == "COMPLETED"

    def test_out_of_an_air_gapped_vault_only_a_key_of_ones_own_takes_it(self, aws):
        """The vault with one is chosen, although another comes first by its name."""
        target = aws.as_account(TARGET)
        vault(target, "a-plain-one", OWN, keyed=False)
        last = vault(target, "rescue", OWN)
        held = backed_up(aws, keep_days=30).copy_to(gapped(aws)).wait_at(aws)
        way = held.preview_return(to=target)
        assert [step.destination_vault_arn for step in way.steps] == [last]
        assert way.apply().point.backup_vault_arn == last
        assert addresses(held.preview_return(to=target, vault="a-plain-one")) == ["return/key"]

    def test_what_is_missing_is_said(self, aws):
        """No vault, no connection to where copies start, and what stands against the point itself."""
        target, central = aws.as_account(TARGET), aws.as_account(CENTRAL)
        point = backed_up(aws)
        assert addresses(point.preview_return(to=target)) == ["return/destination"]
        vault(target, "rescue", CENTRAL)
        assert addresses(point.preview_return(to=target, vault="other")) == ["return/destination"]
        held = backed_up(aws, keep_days=30).copy_to(gapped(aws)).wait_at(aws)
        aws.accounts.share("gapped", with_account=CENTRAL)
        seen = central.recovery_point(held.recovery_point_arn, vault="gapped", vault_account_id=OWN)
        assert addresses(seen.preview_return(to=target)) == ["return/connections"]
        with pytest.raises(errors.PreflightError):
            point.preview_return(to=target).apply()

    def test_vaults_that_may_not_be_listed_are_not_taken_for_none(self, aws):
        """Neither another vault nor a connection that is given already is asked for, but the right that is missing."""
        target, point = aws.as_account(TARGET), backed_up(aws)
        vault(target, "rescue", OWN)
        aws.faults.fail("ListBackupVaults", "AccessDeniedException", rate=1, account_id=TARGET)
        [problem] = point.preview_return(to=target).problems
        assert (problem.address, problem.hint) == (
            "return/destination",
            "let the connection call backup:ListBackupVaults",
        )
        assert "may not be listed" in problem.message
        # Where STS cannot tell the account either, it is the connection of nobody.
        aws.faults.fail("ListBackupVaults", "AccessDeniedException", rate=1, account_id=OWN)
        mute = Connection(aws.transport, NO_NEIGHBOURS).recovery_point(point.recovery_point_arn, vault="prod")
        [problem] = mute.preview_return(to=target).problems
        assert (problem.address, problem.hint) == (
            "return/connections",
            "let the connection call backup:ListBackupVaults",
        )
        aws.faults.clear()
        assert point.preview_return(to=target).problems == ()

    def test_a_vault_of_the_same_name_is_another_one(self, aws):
        """Both accounts have a vault of this name: the point is copied into the one that is asked for."""
        target = aws.as_account(TARGET)
        last = vault(target, "prod", OWN)
        way = backed_up(aws).preview_return(to=target, vault="prod")
        assert [step.destination_vault_arn for step in way.steps] == [last]

    def test_a_copy_that_failed_is_tried_again_and_one_that_is_there_is_not(self, aws):
        """A token gives AWS's old answer, so a new run takes another one for what failed."""
        target = aws.as_account(TARGET)
        vault(target, "rescue", OWN)
        point = backed_up(aws)
        aws.faults.outage("EBS", jobs=("copy",))
        with pytest.raises(errors.JobFailedError):
            point.preview_return(to=target).apply()
        aws.faults.clear()
        got = point.preview_return(to=target).apply()
        assert point.preview_return(to=target).apply().point == got.point
        assert sorted(job.state for job in aws.copy_jobs()) == ["COMPLETED", "FAILED"]

    def test_a_copy_that_was_deleted_is_made_again(self, aws):
        """What counts is what is there, not what a job once said."""
        target = aws.as_account(TARGET)
        vault(target, "rescue", OWN)
        point = backed_up(aws)
        first = point.preview_return(to=target).apply().point
        first.delete(allow_last=True).wait()
        second = point.preview_return(to=target).apply().point
        assert second.recovery_point_arn != first.recovery_point_arn
        assert [each.recovery_point_arn for each in target.recovery_points()] == [second.recovery_point_arn]

    def test_a_copy_of_a_plan_is_taken_as_it_is_unless_it_is_kept_too_short(self, aws):
        """It is known by the resource and the moment of the backup, long after AWS forgot its job."""
        target = aws.as_account(TARGET)
        last = vault(target, "rescue", OWN)
        point = backed_up(aws, keep_days=400)
        there = point.copy_to(last, keep_days=200).wait_at(target)
        aws.clock.advance(days=60)
        assert [step.state for step in point.preview_return(to=target).steps] == ["done"]
        assert point.preview_return(to=target, keep_days=150).apply().point == there
        assert point.preview_return(to=target, keep_days=300).apply().point != there

    def test_a_copy_in_any_vault_of_the_account_is_found(self, aws):
        """No second one is made, also where the vault takes no copies any more."""
        target = aws.as_account(TARGET)
        vault(target, "another", OWN)
        last = vault(target, "rescue", OWN)
        point = backed_up(aws)
        there = point.copy_to(last).wait_at(target)
        assert point.preview_return(to=target).apply().point == there
        for name in ("another", "rescue"):
            target.call("DeleteBackupVaultAccessPolicy", BackupVaultName=name)
        assert point.preview_return(to=target).apply().point == there
        assert len(list(aws.copy_jobs())) == 1

    def test_a_wait_that_runs_out_is_taken_up(self, aws):
        """The copy goes on meanwhile."""
        target = aws.as_account(TARGET)
        vault(target, "rescue", OWN)
        point = backed_up(aws)
        with pytest.raises(errors.WaitTimeoutError):
            point.preview_return(to=target).apply(timeout=30)
        way = point.preview_return(to=target)
        assert [step.state for step in way.steps] == ["under way"]
        got = way.apply(timeout=timedelta(hours=1).total_seconds())
        assert (got.taken_up, len(list(aws.copy_jobs()))) == (1, 1)

    def test_preview_and_outcome_are_text_json_and_html(self, aws):
        """Steps with their states, problems, and where the point is in the end."""
        target = aws.as_account(TARGET)
        last = vault(target, "rescue", OWN)
        way = backed_up(aws).preview_return(to=target)
        assert json.loads(way.to_json())["steps"][0]["state"] == "to do"
        got = way.apply()
        assert json.loads(got.to_json())["point"]["backup_vault_arn"] == last
        for shown in (str(way), way._repr_html_(), str(got), got._repr_html_()):
            assert last in shown


def test_an_account_without_vaults_is_told_by_its_number(aws):
    """Who must create a vault has to know in which account; where no vault tells, STS does."""
    point = backed_up(aws)
    [problem] = point.preview_return(to=aws.as_account("444444444444")).problems
    assert problem.message.startswith(f"account 444444444444 in {EAST} has no vault")


def test_a_destination_that_is_not_the_vaults_is_refused_also_for_an_own_vault(aws):
    """A connection that is given is meant; to leave it aside would hide the mistake."""
    aws.call("CreateBackupVault", BackupVaultName="second")
    point = backed_up(aws)
    with pytest.raises(errors.InvalidValueError, match=f"the connection is to account {OWN} in {WEST}"):
        point.preview_copy(arn("second"), destination=aws.in_region(WEST))
    assert point.preview_copy(arn("second"), destination=aws).problems == ()


def test_roles_that_are_not_by_account_are_told_with_how_to_write_them(aws):
    """The hint can be typed in."""
    with pytest.raises(errors.InvalidValueError, match=r'give \{"123456789012": "arn:aws:iam::') as raised:
        backed_up(aws).preview_return(to=aws, roles="backup")
    roles = json.loads(raised.value.problems[0].hint.removeprefix("give "))
    assert backed_up(aws).preview_return(to=aws, roles=roles).problems == ()


def test_a_volume_of_ontap_is_not_copied_far(aws):
    """AWS Backup copies file systems of FSx, and no volumes of ONTAP; the local service fails such a copy, too."""
    ireland = aws.in_region(WEST)
    ireland.call("CreateBackupVault", BackupVaultName="dr")
    aws.call("UpdateRegionSettings", ResourceTypeOptInPreference={"FSx": True})
    place = f"arn:aws:fsx:{EAST}:{OWN}"
    shares, volume = f"{place}:file-system/fs-0123456789abcdef0", f"{place}:volume/fs-0a/fsvol-0123456789abcdef0"
    for each in (shares, volume):
        aws.resources.add(each)
    target = arn("dr", region=WEST)
    held = backed_up(aws, volume)
    with pytest.raises(errors.PreflightError, match=r"cannot copy points of .*fsvol-.* to another Region or account"):
        held.copy_to(target, destination=ireland)
    with pytest.raises(errors.JobFailedError):
        held.copy_to(target, preflight=False).wait()
    assert backed_up(aws, shares).copy_to(target, destination=ireland).wait_at(ireland)


def test_a_role_of_another_account_is_refused_before_the_copy(aws):
    """IAM passes no role to a service across accounts; the message names the account that one is needed of."""
    point = backed_up(aws)
    aws.call("CreateBackupVault", BackupVaultName="second")
    with pytest.raises(errors.PreflightError, match=f"of account {CENTRAL}, .* give a role of account {OWN}"):
        point.copy_to(arn("second"), role=f"arn:aws:iam::{CENTRAL}:role/backup")
    assert point.copy_to(arn("second"), role=f"arn:aws:iam::{OWN}:role/backup").wait().state == "COMPLETED"
