"""Reads members of events, whose names, cases and types AWS does not keep to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

__all__ = ["Members", "as_mapping", "moment"]


def as_mapping(value: object) -> Mapping[str, object]:
    """The value where it is a map, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def moment(value: object) -> datetime | None:
    """An ISO 8601 time as an aware one, else None."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


class Members:
    """A map whose keys are found without regard to their case; of the wrong type counts as not there."""

    def __init__(self, members: Mapping[str, object]) -> None:
        self._members = {str(name).casefold(): value for name, value in members.items()}

    def get(self, *names: str) -> object:
        """The first of these that is there."""
        return next((self._members[name.casefold()] for name in names if name.casefold() in self._members), None)

    def text(self, *names: str) -> str | None:
        """The first of these that is a text with something in it."""
        found = (self._members.get(name.casefold()) for name in names)
        return next((value for value in found if isinstance(value, str) and value), None)

    def sentence(self, *names: str) -> str | None:
        """As `text`, without the quotes that AWS puts around the messages of backups."""
        found = self.text(*names)
        return re.sub(r'^"(.*)"$', r"\1", found, flags=re.DOTALL) if found is not None else None

    def moment(self, *names: str) -> datetime | None:
        """The first of these that is a time."""
        return next((found for name in names if (found := moment(self.text(name))) is not None), None)

    def whole(self, *names: str) -> int | None:
        """A number, which AWS gives as a number of some jobs and as text of others."""
        found = self.get(*names)
        if isinstance(found, int) and not isinstance(found, bool):
            return found
        return int(found) if isinstance(found, str) and found.isdecimal() else None

    def flag(self, *names: str) -> bool | None:
        """A truth, which AWS gives as text."""
        found = self.get(*names)
        return found if isinstance(found, bool) else {"true": True, "false": False}.get(str(found).casefold())

    def within(self, name: str) -> Members:
        """The members of a map that is a member."""
        return Members(as_mapping(self.get(name)))
