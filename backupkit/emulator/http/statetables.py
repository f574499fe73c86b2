"""The tables of a state file and its write-ahead log, with a checksum over everything in them.

Each request's checksum is made over the one before it, and the last one is kept apart with the number of requests: so
a row that was changed, lost or moved is noticed.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import struct
from collections.abc import Iterator
from pathlib import Path

import attrs
import msgspec

__all__ = ["DamagedError", "NotOursError", "Row", "Tables"]

# ---- The write-ahead log, checked as SQLite does not ----
# Where a frame of the log is damaged, SQLite takes it and everything after it for what a crash left over, and drops
# it without a word. A crash leaves only part of a frame behind, though, as long as the log is never written over;
# then a whole frame that does not match its checksum is damage. `Tables` sees to it that the log only grows, or is
# emptied.
#
# The format is that of https://www.sqlite.org/walformat.html.


_HEADER, _FRAME = 32, 24
_LITTLE, _BIG = 0x377F0682, 0x377F0683
_MASK = 0xFFFFFFFF


class DamagedError(Exception):
    """What a state file holds is not what was written to it."""


def check_log(path: Path) -> None:
    """Compare each whole frame of a log with its checksum.

    Args:
        path: Of the log; where it is not there, it is as good as empty.

    Raises:
        DamagedError: One does not match.
        OSError: It cannot be read.
    """
    try:
        log = path.read_bytes()
    except FileNotFoundError:
        return
    if len(log) < _HEADER:
        return
    magic, _, page, _, salts, sums = struct.unpack(">IIII8s8s", log[:_HEADER])
    if magic not in {_LITTLE, _BIG}:
        raise DamagedError("its write-ahead log has no header")
    order = "<" if magic == _LITTLE else ">"
    running = _added(order, (0, 0), log[:24])
    if running != struct.unpack(">II", sums) or not page:
        raise DamagedError("the header of its write-ahead log does not match its checksum")
    for start in range(_HEADER, len(log) - _FRAME - page + 1, _FRAME + page):
        frame = log[start : start + _FRAME + page]
        running = _added(order, running, frame[:8] + frame[_FRAME:])
        if frame[8:16] != salts or struct.unpack(">II", frame[16:_FRAME]) != running:
            if any(log[start:]):
                raise DamagedError("its write-ahead log does not match its checksums")
            # Room that the file system had given and a power failure left empty.
            return


def _added(order: str, sums: tuple[int, int], part: bytes) -> tuple[int, int]:
    first, second = sums
    words = iter(struct.unpack(f"{order}{len(part) // 4}I", part))
    for one, other in zip(words, words, strict=True):
        first = first + one + second & _MASK
        second = second + other + first & _MASK
    return first, second


# ---- Tables ----


_OURS = 0x424B4954
"""SQLite's application id, by which a state file is known: BKIT."""
_LAYOUT = 2
"""SQLite's user version: grows when the tables change."""

_TABLES = (
    "CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
    "CREATE TABLE snapshot (number INTEGER PRIMARY KEY CHECK (number = 1), state BLOB NOT NULL) STRICT",
    """CREATE TABLE request (
        number INTEGER PRIMARY KEY, moment TEXT NOT NULL,
        method TEXT NOT NULL, target TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, body BLOB NOT NULL
    ) STRICT""",
    """CREATE TABLE checked (
        number INTEGER PRIMARY KEY CHECK (number = 1), requests INTEGER NOT NULL, moment TEXT NOT NULL,
        checksum BLOB NOT NULL
    ) STRICT""",
)
_LOGGED = 500
"""Requests after which the write-ahead log goes into the database and is emptied."""
_INSERT = "INSERT INTO request VALUES (?, ?, ?, ?, ?, ?, ?)"
_SELECT = "SELECT moment, method, target, account, region, body FROM request ORDER BY number"


class NotOursError(Exception):
    """The file is a database, but not a state file of this version."""


@attrs.frozen
class Row:
    """A request on record."""

    moment: str
    """What the service's clock showed when it was done, in ISO 8601."""
    method: str
    target: str
    account: str
    region: str
    body: bytes


class Tables:
    """The rows of one state file. One process has it at a time.

    Args:
        path: Made where it is not there, for its owner alone to read.

    Raises:
        NotOursError: It is another database.
        DamagedError: Its write-ahead log is damaged.
        OSError, sqlite3.Error: It is not a database, is in use, or cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        _private(path)
        _check_log(path)
        self._database = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        self._logged = 0
        try:
            self.new = self._opened(path)
        except BaseException:
            self._database.close()
            raise
        self._chain = b""
        self._requests = 0
        self.moment = ""
        """What the service's clock showed last."""

    def _opened(self, path: Path) -> bool:
        # Held until it is closed, so that two servers never share it; every commit reaches the disk.
        for pragma in ("locking_mode = EXCLUSIVE", "synchronous = FULL", "wal_autocheckpoint = 0"):
            self._database.execute(f"PRAGMA {pragma}")
        ours, layout = (self._number(name) for name in ("application_id", "user_version"))
        empty = self._database.execute("SELECT 1 FROM sqlite_master").fetchone() is None
        if ours == _OURS and layout != _LAYOUT:
            raise NotOursError("it was written by another version of backupkit, whose tables differ")
        if ours != _OURS and not empty:
            raise NotOursError("it is a database, but not the state of a local AWS Backup")
        # Only now: another's file is left alone, its mode and its journal, too.
        path.chmod(0o600)
        self._database.execute("PRAGMA journal_mode = WAL")
        with self._transaction():
            pass
        self._empty_log()
        return ours != _OURS

    def _number(self, pragma: str) -> int:
        [number] = self._database.execute(f"PRAGMA {pragma}").fetchone()
        return int(number)

    def lay_out(self, about: dict[str, str], moment: str) -> None:
        """Make the tables; ``about`` says how the service begins."""
        with self._transaction():
            for table in _TABLES:
                self._database.execute(table)
            self._database.executemany("INSERT INTO about VALUES (?, ?)", about.items())
            self._started(about, None, moment)
            self._database.execute(f"PRAGMA application_id = {_OURS}")
            self._database.execute(f"PRAGMA user_version = {_LAYOUT}")

    def about(self) -> dict[str, str]:
        """Return how the service begins, and who wrote it."""
        return dict(self._database.execute("SELECT name, value FROM about").fetchall())

    def snapshot(self) -> bytes | None:
        """Return the snapshot that the requests follow, or None where they follow the beginning."""
        found = self._database.execute("SELECT state FROM snapshot").fetchone()
        return bytes(found[0]) if found is not None else None

    def requests(self) -> Iterator[Row]:
        """Return the requests since the snapshot, in their order."""
        return (Row(*row) for row in self._database.execute(_SELECT))

    @property
    def any_requests(self) -> bool:
        """Whether there are requests since the snapshot."""
        return self._requests > 0

    def check(self) -> None:
        """Compare everything with its checksum; to be called before anything is taken from the tables.

        Raises:
            DamagedError: They differ.
        """
        found = self._database.execute("SELECT requests, moment, checksum FROM checked").fetchall()
        if len(found) != 1:
            raise DamagedError("its checksum is missing")
        [(requests, moment, checksum)] = found
        chain, count = _first(self.about(), self.snapshot()), 0
        for row in self.requests():
            chain, count = _next(chain, row), count + 1
        if count != requests or _last(chain, count, moment) != checksum:
            raise DamagedError("its checksum does not match")
        self._chain, self._requests, self.moment = chain, count, moment

    def append(self, row: Row) -> None:
        """Write one request through to the disk."""
        chain, requests = _next(self._chain, row), self._requests + 1
        with self._transaction():
            self._database.execute(_INSERT, (requests, *attrs.astuple(row)))
            self._checked(chain, requests, row.moment)
        self._chain, self._requests, self.moment = chain, requests, row.moment
        self._committed()

    def reached(self, moment: str) -> None:
        """Write through to the disk how far the clock has come, without a request."""
        with self._transaction():
            self._checked(self._chain, self._requests, moment)
        self.moment = moment
        self._committed()

    def shorten(self, about: dict[str, str], snapshot: bytes | None) -> None:
        """Put a snapshot into the place of the requests; None: there are none, and the one that is there stays."""
        with self._transaction():
            if snapshot is not None:
                self._database.execute("INSERT OR REPLACE INTO snapshot VALUES (1, ?)", (snapshot,))
                self._database.execute("DELETE FROM request")
            self._database.execute("DELETE FROM about")
            self._database.executemany("INSERT INTO about VALUES (?, ?)", about.items())
            self._started(about, self.snapshot(), self.moment)
        self._empty_log()

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _started(self, about: dict[str, str], snapshot: bytes | None, moment: str) -> None:
        self._chain, self._requests, self.moment = _first(about, snapshot), 0, moment
        self._checked(self._chain, 0, moment)

    def _checked(self, chain: bytes, requests: int, moment: str) -> None:
        row = (requests, moment, _last(chain, requests, moment))
        self._database.execute("INSERT OR REPLACE INTO checked VALUES (1, ?, ?, ?)", row)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._database.execute("COMMIT")
        except BaseException:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            # Nothing must be left in the log that the next commit would write over.
            with contextlib.suppress(sqlite3.Error):
                self._empty_log()
            raise

    def _committed(self) -> None:
        self._logged += 1
        if self._logged >= _LOGGED:
            self._empty_log()

    def _empty_log(self) -> None:
        self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._logged = 0


def _private(path: Path) -> None:
    """Make the file for its owner alone; SQLite gives its journal the same mode."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        if not path.is_file():
            raise NotOursError("it is a folder or a device, not a file") from None


def _check_log(path: Path) -> None:
    """Compare the log of a database with its checksums before SQLite opens it, which would drop what is damaged."""
    try:
        check_log(path.with_name(f"{path.name}-wal"))
    except DamagedError:
        # A log that another process is just writing to looks like that.
        _check_free(path)
        raise


def _check_free(path: Path) -> None:
    """Raise SQLite's error where another process has the file; reading alone neither drops nor deletes its log."""
    database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=0)
    try:
        database.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        if "locked" in str(error):
            raise
    finally:
        database.close()


def _first(about: dict[str, str], snapshot: bytes | None) -> bytes:
    return _digest(sorted(about.items()), snapshot)


def _next(chain: bytes, row: Row) -> bytes:
    return _digest(chain, attrs.astuple(row))


def _last(chain: bytes, requests: int, moment: str) -> bytes:
    return _digest(chain, requests, moment)


def _digest(*parts: object) -> bytes:
    return hashlib.blake2b(msgspec.msgpack.encode(parts), digest_size=16).digest()
