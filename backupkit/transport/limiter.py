"""Waits before calls that AWS would throttle: one limiter for all threads of a connection, one pace an operation."""

from __future__ import annotations

import math
import random
import threading

from backupkit.errors import UnavailableError
from backupkit.transport.pace import Pace
from backupkit.transport.protocol import Clock

__all__ = ["Limiter"]

_NEVER = (0, 0.0)
_SHORTEST_SECONDS = 0.001
"""A sleep that every clock notices."""
_LOOK_SECONDS = 0.25
"""Seconds after which a call in line looks again whether it may go sooner."""


class Limiter:
    """Lets calls go at the rate at which AWS admits them; an operation that was never throttled goes as it comes.

    Args:
        clock: What waiting goes by.
        first: Seconds between calls of an operation when it is first throttled; times a random number from 0.5 to 1.5,
            so that many callers do not come back together.
        longest: Seconds between calls at most.
    """

    def __init__(self, clock: Clock, *, first: float, longest: float) -> None:
        self._clock = clock
        self._first = first
        self.longest = longest
        self._paces: dict[str, Pace] = {}
        self._lock = threading.Lock()

    def wait(self, operation: str, most: float = math.inf) -> tuple[int, float]:
        """Wait until a call may go.

        Args:
            operation: The operation.
            most: Seconds to wait at most.

        Raises:
            UnavailableError: It would go later than that.

        Returns:
            Its number, for `admitted` and `refused`, and how many seconds it has waited; 0 and 0 where the operation
            was never throttled.
        """
        pace = self._paces.get(operation)
        return _NEVER if pace is None else self._go(operation, pace, most)

    def admitted(self, operation: str, number: int) -> None:
        """Learn from a call that AWS admitted, whatever its answer."""
        if number:
            with self._lock:
                self._paces[operation].admitted()

    def refused(self, operation: str, number: int) -> None:
        """Learn from a call that AWS throttled."""
        now = self._clock.monotonic()
        with self._lock:
            pace = self._paces.get(operation)
            if pace is None:
                first = self._first * random.uniform(0.5, 1.5)  # noqa: S311 - no secret
                pace = self._paces[operation] = Pace(first, self.longest)
            pace.refused(number, now)

    def _go(self, operation: str, pace: Pace, most: float) -> tuple[int, float]:
        with self._lock:
            place = pace.place()
        slept = 0.0
        try:
            while True:
                now = self._clock.monotonic()
                with self._lock:
                    left = pace.left(place, now)
                    if left <= 0:
                        return pace.go(now), slept
                    longest = max(pace.gap(now), _LOOK_SECONDS)
                _must_go_within(most - slept, left, operation)
                pause = max(min(left, longest), _SHORTEST_SECONDS)
                self._clock.sleep(pause)
                slept += pause
        except BaseException:
            with self._lock:
                pace.leave()
            raise


def _must_go_within(most: float, left: float, operation: str) -> None:
    if left > most:
        what = f"It was throttled, and would go in {left:.1f} seconds: later than it is waited for."
        raise UnavailableError(operation, "ThrottlingException", what)
