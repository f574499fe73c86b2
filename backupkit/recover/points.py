"""Recovery points that fit a question: find the right one, or do something with all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeAlias

import attrs

from backupkit.display import SHOWN
from backupkit.errors import InvalidValueError, NotFoundError
from backupkit.problems import Problem, counted
from backupkit.recover.caller import Caller, caller_of
from backupkit.recover.point_facts import aware, is_state, is_undivided, reach
from backupkit.recover.point_set import PointSet, Survey, surveyed
from backupkit.recover.point_table import POINTS
from backupkit.recover.recovery_point import RecoveryPoint
from backupkit.recover.where import PointTest, Vaults, Words, tests_of
from backupkit.tables import LazyTable, RecordForm

__all__ = ["RESTORABLE", "RecoveryPoints"]

RESTORABLE = frozenset({"COMPLETED", "AVAILABLE", "STOPPED", "EXPIRED"})
"""The statuses of points whose data is whole. EXPIRED: AWS could not delete it; STOPPED: continuous, grows no more."""

Pages: TypeAlias = "Callable[[], Iterator[Sequence[RecoveryPoint]]]"

_TICK = timedelta(microseconds=1)


@attrs.frozen(repr=False)
class RecoveryPoints(LazyTable[RecoveryPoint], PointSet):
    """Recovery points that fit a question; asks AWS again each time it is iterated, a page at a time.

    Also a table; what is shown of it is its first page.
    """

    question: str
    _found: Callable[[], Iterator[RecoveryPoint]] = attrs.field(repr=False, eq=False)
    _caller: Caller | None = attrs.field(default=None, repr=False, eq=False, kw_only=True, alias="caller")
    _in_full: Callable[[], Iterator[RecoveryPoint]] | None = attrs.field(
        default=None, repr=False, eq=False, kw_only=True, alias="in_full"
    )
    """The same points with everything that lists say, where the first list leaves members out."""
    _all_seen: bool = attrs.field(default=False, repr=False, eq=False, kw_only=True, alias="all_seen")
    """Whether these are all points of the account and Region."""
    _tests: tuple[PointTest, ...] = attrs.field(default=(), repr=False, eq=False, kw_only=True, alias="tests")
    _pages: Pages | None = attrs.field(default=None, repr=False, eq=False, kw_only=True, alias="pages")

    def __iter__(self) -> Iterator[RecoveryPoint]:
        if not self._tests:
            return self._found()
        return (point for point, fits in self._walk() if fits)

    def _walk(self) -> Iterator[tuple[RecoveryPoint, bool]]:
        for point in (self._in_full or self._found)():
            yield point, all(test(point) for test in self._tests)

    def where(
        self,
        *predicates: PointTest,
        older_than: timedelta | None = None,
        newer_than: timedelta | None = None,
        status: Words = None,
        resource_type: Words = None,
        vault: Vaults = None,
        kept_forever: bool | None = None,
        continuous: bool | None = None,
        tags: Mapping[str, str | None] | None = None,
    ) -> RecoveryPoints:
        """Return those of the points that fit everything that is given. AWS is asked no sooner than they are needed.

        Args:
            predicates: Functions of a point, such as ``lambda point: point.status == "EXPIRED"``.
            older_than: Made longer ago than this.
            newer_than: Made less long ago than this.
            status: One of these statuses.
            resource_type: Of one of these types.
            vault: In one of these vaults, given by themselves or by their names.
            kept_forever: Whether nothing ever deletes them.
            continuous: Whether they can be restored to any moment of their window.
            tags: With these tags; a value of None is any. Takes a call for each point that fits all else, and leaves
                out points whose tags are another service's.

        Raises:
            InvalidValueError: A predicate cannot be called, a time is not one, or a resource type is misspelt.
        """
        tests = tests_of(
            predicates,
            older_than=older_than,
            newer_than=newer_than,
            status=status,
            resource_type=resource_type,
            vault=vault,
            kept_forever=kept_forever,
            continuous=continuous,
            tags=tags,
        )
        return attrs.evolve(self, tests=(*self._tests, *tests))

    def _survey(self) -> Survey:
        return surveyed(self._walk(), all_seen=self._all_seen)

    def _description(self) -> str:
        if not self._tests:
            return self.question
        holding = "holds" if len(self._tests) == 1 else "hold"
        return f"{self.question}, where {counted(len(self._tests), 'condition')} {holding}"

    def _client(self) -> Caller:
        return caller_of(self._caller)

    def _form(self) -> RecordForm:
        return POINTS

    def _question(self) -> str:
        return self._description()

    def _first_page(self) -> Sequence[RecoveryPoint]:
        pages = self._pages() if self._pages is not None else iter([list(islice(self._found(), SHOWN))])
        return [point for point in next(pages, []) if all(test(point) for test in self._tests)]

    def latest(self, *, as_of: datetime | None = None, before: datetime | None = None) -> RecoveryPoint:
        """The point whose data is whole and newest.

        A continuous point holds every moment of the days that it is kept, however long ago it began, so it comes before
        all snapshots. Restore it to the same moment: ``latest(as_of=moment).restore(request, as_of=moment)``; the last
        minutes may still be on their way, of S3 about 15 (developer guide, point-in-time recovery).

        Args:
            as_of: Only data as it was at this aware moment or earlier: snapshots that were started by then, and
                continuous points that hold a moment up to then.
            before: The same, without the moment itself.

        Raises:
            NotFoundError: There is none; says what was seen instead.
            InvalidValueError: The moment has no time zone, or both are given.
        """
        if as_of is not None and before is not None:
            raise InvalidValueError(Problem("as_of", "it is given together with before=", "give one of the two"))
        moment = aware(before, "before")
        if aware(as_of, "as_of") is not None and as_of is not None:
            # Moments are told to the millisecond.
            moment = as_of + _TICK if as_of < datetime.max.replace(tzinfo=as_of.tzinfo) else as_of
        whole, partial, passed_over = _Newest(), _Newest(), Counter[str]()
        for point in self:
            until = _data_until(point, moment)
            if until is None:
                passed_over[_passed_over(point, moment)] += 1
            elif is_undivided(point):
                passed_over["composite, whose nested points are restored"] += 1
            else:
                # The state of a cluster brings back none of its volumes: its composite does.
                (partial if is_state(point) else whole).offer(point, until)
        newest = whole.point or partial.point
        if newest is None:
            when = f" as of {as_of.isoformat()}" if as_of is not None else ""
            when = f" before {before.isoformat()}" if before is not None else when
            raise NotFoundError("latest", "NoRecoveryPoint", self._nothing(when, passed_over))
        return newest

    def _nothing(self, when: str, passed_over: Counter[str]) -> str:
        seen = ", ".join(f"{times} {why}" for why, times in passed_over.items()) or "no points at all"
        return f"No restorable recovery point of {self.question}{when}; seen: {seen}."


@attrs.define
class _Newest:
    """The point with the newest data of those that were offered."""

    point: RecoveryPoint | None = None
    until: datetime | None = None

    def offer(self, point: RecoveryPoint, until: datetime) -> None:
        """Keep the point if its data is newer."""
        if self.until is None or until > self.until:
            self.point, self.until = point, until


def _data_until(point: RecoveryPoint, before: datetime | None) -> datetime | None:
    """The newest moment before ``before`` that the point can bring back, or None where it has none."""
    began = point.creation_date
    if point.status not in RESTORABLE or began is None or (before is not None and began >= before):
        return None
    if not _grows(point):
        return began
    now = point.clock.now()
    if before is None or before >= now:
        return now
    return before if before >= now - _reach(point) else None


def _grows(point: RecoveryPoint) -> bool:
    """Whether the point is a continuous one that still takes in what changes; one that stopped counts as it began."""
    return point.status in {"AVAILABLE", "COMPLETED"} and point.is_continuous


def _reach(point: RecoveryPoint) -> timedelta:
    # ListRecoveryPointsByResource leaves the lifecycle out.
    return reach(point.lifecycle or point.refresh().lifecycle)


def _passed_over(point: RecoveryPoint, before: datetime | None) -> str:
    if point.creation_date is None or (before is not None and point.creation_date >= before):
        return "too new"
    return str(point.status) if point.status not in RESTORABLE else "continuous that does not reach back so far"
