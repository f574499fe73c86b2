"""Text as the local service keeps it: plain `str`, which UTF-8 can carry.

A subclass of `str` can neither be kept in a saved state nor be trusted to stay what it was, and half of a surrogate
pair can be sent to nobody. Both are settled where a value comes in: nothing that was accepted spoils a later answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, typed

__all__ = ["BROKEN", "cleaned", "is_whole", "mended", "text", "texts"]

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
