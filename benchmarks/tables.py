"""CPU per recovery point of a long list that becomes an Arrow table, over loopback, beside records and beside pandas.

A server in a process of its own answers ListRecoveryPointsByBackupVault with 100,000 recovery points in pages of 1,000,
as in `listing.py`. Every client runs in a process of its own, and they take turns; imports, the connection and a few
pages to warm up are left out. "boto3 and pandas" is what programs write today: the paginator, and
``pandas.json_normalize`` over what it gave.

Promised: a table costs at most 1.7 times what the same list costs as records, and a tenth of boto3 with pandas; and a
Parquet file is written in memory that does not grow with the number of points.

Run: ``python benchmarks/tables.py [recovery points]``. The status is 1 where a promise is missed.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import listing
from listing import PAGE, ROUNDS, VAULT, run, said, summary

TIMES_RECORDS = 1.7
TIMES_LESS_THAN_PANDAS = 10.0
PARQUET_BYTES = 192 * 2**20
"""What a row group takes as Arrow, and pyarrow's buffers while it is encoded; the same for any number of points."""


def points(url: str) -> Callable[[], object]:
    import backupkit as bk

    found = bk.connect(endpoint_url=url).recovery_points(vault=VAULT)
    sum(1 for _ in islice(found, 5 * PAGE))
    return found


def records(url: str) -> Callable[[], int]:
    found = points(url)
    return lambda: sum(1 for _ in found)


def table(url: str) -> Callable[[], int]:
    import pyarrow as pa

    assert pa.__version__

    found = points(url)
    return lambda: found.to_arrow().num_rows


def parquet(url: str) -> Callable[[], int]:
    import pyarrow.parquet  # noqa: F401

    found = points(url)
    target = Path(tempfile.mkdtemp()) / "points.parquet"
    return lambda: found.to_parquet(target)


def boto3_and_pandas(url: str) -> Callable[[], int]:
    import boto3
    import pandas as pd

    paginator = boto3.client("backup", endpoint_url=url).get_paginator("list_recovery_points_by_backup_vault")

    def frame() -> int:
        pages = paginator.paginate(BackupVaultName=VAULT, PaginationConfig={"PageSize": PAGE})
        return len(pd.json_normalize([point for page in pages for point in page["RecoveryPoints"]]))

    return frame


CLIENTS = {"records": records, "Arrow table": table, "Parquet file": parquet, "boto3 and pandas": boto3_and_pandas}


def run_client(name: str, url: str, expected: int) -> None:
    """Read the whole list once for every line of the input, and print what it cost as JSON."""
    read = CLIENTS[name](url)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print("ready", flush=True)
    for _ in sys.stdin:
        start = time.process_time()
        count = read()
        cpu = (time.process_time() - start) / count * 1e6
        assert count == expected, f"{name} saw {count} of {expected}"
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
        print(json.dumps({"cpu": cpu, "grown": grown}), flush=True)


def started(*arguments: str, script: str = __file__) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "not-a-secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    command = [sys.executable, script, *arguments]
    return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def main() -> int:
    """Run all clients, print the table, and say whether the promises are kept."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with started("--serve", str(count), script=listing.__file__) as server:
        url = f"http://127.0.0.1:{said(server)}"
        clients = {name: started("--client", name, url, str(count)) for name in CLIENTS}
        try:
            for client in clients.values():
                said(client)
            rounds = [{name: run(client) for name, client in clients.items()} for _ in range(ROUNDS)]
        finally:
            for process in [*clients.values(), server]:
                process.terminate()
                process.communicate()
    seen = {name: summary([one[name] for one in rounds]) for name in CLIENTS}
    base = seen["records"]["cpu"]
    print(f"{count:,} recovery points in pages of {PAGE:,}; CPU of the client, median of {ROUNDS} runs")
    print(f"{'':20}{'µs each':>9}{'best':>9}{'times records':>15}{'memory grown':>16}")
    for name, one in seen.items():
        grown = f"{one['grown'] / 2**20:.0f} MiB"
        print(f"{name:20}{one['cpu']:9.2f}{one['best']:9.2f}{one['cpu'] / base:15.2f}{grown:>16}")
    ratio, peer = seen["Arrow table"]["cpu"] / base, seen["boto3 and pandas"]["cpu"] / seen["Arrow table"]["cpu"]
    print(f"a table costs {ratio:.2f} times the records; boto3 and pandas cost {peer:.1f} times the table")
    missed = []
    if ratio > TIMES_RECORDS:
        missed.append(f"a table costs at most {TIMES_RECORDS:g} times the records")
    if peer < TIMES_LESS_THAN_PANDAS:
        missed.append(f"{TIMES_LESS_THAN_PANDAS:g} times less than boto3 and pandas")
    if seen["Parquet file"]["grown"] > PARQUET_BYTES:
        missed.append(f"a Parquet file takes at most {PARQUET_BYTES / 2**20:g} MiB")
    for promise in missed:
        print(f"MISSED {promise}")
    return 1 if missed else 0


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--client", name, url, count]:
            run_client(name, url, int(count))
        case _:
            sys.exit(main())
