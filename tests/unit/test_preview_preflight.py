"""What a preview looks at beside the things of a stack: what would fail later is told before."""

from __future__ import annotations

import json
import os
from itertools import count

import attrs
import pytest

import backupkit as bk
from backupkit import errors
from backupkit.catalog import role_policies
from backupkit.emulator import private_moto_session
from backupkit.neighbours import NO_NEIGHBOURS, SessionNeighbours
from backupkit.transport.readonly import ReadOnly
from backupkit.transport.recording import Recording

OWN, CENTRAL, OTHER = "123456789012", "222222222222", "333333333333"
EAST, WEST = "us-east-1", "eu-west-1"
KEY = f"arn:aws:kms:{EAST}:{OWN}:key/mrk-0123456789abcdef0123456789abcdef"
ROLE = f"arn:aws:iam::{OWN}:role/backups"
TOPIC = f"arn:aws:sns:{EAST}:{OWN}:backups"
TABLE = f"arn:aws:dynamodb:{EAST}:{OWN}:table/orders"
VOLUME = f"arn:aws:ec2:{EAST}:{OWN}:volume/vol-0123456789abcdef0"
FILES = f"arn:aws:elasticfilesystem:{EAST}:{OWN}:file-system/fs-0123456789abcdef0"
FINE, PROBLEM, UNKNOWN, NOTE = bk.Verdict.FINE, bk.Verdict.PROBLEM, bk.Verdict.UNKNOWN, bk.Verdict.NOTE
_NUMBERS = count()


def fresh(word):
    # What moto holds is shared by the whole process, so each test has names of its own.
    return f"{word}-{os.getpid()}-{next(_NUMBERS)}"


@attrs.frozen
class Beside:
    """A connection: some transport, and services beside it."""

    transport: object
    neighbours: object = NO_NEIGHBOURS


def arn(name, account=OWN, region=EAST):
    return f"arn:aws:backup:{region}:{account}:backup-vault:{name}"


def found(changes, name):
    """The verdicts of the checks of a name, each once."""
    return {check.verdict for check in changes.preflight if check.name == name}


def hints(changes, name, verdict=PROBLEM):
    return [check.found for check in changes.preflight if (check.name, check.verdict) == (name, verdict)]


@pytest.fixture(scope="module")
def session():
    return private_moto_session(region_name=EAST)


@pytest.fixture
def aws():
    aws = bk.local()
    aws.call("CreateBackupVault", BackupVaultName="main")
    return aws


class TestCopies:
    @pytest.fixture
    def aws(self, aws):
        aws.accounts.organize(CENTRAL, OTHER)
        aws.call("UpdateGlobalSettings", GlobalSettings={"isCrossAccountBackupEnabled": "true"})
        return aws

    @pytest.fixture
    def central(self, aws):
        central = aws.as_account(CENTRAL)
        own = KEY.replace(OWN, CENTRAL)
        central.call("CreateBackupVault", BackupVaultName="central", EncryptionKeyArn=own)
        said = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OWN}:root"}, "Resource": "*"}
        policy = json.dumps({"Statement": [{**said, "Action": "backup:CopyIntoBackupVault"}]})
        central.call("PutBackupVaultAccessPolicy", BackupVaultName="central", Policy=policy)
        return central

    def stack(self, target, *things, keep_days=35, copy_days=35, resources=(VOLUME,), role=ROLE):
        rule = bk.Rule("daily", "main").keep(days=keep_days).copy_to(target, keep_days=copy_days)
        plan = bk.Plan("p", rule).protecting(bk.Selection("s", role).including(*resources))
        return bk.Stack("s", *things, plan)

    def test_a_destination_that_takes_the_copies_is_fine(self, aws, central):
        """Every part is looked at: vault, organization, access policy and key; nothing stands in the way."""
        changes = self.stack(arn("central", CENTRAL)).preview(aws, destinations=[central])
        told = {name: found(changes, name) for name in ("destination", "organization", "policy", "key")}
        assert told == {name: {FINE} for name in told}
        assert not changes.problems
        assert changes.apply().done

    def test_without_a_connection_there_it_is_unknown_with_the_way_out(self, aws, central):
        """Nothing of another account is taken for fine, or for wrong, unseen."""
        changes = self.stack(arn("central", CENTRAL)).preview(aws)
        for name in ("destination", "organization", "policy"):
            assert found(changes, name) == {UNKNOWN}
        assert "account 222222222222 in us-east-1 with destinations=" in hints(changes, "destination", UNKNOWN)[0]
        assert not changes.problems

    def test_a_vault_that_is_not_there_is_a_problem_of_its_plan(self, aws, central):
        """The problem stands with the plan, under the address of the copy, and names vaults that are there."""
        changes = self.stack(arn("centre", CENTRAL)).preview(aws, destinations=[central])
        [problem] = changes.problems
        assert problem.address == "plan.p/rule.daily/copy.centre"
        assert "does not exist" in str(problem)
        assert "central" in problem.hint
        assert [change.address for change in changes if change.problems] == ["plan.p"]

    def test_the_lock_of_a_destination_has_to_admit_the_retention(self, aws, central):
        """Days that a lock refuses are a problem; a copy that is kept forever under one is only noted."""
        central.call(
            "PutBackupVaultLockConfiguration", BackupVaultName="central", MinRetentionDays=30, MaxRetentionDays=90
        )
        target = arn("central", CENTRAL)
        for days, verdict in ((29, PROBLEM), (30, FINE), (91, PROBLEM)):
            assert found(self.stack(target, copy_days=days).preview(aws, destinations=[central]), "lock") == {verdict}
        rule = bk.Rule("daily", "main").keep_forever().copy_to(target)
        assert found(bk.Stack("s", bk.Plan("p", rule)).preview(aws, destinations=[central]), "lock") == {NOTE}

    def test_the_policy_is_asked_for_every_role(self, aws, central):
        """A policy that admits the role of one selection says nothing of another's."""
        said = {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "backup:CopyIntoBackupVault", "Resource": "*"}
        central.call("PutBackupVaultAccessPolicy", BackupVaultName="central", Policy=json.dumps({"Statement": [said]}))
        stack = self.stack(arn("central", CENTRAL))
        assert found(stack.preview(aws, destinations=[central]), "policy") == {FINE}
        second = bk.Selection("t", f"{ROLE}-2").including(TABLE)
        changes = bk.Stack("s", stack.plans[0].protecting(second)).preview(aws, destinations=[central])
        assert found(changes, "policy") == {FINE, PROBLEM}
        assert "role/backups-2" in hints(changes, "policy")[0]

    def test_copies_across_accounts_have_to_be_turned_on(self, aws, central):
        """Turned off they are a problem, unless the stack itself turns them on; then nobody is asked."""
        aws.call("UpdateGlobalSettings", GlobalSettings={"isCrossAccountBackupEnabled": "false"})
        target = arn("central", CENTRAL)
        changes = self.stack(target).preview(aws, destinations=[central])
        assert found(changes, "organization") == {PROBLEM}
        hints = [problem.hint for problem in changes.problems]
        assert "declare bk.GlobalSettings(cross_account_backup=True) in a stack of its management account" in hints
        on = bk.GlobalSettings(cross_account_backup=True)
        assert found(self.stack(target, on).preview(aws, destinations=[central]), "organization") == {FINE}

    def test_the_vault_that_is_copied_from_has_to_let_its_points_go(self, aws, central):
        """What its access policy denies to everybody is a problem of the copy."""
        said = {"Effect": "Deny", "Principal": "*", "Action": "backup:CopyFromBackupVault", "Resource": "*"}
        aws.call("PutBackupVaultAccessPolicy", BackupVaultName="main", Policy=json.dumps({"Statement": [said]}))
        changes = self.stack(arn("central", CENTRAL)).preview(aws, destinations=[central])
        assert "denies backup:CopyFromBackupVault to everybody" in hints(changes, "policy")[0]

    def test_what_may_not_be_read_is_unknown(self, aws, central):
        """A refusal, here or there, is neither fine nor a problem, and the preview goes on."""
        for operation in ("GetBackupVaultAccessPolicy", "DescribeGlobalSettings"):
            aws.faults.fail(operation, "AccessDeniedException", rate=1)
        changes = self.stack(arn("central", CENTRAL)).preview(aws, destinations=[central])
        assert found(changes, "policy") == {UNKNOWN}
        assert UNKNOWN in found(changes, "organization")
        assert not changes.problems

    @pytest.mark.parametrize(
        ("resources", "verdict"), [((VOLUME,), PROBLEM), ((FILES,), FINE), (("*",), NOTE), ((FILES, VOLUME), PROBLEM)]
    )
    def test_the_key_of_aws_takes_over_only_what_aws_backup_keeps_itself(self, aws, central, resources, verdict):
        """A destination under aws/backup is a problem where a type needs a key of its own, and a note where that is open."""
        central.call("CreateBackupVault", BackupVaultName="plain")
        stack = self.stack(arn("plain", CENTRAL), resources=resources)
        assert found(stack.preview(aws, destinations=[central]), "key") == {verdict}

    def test_another_region_needs_no_organization(self, aws):
        """Inside one account only the vault and its lock count."""
        west = aws.in_region(WEST)
        west.call("CreateBackupVault", BackupVaultName="west")
        recording = Recording(aws.transport)
        changes = self.stack(arn("west", region=WEST)).preview(Beside(recording), destinations=[west])
        assert found(changes, "destination") == {FINE}
        assert not found(changes, "organization")
        assert "DescribeGlobalSettings" not in recording.operations

    def test_a_copy_inside_the_region_is_told_from_what_the_preview_has_seen(self, aws):
        """A vault of the stack is there by then; one that is nowhere is a problem; no call is made for it."""
        recording = Recording(aws.transport)
        fine = self.stack(arn("second"), bk.Vault("second")).preview(Beside(recording))
        assert found(fine, "destination") == {FINE}
        wrong = self.stack(arn("third")).preview(Beside(recording))
        assert found(wrong, "destination") == {PROBLEM}
        assert recording.operations.count("ListBackupVaults") == 2

    def test_where_nothing_is_yet_the_account_is_asked_for(self):
        """Neither here nor there is one vault: a destination is then known to be missing, not taken for unseen."""
        aws = bk.local()
        stack = self.stack(arn("west", region=WEST), bk.Vault("main"))
        [problem] = stack.preview(aws, destinations=[aws.in_region(WEST)]).problems
        assert "does not exist" in problem.message

    def test_what_is_no_connection_is_refused_before_anything_is_read(self, aws, central):
        """Destinations are connections, in a list."""
        recording = Recording(aws.transport)
        for wrong in (central, ["central"]):
            with pytest.raises(errors.InvalidValueError, match="preview/destinations"):
                self.stack(arn("central", CENTRAL)).preview(Beside(recording), destinations=wrong)
        assert recording.operations == []


class TestOptIn:
    def stack(self, *resources, **tags):
        chosen = bk.Selection("s", ROLE).including(*resources)
        return bk.Stack("s", bk.Plan("p", bk.Rule("r", "main").keep(days=35)).protecting(chosen.any_tag(tags)))

    def test_types_that_are_left_out_are_noted(self, aws):
        """What a tag selects is backed up only where the Region is opted in to its type."""
        aws.call("UpdateRegionSettings", ResourceTypeOptInPreference={"DynamoDB": False, "Aurora": True, "FSx": True})
        changes = self.stack(Backup="yes").preview(aws)
        assert "not opted in to DynamoDB" in hints(changes, "opt-in", NOTE)[0]
        assert 'bk.RegionSettings(opt_in={"DynamoDB": True})' in str(changes)
        settings = bk.RegionSettings(opt_in={"DynamoDB": True})
        assert found(bk.Stack("s", *self.stack(Backup="yes").things, settings).preview(aws), "opt-in") == {FINE}

    def test_a_resource_that_is_named_needs_no_opt_in(self, aws):
        """An ARN of one type is backed up whatever the Region says, so nobody asks; a cluster's may be of three."""
        recording = Recording(aws.transport)
        self.stack(TABLE).preview(Beside(recording))
        assert "DescribeRegionSettings" not in recording.operations
        cluster = f"arn:aws:rds:{EAST}:{OWN}:cluster:ledger"
        assert found(self.stack(cluster).preview(Beside(recording)), "opt-in") == {NOTE}

    def test_what_may_not_be_read_is_unknown(self, aws):
        """Neither a refusal nor a Region without the operation stops the preview."""
        for code in ("AccessDeniedException", "InvalidRequestException"):
            aws.faults.fail("DescribeRegionSettings", code, times=1)
            assert found(self.stack(Backup="yes").preview(aws), "opt-in") == {UNKNOWN}


class TestQuotas:
    def test_what_goes_over_a_quota_is_noted(self, aws):
        """Vaults of both types count together; what is there already and kept is no reason to tell."""
        for number in range(298):
            aws.call("CreateBackupVault", BackupVaultName=f"v{number}")
        gap = bk.AirGappedVault("gap", min_days=7, max_days=90)
        one = bk.Stack("s", gap).preview(aws)
        assert found(one, "quota") == {FINE}, one.preflight
        two = bk.Stack("s", gap, bk.Vault("one-more")).preview(aws)
        [told] = hints(two, "quota", NOTE)
        assert "there would be 301 vaults; AWS's quota is 300" in told
        assert not two.problems

    def test_controls_of_all_frameworks_count(self, aws):
        """The same control in two frameworks counts twice, and what others own counts, too."""
        control = bk.Control.recovery_point_encrypted()
        bk.Stack("others", bk.Framework("others", control)).preview(aws).apply()
        changes = bk.Stack("s", bk.Framework("own", control)).preview(aws)
        assert "there would be 2 controls; AWS's quota is 50" in hints(changes, "quota", FINE)[1]


class TestBeside:
    """Keys, roles and topics, over moto beside the local AWS Backup."""

    @pytest.fixture
    def client(self, session):
        return lambda service: session.client(service, region_name=EAST)

    @pytest.fixture
    def beside(self, aws, session):
        """The transport of the local AWS Backup only reads: a preview that writes would fail."""
        return Beside(ReadOnly(aws.transport), SessionNeighbours(session, EAST, aws.clock.sleep))

    @pytest.fixture
    def iam(self, client):
        return client("iam")

    def role(self, iam, *policies, trusted="backup.amazonaws.com"):
        name = fresh("role")
        trust = {"Effect": "Allow", "Principal": {"Service": trusted}, "Action": "sts:AssumeRole"}
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))
        for policy, path in role_policies.policy_paths(policies).items():
            iam.attach_role_policy(RoleName=name, PolicyArn=f"arn:aws:iam::aws:policy{path}{policy}")
        return made["Role"]["Arn"]

    def selecting(self, role, *resources):
        plan = bk.Plan("p", bk.Rule("r", "main").keep(days=35))
        return bk.Stack("s", plan.protecting(bk.Selection("s", role).including(*(resources or (TABLE,)))))

    @pytest.mark.slow
    def test_a_role_has_to_be_there_under_its_whole_arn(self, beside, iam):
        """What is missing, in another path, or trusts others cannot be taken on; the problem is the selection's."""
        good = self.role(iam, role_policies.BACKUP)
        assert found(self.selecting(good).preview(beside), "role") == {FINE}
        elsewhere = good.replace(":role/", ":role/service-role/")
        for wrong in (f"{good}-not", elsewhere, self.role(iam, role_policies.BACKUP, trusted="ec2.amazonaws.com")):
            [problem] = self.selecting(wrong).preview(beside).problems
            assert problem.address == "plan.p/selection.s/role"
            assert wrong in problem.message

    def test_a_role_has_to_have_what_the_types_need(self, beside, iam):
        """S3 has a policy of its own; what policies of somebody's own allow is unknown."""
        bucket = "arn:aws:s3:::bucket"
        role = self.role(iam, role_policies.BACKUP)
        [problem] = self.selecting(role, bucket).preview(beside).problems
        assert role_policies.S3_BACKUP in problem.message
        allowed = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
        own = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        iam.put_role_policy(RoleName=role.rpartition("/")[2], PolicyName="own", PolicyDocument=own)
        changes = self.selecting(role, bucket).preview(beside)
        assert found(changes, "role") == {UNKNOWN}
        assert "preflight: plan.p/selection.s/role: unknown: " in str(changes)

    def test_a_test_of_restores_needs_the_policies_of_restores(self, beside, iam):
        """A role that backs up cannot restore by that."""
        role = self.role(iam, role_policies.BACKUP)
        plan = bk.RestoreTestingPlan("weekly", schedule=bk.Schedule.weekly("sun", at="05:00"), vaults="*")
        test = bk.RestoreTestingSelection("tables", resource_type="DynamoDB", role=role)
        [problem] = bk.Stack("s", plan.testing(test)).preview(beside).problems
        assert role_policies.RESTORES in problem.message

    def test_a_role_of_the_stack_is_held_against_what_is_declared(self, beside, iam):
        """It is not there yet, so its declaration has to have what the selections need, under the ARN that they name."""
        own = bk.BackupRole(fresh("role"), types=("DynamoDB",))
        plain = str(own.arn(account_id=OWN))
        for resources, role, verdict in (
            ((TABLE,), plain, FINE),
            (("arn:aws:s3:::bucket",), plain, PROBLEM),
            ((TABLE,), plain.replace(":role/", ":role/service-role/"), PROBLEM),
        ):
            stack = self.selecting(role, *resources)
            assert found(bk.Stack("s", own, *stack.things).preview(beside), "role") == {verdict}
        least = attrs.evolve(own, least_privilege=True)
        changes = bk.Stack("s", least, *self.selecting(plain, VOLUME).things).preview(beside)
        assert "the statements of EBS" in hints(changes, "role")[0]

    def test_a_key_has_to_be_there_enabled_symmetric_and_of_the_region(self, beside, client):
        """Whatever AWS Backup could not encrypt with stands in the way of the vault."""
        kms = client("kms")
        good, bad, pairs = (
            kms.create_key(**more)["KeyMetadata"]
            for more in ({}, {}, {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"})
        )
        kms.disable_key(KeyId=bad["KeyId"])

        def preview(key):
            return bk.Stack("s", bk.Vault("keyed", key=key)).preview(beside)

        assert found(preview(good["Arn"]), "key") == {FINE}
        for wrong, told in ((bad["Arn"], "Disabled"), (pairs["Arn"], "SIGN_VERIFY"), (KEY, "NotFound")):
            [problem] = preview(wrong).problems
            assert (problem.address, told in problem.message) == ("vault.keyed/key", True)
        assert WEST in preview(KEY.replace(EAST, WEST)).problems[0].message

    def test_an_alias_of_a_key_is_refused_before_anything_is_read(self):
        """AWS Backup takes ARNs of keys only."""
        with pytest.raises(errors.InvalidValueError, match="an alias will not do"):
            bk.Vault("keyed", key=f"arn:aws:kms:{EAST}:{OWN}:alias/backups")

    def test_a_topic_has_to_let_aws_backup_publish(self, beside, client):
        """The policy that SNS makes by itself does not; one of the stack will; a condition is for AWS to decide."""
        sns = client("sns")
        topic = sns.create_topic(Name=fresh("topic"))["TopicArn"]
        vault = bk.Vault("prod").notifying(topic, "BACKUP_JOB_COMPLETED")
        [problem] = bk.Stack("s", vault).preview(beside).problems
        assert problem.address == "vault.prod/notifications"
        assert f'bk.TopicPolicy("{topic}")' in problem.hint
        assert not bk.Stack("s", vault, bk.TopicPolicy(topic)).preview(beside).problems
        alarms = bk.TopicPolicy(topic, services="cloudwatch.amazonaws.com")
        assert found(bk.Stack("s", vault, alarms).preview(beside), "topic") == {PROBLEM}
        said = {"Effect": "Allow", "Principal": {"Service": "backup.amazonaws.com"}, "Resource": topic}
        said["Action"] = "sns:Publish"
        for more, verdict in (({}, FINE), ({"Condition": {"StringEquals": {"aws:SourceAccount": OWN}}}, UNKNOWN)):
            policy = json.dumps({"Statement": [{**said, **more}]})
            sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
            assert found(bk.Stack("s", vault).preview(beside), "topic") == {verdict}
        sns.set_topic_attributes(
            TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps({"Statement": [said]})
        )
        sns.set_topic_attributes(TopicArn=topic, AttributeName="KmsMasterKeyId", AttributeValue="alias/aws/sns")
        assert found(bk.Stack("s", vault).preview(beside), "topic") == {FINE, UNKNOWN}
        gone = bk.Vault("prod").notifying(f"{topic}-not", "BACKUP_JOB_COMPLETED")
        assert "there is no topic" in str(bk.Stack("s", gone).preview(beside).problems[0])


def test_without_a_session_all_beside_is_unknown_and_not_repeated_in_the_text(aws):
    """Where nobody can be asked, that is in `preflight` once for each thing; the text would say it of every stack."""
    vault = bk.Vault("prod", key=KEY).notifying(TOPIC, "BACKUP_JOB_COMPLETED")
    chosen = bk.Selection("s", ROLE).including(TABLE)
    changes = bk.Stack("s", vault, bk.Plan("p", bk.Rule("r", vault).keep(days=35)).protecting(chosen)).preview(aws)
    assert {name: found(changes, name) for name in ("key", "role", "topic")} == {
        name: {UNKNOWN} for name in ("key", "role", "topic")
    }
    assert changes.doubts == ()
    assert "preflight" not in str(changes)


class TestChanges:
    @pytest.fixture
    def wrong(self):
        """A plan whose copies land nowhere."""
        rule = bk.Rule("daily", "main").keep(days=35).copy_to(arn("nowhere"), keep_days=35)
        chosen = bk.Selection("s", ROLE).any_tag(Backup="yes")
        return bk.Stack("s", bk.Vault("more"), bk.Plan("p", rule).protecting(chosen))

    def test_a_problem_stands_in_the_way_of_every_call(self, aws, wrong):
        """Nothing is made where something is known to fail; without preflight, all of it is."""
        recording = Recording(aws.transport)
        with pytest.raises(errors.InvalidValueError, match="does not exist"):
            wrong.preview(Beside(recording)).apply()
        assert not [name for name in recording.operations if name.startswith(("Create", "Put", "Update", "Tag"))]
        unlooked = wrong.preview(aws, preflight=False)
        assert unlooked.preflight == ()
        assert len(unlooked.apply().done) == 3

    def test_the_rest_can_be_applied(self, aws, wrong):
        """What the problem is of can be left out, and what was told of it goes with it."""
        rest = wrong.preview(aws).without("plan.p")
        assert [change.address for change in rest] == ["vault.more"]
        assert not rest.problems
        assert not [check for check in rest.preflight if check.address.startswith("plan.")]
        rest.apply()

    def test_saved_changes_keep_what_was_looked_at(self, aws, wrong):
        """Whoever reviews them in another process sees the same, and cannot apply past a problem either."""
        changes = wrong.preview(aws)
        again = bk.Changes.from_json(changes.to_json(), aws)
        assert again.preflight == changes.preflight
        assert again.problems == changes.problems
        with pytest.raises(errors.InvalidValueError, match="does not exist"):
            again.apply()

    def test_notes_are_shown_in_every_form(self, aws, wrong):
        """Text, HTML and Markdown tell what is worth knowing."""
        changes = wrong.preview(aws)
        for shown in (str(changes), changes._repr_html_(), changes.to_markdown()):
            assert "the Region is not opted in to Aurora" in shown

    def test_only_what_changes_is_looked_at(self, aws, wrong):
        """A stack that is as declared asks no more than without preflight, nor does drift."""
        wrong.preview(aws, preflight=False).apply()
        chosen = bk.Selection("s", ROLE).any_tag(Backup="often")

        def asked(look):
            recording = Recording(aws.transport)
            told = look(Beside(recording))
            return sorted(recording.operations), told

        aws.call("DeleteBackupVault", BackupVaultName="more")
        later = attrs.evolve(wrong, things=(*wrong.things, bk.Plan("q", *wrong.plans[0].rules).protecting(chosen)))
        assert asked(later.drift)[0] == asked(lambda at: later.preview(at, preflight=False))[0]
        wrong.preview(aws).apply()
        plain, _ = asked(lambda at: wrong.preview(at, preflight=False))
        same, changes = asked(wrong.preview)
        drift, _ = asked(wrong.drift)
        assert (same, drift, changes.preflight) == (plain, plain, ())

    def test_a_new_stack_asks_for_no_more_than_it_relies_on(self, aws):
        """Named tables without copies need no settings: not one call more than without preflight."""
        chosen = bk.Selection("s", ROLE).including(TABLE)
        stack = bk.Stack("s", bk.Plan("p", bk.Rule("r", "main").keep(days=35)).protecting(chosen))
        plain, ahead = Recording(aws.transport), Recording(aws.transport)
        stack.preview(Beside(plain), preflight=False)
        stack.preview(Beside(ahead))
        assert sorted(ahead.operations) == sorted(plain.operations)

    def test_shared_destinations_are_read_once(self, aws):
        """Twenty plans that copy to one vault cost as many calls as one."""
        west = aws.in_region(WEST)
        west.call("CreateBackupVault", BackupVaultName="west")

        def calls(number):
            rule = bk.Rule("daily", "main").keep(days=35).copy_to(arn("west", region=WEST), keep_days=35)
            here, there = Recording(aws.transport), Recording(west.transport)
            plans = [bk.Plan(f"p{each}", rule) for each in range(number)]
            changes = bk.Stack("s", *plans).preview(Beside(here), destinations=[Beside(there)])
            assert found(changes, "destination") == {FINE}
            return sorted(here.operations), sorted(there.operations)

        assert calls(20) == calls(1)


REFUSED = {
    # What is looked at, and the operations that it is looked at by.
    "key": ("kms:DescribeKey",),
    "role": ("iam:GetRole",),
    "topic": ("sns:GetTopicAttributes",),
}


@pytest.mark.parametrize("refused", REFUSED)
def test_what_iam_refuses_to_show_is_unknown_and_never_fine(aws, session, refused):
    """A user whom IAM lets read all but one gets that one as unknown, with the operation, and nothing is stopped by it."""
    core = pytest.importorskip("moto.core")
    name = fresh("reader")
    iam, sns, kms = (session.client(service, region_name=EAST) for service in ("iam", "sns", "kms"))
    key = kms.create_key()["KeyMetadata"]["Arn"]
    topic = sns.create_topic(Name=name)["TopicArn"]
    trust = {"Effect": "Allow", "Principal": {"Service": "backup.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))["Role"]["Arn"]
    iam.create_user(UserName=name)
    statements = [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": list(REFUSED[refused]), "Resource": "*"},
    ]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_user_policy(UserName=name, PolicyName="read", PolicyDocument=document)
    access = iam.create_access_key(UserName=name)["AccessKey"]
    reader = private_moto_session(region_name=EAST)
    reader._session.set_credentials(access["AccessKeyId"], access["SecretAccessKey"])
    vault = bk.Vault("prod", key=key).notifying(topic, "BACKUP_JOB_COMPLETED")
    plan = bk.Plan("p", bk.Rule("r", vault).keep(days=35)).protecting(bk.Selection("s", role).including(TABLE))
    beside = Beside(aws.transport, SessionNeighbours(reader, EAST, aws.clock.sleep))

    stack = bk.Stack("s", vault, plan)
    allowed = stack.preview(beside)
    changes = core.set_initial_no_auth_action_count(0)(lambda: stack.preview(beside))()
    assert found(changes, refused) == {UNKNOWN}
    assert found(allowed, refused) & {FINE, PROBLEM}, "it can be looked at where IAM lets it"
    for other in REFUSED.keys() - {refused}:
        assert found(changes, other) == found(allowed, other)
    assert refused in {check.name for check in changes.doubts}, "the text of the preview tells it"
