"""The metadata of a restore, key by key: where each value comes from, how it is shown, and what is not sent."""

from __future__ import annotations

import enum
import json
import re

import attrs

from backupkit.catalog.metadata_key import MetadataKey
from backupkit.problems import Problem

__all__ = ["Draft", "Dropped", "Sent", "Source"]

_MASK = "***"
_LIKE_A_SECRET = re.compile(r"password|secret|credential|userdata|stackparameters", re.IGNORECASE)
_NOT_A_SECRET = re.compile(r"(arn|kmskeyid)$|^manage", re.IGNORECASE)


class Source(enum.StrEnum):
    """Where a value comes from."""

    POINT = "point"
    REQUEST = "request"
    DEFAULT = "default"


@attrs.frozen
class Sent:
    """One key that is sent.

    Args:
        key: As it is sent.
        value: The text that is sent; not in the repr.
        source: Where it comes from.
        known: The key of the table; None where the table does not have it.
    """

    key: str
    value: str = attrs.field(repr=False)
    source: Source
    known: MetadataKey | None = attrs.field(default=None, repr=False)

    @property
    def display_value(self) -> str:
        """The value, or ``***`` in the place of what must not be shown."""
        if self.known is None:
            secret = _LIKE_A_SECRET.search(self.key) and not _NOT_A_SECRET.search(self.key)
            return _MASK if secret else self.value
        if self.known.secret:
            return _MASK
        return _masked(self.value, self.known.secret_members) if self.known.secret_members else self.value


@attrs.frozen
class Dropped:
    """One key that the point holds and that is not sent."""

    key: str
    reason: str


@attrs.frozen
class Draft:
    """The metadata of a restore, and what is wrong with it."""

    sent: tuple[Sent, ...]
    dropped: tuple[Dropped, ...]
    problems: tuple[Problem, ...]


def _masked(value: str, members: tuple[str, ...]) -> str:
    try:
        return json.dumps(_mask(json.loads(value), members))
    except (ValueError, RecursionError):
        return _MASK


def _mask(value: object, members: tuple[str, ...]) -> object:
    match value:
        case dict():
            return {str(name): _MASK if name in members else _mask(each, members) for name, each in value.items()}
        case list():
            return [_mask(each, members) for each in value]
        case _:
            return value
