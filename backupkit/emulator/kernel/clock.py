"""The clock of the local service: it moves when told, or runs by itself, and never backwards."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from backupkit.checks import must_be_bools
from backupkit.emulator.kernel.sleeps import Sleeps
from backupkit.errors import ClockStoppedError, InvalidValueError
from backupkit.problems import Problem, quote
from backupkit.progress import bar

__all__ = ["LocalClock", "SimulatedTime", "checked_rate", "in_calendar"]

_FASTEST = 1_000_000.0
_BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)
_END = datetime(9700, 1, 1, tzinfo=UTC)
"""Where the clock ends: the longest retention, 36,500 days, counted from there must still be a date."""
_SLICE_SECONDS = 0.05
"""Real time after which a move lets others through."""
_PAUSE_SECONDS = 0.001
_FIRST_SLICE = timedelta(hours=1)
_SHORTEST_SLICE = timedelta(seconds=1)
_LONGEST_SLICE = timedelta(days=3650)
_LOOK_SECONDS = 0.25
_RECORDED_AHEAD_SECONDS = 1.0
"""Real time for which the record of a running clock is written ahead, so that not every answer waits for the disk."""


class SimulatedTime:
    """The moment that the local service is at, in UTC; nothing happens by setting it."""

    __slots__ = ("moment",)

    def __init__(self, start: datetime) -> None:
        self.moment = start.astimezone(UTC)
        """The time, for what is done millions of times; `now` returns it to all others."""

    def now(self) -> datetime:
        """Return the time, aware, in UTC."""
        return self.moment

    def reach(self, moment: datetime) -> None:
        """Set the time where ``moment`` is later."""
        self.moment = max(self.moment, moment)

    def jump(self, moment: datetime) -> None:
        """Set the time; only a saved state may go back."""
        self.moment = moment


class LocalClock:
    """Time on this machine's AWS Backup, in UTC.

    It stands still until it is moved, or runs at a rate. Everything that is due happens while it moves, in the order
    of its time. It may be used from several threads.

    Args:
        at: The moment that is moved.
        run_until: Lets everything happen that is due until a moment.
        settle: Tells others what happened, once a move has ended.
        lock: Held while anything happens.
        rate: Seconds that pass in each second; 0: it stands still.
    """

    def __init__(
        self,
        at: SimulatedTime,
        run_until: Callable[[datetime], None],
        settle: Callable[[], None],
        lock: threading.RLock,
        rate: float = 0,
    ) -> None:
        self._at = at
        self._run_until = run_until
        self._settle = settle
        self._lock = lock
        self._rate = checked_rate(rate)
        self._anchor = (at.now(), time.monotonic())
        """What the clock showed, and when in real time."""
        self._busy = False
        """Whether whoever has the lock is in the middle of something in which no time may pass."""
        self._sleeps = Sleeps()
        self._woken = threading.Condition()
        self._stops = 0
        self._targets: list[datetime] = []
        self._record: Callable[[datetime], None] | None = None
        self._recorded = at.now()

    @property
    def rate(self) -> float:
        """Seconds that pass in each second; 0: the clock stands still until it is moved."""
        return self._rate

    def set_rate(self, rate: float, /) -> None:
        """Let ``rate`` seconds pass in each second from now on; 0: stand still.

        Raises:
            InvalidValueError: It is not a number from 0 to 1,000,000.
        """
        found = checked_rate(rate)
        with self._lock:
            self._catch_up()
            self._rate = found
            self.anchor()

    @property
    def moving_until(self) -> datetime | None:
        """Where moves that are under way lead; None: there are none."""
        with self._woken:
            return max(self._targets, default=None)

    def now(self) -> datetime:
        """Return the time, aware, in UTC. On a running clock, what is due until then happens first."""
        if self._rate:
            with self._lock:
                self.catch_up()
        return self._at.now()

    def monotonic(self) -> float:
        """Return the seconds that this clock shows; of two readings only the difference means something."""
        return self.now().timestamp()

    def sleep(self, seconds: float) -> None:
        """Let ``seconds`` pass: what is due in them happens.

        A clock that stands still is moved at once, and sleeps of several threads overlap. A clock that runs is waited
        for.

        Raises:
            InvalidValueError: ``seconds`` is negative, not a number, or leads beyond the year 9699.
            ClockStoppedError: `stop` was called before the end.
        """
        end = self._after(timedelta_of(seconds=seconds))
        if not self._rate:
            self._sleeps.sleep(end, self._at.now, self._sleep_until)
            return
        while (left := (end - self.now()).total_seconds()) > 0:
            with self._woken:
                # Whoever moves the clock wakes this; whoever does it just before is seen a little later.
                self._woken.wait(min(left / self._rate, _LOOK_SECONDS) if self._rate else _LOOK_SECONDS)

    def _sleep_until(self, end: datetime) -> None:
        self._move(end, progress=False)

    def advance(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0, progress: bool = False
    ) -> None:
        """Move forward; schedules fire, jobs run, points age on the way.

        Long moves let other threads call in between. `stop` ends them.

        Args:
            days: Added to the others, as all are.
            hours: As days.
            minutes: As days.
            seconds: As days.
            progress: Whether to draw a bar.

        Raises:
            InvalidValueError: The sum is negative, not a number, or leads beyond the year 9699.
            ClockStoppedError: `stop` was called before the end.
        """
        must_be_bools("clock", progress=progress)
        span = timedelta_of(days=days, hours=hours, minutes=minutes, seconds=seconds)
        self._move(self._after(span), progress=progress)

    def until(self, moment: datetime, *, progress: bool = False) -> None:
        """Move forward to ``moment``, an aware time.

        Raises:
            InvalidValueError: ``moment`` is naive, earlier than now, or beyond the year 9699.
            ClockStoppedError: `stop` was called before the end.
        """
        must_be_bools("clock", progress=progress)
        if not isinstance(moment, datetime) or moment.tzinfo is None:
            raise InvalidValueError(Problem("clock", f"{quote(moment)} has no time zone", "give an aware datetime"))
        try:
            end = moment.astimezone(UTC)
        except OverflowError:
            raise _too_far(f"{moment} is not a moment in UTC") from None
        self._move(_forward(self.now(), end), progress=progress)

    def stop(self) -> bool:
        """End all moves that are under way, in other threads, where they are; they raise `ClockStoppedError`.

        Returns:
            Whether there were any.
        """
        with self._woken:
            self._stops += 1
            return bool(self._targets)

    def advance_within_call(self, seconds: float) -> None:
        """Let ``seconds`` pass in the middle of a call; the lock is held by the caller."""
        self._run(self._at.now() + timedelta_of(seconds=seconds))

    def _after(self, span: timedelta) -> datetime:
        now = self.now()
        try:
            return _forward(now, now + span)
        except OverflowError:
            raise _too_far("date value out of range") from None

    def _move(self, end: datetime, *, progress: bool) -> None:
        """Move in slices that leave the lock to others, until the clock shows ``end`` or later."""
        with self._woken:
            stops = self._stops
            self._targets.append(end)
        began = self._at.now()
        try:
            with bar("clock", total=max((end - began).total_seconds(), 1.0), visible=progress) as report:
                for reached in self._slices(end, stops):
                    report((reached - began).total_seconds(), f"{reached:%Y-%m-%d %H:%M}")
        finally:
            with self._woken:
                self._targets.remove(end)
                self._woken.notify_all()

    def _slices(self, end: datetime, stops: int) -> Iterator[datetime]:
        """Move to ``end`` slice by slice; yield what was reached by each, while others may call."""
        span = _FIRST_SLICE
        with self._lock:
            # Before anything happens: what cannot be recorded is not done.
            self._recording(self._at.now())
        reached, paused = self._at.now(), time.monotonic()
        while True:
            began = time.monotonic()
            with self._lock:
                now = self._at.now()
                if self._stops != stops:
                    raise ClockStoppedError(now, end)
                reached = self._run(now + min(span, end - now) if now < end else now)
                if reached >= end:
                    self._settle()
            yield reached
            if reached >= end:
                return
            ended = time.monotonic()
            short = ended - began < _SLICE_SECONDS / 2
            span = min(span * 2, _LONGEST_SLICE) if short else max(span / 2, _SHORTEST_SLICE)
            if ended - paused > _SLICE_SECONDS and threading.active_count() > 1:
                # A lock that is let go and taken again at once never reaches those who wait for it.
                time.sleep(_PAUSE_SECONDS)
                paused = time.monotonic()

    def _run(self, moment: datetime) -> datetime:
        """Let happen what is due until ``moment``; the lock is held."""
        before, self._busy = self._busy, True
        try:
            self._run_until(moment)
            self._at.reach(moment)
        finally:
            self._busy = before
            self.anchor()
        self._recording(moment)
        return self._at.now()

    def catch_up(self) -> None:
        """Let happen what became due while a running clock ran; the lock is held by the caller.

        Where this machine cannot keep up with the rate, the clock runs slower.
        """
        if self._rate and not self._busy:
            self._catch_up()
            if self._record is not None and self._at.now() > self._recorded:
                self._recording(_later(self._at.now(), self._rate * _RECORDED_AHEAD_SECONDS))

    def _catch_up(self) -> None:
        if not self._rate or self._busy:
            return
        moment, since = self._anchor
        began = time.monotonic()
        end, span = _later(moment, (began - since) * self._rate), _FIRST_SLICE
        self._busy = True
        try:
            while (now := self._at.now()) < end and time.monotonic() - began <= max(began - since, 1.0):
                self._run_until(now + min(span, end - now))
                self._at.reach(now + min(span, end - now))
            if self._at.now() < end:
                self.anchor()
            self._settle()
        finally:
            self._busy = False

    def keep_up(self) -> None:
        """Let happen what became due while a running clock ran, though nobody asked."""
        if self._rate:
            with self._lock:
                self._catch_up()

    @contextlib.contextmanager
    def frozen(self) -> Iterator[datetime]:
        """Hold the lock, and let no time pass in the block; yield the moment."""
        with self._lock:
            self.catch_up()
            before, self._busy = self._busy, True
            try:
                yield self._at.now()
            finally:
                self._busy = before

    def anchor(self) -> None:
        """Run on from the present moment; the lock is held by the caller."""
        self._anchor = (self._at.now(), time.monotonic())

    def went_back(self) -> None:
        """Run on from a moment that a saved state has set, and end moves; the lock is held by the caller."""
        self.stop()
        self.anchor()
        self._recorded = self._at.now()
        if self._record is not None:
            self._record(self._recorded)

    def recorded_by(self, record: Callable[[datetime], None]) -> None:
        """Call ``record`` with what the clock has reached, before anybody is told of it; the lock is then held.

        A running clock is recorded up to a second of real time ahead.
        """
        self._record, self._recorded = record, self._at.now()

    def recorded(self) -> None:
        """Take note that what the clock shows was recorded, and nothing ahead of it; the lock is held by the caller."""
        self._recorded = self._at.now()

    def _recording(self, moment: datetime) -> None:
        if self._record is not None:
            self._record(max(moment, self._recorded))
            self._recorded = max(moment, self._recorded)


def in_calendar(moment: datetime) -> bool:
    """Whether a clock can show ``moment``: what is counted back and on from it must be dates, too."""
    return _BEGINNING <= moment <= _END


def checked_rate(rate: object) -> float:
    """Return ``rate`` where a clock can run at it.

    Raises:
        InvalidValueError: It is not a number from 0 to 1,000,000.
    """
    if isinstance(rate, bool) or not isinstance(rate, (int, float)) or not 0 <= rate <= _FASTEST:
        raise InvalidValueError(
            Problem(
                "clock_rate",
                f"{quote(rate)} is not a number of seconds from 0 to 1,000,000",
                "give the seconds that pass in each second, for example 60; 0: it stands still",
            )
        )
    return float(rate)


def timedelta_of(*, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> timedelta:
    """Return the sum.

    Raises:
        InvalidValueError: It is not a number, or is longer than a timedelta.
    """
    try:
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    except TypeError:
        wrong = next(each for each in (days, hours, minutes, seconds) if not isinstance(each, (int, float)))
        raise InvalidValueError(Problem("clock", f"{quote(wrong)} is not a number", "write advance(days=1)")) from None
    except (ValueError, OverflowError):
        raise _too_far("a move is a number below 1,000,000,000 days") from None


def _too_far(why: str) -> InvalidValueError:
    return InvalidValueError(Problem("clock", f"cannot move so far, the calendar ends: {why}", "give smaller numbers"))


def _forward(now: datetime, moment: datetime) -> datetime:
    if moment < now:
        raise InvalidValueError(
            Problem(
                "clock",
                f"{moment} is before {now}: the clock never moves backwards",
                "save the state first and load it again",
            )
        )
    if moment > _END:
        raise _too_far(f"{moment} is after its last year, {_END.year - 1}")
    return moment


def _later(moment: datetime, seconds: float) -> datetime:
    try:
        return min(moment + timedelta(seconds=seconds), _END)
    except OverflowError:
        return _END
