"""Previewing and applying 100, 300 and 1,000 plans with 5 selections each, where every call takes 20 ms.

A stack is previewed, applied and previewed again over a local service whose calls each take 20 ms longer. One call at a
time would take 20 ms for each of the same calls and the same CPU, and is not waited for. Needed are one write for each
thing, and the reads of a preview: for each plan its tags, its document, its list of selections and each selection.

The last line throttles: the service admits 50 calls a second, and refuses what is above that.

Promised: 300 plans ten times faster than one call at a time, with at most 1.25 calls for each that is needed; 1,000
plans cost as much a plan as 100; under throttling as fast as is admitted, and no faster.

Run: ``python benchmarks/apply.py [most plans]``. The status is 1 where a promise is missed.
"""

from __future__ import annotations

import sys
import threading
import time

import attrs

import backupkit as bk
from backupkit.emulator.api import plans as plan_operations
from backupkit.emulator.service import LocalService
from backupkit.errors import UnavailableError
from backupkit.transport.idempotency import is_read
from backupkit.transport.protocol import Clock, Params, Transport
from backupkit.transport.retry import Retrying

ROLE = "arn:aws:iam::123456789012:role/backup"
SELECTIONS = 5
CALL_SECONDS = 0.02
TIMES_FASTER, CALLS_EACH, COST_EACH = 10, 1.25, 1.25
THROTTLED_PLANS, ADMITTED, MOST_REFUSED, LEAST_ADMITTED = 60, 50, 0.15, 0.8


class RealClock:
    """The time of this machine, and the day of the local service."""

    def __init__(self, inner: Clock) -> None:
        self._inner = inner

    def now(self):
        return self._inner.now()

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class Distant:
    """A service some way off: each call takes a while, and only so many are admitted in a second."""

    def __init__(self, inner: Transport, admitted: float | None = None) -> None:
        self._inner = inner
        self._lock = threading.Lock()
        self._admitted = admitted
        self._free = time.monotonic()
        self.clock = RealClock(inner.clock)
        self.region_name = inner.region_name
        self.transport = Retrying(self)
        self.reads = self.writes = self.refused = 0

    def call(self, operation: str, params: Params, /) -> bytes:
        self._admit(operation)
        time.sleep(CALL_SECONDS)
        with self._lock:
            if is_read(operation):
                self.reads += 1
            else:
                self.writes += 1
        return self._inner.call(operation, params)

    def _admit(self, operation: str) -> None:
        if self._admitted is None:
            return
        with self._lock:
            now = time.monotonic()
            self._free = max(self._free, now - 1.0)
            if self._free > now:
                self.refused += 1
                raise UnavailableError(operation, "ThrottlingException", "Rate exceeded", status=400, retryable=True)
            self._free += 1 / self._admitted


def stack(plans: int) -> bk.Stack:
    rule = bk.Rule("daily", "prod").keep(days=35)
    return bk.Stack(
        "bench",
        bk.Vault("prod"),
        *(
            bk.Plan(f"plan-{number}", rule).protecting(
                *(bk.Selection(f"selection-{each}", ROLE).any_tag(Tier=str(each)) for each in range(SELECTIONS))
            )
            for number in range(plans)
        ),
    )


@attrs.frozen
class Figures:
    plans: int
    seconds: float
    cpu: float
    calls: int
    needed: int
    refused: int

    @property
    def times_faster(self) -> float:
        return (self.calls * CALL_SECONDS + self.cpu) / self.seconds

    @property
    def calls_each(self) -> float:
        return self.calls / self.needed


def measured(plans: int, admitted: float | None = None) -> Figures:
    declared, aws = stack(plans), Distant(LocalService(), admitted)
    begin, cpu = time.perf_counter(), time.process_time()
    declared.preview(aws).apply()
    if declared.preview(aws):
        raise SystemExit("what was applied is not as declared")
    seconds, spent = time.perf_counter() - begin, time.process_time() - cpu
    things = 1 + plans * (1 + SELECTIONS)
    needed = things + plans * (3 + SELECTIONS)
    return Figures(plans, seconds, spent, aws.reads + aws.writes, needed, aws.refused)


def main() -> int:
    plan_operations.MOST_PLANS = 10_000  # AWS raises its quota of 300 when asked
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    print(" plans  seconds a plan, ms  CPU, ms   calls a needed times faster")
    found = {count: measured(count) for count in (100, 300, 1_000) if count <= most}
    for count, each in found.items():
        print(
            f"{count:>6,} {each.seconds:>8.1f} {1000 * each.seconds / count:>10.1f} {1000 * each.cpu / count:>8.1f} "
            f"{each.calls:>7,} {each.calls_each:>8.2f} {each.times_faster:>12.1f}"
        )
    slow = measured(THROTTLED_PLANS, ADMITTED)
    rate = slow.calls / slow.seconds
    print(f"throttled to {ADMITTED} calls a second: {rate:.0f} a second went through, {slow.refused:,} were refused")
    missed = [
        f"{count} plans: {each.calls_each:.2f} calls each"
        for count, each in found.items()
        if each.calls_each > CALLS_EACH
    ]
    if 300 in found and found[300].times_faster < TIMES_FASTER:
        missed.append(f"300 plans: {found[300].times_faster:.1f} times faster")
    if 1_000 in found:
        each = (found[1_000].seconds / 1_000) / (found[100].seconds / 100)
        if each > COST_EACH:
            missed.append(f"1,000 plans: {each:.2f} times what a plan of 100 costs")
    if rate < LEAST_ADMITTED * ADMITTED or slow.refused > MOST_REFUSED * slow.calls:
        missed.append(f"throttled: {rate:.0f} calls a second of {ADMITTED}, {slow.refused:,} refused")
    for line in missed:
        print(f"missed: {line}")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
