"""Who is told of what happens: a signal for each kind of event, whose subscribers are called in their order.

An engine says what happened and does not know who listens; `backupkit.emulator.wiring` names the subscribers that a
simulation always has, and the publisher of events joins them while somebody listens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Generic, TypeVarTuple

from backupkit.emulator.model import BackupJob, CopyJob, Index, Plan, Point, RegionScope, RestoreJob, ScanJob, Vault

__all__ = ["Bus", "Signal"]

Ts = TypeVarTuple("Ts")


class Signal(Generic[*Ts]):
    """One kind of event; calling it calls its subscribers."""

    __slots__ = ("_subscribers", "tell")

    def __init__(self) -> None:
        self._subscribers: tuple[Callable[[*Ts], None], ...] = ()
        self.tell: Callable[[*Ts], None] = _nobody
        """The same as a call, without its cost where there are fewer than two subscribers: each backup has seven."""

    def __call__(self, *args: *Ts) -> None:
        """Tell every subscriber, in order."""
        for subscriber in self._subscribers:
            subscriber(*args)

    def subscribe(self, subscriber: Callable[[*Ts], None]) -> None:
        """Call ``subscriber`` after those that are there."""
        self._subscribers = (*self._subscribers, subscriber)
        self._shorten()

    def unsubscribe(self, subscriber: Callable[[*Ts], None]) -> None:
        """Call ``subscriber`` no more."""
        self._subscribers = tuple(each for each in self._subscribers if each != subscriber)
        self._shorten()

    def _shorten(self) -> None:
        match self._subscribers:
            case ():
                self.tell = _nobody
            case (subscriber,):
                self.tell = subscriber
            case _:
                self.tell = self.__call__


def _nobody(*_: object) -> None:
    """Tell nobody."""


class Bus:
    """The signals of one simulation. What each is given stands in its type; a state is told after it was reached."""

    def __init__(self) -> None:
        self.scope_opened: Signal[RegionScope] = Signal()
        self.backup_job_changed: Signal[RegionScope, BackupJob] = Signal()
        self.backup_job_ended: Signal[RegionScope, BackupJob] = Signal()
        self.backup_completed: Signal[RegionScope, BackupJob, Point] = Signal()
        """A backup job has ended well, and its point is as it will stay; not that of a composite."""
        self.copy_job_changed: Signal[RegionScope, CopyJob] = Signal()
        self.copy_job_ended: Signal[RegionScope, CopyJob, Point] = Signal()
        """With the point that was to be copied."""
        self.restore_job_made: Signal[RegionScope, RestoreJob] = Signal()
        self.restore_job_changed: Signal[RegionScope, RestoreJob] = Signal()
        self.restore_job_ended: Signal[RegionScope, RestoreJob] = Signal()
        self.scan_job_changed: Signal[RegionScope, ScanJob] = Signal()
        self.point_made: Signal[RegionScope, Point] = Signal()
        self.point_changed: Signal[RegionScope, Point] = Signal()
        self.point_modified: Signal[RegionScope, Point] = Signal()
        """A call has changed its lifecycle."""
        self.point_moved_to_cold: Signal[RegionScope, Point] = Signal()
        self.point_interrupted: Signal[RegionScope, Point] = Signal()
        """A continuous point has stopped, without a call that asked for it."""
        self.point_deleted: Signal[RegionScope, Point, str] = Signal()
        """With who deleted it."""
        self.index_changed: Signal[RegionScope, Index, str, datetime] = Signal()
        """With ACTIVE, FAILED or DELETED, and since when."""
        self.vault_changed: Signal[RegionScope, Vault, str] = Signal()
        """With CREATED, MODIFIED (its lock) or DELETED, as for plans."""
        self.plan_changed: Signal[RegionScope, Plan, str] = Signal()
        self.opt_in_changed: Signal[RegionScope, Mapping[str, bool]] = Signal()
        self.settled: Signal[datetime] = Signal()
        """A call is answered, or the clock stands still again."""
