"""The write-ahead log of a state file, checked as SQLite does not.

Where a frame of the log is damaged, SQLite takes it and everything after it for what a crash left over, and drops it
without a word. A crash leaves only part of a frame behind, though, as long as the log is never written over; then a
whole frame that does not match its checksum is damage. `Tables` sees to it that the log only grows, or is emptied.

The format is that of https://www.sqlite.org/walformat.html.
"""

from __future__ import annotations

import struct
from pathlib import Path

__all__ = ["DamagedError", "check_log"]

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
