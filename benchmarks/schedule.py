"""Time per occurrence of a schedule, beside croniter, cronsim and pyawscron.

Two things are measured for each expression, with everything that a caller pays for: *iterating* reads the expression
and goes through its first occurrences from a moment in 2026 on; *one next* asks for the occurrence after each of many
moments spread over twenty years. A peer that does not know a zone or an expression is left out of that line: pyawscron
knows only UTC. All answers are compared first, in the local time of the zone.

Promised: at least 5 times less time per occurrence than the fastest peer, on every line. The floor makes the same
number of moments with one addition each. The status is 1 where a promise is missed or a peer answers otherwise.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from croniter import croniter
from cronsim import CronSim
from pyawscron import AWSCron

from backupkit.schedule import Schedule
from backupkit.schedule import value as _caches

PROMISED = 5.0
ROUNDS = 7
COUNT = 500
START = datetime(2026, 1, 1, 12, 34, 56, tzinfo=UTC)
MOMENTS = [START + timedelta(days=14.6 * number, minutes=number * 37) for number in range(COUNT)]

# Name, and the same as AWS, croniter and cronsim write it.
EXPRESSIONS = (
    ("daily", "0 5 ? * * *", "0 5 * * *", "0 5 * * *"),
    ("hourly", "15 * ? * * *", "15 * * * *", "15 * * * *"),
    ("weekdays", "30 18 ? * MON-FRI *", "30 18 * * 1-5", "30 18 * * 1-5"),
    ("monthly", "0 5 1 * ? *", "0 5 1 * *", "0 5 1 * *"),
    ("last Friday", "0 5 ? * 6L *", "0 5 * * L5", "0 5 * * 5L"),
)
ZONES = ("Etc/UTC", "Europe/Berlin")

Asked = Callable[[], Iterator[datetime | None]]


def ours(body: str, zone: str) -> tuple[Asked, Asked]:
    def fresh() -> Schedule:
        # What other rounds have read is forgotten, as in a program that starts.
        _caches._fields.cache_clear()
        _caches._timetable.cache_clear()
        return Schedule(f"cron({body})", zone)

    def iterating() -> Iterator[datetime | None]:
        return islice(fresh().between(START, START + timedelta(days=40_000)), COUNT)

    def one_next() -> Iterator[datetime | None]:
        schedule = fresh()
        return (schedule.next_after(moment) for moment in MOMENTS)

    return iterating, one_next


def of_croniter(cron: str, zone: str) -> tuple[Asked, Asked]:
    there = ZoneInfo(zone)

    def iterating() -> Iterator[datetime | None]:
        return islice(croniter(cron, START.astimezone(there), ret_type=datetime), COUNT)

    def one_next() -> Iterator[datetime | None]:
        asked = croniter(cron, START.astimezone(there))
        return (asked.get_next(datetime, start_time=moment.astimezone(there)) for moment in MOMENTS)

    return iterating, one_next


def of_cronsim(cron: str, zone: str) -> tuple[Asked, Asked]:
    there = UTC if zone == "Etc/UTC" else ZoneInfo(zone)

    def iterating() -> Iterator[datetime | None]:
        return islice(CronSim(cron, START.astimezone(there)), COUNT)

    def one_next() -> Iterator[datetime | None]:
        # It has no way to ask twice; its reading is part of each answer.
        return (next(CronSim(cron, moment.astimezone(there))) for moment in MOMENTS)

    return iterating, one_next


def of_pyawscron(body: str) -> tuple[Asked, Asked]:
    def chained() -> Iterator[datetime]:
        cron, moment = AWSCron(body), START
        while True:
            moment = cron.occurrence(moment).next()
            yield moment

    def one_next() -> Iterator[datetime | None]:
        cron = AWSCron(body)
        return (cron.occurrence(moment).next() for moment in MOMENTS)

    return lambda: islice(chained(), COUNT), one_next


def contenders(body: str, for_croniter: str, for_cronsim: str, zone: str) -> dict[str, tuple[Asked, Asked]]:
    found = {
        "backupkit": ours(body, zone),
        "croniter": of_croniter(for_croniter, zone),
        "cronsim": of_cronsim(for_cronsim, zone),
    }
    if zone == "Etc/UTC":
        found["pyawscron"] = of_pyawscron(body)
    return found


def microseconds(asked: Asked) -> float:
    """Time per occurrence of one run."""
    begun = time.perf_counter()
    number = sum(1 for _ in asked())
    return (time.perf_counter() - begun) / number * 1e6


def local_times(asked: Asked, zone: str) -> list[datetime]:
    there = ZoneInfo(zone)
    return [moment.astimezone(there).replace(tzinfo=None) for moment in asked() if moment is not None]


def differing(asked: dict[str, Asked], zone: str) -> list[str]:
    """The peers whose local times are not ours."""
    expected = local_times(asked["backupkit"], zone)
    return [name for name, its in asked.items() if local_times(its, zone) != expected]


def line(name: str, asked: dict[str, Asked]) -> float:
    """Print one line; the ratio to the fastest peer."""
    seen: dict[str, list[float]] = {each: [] for each in asked}
    for _ in range(ROUNDS):
        for each, its in asked.items():
            seen[each].append(microseconds(its))
    medians = {each: statistics.median(times) for each, times in seen.items()}
    our = medians.pop("backupkit")
    ratio = min(medians.values()) / our
    columns = "".join(f"{medians.get(peer, float('nan')):11.2f}" for peer in ("croniter", "cronsim", "pyawscron"))
    print(f"{name:42}{our:11.2f}{columns}{ratio:9.1f}x{'' if ratio >= PROMISED else '  MISSED'}")
    return ratio


def floor() -> Iterator[datetime | None]:
    """As many moments, with nothing but one addition each."""
    hour = timedelta(hours=1)
    moment = START
    for _ in range(COUNT):
        moment += hour
        yield moment


def main() -> int:
    """Print the medians, in microseconds per occurrence, and the ratios to the fastest peer."""
    names = "".join(f"{name:>11}" for name in ("backupkit", "croniter", "cronsim", "pyawscron"))
    print(f"{'microseconds per occurrence':42}{names}{'ratio':>10}")
    print(f"{'the floor':42}{statistics.median(microseconds(floor) for _ in range(ROUNDS)):11.2f}")
    ratios: list[float] = []
    for zone in ZONES:
        for name, *written in EXPRESSIONS:
            both = contenders(*written, zone)
            for way, what in enumerate(("iterating", "one next")):
                asked = {each: its[way] for each, its in both.items()}
                wrong = differing(asked, zone)
                if wrong:
                    print(f"{name}, {zone}, {what}: other answers from {', '.join(wrong)}")
                    return 1
                ratios.append(line(f"{name}, {zone}, {what}", asked))
    print(f"smallest ratio {min(ratios):.1f} (promised: {PROMISED:g})")
    return 0 if min(ratios) >= PROMISED else 1


if __name__ == "__main__":
    sys.exit(main())
