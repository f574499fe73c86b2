"""Changes as JSON: reviewed in one process, applied in another, and refused where the world has moved."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest

import backupkit as bk
from backupkit.declare.codec.written import read_written, written
from backupkit.errors import ConfigurationError, InvalidValueError, StaleChangesError

ROLE = "arn:aws:iam::123456789012:role/Backup"
VAULT = bk.Vault("prod", tags={"Team": "platform"})
PLAN = bk.Plan("nightly", bk.Rule("daily", "prod").keep(days=35)).protecting(
    bk.Selection("tagged", ROLE, tags=(("Backup", "yes"),))
)
STACK = bk.Stack("shop", VAULT, PLAN, tags={"Stage": "live"})


@pytest.fixture
def aws():
    with bk.local() as aws:
        yield aws


def again(changes, aws=None):
    return bk.Changes.from_json(changes.to_json(), aws)


def test_what_is_loaded_is_what_was_previewed(aws):
    """Changes, what is kept, warnings, notes, text and JSON are the same after the way through a file."""
    STACK.preview(aws).apply()
    shorter = bk.Plan("nightly", bk.Rule("daily", "prod").keep(days=7))
    changed = bk.Stack("shop", VAULT, shorter, bk.Vault("new"), tags=STACK.tags)
    changes = changed.preview(aws)
    assert changes.kept
    assert changes.warnings
    for loaded in (again(changes), again(changes, aws)):
        assert tuple(loaded) == tuple(changes)
        assert loaded.kept == changes.kept
        assert (loaded.warnings, loaded.notes, loaded.problems) == (changes.warnings, changes.notes, changes.problems)
        assert str(loaded) == str(changes)
        assert loaded.to_json() == changes.to_json()


def test_loaded_changes_are_applied_and_leave_nothing_to_do(aws):
    """Applying from a file makes the very calls that were reviewed."""
    changes = STACK.preview(aws)
    assert again(changes, aws).apply().done == tuple(change.address for change in changes)
    assert not STACK.preview(aws)


def test_times_come_back_as_times(aws):
    """A call that names a moment, as that of a legal hold does, is the same after the way through a file."""
    days = datetime(2025, 12, 1, tzinfo=UTC), datetime(2025, 12, 31, tzinfo=UTC)
    hold = bk.LegalHold("case-17", "Case 17", vaults="prod", from_date=days[0], to_date=days[1])
    stack = bk.Stack("shop", VAULT, hold)
    changes = stack.preview(aws)
    loaded = again(changes, aws)
    assert loaded.calls == changes.calls
    loaded.apply()
    assert not stack.preview(aws)


def test_what_an_earlier_call_answers_is_filled_in_after_the_way_through_a_file(aws):
    """A selection is made in the plan that the same changes make, whose id nobody knew at the preview."""
    again(STACK.preview(aws), aws).apply()
    (plan,) = aws.call("ListBackupPlans")["BackupPlansList"]
    assert aws.call("ListBackupSelections", BackupPlanId=plan["BackupPlanId"])["BackupSelectionsList"]


def test_changes_of_yesterday_are_refused_where_the_world_has_moved(aws):
    """Somebody changed the plan after the review: nothing of it is done, and the error says to preview again."""
    STACK.preview(aws).apply()
    longer = bk.Stack("shop", VAULT, PLAN.with_rules(bk.Rule("weekly", "prod").keep(days=90)), tags=STACK.tags)
    saved = longer.preview(aws).to_json()
    bk.Stack("shop", VAULT, PLAN.with_rules(bk.Rule("hourly", "prod").keep(days=1)), tags=STACK.tags).preview(
        aws
    ).apply()
    with pytest.raises(StaleChangesError, match="preview again"):
        bk.Changes.from_json(saved, aws).apply(allow_delete=True)


def test_applying_a_file_twice_makes_nothing_twice(aws):
    """A second run of the same file finds everything made, and says so."""
    saved = STACK.preview(aws).to_json()
    bk.Changes.from_json(saved, aws).apply()
    applied = bk.Changes.from_json(saved, aws).apply()
    assert applied.done == ()
    assert len(applied.unchanged) == 3
    assert len(aws.call("ListBackupPlans")["BackupPlansList"]) == 1


def test_without_a_connection_changes_can_be_looked_at_only(aws):
    """A job that renders the review needs no credentials; applying there says how to load them."""
    loaded = again(STACK.preview(aws))
    assert "vault.prod" in str(loaded)
    with pytest.raises(ConfigurationError, match=r"from_json\(text, aws\)"):
        loaded.apply()


def test_changes_are_of_one_region_and_account(aws):
    """What was reviewed for one place is not applied to another by mistake."""
    aws.call("CreateBackupVault", BackupVaultName="there")
    saved = STACK.preview(aws).to_json()
    with pytest.raises(InvalidValueError, match="of us-east-1, the connection is to eu-west-1"):
        bk.Changes.from_json(saved, aws.in_region("eu-west-1"))
    other = bk.local(account_id="999999999999")
    other.call("CreateBackupVault", BackupVaultName="there")
    with pytest.raises(InvalidValueError, match="account 123456789012, the connection is to 999999999999"):
        bk.Changes.from_json(saved, other)
    with pytest.raises(InvalidValueError, match="not a connection"):
        bk.Changes.from_json(saved, "aws")


def test_where_vaults_tell_no_account_sts_does(aws):
    """An account without a vault is another one, too: nothing is made there by mistake."""
    saved = STACK.preview(aws).to_json()
    other = aws.as_account("999999999999")
    with pytest.raises(InvalidValueError, match="the connection is to 999999999999; connect to the account that they"):
        bk.Changes.from_json(saved, other)
    assert other.call("ListBackupVaults")["BackupVaultList"] == []


def test_where_vaults_may_not_be_listed_sts_tells_the_account(aws):
    """Whoever may only deploy is asked for its account in another way, and held to it."""
    saved = STACK.preview(aws).to_json()
    aws.faults.fail("ListBackupVaults", "AccessDeniedException", rate=1)
    assert bk.Changes.from_json(saved, aws).account_id == "123456789012"
    with pytest.raises(InvalidValueError, match="the connection is to 999999999999; connect to the account that they"):
        bk.Changes.from_json(saved, aws.as_account("999999999999"))


def edited(text, **members):
    return json.dumps({**json.loads(text), **members})


def test_what_is_not_such_a_file_is_refused_in_a_sentence(aws):
    """A file of another kind, version or shape is an InvalidValueError that shows nothing of it."""
    text = STACK.preview(aws).to_json()
    told = json.loads(text)
    broken = [
        "",
        "no",
        "[]",
        "{}",
        edited(text, format="backupkit.Changes/9"),
        edited(text, more="secret"),
        edited(text, previewed_at="2026-01-01T00:00:00"),
        edited(text, changes=[{**told["changes"][0], "action": "secret"}]),
        edited(text, declared={**told["declared"], "things": [{"os.system": {"secret": 1}}]}),
        edited(text, declared={**told["declared"], "things": [{"Vault": {"secret": 1}}]}),
        edited(text, declared={**told["declared"], "things": ["secret"]}),
        text.replace('"things": [', '"things": [' + "[" * 900 + "]" * 900 + ","),
        text[: len(text) // 2],
        text[:-3] + "\ud800",
        b'{"format": "\xff"}',
        None,
        edited(text, account_id=7),
        edited(text, changes=[{**told["changes"][0], "subject": {"kind": "secret", "name": "prod"}}]),
        edited(text, changes=[{**told["changes"][0], "needs": ["vault.prod"]}]),
        edited(
            text,
            changes=[{**each, "needs": [other["address"] for other in told["changes"]]} for each in told["changes"]],
        ),
    ]
    for each in broken:
        with pytest.raises(InvalidValueError, match=r"not what Changes\.to_json writes.*or preview again") as refused:
            bk.Changes.from_json(each, aws)
        assert "secret" not in str(refused.value)
        assert refused.value.__cause__ is refused.value.__context__ is None


def test_what_is_in_a_file_twice_is_refused(aws):
    """A change or a declared thing that two files were put together of is not done by the one that comes last."""
    text = STACK.preview(aws).to_json()
    told = json.loads(text)
    declared = {**told["declared"], "things": [*told["declared"]["things"], told["declared"]["things"][0]]}
    for members in ({"changes": [*told["changes"], told["changes"][0]]}, {"declared": declared}):
        with pytest.raises(InvalidValueError, match=r"vault\.prod is in it 2 times; preview again"):
            bk.Changes.from_json(edited(text, **members), aws)


def test_a_file_that_calls_another_service_than_it_declares_is_stale(aws):
    """What AWS Backup is asked for is not sent to IAM because a file says so."""
    text = STACK.preview(aws).to_json()
    told = json.loads(text)
    told["changes"][0]["calls"][0]["service"] = "iam"
    with pytest.raises(StaleChangesError, match=r"vault\.prod"):
        bk.Changes.from_json(json.dumps(told), aws).apply()


def test_what_is_declared_in_a_file_is_checked_as_everywhere(aws):
    """A retention that AWS would refuse is told with its address, though a file says it."""
    text = STACK.preview(aws).to_json().replace('"delete_after_days": 35', '"delete_after_days": 99999')
    with pytest.raises(InvalidValueError, match="delete_after_days"):
        bk.Changes.from_json(text, aws)


def test_a_file_that_says_other_calls_than_it_declares_is_stale(aws):
    """Whoever edits what is declared, but not the changes that were reviewed, is refused before any write."""
    text = STACK.preview(aws).to_json()
    told = json.loads(text)
    things = json.dumps(told["declared"]["things"]).replace('"delete_after_days": 35', '"delete_after_days": 7')
    told["declared"]["things"] = json.loads(things)
    loaded = bk.Changes.from_json(json.dumps(told), aws)
    with pytest.raises(StaleChangesError, match=r"plan\.nightly"):
        loaded.apply()
    assert aws.call("ListBackupPlans")["BackupPlansList"] == []


@pytest.mark.slow
def test_another_process_applies_what_this_one_previewed(aws, tmp_path):
    """Nothing of the preview's process is needed but the file."""
    saved = tmp_path / "changes.json"
    saved.write_text(STACK.preview(aws).to_json())
    code = (
        "import sys, backupkit as bk; aws = bk.local(); text = open(sys.argv[1]).read(); "
        "print(*bk.Changes.from_json(text, aws).apply().done)"
    )
    ended = subprocess.run([sys.executable, "-c", code, saved], capture_output=True, text=True, check=True)
    assert ended.stdout.split() == ["vault.prod", "plan.nightly", "plan.nightly/selection.tagged"]


def test_changes_are_left_out_by_their_addresses(aws):
    """What is left out takes along what needs it, and a wrong address says which was meant."""
    changes = STACK.preview(aws)
    assert [change.address for change in changes.without("plan.nightly")] == ["vault.prod"]
    assert not changes.without("vault.prod")
    with pytest.raises(InvalidValueError, match=r"write vault\.prod"):
        changes.without("vault.prd")


ACCOUNT = "123456789012"
BESIDE = [
    bk.AirGappedVault("gapped", min_days=7, max_days=30),
    bk.RestoreAccessVault("shared", source=f"arn:aws:backup:us-east-1:{ACCOUNT}:backup-vault:theirs"),
    bk.RestoreTestingPlan("weekly", schedule="cron(0 5 ? * SUN *)", vaults="*").testing(
        bk.RestoreTestingSelection(
            "tables", resource_type="DynamoDB", role=ROLE, overrides={"targetTableName": "x"}, validation_window_hours=4
        )
    ),
    bk.BackupRole("backup", types=("S3",), restores=True, least_privilege=True),
    bk.TopicPolicy(f"arn:aws:sns:us-east-1:{ACCOUNT}:alerts"),
    bk.Alarm.failed_jobs("failed", topic=f"arn:aws:sns:us-east-1:{ACCOUNT}:alerts"),
    bk.EFSBackupPolicy(f"arn:aws:elasticfilesystem:us-east-1:{ACCOUNT}:file-system/fs-0123456789abcdef0"),
    bk.DynamoDBContinuousBackups(f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/orders", recovery_period_days=7),
    bk.Vault("prod", lock=bk.GovernanceLock(min_days=1)).unmanaged("policy", "tags.Team"),
    bk.Vault.existing("theirs"),
]


@pytest.mark.parametrize("thing", BESIDE, ids=lambda thing: thing.address)
def test_things_of_every_kind_are_written_and_read(thing):
    """What is declared is the same after the way through JSON: parts that are left alone, classes of locks, schedules."""
    again = read_written(json.loads(json.dumps(written(thing))))
    assert again == thing
    assert type(again) is type(thing)
    assert repr(again) == repr(thing)


def test_what_no_class_has_is_not_written():
    """A field with something that has no JSON is told, and not written as a text that reads back as another thing."""
    with pytest.raises(TypeError, match="object cannot be written"):
        written((object(),))
