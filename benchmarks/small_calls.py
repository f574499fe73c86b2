"""What one small call of boto3 costs: to the local service in the process and over HTTP, beside moto.

One boto3 client makes the same calls (ListBackupVaults of ten vaults, DescribeBackupVault of one, CreateBackupVault) to
each, in turns, and every call is timed by itself:

- the floor: an answer that is there already, so botocore alone
- ``backupkit.emulator.patch_boto3()``: the local service in this process
- ``backupkit local``: the local service over HTTP, in a process of its own, with and without a state file
- moto's own AWS Backup, with ``mock_aws`` in this process

Printed are the medians, calls a second, and the ratios to moto in the process. The local service validates each request
against the model, which moto does not. The promise is held against what is ours of a call: its cost above the floor,
of which the local service in the process may take a third of moto's.

Run: ``python benchmarks/small_calls.py [calls]``. The status is 1 where the promise is missed.
"""

from __future__ import annotations

import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any

import boto3

CALLS, ROUNDS, VAULTS = 400, 5, 10
SHARE_OF_MOTO = 1 / 3
KEYS = {"aws_access_key_id": "123456789012", "aws_secret_access_key": "not-a-secret", "region_name": "us-east-1"}
NUMBERS = count()
OURS = "patch_boto3, in process"
MOTO = "moto mock_aws, in process"

OPERATIONS: dict[str, Callable[[Any], object]] = {
    "ListBackupVaults": lambda aws: aws.list_backup_vaults(MaxResults=10),
    "DescribeBackupVault": lambda aws: aws.describe_backup_vault(BackupVaultName="vault-0"),
    "CreateBackupVault": lambda aws: aws.create_backup_vault(BackupVaultName=f"new-{next(NUMBERS)}"),
}


def client(url: str | None = None) -> Any:
    return boto3.Session(**KEYS).client("backup", endpoint_url=url)


def stocked(aws: Any) -> Any:
    """The client, with the same vaults behind each."""
    for number in range(VAULTS):
        aws.create_backup_vault(BackupVaultName=f"vault-{number}")
    return aws


@contextlib.contextmanager
def floor() -> Iterator[Any]:
    from botocore.awsrequest import AWSResponse

    class Raw(BytesIO):
        def stream(self, **_: object) -> Iterator[bytes]:
            yield self.read()

    with ours() as aws:
        answers = {name: operation(aws) for name, operation in OPERATIONS.items()}
    bodies = {}
    for name, answer in answers.items():
        answer.pop("ResponseMetadata")
        # Moments as AWS sends them: epoch seconds.
        bodies[name] = json.dumps(answer, default=lambda moment: moment.timestamp()).encode()

    def said(event_name: str, request: Any, **_: object) -> AWSResponse:
        body = bodies[event_name.rpartition(".")[2]]
        headers = {"content-type": "application/json", "content-length": str(len(body)), "x-amzn-requestid": "1"}
        return AWSResponse(request.url, 200, headers, Raw(body))

    aws = client()
    aws.meta.events.register_first("before-send.backup", said)
    yield aws


@contextlib.contextmanager
def ours() -> Iterator[Any]:
    from backupkit.emulator import patch_boto3

    with patch_boto3():
        yield stocked(client())


@contextlib.contextmanager
def over_http(*options: str) -> Iterator[Any]:
    line = [sys.executable, "-m", "backupkit", "local", "--port", "0", *options]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield stocked(client(process.stdout.readline().rpartition(" ")[2].strip()))
        finally:
            process.terminate()


@contextlib.contextmanager
def kept() -> Iterator[Any]:
    with tempfile.TemporaryDirectory() as place, over_http("--state", str(Path(place) / "state.db")) as aws:
        yield aws


@contextlib.contextmanager
def moto() -> Iterator[Any]:
    from moto import mock_aws

    with mock_aws():
        yield stocked(client())


PEERS: dict[str, Callable[[], contextlib.AbstractContextManager[Any]]] = {
    "the floor: botocore alone": floor,
    OURS: ours,
    "backupkit local, over HTTP": over_http,
    "the same with --state": kept,
    MOTO: moto,
}


def timed(operation: Callable[[Any], object], aws: Any, calls: int) -> list[float]:
    taken = []
    for _ in range(calls):
        before = time.perf_counter()
        operation(aws)
        taken.append(time.perf_counter() - before)
    return taken


def measured(calls: int) -> dict[str, dict[str, float]]:
    """Median seconds a call, by operation and peer; each round opens the peer anew."""
    taken: dict[str, dict[str, list[float]]] = {name: {peer: [] for peer in PEERS} for name in OPERATIONS}
    for _ in range(ROUNDS):
        for peer, opened in PEERS.items():
            with opened() as aws:
                for name, operation in OPERATIONS.items():
                    timed(operation, aws, 20)
                    taken[name][peer] += timed(operation, aws, calls // ROUNDS)
    return {
        name: {peer: statistics.median(values) for peer, values in by_peer.items()} for name, by_peer in taken.items()
    }


def main() -> int:
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else CALLS
    missed = False
    for name, medians in measured(calls).items():
        print(f"\n{name}, {calls} calls each")
        floor_seconds = medians["the floor: botocore alone"]
        for peer, seconds in medians.items():
            ratio = seconds / medians[MOTO]
            print(f"  {peer:28} {seconds * 1e6:7.0f} us  {1 / seconds:6.0f} calls/s  {ratio:5.2f} of moto's")
        share = (medians[OURS] - floor_seconds) / (medians[MOTO] - floor_seconds)
        missed |= share > SHARE_OF_MOTO
        print(f"  above the floor: {share:.2f} of moto's (promised: at most {SHARE_OF_MOTO:.2f})")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
