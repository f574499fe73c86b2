"""What will happen, and when: one queue drives everything on the local service's clock."""

from __future__ import annotations

import heapq
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from backupkit.local.cloud import Cloud

__all__ = ["Agenda", "Event"]


class Event(Protocol):
    """Something that happens at a moment. Events are module-level attrs records, so that a snapshot can hold them."""

    def happen(self, cloud: Cloud) -> None:
        """Do it; the clock shows the moment it was due."""
        ...


class Agenda:
    """A queue of events by time; events of one moment happen in the order in which they were noted."""

    def __init__(self) -> None:
        self._queue: list[tuple[datetime, int, Event]] = []
        self._noted = 0

    def note(self, moment: datetime, event: Event) -> None:
        """Let ``event`` happen at ``moment``."""
        self._noted += 1
        heapq.heappush(self._queue, (moment, self._noted, event))

    def run_until(self, moment: datetime, cloud: Cloud) -> None:
        """Let everything happen that is due up to and including ``moment``."""
        while self._queue and self._queue[0][0] <= moment:
            due, _, event = heapq.heappop(self._queue)
            if due > cloud.clock.now():
                cloud.clock.jump(due)
            event.happen(cloud)

    def __len__(self) -> int:
        return len(self._queue)
