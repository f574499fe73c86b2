"""The table of operations that the local service has, and what their idempotency tokens made.

An operation is one function, marked with its name. The same request again, with its token, answers what it answered
before, and makes nothing. Some operations keep a token in the thing that they made (CreatorRequestId), the others in a
book of their scope.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import FunctionType, ModuleType
from typing import NoReturn, Protocol, TypeAlias, TypeVar

import attrs

from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, RegionScope

__all__ = [
    "ApiError",
    "Handler",
    "Operation",
    "forget_thing",
    "made_by",
    "made_with",
    "operation",
    "operations_of",
    "raise_api_error",
    "raise_invalid_request",
    "raise_invalid_value",
    "remember",
]

Handler: TypeAlias = Callable[[Simulation, RegionScope, Document], Document]
"""Answers one operation: the simulation, the scope that is called, the checked input; returns the output's JSON."""


@attrs.frozen
class Operation:
    """One operation of the table."""

    name: str
    handler: Handler
    source: str = "botocore model"
    """Where the behaviour is known from."""
    missing: str = ""
    """What AWS does here and the local service does not; empty where nothing is known to be missing."""


class ApiError(Exception):
    """AWS's way of saying no: an error code and a sentence. `LocalService.call` turns it into a `ServiceError`."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        self.code = code
        self.message = message
        self.status = status
        super().__init__(f"{code}: {message}")


def raise_api_error(code: str, message: str, status: int = 400) -> NoReturn:
    """Answer with an error of the API, for example ``raise_api_error("InvalidRequestException", "...")``."""
    raise ApiError(code, message, status)


def raise_invalid_value(message: str) -> NoReturn:
    """Answer that a value of the request is wrong."""
    raise_api_error("InvalidParameterValueException", message)


def raise_invalid_request(message: str) -> NoReturn:
    """Answer that what is asked for cannot be done to the thing as it is."""
    raise_api_error("InvalidRequestException", message)


def operation(name: str, *, source: str = "botocore model", missing: str = "") -> Callable[[Handler], Handler]:
    """Mark a function as the answer to the operation ``name``; `operations_of` finds it in its room."""

    def mark(handler: Handler) -> Handler:
        _MARKED[handler] = Operation(name, handler, source, missing)
        return handler

    return mark


_MARKED: dict[Handler, Operation] = {}


def operations_of(*rooms: ModuleType) -> dict[str, Operation]:
    """The operations that the rooms answer, by name."""
    here = [_MARKED[each] for room in rooms for each in vars(room).values() if _is_marked(each, room)]
    return {each.name: each for each in here}


def _is_marked(value: object, room: ModuleType) -> bool:
    return isinstance(value, FunctionType) and value in _MARKED and value.__module__ == room.__name__


# ---- Idempotency tokens ----


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
