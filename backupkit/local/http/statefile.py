"""A file that keeps a served local service over restarts, and over being killed.

It holds a snapshot and every request since that may have changed anything, each written through to the disk before it
is done. As the service is seeded and its clock moves only when told, doing them again leads to the same state, ids
included. So nothing that was acknowledged is lost; what was under way when the process ended may or may not have
happened, as with AWS.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NoReturn

import attrs

from backupkit.errors import ConfigurationError, InvalidValueError, UnreachableError
from backupkit.local import snapshot
from backupkit.local.http.callers import Caller
from backupkit.local.http.face import Face
from backupkit.local.http.messages import Request
from backupkit.local.service import START, LocalService
from backupkit.transport.refusals import refusal

__all__ = ["Beginning", "StateFile"]

_OURS = 0x424B4954
"""SQLite's application id, by which a state file is known: BKIT."""

_TABLES = (
    "CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
    "CREATE TABLE snapshot (number INTEGER PRIMARY KEY CHECK (number = 1), state BLOB NOT NULL) STRICT",
    """CREATE TABLE request (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        method TEXT NOT NULL, target TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, body BLOB NOT NULL
    ) STRICT""",
)
_KEEP = "INSERT INTO request (method, target, account, region, body) VALUES (?, ?, ?, ?, ?)"


@attrs.frozen
class Beginning:
    """How a local service begins; what is None is as a state file has it, or the default."""

    region_name: str | None = None
    account_id: str | None = None
    seed: int | None = None
    start: datetime | None = None

    def service(self) -> LocalService:
        """A new local service that begins so.

        Raises:
            ConfigurationError: The Region or the account is none, or ``start`` has no time zone.
        """
        return LocalService(
            self.region_name or "us-east-1",
            self.account_id or "123456789012",
            seed=self.seed or 0,
            start=self.start or START,
        )

    def written(self) -> dict[str, str]:
        """The words that a state file has for it."""
        start = self.start.isoformat() if self.start is not None else None
        said = {"region": self.region_name, "account": self.account_id, "seed": self.seed, "start": start}
        return {name: str(value) for name, value in said.items() if value is not None}


class StateFile:
    """The state of one local service on disk. One process has it at a time.

    Args:
        path: Made where it is not there.
        beginning: How the service begins where the file is new; otherwise it must be as the file says.

    Raises:
        ConfigurationError: It is no state file, is another's, is in use, or cannot be read or written.
    """

    def __init__(self, path: Path, beginning: Beginning) -> None:
        self._path = path
        try:
            self._database = _connected(path)
        except sqlite3.Error as error:
            self._unusable(error)
        try:
            self._open(beginning)
        except BaseException:
            self._database.close()
            raise

    def _open(self, beginning: Beginning) -> None:
        try:
            if not self._laid_out():
                self._lay_out(beginning)
            self._told = self._about(beginning)
            self.face = self._brought_back()
            self._shorten()
        except sqlite3.Error as error:
            self._unusable(error)
        self.face.kept_by(self)

    def keep(self, request: Request, who: Caller) -> None:
        """Write one request through to the disk.

        Raises:
            ServiceError: It cannot be written.
        """
        row = (request.method, request.target, who.key or who.account_id, who.region_name, request.body)
        try:
            self._database.execute(
                "INSERT INTO request (method, target, account, region, body) VALUES (?,?,?,?,?)", row
            )
        except sqlite3.Error as error:
            message = f"The state file {self._path} cannot be written: {error}"
            raise refusal(request.path, "ServiceUnavailableException", message, status=503) from error

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _laid_out(self) -> bool:
        [ours] = self._database.execute("PRAGMA application_id").fetchone()
        if ours == _OURS:
            return True
        if self._database.execute("SELECT 1 FROM sqlite_master").fetchone():
            raise ConfigurationError(
                f"{self._path} is a database, but no state of a local AWS Backup; name another file"
            )
        return False

    def _lay_out(self, beginning: Beginning) -> None:
        service = beginning.service()
        whole = Beginning(service.region_name, service.account_id, beginning.seed or 0, service.clock.now())
        rows = {**whole.written(), "version": _version()}
        with self._database:
            self._database.execute("BEGIN")
            for table in _TABLES:
                self._database.execute(table)
            self._database.executemany("INSERT INTO about VALUES (?, ?)", rows.items())
            self._database.execute(f"PRAGMA application_id = {_OURS}")

    def _about(self, beginning: Beginning) -> Beginning:
        told = dict(self._database.execute("SELECT name, value FROM about").fetchall())
        for name, value in beginning.written().items():
            if told[name] != value and not (name == "start" and _moment(told[name]) == _moment(value)):
                raise ConfigurationError(
                    f"{self._path} was begun with {name} {told[name]}, not {value}: leave it out, or name another file"
                )
        if told["version"] != _version() and self._database.execute("SELECT 1 FROM request").fetchone():
            raise ConfigurationError(
                f"{self._path} was last written by backupkit {told['version']}, and this is {_version()}: "
                "start that version once on it, or name another file"
            )
        return Beginning(told["region"], told["account"], int(told["seed"]), _moment(told["start"]))

    def _brought_back(self) -> Face:
        service = self._told.service()
        # Made before anything is brought back: what a reset goes back to is the beginning.
        face = Face(service)
        found = self._database.execute("SELECT state FROM snapshot").fetchone()
        try:
            if found is not None:
                service.load_state(found[0])
        except InvalidValueError as error:
            raise ConfigurationError(f"{self._path} cannot be brought back: {error}") from error
        for row in self._database.execute("SELECT method, target, account, region, body FROM request ORDER BY number"):
            _repeat(face, *row)
        self._service = service
        return face

    def _shorten(self) -> None:
        """Put a snapshot in the place of the requests, so that the next start is fast; this version answers for it."""
        if self._database.execute("SELECT 1 FROM request").fetchone() is None:
            self._signed()
            return
        try:
            state = self._service.save_state()
        except InvalidValueError:
            # The requests are as good, only slower.
            return
        with self._database:
            self._database.execute("BEGIN")
            self._database.execute("INSERT OR REPLACE INTO snapshot VALUES (1, ?)", (state,))
            self._database.execute("DELETE FROM request")
            self._signed()

    def _signed(self) -> None:
        self._database.execute("UPDATE about SET value = ? WHERE name = 'version'", (_version(),))

    def _unusable(self, error: sqlite3.Error) -> NoReturn:
        busy = "another process has it" if "locked" in str(error) else str(error)
        raise ConfigurationError(f"{self._path} cannot be used as a state file: {busy}; name another file") from error


def _connected(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        # Held until it is closed, so that two servers never share it; every commit reaches the disk.
        for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = FULL"):
            database.execute(f"PRAGMA {pragma}")
        database.execute("BEGIN IMMEDIATE")
        database.execute("COMMIT")
    except BaseException:
        database.close()
        raise
    return database


def _repeat(face: Face, method: str, target: str, account: str, region: str, body: bytes) -> None:
    scope = f"Credential={account}/0/{region}/backup/aws4_request"
    try:
        face.answer(Request(method, target, {"authorization": scope}, body))
    except UnreachableError:
        # It gave no answer then, either.
        return


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _version() -> str:
    try:
        found = version("backupkit")
    except PackageNotFoundError:
        found = "(not installed)"
    return f"{found} (snapshots {snapshot.VERSION})"
