"""A point that is brought back by a process that is killed, against the emulator over HTTP, which is killed as well."""

from __future__ import annotations

import json
import subprocess
import sys

import boto3
import pytest
from http_programs import ACCOUNT, REGION, ROOT, control, program

import backupkit as bk

CENTRAL, TARGET = "222222222222", "333333333333"
VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-0123456789abcdef0"
PROGRAM = """
import os, signal, sys
import boto3
import backupkit as bk

url, at = sys.argv[1], int(sys.argv[2])
count = 0

def connected(account):
    session = boto3.Session(aws_access_key_id=account, aws_secret_access_key="not-a-secret", region_name="us-east-1")
    aws = bk.connect(session, endpoint_url=url)
    inner = aws.transport._transport
    call = inner.call

    def killed(operation, params, /):
        global count
        body = call(operation, params)
        count += 1
        if count == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return body

    inner.call = killed
    return aws

own, central, target = map(connected, sys.argv[3:])
[point] = own.recovery_points(vault="prod")
print(point.preview_return(to=target, connections=[central]).apply().to_json())
"""


def ran(url, at):
    line = [sys.executable, "-c", PROGRAM, url, str(at), ACCOUNT, CENTRAL, TARGET]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


def connected(url, account):
    session = boto3.Session(aws_access_key_id=account, aws_secret_access_key="not-a-secret", region_name=REGION)
    return bk.connect(session, endpoint_url=url)


def furnish(url):
    """A point in one account, and the vaults of the two that it goes through."""
    control(url, "/accounts", {"organize": {"members": [CENTRAL, TARGET]}})
    control(url, "/resources", {"add": {"arn": VOLUME, "size_bytes": 10_000_000}})
    with connected(url, ACCOUNT) as aws:
        aws.call("UpdateGlobalSettings", GlobalSettings={"isCrossAccountBackupEnabled": "true"})
        aws.call("CreateBackupVault", BackupVaultName="prod")
        aws.back_up(VOLUME, vault="prod", keep_days=400).wait(timeout=60)
    for account, name, source in ((CENTRAL, "central", ACCOUNT), (TARGET, "rescue", CENTRAL)):
        key = f"arn:aws:kms:{REGION}:{account}:key/mrk-0123456789abcdef0123456789abcdef"
        principal = {"AWS": f"arn:aws:iam::{source}:root"}
        allow = {"Effect": "Allow", "Principal": principal, "Action": "backup:CopyIntoBackupVault", "Resource": "*"}
        with connected(url, account) as there:
            there.call("CreateBackupVault", BackupVaultName=name, EncryptionKeyArn=key)
            policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
            there.call("PutBackupVaultAccessPolicy", BackupVaultName=name, Policy=policy)


@pytest.mark.slow
def test_killed_at_every_call_the_next_run_ends_it(tmp_path, monkeypatch):
    """SIGKILL at call after call of the program, and of the service now and then: each copy is made, and none twice."""
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    options = ("--state", str(tmp_path / "state.db"), "--clock-rate", "600")
    at, ended = 1, None
    with program(*options) as service:
        furnish(service.url)
    while ended is None and at < 80:
        with program(*options) as service:
            # Each run is killed right after one call more than the one before it, until one ends by itself.
            for _ in range(8):
                done = ran(service.url, at)
                at += 1
                if done.returncode == 0:
                    ended = json.loads(done.stdout)
                    break
                assert done.returncode == -9, done.stderr
    assert at > 10
    assert ended is not None
    with program(*options) as again:
        for account, vault, copy in ((CENTRAL, "central", 0), (TARGET, "rescue", 1)):
            with connected(again.url, account) as there:
                [found] = there.recovery_points(vault=vault)
                assert found.recovery_point_arn == ended["copies"][copy]["recovery_point_arn"]
        for account in (ACCOUNT, CENTRAL):
            with connected(again.url, account) as there:
                [job] = there.copy_jobs()
                assert job.state == "COMPLETED"
