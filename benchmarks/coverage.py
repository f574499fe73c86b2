"""CPU time of `bk.coverage`, 10,000 resources against 50 plans with 5 selections, beside one loop over all pairs.

The selections are of the kinds that people write: by tag, by tag with conditions, everything with conditions, ARNs with
wildcards and exclusions, single ARNs. The loop asks `Selector.selects` of every pair and explains nothing; coverage
reads the opt-in settings and the last points from a local service, and makes the rows. The answers are compared first.

Promised: under a second of CPU, less than the loop needs, and memory that does not grow with the number of selections:
with ten times the selections, less than a third more. The status is 1 where a promise is missed.
"""

from __future__ import annotations

import random
import sys
import time
import tracemalloc
from collections.abc import Callable

import backupkit as bk
from backupkit.insight.protections import declared_plan

RESOURCES, PLANS, ROUNDS = 10_000, 50, 5
PROMISED_SECONDS, PROMISED_GROWTH = 1.0, 1.33
ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/backup"
SHAPES = ("dynamodb:us-east-1:{}:table/t{}", "ec2:us-east-1:{}:volume/vol-{:017x}", "rds:us-east-1:{}:db:db-{}")
TEAMS = tuple(f"team-{number}" for number in range(60))

Resources = list[tuple[str, dict[str, str]]]


def resources() -> Resources:
    """Three types, tagged as a company of 60 teams tags; one in ten has no tag."""
    draw = random.Random(1)
    found: Resources = []
    for number in range(RESOURCES):
        arn = "arn:aws:" + SHAPES[number % 3].format(ACCOUNT, number)
        tags = {
            "team": draw.choice(TEAMS),
            "Environment": draw.choice(("production", "staging", "test")),
            "backup": draw.choice(("daily", "hourly", "no")),
            "Name": f"r{number}",
        }
        found.append((arn, tags if number % 10 else {}))
    return found


def plan(number: int) -> bk.Plan:
    team, table = TEAMS[number % len(TEAMS)], f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/t{number}"
    return bk.Plan(
        f"plan-{number}",
        bk.Rule("daily", "prod").scheduled(bk.Schedule.daily(at="05:00")).keep(days=35),
        bk.Rule("monthly", "prod").scheduled("cron(0 5 1 * ? *)").keep(days=365),
    ).protecting(
        bk.Selection("tag", ROLE).any_tag(team=team),
        bk.Selection("production", ROLE).any_tag(team=team).where(bk.tag("Environment").equals("production")),
        bk.Selection("everything", ROLE).where(bk.tag("team").equals(team), bk.tag("backup").like("d*")),
        bk.Selection("volumes", ROLE)
        .including(f"arn:aws:ec2:*:*:volume/vol-{number:015x}*", f"{table}0*")
        .excluding(f"arn:aws:ec2:us-east-1:{ACCOUNT}:volume/vol-00000000000000f*"),
        bk.Selection("one", ROLE).including(table),
    )


def loop(plans: list[bk.Plan], found: Resources) -> int:
    """How many resources any selection selects, by asking all of each."""
    selectors = [each.selector for plan in plans for each in declared_plan(plan)]
    return sum(bool([each for each in selectors if each.selects(arn, tags)]) for arn, tags in found)


def cpu(ask: Callable[[], object]) -> float:
    begun = time.process_time()
    ask()
    return time.process_time() - begun


def peak(ask: Callable[[], object]) -> int:
    tracemalloc.start()
    ask()
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def main() -> int:
    """Print the seconds of CPU, the ratios and the memory."""
    aws, found = bk.local(), resources()
    plans = [plan(number) for number in range(PLANS)]
    ours = len(bk.coverage(aws, plans=plans, resources=found).protected)
    if ours != loop(plans, found):
        print(f"other answers: {ours} protected, and {loop(plans, found)} by the loop")
        return 1
    taken = min(cpu(lambda: bk.coverage(aws, plans=plans, resources=found)) for _ in range(ROUNDS))
    all_pairs = min(cpu(lambda: loop(plans, found)) for _ in range(2))
    few = peak(lambda: bk.coverage(aws, plans=plans[: PLANS // 10], resources=found))
    many = peak(lambda: bk.coverage(aws, plans=plans, resources=found))
    print(f"{RESOURCES:,} resources, {PLANS} plans with 5 selections, {ours:,} protected")
    print(f"coverage        {taken:8.2f} s of CPU (promised: under {PROMISED_SECONDS:g})")
    print(f"loop over pairs {all_pairs:8.2f} s of CPU")
    print(f"ratio           {all_pairs / taken:8.1f} (promised: over 1)")
    print(f"peak memory     {many / 1e6:8.1f} MB; {many / few:.2f} times that of a tenth of the selections")
    kept = taken < PROMISED_SECONDS and all_pairs > taken and many / few < PROMISED_GROWTH
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
