"""Who hears of news: functions of the caller's, and forwarders; each in the order in which it was told.

Nobody hears of anything in the middle of its happening, when half of the state is changed and half is not. What is told
waits until the event that tells it is over, on the agenda, or until the call that tells it is answered.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import attrs

from backupkit.emulator.events.forwarder import Forwarder, code_of
from backupkit.emulator.kernel.event_records import EmittedEvent, Listener, Notification, Notified

if TYPE_CHECKING:
    from backupkit.emulator.kernel.simulation import Simulation

__all__ = ["Failure", "HandOut", "Subscribers"]

_FAILURES_KEPT = 1_000
_LOG = logging.getLogger(__name__)


@attrs.frozen
class Failure:
    """Something that somebody did not get."""

    moment: datetime
    """On the service's clock."""
    where: str
    """``sns``, ``events``, ``cloudwatch``, ``listener``, or ``session`` where its answer made no sense."""
    number: int
    """How many messages, events or data points."""
    code: str
    """AWS's error code, or the class of the error."""


@attrs.frozen
class _Callbacks:
    """A function of the caller's, in one place."""

    account_id: str
    region_name: str
    events: Listener | None
    notifications: Notified | None

    def hear(self, told: EmittedEvent | Notification) -> None:
        if (self.account_id, self.region_name) != (told.account_id, told.region_name):
            return
        if isinstance(told, EmittedEvent):
            if self.events is not None:
                self.events(told)
        elif self.notifications is not None:
            self.notifications(told)


@attrs.frozen(eq=False)
class HandOut:
    """On the agenda: what was told is handed out. It is noted right after what tells it."""

    def happen(self, simulation: Simulation) -> None:
        """Hand out what waits."""
        if simulation.publisher is not None:
            simulation.publisher.subscribers.hand_out()


class Subscribers:
    """All who hear of what one simulation tells."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._callbacks: list[_Callbacks] = []
        self._forwarders: list[Forwarder] = []
        self._waiting: deque[EmittedEvent | Notification] = deque()
        self._handing = False
        self.failures: deque[Failure] = deque(maxlen=_FAILURES_KEPT)
        self.failed = 0

    def __len__(self) -> int:
        return len(self._callbacks) + len(self._forwarders)

    def add_callbacks(
        self, account_id: str, region_name: str, events: Listener | None, notifications: Notified | None
    ) -> None:
        """Let functions hear of one place."""
        self._callbacks.append(_Callbacks(account_id, region_name, events, notifications))

    def add_forwarder(self, forwarder: Forwarder) -> None:
        """Let a forwarder deliver."""
        self._forwarders.append(forwarder)

    def tell(self, told: EmittedEvent | Notification) -> None:
        """Hand something out once what is happening is over."""
        if not len(self):
            return
        if not self._waiting:
            self._simulation.agenda.schedule(self._simulation.clock.now(), HandOut())
        self._waiting.append(told)

    def hand_out(self) -> None:
        """Hand out what waits, also what is told meanwhile."""
        if self._handing:
            return
        self._handing = True
        try:
            while self._waiting:
                self._hand(self._waiting.popleft())
        finally:
            self._handing = False

    def settle(self, now: datetime) -> None:
        """Hand out and deliver everything: the clock stands still again at ``now``, or a call is answered."""
        if self._handing or not len(self):
            return
        self.hand_out()
        for forwarder in self._forwarders:
            with self._held_back("session"):
                forwarder.settle(now)

    def forget(self) -> None:
        """Drop what waits and what is not yet delivered: the clock goes back before it."""
        self._waiting.clear()
        for forwarder in self._forwarders:
            forwarder.forget()

    def lost(self, where: str, number: int, code: str, /) -> None:
        """Count what somebody did not get, and log it."""
        self.failed += number
        self.failures.append(Failure(self._simulation.clock.now(), where, number, code))
        _LOG.warning("%d not delivered to %s: %s", number, where, code)

    def _hand(self, told: EmittedEvent | Notification) -> None:
        for callbacks in tuple(self._callbacks):
            with self._held_back("listener"):
                callbacks.hear(told)
        for forwarder in self._forwarders:
            with self._held_back("session"):
                forwarder.hear(told)

    @contextmanager
    def _held_back(self, where: str) -> Iterator[None]:
        """Whatever is raised, the clock goes on."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - as said
            self.lost(where, 1, code_of(error))
            _LOG.debug("%s failed", where, exc_info=True)
