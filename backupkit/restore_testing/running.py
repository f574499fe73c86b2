"""Runs a validator's function on a finished restore job, and the checks that it returns or yields."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias

import attrs

from backupkit.connection import Connection
from backupkit.errors import (
    AccessDeniedError,
    ConfigurationError,
    CredentialsError,
    InvalidValueError,
    NeighbourError,
    UnavailableError,
    UnreachableError,
)
from backupkit.problems import Problem, quote
from backupkit.recover.restore_job import RestoreJob
from backupkit.restore_testing.results import Check, CheckResult, Outcome
from backupkit.transport.protocol import Clock
from backupkit.transport.scrubbing import scrubbed

__all__ = ["Answer", "Patience", "results_of", "seconds_left"]

Answer: TypeAlias = object
"""What a function may return or yield: a check, True or None where all is well, False where it is not, a text that says
what is well, a mapping of names to any of these, a pair of a name and any of these, or several of all of them."""

_LOOK_SECONDS = 15.0
_MISSED = (
    AccessDeniedError,
    ConfigurationError,
    CredentialsError,
    NeighbourError,
    UnavailableError,
    UnreachableError,
)
_MISSED_CODES = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "ExpiredToken",
        "ExpiredTokenException",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "UnauthorizedOperation",
    }
)
_MISSED_STATUS = frozenset({401, 403, 429})
_BROKEN_STATUS = 500


@attrs.frozen
class Patience:
    """How long a resource that is on its way is waited for.

    Args:
        clock: What waiting goes by.
        seconds: From when the first check begins.
        left: Seconds that whoever runs this has left; None: as many as it wants.
    """

    clock: Clock
    seconds: float
    left: Callable[[], float] | None = None
    _began: float = attrs.field(init=False, default=attrs.Factory(lambda self: self.clock.monotonic(), takes_self=True))

    def pause(self) -> bool:
        """Wait a while, and return whether there was time for it."""
        over = self.clock.monotonic() - self._began + _LOOK_SECONDS > self.seconds
        if over or (self.left is not None and self.left() < _LOOK_SECONDS):
            return False
        self.clock.sleep(_LOOK_SECONDS)
        return True


def results_of(
    function: Callable[..., Answer],
    name: str,
    job: RestoreJob,
    aws: Connection,
    *,
    takes_connection: bool,
    patience: Patience,
) -> tuple[CheckResult, ...]:
    """Return what the checks of a function come to, in their order.

    What it raises is a failure, but for what only says that a service could not be asked: then it is not known. A
    generator goes on only once the check that it yielded is no longer pending.

    Raises:
        InvalidValueError: It said something that is not an answer.
    """
    found: list[CheckResult] = []
    try:
        answer = function(job, aws) if takes_connection else function(job)
        found.extend(_results(name, answer, job, patience, alone=True))
    except InvalidValueError:
        raise
    except _Raised as raised:
        found.extend(raised.before)
        found.append(_of_error(name, raised.error))
    except Exception as error:  # noqa: BLE001 - whatever a check raises is its verdict
        found.append(_of_error(name, error))
    return tuple(found)


class _Raised(Exception):  # noqa: N818 - carries what a generator raised, never leaves this file
    """A generator raised after some checks."""

    def __init__(self, before: list[CheckResult], error: Exception) -> None:
        self.before = before
        self.error = error
        super().__init__()


def _results(name: str, answer: Answer, job: RestoreJob, patience: Patience, *, alone: bool) -> Iterator[CheckResult]:
    match answer:
        case CheckResult():
            yield answer
        case None | True:
            yield CheckResult(name, Outcome.PASSED)
        case False:
            yield CheckResult(name, Outcome.FAILED)
        case str():
            yield CheckResult(name, Outcome.PASSED, scrubbed(answer))
        case Mapping():
            for each, value in answer.items():
                yield from _results(str(each), value, job, patience, alone=False)
        case (str() as named, value) if not isinstance(answer, list):
            yield from _results(named, value, job, patience, alone=False)
        case Check():
            yield from _looked(answer, job, patience)
        case Iterable() if alone:
            yield from _each(name, answer, job, patience)
        case _:
            raise InvalidValueError(
                Problem(
                    f"validator/{name}",
                    f"{quote(answer)} is not what a check says",
                    "give True or False, a text where all is well, a check, a mapping of names to these, or several",
                )
            )


def _each(name: str, answer: Iterable[object], job: RestoreJob, patience: Patience) -> list[CheckResult]:
    found: list[CheckResult] = []
    try:
        for number, each in enumerate(answer, 1):
            found.extend(_results(f"{name} {number}", each, job, patience, alone=False))
    except InvalidValueError:
        raise
    except Exception as error:  # noqa: BLE001 - as above
        raise _Raised(found, error) from None
    return found


def _looked(check: Check, job: RestoreJob, patience: Patience) -> tuple[CheckResult, ...]:
    """Look until nothing is pending any more, or there is no time left."""
    if not check.fits(job):
        return ()
    while True:
        found = tuple(check.results(job))
        if not any(each.outcome is Outcome.PENDING for each in found) or not patience.pause():
            return found


def _of_error(name: str, error: Exception) -> CheckResult:
    kind = type(error).__name__
    if code := _missed(error):
        # Not the message: what a service could not be asked holds what it was asked.
        return CheckResult(name, Outcome.UNKNOWN, kind if code == kind else f"{kind}: {code}")
    text = _code(error) or scrubbed(str(error))
    if isinstance(error, AssertionError):
        return CheckResult(name, Outcome.FAILED, text or "an assertion failed")
    return CheckResult(name, Outcome.FAILED, f"{kind}: {text}" if text else kind)


def _missed(error: Exception) -> str:
    """Why the error tells nothing about the restore; empty where it does."""
    if isinstance(error, _MISSED):
        return getattr(error, "code", "") or type(error).__name__
    code = _code(error)
    if not code:
        return type(error).__name__ if _is_botocores(error) else ""
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))  # type: ignore[attr-defined]
    return code if code in _MISSED_CODES or status in _MISSED_STATUS or status >= _BROKEN_STATUS else ""


def _code(error: Exception) -> str:
    """The code of a service's refusal that boto3 raised; empty for every other error."""
    response = getattr(error, "response", None)
    if not (_is_botocores(error) and isinstance(response, Mapping)):
        return ""
    return str(response.get("Error", {}).get("Code", "")) or "no code"


def _is_botocores(error: Exception) -> bool:
    # botocore is not imported for this: whoever raises its errors has it.
    return any(cls.__module__.startswith("botocore.") for cls in type(error).__mro__)


def seconds_left(context: object, margin: float) -> Callable[[], float] | None:
    """Return what tells how long a Lambda function may still run, or None where nothing tells it."""
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    if not callable(remaining):
        return None
    ends = time.monotonic() + float(str(remaining())) / 1_000 - margin
    return lambda: ends - time.monotonic()
