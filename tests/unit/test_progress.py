"""Progress: a bar in a terminal, plain lines elsewhere, log lines for whoever asks; and waits end when they should."""

from __future__ import annotations

import logging
import re
from datetime import timedelta

import boto3
import pytest

import backupkit as bk
from backupkit.boto import SystemClock
from backupkit.emulator.http import serving
from backupkit.errors import InvalidValueError, WaitTimeoutError
from backupkit.progress import bar

TABLE = (
    "arn:aws:dynamodb:us-east-1:123456789012:table/orders-with-a-name-that-is-so-long-that-no-terminal-has-room-for-it"
)


@pytest.fixture
def aws():
    connection = bk.local()
    connection.resources.add(TABLE, size_bytes=5_000_000_000_000)
    connection.call("CreateBackupVault", BackupVaultName="prod")
    return connection


def test_where_there_is_no_terminal_progress_is_plain_lines(capsys):
    """A log file gets a line at each tenth of the way and when the note changes, not one for each look."""
    with bar("backup", total=200) as report:
        for done in range(201):
            report(done, "RUNNING" if done < 200 else "COMPLETED")
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert out == ""
    assert lines[:2] == ["backup: 0 %, RUNNING", "backup: 10 %, RUNNING"]
    assert lines[-1] == "backup: 100 %, COMPLETED"
    assert len(lines) == 11


def test_plain_lines_are_plain(capsys):
    """Nothing is wrapped, coloured or taken for markup: a line can be searched for."""
    with bar(f"backup of {TABLE} [red]:smile:") as report:
        report(50)
    assert capsys.readouterr().err == f"backup of {TABLE} [red]:smile:: 50 %\n"


def test_a_bar_in_a_terminal_takes_nothing_for_markup(capsys, monkeypatch):
    """Whatever stands in a name is shown as it is, and breaks no wait."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    with bar("backup of [/home] and [red]", total=4) as report:
        report(2, "RUNNING [/x]")
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", capsys.readouterr().err)
    assert "backup of [/home] and [red]" in shown
    assert "RUNNING [/x]" in shown


def test_progress_that_is_not_asked_for_is_not_shown(aws, capsys):
    """A wait is silent by itself, and speaks when it is asked to."""
    aws.back_up(TABLE, vault="prod").wait()
    assert capsys.readouterr() == ("", "")
    aws.back_up(TABLE, vault="prod").wait(progress=True)
    lines = capsys.readouterr().err.splitlines()
    assert all(line.startswith(f"backup of {TABLE}") for line in lines)
    assert lines[-1].endswith("100 %, COMPLETED")


def test_a_wait_is_logged(aws, caplog):
    """The logger ``backupkit`` tells each new state of a job at INFO, and each look to come at DEBUG."""
    caplog.set_level(logging.DEBUG, logger="backupkit")
    job = aws.back_up(TABLE, vault="prod").wait()
    states = [record.getMessage() for record in caplog.records if record.levelno == logging.INFO]
    looks = [record.getMessage() for record in caplog.records if record.levelno == logging.DEBUG]
    assert states[-1] == f"{job.label}: COMPLETED"
    assert len(states) == len(set(states)) <= 3
    assert looks[0] == "looking again at 1 job in 2.0 s"
    assert all(record.name.startswith("backupkit.") for record in caplog.records)


@pytest.mark.parametrize("timeout", [0, 1, 4, 4.5, 33])
def test_a_wait_does_not_sleep_past_its_deadline(aws, timeout):
    """Pauses grow, but the last one ends with the time that was given, to the second."""
    job = aws.back_up(TABLE, vault="prod")
    began = aws.clock.now()
    with pytest.raises(WaitTimeoutError):
        job.wait(timeout=timeout)
    assert aws.clock.now() - began == timedelta(seconds=timeout)


@pytest.mark.parametrize("timeout", [float("nan"), -1, "5", True])
def test_a_timeout_that_is_no_number_of_seconds_is_refused(aws, timeout):
    """A comparison with such a value would never end the wait."""
    job = aws.back_up(TABLE, vault="prod")
    with pytest.raises(InvalidValueError, match="wait/timeout"):
        job.wait(timeout=timeout)


@pytest.mark.parametrize("timeout", [float("inf"), 10**400, 1e300], ids=["inf", "10**400", "1e300"])
def test_a_timeout_that_never_comes_waits_to_the_end(aws, timeout):
    """A very long time is a time like any other."""
    assert aws.back_up(TABLE, vault="prod").wait(timeout=timeout).state == "COMPLETED"


def test_the_clocks_of_all_connections_are_one():
    """Whoever waits for jobs of several connections pauses once for all of them."""
    assert SystemClock() == SystemClock()
    assert len({SystemClock(), SystemClock(), bk.local().clock}) == 2


def test_a_wait_ends_in_time_although_the_clock_of_the_machine_is_set_back(aws, monkeypatch):
    """What counts is the time that passes: a clock that is set back at each look would make the wait endless."""
    slept, moments = [], []

    def earlier(self):
        moments.append(day[0] - timedelta(days=len(moments)))
        return moments[-1]

    def sleep(self, seconds):
        slept.append(seconds)
        assert sum(slept) < 5
        normally(self, seconds)

    day, normally = [SystemClock().now()], SystemClock.sleep
    session = boto3.Session("AKIDEXAMPLE", "not-a-secret", region_name="us-east-1")
    with serving(aws) as url, bk.connect(session, endpoint_url=url) as remote:
        job = remote.back_up(TABLE, vault="prod")
        monkeypatch.setattr(SystemClock, "now", earlier)
        monkeypatch.setattr(SystemClock, "sleep", sleep)
        with pytest.raises(WaitTimeoutError):
            job.wait(timeout=0.2)
