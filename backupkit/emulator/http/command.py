"""``python -m backupkit local``: serve until told to stop."""

from __future__ import annotations

import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from backupkit.emulator.http.app import App
from backupkit.emulator.http.server import LocalServer
from backupkit.emulator.http.statefile import StartOptions, StateFile
from backupkit.emulator.kernel.clock import LocalClock, checked_rate
from backupkit.errors import ConfigurationError
from backupkit.problems import counted, quote

__all__ = ["serve"]

_LOOK_SECONDS = 1.0


def serve(
    port: int,
    *,
    state: Path | None = None,
    region_name: str | None = None,
    account_id: str | None = None,
    seed: int | None = None,
    start: str | None = None,
    clock_rate: float = 60,
    default_vaults: bool | None = None,
) -> None:
    """Serve a local service on 127.0.0.1 until SIGINT or SIGTERM.

    Args:
        port: 0: any that is free; the first line of output says which.
        state: The file that keeps what happens; None: the end of the process is the end of it all.
        region_name: The Region of callers that name none.
        account_id: The account of callers that name none.
        seed: Decides every id and every random moment.
        start: When the clock begins, in ISO 8601 with a zone.
        clock_rate: Seconds that pass on its clock in each second; 0: it stands still until it is moved.
        default_vaults: Whether accounts have the vaults that AWS makes by itself; None: as the file says, else not.

    Raises:
        ConfigurationError: The port, the file or one of the others cannot be used.
        InvalidValueError: The rate is not a number from 0 to 1,000,000.
    """
    checked_rate(clock_rate)
    beginning = StartOptions(region_name, account_id, seed, _moment(start), default_vaults)
    kept = StateFile(state, beginning) if state is not None else None
    try:
        service = kept.service if kept is not None else beginning.service()
        server = LocalServer(kept.app if kept is not None else App(service), port)
        signal.signal(signal.SIGTERM, _stop)
        service.clock.set_rate(clock_rate)
        _announce(server.url, clock_rate)
        _served(server, service.clock, kept)
    except KeyboardInterrupt:
        _say("stopped")
    finally:
        if kept is not None:
            kept.close()


def _served(server: LocalServer, clock: LocalClock, kept: StateFile | None) -> None:
    ended = threading.Event()
    keeping_time = threading.Thread(target=_keep_time, args=(clock, ended), name="backupkit clock", daemon=True)
    keeping_time.start()
    try:
        server.serve()
    finally:
        ended.set()
        stopped = clock.stop()
        server.close()
        keeping_time.join()
        if stopped and kept is not None:
            # The next start must not take as long as the move did.
            kept.shorten()


def _keep_time(clock: LocalClock, ended: threading.Event) -> None:
    """Let happen what is due also where nobody calls, so that whoever calls next need not wait for it."""
    while not ended.wait(_LOOK_SECONDS):
        clock.keep_up()


def _announce(url: str, clock_rate: float) -> None:
    _say(f"AWS Backup on this machine: {url}")
    _say(f"  export AWS_ENDPOINT_URL_BACKUP={url}")
    _say(f'  curl {url}/_backupkit/clock -d \'{{"advance": {{"days": 40}}}}\'')
    _say(f"Its clock runs {counted(clock_rate, 'second')} in each second." if clock_rate else "Its clock stands still.")
    _say("Ctrl-C ends it.")


def _say(line: str) -> None:
    # A server that somebody started without standard output serves all the same.
    if sys.stdout is not None:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except (OverflowError, ValueError):
        # Said below, as for a moment without a zone.
        pass
    raise ConfigurationError(f"start {quote(text)} is not a moment with its zone: write it like 2026-03-01T00:00:00Z")
