"""Sleeps of several threads on one clock that stands still: they overlap, as they would on a wall clock."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from datetime import datetime
from weakref import WeakSet

__all__ = ["Sleeps"]

_TICK_SECONDS = 0.005
_QUIET_TICKS = 5
"""So many ticks without a newcomer: whoever is awake does something else than to go to sleep."""


class Sleeps:
    """Lets the clock move to the earliest end of all sleeps, once every thread that may sleep sleeps.

    A thread that sleeps alone never waits. Where others have used the clock, a sleep gives them up to 25 ms of real
    time to go to sleep as well; each short wait counts as one, however late it ends, so that a busy machine does not
    part what belongs together.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._ends: dict[int, datetime] = {}
        """When each sleep that is under way ends."""
        self._numbers = itertools.count()
        self._threads: WeakSet[threading.Thread] = WeakSet()
        """Threads that have used the clock."""
        self.join()

    def join(self) -> None:
        """Count the present thread among those that may sleep."""
        self._threads.add(threading.current_thread())

    def sleep(self, end: datetime, now: Callable[[], datetime], move: Callable[[datetime], None]) -> None:
        """Return when ``now()`` is at least ``end``; ``move`` moves the clock where nobody else does."""
        with self._changed:
            self.join()
            number = next(self._numbers)
            self._ends[number] = end
            self._changed.notify_all()
        try:
            while now() < end:
                if self._first(end, now):
                    move(end)
        finally:
            with self._changed:
                del self._ends[number]
                self._changed.notify_all()

    def _first(self, end: datetime, now: Callable[[], datetime]) -> bool:
        """Wait until it is this sleep's turn to move the clock (True), or until that may have been done (False)."""
        quiet = 0
        with self._changed:
            while quiet < _QUIET_TICKS and self._awake():
                quiet = 0 if self._changed.wait(_TICK_SECONDS) else quiet + 1
                if now() >= end:
                    return False
            if end > min(self._ends.values()):
                self._changed.wait(_TICK_SECONDS)
                return False
            return True

    def _awake(self) -> bool:
        return sum(thread.is_alive() for thread in self._threads) > len(self._ends)
