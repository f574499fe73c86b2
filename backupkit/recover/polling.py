"""How often jobs are looked at, until when, and what a job is to whoever waits for it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Protocol, Self

import attrs

from backupkit.errors import InvalidValueError, JobSeen
from backupkit.problems import Problem, quote
from backupkit.transport.protocol import Clock

__all__ = ["POLLING", "Deadline", "Job", "Polling"]

_FOREVER = 1e12
"""Seconds after which nobody waits any more; whole numbers may be larger than any float."""
_LONGEST_PAUSE_SECONDS, _MOST_GROWTH = 86_400, 1_000


@attrs.frozen(kw_only=True)
class Polling:
    """How often jobs are looked at: after ``first`` seconds, then each time ``growth`` times later, to ``most``.

    Raises:
        InvalidValueError: A field is not a number above 0 (``per_call`` may be 0), a pause is longer than a day, or
            ``growth`` is not from 1 to 1,000.
    """

    first: float = 2.0
    growth: float = 1.5
    most: float = 30.0
    per_call: float = 0.1
    """Seconds to pause for each call of the round before, so that describing many jobs stays below AWS's rates."""
    patience: float = 3600.0
    """Seconds without any answer (throttled, unreachable, credentials expired) until jobs are given up."""

    def __attrs_post_init__(self) -> None:
        least = {"growth": 1, "per_call": 0}
        most = {"growth": _MOST_GROWTH, "patience": math.inf}
        problems = []
        for name, value in attrs.asdict(self, recurse=False).items():
            number = isinstance(value, (int, float)) and not isinstance(value, bool)
            low, high = least.get(name), most.get(name, _LONGEST_PAUSE_SECONDS)
            if not number or not (value > 0 if low is None else value >= low) or value > high:
                wanted = "a number above 0" if low is None else f"a number, {low} or more"
                wanted += f", up to {high:,}" if high < math.inf else ""
                problems.append(Problem(f"polling/{name}", f"{quote(value)} does not fit", f"write {wanted}"))
        if problems:
            raise InvalidValueError(tuple(problems))

    def pauses(self) -> Iterator[float]:
        """The pauses between looks, in seconds, without end."""
        pause = self.first
        while True:
            yield pause
            pause = min(pause * self.growth, self.most)


POLLING = Polling()


class Deadline:
    """When waiting ends, by the first of the clocks."""

    def __init__(self, clocks: tuple[Clock, ...], timeout: float | None) -> None:
        self._clock = clocks[0] if clocks else None
        self._end = None if timeout is None or not clocks else clocks[0].monotonic() + min(timeout, _FOREVER)

    def left(self) -> float:
        """Seconds until the end, or infinity."""
        if self._clock is None or self._end is None:
            return math.inf
        return self._end - self._clock.monotonic()


class Job(JobSeen, Protocol):
    """A job of any kind: a `BackupJob`, `CopyJob`, `RestoreJob`, `ReportJob` or `ScanJob`."""

    @property
    def id(self) -> str:
        """Its id."""
        ...

    @property
    def kind(self) -> str:
        """``backup``, ``copy``, ``restore``, ``report`` or ``scan``."""
        ...

    @property
    def resource_arn(self) -> str | None:
        """What it is about: the resource that was backed up."""
        ...

    @property
    def recovery_point_arn(self) -> str | None:
        """The point that it makes, copies, restores or scans."""
        ...

    @property
    def reason(self) -> str | None:
        """Why it is as it is, in a stable word."""
        ...

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        ...

    @property
    def clock(self) -> Clock:
        """What time goes by."""
        ...

    def refresh(self) -> Self:
        """Return the job as it is now."""
        ...

    def children(self) -> Iterator[Self]:
        """Return the jobs below it."""
        ...

    def stop(self) -> Self:
        """Ask AWS to stop it."""
        ...
