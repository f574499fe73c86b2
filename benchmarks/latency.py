"""Listing 1,000,000 points of a vault where every page takes 150 ms: side by side, and page after page.

A server in a process of its own answers ListRecoveryPointsByBackupVault over loopback with pages of 1,000, the newest
points first, and waits 150 ms before each. The points are of 2,000 resources that are backed up every hour; their
backups begin within the first ten minutes of it. With every page a point is deleted somewhere, and one is made. Both
ways are backupkit's own, typed records out: ``aws.recovery_points()``, and the same pages one after another.

Promised: at least eight times faster, each point that stays exactly once and none twice, no more pages in memory than
are read at once, and for a vault of 1,500 points two calls.

Run: ``python benchmarks/latency.py [points]``. The status is 1 where a promise is missed.
"""

from __future__ import annotations

import bisect
import json
import random
import resource
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

from listing import ITEM, said, started

POINTS, PAGE, SECONDS, RESOURCES, SMALL = 1_000_000, 1_000, 0.15, 2_000, 1_500
TIMES = 8
GROWN_BYTES = 160 * 2**20
NEWEST = 1_767_225_600.0

# ---- the server ----


def created(number: int) -> float:
    """When a point was made; the lower its number, the later."""
    hours, place = divmod(number, RESOURCES)
    return NEWEST - 3600 * hours - 0.3 * place


class Points:
    """The points of a vault, newest first; those that are made meanwhile have numbers below 0."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.calls = 0
        self.gone: set[int] = set()
        self.made = 0
        self._dice = random.Random(1)
        self._lock = threading.Lock()

    def page(self, query: dict[str, list[str]]) -> tuple[list[int], int | None]:
        """The numbers on a page, and where the next one begins."""
        with self._lock:
            self.calls += 1
            first = -self.made
            if "createdBefore" in query:
                first = self._first_below(moment(query["createdBefore"][0]))
            last = self._first_below(moment(query["createdAfter"][0])) if "createdAfter" in query else self.count
            at, found = int(query["nextToken"][0]) if "nextToken" in query else first, []
            while at < last and len(found) < PAGE:
                if at not in self.gone:
                    found.append(at)
                at += 1
            self.gone.add(self._dice.randrange(self.count))
            self.made += 1
            return found, at if at < last else None

    def _first_below(self, limit: float) -> int:
        return bisect.bisect_right(range(self.count), -limit, key=lambda number: -created(number))


def moment(text: str) -> float:
    return datetime.fromisoformat(text).astimezone(UTC).timestamp()


def serve(count: int) -> None:
    """Answer until the process is ended; the port is the first line of the output."""
    vaults: dict[str, Points] = {}
    before, _, rest = json.dumps({**ITEM, "CreationDate": "MOMENT"}).partition("NUMBER")
    between, _, after = rest.partition('"MOMENT"')

    def body(numbers: list[int], token: int | None) -> bytes:
        items = ", ".join([f"{before}{number}{between}{created(number):.3f}{after}" for number in numbers])
        following = f', "NextToken": "{token}"' if token is not None else ""
        return f'{{"RecoveryPoints": [{items}]{following}}}'.encode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            name = url.path.split("/")[2]
            points = vaults.setdefault(name, Points(SMALL if name.startswith("small") else count))
            if url.path.endswith("/seen"):
                self._send(json.dumps({"calls": points.calls, "gone": sorted(points.gone)}).encode())
                return
            began = time.monotonic()
            numbers, token = points.page(parse_qs(url.query))
            answer = body(numbers, token)
            time.sleep(max(0.0, began + SECONDS - time.monotonic()))
            self._send(answer)

        def _send(self, answer: bytes) -> None:
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()


# ---- the two ways ----


def side_by_side(aws: Any, vault: str) -> Iterator[Any]:
    return iter(aws.recovery_points(vault=vault))


def one_by_one(aws: Any, vault: str) -> Iterator[Any]:
    from backupkit import RecoveryPoint
    from backupkit.transport.paging import listed

    return listed(aws.transport, "ListRecoveryPointsByBackupVault", RecoveryPoint, {"BackupVaultName": vault})


WAYS: dict[str, Callable[[Any, str], Iterator[Any]]] = {"side by side": side_by_side, "page after page": one_by_one}


def run_client(way: str, url: str, vault: str) -> None:
    """List a vault, and print what it took and what was seen as JSON."""
    import backupkit as bk

    with bk.connect(endpoint_url=url) as aws:
        sum(1 for _ in one_by_one(aws, "small-warm"))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        cpu, began = time.process_time(), time.perf_counter()
        numbers = [int(point.recovery_point_arn.rpartition("snap-")[2]) for point in WAYS[way](aws, vault)]
        seconds = time.perf_counter() - began
    cpu = time.process_time() - cpu
    # The numbers themselves are not the list's.
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 - 40 * len(numbers)
    with urlopen(f"{url}/backup-vaults/{vault}/seen") as answer:
        server = json.load(answer)
    counts: dict[int, int] = dict.fromkeys(numbers, 0)
    missing = set(range(SMALL if vault.startswith("small") else max(numbers) + 1)) - counts.keys() - set(server["gone"])
    result = {
        "seconds": seconds,
        "cpu": cpu,
        "grown": grown,
        "seen": len(numbers),
        "last": max(numbers),
        "twice": len(numbers) - len(counts),
        "missing": len(missing),
        "calls": server["calls"],
    }
    print(json.dumps(result), flush=True)


def main() -> int:
    """Run both ways, print the table, and say whether the promises are kept."""
    points = int(sys.argv[1]) if len(sys.argv) > 1 else POINTS
    found = {}
    with started("--serve", str(points)) as server:
        url = f"http://127.0.0.1:{said(server)}"
        try:
            print(f"{points:,} points, {PAGE:,} a page, {SECONDS * 1000:.0f} ms a page")
            print(f"{'':26}{'seconds':>9}{'calls':>8}{'points':>11}{'twice':>7}{'missing':>9}{'CPU, s':>8}{'MiB':>6}")
            for way, vault in (
                *((way, f"large-{number}") for number, way in enumerate(WAYS)),
                ("side by side", "small"),
            ):
                with started("--client", way, url, vault) as client:
                    one = found[way, vault[:5]] = json.loads(said(client))
                name = f"{way}, {SMALL:,} points" if vault == "small" else way
                print(
                    f"{name:26}{one['seconds']:9.2f}{one['calls']:8,}{one['seen']:11,}{one['twice']:7,}"
                    f"{one['missing']:9,}{one['cpu']:8.1f}{one['grown'] / 2**20:6.0f}",
                    flush=True,
                )
        finally:
            server.terminate()
            server.communicate()
    ours, slow, small = (
        found[key] for key in (("side by side", "large"), ("page after page", "large"), ("side by side", "small"))
    )
    times = slow["seconds"] / ours["seconds"]
    print(f"{times:.1f} times faster; {ours['calls'] * PAGE / points:.2f} calls for a page's worth of points")
    missed = [] if times >= TIMES else [f"less than {TIMES} times faster"]
    missed += [
        f"{one['twice']} points twice, {one['missing']} missing"
        for one in found.values()
        if one["twice"] or one["missing"]
    ]
    missed += [] if ours["last"] >= points - PAGE else ["the oldest points are missing"]
    missed += [] if small["calls"] == 2 else [f"{small['calls']} calls for a small vault"]
    missed += [] if ours["grown"] <= GROWN_BYTES else [f"memory grew by {ours['grown'] / 2**20:.0f} MiB"]
    for promise in missed:
        print(f"MISSED {promise}")
    return int(bool(missed))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--serve", points]:
            serve(int(points))
        case ["--client", way, url, vault]:
            run_client(way, url, vault)
        case _:
            sys.exit(main())
