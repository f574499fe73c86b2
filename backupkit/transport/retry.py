"""The one retry layer. It asks the error, never the call site; botocore's own retries are off.

Before each attempt the limiter lets the call wait for as long as AWS would throttle it.
"""

from __future__ import annotations

import logging
import math
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import attrs
import tenacity

from backupkit.errors import (
    BackupKitError,
    InvalidValueError,
    NotFoundError,
    ServiceError,
    UnavailableError,
    UnreachableError,
)
from backupkit.problems import Problem, located, quote, typed
from backupkit.transport import lost
from backupkit.transport.error_mapping import is_throttled
from backupkit.transport.idempotency import NOT_REPEATABLE, TOKENS
from backupkit.transport.limiter import Limiter
from backupkit.transport.protocol import Params, Transport
from backupkit.transport.wrapper import Wrapper

__all__ = ["RetryPolicy", "Retrying", "patience"]

_LOG = logging.getLogger(__name__)


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """How often and how long a call is repeated.

    Pauses are random, between 0 and a bound that doubles, so that many callers do not come back together. A call that
    AWS throttles is first repeated at the rate that the connection has learned for its operation.

    Args:
        attempts: Times a call is made at most, the first one counted; 1 repeats nothing. From 2 on, a refusal that only
            says that AWS has to catch up with itself (`ServiceError.settling`), as after a role was made, is repeated
            until the seconds are over, however often that is.
        unreachable_attempts: The same, while no usable answer comes: a wrong endpoint should not take minutes to show.
        stop_after_seconds: After this many seconds no further pause begins; an attempt that ends one is still made.
            They count from when a call was first sent: what waits for its turn before that is not given up. A new IAM
            role takes AWS up to two minutes.
        first_pause_seconds: Bound of the first pause.
        longest_pause_seconds: Bound of all pauses, and of what lies between two calls of a throttled operation.

    Raises:
        InvalidValueError: A number is too small, or none.
    """

    attempts: int = 10
    unreachable_attempts: int = 4
    stop_after_seconds: float = 120.0
    first_pause_seconds: float = 0.2
    longest_pause_seconds: float = 20.0

    def __attrs_post_init__(self) -> None:
        found = [
            problem
            for name, value in attrs.asdict(self).items()
            for problem in located(f"retry/{name}", _number_problems(name, value))
        ]
        if found:
            raise InvalidValueError(found)

    def _ends(self, call: _Call, state: tenacity.RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome else None
        # Pauses count by themselves too: on the local service they move its clock, not this machine's.
        seconds = max(state.idle_for + call.waited, time.monotonic() - call.sent - call.queued)
        late = state.upcoming_sleep > call.patience
        return state.attempt_number >= self._most(error) or seconds >= self.stop_after_seconds or late

    def _most(self, error: BaseException | None) -> float:
        if isinstance(error, UnreachableError):
            return min(self.attempts, self.unreachable_attempts)
        settles = isinstance(error, ServiceError) and error.settling
        return math.inf if settles and self.attempts > 1 else self.attempts


def _number_problems(name: str, value: object) -> Iterator[Problem]:
    counted = name.endswith("attempts")
    low = 1 if counted else 0
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= low:
        yield Problem("", f"{quote(value)} is not a number of {low} or more", f"give {low} or more")
    elif counted and not isinstance(value, int):
        yield Problem("", f"{quote(value)} is not a whole number", "attempts are counted: give 1 or more")
    elif name.endswith("pause_seconds") and value > _LONGEST_PAUSE_SECONDS:
        yield Problem("", f"{quote(value)} is longer than a day", f"give up to {_LONGEST_PAUSE_SECONDS:,} seconds")


_LONGEST_PAUSE_SECONDS = 86_400


_PATIENCE: ContextVar[float] = ContextVar("backupkit-patience", default=math.inf)


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Let calls in the block be repeated no later than so many seconds after their first attempt."""
    token = _PATIENCE.set(seconds)
    try:
        yield
    finally:
        _PATIENCE.reset(token)


class Retrying(Wrapper):
    """Repeats what may work when it is called again; pauses go by the transport's clock.

    A call's idempotency token is made once, before its first attempt, so that a repeated start does not start a second
    job. Where no answer came:

    - an operation in `idempotency.NOT_REPEATABLE` is not repeated: the error says that it may have been carried out;
    - a deletion is repeated, and if its thing is then not found, or refused and not listed, the deletion is done.
    """

    def __init__(
        self,
        transport: Transport,
        policy: RetryPolicy | None = None,
        *,
        new_token: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        if policy is not None and not isinstance(policy, RetryPolicy):
            raise InvalidValueError(Problem("retry", f"{typed(policy)} is not a policy", "give a RetryPolicy"))
        super().__init__(transport)
        self._policy = policy or RetryPolicy()
        self._limiter = Limiter(
            transport.clock,
            first=self._policy.first_pause_seconds / 2,
            longest=self._policy.longest_pause_seconds,
        )
        self._new_token = new_token

    def call(self, operation: str, params: Params, /) -> bytes:
        """As `Transport.call`, as often as the policy allows."""
        token = TOKENS.get(operation)
        if token is not None and params.get(token) is None:
            params = {**params, token: self._new_token()}
        try:
            return self._repeated(_Call(self._transport, self._limiter, operation, params, self.clock.monotonic()))
        except UnreachableError as error:
            if token is None:
                raise
            unreachable = UnreachableError(
                f"{error}; {operation} may have been carried out: look before you call again, or give "
                f"{token}={params[token]!r}, by which AWS knows the repeated call"
            )
            unreachable.retryable = error.retryable
            raise unreachable from error

    def _repeated(self, call: _Call) -> bytes:
        pause = tenacity.wait_random_exponential(
            multiplier=self._policy.first_pause_seconds, max=self._policy.longest_pause_seconds
        )
        loop = tenacity.Retrying(
            retry=tenacity.retry_if_exception(call.may_repeat),
            stop=lambda state: self._policy._ends(call, state),  # noqa: SLF001 - the policy's numbers are its own
            wait=lambda state: 0.0 if call.is_first_refusal(state) else pause(state),
            sleep=self._sleep,
            before_sleep=call.log,
            reraise=True,
        )
        return loop(call)

    def _sleep(self, seconds: float) -> None:
        if seconds:
            self.clock.sleep(seconds)


@attrs.define
class _Call:
    """One logical call over all its attempts."""

    transport: Transport
    limiter: Limiter
    operation: str
    params: Params
    begun: float = 0.0
    """When it began, on the transport's clock."""
    sent: float = 0.0
    """When it was first sent, on this machine's clock; 0 before that."""
    waited: float = 0.0
    """Seconds that it has waited for a turn of its own since then, on the transport's clock."""
    queued: float = 0.0
    """Seconds that it has waited beside that, behind others: these are not held against it."""
    throttled: int = 0
    """How many attempts were throttled."""
    unanswered: bool = False
    """An attempt before this one got no answer, so AWS may have done the work already."""

    @property
    def patience(self) -> float:
        """Seconds from now after which no attempt begins."""
        return _PATIENCE.get() - (self.transport.clock.monotonic() - self.begun)

    def __call__(self) -> bytes:
        try:
            return self._attempted()
        except UnreachableError as error:
            if self.operation in NOT_REPEATABLE:
                raise UnreachableError(
                    f"{error}; {self.operation} may have been carried out, and doing it twice is not the same as once: "
                    "look before you call again"
                ) from error
            self.unanswered = True
            raise
        except NotFoundError:
            if self.unanswered and self.operation.startswith("Delete"):
                return b"{}"
            raise
        except BackupKitError as error:
            refused = isinstance(error, ServiceError) and not isinstance(error, UnavailableError)
            if self.unanswered and refused and lost.is_gone(self.transport, self.operation, self.params):
                return b"{}"
            if self.unanswered:
                error.add_note("An attempt before this answer got none, and may have been carried out.")
            raise

    def _attempted(self) -> bytes:
        number, seconds = self.limiter.wait(self.operation, self.patience)
        if self.sent:
            own = min(seconds, self.limiter.longest)
            self.waited += own
            self.queued += seconds - own
        else:
            self.sent = time.monotonic()
        try:
            answer = self.transport.call(self.operation, self.params)
        except BackupKitError as error:
            if is_throttled(error):
                self.throttled += 1
                self.limiter.refused(self.operation, number)
            elif isinstance(error, ServiceError):
                self.limiter.admitted(self.operation, number)
            raise
        self.limiter.admitted(self.operation, number)
        return answer

    def is_first_refusal(self, state: tenacity.RetryCallState) -> bool:
        """Whether the last attempt was throttled for the first time; the limiter alone then says when to repeat it."""
        error = state.outcome.exception() if state.outcome else None
        return self.throttled == 1 and is_throttled(error)

    def log(self, state: tenacity.RetryCallState) -> None:
        """Tell the log that the call is repeated."""
        error = state.outcome.exception() if state.outcome else None
        # Not the message: that is AWS's, and as long as AWS likes.
        why = error.code if isinstance(error, ServiceError) else type(error).__name__
        _LOG.info("%s: %s, attempt %d in %.1f s", self.operation, why, state.attempt_number + 1, state.upcoming_sleep)

    def may_repeat(self, error: BaseException) -> bool:
        if isinstance(error, UnreachableError) and self.operation in NOT_REPEATABLE:
            return False
        return isinstance(error, BackupKitError) and bool(getattr(error, "retryable", False))
