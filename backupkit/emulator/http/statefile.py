"""A file that keeps a served local service over restarts, and over being killed.

It holds a snapshot and every request since that may have changed anything, each with its moment on the service's clock
and each written through to the disk before it is done. As the service is seeded, doing them again at their moments
leads to the same state, ids included. So nothing that was acknowledged is lost; what was under way when the process
ended may or may not have happened, as with AWS. Time while no process serves it does not count.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NoReturn

import attrs

from backupkit.emulator import snapshot
from backupkit.emulator.http.app import App, Caller
from backupkit.emulator.http.messages import Request
from backupkit.emulator.http.statetables import DamagedError, NotOursError, Row, Tables
from backupkit.emulator.kernel.behavior import Choices
from backupkit.emulator.service import START, LocalService
from backupkit.errors import ConfigurationError, InvalidValueError, UnreachableError
from backupkit.files import why_not
from backupkit.problems import quote
from backupkit.transport.error_mapping import refusal
from backupkit.transport.scrubbing import cut

__all__ = ["StartOptions", "StateFile"]

# ---- How a served local service begins ----


@attrs.frozen
class StartOptions:
    """How a local service begins; what is None is as a state file has it, or the default."""

    region_name: str | None = None
    account_id: str | None = None
    seed: int | None = None
    start: datetime | None = None
    default_vaults: bool | None = None

    def service(self) -> LocalService:
        """Return a new local service that begins so.

        Raises:
            ConfigurationError: The Region or the account is not one, or ``start`` has no time zone.
        """
        return LocalService(
            self.region_name if self.region_name is not None else "us-east-1",
            self.account_id if self.account_id is not None else "123456789012",
            seed=self.seed or 0,
            start=self.start or START,
            choices=Choices(default_vaults=bool(self.default_vaults)),
        )

    def written(self) -> dict[str, str]:
        """Return what a state file writes down of it."""
        start = self.start.isoformat() if self.start is not None else None
        values = {
            "region": self.region_name,
            "account": self.account_id,
            "seed": self.seed,
            "start": start,
            "default vaults": self.default_vaults,
        }
        return {name: str(value) for name, value in values.items() if value is not None}

    @classmethod
    def read(cls, texts: dict[str, str]) -> StartOptions:
        """Return the beginning that `written` told.

        Raises:
            KeyError: Something is missing.
            ValueError: The seed is not a number, or the start not a moment.
        """
        start = datetime.fromisoformat(texts["start"])
        return cls(texts["region"], texts["account"], int(texts["seed"]), start, texts["default vaults"] == "True")


# ---- The file ----


_NOT_A_FILE = frozenset({"", ".", ":memory:"})
"""What SQLite keeps nowhere, and what the shell makes of a variable that is not set."""

_LONGEST_PATH = 300
"""Characters of a path that a message shows."""

_UNREADABLE = (OSError, sqlite3.Error, UnicodeDecodeError)
"""What opening a damaged file ends in; of some, sqlite3 cannot even read SQLite's sentence about the damage."""


class StateFile:
    """The state of one local service on disk. One process has it at a time.

    Args:
        path: Made where it is not there, for its owner alone to read.
        beginning: How the service begins where the file is new; otherwise it must be as the file says.

    Raises:
        ConfigurationError: It is not a state file, is damaged, is another's, is in use, or cannot be read or written.
    """

    def __init__(self, path: Path, beginning: StartOptions) -> None:
        self._named = cut(str(path), _LONGEST_PATH)
        if str(path) in _NOT_A_FILE or "\0" in str(path):
            raise ConfigurationError(
                f"state {quote(str(path))} is not a file that keeps anything: give the path of one, or leave it out"
            )
        try:
            self._tables = Tables(path)
        except DamagedError as error:
            self._damaged(error)
        except (*_UNREADABLE, NotOursError) as error:
            self._unusable(error)
        try:
            self._open(beginning)
        except BaseException:
            self._tables.close()
            raise

    def _open(self, beginning: StartOptions) -> None:
        try:
            if self._tables.new:
                self._lay_out(beginning)
            self._tables.check()
            self._options = self._about(beginning)
            self.app = self._brought_back()
            self.shorten()
        except DamagedError as error:
            self._damaged(error)
        except _UNREADABLE as error:
            self._unusable(error)
        self.app.kept_by(self)

    def keep(self, request: Request, who: Caller) -> None:
        """Write one request, and what time it is, through to the disk.

        Raises:
            ServiceError: It cannot be written.
        """
        fields = (request.method, request.target, who.key or who.account_id, who.region_name, request.body)
        try:
            self._tables.append(Row(self._now(), *fields))
        except sqlite3.Error as error:
            self._unwritten(request.path, error)

    def reached(self, moment: datetime | None = None) -> None:
        """Write how far the clock has come through to the disk, where no request says so.

        Args:
            moment: Where it is, or a little later, so that not every answer has to wait; None: where it is.

        Raises:
            ServiceError: It cannot be written.
        """
        try:
            self._tables.reached(moment.isoformat() if moment is not None else self._now())
        except sqlite3.Error as error:
            self._unwritten("clock", error)

    def close(self) -> None:
        """Write down how far the clock has come, and let go of the file."""
        try:
            self.reached()
        finally:
            self._tables.close()

    def _now(self) -> str:
        return self.service.clock.now().isoformat()

    def _lay_out(self, beginning: StartOptions) -> None:
        service = beginning.service()
        start = service.clock.now()
        whole = StartOptions(
            service.region_name, service.account_id, beginning.seed or 0, start, bool(beginning.default_vaults)
        )
        self._tables.lay_out({**whole.written(), "version": _version()}, start.isoformat())

    def _about(self, beginning: StartOptions) -> StartOptions:
        texts = self._tables.about()
        try:
            found, writer = StartOptions.read(texts), texts["version"]
        except (KeyError, ValueError) as error:
            raise DamagedError("how it was begun cannot be read") from error
        for name, value in beginning.written().items():
            if texts[name] != value and not (name == "start" and beginning.start == found.start):
                raise ConfigurationError(
                    f"{self._named} was begun with {name} {texts[name]}, not {value}: "
                    "leave it out, or name another file"
                )
        if writer != _version() and self._tables.any_requests:
            raise ConfigurationError(
                f"{self._named} was last written by backupkit {writer}, and this is {_version()}: "
                "start that version once on it, or name another file"
            )
        return found

    def _brought_back(self) -> App:
        self.service = service = self._options.service()
        # Made before anything is brought back: what a reset goes back to is the beginning.
        app = App(service)
        state = self._tables.snapshot()
        try:
            if state is not None:
                service.load_state(state)
        except InvalidValueError as error:
            raise ConfigurationError(f"{self._named} cannot be brought back: {error}") from error
        self._shortened = service.clock.now()
        for row in self._tables.requests():
            _wait(service, row.moment)
            _repeat(app, row)
        _wait(service, self._tables.moment)
        return app

    def shorten(self) -> None:
        """Put a snapshot in the place of all that happened, so that the next start is fast; this version made it."""
        about = {**self._options.written(), "version": _version()}
        now = self.service.clock.now()
        if not self._tables.any_requests and now == self._shortened:
            self._tables.shorten(about, None)
            return
        self._tables.shorten(about, self.service.save_state())
        self._shortened = now

    def _unwritten(self, where: str, error: sqlite3.Error) -> NoReturn:
        message = f"The state file {self._named} cannot be written: {error}"
        raise refusal(where, "ServiceUnavailableException", message, status=503) from error

    def _damaged(self, error: DamagedError) -> NoReturn:
        raise ConfigurationError(
            f"{self._named} is damaged: {error}; go back to a copy of it, or name another file"
        ) from error

    def _unusable(self, error: Exception) -> NoReturn:
        why, hint = why_not(error), ""
        if "locked" in why:
            why, hint = "another process has it", "end that one, or "
        elif isinstance(error, FileNotFoundError):
            hint = "make its folder first, or "
        raise ConfigurationError(
            f"{self._named} cannot be used as a state file: {why}; {hint}name another file"
        ) from error


def _wait(service: LocalService, moment: str) -> None:
    """Let the time pass that had passed when the request was done."""
    then = datetime.fromisoformat(moment)
    if then > service.clock.now():
        service.clock.until(then)


def _repeat(app: App, row: Row) -> None:
    scope = f"Credential={row.account}/0/{row.region}/backup/aws4_request"
    try:
        app.answer(Request(row.method, row.target, {"authorization": scope}, row.body))
    except UnreachableError:
        # It gave no answer then, either.
        return


def _version() -> str:
    try:
        found = version("backupkit")
    except PackageNotFoundError:
        found = "(not installed)"
    return f"{found} (snapshots {snapshot.VERSION})"
