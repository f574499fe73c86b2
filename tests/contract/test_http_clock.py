"""The clock of ``python -m backupkit local``, as its clients see it: running, moved far, stopped, and kept."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
import time
import urllib.error
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from http_programs import ACCOUNT, REGION, client, control, program

import backupkit as bk
from backupkit.__main__ import main
from backupkit.emulator.http import Request, serving
from backupkit.emulator.http.statefile import StartOptions, StateFile

TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/backup"
RULE = {"RuleName": "hourly", "TargetBackupVaultName": "prod", "ScheduleExpression": "cron(0 * ? * * *)"}
FAR = {"advance": {"days": 36_500}}


def _now(url):
    return datetime.fromisoformat(control(url, "/clock")["now"])


def _hourly(url):
    """Every hour has a backup."""
    aws = client(url)
    control(url, "/resources", {"add": {"arn": TABLE, "size_bytes": 1000}})
    aws.create_backup_vault(BackupVaultName="prod")
    plan = aws.create_backup_plan(BackupPlan={"BackupPlanName": "hourly", "Rules": [RULE]})["BackupPlanId"]
    selection = {"SelectionName": "all", "IamRoleArn": ROLE, "Resources": [TABLE]}
    aws.create_backup_selection(BackupPlanId=plan, BackupSelection=selection)
    return aws


def _until(holds, what):
    """Wait for something that comes within a moment."""
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.01)


def _moving(url, pool):
    """Begin a move of a century; what its client gets, once it has got somewhere."""
    began = _now(url)
    move = pool.submit(control, url, "/clock", FAR)
    _until(lambda: _now(url) > began + timedelta(hours=2), "it does not move")
    return move


@pytest.mark.slow
def test_a_client_that_polls_sees_its_job_end():
    """Served as it is by default, a backup that a client started ends within seconds, though nobody moves the clock."""
    with program("--clock-rate", "default") as running:
        assert control(running.url, "/clock")["rate"] == 60
        aws = client(running.url)
        control(running.url, "/resources", {"add": {"arn": TABLE}})
        aws.create_backup_vault(BackupVaultName="prod")
        job = aws.start_backup_job(BackupVaultName="prod", ResourceArn=TABLE, IamRoleArn=ROLE)["BackupJobId"]
        began = time.monotonic()
        _until(lambda: aws.describe_backup_job(BackupJobId=job)["State"] == "COMPLETED", "the job did not end")
        assert time.monotonic() - began < 30
        assert "runs 60 seconds in each second" in running.stop()


def test_a_clock_without_a_rate_stands_still():
    """With ``--clock-rate 0`` time passes when it is told to, and ids and moments are the same in every run."""
    with program() as running:
        first = control(running.url, "/clock")
        assert first == {"now": "2026-01-01T00:00:00Z"}
        time.sleep(0.05)
        assert control(running.url, "/clock") == first
        assert control(running.url, "/clock", {"rate": 3600})["rate"] == 3600
        _until(lambda: _now(running.url) > datetime.fromisoformat(first["now"]), "it does not run")
        assert "rate" not in control(running.url, "/clock", {"rate": 0})
        stands = control(running.url, "/clock")
        time.sleep(0.05)
        assert control(running.url, "/clock") == stands


@pytest.mark.parametrize("rate", ["-1", "nan", "1e7", "fast"])
def test_a_rate_that_no_clock_has_ends_the_command(rate, capsys):
    """The command says what a rate is and serves nothing."""
    try:
        ended = main(["local", "--port", "0", f"--clock-rate={rate}"])
    except SystemExit as error:
        ended = error.code
    told = capsys.readouterr()
    assert (ended, told.out) == (1, "")
    assert "clock" in told.err


@pytest.mark.slow
def test_a_move_without_end_hinders_nobody_and_can_be_stopped():
    """While a century of hourly backups goes by, others are answered, are told how far it is, and can end it."""
    with program() as running, ThreadPoolExecutor(1) as pool:
        aws = _hourly(running.url)
        move = _moving(running.url, pool)
        assert control(running.url, "/clock")["moving_until"] == "2125-12-08T00:00:00Z"
        assert [vault["BackupVaultName"] for vault in aws.list_backup_vaults()["BackupVaultList"]] == ["prod"]
        control(running.url, "/clock", {"stop": True})
        with pytest.raises(urllib.error.HTTPError) as caught:
            move.result(timeout=60)
        told = json.load(caught.value)
        assert (caught.value.code, caught.value.headers["x-amzn-errortype"]) == (409, "ClockStopped")
        stands = control(running.url, "/clock")
        assert set(stands) == {"now"}
        assert stands["now"][:10] in told["Message"]


@pytest.mark.slow
def test_a_move_without_end_does_not_outlive_a_signal(tmp_path):
    """SIGTERM ends it in the middle; the state file has what was reached, and the next start does not repeat the move."""
    file = str(tmp_path / "state.db")
    with program("--state", file) as running, ThreadPoolExecutor(1) as pool:
        _hourly(running.url)
        move = _moving(running.url, pool)
        told = _now(running.url)
        assert "stopped" in running.stop()
        assert move.exception(timeout=60)
    with program("--state", file) as again:
        reached = _now(again.url)
        assert told <= reached < told + timedelta(days=3650)
        assert set(control(again.url, "/clock")) == {"now"}
        plans = client(again.url).list_backup_plans()["BackupPlansList"]
        assert [plan["BackupPlanName"] for plan in plans] == ["hourly"]


@pytest.mark.slow
def test_of_a_move_that_was_killed_the_state_file_has_what_was_told(tmp_path):
    """After SIGKILL the clock shows no less than any client was told, and not where the move was to go."""
    file = str(tmp_path / "state.db")
    with program("--state", file) as running, ThreadPoolExecutor(1) as pool:
        aws = _hourly(running.url)
        move = _moving(running.url, pool)
        aws.create_backup_vault(BackupVaultName="during")
        told, jobs = _now(running.url), _jobs(aws)
        running.kill()
        assert move.exception(timeout=60)
    with program("--state", file) as again:
        now = _now(again.url)
        assert told <= now < told + timedelta(days=3650)
        # Jobs are forgotten after 30 days, and the move went on after it told of these.
        kept = {name: when for name, when in jobs.items() if when > now - timedelta(days=29)}
        assert _jobs(client(again.url)).items() >= kept.items()
        vaults = client(again.url).list_backup_vaults()["BackupVaultList"]
        assert {vault["BackupVaultName"] for vault in vaults} == {"during", "prod"}


def _jobs(aws):
    pages = aws.get_paginator("list_backup_jobs").paginate(ByState="COMPLETED")
    found = [job for page in pages for job in page["BackupJobs"]]
    return {job["BackupJobId"]: job["CompletionDate"] for job in found[1:]}


@pytest.mark.slow
def test_what_ran_by_itself_is_there_after_a_kill(tmp_path):
    """On a running clock too, what a client was told is so after SIGKILL; time while nobody serves does not count."""
    file, rate = str(tmp_path / "state.db"), 7200
    with program("--state", file, "--clock-rate", str(rate)) as running:
        aws = _hourly(running.url)
        _until(lambda: _jobs(aws), "no job ended")
        jobs, told, real = _jobs(aws), _now(running.url), time.monotonic()
        running.kill()
        killed = time.monotonic()
    with program("--state", file) as again:
        reached = _now(again.url)
        assert _jobs(client(again.url)).items() >= jobs.items()
    # The record is written up to a second of real time ahead.
    assert told <= reached <= told + timedelta(seconds=rate * (killed - real + 1))


def test_a_block_that_serves_ends_although_a_client_moves_the_clock():
    """`serving` does not wait for a century that a client asked for; the service stays where it then was."""
    with ThreadPoolExecutor(1) as pool:
        with bk.local() as aws, serving(aws) as url:
            _hourly(url)
            move = _moving(url, pool)
        assert move.exception(timeout=60)
    assert aws.clock.moving_until is None


def _copied(kept, tmp_path):
    """A copy of a file that nobody closed."""
    for suffix in ("", "-wal"):
        shutil.copy(tmp_path / f"state.db{suffix}", tmp_path / f"copy.db{suffix}")
    kept.close()
    return tmp_path / "copy.db"


def test_no_time_that_was_told_is_lost_between_two_requests(tmp_path):
    """What a running clock showed after a request that changed something is on record, too, without another."""
    kept = StateFile(tmp_path / "state.db", StartOptions())
    kept.service.clock.set_rate(3600)
    said = [kept.app.answer(Request("GET", "/_backupkit/clock")).status]
    said.append(kept.app.answer(Request("PUT", "/backup-vaults/prod")).status)
    said.append(kept.app.answer(Request("GET", "/backup-vaults/prod")).status)
    told = json.loads(kept.app.answer(Request("GET", "/_backupkit/clock")).body)["now"]
    again = StateFile(_copied(kept, tmp_path), StartOptions())
    assert said == [200, 200, 200]
    assert datetime.fromisoformat(told) <= again.service.clock.now() < datetime.fromisoformat(told) + timedelta(hours=2)
    again.close()


def test_a_request_is_done_again_at_its_moment_on_a_running_clock(tmp_path):
    """What a request made on a running clock has the same times and ids when the file is opened again."""
    kept = StateFile(tmp_path / "state.db", StartOptions())
    kept.service.clock.set_rate(1_000_000)
    for name in ("first", "second", "third"):
        assert kept.app.answer(Request("PUT", f"/backup-vaults/{name}")).status == 200
    kept.service.clock.set_rate(0)
    vaults = kept.app.answer(Request("GET", "/backup-vaults/")).body
    again = StateFile(_copied(kept, tmp_path), StartOptions())
    assert again.app.answer(Request("GET", "/backup-vaults/")).body == vaults
    again.close()


def test_a_move_is_on_record_before_its_client_hears_of_it(tmp_path):
    """A file that nobody closed shows what the clock reached by a move on a clock that stands still."""
    kept = StateFile(tmp_path / "state.db", StartOptions())
    kept.app.answer(Request("POST", "/_backupkit/clock", {}, b'{"advance": {"days": 2}}'))
    again = StateFile(_copied(kept, tmp_path), StartOptions())
    assert again.service.clock.now() == datetime(2026, 1, 3, tzinfo=UTC)
    again.close()


def test_a_move_is_not_gone_through_at_each_start(tmp_path):
    """Once a start has gone through what the clock reached, the file has a snapshot for the next."""
    for _ in range(2):
        kept = StateFile(tmp_path / "state.db", StartOptions())
        kept.app.answer(Request("POST", "/_backupkit/clock", {}, b'{"advance": {"days": 2}}'))
        kept.close()
    kept = StateFile(tmp_path / "state.db", StartOptions())
    with contextlib.closing(sqlite3.connect(_copied(kept, tmp_path))) as database:
        [(moment,)] = database.execute("SELECT moment FROM checked").fetchall()
        assert database.execute("SELECT count(*) FROM snapshot").fetchone() == (1,)
    assert moment[:10] == "2026-01-05"


def test_what_cannot_be_kept_is_not_moved(tmp_path):
    """Where the file cannot be written, the clock stays where it is, and the client is told."""
    kept = StateFile(tmp_path / "state.db", StartOptions())
    kept.close()
    assert kept.app.answer(Request("POST", "/_backupkit/clock", {}, b'{"advance": {"days": 2}}')).status == 503
    assert kept.service.clock.now() == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.slow
def test_a_reset_of_a_running_clock_is_kept(tmp_path):
    """After a reset and SIGKILL the clock is near the beginning again, not where it was before the reset."""
    file = str(tmp_path / "state.db")
    with program("--state", file) as running:
        control(running.url, "/clock", {"advance": {"days": 40}})
        assert control(running.url, "/reset", {}) == {"now": "2026-01-01T00:00:00Z"}
        running.kill()
    with program("--state", file) as again:
        assert control(again.url, "/clock") == {"now": "2026-01-01T00:00:00Z"}
