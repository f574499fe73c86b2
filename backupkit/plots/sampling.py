"""What there is at moments that lie evenly: for pictures of more things than a picture has room for."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import accumulate

__all__ = ["evenly", "levels"]

_STEPS = (
    *(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30)),
    *(timedelta(hours=hours) for hours in (1, 2, 3, 6, 12)),
    *(timedelta(days=days) for days in (1, 2, 7, 14, 28, 56, 91, 182, 364)),
)


def evenly(first: datetime, last: datetime, most: int) -> list[datetime]:
    """Return moments from ``first`` to ``last`` or later, at most ``most`` + 2, in steps as people take them."""
    span = last - first
    step = next((each for each in _STEPS if span / each <= most), span / most)
    return [first + number * step for number in range(int(span / step) + 2)]


def levels(spans: Iterable[tuple[datetime, datetime | None, float]], moments: list[datetime]) -> list[float]:
    """Return how much there is at each moment.

    Args:
        spans: From when to when (None: forever) how much of it is there; the end itself is not.
        moments: In their order.
    """
    steps = [0.0] * (len(moments) + 1)
    for since, until, amount in spans:
        steps[bisect_left(moments, since)] += amount
        if until is not None:
            steps[bisect_left(moments, max(since, until))] -= amount
    return list(accumulate(steps))[:-1]
