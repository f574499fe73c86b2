"""A year of 50 plans over 2,000 synthetic resources: how many backups a second of CPU, and whether it stays flat.

One resource in ten is backed up every hour and the rest every day; points are kept for 35 days. That is 2.4 million
backups, of which each is a job that is made, started and ended, and a point that is made and expires.

Nobody else has an AWS Backup with a clock, so there is no peer to run. The floor is what Python's own heapq takes for
the same number of events, three a backup, that do nothing at all; after each day it goes through as many as the day
had, so that both meet the same machine. The promise is 0.35 of the floor or better, and memory that does not grow once
the first points expire. The memory that is printed includes the floor's heap.

Run: ``python benchmarks/year.py [days]``. The status is 1 where a promise is missed.
"""

from __future__ import annotations

import heapq
import json
import random
import statistics
import sys
import time
from pathlib import Path

from backupkit.emulator import LocalService

PLANS, RESOURCES, HOURLY = 50, 2_000, 200
STEP, SETTLED = 15, 45
PROMISED, GROWTH = 0.35, 1.05
ROLE = "arn:aws:iam::123456789012:role/backup"


def service() -> LocalService:
    """50 plans with 40 resources each; those of the first five plans are backed up hourly."""
    aws = LocalService()
    aws.call("CreateBackupVault", {"BackupVaultName": "prod"})
    for number in range(PLANS):
        _plan(aws, number)
    return aws


def _plan(aws: LocalService, number: int) -> None:
    hours = "*" if number < PLANS * HOURLY // RESOURCES else number % 24
    rule = {
        "RuleName": "r",
        "TargetBackupVaultName": "prod",
        "ScheduleExpression": f"cron({number} {hours} ? * * *)",
        "StartWindowMinutes": 60,
        "Lifecycle": {"DeleteAfterDays": 35},
    }
    made = aws.call("CreateBackupPlan", {"BackupPlan": {"BackupPlanName": f"p{number}", "Rules": [rule]}})
    for index in range(RESOURCES // PLANS):
        arn = f"arn:aws:dynamodb:us-east-1:123456789012:table/t{number}-{index}"
        aws.resources.add(arn, tags={"plan": f"p{number}"}, daily_change=0.01)
    tag = {"ConditionType": "STRINGEQUALS", "ConditionKey": "plan", "ConditionValue": f"p{number}"}
    selection = {"SelectionName": "s", "IamRoleArn": ROLE, "ListOfTags": [tag]}
    named = {"BackupPlanId": json.loads(made)["BackupPlanId"]}
    aws.call("CreateBackupSelection", {**named, "BackupSelection": selection})


def made_in(days: int) -> int:
    """How many backups the plans make in so many days."""
    return days * (HOURLY * 24 + RESOURCES - HOURLY)


class Floor:
    """A heap of as many events as are waiting at any time, which do nothing."""

    def __init__(self) -> None:
        self._source = random.Random(0)
        self._heap = [(self._source.random(), number) for number in range(made_in(35))]
        heapq.heapify(self._heap)

    def seconds(self, backups: int) -> float:
        """Seconds of CPU for the three events of each of so many backups."""
        self._run(3 * backups // 4)  # what was measured before has taken the heap out of the caches
        began = time.process_time()
        self._run(3 * backups)
        return time.process_time() - began

    def _run(self, events: int) -> None:
        heap, source = self._heap, self._source
        for number in range(events):
            heapq.heappushpop(heap, (heap[0][0] + source.random(), number))


def mebibytes() -> float:
    """What this process has in memory."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096 / 2**20


def advance(aws: LocalService, floor: Floor, days: int) -> tuple[float, float]:
    """Seconds of CPU that so many days take, and those of the floor."""
    took = floored = 0.0
    for _ in range(days):
        began = time.process_time()
        aws.clock.advance(days=1)
        took += time.process_time() - began
        floored += floor.seconds(made_in(1))
    return took, floored


def main() -> int:
    """Measure, print, and say whether the promises were kept."""
    days = int(sys.argv[1]) if len(sys.argv) > 1 else 365
    aws, floor, steps, memory = service(), Floor(), [], []
    place = next(iter(aws.simulation.scopes.values()))
    for day in range(0, days, STEP):
        step = min(STEP, days - day)
        took, floored = advance(aws, floor, step)
        steps.append((took, floored))
        if day >= SETTLED:
            memory.append(mebibytes())
        alive = f"{len(place.vaults['prod'].points):,} points and {len(place.backup_jobs):,} jobs"
        print(
            f"day {day + step:3}: {made_in(step) / took:7,.0f} backups a second, {floored / took:.3f} of the floor; "
            f"{alive} in {mebibytes():,.0f} MiB"
        )
    made, took, floored = made_in(days), sum(each for each, _ in steps), sum(each for _, each in steps)
    share = floored / took
    print(f"{made:,} backups in {took:.1f} s of CPU: {made / took:,.0f} a second")
    print(f"floor (events that do nothing) {made / floored:,.0f} a second; share {share:.3f}")
    print(f"median share of {len(steps)} steps {statistics.median(floored / took for took, floored in steps):.3f}")
    grown = memory[-1] / memory[0] if memory else 1.0
    print(f"memory at the end: {grown:.2f} of that after {SETTLED + STEP} days")
    return int(share < PROMISED or grown > GROWTH)


if __name__ == "__main__":
    sys.exit(main())
