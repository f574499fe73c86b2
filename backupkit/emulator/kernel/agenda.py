"""What will happen, and when: one queue drives everything on the local service's clock."""

from __future__ import annotations

from datetime import UTC, datetime
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

if TYPE_CHECKING:
    from backupkit.emulator.kernel.simulation import Simulation

__all__ = ["Agenda", "Event", "ScheduledEvent"]


class Event(Protocol):
    """Something that happens at a moment; a record of a module-level class, so that a snapshot can hold it."""

    def happen(self, simulation: Simulation) -> None:
        """Do it; the clock shows the moment it was due."""
        ...


class ScheduledEvent(msgspec.Struct, eq=False, gc=False):
    """What events are made of where there are many: cheap to make, and nothing that garbage collection visits."""


class Agenda:
    """A queue of events by time; events of one moment happen in the order in which they were noted.

    Most events are weeks away, when points expire. Those wait unsorted, day by day, and are sorted when their day
    comes; only what is noted for the present day goes through a heap, which so stays small.
    """

    def __init__(self) -> None:
        self._day = 0
        """The day that is under way, as an ordinal."""
        self._due: list[datetime] = []
        """The moments of what was noted for that day before it began, the last first."""
        self._due_events: list[Event] = []
        self._near: list[tuple[datetime, int, Event]] = []
        """What was noted for it since; a heap."""
        self._later: dict[int, list[Any]] = {}
        """What is noted for the days after it, as it was noted: a moment, its event, the next moment, and so on.

        Pairs would be hundreds of thousands of objects that garbage collection visits."""
        self._days: list[int] = []
        """Those days; a heap."""
        self._noted = 0

    def schedule(self, moment: datetime, event: Event) -> None:
        """Let ``event`` happen at ``moment``."""
        if moment.tzinfo is not UTC:
            # The days are those of UTC.
            moment = moment.astimezone(UTC)
        day = moment.toordinal()
        if day <= self._day:
            self._noted += 1
            heappush(self._near, (moment, self._noted, event))
            return
        waiting = self._later.get(day)
        if waiting is None:
            self._later[day] = waiting = []
            heappush(self._days, day)
        waiting.extend((moment, event))

    def due(self, moment: datetime) -> bool:
        """Return whether anything may be due up to and including ``moment``."""
        return (
            bool(self._due and self._due[-1] <= moment)
            or bool(self._near and self._near[0][0] <= moment)
            or bool(self._days and self._days[0] <= moment.toordinal())
        )

    def run_until(self, moment: datetime, simulation: Simulation) -> None:
        """Let everything happen that is due up to and including ``moment``."""
        clock, near = simulation.clock, self._near
        while True:
            due = self._due
            # Written out here, and not in a method of its own: a year has millions of events.
            if due and not (near and near[0][0] < due[-1]):
                when = due[-1]
                if when > moment:
                    return
                del due[-1]
                event = self._due_events.pop()
            elif near:
                if near[0][0] > moment:
                    return
                when, _, event = heappop(near)
            elif self._days and self._days[0] <= moment.toordinal():
                self._begin(heappop(self._days))
                continue
            else:
                return
            if when > clock.moment:  # noqa: PLR1730 - `max` takes three times as long
                clock.moment = when
            event.happen(simulation)

    def _begin(self, day: int) -> None:
        self._day = day
        waiting = self._later.pop(day)
        moments, events = waiting[::2], waiting[1::2]
        # The sort is stable, so that what was noted first comes first also at the same moment.
        order = sorted(range(len(moments)), key=moments.__getitem__)
        order.reverse()
        self._due = [moments[place] for place in order]
        self._due_events = [events[place] for place in order]

    def __len__(self) -> int:
        return len(self._due) + len(self._near) + sum(map(len, self._later.values())) // 2
