"""What is asked of the protection of every resource, and how a row falls short of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import timedelta

import attrs

from backupkit.arn import is_account, is_region
from backupkit.checks import texts
from backupkit.display import duration
from backupkit.errors import InvalidValueError
from backupkit.insight.row import CoverageRow
from backupkit.problems import Problem, counted, quote

__all__ = ["Requirement"]


@attrs.frozen
class Requirement:
    """What each resource must have."""

    rpo: timedelta | None
    keep_days: int | None
    copies_in: tuple[str, ...]
    declared: bool

    @classmethod
    def of(
        cls,
        *,
        rpo: timedelta | None,
        keep_days: int | None,
        copies_in: str | Iterable[str] | None,
        declared: bool,
    ) -> Requirement:
        """Check what the caller wrote.

        Raises:
            InvalidValueError: Something in it cannot be required.
        """
        places = texts(copies_in, "require/copies_in") if copies_in is not None else ()
        found = list(_problems(rpo, keep_days, places))
        if found:
            raise InvalidValueError(found)
        return cls(rpo, keep_days, places, declared)

    def shortfall(self, row: CoverageRow) -> str:
        """How the row falls short; empty where it does not."""
        if not row.protected:
            return f"{row.status} ({row.reason})"
        return "; ".join((*self._late(row), *self._short(row), *self._not_copied(row)))

    def _late(self, row: CoverageRow) -> Iterator[str]:
        if self.rpo is None:
            return
        worst, now = row.rpo_worst, row.rpo_now
        if worst is None:
            yield "how far its backups lie apart is not known"
        elif worst > self.rpo:
            yield f"up to {duration(worst)} can be lost, and {duration(self.rpo)} may"
        if self.declared:
            return
        if now is None:
            yield "there is no point to restore from"
        elif now > self.rpo:
            yield f"the last point is {duration(now)} old, and {duration(self.rpo)} may be lost"

    def _short(self, row: CoverageRow) -> Iterator[str]:
        kept = row.keep_days
        if self.keep_days is not None and (kept is None or kept < self.keep_days):
            retention = "nothing" if kept is None or math.isinf(kept) else counted(int(kept), "day")
            yield f"points are kept for {retention}, not {self.keep_days}"

    def _not_copied(self, row: CoverageRow) -> Iterator[str]:
        reached = {part for arn in row.copies for part in arn.split(":")[3:5]}
        for place in self.copies_in:
            if place not in reached:
                yield f"no copies go to {place}"


def _problems(rpo: object, keep_days: object, places: tuple[object, ...]) -> Iterator[Problem]:
    if rpo is not None and not (isinstance(rpo, timedelta) and rpo > timedelta(0)):
        yield Problem("require/rpo", f"{quote(rpo)} is not a span of time above 0", "write timedelta(hours=25)")
    if keep_days is not None and not (type(keep_days) is int and keep_days > 0):
        yield Problem("require/keep_days", f"{quote(keep_days)} is not a number of days", "write 1 or more")
    for place in places:
        if not (is_region(place) or is_account(place)):
            yield Problem(
                "require/copies_in", f"{quote(place)} is neither a Region nor an account", "write it as eu-west-1"
            )
