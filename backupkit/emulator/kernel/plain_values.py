"""Plain values: text as the local service keeps it, requests apart from their callers, answers as the wire has them.

A subclass of `str` can neither be kept in a saved state nor be trusted to stay what it was, and half of a surrogate
pair can be sent to nobody. Both are settled where a value comes in: nothing that was accepted spoils a later answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeVar

from backupkit.emulator.model import Document
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, typed
from backupkit.transport.protocol import Params

__all__ = ["BROKEN", "cleaned", "copied", "is_whole", "many", "mended", "text", "texts", "utc", "wire_form"]

T = TypeVar("T")

# ---- Text ----


_SURROGATE = re.compile("[\ud800-\udfff]")
BROKEN = "it holds half of a surrogate pair, which is not text"
"""What is wrong with text that no encoding can carry."""
_WAY_OUT = "decode it from UTF-8"


def is_whole(value: str) -> bool:
    """Return whether UTF-8 can carry the text."""
    return value.isascii() or _SURROGATE.search(value) is None


def text(value: object, address: str) -> str:
    """Return the value as plain text.

    Raises:
        InvalidValueError: It is not text, or holds half of a surrogate pair.
    """
    if not isinstance(value, str):
        # The value itself is left out: it may be a tag's.
        raise InvalidValueError(Problem(address, f"{typed(value)} is not text", "write it in quotes"))
    plain = str.__str__(value)
    if not is_whole(plain):
        raise InvalidValueError(Problem(address, BROKEN, _WAY_OUT))
    return plain


def texts(given: Mapping[str, str] | None, address: str) -> dict[str, str]:
    """Return tags, members or the like with plain text on both sides; like `text`."""
    if given is not None and not isinstance(given, Mapping):
        raise InvalidValueError(Problem(address, f"{typed(given)} is not a mapping", 'write {"Team": "platform"}'))
    return {text(key, address): text(value, address) for key, value in (given or {}).items()}


def cleaned(given: Mapping[str, str]) -> Mapping[str, str]:
    """Return what a world tells as plain text; where it is that already, the very mapping."""
    if type(given) is dict and all(map(_is_plain, given)) and all(map(_is_plain, given.values())):
        return given
    return {mended(key): mended(value) for key, value in given.items()}


def _is_plain(value: object) -> bool:
    return type(value) is str and is_whole(value)


def mended(value: str) -> str:
    """Return plain text, in which U+FFFD stands for what no encoding can carry."""
    return _SURROGATE.sub("\ufffd", str.__str__(value))


# ---- Requests and answers ----


def many(value: T | list[T]) -> list[T]:
    """Return the entries of a list, or the one thing in its place."""
    return value if isinstance(value, list) else [value]


_PLAIN = frozenset({str, bool, int, float})


def copied(params: Params) -> Document:
    """The request, apart from the caller's own objects: what is kept of it must not change under the service."""
    return {str.__str__(name): _apart(value) for name, value in params.items()}


def _apart(value: object) -> object:
    if type(value) in _PLAIN:
        return value
    if isinstance(value, (list, tuple)):
        return [_apart(item) for item in value]
    if isinstance(value, Mapping):
        return {_apart(name): _apart(part) for name, part in value.items()}
    return _plain_of(value)


def _plain_of(value: object) -> object:
    """The plain value of a subclass, which could neither be encoded nor saved."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, datetime):
        return utc(value)
    if isinstance(value, int):
        return int.__int__(value)
    return float.__float__(value) if isinstance(value, float) else value


def utc(moment: datetime) -> datetime:
    """Return the moment as a plain datetime; neither its class nor its zone need be something that can be saved."""
    at = moment.astimezone(UTC)
    return datetime(at.year, at.month, at.day, at.hour, at.minute, at.second, at.microsecond, UTC)


def wire_form(value: object) -> object:
    """The answer as the wire has it: moments are epoch seconds to the millisecond, absent members are left out."""
    kind = type(value)
    if kind is str or kind is int or kind is bool:
        return value
    if isinstance(value, dict):
        return {name: wire_form(part) for name, part in value.items() if part is not None}
    if isinstance(value, list):
        return [wire_form(item) for item in value]
    return round(value.timestamp(), 3) if isinstance(value, datetime) else value
