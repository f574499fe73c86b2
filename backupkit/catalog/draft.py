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
        if self.known.secret if self.known is not None else _is_like_a_secret(self.key):
            return _MASK
        return _masked(self.value, self.known.secret_members if self.known is not None else ())


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


def _is_like_a_secret(name: str) -> bool:
    return _LIKE_A_SECRET.search(name) is not None and _NOT_A_SECRET.search(name) is None


def _masked(value: str, members: tuple[str, ...]) -> str:
    """The text without what its JSON must not show; a text that is not JSON, where it should be, is all hidden."""
    if not members and not value.lstrip().startswith(("{", "[")):
        return value
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return _MASK if members else value
    hidden = _mask(found, frozenset(each.casefold() for each in members))
    return value if hidden == found else json.dumps(hidden)


def _mask(value: object, members: frozenset[str]) -> object:
    """What JSON says, without secrets; keys compare without case, and metadata lies within metadata as text."""
    match value:
        case dict():
            return {str(name): _mask_member(str(name), each, members) for name, each in value.items()}
        case list():
            return [_mask(each, members) for each in value]
        case str():
            return _masked(value, ())
        case _:
            return value


def _mask_member(name: str, value: object, members: frozenset[str]) -> object:
    return _MASK if name.casefold() in members or _is_like_a_secret(name) else _mask(value, members)
