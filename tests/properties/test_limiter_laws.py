"""Laws of the limiter, against a model of AWS's side: buckets of tokens, many callers, and answers that take time."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Generator
from itertools import count

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backupkit.transport.pace import Pace

LONGEST = 20.0


@attrs.define(eq=False)
class Model:
    """Callers that call one operation without end, each when its turn has come, and a bucket that admits them."""

    rate: Callable[[float], float]
    burst: float
    callers: int = 16
    latency: float = 0.05
    seed: int = 0
    pace: Pace = attrs.field(factory=lambda: Pace(0.1, LONGEST))
    limited: bool = False
    admitted: list[float] = attrs.field(factory=list)
    refused: list[float] = attrs.field(factory=list)
    asleep: tuple[float, float] = (float("inf"), float("inf"))
    """From when until when nobody calls, or only some do."""
    awake: int = 0
    """How many callers call meanwhile."""

    _tokens: float = 0.0
    _moment: float = 0.0

    def run(self, seconds: float) -> Model:
        """Let time pass; the moments of calls are in ``admitted`` and ``refused``."""
        dice, numbers = random.Random(self.seed), count()
        self._tokens = self.burst
        due: list[tuple[float, int, Generator[float, float, None]]] = []
        for number in range(self.callers):
            caller = self._calling(dice, sleeps=number >= self.awake)
            heapq.heappush(due, (next(caller), next(numbers), caller))
        while due[0][0] < seconds:
            now, _, caller = heapq.heappop(due)
            heapq.heappush(due, (caller.send(now), next(numbers), caller))
        return self

    def _calling(self, dice: random.Random, *, sleeps: bool) -> Generator[float, float, None]:
        """One caller: says when it goes on, and is told the time when it does."""
        now = yield dice.random() / 100
        while True:
            number = 0
            if self.limited:
                place = self.pace.place()
                while (left := self.pace.left(place, now)) > 0:
                    # Threads wake a little late.
                    now = yield now + min(left, max(self.pace.gap(now), 0.25)) + 0.0005 * dice.random()
                number = self.pace.go(now)
            now = yield now + self.latency / 2 * (1 + 0.2 * dice.random())
            taken = self._arrive(now)
            now = yield now + self.latency / 2 * (1 + 0.2 * dice.random())
            if not taken:
                self.limited = True
                self.pace.refused(number, now)
            elif number:
                self.pace.admitted()
            if sleeps and self.asleep[0] <= now < self.asleep[1]:
                now = yield self.asleep[1]

    def _arrive(self, now: float) -> bool:
        """Take a token for a call where there is one."""
        self._tokens = min(self.burst, self._tokens + self.rate(now) * (now - self._moment))
        self._moment, taken = now, self._tokens >= 1
        self._tokens -= taken
        (self.admitted if taken else self.refused).append(now)
        return taken

    def between(self, start: float, end: float) -> float:
        """Calls admitted a second."""
        return sum(start <= moment < end for moment in self.admitted) / (end - start)


rates = st.one_of(
    st.sampled_from([0.1, 0.5, 1.0, 20.0, 200.0]), st.floats(0.08, 250.0, allow_nan=False, allow_infinity=False)
)


@settings(max_examples=30, deadline=None)
@given(rates, st.floats(1.0, 4.0), st.integers(0, 99))
def test_calls_go_at_the_rate_at_which_they_are_admitted(rate, burst, seed):
    """From one call in twelve seconds to hundreds a second, 95 of 100 that AWS would admit are made."""
    bucket, seconds = max(2.5, burst * rate), max(40.0, 200 / rate)
    # As many callers as a rate needs whose answers take 50 ms.
    model = Model(lambda _: rate, bucket, callers=16 if rate < 150 else 32, seed=seed).run(seconds)
    assert len(model.admitted) >= 0.95 * (bucket + rate * seconds)
    assert len(model.refused) <= 40 + 0.15 * len(model.admitted)


@settings(max_examples=12, deadline=None)
@given(st.sampled_from([1, 2, 8, 64]), st.sampled_from([0.005, 0.05, 0.2]), st.integers(0, 99))
def test_many_or_few_callers_near_or_far_find_the_same_rate(callers, latency, seed):
    """What is asked for is the rate, or as many as the callers can make."""
    rate = min(20.0, callers / latency / 2)
    model = Model(lambda _: rate, rate, callers=callers, latency=latency, seed=seed).run(60)
    assert len(model.admitted) >= 0.95 * (rate + rate * 60)


@pytest.mark.parametrize(("before", "after"), [(20, 200), (200, 5), (20, 0.5), (200, 0.5), (0.5, 5), (5, 100)])
def test_a_rate_that_changes_is_found_again(before, after):
    """Whether more is admitted or less, and without calls that are refused forever."""
    turn = 60.0
    model = Model(lambda now: before if now < turn else after, 20).run(turn + 400)
    found = turn + max(60, 60 / min(before, after))
    assert 0.95 * after <= model.between(found, turn + 400) <= 1.05 * after + 0.1
    late = [moment for moment in model.refused if moment >= found]
    assert len(late) <= 0.15 * after * (turn + 400 - found) + 10


def test_what_a_bucket_has_gathered_meanwhile_is_used():
    """After a pause calls go as fast as they come, until the bucket is empty; the rate is still known then."""
    model = Model(lambda _: 20, 200, asleep=(60.0, 90.0)).run(150)
    # 100 tokens above the rate are in the bucket at 90.
    assert model.between(90, 95) >= 0.95 * (20 + 200 / 5)
    assert model.between(100, 150) >= 0.95 * 20
    assert sum(moment >= 90 for moment in model.refused) <= 32 + 0.15 * 20 * 60


def test_what_one_slow_caller_is_admitted_is_not_taken_for_the_rate():
    """While calls come more slowly than they are admitted, nothing is learned about the rate, and nothing forgotten."""
    model = Model(lambda _: 20, 20, latency=0.4, asleep=(60.0, 400.0), awake=1).run(440)
    assert model.between(100, 400) <= 2.5
    assert model.between(401, 440) >= 0.95 * 20


def test_nobody_waits_where_calls_come_slower_than_they_are_admitted():
    """One caller that is slower than the rate goes as it comes, also when it was throttled before."""
    model = Model(lambda now: 1 if now < 20 else 100, 5, callers=1, latency=0.1).run(200)
    assert model.between(120, 200) >= 0.98 / 0.11


def test_while_nothing_is_admitted_calls_become_rare():
    """Where every call is throttled, they come twice as slowly each time, down to the longest pause."""
    model = Model(lambda _: 0, 0, callers=16).run(600)
    assert len(model.refused) <= 16 + 10 + 600 / LONGEST
    waits = [later - earlier for earlier, later in zip(model.refused[16:], model.refused[17:], strict=False)]
    assert max(waits) <= LONGEST + 1
    assert min(waits[-10:]) >= LONGEST - 1
