"""Ctrl-C in the threads that make changes: Python tells it to the main thread alone."""

from __future__ import annotations

import threading
from datetime import datetime

from backupkit.transport.protocol import Clock, Params, Transport
from backupkit.transport.system_clock import SystemClock
from backupkit.transport.wrapper import Wrapper

__all__ = ["Stoppable"]


class Stoppable(Wrapper):
    """Passes calls on until it is stopped; from then on, calls and pauses end with KeyboardInterrupt.

    A call under way is not ended: what became of it would not be known.

    Args:
        transport: What answers.
    """

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport)
        self._stopped = threading.Event()
        self._clock = _StoppableClock(transport.clock, self._stopped)

    @property
    def clock(self) -> Clock:
        """The clock of what answers, whose pauses end when this is stopped."""
        return self._clock

    def stop(self) -> None:
        """Pass no more calls on."""
        self._stopped.set()

    def call(self, operation: str, params: Params, /) -> bytes:
        """As `Transport.call`.

        Raises:
            KeyboardInterrupt: It was stopped; nothing was sent.
        """
        if self._stopped.is_set():
            raise KeyboardInterrupt
        return self._transport.call(operation, params)


class _StoppableClock:
    def __init__(self, clock: Clock, stopped: threading.Event) -> None:
        self._clock = clock
        self._stopped = stopped

    def now(self) -> datetime:
        return self._clock.now()

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def sleep(self, seconds: float) -> None:
        # Other clocks are moved by a pause, and do not let anybody wait.
        if isinstance(self._clock, SystemClock):
            self._stopped.wait(seconds)
        else:
            self._clock.sleep(seconds)
        if self._stopped.is_set():
            raise KeyboardInterrupt
