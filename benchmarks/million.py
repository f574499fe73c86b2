"""1,000,000 points in one vault: what list, describe and delete cost there, beside the same in a vault of 1,000.

The points are made by the clock: 2,000 synthetic resources, backed up every hour and kept forever. Printed are medians
of CPU time straight through the seam, the ratio of the large vault to the small one, and the memory of one point. There
is no peer: nobody else holds points that a clock made. The promise is that no call costs more than twice of what it
costs in the small vault, also not a page in the middle of a walk when something has happened since the page before.

Run: ``python benchmarks/million.py [points]``. The status is 1 where the promise is missed.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

from backupkit.emulator import LocalService

RESOURCES, SMALL, CALLS = 2_000, 1_000, 200
MOST = 2.0
ROLE = "arn:aws:iam::123456789012:role/backup"


def filled(points: int, resources: int) -> LocalService:
    """A vault with about so many points, made by an hourly plan."""
    aws = LocalService()
    call(aws, "CreateBackupVault", BackupVaultName="prod")
    for number in range(resources):
        aws.resources.add(f"arn:aws:dynamodb:us-east-1:123456789012:table/t{number}")
    rule = {"RuleName": "hourly", "TargetBackupVaultName": "prod", "ScheduleExpression": "cron(0 * ? * * *)"}
    plan = call(aws, "CreateBackupPlan", BackupPlan={"BackupPlanName": "p", "Rules": [rule]})["BackupPlanId"]
    selection = {"SelectionName": "s", "IamRoleArn": ROLE, "Resources": ["*"]}
    call(aws, "CreateBackupSelection", BackupPlanId=plan, BackupSelection=selection)
    aws.clock.advance(hours=points / resources)
    # The jobs of the last hour end, and no other begins.
    aws.clock.advance(minutes=50)
    return aws


def call(aws: LocalService, operation: str, **params: object) -> dict[str, object]:
    found: dict[str, object] = json.loads(aws.call(operation, params))
    return found


def median(work: Callable[[], object], calls: int = CALLS) -> float:
    """Microseconds of CPU for one call."""
    took = []
    for _ in range(calls):
        began = time.process_time_ns()
        work()
        took.append(time.process_time_ns() - began)
    return statistics.median(took) / 1_000


def measured(aws: LocalService) -> dict[str, float]:
    """What each call costs in this vault."""
    vault = {"BackupVaultName": "prod"}
    some = spread(aws)
    names = iter(some)
    steps = pages(aws)
    half = middle(aws)
    return {
        "list, first page of 100": median(lambda: aws.call("ListRecoveryPointsByBackupVault", {**vault})),
        "list, next page of 100": median(lambda: next(steps), 8),
        "list, middle page after a change": median(half, 20),
        "list, by resource": median(
            lambda: aws.call(
                "ListRecoveryPointsByBackupVault",
                {**vault, "ByResourceArn": "arn:aws:dynamodb:us-east-1:123456789012:table/t1", "MaxResults": 10},
            )
        ),
        "describe": median(
            lambda: aws.call("DescribeRecoveryPoint", {**vault, "RecoveryPointArn": some[0]}),
        ),
        "delete": median(lambda: aws.call("DeleteRecoveryPoint", {**vault, "RecoveryPointArn": next(names)})),
    }


def middle(aws: LocalService) -> Callable[[], object]:
    """Asks for the page that begins in the middle, each time after a vault was made."""
    shown, asked = 0, {"BackupVaultName": "prod"}
    while shown < len(next(iter(aws.simulation.scopes.values())).vaults["prod"].points) // 2:
        answer = call(aws, "ListRecoveryPointsByBackupVault", **asked, MaxResults=100)
        shown, asked = shown + 100, {**asked, "NextToken": str(answer["NextToken"])}
    numbers = count()

    def ask() -> object:
        aws.call("CreateBackupVault", {"BackupVaultName": f"meanwhile-{next(numbers)}"})
        return aws.call("ListRecoveryPointsByBackupVault", {**asked, "MaxResults": 100})

    return ask


def spread(aws: LocalService) -> list[str]:
    """Points from all over the vault."""
    points = list(next(iter(aws.simulation.scopes.values())).vaults["prod"].points)
    return points[:: max(1, len(points) // CALLS - 1)] or points


def pages(aws: LocalService) -> Iterator[None]:
    """Walks the list."""
    token: dict[str, object] = {}
    while True:
        answer = call(aws, "ListRecoveryPointsByBackupVault", BackupVaultName="prod", MaxResults=100, **token)
        token = {"NextToken": answer["NextToken"]}
        yield


def resident() -> int:
    """Bytes of this process in memory."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096


def main() -> int:
    """Measure, print, and say whether the promise was kept."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    small = measured(filled(SMALL, 100))
    before, began = resident(), time.process_time()
    aws = filled(wanted, RESOURCES)
    took, grown = time.process_time() - began, resident() - before
    place = next(iter(aws.simulation.scopes.values()))
    points, jobs = len(place.vaults["prod"].points), len(place.backup_jobs)
    large = measured(aws)
    print(f"{points:,} points made in {took:.1f} s of CPU: {points / took:,.0f} a second")
    print(
        f"memory: {grown / 2**20:,.0f} MiB, {grown / (points + jobs):,.0f} bytes for each "
        f"of the {points:,} points and {jobs:,} jobs"
    )
    print(f"{'microseconds of CPU':34} {SMALL:>10,} {points:>12,}  ratio")
    for name, cost in large.items():
        print(f"{name:34} {small[name]:10.1f} {cost:12.1f}  {cost / small[name]:5.2f}")
    return int(any(cost > MOST * small[name] for name, cost in large.items()))


if __name__ == "__main__":
    sys.exit(main())
