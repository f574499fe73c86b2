"""Waiting through boto3 and HTTP: what is true of the seam in the process is true of the wire."""

from __future__ import annotations

from collections import Counter

import boto3
import pytest
from http_programs import ACCOUNT, REGION

import backupkit as bk
from backupkit.errors import CredentialsError, UnavailableError, UnreachableError
from backupkit.local.http import serving

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
