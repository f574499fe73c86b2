"""Work on many points as JSON, for another process: what is to be done, and what became of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

import msgspec

from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, label
from backupkit.serialization import Serializable

__all__ = ["MOST_TOLD", "SavedWork", "loaded", "not_written", "twice"]

S = TypeVar("S", bound=msgspec.Struct)


MOST_TOLD = 20
"""Problems of one text: where one thing of many thousands is wrong, all may be."""


class SavedWork(Serializable):
    """Something that is written as JSON in its own format."""

    __slots__ = ()

    if TYPE_CHECKING:
        # What each class has.
        def _saved(self) -> msgspec.Struct: ...

    def to_dict(self, *, json: bool = False) -> dict[str, object]:
        """Return everything as plain values, moments as aware datetimes, or as ISO text where ``json`` is true."""
        saved = self._saved()
        found: dict[str, object] = (
            msgspec.json.decode(msgspec.json.encode(saved))
            if json
            else msgspec.to_builtins(saved, builtin_types=(datetime,))
        )
        return found

    def to_json(self) -> str:
        """Return everything as JSON text, for `from_json`."""
        return msgspec.json.format(msgspec.json.encode(self._saved()), indent=2).decode()


def loaded(text: str | bytes, form: type[S], where: str, writer: str, hint: str) -> S:
    """Return what ``writer`` wrote.

    Args:
        text: The JSON.
        form: Its format.
        where: What a problem is said to be of.
        writer: The name of the class whose ``to_json`` writes it.
        hint: The way out.

    Raises:
        InvalidValueError: It is not such a text.
    """
    found = _decoded(text, form)
    if found is None:
        # Raised out here: what msgspec says of a text may hold values of tags.
        raise InvalidValueError(not_written(text, where, writer, hint))
    return found


def not_written(text: str | bytes, where: str, writer: str, hint: str) -> Problem:
    """Return the problem of a text that ``writer`` did not write, with the format that it says it has."""
    named = _decoded(text, _Named)
    claim = f", though it says {named.format}" if named is not None and _FORMAT.fullmatch(named.format) else ""
    return Problem(where, f"this is not what {writer}.to_json writes{claim}", hint)


def twice(names: Iterable[str], where: str, hint: str) -> tuple[Problem, ...]:
    """Return the problem of each name that is there more than once, `MOST_TOLD` of them at most."""
    doubled = ((name, times) for name, times in Counter(names).items() if times > 1)
    found = islice(doubled, MOST_TOLD)
    return tuple(Problem(where, f"{label(name)} is in it {times:,} times", hint) for name, times in found)


class _Named(msgspec.Struct, frozen=True):
    format: str


_FORMAT = re.compile(r"backupkit\.[A-Za-z]{1,40}/[0-9]{1,4}")
"""What may be shown of a text: nothing else is known not to be a secret."""


def _decoded(text: str | bytes, form: type[S]) -> S | None:
    try:
        return msgspec.json.decode(text, type=form)
    except (ValueError, TypeError, RecursionError):
        return None
