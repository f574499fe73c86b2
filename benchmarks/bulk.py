"""Deleting 10,000 points where AWS admits 20 calls a second and throttles the rest: backupkit beside boto3's two modes.

The emulator serves a vault of points over loopback HTTP, from a process of its own, and admits DeleteRecoveryPoint by a
bucket of 20 tokens to which 20 come in a second. Its clock runs ten times as fast as this machine's, and so do the
clocks of all clients, so that each takes a minute instead of ten: backupkit's, and those by which boto3's retries sleep
and count. Each client has a fresh vault and a process of its own, and 16 threads:

- backupkit: ``preview_deletion(keep_last=0).apply(allow_delete=True)``; as with boto3 its seconds begin with the first
  deletion: before that it looks at every point again, by lists whose time is not that of the fast clock
- boto3, in the retry modes ``standard`` and ``adaptive``: a script that lists the points and calls
  ``delete_recovery_point`` for each, once; what boto3 gives up is left over

Promised of backupkit: at least 95 % of the rate that is admitted, no point left over, and none deleted twice.

Run: ``python benchmarks/bulk.py [points]``. The status is 1 where a promise is missed.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from urllib.request import urlopen

from listing import said, started

POINTS, RATE, BURST, SCALE, THREADS = 10_000, 20, 20, 10, 16
SHARE = 0.95
ROLE = "arn:aws:iam::123456789012:role/backup"
RULE = {"RuleName": "hourly", "TargetBackupVaultName": "prod", "ScheduleExpression": "cron(0 * ? * * *)"}


# ---- the server ----


def serve(points: int) -> None:
    """Serve a vault of so many points, made by an hourly plan; the URL is the first line of the output."""
    from backupkit.emulator import LocalService
    from backupkit.emulator.http import serving

    service = LocalService(account_id=ACCOUNT)
    resources = min(points, 1_000)
    service.call("CreateBackupVault", {"BackupVaultName": "prod"})
    for number in range(resources):
        service.resources.add(f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/t{number}")
    document = {"BackupPlanName": "p", "Rules": [RULE]}
    plan = json.loads(service.call("CreateBackupPlan", {"BackupPlan": document}))["BackupPlanId"]
    selection = {"SelectionName": "s", "IamRoleArn": ROLE, "Resources": ["*"]}
    service.call("CreateBackupSelection", {"BackupPlanId": plan, "BackupSelection": selection})
    service.clock.advance(hours=points // resources, minutes=50)
    service.faults.limit("DeleteRecoveryPoint", per_second=RATE, burst=BURST)
    service.clock.set_rate(SCALE)
    with serving(service) as url:
        print(url, flush=True)
        threading.Event().wait()


ACCOUNT = "123456789012"


def counted(url: str) -> tuple[int, int]:
    """How many deletions the server has admitted, and how many it has throttled."""
    with urlopen(f"{url}/_backupkit/faults") as answer:
        [fault] = json.load(answer)["calls"]
    return fault["counted"] - fault["fired"], fault["fired"]


# ---- the clients: each deletes all points, and returns the seconds that it took and what it says is left over ----


class FastClock:
    """A clock that runs as fast as the server's."""

    def now(self) -> datetime:
        """The time of day, of which nothing here depends."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds on the server's clock."""
        return time.monotonic() * SCALE

    def sleep(self, seconds: float) -> None:
        """Let seconds of the server's clock pass."""
        time.sleep(seconds / SCALE)


def ours(url: str) -> tuple[float, int]:
    import backupkit as bk
    from backupkit.boto import Boto3Transport

    boto = Boto3Transport(endpoint_url=url, max_pool_connections=THREADS)
    boto._clock = FastClock()
    aws = bk.AWSConnection(boto, bk.RetryPolicy())
    changes = aws.recovery_points(vault="prod").preview_deletion(keep_last=0)
    first: list[float] = []
    call = boto.call

    def timed(operation: str, params: Any) -> bytes:
        if operation == "DeleteRecoveryPoint" and not first:
            first.append(time.perf_counter())
        return call(operation, params)

    boto.call = timed  # type: ignore[method-assign]
    report = changes.apply(allow_delete=True, wait=False, workers=THREADS)
    return time.perf_counter() - first[0], len(changes) - len(report.started) - len(report.done)


def raw_boto3(mode: str) -> Callable[[str], tuple[float, int]]:
    def delete_all(url: str) -> tuple[float, int]:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import ClientError

        speed_up()
        config = Config(retries={"mode": mode}, max_pool_connections=THREADS)
        backup = boto3.client("backup", endpoint_url=url, config=config)
        pages = backup.get_paginator("list_recovery_points_by_backup_vault").paginate(BackupVaultName="prod")
        arns = [point["RecoveryPointArn"] for page in pages for point in page["RecoveryPoints"]]

        def delete(arn: str) -> bool:
            try:
                backup.delete_recovery_point(BackupVaultName="prod", RecoveryPointArn=arn)
            except ClientError:
                return False
            return True

        began = time.perf_counter()
        with ThreadPoolExecutor(THREADS) as pool:
            done = sum(pool.map(delete, arns))
        return time.perf_counter() - began, len(arns) - done

    return delete_all


def speed_up() -> None:
    """Let what botocore's retries sleep and count by run as fast as the server's clock."""
    import botocore.endpoint
    from botocore.retries import bucket

    class Condition(threading.Condition):
        def wait(self, timeout: float | None = None) -> bool:
            return super().wait(timeout / SCALE if timeout is not None else None)

    clock = FastClock()
    botocore.endpoint.time = SimpleNamespace(sleep=clock.sleep)  # type: ignore[attr-defined]
    bucket.Clock.sleep = lambda self, amount: clock.sleep(amount)  # type: ignore[method-assign]
    bucket.Clock.current_time = lambda self: clock.monotonic()  # type: ignore[method-assign]
    bucket.threading = SimpleNamespace(Lock=threading.Lock, Condition=Condition)  # type: ignore[attr-defined]


CLIENTS: dict[str, Callable[[str], tuple[float, int]]] = {
    "backupkit": ours,
    "boto3, standard": raw_boto3("standard"),
    "boto3, adaptive": raw_boto3("adaptive"),
}


# ---- the comparison ----


def run(name: str, points: int) -> dict[str, Any]:
    """What came of one client."""
    with started("--serve", str(points)) as server:
        url = said(server)
        client = started("--client", name, url)
        try:
            found = json.loads(said(client))
            admitted, throttled = counted(url)
        finally:
            for process in (client, server):
                process.terminate()
                process.communicate()
    ideal = (admitted - BURST) / RATE
    return {**found, "admitted": admitted, "throttled": throttled, "share": ideal / found["seconds"]}


def main() -> int:
    """Run all clients, print the table, and say whether the promises are kept."""
    points = int(sys.argv[1]) if len(sys.argv) > 1 else POINTS
    print(f"{points:,} points, {RATE} deletions a second admitted; seconds are those of the server's clock")
    print(f"{'':18}{'seconds':>9}{'of the rate':>13}{'admitted':>10}{'throttled':>11}{'left over':>11}{'CPU, s':>8}")
    missed = []
    for name in CLIENTS:
        one = run(name, points)
        print(
            f"{name:18}{one['seconds']:9.1f}{one['share']:13.1%}{one['admitted']:10,}{one['throttled']:11,}"
            f"{one['left']:11,}{one['cpu']:8.1f}",
            flush=True,
        )
        if name == "backupkit":
            missed += [f"less than {SHARE:.0%} of the rate"] if one["share"] < SHARE else []
            missed += [f"{one['left']:,} points left over"] if one["left"] else []
            missed += [f"{one['admitted']:,} deletions were admitted"] if one["admitted"] != points else []
    for promise in missed:
        print(f"MISSED {promise}")
    return int(bool(missed))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--serve", points]:
            serve(int(points))
        case ["--client", name, url]:
            cpu = time.process_time()
            seconds, left = CLIENTS[name](url)
            print(json.dumps({"seconds": seconds * SCALE, "left": left, "cpu": time.process_time() - cpu}), flush=True)
        case _:
            sys.exit(main())
