"""Laws of `recover`: whatever goes wrong, and wherever a program is killed, one restore is made and the next run ends it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import backupkit as bk
from backupkit.connection import Connection
from backupkit.emulator.neighbours import LocalNeighbours
from backupkit.errors import CredentialsError, UnavailableError, UnreachableError
from backupkit.transport.fault_injection import FaultInjection
from backupkit.transport.retry import Retrying, RetryPolicy

ACCOUNT, REGION = "123456789012", "us-east-1"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
BACK = bk.restore.DynamoDBTable("orders-back")
QUICK = RetryPolicy(attempts=3, first_pause_seconds=0.1, longest_pause_seconds=1)


def opened():
    """A service with a point of a table that is gone."""
    aws = bk.local(retry=QUICK)
    aws.resources.add(TABLE, size_bytes=10**8)
    aws.call("CreateBackupVault", BackupVaultName="prod")
    aws.back_up(TABLE, vault="prod").wait()
    aws.resources.remove(TABLE)
    return aws


def came_back_once(aws, got):
    """One restore job, one table, and the evidence is of them."""
    aws.faults.clear()
    [job] = aws.restore_jobs()
    assert got.job.id == job.id
    assert got.created_resource_arn in aws.resources
    assert len(list(aws.resources)) == 1


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000))
def test_chaos_makes_no_second_restore(seed):
    """Half of all calls throttled, connections dropped before and after the service has acted, credentials expiring."""
    aws = opened()
    aws.faults.throttle("*", rate=0.5, seed=seed)
    aws.faults.drop("*", rate=0.1, seed=seed + 1)
    aws.faults.drop("*", rate=0.1, seed=seed + 2, after=True)
    aws.faults.cut("*", rate=0.05, seed=seed + 3)
    aws.faults.fail("*", "ExpiredTokenException", rate=0.05, seed=seed + 4)
    while True:
        try:
            got = aws.recover(TABLE, to=BACK)
        except (UnavailableError, UnreachableError, CredentialsError):
            continue
        break
    came_back_once(aws, got)


@pytest.mark.parametrize("after", [False, True])
def test_a_program_that_is_killed_at_any_call_is_taken_up_by_the_next(after):
    """Killed before or after the service has acted, at every call in turn: the second run ends what the first began."""
    at = 1
    while True:
        aws = opened()
        faulty = FaultInjection(aws.service, at=at, error=KeyboardInterrupt(), after=after)
        dying = Connection(Retrying(faulty, QUICK), LocalNeighbours(aws.service))
        try:
            dying.recover(TABLE, to=BACK)
        except KeyboardInterrupt:
            came_back_once(aws, aws.recover(TABLE, to=BACK))
            at += 1
            continue
        assert at > 5
        return
