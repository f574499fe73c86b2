"""Calls to services beside AWS Backup that have not caught up with themselves yet, repeated until they have."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

from backupkit.errors import NeighbourError
from backupkit.provider.answers import Document
from backupkit.provider.change import Call
from backupkit.provider.kinds.reader import Reader
from backupkit.recover.polling import Polling
from backupkit.transport.lags import Lag, lag_of
from backupkit.transport.protocol import Clock, Value

__all__ = ["LaggingError", "ask_until_there", "wait_until_told"]

_LOG = logging.getLogger(__name__)
_POLLING = Polling(first=1.0, growth=2.0, most=15.0)
_TOLD_SECONDS = 120.0
"""As long as terraform-provider-aws reads what it has made in IAM, until it is there."""

T = TypeVar("T")


class LaggingError(NeighbourError):
    """A service beside AWS Backup did not catch up with itself in time."""


def ask_until_there(
    reader: Reader, call: Call, params: Mapping[str, Value], parse: Callable[[Document], T], sent: Collection[str]
) -> T:
    """Make a call of a change; one that the service only cannot take yet, as `transport.lags` says, again and again.

    Args:
        reader: Where it goes.
        call: The call.
        params: Its input members, with everything in its place.
        parse: Reads the answer.
        sent: The operations of the change that were carried out before it.

    Raises:
        LaggingError: The service does not take it in time; says the service's own sentence.
        NeighbourError: It refuses for another reason, or what it does not find is really not there.
        ServiceError: AWS Backup answered no.
        UnreachableError: The answer cannot be read.
    """
    clock = reader.transport.clock
    pauses, begin = _POLLING.pauses(), clock.monotonic()
    while True:
        try:
            return reader.ask(call.service, call.operation, params, parse)
        except NeighbourError as error:
            lag = lag_of(call.service, call.operation, error.code, str(error))
            if lag is None or not _passes(reader, lag, call.service, params, sent):
                raise
            left = lag.seconds - (clock.monotonic() - begin)
            if left <= 0:
                message = f"{error} (so it has been for {lag.seconds:g} seconds)"
                raise LaggingError(message, code=error.code) from error
            pause = min(next(pauses), left)
            _LOG.info("%s %s: %s, again in %.1f s", call.service, call.operation, error.code, pause)
        clock.sleep(pause)


def wait_until_told(clock: Clock, is_told: Callable[[], bool], what: str) -> None:
    """Wait until a service beside AWS Backup tells what it has taken.

    Args:
        clock: Where time comes from.
        is_told: Looks.
        what: The address and the service, for the error.

    Raises:
        LaggingError: It does not within two minutes.
    """
    pauses, begin = _POLLING.pauses(), clock.monotonic()
    while not is_told():
        left = _TOLD_SECONDS - (clock.monotonic() - begin)
        if left <= 0:
            raise LaggingError(f"{what} took the change, and after {_TOLD_SECONDS:g} seconds does not tell of it")
        clock.sleep(min(next(pauses), left))


def _passes(reader: Reader, lag: Lag, service: str, params: Mapping[str, Value], sent: Collection[str]) -> bool:
    """Whether what a service does not find yet is there."""
    if lag.always_passes or lag.made_by in sent:
        return True
    if not lag.seen_by:
        return False
    try:
        reader.ask(service, lag.seen_by, {name: params[name] for name in lag.seen_with if name in params})
    except NeighbourError:
        return False
    return True
