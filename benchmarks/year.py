"""A year of 50 plans over 2,000 synthetic resources: how many backups a second of CPU, and whether it stays flat.

One resource in ten is backed up every hour and the rest every day; points are kept for 35 days. That is 2.4 million
backups, of which each is a job that is made, started and ended, and a point that is made and expires.

Nobody else has an AWS Backup with a clock, so there is no peer to run. The floor is what Python's own heapq takes for
the same number of events, three a backup, that do nothing at all. The promise is 60,000 backups a second on one core
and memory that does not grow once the first points expire.

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
PROMISED, GROWTH = 60_000, 1.05
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


def floor() -> float:
    """Seconds of CPU for the three events of one backup in a heap of as many as are waiting at any time."""
    source, waiting, rounds = random.Random(0), made_in(35), 100_000
    heap = [(source.random(), number) for number in range(waiting)]
    heapq.heapify(heap)
    began = time.process_time()
    for number in range(3 * rounds):
        heapq.heappushpop(heap, (heap[0][0] + source.random(), number))
    return (time.process_time() - began) / rounds


def mebibytes() -> float:
    """What this process has in memory."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096 / 2**20


def main() -> int:
    """Measure, print, and say whether the promises were kept."""
    days = int(sys.argv[1]) if len(sys.argv) > 1 else 365
    aws, whole, rates, memory = service(), 0.0, [], []
    place = next(iter(aws.simulation.scopes.values()))
    for day in range(0, days, STEP):
        step = min(STEP, days - day)
        began = time.process_time()
        aws.clock.advance(days=step)
        took = time.process_time() - began
        whole += took
        rates.append(made_in(step) / took)
        if day >= SETTLED:
            memory.append(mebibytes())
        alive = f"{len(place.vaults['prod'].points):,} points and {len(place.backup_jobs):,} jobs"
        print(f"day {day + step:3}: {rates[-1]:7,.0f} backups a second; {alive} in {mebibytes():,.0f} MiB")
    total = made_in(days) / whole
    print(f"{made_in(days):,} backups in {whole:.1f} s of CPU: {total:,.0f} a second")
    print(
        f"median of {len(rates)} steps {statistics.median(rates):,.0f}, "
        f"floor (events that do nothing) {1 / floor():,.0f}"
    )
    grown = memory[-1] / memory[0] if memory else 1.0
    print(f"memory at the end: {grown:.2f} of that after {SETTLED + STEP} days")
    return int(total < PROMISED or grown > GROWTH)


if __name__ == "__main__":
    sys.exit(main())
