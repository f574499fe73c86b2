"""Calls and CPU time of waiting for 1 to 10,000 jobs, beside a loop that describes each job in every look.

All jobs of a line are backups that were started within the same minute in a local service; in the last line three are
waited for in the midst of 50,000. Both ways look at the same moments of the service's clock, so that the looks are as
many. Time is CPU of this process, the service's own part included; over a network each call takes some 30 ms besides.

Promised: never more calls than one description for each job and look, and at most a fiftieth of them for 1,000 jobs.

Run: ``python benchmarks/waiting.py [most jobs]``. The status is 1 where a promise is missed.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

import backupkit as bk
from backupkit.connection import Connection
from backupkit.transport.protocol import Clock, Params, Transport

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
ROLE = "arn:aws:iam::123456789012:role/backup"
POLLING = bk.Polling(first=10, most=30, per_call=0)
COUNTS = (1, 3, 4, 10, 100, 1_000, 10_000)
AMONG = 50_000
TIMES_LESS = 50


class Counting:
    """Passes calls on and counts them."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.calls = 0

    @property
    def region_name(self) -> str:
        """The Region that answers."""
        return self._transport.region_name

    @property
    def clock(self) -> Clock:
        """The clock of the transport within."""
        return self._transport.clock

    def call(self, operation: str, params: Params, /) -> bytes:
        """As `Transport.call`."""
        self.calls += 1
        return self._transport.call(operation, params)


def opened(count: int) -> bk.Connection:
    """A service in which that many backups have just been started."""
    aws = bk.local()
    aws.call("CreateBackupVault", BackupVaultName="prod")
    for number in range(count):
        aws.resources.add(f"{TABLE}-{number}", size_bytes=1_000_000)
        aws.back_up(f"{TABLE}-{number}", vault="prod", role=ROLE)
    return aws


def together(jobs: Sequence[bk.BackupJob]) -> None:
    """Wait as backupkit does."""
    if len(bk.wait_all(jobs, polling=POLLING).completed) != len(jobs):
        raise SystemExit("some jobs did not complete")


def one_by_one(jobs: Sequence[bk.BackupJob]) -> None:
    """Wait as a loop by hand does."""
    pending = list(jobs)
    for pause in POLLING.pauses():
        pending = [job for job in (each.refresh() for each in pending) if not job.ended]
        if not pending:
            return
        jobs[0].clock.sleep(pause)


def measured(count: int, of: int) -> list[tuple[int, float]]:
    """The calls and the seconds of both ways."""
    found = []
    for way in (together, one_by_one):
        counting = Counting(opened(of).transport)
        every = list(Connection(counting).backup_jobs())
        jobs = every[:: max(1, of // count)][:count]
        counting.calls, began = 0, time.process_time()
        way(jobs)
        found.append((counting.calls, time.process_time() - began))
    return found


def main(most: int) -> int:
    """Print the lines; 1 where a promise is missed."""
    print(f"{'jobs':>7} {'among':>7} {'calls':>8} {'seconds':>8} {'described':>10} {'seconds':>8} {'times less':>11}")
    missed = False
    for count, of in [*((count, count) for count in COUNTS if count <= most), (3, min(AMONG, most * 5))]:
        (calls, seconds), (each, seconds_each) = measured(count, of)
        print(
            f"{count:>7,} {of:>7,} {calls:>8,} {seconds:>8.2f} {each:>10,} {seconds_each:>8.2f} {each / calls:>11.1f}"
        )
        missed = missed or calls > each or (count == 1_000 and calls * TIMES_LESS > each)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else COUNTS[-1]))
