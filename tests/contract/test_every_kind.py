"""Clients that poll go through every kind against ``python -m backupkit local`` with its default running clock."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from every_kind import KINDS, RefusedError, UnknownError, go_through
from http_programs import client, control, environment, program

HERE = Path(__file__).parent


@pytest.fixture
def url():
    """Where a service is, served as by default, with the bucket that the calls back up."""
    bucket = {"arn": "arn:aws:s3:::photos", "account_id": "123456789012", "region_name": "us-east-1"}
    with program("--clock-rate", "default") as running:
        control(running.url, "/resources", {"add": {**bucket, "size_bytes": 1000}})
        yield running.url


def _all_at_once(call, *, threads, pause):
    with ThreadPoolExecutor(threads) as pool:
        for ended in [pool.submit(go_through, kind, call, pause) for kind in KINDS]:
            ended.result()


@pytest.mark.slow
def test_boto3_goes_through_every_kind(url):
    """What is created is read, updated and deleted; what takes time ends while the client only looks."""
    aws = client(url, max_pool_connections=len(KINDS))

    def call(operation, params):
        try:
            return getattr(aws, xform_name(operation))(**params)
        except AttributeError as error:
            raise UnknownError(operation) from error
        except ClientError as error:
            raise RefusedError(error.response["Error"]["Code"]) from error

    _all_at_once(call, threads=len(KINDS), pause=0.1)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_cli_goes_through_every_kind(url, cli, tmp_path):
    """The same with the AWS CLI, one process a call."""

    def call(operation, params):
        line = [cli, "backup", xform_name(operation, "-"), "--cli-input-json", json.dumps(params)]
        ended = subprocess.run(
            line, env=environment(url), cwd=tmp_path, capture_output=True, text=True, timeout=90, check=False
        )
        if ended.returncode:
            if "Invalid choice" in ended.stderr or "Found invalid choice" in ended.stderr:
                raise UnknownError(operation)
            found = re.search(r"An error occurred \((\w+)\)", ended.stderr)
            assert found, ended.stderr
            raise RefusedError(found[1])
        return json.loads(ended.stdout) if ended.stdout.strip() else {}

    _all_at_once(call, threads=4, pause=3.0)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_sdk_for_javascript_goes_through_every_kind(url, sdk_for_javascript):
    """The same with the SDK for JavaScript."""
    for name in ("every_kind.mjs", "every_kind.json"):
        shutil.copy(HERE / name, sdk_for_javascript)
    ended = subprocess.run(
        ["node", "every_kind.mjs"],
        cwd=sdk_for_javascript,
        env=environment(url),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout) == list(KINDS)
