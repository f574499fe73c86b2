"""What idempotency tokens made: the same request again answers what it answered before, and makes nothing.

Some operations keep a token in the thing that they made (CreatorRequestId), the others in a book of their scope.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

from backupkit.emulator.model import RegionScope

__all__ = ["forget_thing", "made_by", "made_with", "remember"]


class _Requested(Protocol):
    @property
    def creator_request_id(self) -> str | None: ...


T = TypeVar("T")
R = TypeVar("R", bound=_Requested)


def made_with(things: Iterable[R], token: str | None) -> R | None:
    """The thing that was made with the token as its CreatorRequestId."""
    return None if token is None else next((each for each in things if each.creator_request_id == token), None)


def made_by(scope: RegionScope, operation: str, things: Mapping[str, T], token: str | None) -> T | None:
    """The thing, by its id or name among ``things``, that the operation made with the token before."""
    made = scope.tokens.get((operation, token)) if token is not None else None
    return things.get(made) if made is not None else None


def remember(scope: RegionScope, operation: str, token: str | None, made: str) -> None:
    """Keep the id or name of what the operation made with the token, if it was given one."""
    if token is not None:
        scope.tokens[operation, token] = made


def forget_thing(scope: RegionScope, name: str, *operations: str) -> None:
    """Drop what these operations made under the name: the same requests make it again."""
    for key in [key for key, made in scope.tokens.items() if made == name and key[0] in operations]:
        del scope.tokens[key]
