"""The table of operations that the local service has: one function an operation, marked with its name."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import NoReturn, TypeAlias

import attrs

from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, RegionScope

__all__ = ["ApiError", "Handler", "Operation", "operation", "operations_of", "raise_api_error"]

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
