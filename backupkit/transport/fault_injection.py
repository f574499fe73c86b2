"""Fails on purpose, to see what is left standing."""

from __future__ import annotations

import threading

from backupkit.checks import is_text, must_be_bools, whole
from backupkit.errors import InvalidValueError, UnreachableError
from backupkit.problems import Problem, located, quote
from backupkit.transport.protocol import Params, Transport
from backupkit.transport.wrapper import Wrapper

__all__ = ["FaultInjection"]

_MOST_CALLS = 10**9


class FaultInjection(Wrapper):
    """Passes calls on, and fails some of them.

    Args:
        transport: What answers.
        at: Which call fails first, counted from 1.
        operation: Count only calls of this operation; None counts all.
        times: How many calls fail, one after the other.
        error: What is raised; ``KeyboardInterrupt()`` plays a program that is killed.
        after: Fail after the call was carried out, as when the answer is lost; else before.

    Raises:
        InvalidValueError: A number is not 1 or more, or another argument is of the wrong kind.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        at: int = 1,
        operation: str | None = None,
        times: int = 1,
        error: BaseException | None = None,
        after: bool = False,
    ) -> None:
        super().__init__(transport)
        _check(at, times, operation, error)
        must_be_bools("fault_injection", after=after)
        self._failing = range(at, at + times)
        self._operation = operation
        self._error = error
        self._after = after
        self._lock = threading.Lock()
        self.counted = 0

    def call(self, operation: str, params: Params, /) -> bytes:
        """As `Transport.call`, or the error that was asked for."""
        if not self._fails(operation):
            return self._transport.call(operation, params)
        if self._after:
            self._transport.call(operation, params)
        raise self._error or UnreachableError(f"{operation}: the connection was cut, on purpose")

    def _fails(self, operation: str) -> bool:
        if self._operation not in {None, operation}:
            return False
        with self._lock:
            self.counted += 1
            return self.counted in self._failing


def _check(at: object, times: object, operation: object, error: object) -> None:
    counts = whole(1, _MOST_CALLS, "calls")
    found = [*located("at", counts(at)), *located("times", counts(times))]
    if operation is not None and not is_text(operation):
        found.append(Problem("operation", f"{quote(operation)} is not an operation", "give its name, or None for all"))
    if error is not None and not isinstance(error, BaseException):
        found.append(Problem("error", f"{quote(error)} cannot be raised", "give an exception, like OSError()"))
    if found:
        raise InvalidValueError(located("fault_injection", found))
