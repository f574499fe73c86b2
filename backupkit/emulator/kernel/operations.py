"""The table of operations that the local service has: one function an operation, registered by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, TypeAlias

import attrs

from backupkit.emulator.kernel.simulation import Cloud
from backupkit.emulator.model import Document, Place

__all__ = ["OPERATIONS", "Handler", "Operation", "Refused", "answers", "refuse"]

Handler: TypeAlias = Callable[[Cloud, Place, Document], Document]
"""Answers one operation: the whole cloud, the place that is called, the checked input; returns the output's JSON."""


@attrs.frozen
class Operation:
    """One operation of the table."""

    name: str
    handler: Handler
    source: str = "botocore model"
    """Where the behaviour is known from."""
    lacks: str = ""
    """What AWS does here and the local service does not; empty where nothing is known to be missing."""


OPERATIONS: dict[str, Operation] = {}


class Refused(Exception):  # noqa: N818 - an answer on its way to the edge, never seen by a caller
    """AWS's way of saying no: an error code and a sentence. `LocalService.call` turns it into a `ServiceError`."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        self.code = code
        self.message = message
        self.status = status
        super().__init__(f"{code}: {message}")


def refuse(code: str, message: str, status: int = 400) -> NoReturn:
    """Answer with an error of the API, for example ``refuse("InvalidRequestException", "...")``."""
    raise Refused(code, message, status)


def answers(name: str, *, source: str = "botocore model", lacks: str = "") -> Callable[[Handler], Handler]:
    """Register a function as the answer to the operation ``name``."""

    def register(handler: Handler) -> Handler:
        OPERATIONS[name] = Operation(name, handler, source, lacks)
        return handler

    return register
