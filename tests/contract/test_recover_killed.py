"""`recover` in a process that is killed, against the emulator over HTTP, which is killed as well."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from http_programs import ACCOUNT, REGION, ROOT, control, program

import backupkit as bk

TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
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
got = aws.recover("arn:aws:dynamodb:us-east-1:123456789012:table/orders", to=bk.restore.DynamoDBTable("orders-back"))
print(got.to_json())
"""


def ran(url, at):
    line = [sys.executable, "-c", PROGRAM, url, str(at)]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.slow
def test_killed_at_every_call_the_next_run_ends_it(tmp_path, monkeypatch):
    """SIGKILL at call after call of the program, and of the service in between: one restore, and it is taken up."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
    file = str(tmp_path / "state.db")
    at, ended = 1, None
    with program("--state", file, "--clock-rate", "600") as service:
        control(service.url, "/resources", {"add": {"arn": TABLE, "size_bytes": 10_000_000}})
        with bk.connect(region_name=REGION, endpoint_url=service.url) as aws:
            aws.call("CreateBackupVault", BackupVaultName="prod")
            aws.back_up(TABLE, vault="prod").wait(timeout=60)
        control(service.url, "/resources", {"remove": TABLE})
        # Each run is killed right after one call more than the one before it, until one ends by itself.
        while ended is None and at < 40:
            done = ran(service.url, at)
            if done.returncode == 0:
                ended = json.loads(done.stdout)
            else:
                assert done.returncode == -9, done.stderr
            at += 1
    assert at > 4
    with (
        program("--state", file, "--clock-rate", "600") as again,
        bk.connect(endpoint_url=again.url, region_name=REGION) as aws,
    ):
        [job] = aws.restore_jobs()
        assert (job.id, job.status) == (ended["restore_job_id"], "COMPLETED")
        assert job.created_resource_arn == ended["created_resource_arn"]
        assert ended["taken_up"]
        assert "could not be looked at" in " ".join(ended["notes"])
        arns = [each["arn"] for each in control(again.url, "/resources")["resources"]]
        assert arns == [ended["created_resource_arn"]]
