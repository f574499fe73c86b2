"""Lists of points read side by side, where AWS takes longer to answer than this machine to read the answer.

The pages of one list come one after another, each by the token of the one before. But lists can be split: by vault, and
a vault by when its points were made. A point is in the part that its own creation date says, whatever AWS takes the
limits of its filters for: a part is asked for with a second more at each end, and what is another part's is left out.
So no point is there twice and none is missing, also while points come and go.

A part is read from one end, and whoever has nothing to read takes over the far half of what is left of the largest one.
That needs no knowledge of how many points there are, or of how they lie in time. It does need a list in the order of
creation dates, either way round, which AWS does not promise: a list in another order is read page by page.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeAlias, TypeVar

import attrs

from backupkit import observe
from backupkit.transport.paging import Pages
from backupkit.transport.protocol import Value

__all__ = ["SPLITTING", "Splitting", "split_pages"]

P = TypeVar("P", bound=observe.RecoveryPoint)

Limits: TypeAlias = "dict[str, Value]"
"""Filters by time of creation, as the API has them."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_NO_DATE = 1e18
_FEWEST_PAGES = 3.0
"""What a part must be thought to have left to be divided; one page of that is under way."""
_FURTHER = 4.0
"""How many times as far as a vault is known its next part begins, where nothing is known of its end."""


@attrs.frozen(kw_only=True)
class Splitting:
    """When lists are split.

    Args:
        readers: Pages that are asked for at once, and so are in memory, at most.
        pays_from_seconds: How long answers must be waited for, on average.
        first_pages: Pages of a vault that come one after another before it is split: a small one never is.
    """

    readers: int = 16
    pays_from_seconds: float = 0.03
    first_pages: int = 3


SPLITTING = Splitting()


def split_pages(
    vaults: Iterable[str | None],
    opened: Callable[[str | None, Limits], Pages[P]],
    *,
    created_after: datetime | None = None,
    created_before: datetime | None = None,
    splitting: Splitting = SPLITTING,
) -> Iterator[list[P]]:
    """Return the pages of the points of some vaults, each asked for when it is wanted, and then some ahead.

    Args:
        vaults: The names of the vaults.
        opened: Opens the list of a vault's points within limits of their creation.
        created_after: The caller's own limit.
        created_before: As that.
        splitting: When lists are split.
    """
    source = _Source(opened, created_after, created_before)
    names, taken, waited = iter(vaults), 0, 0.0
    for name in names:
        part = source.whole(name, splitting.first_pages)
        while part.more:
            began, worked = time.perf_counter(), time.thread_time()
            page = next(part.pages, [])
            taken, waited = taken + 1, waited + time.perf_counter() - began - (time.thread_time() - worked)
            slow = waited >= splitting.pays_from_seconds * taken
            yield part.take(page, examine=slow)
            if slow and (part.sign or not part.more):
                yield from _side_by_side(source, splitting.readers, splitting.first_pages, part, names)
                return


@attrs.define(eq=False)
class _Part(Generic[P]):
    """Points of a vault that were made within a time, read from the highest position down.

    Positions are epoch seconds, negated where the oldest points come first.
    """

    vault: str | None
    pages: Pages[P]
    low: float = -math.inf
    """The lowest position that is this part's."""
    high: float = math.inf
    """Where those of another part begin."""
    sign: int = 0
    """1 where the newest points come first, -1 where the oldest do; 0: not known, and the part is not divided."""
    unexamined: int = 0
    """Pages that are still to be looked at for their order."""
    origin: float = math.nan
    """The position of the first point of all of the vault that was seen."""
    top: float = math.nan
    """The position of the first point that was seen."""
    reached: float = math.nan
    """That of the last one."""
    read: int = 0
    """Pages that were read between the two."""
    ordered: bool = True
    _begun: list[float] = attrs.field(factory=list)

    @property
    def more(self) -> bool:
        """Whether there may be more of it."""
        return self.pages.more and not (self.sign and self.ordered and self.reached < self.low)

    def take(self, page: list[P], *, examine: bool = True) -> list[P]:
        """Return those of a page's points that are this part's, and take note of how far it was read."""
        if not self.sign:
            if examine and self.unexamined:
                self._examine(page)
            return page
        at = [self.sign * _seconds(point) for point in page]
        self._note(at, 1)
        if not at or (min(at) >= self.low and max(at) < self.high):
            return page
        return [point for point, position in zip(page, at, strict=True) if self.low <= position < self.high]

    def _examine(self, page: list[P]) -> None:
        self._begun += [_seconds(point) for point in page]
        self.read += 1
        self.unexamined -= 1
        if self.unexamined or not self.pages.more:
            return
        if self._begun and min(self._begun) == max(self._begun):
            # All made at one moment: the next page may tell.
            self.unexamined, self._begun = 1, self._begun[:1]
            return
        self.sign = _direction(self._begun)
        self._note([self.sign * each for each in self._begun], 0)
        self._begun = []

    def _note(self, at: list[float], pages: int) -> None:
        before = math.inf if math.isnan(self.reached) else self.reached
        if not at or at[0] > before or at != sorted(at, reverse=True):
            self.ordered = self.ordered and not at
            return
        self.top = at[0] if math.isnan(self.top) else self.top
        self.origin = self.top if math.isnan(self.origin) else self.origin
        self.reached = at[-1]
        self.read += pages

    @property
    def pages_left(self) -> float:
        """How many pages it has left, if its points lie as densely there as until now; 0 where that is not known."""
        if not self.sign or not self.more or not self.ordered or math.isnan(self.reached):
            return 0.0
        return self.read * (self._rest - self.low) / max(self.top - self.reached, 1.0)

    @property
    def _rest(self) -> float:
        """The position at which what is left begins; a part is first asked for some that are another's."""
        return min(self.reached, self.high)

    def middle(self) -> float | None:
        """Return a whole second in what is left of it; None where there is none."""
        end = self.low if self.low > -math.inf else self._rest - 2 * _FURTHER * max(self.origin - self._rest, 1.0)
        found = float(math.floor((self._rest + end) / 2))
        return found if self.low < found < self._rest and _is_moment(found) else None


@attrs.frozen
class _Source(Generic[P]):
    """Opens lists of the points that the caller wants."""

    opened: Callable[[str | None, Limits], Pages[P]]
    after: datetime | None
    before: datetime | None

    def whole(self, vault: str | None, first_pages: int) -> _Part[P]:
        """All of a vault."""
        return _Part(vault, self._pages(vault, self.after, self.before), unexamined=first_pages)

    def divided(self, part: _Part[P]) -> _Part[P] | None:
        """The far half of what is left of a part, which then ends there; None where it cannot be divided."""
        middle = part.middle() if part.pages_left >= _FEWEST_PAGES else None
        if middle is None:
            return None
        first, last = sorted((part.sign * part.low, part.sign * middle))
        after, before = self.after, self.before
        if first > -math.inf:
            limit = _EPOCH + timedelta(seconds=first) - _SECOND
            after = limit if after is None else max(after, limit)
        if last < math.inf:
            limit = _EPOCH + timedelta(seconds=last) + _SECOND
            before = limit if before is None else min(before, limit)
        far = _Part(
            part.vault,
            self._pages(part.vault, after, before),
            low=part.low,
            high=middle,
            sign=part.sign,
            origin=part.origin,
        )
        part.low = middle
        return far

    def _pages(self, vault: str | None, after: datetime | None, before: datetime | None) -> Pages[P]:
        limits = {"ByCreatedAfter": after, "ByCreatedBefore": before}
        return self.opened(vault, {name: moment for name, moment in limits.items() if moment is not None})


def _side_by_side(
    source: _Source[P], readers: int, first_pages: int, first: _Part[P], vaults: Iterator[str | None]
) -> Iterator[list[P]]:
    """The pages of what is left of a vault, and of all others."""
    ready = deque([first] if first.more else [])
    running: dict[Future[list[P]], _Part[P]] = {}
    # As many at once as pages were wanted: who stops early has not caused many calls.
    at_once = 1

    def following() -> _Part[P] | None:
        if ready:
            return ready.popleft()
        for name in vaults:
            return source.whole(name, first_pages)
        return source.divided(max(running.values(), key=lambda part: part.pages_left)) if running else None

    pool = ThreadPoolExecutor(readers, thread_name_prefix="backupkit-pages")
    try:
        while True:
            while len(running) < at_once and (part := following()) is not None:
                running[pool.submit(next, part.pages, [])] = part
            if not running:
                return
            done = next(iter(wait(running, return_when=FIRST_COMPLETED).done))
            part = running.pop(done)
            points = part.take(done.result())
            if part.more:
                ready.append(part)
            at_once = min(readers, at_once + 1)
            if points:
                yield points
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _seconds(point: observe.RecoveryPoint) -> float:
    return point.creation_date.timestamp() if point.creation_date is not None else _NO_DATE


def _direction(moments: list[float]) -> int:
    """1 where they descend, -1 where they ascend, 0 otherwise."""
    if not moments or _NO_DATE in moments:
        return 0
    ascending = sorted(moments)
    return 1 if moments == ascending[::-1] else -1 if moments == ascending else 0


def _is_moment(position: float) -> bool:
    return abs(position) < (datetime.max.replace(tzinfo=UTC) - _EPOCH).total_seconds() - 2 and (
        abs(position) < (_EPOCH - datetime.min.replace(tzinfo=UTC)).total_seconds() - 2
    )
