"""Arguments of the emulator's helpers that make no sense are refused where they come in, and told by name."""

from __future__ import annotations

import pytest
from local_stage import ROLE, table_arn

import backupkit as bk
from backupkit.errors import BackupKitError, InvalidValueError

TABLE = table_arn("orders")


@pytest.mark.parametrize(
    "give",
    [
        lambda aws: aws.faults.deny("x"),
        lambda aws: aws.faults.deny(TABLE),
        lambda aws: aws.faults.admit("x"),
        lambda aws: aws.faults.admit([]),
        lambda aws: aws.faults.block_backups("x"),
        lambda aws: aws.faults.release([]),
        lambda aws: aws.faults.clear("x"),
        lambda aws: aws.faults.fail([]),
        lambda aws: aws.faults.fail("*", []),
        lambda aws: aws.faults.drop(account_id=[]),
        lambda aws: aws.faults.drop(region_name=[]),
        lambda aws: aws.faults.drop(after="no"),
        lambda aws: aws.faults.cut(orderly="no"),
        lambda aws: aws.faults.outage([]),
        lambda aws: aws.faults.outage("EBS", jobs=3),
        lambda aws: aws.faults.outage("EBS", jobs=()),
        lambda aws: aws.faults.outage("EBS", jobs=[[]]),
        lambda aws: aws.faults.outage("EBS", waits="no"),
        lambda aws: aws.events.listen("x"),
        lambda aws: aws.events.listen(notifications=3),
        lambda aws: aws.accounts.approve(None),
        lambda aws: aws.accounts.deny([]),
        lambda aws: aws.accounts.share("prod", with_account=None),
        lambda aws: aws.accounts.admit_credentials(None, ROLE),
        lambda aws: aws.resources.add(table_arn("two"), members=3),
        lambda aws: aws.resources.tag(TABLE, "x"),
        lambda aws: aws.resources.tag([], {}),
        lambda aws: aws.resources.remove([]),
        lambda aws: aws.resources.infect([]),
        lambda aws: aws.resources.seal([]),
        lambda aws: aws.resources.disinfect([]),
        lambda aws: aws.resources[[]],
    ],
)
def test_a_wrong_argument_of_a_helper_is_refused_and_changes_nothing(give):
    """Never an error of Python, and never silence: a fault or listener that cannot work would prove nothing."""
    aws = bk.local()
    aws.resources.add(TABLE)
    with pytest.raises(BackupKitError):
        give(aws)
    assert list(aws.faults) == []
    assert aws.faults.denied_roles == frozenset()
    assert not aws.events.listening
    assert [each.arn for each in aws.resources] == [TABLE]


def test_an_outage_names_the_word_that_is_wrong():
    """Of several kinds of job, the one that is not a kind is told; one word alone counts as one."""
    aws = bk.local()
    with pytest.raises(InvalidValueError, match="'tape' is not a kind of job"):
        aws.faults.outage("DynamoDB", jobs=["backup", "tape"])
    assert aws.faults.outage("DynamoDB", jobs="copy").jobs == {"copy"}
