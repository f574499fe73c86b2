"""The local service's clock: standing still, running by itself, moved far, and slept on by several threads."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest

import backupkit as bk
from backupkit.errors import ClockStoppedError, ConfigurationError, InvalidValueError

START = datetime(2026, 1, 1, tzinfo=UTC)
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
ROLE = "arn:aws:iam::123456789012:role/backup"
FAR = {"days": 36_500}


@pytest.fixture
def hourly():
    """A service in which every hour has a backup."""
    aws = bk.local()
    aws.resources.add(TABLE, size_bytes=1000)
    aws.call("CreateBackupVault", BackupVaultName="prod")
    rule = {"RuleName": "hourly", "TargetBackupVaultName": "prod", "ScheduleExpression": "cron(0 * ? * * *)"}
    plan = aws.call("CreateBackupPlan", BackupPlan={"BackupPlanName": "hourly", "Rules": [rule]})["BackupPlanId"]
    selection = {"SelectionName": "all", "IamRoleArn": ROLE, "Resources": [TABLE]}
    aws.call("CreateBackupSelection", BackupPlanId=plan, BackupSelection=selection)
    return aws


def _until(holds, what):
    """Wait for something that comes within a moment."""
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.002)


# ---- sleeps of several threads ----


def _asleep(aws, *seconds):
    """Let a thread sleep for each of these; the moments at which they woke."""
    together = threading.Barrier(len(seconds))

    def sleeper(span):
        together.wait()
        aws.clock.sleep(span)
        return aws.clock.now() - START

    with ThreadPoolExecutor(len(seconds)) as pool:
        return [found.total_seconds() for found in pool.map(sleeper, seconds)]


def test_sleeps_of_parallel_threads_overlap():
    """Eight threads that each sleep ten seconds move the clock by ten, as they would on a wall clock."""
    aws = bk.local()
    assert _asleep(aws, *[10] * 8) == [10] * 8
    assert aws.clock.now() == START + timedelta(seconds=10)


def test_a_sleep_ends_at_its_own_time():
    """Of sleeps that overlap, the shortest ends first, and the longest says how far the clock goes."""
    aws = bk.local()
    woken = _asleep(aws, 30, 10, 20)
    assert woken[0] == 30
    assert 10 <= woken[1] <= 20 <= woken[2] <= 30
    assert aws.clock.now() == START + timedelta(seconds=30)


def test_sleeps_of_one_thread_follow_each_other():
    """Eight sleeps in a row are eighty seconds, and what is due in them happens."""
    aws = bk.local()
    for _ in range(8):
        aws.clock.sleep(10)
    assert aws.clock.now() == START + timedelta(seconds=80)


def test_bulk_work_does_not_age_what_it_works_on(hourly):
    """Eight threads that wait for eight jobs take as long on the clock as one job, not as eight."""
    tables = [f"{TABLE}-{number}" for number in range(8)]
    for table in tables:
        hourly.resources.add(table, size_bytes=1000)
    with ThreadPoolExecutor(8) as pool:
        jobs = [hourly.back_up(table, vault="prod", role=ROLE) for table in tables]
        for job in pool.map(lambda job: job.wait(), jobs):
            assert job.state == "COMPLETED"
    assert hourly.clock.now() - START < timedelta(minutes=10)


@pytest.mark.parametrize("seconds", [-1, float("nan"), 1e300, "ten"])
def test_a_sleep_that_cannot_be_is_refused(seconds):
    """What is not a span of time is one error, and the clock stays where it is, whether it stands or runs."""
    for rate in (0, 60):
        aws = bk.local(clock_rate=rate)
        with pytest.raises(InvalidValueError, match="clock"):
            aws.clock.sleep(seconds)
        assert aws.clock.now() - START < timedelta(hours=1)


def test_an_advance_by_something_else_than_numbers_says_which():
    """Text in place of a number is told as such; smaller numbers would be no way out."""
    with (
        bk.local() as aws,
        pytest.raises(InvalidValueError, match=r"clock: '1' is not a number; write advance\(days=1\)"),
    ):
        aws.clock.advance(days="1")


# ---- a clock that runs ----


def test_a_running_clock_lets_a_job_end_by_itself(hourly):
    """Who polls with pauses of the wall clock sees a job end, though nobody moves the clock."""
    hourly.clock.set_rate(3600)
    job = hourly.back_up(TABLE, vault="prod", role=ROLE)
    _until(lambda: job.refresh().state == "COMPLETED", "the job did not end")


def test_a_running_clock_passes_its_rate_each_second():
    """At 3,600, as many hours pass as there were seconds; the time shown is never before one that was shown."""
    began = time.monotonic()
    aws = bk.local(clock_rate=3600)
    shown = [aws.clock.now()]
    _until(lambda: not shown.append(aws.clock.now()) and shown[-1] - START > timedelta(minutes=5), "it stands still")
    assert shown == sorted(shown)
    assert shown[-1] - START <= timedelta(seconds=3600 * (time.monotonic() - began))
    assert aws.clock.rate == 3600


def test_a_sleep_on_a_running_clock_is_waited_for():
    """It returns when the clock has come so far by itself, or was moved there."""
    aws = bk.local(clock_rate=36_000)
    began, real = aws.clock.now(), time.monotonic()
    aws.clock.sleep(1800)
    assert aws.clock.now() - began >= timedelta(seconds=1800)
    assert time.monotonic() - real >= 1800 / 36_000 * 0.9
    aws.clock.set_rate(0.001)
    with ThreadPoolExecutor(1) as pool:
        sleeper = pool.submit(aws.clock.sleep, 3600)
        _until(sleeper.running, "it did not begin")
        while not sleeper.done():
            aws.clock.advance(hours=1)
    assert sleeper.result() is None


def test_a_running_clock_can_be_moved_and_made_to_stand():
    """`advance` works as ever; at rate 0 two looks show the same."""
    aws = bk.local(clock_rate=60)
    aws.clock.advance(days=2)
    assert timedelta(days=2) <= aws.clock.now() - START < timedelta(days=2, hours=1)
    aws.clock.set_rate(0)
    before = aws.clock.now()
    time.sleep(0.02)
    assert aws.clock.now() == before
    state = aws.save_state()
    aws.clock.set_rate(3600)
    aws.load_state(state)
    assert before <= aws.clock.now() < before + timedelta(hours=10)


def test_a_running_clock_stops_at_the_end_of_the_calendar():
    """The clock's last year is the last one: calls are still answered in it."""
    aws = bk.local(start=datetime(9699, 12, 31, 23, 59, 59, tzinfo=UTC), clock_rate=1_000_000)
    _until(lambda: aws.clock.now() == datetime(9700, 1, 1, tzinfo=UTC), "it did not come to the end")
    assert list(aws.vaults) is not None


def test_at_the_end_of_the_calendar_everything_still_works():
    """Where the clock ends, the longest retention is still a date; nothing ends in an error of the language."""
    arn = "arn:aws:dynamodb:us-east-1:123456789012:table/t"
    with bk.local(start=datetime(9699, 12, 31, 23, tzinfo=UTC)) as aws:
        aws.resources.add(arn)
        aws.call("CreateBackupVault", BackupVaultName="main")
        aws.call("PutBackupVaultLockConfiguration", BackupVaultName="main", ChangeableForDays=36_500)
        control = {"ControlName": "BACKUP_RECOVERY_POINT_ENCRYPTED"}
        aws.call("CreateFramework", FrameworkName="audit", FrameworkControls=[control])
        job = aws.back_up(arn, vault="main", cold_after_days=36_400, keep_days=36_500).wait()
        assert job.recovery_point.refresh().calculated_lifecycle is not None
        aws.clock.until(datetime(9700, 1, 1, tzinfo=UTC))
        assert aws.recovery_points(vault="main").latest(as_of=datetime.max.replace(tzinfo=UTC)) is not None


@pytest.mark.parametrize("hours", [-14, 0, 14])
def test_a_moment_beyond_the_calendar_is_refused(hours):
    """The clock goes to no moment that it cannot show, in whatever zone it is given, and begins at none."""
    zone = timezone(timedelta(hours=hours))
    aws = bk.local()
    for moment in (datetime.min.replace(tzinfo=zone), datetime.max.replace(tzinfo=zone)):
        with pytest.raises(InvalidValueError, match="clock: "):
            aws.clock.until(moment)
        with pytest.raises(ConfigurationError, match="1900 to 9699"):
            bk.local(start=moment)
    for days in (2_900_000, 3_000_000, 10**9):
        with pytest.raises(InvalidValueError, match="the calendar ends"):
            aws.clock.advance(days=days)
    assert aws.clock.now() == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("rate", [-1, float("nan"), float("inf"), 1e7, "60", True, None])
def test_a_rate_that_no_clock_has_is_refused(rate):
    """Only a number from 0 to 1,000,000 is a rate; the error says what it means."""
    with pytest.raises(InvalidValueError, match="seconds that pass in each second"):
        bk.local(clock_rate=rate)
    aws = bk.local()
    with pytest.raises(InvalidValueError, match="clock_rate"):
        aws.clock.set_rate(rate)
    assert aws.clock.rate == 0


# ---- long moves ----


def test_a_long_move_lets_others_call_and_can_be_stopped(hourly):
    """While a century of hourly backups goes by, calls are answered, and `stop` ends it where it is."""
    with ThreadPoolExecutor(1) as pool:
        move = pool.submit(hourly.clock.advance, **FAR)
        _until(lambda: hourly.clock.moving_until, "it did not begin")
        assert hourly.clock.moving_until == START + timedelta(**FAR)
        seen = []
        for _ in range(3):
            assert [vault.backup_vault_name for vault in hourly.vaults] == ["prod"]
            seen.append(hourly.clock.now())
            _until(lambda: hourly.clock.now() > seen[-1], "it stands still")
        assert not move.done()
        assert hourly.clock.stop()
        with pytest.raises(ClockStoppedError) as caught:
            move.result(timeout=30)
    assert seen[0] < seen[-1] <= caught.value.reached == hourly.clock.now() < caught.value.until
    assert hourly.clock.moving_until is None
    assert not hourly.clock.stop()
    hourly.clock.advance(hours=2)
    assert hourly.clock.now() == caught.value.reached + timedelta(hours=2)


def test_a_move_ends_when_a_state_is_loaded(hourly):
    """A state that is loaded during a move is what the service then is: the move does not go on from it."""
    state = hourly.save_state()
    with ThreadPoolExecutor(1) as pool:
        move = pool.submit(hourly.clock.advance, **FAR)
        _until(lambda: hourly.clock.now() > START, "it did not begin")
        hourly.load_state(state)
        with pytest.raises(ClockStoppedError):
            move.result(timeout=30)
    assert hourly.clock.now() == START
    assert list(hourly.backup_jobs()) == []


def test_how_a_move_is_sliced_changes_nothing(hourly, monkeypatch):
    """A move in slices of a second leads to the same jobs, ids and points as one in slices of years."""
    from backupkit.emulator.kernel import clock

    before = hourly.save_state()

    def lived():
        hourly.load_state(before)
        hourly.clock.advance(hours=30)
        return [(job.backup_job_id, job.state, job.completion_date) for job in hourly.backup_jobs()]

    first = lived()
    monkeypatch.setattr(clock, "_FIRST_SLICE", timedelta(seconds=1))
    monkeypatch.setattr(clock, "_LONGEST_SLICE", timedelta(seconds=7))
    assert lived() == first
    assert len(first) >= 30
