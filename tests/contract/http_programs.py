"""``backupkit local`` as a process of its own, and other programs that call it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import boto3
from botocore.config import Config

ROOT = Path(__file__).parents[2]
ACCOUNT, REGION = "123456789012", "us-east-1"


def client(url, *, key="AKIDEXAMPLE", region=REGION, **config):
    """A plain boto3 client; its credentials open nothing."""
    session = boto3.Session(aws_access_key_id=key, aws_secret_access_key="not-a-secret")
    return session.client("backup", region_name=region, endpoint_url=url, config=Config(**config))


def environment(url, key="AKIDEXAMPLE", region=REGION):
    """Nothing of the machine's own settings, and an endpoint on this machine."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {
        **kept,
        "AWS_ACCESS_KEY_ID": key,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL_BACKUP": url,
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_PAGER": "",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_SECRET_ACCESS_KEY": "not-a-secret",
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def control(url, path="", said=None):
    """One word to the control path, or, where nothing is said, one question."""
    body = json.dumps(said).encode() if said is not None else None
    with urllib.request.urlopen(f"{url}/_backupkit{path}", body, timeout=30) as answer:
        return json.load(answer)


class Program:
    """A running ``backupkit local``; its clock stands still unless the options say otherwise."""

    def __init__(self, *options: str, seed: int = 0):
        if "--clock-rate" not in options:
            options = (*options, "--clock-rate", "0")
        elif "default" in options:
            options = tuple(option for option in options if option not in {"--clock-rate", "default"})
        line = [sys.executable, "-m", "backupkit", "local", "--port", "0", *options]
        # Another hash seed each time: what is done again must not hang on the order of a set.
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": str(seed)}
        self.process = subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        self.url = self.process.stdout.readline().rpartition(" ")[2].strip()

    def kill(self):
        """SIGKILL: no handler runs, nothing is flushed."""
        self.process.kill()
        self._gone()

    def stop(self):
        """SIGTERM, as an init system sends it."""
        self.process.terminate()
        return self._gone()

    def _gone(self):
        self.process.wait(timeout=30)
        said = self.process.stdout.read()
        self.process.stdout.close()
        return said


@contextlib.contextmanager
def program(*options: str, seed: int = 0) -> Iterator[Program]:
    """A running ``backupkit local`` that is gone after the block, whatever happens."""
    running = Program(*options, seed=seed)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.kill()
