"""Laws of waiting: whatever goes wrong with calls, each job is told of once, as it ended, and nothing starts twice."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import backupkit as bk
from backupkit.connection import Connection
from backupkit.errors import CredentialsError, UnavailableError, UnreachableError
from backupkit.transport.fault_injection import FaultInjection
from backupkit.transport.retry import Retrying, RetryPolicy

ACCOUNT = "arn:aws:dynamodb:us-east-1:123456789012:table"
DENIED = "arn:aws:iam::123456789012:role/denied"
QUICK = RetryPolicy(attempts=3, first_pause_seconds=0.1, longest_pause_seconds=1)


def insisted(act):
    """What an act comes to in the end, when it is repeated until it is answered."""
    while True:
        try:
            return act()
        except (UnavailableError, UnreachableError, CredentialsError):
            continue


def opened(count):
    """A service with tables to back up, and one role that cannot be taken on."""
    aws = bk.local(retry=QUICK)
    for number in range(count):
        aws.resources.add(f"{ACCOUNT}/t{number}", size_bytes=10**9 * (number % 7))
    aws.call("CreateBackupVault", BackupVaultName="prod")
    aws.faults.deny(DENIED)
    return aws


def begin(aws, count):
    """As many backups, every fifth of which will fail; each is started by one token."""
    return [
        insisted(lambda n=n: aws.back_up(f"{ACCOUNT}/t{n}", vault="prod", role=DENIED if n % 5 == 4 else None, token=f"t{n}"))
        for n in range(count)
    ]  # fmt: skip


def break_everything(faults, seed):
    """Half of all calls are throttled; answers are lost before and after the work is done; credentials expire."""
    faults.throttle("*", rate=0.5, seed=seed)
    faults.drop("*", rate=0.1, seed=seed + 1)
    faults.drop("*", rate=0.1, seed=seed + 2, after=True)
    faults.cut("*", rate=0.05, seed=seed + 3)
    faults.fail("*", "ExpiredTokenException", rate=0.05, seed=seed + 4)


def told_once(aws, jobs, ended):
    """Each job is in one part of the result, in the state in which the service has it, and there are no others."""
    aws.faults.clear()
    every = [*ended.completed, *ended.failed, *ended.unfinished]
    assert Counter(job.id for job in every) == Counter(job.id for job in jobs)
    truth = {job.id: job.state for job in aws.backup_jobs()}
    assert {job.id: job.state for job in every if job.ended} == {job.id: truth[job.id] for job in every if job.ended}
    assert len(truth) == len(jobs)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 40), st.integers(0, 1000))
def test_chaos_loses_no_job_and_tells_of_none_twice(count, seed):
    """Half of all calls throttled, connections dropped before and after the service has acted: all ends are learned."""
    aws = opened(count)
    break_everything(aws.faults, seed)
    jobs = begin(aws, count)
    ended = bk.wait_all(jobs)
    assert ended.unfinished == ()
    assert {job.id for job in ended.failed} == {job.id for number, job in enumerate(jobs) if number % 5 == 4}
    told_once(aws, jobs, ended)


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 30), st.integers(0, 1000))
def test_jobs_come_once_each_whatever_goes_wrong(count, seed):
    """`as_completed` hands over every job once, over as the service has it."""
    aws = opened(count)
    jobs = begin(aws, count)
    break_everything(aws.faults, seed)
    came = list(bk.as_completed(jobs))
    assert all(job.ended for job in came)
    assert sorted(job.id for job in came) == sorted(job.id for job in jobs)


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 30), st.integers(0, 600), st.integers(0, 1000))
def test_a_wait_that_runs_out_can_be_taken_up(count, seconds, seed):
    """Two waits of which the first runs out come to what one long wait comes to."""
    aws = opened(count)
    jobs = begin(aws, count)
    break_everything(aws.faults, seed)
    first = bk.wait_all(jobs, timeout=seconds)
    taken_up = [insisted(lambda job=job: aws.backup_job(job.id)) for job in first.unfinished]
    second = bk.wait_all(taken_up)
    told_once(
        aws, jobs, bk.WaitResult(completed=first.completed + second.completed, failed=first.failed + second.failed)
    )


@pytest.mark.parametrize("after", [False, True])
def test_a_program_that_is_killed_at_any_call_of_a_wait_can_wait_again(after):
    """Waiting changes nothing, so it can be broken off anywhere: another wait for the same ids ends as the first would."""
    at, killed = 1, True
    while killed:
        aws = opened(6)
        jobs = begin(aws, 6)
        faulty = FaultInjection(aws.service, at=at, error=KeyboardInterrupt(), after=after)
        dying = Connection(Retrying(faulty, QUICK))
        polling = bk.Polling(first=60, most=60)
        try:
            bk.wait_all([dying.backup_job(job.id) for job in jobs], polling=polling)
            killed = False
        except KeyboardInterrupt:
            told_once(aws, jobs, bk.wait_all([aws.backup_job(job.id) for job in jobs]))
        at += 1
    assert at > 9
