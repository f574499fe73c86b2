"""The clock of the local service: it moves when told, and never backwards."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from backupkit.declare.fields import shown
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem

__all__ = ["LocalClock"]


class LocalClock:
    """Time on this machine's AWS Backup, in UTC.

    Everything that is due happens while the clock moves, in the order of its time.
    """

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)
        self._run_until: Callable[[datetime], None] | None = None
        self._lock = threading.RLock()

    def driven_by(self, run_until: Callable[[datetime], None], lock: threading.RLock) -> None:
        """Let ``run_until`` make what is due happen, moving this clock with `jump` as it goes, under ``lock``."""
        self._run_until = run_until
        self._lock = lock

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Let ``seconds`` pass: what is due in them happens."""
        self.advance(seconds=seconds)

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Move forward; schedules fire, jobs run, points age on the way.

        Raises:
            InvalidValueError: The sum is negative, no number, or leads beyond the year 9999.
        """
        with self._lock:
            try:
                moment = self._now + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
            except (TypeError, ValueError, OverflowError) as error:
                raise InvalidValueError(
                    Problem("clock", f"cannot move so far, the calendar ends: {error}", "give smaller numbers")
                ) from None
            self.until(moment)

    def until(self, moment: datetime) -> None:
        """Move forward to ``moment``, an aware time.

        Raises:
            InvalidValueError: ``moment`` is naive, or earlier than now.
        """
        if not isinstance(moment, datetime) or moment.tzinfo is None:
            raise InvalidValueError(Problem("clock", f"{shown(moment)} has no time zone", "give an aware datetime"))
        with self._lock:
            self._forward(moment.astimezone(UTC))

    def _forward(self, moment: datetime) -> None:
        if moment < self._now:
            raise InvalidValueError(
                Problem(
                    "clock",
                    f"{moment} is before {self._now}: the clock never moves backwards",
                    "take a snapshot first and restore it",
                )
            )
        if self._run_until is not None:
            self._run_until(moment)
        self._now = max(self._now, moment)

    def reach(self, moment: datetime) -> None:
        """Set the time without letting anything happen, where it is later; for the agenda alone."""
        self._now = max(self._now, moment)

    def jump(self, moment: datetime) -> None:
        """Set the time without letting anything happen; only a snapshot may go back."""
        self._now = moment
