"""CPU per recovery point of a long list, typed records out, over loopback.

A server in a process of its own answers ListRecoveryPointsByBackupVault with 100,000 recovery points in pages of 1,000,
as AWS sends them. Every client runs in a process of its own and reads the whole list, several times; what counts is the
CPU of that process per recovery point; imports, the connection and ten pages to warm up are left out. Clients take
turns; promises are held against medians, and the best runs are shown beside them. The floor reads the bytes with
urllib3 and parses the JSON to dictionaries with msgspec, and no more.

Promised: at least 12 times less CPU than boto3 and 3 times less than capo-backup, and memory that does not grow with
the number of pages. Also shown: what is left when AWS sends members that this version does not know.

Run: ``python benchmarks/listing.py [recovery points]``. The status is 1 where a promise is missed.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from urllib.parse import parse_qs, urlsplit

VAULT = "prod-backup-vault"
PAGE = 1000
ROUNDS = 5
TIMES_LESS = {"boto3": 12.0, "capo-backup": 3.0}
FLAT_BYTES = 8 * 2**20

ITEM = {
    "RecoveryPointArn": "arn:aws:ec2:us-east-1::snapshot/snap-NUMBER",
    "BackupVaultName": VAULT,
    "BackupVaultArn": f"arn:aws:backup:us-east-1:123456789012:backup-vault:{VAULT}",
    "ResourceArn": "arn:aws:ec2:us-east-1:123456789012:volume/vol-0a1b2c3d4e5f60718",
    "ResourceType": "EBS",
    "CreatedBy": {
        "BackupPlanId": "8f81f553-3a74-4a3f-b93d-b3360dc80c50",
        "BackupPlanArn": "arn:aws:backup:us-east-1:123456789012:backup-plan:8f81f553-3a74-4a3f-b93d-b3360dc80c50",
        "BackupPlanVersion": "ZjQ4ZjY2NmEtODJlNy00NWE0LTkyYTMtYmU3MWVmNGU2NTg0",
        "BackupRuleId": "2f4b9a3c-1d0e-4c8b-9b57-6a1f0f1e2d3c",
    },
    "IamRoleArn": "arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole",
    "Status": "COMPLETED",
    "CreationDate": 1767243600.123,
    "InitiationDate": 1767243655.5,
    "CompletionDate": 1767244530.871,
    "BackupSizeInBytes": 107374182400,
    "CalculatedLifecycle": {"MoveToColdStorageAt": 1769835600.123, "DeleteAt": 1798779600.123},
    "Lifecycle": {
        "MoveToColdStorageAfterDays": 30,
        "DeleteAfterDays": 365,
        "OptInToArchiveForSupportedResources": True,
    },
    "EncryptionKeyArn": "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "IsEncrypted": True,
    "IsParent": False,
    "ResourceName": "orders-db-data",
    "VaultType": "BACKUP_VAULT",
    "EncryptionKeyType": "CUSTOMER_MANAGED_KMS_KEY",
}

# ---- the server ----


def serve(points: int, **more: object) -> None:
    """Answer forever; the port is the first line of the output."""
    template = json.dumps({"RecoveryPoints": [{**ITEM, **more}] * PAGE, "NextToken": "NEXT"}).encode()
    last = json.dumps({"RecoveryPoints": [{**ITEM, **more}] * PAGE}).encode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def do_GET(self) -> None:
            query = parse_qs(urlsplit(self.path).query)
            number = int(query.get("nextToken", ["0"])[0])
            left = number + 1 < points // PAGE
            body = (template if left else last).replace(b"NUMBER", b"%017d" % number)
            body = body.replace(b'"NEXT"', b'"%d"' % (number + 1))
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()


# ---- the clients: each returns a function that iterates the whole list once ----


def ours(url: str) -> Callable[[], Iterator[object]]:
    import backupkit as bk

    aws = bk.connect(endpoint_url=url)
    return lambda: iter(aws.recovery_points(vault=VAULT))


def transport(url: str) -> Callable[[], Iterator[object]]:
    from backupkit.boto import Boto3Transport
    from backupkit.observe import RecoveryPoint
    from backupkit.transport.paging import listed
    from backupkit.transport.retry import Retrying

    aws = Retrying(Boto3Transport(endpoint_url=url))
    return lambda: listed(aws, "ListRecoveryPointsByBackupVault", RecoveryPoint, {"BackupVaultName": VAULT})


def slow(url: str) -> Callable[[], Iterator[object]]:
    from backupkit.boto import Boto3Transport
    from backupkit.observe import RecoveryPoint
    from backupkit.transport.paging import listed

    aws = Boto3Transport(endpoint_url=url, fast=False)
    return lambda: listed(aws, "ListRecoveryPointsByBackupVault", RecoveryPoint, {"BackupVaultName": VAULT})


def raw_boto3(url: str) -> Callable[[], Iterator[object]]:
    import boto3

    paginator = boto3.client("backup", endpoint_url=url).get_paginator("list_recovery_points_by_backup_vault")

    def points() -> Iterator[object]:
        for page in paginator.paginate(BackupVaultName=VAULT, PaginationConfig={"PageSize": PAGE}):
            yield from page["RecoveryPoints"]

    return points


def aio(url: str) -> Callable[[], Iterator[object]]:
    from aiobotocore.session import get_session

    async def pages(limit: int) -> int:
        count = 0
        async with get_session().create_client("backup", endpoint_url=url) as client:
            paginator = client.get_paginator("list_recovery_points_by_backup_vault")
            async for page in paginator.paginate(BackupVaultName=VAULT, PaginationConfig={"PageSize": PAGE}):
                for _ in page["RecoveryPoints"]:
                    count += 1
                if count >= limit:
                    break
        return count

    # Making its client costs the same whatever the list's length; the warm-up runs over one page and pays it once.
    return lambda: iter(range(asyncio.run(pages(10**9))))


def capo(url: str) -> Callable[[], Iterator[object]]:
    from capo_backup import BackupClient

    client = BackupClient(endpoint=url, region="us-east-1")
    return lambda: client.iter_list_recovery_points_by_backup_vault(VAULT, max_results=PAGE)


def floor(url: str) -> Callable[[], Iterator[object]]:
    import msgspec
    import urllib3

    pool = urllib3.PoolManager()
    decoder = msgspec.json.Decoder()

    def points() -> Iterator[object]:
        token = "0"
        while token:
            target = f"{url}/backup-vaults/{VAULT}/recovery-points/?maxResults={PAGE}&nextToken={token}"
            page = decoder.decode(pool.request("GET", target).data)
            yield from page["RecoveryPoints"]
            token = page.get("NextToken")

    return points


CLIENTS = {
    "backupkit": ours,
    "backupkit transport": transport,
    "backupkit without the event": slow,
    "boto3": raw_boto3,
    "aiobotocore": aio,
    "capo-backup": capo,
    "floor": floor,
}


def run_client(name: str, url: str, points: int) -> None:
    """Read the whole list once for every line of the input, and print what it cost as JSON."""
    listing = CLIENTS[name](url)
    if name != "aiobotocore":
        sum(1 for _ in islice(listing(), 10 * PAGE))
    after_ten = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print("ready", flush=True)
    for _ in sys.stdin:
        start = time.process_time()
        count = sum(1 for _ in listing())
        cpu = (time.process_time() - start) / count * 1e6
        assert count == points, f"{name} saw {count} of {points}"
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - after_ten) * 1024
        print(json.dumps({"cpu": cpu, "grown": grown}), flush=True)


# ---- the comparison ----


def started(*arguments: str) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "not-a-secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return subprocess.Popen(
        [sys.executable, sys.argv[0], *arguments],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip() or sys.exit(f"{process.args} failed")


def run(client: subprocess.Popen[str]) -> dict[str, float]:
    assert client.stdin is not None
    print("go", file=client.stdin, flush=True)
    return json.loads(said(client))


def compared(points: int, names: list[str], *flags: str) -> dict[str, dict[str, float]]:
    """What each client costs. They take turns, so that what else the machine does falls on all of them alike."""
    with started("--serve", str(points), *flags) as server:
        url = f"http://127.0.0.1:{said(server)}"
        clients = {name: started("--client", name, url, str(points)) for name in names}
        try:
            for client in clients.values():
                said(client)
            rounds = [{name: run(client) for name, client in clients.items()} for _ in range(ROUNDS)]
        finally:
            for process in [*clients.values(), server]:
                process.terminate()
                process.communicate()
    return {name: summary([one[name] for one in rounds]) for name in names}


def summary(runs: list[dict[str, float]]) -> dict[str, float]:
    costs = [one["cpu"] for one in runs]
    return {"cpu": statistics.median(costs), "best": min(costs), "grown": max(one["grown"] for one in runs)}


def main() -> int:
    """Run all clients, print the table, and say whether the promises are kept."""
    points = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    seen = compared(points, list(CLIENTS))
    mine = seen["backupkit"]["cpu"]
    print(f"{points:,} recovery points in pages of {PAGE:,}; CPU of the client, median of {ROUNDS} runs")
    print(f"{'':30}{'µs each':>9}{'best':>9}{'times ours':>12}{'memory grown, 10 pages -> all':>32}")
    for name, one in seen.items():
        print(f"{name:30}{one['cpu']:9.2f}{one['best']:9.2f}{one['cpu'] / mine:12.2f}{one['grown'] / 2**20:28.1f} MiB")
    newer = compared(points, ["backupkit"], "--newer")["backupkit"]["cpu"]
    print(f"{'backupkit, unknown members':30}{newer:9.2f}{'':9}{newer / mine:12.2f}")
    missed = [
        f"{peer}: less than {times:g} times" for peer, times in TIMES_LESS.items() if seen[peer]["cpu"] < times * mine
    ]
    if seen["backupkit"]["grown"] > FLAT_BYTES:
        missed.append(f"memory grew by more than {FLAT_BYTES / 2**20:g} MiB")
    for promise in missed:
        print(f"MISSED {promise}")
    return 1 if missed else 0


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--serve", points, *flags]:
            serve(int(points), **({"MemberOfALaterVersion": "x"} if flags else {}))
        case ["--client", name, url, points]:
            run_client(name, url, int(points))
        case _:
            sys.exit(main())
