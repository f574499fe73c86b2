"""Changes of many points in a process that is killed, against the emulator over HTTP, which is killed as well."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest
from http_programs import ACCOUNT, REGION, ROOT, control, program

import backupkit as bk

FILES = [f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-{number:017x}" for number in range(4)]
ROLE = f"arn:aws:iam::{ACCOUNT}:role/backup"
PROGRAM = """
import os, signal, sys, threading
from pathlib import Path
import backupkit as bk

url, at, saved = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
aws = bk.connect(region_name="us-east-1", endpoint_url=url)
inner = aws.transport._transport
call, count, lock = inner.call, 0, threading.Lock()

def killed(operation, params, /):
    global count
    body = call(operation, params)
    with lock:
        count += 1
        if count == at:
            os.kill(os.getpid(), signal.SIGKILL)
    return body

inner.call = killed
report = bk.PointChanges.from_json(saved.read_text(), aws).apply(allow_delete=True, workers=3)
print(report.to_json())
"""


def ran(url, at, saved):
    line = [sys.executable, "-c", PROGRAM, url, str(at), str(saved)]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


def previewed(aws, verb):
    points = aws.recovery_points(vault="prod")
    if verb == "delete":
        return points.preview_deletion(keep_last=0)
    if verb == "lifecycle":
        return points.preview_lifecycle(keep_days=300)
    return points.preview_copies(aws.vaults.get("second").backup_vault_arn)


@pytest.mark.slow
@pytest.mark.parametrize("verb", ["delete", "lifecycle", "copy"])
def test_killed_at_every_call_the_next_run_ends_it(tmp_path, monkeypatch, verb):
    """SIGKILL at call after call of the program, and of the service in between: every point is done, and none twice."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
    file, saved = str(tmp_path / "state.db"), tmp_path / "changes.json"
    options = ("--state", file, "--clock-rate", "600")
    with program(*options) as service, bk.connect(region_name=REGION, endpoint_url=service.url) as aws:
        for name in ("prod", "second"):
            aws.call("CreateBackupVault", BackupVaultName=name)
        for arn in FILES:
            control(service.url, "/resources", {"add": {"arn": arn, "size_bytes": 1000}})
        jobs = [aws.back_up(arn, vault="prod", role=ROLE, keep_days=400) for arn in FILES]
        assert bk.wait_all(jobs, timeout=60).summary.startswith("4 completed")
        changes = previewed(aws, verb)
        saved.write_text(changes.to_json())
        at, ended = 1, None
        # Each run is killed right after one call more than the one before it, until one ends by itself.
        while ended is None and at < 60:
            done = ran(service.url, at, saved)
            if done.returncode == 0:
                ended = bk.PointReport.from_json(done.stdout)
            else:
                assert done.returncode == -9, done.stderr
            at += 1
    assert at > 3
    assert ended is not None
    assert ended.complete, str(ended)
    assert len(ended.done) == len({each.recovery_point_arn for each in ended.outcomes}) == len(FILES)
    with program(*options) as again, bk.connect(endpoint_url=again.url, region_name=REGION) as aws:
        if verb == "delete":
            assert list(aws.recovery_points()) == []
        elif verb == "lifecycle":
            assert [point.lifecycle.delete_after_days for point in aws.recovery_points()] == [300] * len(FILES)
        else:
            copies = Counter(point.resource_arn for point in aws.recovery_points(vault="second"))
            assert copies == dict.fromkeys(FILES, 1)
            assert len(list(aws.copy_jobs())) == len(FILES)
