"""Arguments of the wrong form: one sentence of ours, and nothing of what may be secret."""

from __future__ import annotations

from datetime import timedelta

import pytest

import backupkit as bk
from backupkit import testing

ARN = "arn:aws:backup:us-east-1:123456789012:backup-vault:prod"
SECRET = "hunter2"
HALF = "\ud800"
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
LISTS = {
    "rules": lambda odd: bk.Plan("p", rules=odd),
    "selections": lambda odd: bk.Plan("p", bk.Rule("daily", "prod"), selections=odd),
    "copies": lambda odd: bk.Rule("daily", "prod", copies=odd),
    "index actions": lambda odd: bk.Rule("daily", "prod", index_actions=odd),
    "scan actions": lambda odd: bk.Rule("daily", "prod", scan_actions=odd),
    "controls": lambda odd: bk.Framework("f", controls=odd),
    "tiers": lambda odd: bk.TieringConfiguration("t", "prod", selections=odd),
    "tests": lambda odd: bk.RestoreTestingPlan("t", schedule="cron(0 5 * * ? *)", vaults="*", selections=odd),
    "things": lambda odd: bk.Stack("s", things=odd),
    "renames": lambda odd: bk.Stack("s", renames=odd),
}


@pytest.mark.parametrize("make", LISTS.values(), ids=LISTS)
@pytest.mark.parametrize("odd", ["", "daily", {"daily": SECRET}, b"daily", 5])
def test_what_is_not_a_list_is_one_problem(make, odd):
    """A text in the place of a list is one problem, not one for each of its letters."""
    with pytest.raises(bk.errors.InvalidValueError) as caught:
        make(odd)
    (problem,) = caught.value.problems
    assert "is not a list" in problem.message
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("types", [{"S3": True}, {"S3": SECRET}])
def test_a_mapping_is_not_a_list_of_texts(types):
    """A mapping in the place of texts is refused, and not read as its keys."""
    with pytest.raises(bk.errors.InvalidValueError, match="is not a list"):
        bk.IndexAction(types)


@pytest.mark.parametrize("pair", ["ab", ["plan.a"], ("plan.a", None), (1, 2), None])
def test_a_rename_is_a_pair_of_addresses(pair):
    """A rename that is not a pair of texts is told in one sentence."""
    with pytest.raises(bk.errors.InvalidValueError, match="is not a pair of addresses"):
        bk.Stack("s", bk.Plan("b", bk.Rule("daily", "prod")), renames=[pair])


def test_what_is_not_a_vault_to_test_is_not_shown():
    """What stands in the place of a vault is named by its type alone."""
    with pytest.raises(bk.errors.InvalidValueError) as caught:
        bk.RestoreTestingPlan("t", schedule="cron(0 5 * * ? *)", vaults=[("a", SECRET)])
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "odd",
    [
        {"before": None},
        {"parameters": "x"},
        {"parameters": [("a", SECRET)]},
        {"parameters": {"a": 1}},
        {"parameters": {1: SECRET}},
        {"parameters": {"a": {"b": SECRET}}},
        {"auto_thaw_parameter": ["x"]},
        {"auto_thaw_parameter": ""},
        {"required": "no"},
        {"required": {"a": SECRET}},
    ],
)
def test_quiescing_takes_what_it_says(odd):
    """A quiesce with an argument of the wrong form is refused where it is written, and shows no values."""
    with pytest.raises(bk.errors.InvalidValueError, match=r"^quiesce/") as caught:
        bk.SSMQuiesce(**{"before": "app-consistency", **odd})
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("field", ["first", "growth", "most", "per_call", "patience"])
@pytest.mark.parametrize("odd", [None, "2", -1, True, float("nan"), [], {"a": SECRET}])
def test_polling_takes_numbers(field, odd):
    """A pause that is not a number of seconds is refused before anything is waited for."""
    with pytest.raises(bk.errors.InvalidValueError, match=f"polling/{field}") as caught:
        bk.Polling(**{field: odd})
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("field", ["first", "growth", "most", "per_call"])
@pytest.mark.parametrize("endless", [float("inf"), 10**400, 86_401])
def test_polling_takes_no_pause_that_never_ends(field, endless):
    """A pause that no clock can count is refused where it is written; patience may have no end."""
    with pytest.raises(bk.errors.InvalidValueError, match=rf"polling/{field}: .*, up to "):
        bk.Polling(**{field: endless})
    assert bk.Polling(patience=endless).patience == endless


def test_changes_of_an_empty_account_are_refused_elsewhere():
    """A preview of an account without any vault knows its account, so that its file is not applied to another one."""
    stack = bk.Stack("prod", bk.Vault("prod"))
    saved = stack.preview(bk.local()).to_json()
    with pytest.raises(bk.errors.InvalidValueError, match="of the account 123456789012"):
        bk.Changes.from_json(saved, bk.local().as_account("222222222222"))
    assert bk.Changes.from_json(saved, bk.local()).apply().done == ("vault.prod",)


@pytest.mark.parametrize("word", ["allow_delete", "allow_irreversible", "discard_unknown"])
def test_a_word_is_true_or_false(word):
    """``allow_delete="no"`` is not a yes: nothing is deleted."""
    aws = bk.local()
    bk.Stack("prod", bk.Vault("prod")).preview(aws).apply()
    changes = bk.Stack("prod").preview(aws)
    with pytest.raises(bk.errors.InvalidValueError, match=f"apply/{word}: 'no' is not a bool"):
        changes.apply(**{word: "no"})
    assert [vault.backup_vault_name for vault in aws.vaults] == ["prod"]


def test_a_word_for_points_is_true_or_false():
    """Points are not deleted for a word that is text."""
    aws = bk.local()
    table = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
    aws.resources.add(table)
    aws.call("CreateBackupVault", BackupVaultName="prod")
    point = aws.back_up(table, vault="prod").wait().recovery_point
    changes = aws.recovery_points().preview_deletion(keep_last=0)
    with pytest.raises(bk.errors.InvalidValueError, match="apply/allow_delete"):
        changes.apply(allow_delete="no")
    with pytest.raises(bk.errors.InvalidValueError, match="update_lifecycle/allow_delete"):
        point.update_lifecycle(keep_days=1, allow_delete="no")
    assert len(list(aws.recovery_points())) == 1


def test_arguments_say_which_one_is_wrong():
    """What is not a list of addresses is told with the name of the argument."""
    aws, stack = bk.local(), bk.Stack("prod", bk.Vault("prod"))
    with pytest.raises(bk.errors.InvalidValueError, match=r"^preview/adopt: 5 is not a list"):
        stack.preview(aws, adopt=5)
    with pytest.raises(bk.errors.InvalidValueError, match=r"^preview/moved_from: 5 is not a list"):
        stack.preview(aws, moved_from=5)
    with pytest.raises(bk.errors.InvalidValueError, match=r"^apply/allow_drain: 5 is not a list"):
        stack.preview(aws).apply(allow_drain=5)
    with pytest.raises(bk.errors.InvalidValueError, match="is not a connection"):
        bk.restore_testing.evidence(None)
    with pytest.raises(bk.errors.InvalidValueError, match=r"^wait/polling: 5 is not a bk.Polling"):
        bk.wait_all([], polling=5)


def test_applying_nothing_shows_no_empty_table():
    """What an earlier try has made is counted, without a table that has no rows."""
    aws = bk.local()
    changes = bk.Stack("prod", bk.Vault("prod")).preview(aws)
    changes.apply()
    assert str(changes.apply()).strip() == "0 changes made, 1 made by an earlier try"


@pytest.mark.parametrize(
    "make",
    [
        lambda: bk.RestoreAccessVault(
            "shared", source="arn:aws:backup:us-east-1:111122223333:backup-vault:gap", comment=HALF
        ),
        lambda: bk.RestoreValidation(
            "check",
            plan="weekly",
            function_arn="arn:aws:lambda:us-east-1:111122223333:function:f",
            resource_types=[HALF],
        ),
        lambda: bk.Alarm.failed_jobs(HALF, topic="arn:aws:sns:us-east-1:111122223333:t"),
    ],
    ids=["comment", "resource type", "name"],
)
def test_text_that_cannot_be_sent_is_refused(make):
    """Half of a surrogate pair can be sent to nobody, so it is an error of the value and not of a call."""
    with pytest.raises(bk.errors.InvalidValueError):
        make()


TOPIC = "arn:aws:sns:us-east-1:123456789012:backups"
VERBS = {
    "enabled is no bool": (lambda: bk.AdvancedBackupSetting.windows_vss(enabled="no"), "windows_vss/enabled"),
    "acls is no bool": (lambda: bk.AdvancedBackupSetting.s3(acls="no"), "s3/acls"),
    "object_tags is no bool": (lambda: bk.AdvancedBackupSetting.s3(object_tags=0), "s3/object_tags"),
    "archive is no bool": (
        lambda: bk.Rule("daily", "prod").cold_after(days=3, archive="no"),
        "rule.daily/cold_after/archive",
    ),
    "a zone beside a Schedule": (
        lambda: bk.Rule("daily", "prod").scheduled(bk.Schedule.daily(at="05:00"), timezone="Europe/Berlin"),
        "rule.daily/schedule/timezone",
    ),
    "jobs is no text": (lambda: bk.Alarm.failed_jobs("a", topic=TOPIC, jobs=["backup"]), "alarm.a/jobs"),
    "the key of a tag is empty": (
        lambda: bk.Control.recovery_point_encrypted().for_tag("", "x"),
        "control.BACKUP_RECOVERY_POINT_ENCRYPTED/scope/tags",
    ),
    "the value of a tag has no end": (
        lambda: bk.ControlScope(tags={"Team": "x" * 257}),
        "scope/tags",
    ),
    "an account is empty": (
        lambda: bk.Control.resources_protected_by_cross_account(cross_account_list=""),
        "control",
    ),
    "a Region is empty": (
        lambda: bk.Control.resources_protected_by_cross_region(cross_region_list=["eu-west-1", ""]),
        "control",
    ),
    "a retention is text": (lambda: bk.GovernanceLock(min_days=7).refuses("8"), "refuses/delete_after_days"),
    "a retention is nothing": (lambda: bk.GovernanceLock(min_days=7).refuses(0), "refuses/delete_after_days"),
    "a part is no text": (lambda: bk.Vault("prod").mentions(3), "vault.prod/mentions"),
    "an operation has no end": (lambda: bk.AccessPolicy.deny("x" * 200), "policy/operations"),
}


@pytest.mark.parametrize(("give", "address"), VERBS.values(), ids=VERBS)
def test_a_wrong_argument_of_a_verb_is_told_with_its_address(give, address):
    """Never an error of Python from inside, and never in silence: ``enabled="no"`` would count as yes."""
    with pytest.raises(bk.errors.InvalidValueError) as caught:
        give()
    assert [problem.address for problem in caught.value.problems] == [address]


def test_a_region_without_end_is_shown_cut():
    """What is refused in an ARN is quoted as every other value is."""
    with pytest.raises(bk.errors.InvalidValueError, match="is not a Region") as caught:
        bk.Vault("prod").arn(region_name="x" * 10_000, account_id="123456789012")
    assert len(str(caught.value)) < 1_000
    with pytest.raises(bk.errors.InvalidValueError, match=r"alarm\.x") as caught:
        bk.Alarm.no_backup_for("x" * 10_000, hours=0, topic=TOPIC)
    assert len(str(caught.value)) < 1_000


@pytest.mark.parametrize("cls", [bk.PointChanges, bk.PointReport, bk.Changes])
@pytest.mark.parametrize("text", [HALF, "{", b"\xff", None, 3, "[" * 100_000])
def test_what_no_to_json_wrote_is_refused(cls, text):
    """Half of a surrogate pair, half a document or none is one sentence, whatever reads it."""
    with pytest.raises(bk.errors.InvalidValueError, match="to_json"):
        cls.from_json(text)


@pytest.mark.parametrize(
    ("give", "address"),
    [
        (lambda points: points.where(older_than=timedelta(days=-30)), "where/older_than"),
        (lambda points: points.where(newer_than=timedelta(seconds=-1)), "where/newer_than"),
        (lambda points: points.where(tags={1: "x"}), "where/tags"),
        (lambda points: points.where(tags={"Team": 1}), "where/tags"),
        (lambda points: points.preview_tags(remove=[1]), "preview_tags/remove"),
        (lambda points: points.preview_tags(remove=[[]]), "preview_tags/remove"),
        (lambda points: points.preview_tags(remove=""), "preview_tags/remove"),
        (lambda points: points.preview_deletion(keep_last=0).apply(allow_delete=True, workers=0), "apply/workers"),
        (lambda points: points.preview_deletion(keep_last=0).apply(allow_delete=True, workers="8"), "apply/workers"),
        (lambda points: points.to_parquet(HALF), "to_parquet/path"),
    ],
)
def test_a_wrong_argument_about_points_is_refused_before_any_call(give, address):
    """A span with a slipped sign would choose every point, and a deletion of these would take all."""
    with pytest.raises(bk.errors.InvalidValueError) as caught:
        give(bk.local().recovery_points())
    assert [problem.address for problem in caught.value.problems] == [address]


@pytest.mark.parametrize("keep_days", ["35", 0, -2, 1.5, [], True])
def test_the_copies_of_a_return_are_kept_for_days(keep_days):
    """How long they are kept is checked where it is written, and not where it is shown."""
    aws = bk.local()
    aws.resources.add(TABLE)
    aws.call("CreateBackupVault", BackupVaultName="prod")
    point = aws.back_up(TABLE, vault="prod").wait().recovery_point
    with pytest.raises(bk.errors.InvalidValueError, match=r"^preview_return/keep_days: "):
        point.preview_return(to=aws, keep_days=keep_days)


@pytest.mark.parametrize("address", [[], {}, b"vault.prod", None])
def test_the_drift_of_what_is_no_address_is_refused(address):
    """Whatever stands in the place of an address is told in a sentence."""
    aws = bk.local()
    with pytest.raises(bk.errors.InvalidValueError, match=r"^drift: nothing was compared at"):
        bk.Stack("prod", bk.Vault("prod")).drift(aws).of(address)


@pytest.mark.parametrize(
    ("ask", "address"),
    [
        (lambda: testing.vault_arns(account_id="me"), "testing/account_id"),
        (lambda: testing.plans(account_id=123456789012), "testing/account_id"),
        (lambda: testing.legal_holds(account_id=""), "testing/account_id"),
        (lambda: testing.stacks(region_name="here"), "testing/region_name"),
        (lambda: testing.resources(region_name=""), "testing/region_name"),
        (lambda: testing.resource_arns(wildcards="no"), "testing/wildcards"),
        (lambda: testing.tags(51), "testing/most"),
        (lambda: testing.tags("3"), "testing/most"),
        (lambda: testing.names(0), "testing/longest"),
        (lambda: testing.plans(most_rules=0), "testing/most_rules"),
    ],
)
def test_a_strategy_is_asked_for_what_there_is(ask, address):
    """A wrong argument is told where the strategy is made, and not by an example that hypothesis cannot draw."""
    with pytest.raises(bk.errors.InvalidValueError) as caught:
        ask()
    assert [problem.address for problem in caught.value.problems] == [address]


@pytest.mark.parametrize(
    ("make", "address"),
    [
        (lambda: bk.restore_testing.Validator(3), "validator"),
        (lambda: bk.restore_testing.Validator(int), "validator"),
        (lambda: bk.restore_testing.Validator(lambda: None), "validator"),
        (lambda: bk.restore_testing.Validator(lambda _: None, wait=3), "validator/wait"),
        (lambda: bk.restore_testing.Validator(lambda _: None, connect="us-east-1"), "validator/connect"),
        (lambda: bk.restore_testing.validator(connect=3), "validator/connect"),
        (lambda: bk.restore_testing.validator(max), "validator"),
        (lambda: bk.restore_testing.CheckResult("rows", "good"), "check_result/outcome"),
        (lambda: bk.restore_testing.CheckResult("rows", []), "check_result/outcome"),
        (lambda: bk.restore_testing.checks.rds(engine=3), "checks.rds/engine"),
        (lambda: bk.restore_testing.checks.aurora(engine=""), "checks.aurora/engine"),
        (lambda: bk.restore_testing.checks.ec2(instance_type=[]), "checks.ec2/instance_type"),
        (lambda: bk.restore_testing.checks.dynamodb(indexes=[3]), "checks.dynamodb/indexes"),
        (lambda: bk.restore_testing.checks.s3(keys=[""]), "checks.s3/keys"),
        (lambda: bk.restore_testing.checks.s3(prefix=HALF), "checks.s3/prefix"),
    ],
)
def test_a_check_of_restores_is_made_of_what_it_can_look_for(make, address):
    """What can never be seen would fail every restore test at night; it is told where it is written."""
    with pytest.raises(bk.errors.InvalidValueError) as caught:
        make()
    assert [problem.address for problem in caught.value.problems] == [address]


def test_the_word_of_an_outcome_counts_as_the_outcome():
    """A check of one's own that says "passed" has passed."""
    assert bk.restore_testing.CheckResult("rows", "passed").passed


@pytest.mark.parametrize("wrapper", [testing.ReadOnly, testing.Recording, testing.FaultInjection])
@pytest.mark.parametrize("odd", [None, "aws", bk.local()], ids=["nothing", "text", "connection"])
def test_what_is_wrapped_is_a_transport(wrapper, odd):
    """A connection in its place would be called in another way; the message says what to give."""
    with pytest.raises(bk.errors.InvalidValueError, match=r"^transport: a .* is not a transport; give aws\.transport$"):
        wrapper(odd)


@pytest.mark.parametrize(
    ("word", "odd"),
    [("at", 0), ("at", "1"), ("times", -1), ("times", 1.5), ("operation", 3), ("error", "boom"), ("after", "no")],
)
def test_a_failure_that_is_asked_for_can_happen(word, odd):
    """A fault that never strikes, or strikes with another error, would prove nothing."""
    with pytest.raises(bk.errors.InvalidValueError, match=f"^fault_injection/{word}: "):
        testing.FaultInjection(bk.local().transport, **{word: odd})
