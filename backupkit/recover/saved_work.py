"""Work on many points as JSON, for another process: what is to be done, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

import msgspec

from backupkit.errors import InvalidValueError
from backupkit.problems import Problem
from backupkit.serialization import Serializable

__all__ = ["SavedWork", "loaded"]

S = TypeVar("S", bound=msgspec.Struct)


class SavedWork(Serializable):
    """Something that is written as JSON in its own format."""

    __slots__ = ()

    def _saved(self) -> msgspec.Struct:
        raise NotImplementedError

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


def loaded(text: str | bytes, form: type[S], where: str, writer: type) -> S:
    """Return what ``writer`` wrote.

    Args:
        text: The JSON.
        form: Its format.
        where: What a problem is said to be of.
        writer: The class whose ``to_json`` writes it.

    Raises:
        InvalidValueError: It is not such a text.
    """
    try:
        return msgspec.json.decode(text, type=form)
    except (msgspec.MsgspecError, TypeError, UnicodeError, RecursionError):
        pass
    # Raised outside of the handler: what msgspec says of a text may hold values of tags.
    raise InvalidValueError(Problem(where, f"this is not what {writer.__name__}.to_json writes"))
