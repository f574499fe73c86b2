"""The pace at which AWS admits calls of one operation, learned from the calls that it throttles.

AWS throttles by token buckets: tokens come at a rate, a call takes one, and a call that finds none is refused. So the
bucket is empty at the moment of a refusal, and between two refusals as many calls were admitted as tokens came: calls
divided by seconds is the rate itself, not a guess at it. Calls then go a little faster than that rate, and faster with
each one that is admitted, so that a rate that rises is found. Going too fast costs calls that are refused, going too
slowly costs calls that would have been admitted: what is not known is tried fast.

`tests/properties/test_limiter_laws.py` has a model of AWS's side, with which the numbers were chosen.
"""

from __future__ import annotations

from collections import deque

import attrs

__all__ = ["Pace"]

_MARKS = 16
"""Refusals that the rate is taken from. When it falls, refusals are many, and the old ones are soon out."""
_ABOVE = 1.003
"""How much faster than the rate calls go at first."""
_DOUBLED_AFTER = 40
"""Admitted calls in a row and seconds without a refusal after which the pace is twice the rate; it grows with the third
power of their sum."""
_SURER = 10
"""How much later it is for each refusal that the rate is taken from: what is well known is left less quickly."""
_LATE_SECONDS = 0.5
"""A call that goes so much later than it might have gone was not waiting: nobody calls faster."""


@attrs.define(eq=False)
class Pace:
    """When calls of one operation go; knows no clock, and is not locked.

    Args:
        interval: Seconds between two calls, until more is known.
        longest: Seconds between two calls at most.
    """

    interval: float
    longest: float
    _next: float = float("-inf")
    """When the first call in line may go. Where that is long ago, many may go at once: the bucket has filled."""
    _places: int = 0
    """How many calls have got a place in line."""
    _gone: int = 0
    _old: int = 0
    """How many calls had gone at the last refusal; that of one of these is not news."""
    _admitted: int = 0
    _in_a_row: int = 0
    """Calls admitted since the last refusal."""
    _refused: float = 0.0
    """When the last refusal came."""
    _measured: bool = False
    """Whether the interval was measured; otherwise each call that is admitted halves it."""
    _marks: deque[tuple[float, int]] = attrs.field(factory=lambda: deque(maxlen=_MARKS))
    """The moments of refusals, each with how many calls had been admitted until then."""

    def gap(self, now: float) -> float:
        """Return the seconds between two calls now."""
        if not self._measured:
            return self._interval() / 2.0 ** min(self._in_a_row, 60)
        good = self._in_a_row + max(0.0, now - self._refused)
        return self._interval() / (_ABOVE + (good / (_DOUBLED_AFTER + _SURER * len(self._marks))) ** 3)

    def place(self) -> int:
        """Take the next place in line."""
        self._places += 1
        return self._places

    def leave(self) -> None:
        """Give a place in line up."""
        self._gone += 1

    def left(self, place: int, now: float) -> float:
        """Return the seconds until the call with that place may go; 0 or less: now."""
        # A clock that was set back, as by a saved state, must not hold calls up.
        self._next = min(self._next, now + self.longest)
        return self._next + (place - 1 - self._gone) * self.gap(now) - now

    def go(self, now: float) -> int:
        """Let a call go, and return its number."""
        if now - self._next > max(_LATE_SECONDS, 4 * self.gap(now)):
            # The bucket may have run over: what is admitted meanwhile is less than the rate.
            self._marks.clear()
        self._gone += 1
        self._next += self.gap(now)
        return self._gone

    def admitted(self) -> None:
        """Take note that a call was admitted."""
        self._admitted += 1
        self._in_a_row += 1

    def refused(self, number: int, now: float) -> None:
        """Take note that the call of that number was refused; 0: one that went before there was a pace."""
        if number <= self._old and self._marks:
            return
        self._old, self._in_a_row, self._refused = self._gone, 0, now
        if self._marks and self._marks[-1][1] == self._admitted:
            self._back_off(now - self._marks[-1][0])
        else:
            self._marks.append((now, self._admitted))
            self._measure(now)
        self._next = now + self._interval()

    def _measure(self, now: float) -> None:
        # Half a call more than was seen: a bucket that refuses may hold a part of a token.
        seen = [(self._admitted - count + 0.5, now - moment) for moment, count in self._marks if moment < now]
        if seen:
            self.interval, self._measured = min(seconds / calls for calls, seconds in seen), True

    def _back_off(self, empty: float) -> None:
        """Wait as long again: not one token has come in so many seconds since the last refusal."""
        if empty > self.interval:
            self.interval, self._measured = empty, False
            self._marks = deque([self._marks[-1]], maxlen=_MARKS)

    def _interval(self) -> float:
        return min(self.interval, self.longest)
