"""An ARN is given as text or as a `bk.Arn`, and a vault by itself or by its name, with the same effect."""

from __future__ import annotations

import inspect
import pickle
import re

import attrs
import pytest

import backupkit as bk
from backupkit.connection import Connection
from backupkit.declare.declared import Declared
from backupkit.emulator.accounts import Accounts
from backupkit.emulator.faults.faults import Faults
from backupkit.emulator.resources.synthetic import SyntheticWorld
from backupkit.errors import BackupKitError, InvalidValueError
from backupkit.transport.recording import Recording

ACCOUNT, REGION = "123456789012", "us-east-1"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/backup"
OTHER = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:other"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/mrk-abc123"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:backups"
TESTS = f"arn:aws:backup:{REGION}:{ACCOUNT}:restore-testing-plan:weekly-1"
VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-0123456789abcdef0"
FORMS = (str, bk.Arn.parse)

SAYS_ARN = re.compile(r"\bArns?\b")
MADE_BY_US = {"RestorePreview"}
"""Attrs classes that no user makes."""


def classes():
    """Every public class that users make or hold, and what `bk.local` has beside."""
    rooms = (bk, bk.restore, bk.restore_testing, bk.emulator)
    found = {value for room in rooms for name in room.__all__ if inspect.isclass(value := getattr(room, name))}
    return sorted({*found, Accounts, Faults, SyntheticWorld}, key=lambda each: each.__name__)


def parameters(function):
    """The parameters whose annotation says that they take an Arn."""
    return [
        each.name for each in inspect.signature(function).parameters.values() if SAYS_ARN.search(str(each.annotation))
    ]


def fields():
    """Each field of a value that users make and that takes an Arn."""
    for cls in classes():
        if attrs.has(cls) and cls is not bk.Arn and cls.__name__ not in MADE_BY_US:
            for name in parameters(cls.__init__):
                if name in attrs.fields_dict(cls) and name != "nested_restore_jobs":
                    yield pytest.param(cls, name, id=f"{cls.__name__}.{name}")


@pytest.mark.parametrize(("cls", "name"), [*fields()])
def test_a_field_keeps_the_text(cls, name):
    """A value that is made with an Arn is the one that is made with its text: JSON and reprs know no other form."""
    converter = attrs.fields_dict(cls)[name].converter
    assert converter is not None, "an Arn would be kept as it is"
    assert converter(bk.Arn.parse(TABLE)) == converter(TABLE)
    assert converter(bk.Arn.parse(TABLE)) in (TABLE, (TABLE,))


def test_what_is_declared_with_an_arn_says_so():
    """Whoever documents that a field of what is declared is an ARN lets it be a bk.Arn as well."""
    lacking = []
    for cls in classes():
        if not attrs.has(cls) or not issubclass(cls, Declared):
            continue
        taken = {*parameters(cls.__init__), "path", "vaults"}
        said = re.findall(r"^ {4,8}(\w+): .*?\bARNs? of", inspect.getdoc(cls) or "", re.MULTILINE)
        lacking += [f"{cls.__name__}.{name}" for name in said if name not in taken]
    assert lacking == []


DECLARED = {
    "AccessPolicy.deny": lambda form: bk.AccessPolicy.deny("DeleteBackupVault", unless=form(ROLE)),
    "AccessPolicy.deny_deletion": lambda form: bk.AccessPolicy.deny_deletion(unless=[form(ROLE)]),
    "AccessPolicy.deny_lifecycle_changes": lambda form: bk.AccessPolicy.deny_lifecycle_changes(unless=form(ROLE)),
    "AccessPolicy.deny_manual_deletion": lambda form: bk.AccessPolicy.deny_manual_deletion(unless=form(ROLE)),
    "AccessPolicy.deny_policy_changes": lambda form: bk.AccessPolicy.deny_policy_changes(unless=form(ROLE)),
    "AccessPolicy.require_mfa": lambda form: bk.AccessPolicy.require_mfa(unless=form(ROLE)),
    "AirGappedVault.notifying": lambda form: gap().notifying(form(TOPIC), "COPY_JOB_FAILED"),
    "AirGappedVault.notifying_failures": lambda form: gap().notifying_failures(form(TOPIC)),
    "Alarm.expired_jobs": lambda form: bk.Alarm.expired_jobs("a", topic=form(TOPIC)),
    "Alarm.failed_jobs": lambda form: bk.Alarm.failed_jobs("a", topic=[form(TOPIC)], vault=gap()),
    "Alarm.no_backup_for": lambda form: bk.Alarm.no_backup_for("a", hours=30, topic=form(TOPIC), vault="prod"),
    "Alarm.storage_growth": lambda form: bk.Alarm.storage_growth("a", points_a_day=3, topic=form(TOPIC), vault="prod"),
    "Control.recovery_point_manual_deletion_disabled": lambda form: bk.Control.recovery_point_manual_deletion_disabled(
        principal_arn_list=form(ROLE)
    ),
    "Plan.copy_to": lambda form: bk.Plan("p", bk.Rule("r", "prod").keep(days=7)).copy_to(form(OTHER)),
    "Rule.copy_to": lambda form: bk.Rule("r", "prod").copy_to(form(OTHER), keep_days=7),
    "Selection.excluding": lambda form: bk.Selection("s", form(ROLE)).excluding(form(TABLE)),
    "Selection.including": lambda form: bk.Selection("s", form(ROLE)).including(form(TABLE), "*"),
    "TieringConfiguration.after": lambda form: bk.TieringConfiguration("t", gap()).after(
        days=90, resources=form("arn:aws:s3:::photos")
    ),
    "Vault.notifying": lambda form: bk.Vault("prod").notifying(form(TOPIC), "COPY_JOB_FAILED"),
    "Vault.notifying_failures": lambda form: bk.Vault("prod", key=form(KEY)).notifying_failures(form(TOPIC)),
}


def gap():
    return bk.AirGappedVault("gap", min_days=7, max_days=30)


def test_every_verb_of_what_is_declared_is_looked_at():
    """A new verb that takes an Arn is compared in both forms, too."""
    found = {
        f"{cls.__name__}.{name}"
        for cls in classes()
        if issubclass(cls, (Declared, bk.AccessPolicy))
        for name, verb in inspect.getmembers(cls, callable)
        if not name.startswith("_") and parameters(verb)
    }
    assert found == set(DECLARED)


@pytest.mark.parametrize("verb", DECLARED)
def test_verbs_make_the_same_of_both_forms(verb):
    """What is declared does not tell in which form an ARN was given."""
    of_text, of_arn = map(DECLARED[verb], FORMS)
    assert of_text == of_arn
    assert repr(of_text) == repr(of_arn)


def point_of(aws):
    return aws.recovery_points(vault="prod").latest()


SENT = {
    "back_up": lambda aws, form: aws.back_up(form(TABLE), vault="prod", role=form(ROLE), token="t"),
    "backup_jobs": lambda aws, form: list(aws.backup_jobs(resource=form(TABLE))),
    "copy_jobs": lambda aws, form: list(
        aws.copy_jobs(resource=form(TABLE), destination_vault_arn=form(OTHER), source_point=form(VOLUME))
    ),
    "restore_jobs": lambda aws, form: list(aws.restore_jobs(restore_testing_plan_arn=form(TESTS))),
    "restore_jobs of a resource": lambda aws, form: list(aws.restore_jobs(resource=form(TABLE))),
    "restore_jobs of an account": lambda aws, form: list(aws.restore_jobs(resource=form(TABLE), account_id=ACCOUNT)),
    "report_jobs": lambda aws, form: list(
        aws.report_jobs(resource=form(f"arn:aws:backup:{REGION}:{ACCOUNT}:report-plan:jobs-1"))
    ),
    "scan_jobs": lambda aws, form: list(aws.scan_jobs(resource=form(VOLUME), recovery_point=form(VOLUME))),
    "recover": lambda aws, form: aws.recover(form(TABLE), to="orders-2", role=form(ROLE), preflight=False),
    "preview_recovery": lambda aws, form: aws.preview_recovery(form(TABLE), to="orders-2", role=form(ROLE)),
    "recovery_points": lambda aws, form: list(aws.recovery_points(resource=form(TABLE))),
    "recovery_points below": lambda aws, form: list(aws.recovery_points(vault="prod", parent=form(VOLUME))),
    "recovery_point": lambda aws, form: aws.recovery_point(form(point_of(aws).recovery_point_arn), vault="prod"),
    "protected_resources.get": lambda aws, form: aws.protected_resources.get(form(TABLE)),
    "find_orphans": lambda aws, form: bk.find_orphans(aws, resource=form(TABLE)),
    "coverage": lambda aws, form: bk.coverage(aws, resources=[form(TABLE)]).row(form(TABLE)),
    "coverage of tagged": lambda aws, form: bk.coverage(aws, resources={form(TABLE): {"Team": "a"}}).row(form(TABLE)),
    "copy_to": lambda aws, form: point_of(aws).copy_to(form(OTHER), role=form(ROLE)),
    "preview_copy": lambda aws, form: point_of(aws).preview_copy(form(OTHER), role=form(ROLE)),
    "preview_copies": lambda aws, form: aws.recovery_points(vault="prod").preview_copies(form(OTHER), role=form(ROLE)),
    "preview_return": lambda aws, form: point_of(aws).preview_return(to=aws, roles={ACCOUNT: form(ROLE)}),
    "preview_restore": lambda aws, form: point_of(aws).preview_restore(table(form), role=form(ROLE)),
    "restore": lambda aws, form: point_of(aws).restore(table(form), role=form(ROLE)),
    "scan": lambda aws, form: (
        aws.recovery_points(vault="prod", resource=VOLUME)
        .latest()
        .scan(scanner_role=form(ROLE), role=form(ROLE), base=form(point_of(aws).recovery_point_arn))
    ),
    "index": lambda aws, form: aws.recovery_points(vault="prod", resource=VOLUME).latest().index(role=form(ROLE)),
    "evidence": lambda aws, form: bk.restore_testing.evidence(aws, plan=form(TESTS)),
    "validate_open": lambda aws, form: bk.restore_testing.validator(lambda job: True).validate_open(
        aws, plan=form(TESTS)
    ),
}


def table(form):
    return bk.restore.DynamoDBTable("orders-restored", encryption="KMS", key=form(KEY))


def requests(call, form):
    """What is sent for a call in a world that is made anew, and how it ends."""
    with bk.local() as local:
        for name in ("prod", "other"):
            local.call("CreateBackupVault", BackupVaultName=name)
        local.resources.add(VOLUME)
        local.back_up(VOLUME, vault="prod").wait()
        local.resources.add(TABLE)
        local.back_up(TABLE, vault="prod").wait()
        recording = Recording(local.transport)
        try:
            call(Connection(recording, local.neighbours), form)
            ended = "done"
        except BackupKitError as error:
            ended = re.sub(r"[0-9a-f-]{36}", "", str(error))
        tokens = {"IdempotencyToken", "ClientToken"}
        return ended, [
            (each.operation, {name: value for name, value in each.params.items() if name not in tokens})
            for each in recording.calls
        ]


@pytest.mark.parametrize("call", SENT)
def test_the_same_requests_are_sent_for_both_forms(call):
    """AWS is sent plain text, whichever form was given."""
    (ended, of_text), (also, of_arn) = (requests(SENT[call], form) for form in FORMS)
    assert of_text == of_arn
    assert ended == also
    assert "an Arn" not in ended


def test_the_local_service_takes_both_forms():
    """A world that is made with values is the one that is made with texts."""
    with bk.local() as aws:
        added = aws.resources.add(bk.Arn.parse(TABLE), key_arn=bk.Arn.parse(KEY))
        for form in FORMS:
            arn = form(TABLE)
            assert arn in aws.resources
            aws.resources.tag(arn, Team="a")
            aws.resources.infect(arn)
            aws.resources.disinfect(arn)
            aws.resources.seal(arn)
            aws.faults.block_backups(arn)
            aws.faults.release(arn)
            aws.faults.deny(form(ROLE))
            assert aws.faults.denied_roles == {ROLE}
            aws.faults.admit(form(ROLE))
            assert aws.resources[arn].arn == TABLE
            assert aws.as_caller(form(ROLE)).account_id == ACCOUNT
        assert (added.arn, added.key_arn) == (TABLE, KEY)
        aws.resources.remove(bk.Arn.parse(TABLE))
        assert TABLE not in aws.resources
    assert bk.emulator.Identity(bk.Arn.parse(ROLE)) == bk.emulator.Identity(ROLE)


def test_declared_things_stand_for_their_names():
    """A vault of either type, a plan and a report plan are asked for by themselves as by their names."""
    report = bk.ReportPlan("jobs", template="BACKUP_JOB_REPORT", bucket="backup-reports")
    plan = bk.Plan("daily", bk.Rule("r", "prod").keep(days=7))
    with bk.local() as aws:
        bk.Stack("s", bk.Vault("prod"), gap(), plan, report).preview(aws).apply(allow_irreversible=True)
        assert aws.plans.get(plan) == aws.plans.get("daily")
        assert aws.run_report(report).report_job_id in [job.id for job in aws.report_jobs(plan=report)]
        for vault in (bk.Vault("prod"), gap()):
            assert aws.vaults.get(vault).backup_vault_name == vault.name
            assert vault in aws.vaults
            points = aws.recovery_points(vault=vault)
            assert list(points.where(vault=vault)) == list(points.where(vault=[vault])) == []
            assert list(aws.backup_jobs(vault=vault)) == list(aws.scan_jobs(vault=vault)) == []
            assert list(aws.protected_resources.in_vault(vault)) == []
            assert len(bk.find_orphans(aws, vault=vault)) == 0
    assert bk.LegalHold("h", "d", vaults=gap()) == bk.LegalHold("h", "d", vaults="gap")


NO_NAME = {
    "back_up": lambda aws, arn: aws.back_up(TABLE, vault=arn),
    "recovery_points": lambda aws, arn: aws.recovery_points(vault=arn),
    "recovery_point": lambda aws, arn: aws.recovery_point(VOLUME, vault=arn),
    "where": lambda aws, arn: aws.recovery_points().where(vault=arn),
    "backup_jobs": lambda aws, arn: aws.backup_jobs(vault=arn),
    "scan_jobs": lambda aws, arn: aws.scan_jobs(vault=arn),
    "vaults.get": lambda aws, arn: aws.vaults.get(arn),
    "in_vault": lambda aws, arn: aws.protected_resources.in_vault(arn),
    "find_orphans": lambda aws, arn: bk.find_orphans(aws, vault=arn),
    "Rule": lambda aws, arn: bk.Rule("r", arn),
    "LegalHold": lambda aws, arn: bk.LegalHold("h", "d", vaults=arn),
    "Alarm": lambda aws, arn: bk.Alarm.failed_jobs("a", topic=TOPIC, vault=arn),
    "TieringConfiguration": lambda aws, arn: bk.TieringConfiguration("t", arn).after(days=90),
}


@pytest.mark.parametrize("form", FORMS, ids=["text", "Arn"])
@pytest.mark.parametrize("call", NO_NAME)
def test_an_arn_in_place_of_a_name_is_refused_at_the_call(call, form):
    """It may be of another account, so it is not taken for a name; the message has the name to write."""
    with bk.local() as aws, pytest.raises(InvalidValueError, match="give its name, 'other'"):
        NO_NAME[call](aws, form(OTHER))


WAYS_OUT = {
    "a vault as the destination of a copy": lambda: bk.Rule("r", "prod").copy_to(bk.Vault("far")),
    "an air-gapped vault as the destination": lambda: bk.CopyAction(gap()),
    "an air-gapped vault in place of the first": lambda: bk.Rule("r", gap()),
    "an air-gapped vault as the source of access": lambda: bk.RestoreAccessVault("r", source=gap()),
    "a role of a selection": lambda: bk.Selection("s", bk.BackupRole("backups", path="/service-role/")),
    "roles to be passed": lambda: bk.BackupRole("r", pass_roles=bk.BackupRole("app")),
}


@pytest.mark.parametrize("case", WAYS_OUT)
def test_messages_write_the_call_that_makes_the_arn(case):
    """What does not say its account or Region is refused with the call that says them, and the call works."""
    with pytest.raises(InvalidValueError) as refused:
        WAYS_OUT[case]()
    written = re.search(r"bk\.\w+\([^)]*\)\.arn\([^)]*\)", str(refused.value))
    assert written is not None, str(refused.value)
    assert isinstance(eval(written[0], {"bk": bk}), bk.Arn)


def test_an_arn_is_a_value():
    """It can be sorted, kept in sets, pickled and written as text."""
    arn, vault = bk.Arn.parse(TABLE), bk.Arn.parse(OTHER)
    assert sorted([arn, vault]) == [vault, arn]
    assert {arn, bk.Arn.parse(TABLE)} == {arn}
    assert pickle.loads(pickle.dumps(arn)) == arn
    assert bk.Arn.parse(arn) is arn
    assert f"{arn}" == str(arn) == TABLE
    assert attrs.evolve(arn, region="eu-west-1").region == "eu-west-1"


@pytest.mark.parametrize(
    "wrong", [{"partition": ""}, {"service": "a:b"}, {"region": "us east"}, {"account": 5}, {"resource": ""}]
)
def test_parts_that_cannot_stand_in_an_arn_are_refused(wrong):
    """An Arn that is made by hand is one that can be read again; the part that is wrong is named."""
    with pytest.raises(InvalidValueError, match=f"arn/{next(iter(wrong))}"):
        attrs.evolve(bk.Arn.parse(TABLE), **wrong)


def test_points_of_nested_restores_are_named_in_both_forms():
    """The keys of the mapping are points, and points have ARNs."""
    made = [
        bk.restore.EKSCluster(
            "shop", new_cluster=False, nested_restore_jobs={form(VOLUME): bk.restore.EBSVolume("us-east-1a")}
        ).nested_restore_jobs
        for form in FORMS
    ]
    assert [[*each] for each in made] == [[VOLUME], [VOLUME]]


def test_restore_requests_are_among_the_classes():
    """The walk sees the requests of every type."""
    assert sum(hasattr(each, "FORMS") for each in classes()) > 10
