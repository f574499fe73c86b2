"""A plain model of AWS Backup, to hold the local service against: what must be there now, and what may be.

It knows nothing of agendas, seeds and records. Time stands still while operations are called, 45 minutes past an hour;
plans fire at the full hour or a quarter past, and every job ends long before the next operation.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

SLACK = timedelta(hours=8)
AFTER_HOLD = timedelta(hours=24, minutes=5)
HOUR = timedelta(hours=1)


@dataclass(eq=False)
class Point:
    vault: str
    resource: str
    created: datetime
    keep: int | None
    cold: int | None
    since: datetime
    """When its retention was last set."""
    holds: set[str] = field(default_factory=set)
    seen_under_hold: bool = False
    released: datetime | None = None
    deleted: bool = False

    def ends(self) -> datetime | None:
        return None if self.keep is None else max(self.created + timedelta(days=self.keep), self.since)

    def must_be_there(self, now: datetime) -> bool:
        if self.deleted:
            return False
        ends = self.ends()
        return ends is None or now < ends or (bool(self.holds) and self.seen_under_hold)

    def may_be_there(self, now: datetime) -> bool:
        if self.deleted:
            return False
        ends = self.ends()
        if ends is None or self.holds:
            return True
        gone = ends + SLACK
        return now < (max(gone, self.released + AFTER_HOLD) if self.released is not None else gone)

    def is_cold(self, now: datetime) -> bool:
        return self.cold is not None and now >= self.created + timedelta(days=self.cold)


@dataclass
class Plan:
    slot: int
    """Minutes past the hour."""
    hour: int | None
    """Of the day; None is every hour."""
    vault: str
    keep: int | None
    cold: int | None
    selections: dict[str, tuple[str, str]] = field(default_factory=dict)
    """What each selects: ``arn`` and an ARN, or ``tag`` and a value of the tag ``backup``."""

    def fires(self, moment: datetime) -> bool:
        return moment.minute == self.slot and self.hour in {None, moment.hour}

    def selects(self, arn: str, tag: str, *, opted_in: bool) -> bool:
        """A selection that names the resource protects it also where its type is not opted in."""
        chosen = self.selections.values()
        return ("arn", arn) in chosen or (opted_in and ("tag", tag) in chosen)


@dataclass
class Ordered:
    """A job that somebody asked for, and that has not started yet."""

    vault: str
    resource: str
    created: datetime
    keep: int | None
    works: bool
    """Whether its role can be assumed."""


class Plain:
    def __init__(self, now: datetime) -> None:
        self.now = now
        self.vaults: dict[str, tuple[int, int] | None] = {}
        self.resources: dict[str, str] = {}
        self.plans: dict[str, Plan] = {}
        self.points: list[Point] = []
        self.ordered: list[Ordered] = []
        self.copies: list[tuple[Point, str, int | None]] = []
        self.opted_in = True
        self.ended: list[tuple[datetime, str, str]] = []
        """Jobs that have ended: when they were made, of what, and how."""

    def here(self) -> list[Point]:
        return [point for point in self.points if point.may_be_there(self.now)]

    def in_vault(self, name: str) -> list[Point]:
        return [point for point in self.here() if point.vault == name]

    def advance(self, hours: int) -> None:
        self._settle()
        for _ in range(hours):
            # From a quarter to the hour on: at the hour, at a quarter past, and a quarter to again.
            for minutes in (15, 30):
                self._fire(self.now + timedelta(minutes=minutes))
            self.now += HOUR

    def _settle(self) -> None:
        """What was asked for since the clock stood still happens within minutes."""
        for job in self.ordered:
            self._back_up(job.vault, job.resource, job.created, job.keep, None, works=job.works)
        for point, vault, keep in self.copies:
            lock = self.vaults.get(vault, None)
            if vault in self.vaults and not _outside(lock, keep):
                since = max(point.created, self.now)
                self.points.append(Point(vault, point.resource, point.created, keep, None, since))
        self.ordered, self.copies = [], []

    def _fire(self, moment: datetime) -> None:
        for plan in self.plans.values():
            if plan.fires(moment):
                for arn, tag in self.resources.items():
                    if plan.selects(arn, tag, opted_in=self.opted_in):
                        self._back_up(plan.vault, arn, moment, plan.keep, plan.cold)

    def _back_up(
        self, vault: str, arn: str, created: datetime, keep: int | None, cold: int | None, *, works: bool = True
    ) -> None:
        works = works and vault in self.vaults and arn in self.resources and not _outside(self.vaults[vault], keep)
        self.ended.append((created, arn, "COMPLETED" if works else "FAILED"))
        if works:
            self.points.append(Point(vault, arn, created, keep, cold, created))


def _outside(lock: tuple[int, int] | None, keep: int | None) -> bool:
    return lock is not None and (keep is None or not lock[0] <= keep <= lock[1])
