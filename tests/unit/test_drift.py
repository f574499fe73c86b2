"""Drift: where AWS is not as declared, field by field."""

from __future__ import annotations

import json
import re

import pytest

import backupkit as bk
from backupkit.connection import Connection
from backupkit.errors import InvalidValueError
from backupkit.transport.recording import Recording

VAULT = bk.Vault("prod", tags={"Team": "platform"}, lock=bk.GovernanceLock(min_days=7))
PLAN = bk.Plan("nightly", bk.Rule("daily", "prod").keep(days=35))
STACK = bk.Stack("shop", VAULT, PLAN)
ROLE = "arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole"
ARN = "arn:aws:backup:us-east-1:123456789012:backup-vault:prod"


@pytest.fixture
def aws():
    with bk.local() as aws:
        STACK.preview(aws).apply()
        yield aws


def test_nothing_has_drifted_after_applying(aws):
    """What is as declared is an empty, false drift that says so."""
    drift = STACK.drift(aws)
    assert not drift
    assert (len(drift), list(drift), drift.addresses) == (0, [], ())
    assert "nothing has drifted" in str(drift)


def test_each_field_is_told_with_both_values(aws):
    """A lock, a tag and a lifecycle that were changed by hand show what is declared and what was found."""
    aws.call("TagResource", ResourceArn=ARN, Tags={"Team": "other", "by": "hand"})
    aws.call("PutBackupVaultLockConfiguration", BackupVaultName="prod", MinRetentionDays=1)
    drift = STACK.drift(aws)
    assert drift
    assert [(row.address, row.state, row.field, row.declared, row.found) for row in drift] == [
        ("vault.prod", "different", "tags.Team", "platform", "other"),
        ("vault.prod", "different", "tags.by", None, "hand"),
        ("vault.prod/lock", "different", "min_days", 7, 1),
    ]
    assert drift.addresses == ("vault.prod", "vault.prod/lock")
    assert drift.of("vault.prod") == drift.rows
    assert drift.of("vault.prod/lock") == drift.rows[2:]


def test_lists_are_told_whole(aws):
    """What is declared and what was found of a list stand side by side, and a value that is not there is empty."""
    table, bucket = "arn:aws:dynamodb:us-east-1:123456789012:table/a", "arn:aws:s3:::b"
    plan = bk.Plan("lists", bk.Rule("daily", "prod").keep(days=35))
    chosen = bk.Selection("some", "arn:aws:iam::123456789012:role/backup")
    bk.Stack("lists", plan.protecting(chosen.including(table, bucket))).preview(aws).apply()
    longer = bk.Plan("lists", bk.Rule("daily", "prod").cold_after(days=9).keep(days=135))
    stack = bk.Stack("lists", longer.protecting(chosen.including(table)))
    drift, shown = stack.drift(aws), stack.preview(aws)._repr_html_()
    told = {row.field: (row.declared, row.found) for row in drift}
    assert told["resources"] == ((table,), (table, bucket))
    assert told["rule.daily/lifecycle/move_to_cold_storage_after_days"] == (9, None)
    assert f"{table}, {bucket}" in str(drift)
    cells = [re.sub(r"<[^>]*>", "", cell) for cell in shown.split("<td")]
    named = next(number for number, cell in enumerate(cells) if "move_to_cold_storage" in cell)
    assert [cell.rpartition(">")[2] for cell in cells[named + 1 : named + 3]] == ["", "9"]


def test_what_was_not_compared_is_no_answer(aws):
    """A misspelt address is refused with what was meant; what was compared and has not drifted is empty."""
    drift = STACK.drift(aws)
    assert drift.of("vault.prod") == drift.of("plan.nightly") == ()
    with pytest.raises(InvalidValueError, match=r"nothing was compared at 'vault\.prodd'; write vault\.prod$"):
        drift.of("vault.prodd")
    with pytest.raises(InvalidValueError, match="nothing was compared at 5; use some of "):
        drift.of(5)


INSIDE = bk.Stack("shop", VAULT, PLAN.protecting(bk.Selection("tagged", ROLE).any_tag(Backup="daily")))


def test_a_part_or_something_inside_that_is_misspelt_is_no_answer(aws):
    """Who asks for the drift of a part that nobody compared is told which there are, and does not hear that all is well."""
    drift = INSIDE.drift(aws)
    assert [row.state for row in drift.of("plan.nightly/selection.tagged")] == ["missing"]
    known = r"'plan.nightly/selection.tgged'; write plan\.nightly/selection\.tagged$"
    with pytest.raises(InvalidValueError, match=f"nothing was compared at {known}"):
        drift.of("plan.nightly/selection.tgged")
    with pytest.raises(InvalidValueError, match=r"'vault.prod/lokc'; write vault\.prod/lock$"):
        drift.of("vault.prod/lokc")
    with pytest.raises(
        InvalidValueError, match=r"use some of vault\.prod, vault\.prod/lock, vault\.prod/notifications, "
    ):
        drift.of("vault.prod/quarterly_backup_exemptions")
    with pytest.raises(InvalidValueError, match=r"'vault.prodd/lock'; write vault\.prod/lock$"):
        drift.of("vault.prodd/lock")
    # A field is no address: it is in each row.
    with pytest.raises(InvalidValueError, match=r"write plan\.nightly$"):
        drift.of("plan.nightly/rule.daily")


def test_a_part_that_is_neither_declared_nor_there_was_compared(aws):
    """A vault without a policy, of which none is declared, has none that drifted."""
    assert STACK.drift(aws).of("vault.prod/policy") == ()


def test_what_is_left_alone_was_not_compared(aws):
    """Of a part that others look after, nobody can say that it has not drifted."""
    stack = bk.Stack("shop", VAULT.unmanaged("policy"), PLAN)
    with pytest.raises(InvalidValueError, match=r"nothing was compared at 'vault.prod/policy'"):
        stack.drift(aws).of("vault.prod/policy")


def test_what_is_gone_and_what_came_show_as_a_whole(aws):
    """A vault deleted by hand is missing with its lock; a selection made by hand is undeclared."""
    (plan,) = aws.call("ListBackupPlans")["BackupPlansList"]
    selection = {"SelectionName": "by-hand", "IamRoleArn": "arn:aws:iam::123456789012:role/R", "Resources": ["*"]}
    aws.call("CreateBackupSelection", BackupPlanId=plan["BackupPlanId"], BackupSelection=selection)
    aws.call("DeleteBackupVault", BackupVaultName="prod")
    assert [(row.address, row.state, row.field) for row in STACK.drift(aws)] == [
        ("plan.nightly/selection.by-hand", "undeclared", ""),
        ("vault.prod", "missing", ""),
        ("vault.prod/lock", "missing", ""),
    ]


def test_a_thing_that_was_taken_from_the_stack_has_drifted(aws):
    """Whoever takes the stack's tag off a thing is seen, and the notes say what that means."""
    aws.call("UntagResource", ResourceArn=ARN, TagKeyList=["backupkit:stack"])
    drift = STACK.drift(aws)
    assert [(row.field, row.declared, row.found) for row in drift] == [("tags.backupkit:stack", "shop", None)]
    assert "no stack owns it" in drift.notes[0]


def test_what_is_as_declared_has_not_drifted_whatever_is_wrong_beside_it(aws):
    """A plan whose vault is gone is as declared: the notes tell that its jobs fail, and no field drifts."""
    plan = bk.Plan("far", bk.Rule("daily", "elsewhere").keep(days=35))
    aws.call("CreateBackupVault", BackupVaultName="elsewhere")
    stack = bk.Stack("other", plan)
    stack.preview(aws).apply()
    aws.call("DeleteBackupVault", BackupVaultName="elsewhere")
    drift = stack.drift(aws)
    assert not drift
    assert "there is no vault 'elsewhere' here" in drift.notes[0]


@pytest.mark.slow
def test_drift_is_text_json_html_and_a_table(aws):
    """It is looked at, saved and computed with as every other value; its repr shows no values of tags."""
    aws.call("TagResource", ResourceArn=ARN, Tags={"<b>": "hand-made"})
    drift = STACK.drift(aws)
    assert "hand-made" in str(drift)
    assert json.loads(drift.to_json())["rows"] == [
        {"address": "vault.prod", "state": "different", "field": "tags.<b>", "declared": None, "found": "hand-made"}
    ]
    assert "tags.&lt;b&gt;" in drift._repr_html_()
    assert "hand-made" not in repr(drift) + repr(drift.rows)
    pytest.importorskip("pyarrow", reason="pip install 'backupkit[tables]'")
    assert drift.to_arrow().to_pylist() == [
        {"address": "vault.prod", "state": "different", "field": "tags.<b>", "declared": None, "found": "hand-made"}
    ]


def test_looking_for_drift_writes_nothing(aws):
    """It reads, and refuses what is not a connection."""
    recording = Recording(aws.transport)
    STACK.drift(Connection(recording))
    assert recording.operations
    assert all(operation.startswith(("List", "Get", "Describe")) for operation in recording.operations)
    with pytest.raises(InvalidValueError, match="not a connection"):
        STACK.drift("aws")
