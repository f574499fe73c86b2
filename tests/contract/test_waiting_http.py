"""Waiting through boto3 and HTTP: what is true of the seam in the process is true of the wire."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter

import boto3
import pytest
from http_programs import ACCOUNT, REGION, ROOT, control, program

import backupkit as bk
from backupkit.emulator.http import serving
from backupkit.errors import CredentialsError, UnavailableError, UnreachableError

TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
JOBS = 24
QUICK = bk.RetryPolicy(attempts=3, first_pause_seconds=0.001, longest_pause_seconds=0.01)
POLLING = bk.Polling(first=0.02, most=0.05, per_call=0)


@pytest.fixture
def service():
    """A service whose hours are seconds, with tables to back up."""
    with bk.local(clock_rate=3600) as aws:
        aws.call("CreateBackupVault", BackupVaultName="prod")
        for number in range(JOBS):
            aws.resources.add(f"{TABLE}-{number}", size_bytes=1_000_000)
        yield aws


def test_a_broken_wire_loses_no_job_and_starts_none_twice(service):
    """Half of all calls throttled, connections closed before and after the service has acted and in the middle of an
    answer, credentials that expire: each job is told of once, and there are as many as were asked for."""
    with serving(service) as url:
        session = boto3.Session(ACCOUNT, "not-a-secret")
        with bk.connect(session, region_name=REGION, endpoint_url=url, retry=QUICK) as aws:
            service.faults.throttle("*", rate=0.5)
            for seed, verb in enumerate((service.faults.drop, service.faults.cut), start=1):
                verb("*", rate=0.1, seed=seed)
            service.faults.drop("*", rate=0.1, seed=3, after=True)
            service.faults.fail("*", "ExpiredTokenException", rate=0.1, seed=4)
            jobs = [_started(aws, number) for number in range(JOBS)]
            ended = bk.wait_all(jobs, polling=POLLING)
    assert Counter(job.id for job in ended.completed) == Counter(job.id for job in jobs)
    service.faults.clear()
    assert {job.id: job.state for job in service.backup_jobs()} == dict.fromkeys([job.id for job in jobs], "COMPLETED")


def _started(aws, number):
    """One backup, asked for with one token until an answer comes."""
    while True:
        try:
            return aws.back_up(f"{TABLE}-{number}", vault="prod", token=f"token-{number}")
        except (CredentialsError, UnavailableError, UnreachableError):
            continue


OLD = "210987654321"


@pytest.mark.parametrize("region", [None, "us-east-1"])
def test_credentials_that_are_renewed_in_their_file_end_the_trouble(service, tmp_path, monkeypatch, region):
    """Whoever signs in again while a program waits need not start it again: files and variables are looked at anew."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "credentials"
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    secret = "aws_secret_access_key = not-a-secret\n"
    file.write_text(f"[night]\naws_access_key_id = {OLD}\n{secret}", encoding="utf-8")
    with (
        serving(service) as url,
        bk.connect(profile_name="night", region_name=REGION, endpoint_url=url, retry=QUICK) as first,
    ):
        aws = first.in_region(region) if region else first
        service.faults.fail("*", "ExpiredTokenException", rate=1.0, account_id=OLD)
        with pytest.raises(CredentialsError):
            list(aws.vaults)
        file.write_text(f"[night]\naws_access_key_id = {ACCOUNT}\n{secret}", encoding="utf-8")
        job = aws.back_up(f"{TABLE}-0", vault="prod")
        assert bk.wait_all([job], polling=POLLING).completed[0].account_id == ACCOUNT
        if region:
            aws.close()


def test_credentials_of_a_session_that_was_given_stay(service):
    """A session is its owner's: what it says is asked, and nothing else."""
    with serving(service) as url:
        session = boto3.Session(OLD, "not-a-secret")
        service.faults.fail("*", "ExpiredTokenException", times=2, account_id=OLD)
        with bk.connect(session, region_name=REGION, endpoint_url=url, retry=QUICK) as aws:
            with pytest.raises(CredentialsError):
                list(aws.vaults)
            assert aws.session is session


PROGRAM = """
import os, signal, sys
import backupkit as bk

url, at = sys.argv[1], int(sys.argv[2])
aws = bk.connect(region_name="us-east-1", endpoint_url=url)
inner = aws.transport._transport
call, count = inner.call, 0

def killed(operation, params, /):
    global count
    count += 1
    body = call(operation, params)
    if count == at:
        os.kill(os.getpid(), signal.SIGKILL)
    return body

inner.call = killed
table = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
jobs = [aws.back_up(f"{table}-{n}", vault="prod", token=f"tonight-{n}") for n in range(5)]
print(bk.wait_all(jobs, polling=bk.Polling(first=0.1, most=0.1)).to_json())
"""


@pytest.mark.slow
def test_killed_at_call_after_call_the_next_run_waits_for_the_same_jobs(tmp_path, monkeypatch):
    """SIGKILL of the program, after two calls more in each run, and of the service in between: no job is started
    twice and none is lost, because each is asked for by a token that the next run makes again."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
    options = ("--state", str(tmp_path / "state.db"), "--clock-rate", "600")
    at, ended = 1, None
    while ended is None and at < 100:
        with program(*options) as service:
            if at == 1:
                control(
                    service.url, "/resources", {"add": [{"arn": f"{TABLE}-{n}", "size_bytes": 10**6} for n in range(5)]}
                )
                with bk.connect(region_name=REGION, endpoint_url=service.url) as aws:
                    aws.call("CreateBackupVault", BackupVaultName="prod")
            for _ in range(4):
                line = [sys.executable, "-c", PROGRAM, service.url, str(at)]
                done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
                at += 2
                if done.returncode == 0:
                    ended = json.loads(done.stdout)
                    break
                assert done.returncode == -9, done.stderr
            service.kill()
    assert at > 5
    with program(*options) as service, bk.connect(endpoint_url=service.url, region_name=REGION) as aws:
        jobs = {job.id: job.state for job in aws.backup_jobs()}
    assert jobs == dict.fromkeys([job["id"] for job in ended["completed"]], "COMPLETED")
    assert len(jobs) == 5
