"""One limiter for all threads of a connection: who waits, for how long, and who never does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

import backupkit as bk
from backupkit import errors
from backupkit.emulator import LocalService
from backupkit.transport.limiter import Limiter
from backupkit.transport.retry import Retrying, RetryPolicy, patience


def called(aws: Retrying, operation: str, times: int, threads: int = 8) -> None:
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda _: aws.call(operation, {}), range(times)))


@pytest.mark.slow
def test_all_threads_of_a_connection_keep_to_one_rate():
    """Eight threads make 70 calls at 20 a second, each of them once, in as many seconds as AWS lets them take."""
    service = LocalService()
    fault = service.faults.limit("ListBackupVaults", per_second=20, burst=20)
    began = service.clock.now()
    called(Retrying(service), "ListBackupVaults", 70)
    took = (service.clock.now() - began).total_seconds()
    assert fault.counted - fault.fired == 70
    assert 2.5 <= took <= 2.5 / 0.85
    assert fault.fired <= 24


def test_only_the_operation_that_was_throttled_waits():
    """Calls of other operations go as they come, and no time passes."""
    service = LocalService()
    aws = Retrying(service)
    service.faults.limit("ListBackupVaults", per_second=0.1, burst=1)
    called(aws, "ListBackupVaults", 3, threads=1)
    began = service.clock.now()
    called(aws, "ListBackupPlans", 50)
    assert service.clock.now() == began
    called(aws, "ListBackupVaults", 2, threads=1)
    assert service.clock.now() - began >= timedelta(seconds=10)


def test_a_refusal_that_is_not_throttling_slows_nothing_down():
    """What is wrong, or not there, says nothing about the rate; neither do answers that get lost."""
    service = LocalService()
    aws = Retrying(service, RetryPolicy(attempts=1))
    began = service.clock.now()
    service.faults.drop("ListBackupVaults", times=3)
    for operation in ["ListBackupVaults"] * 3 + ["DescribeBackupVault"] * 3:
        with pytest.raises(errors.BackupKitError):
            aws.call(operation, {"BackupVaultName": "absent"} if operation == "DescribeBackupVault" else {})
    called(aws, "ListBackupVaults", 20)
    assert service.clock.now() == began


def test_other_connections_have_a_limiter_of_their_own():
    """AWS limits each account and Region by itself: what is throttled there is not slow here."""
    aws = bk.local()
    aws.faults.limit("ListBackupVaults", per_second=0.1, burst=1, region_name="us-east-1")
    for _ in range(3):
        aws.call("ListBackupVaults")
    began, other = aws.clock.now(), aws.in_region("eu-west-1")
    for _ in range(20):
        other.call("ListBackupVaults")
    assert aws.clock.now() == began


def test_what_aws_refuses_for_another_reason_it_has_admitted():
    """The rate of an operation is found also where its calls are wrong: they too take a token."""
    service = LocalService()
    service.faults.limit("DescribeBackupVault", per_second=20, burst=2)
    aws, began = Retrying(service), service.clock.now()
    for _ in range(42):
        with pytest.raises(errors.AccessDeniedError):
            aws.call("DescribeBackupVault", {"BackupVaultName": "absent"})
    assert service.clock.now() - began <= timedelta(seconds=4)


@pytest.mark.slow
def test_waiting_behind_others_is_not_counted_as_pauses():
    """Of four threads that share a slow rate, each repeats its call as often as if it were alone."""
    service = LocalService()
    policy = RetryPolicy(attempts=20, stop_after_seconds=40, first_pause_seconds=0.01, longest_pause_seconds=5)
    service.faults.throttle("ListBackupVaults", times=24)
    called(Retrying(service, policy), "ListBackupVaults", 4, threads=4)


def test_who_is_interrupted_in_line_holds_nobody_up():
    """Ctrl-C in the middle of a wait gives the place in line up."""

    class Stopping:
        """A clock on which the first sleeps are interrupted."""

        seconds = 0.0
        interrupts = 9

        def monotonic(self) -> float:
            return self.seconds

        def sleep(self, seconds: float) -> None:
            if self.interrupts:
                self.interrupts -= 1
                raise KeyboardInterrupt
            self.seconds += seconds

    clock = Stopping()
    limiter = Limiter(clock, first=10, longest=20)
    limiter.refused("ListBackupVaults", 0)
    for _ in range(9):
        with pytest.raises(KeyboardInterrupt):
            limiter.wait("ListBackupVaults")
    number, waited = limiter.wait("ListBackupVaults")
    assert number
    assert waited <= 15


def test_a_clock_that_is_set_back_holds_nobody_up():
    """Loading a state of last year does not make calls wait for a year."""
    aws = bk.local()
    kept = aws.save_state()
    aws.clock.advance(days=400)
    aws.faults.throttle("ListBackupVaults", times=2)
    aws.call("ListBackupVaults")
    aws.load_state(kept)
    began = aws.clock.now()
    aws.call("ListBackupVaults")
    assert aws.clock.now() - began <= timedelta(seconds=20)


@pytest.mark.slow
def test_waiting_in_line_is_not_held_against_a_call():
    """Where a call waits longer for its turn than a policy repeats calls, it is made all the same, and repeated."""
    service = LocalService()
    fault = service.faults.limit("ListBackupVaults", per_second=0.1, burst=1)
    # 16 calls of 16 threads take 150 seconds, and a policy gives up after 120.
    called(Retrying(service), "ListBackupVaults", 16, threads=16)
    assert fault.counted - fault.fired == 16


def test_a_call_that_nobody_waits_for_for_long_gives_up_in_time():
    """Neither a pause nor a turn in line goes beyond the patience of a block; the next call has its own again."""
    aws = bk.local()
    aws.faults.throttle("ListBackupVaults", rate=1)
    for _ in range(3):
        begun = aws.clock.monotonic()
        with patience(5), pytest.raises(errors.UnavailableError):
            list(aws.vaults)
        assert aws.clock.monotonic() - begun <= 5
    aws.faults.clear()
    assert list(aws.vaults) == []
