"""What no operation of AWS can do, over HTTP: move the clock, set the stage, let things go wrong, begin again.

Everything is JSON and lies below ``/_backupkit``. ``docs/http.md`` describes it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

import attrs
import msgspec

from backupkit.emulator.http.admin_accounts import AccountsChange, apply_accounts, describe_accounts
from backupkit.emulator.http.admin_faults import FaultsChange, apply_faults, describe_faults
from backupkit.emulator.http.admin_resources import ResourcesChange, apply_resources, describe_resources
from backupkit.emulator.http.bodies import Moment, parsed
from backupkit.emulator.http.messages import Answer, Request, Unreadable, refused
from backupkit.emulator.kernel.resource_protocol import WorldError
from backupkit.emulator.service import LocalService
from backupkit.emulator.wiring import OPERATIONS
from backupkit.errors import ClockStoppedError, ConfigurationError, InvalidValueError
from backupkit.problems import Problem

__all__ = ["ROOT", "Control"]

ROOT = "/_backupkit"

_Body: TypeAlias = "dict[str, object]"


class _Strict(msgspec.Struct, forbid_unknown_fields=True):
    """A body that may say these words and no others."""


class _Span(_Strict):
    """How far the clock goes; a number each."""

    days: float = 0
    hours: float = 0
    minutes: float = 0
    seconds: float = 0


class _ClockMove(_Strict):
    """What the clock does: ``advance`` by a span, go ``until`` a moment, run at a ``rate``, or ``stop`` its moves."""

    advance: _Span | None = None
    until: Moment | None = None
    rate: float | None = None
    stop: bool = False


class _Events(_Strict):
    """Whether what is told outside is kept."""

    listen: bool


class _Key(_Strict):
    """The key of an object in a bucket."""

    key: str


class _Nothing(_Strict):
    """A body that says nothing."""


@attrs.frozen
class _Word:
    """One method of one path: whether it changes anything, and what it does."""

    changes: bool
    act: Callable[[Control, LocalService, bytes], _Body]
    moves: bool = False
    """Whether it moves the clock, and lets others be answered meanwhile."""


class Control:
    """The control path of one local service.

    Args:
        service: What is controlled.
        resettable: Whether its state now is kept, for a reset to go back to.
    """

    def __init__(self, service: LocalService, *, resettable: bool = True) -> None:
        self._service = service
        self._first = _kept(service) if resettable else None
        self._moves: set[int] = set()
        """The threads that move the clock for a client."""

    def changes(self, request: Request) -> bool:
        """Whether the request is one that may change something, other than by the passing of time."""
        word = _WORDS.get(_path(request), {}).get(request.method)
        return word is not None and word.changes

    def moves(self, request: Request) -> bool:
        """Whether the request is one that moves the clock."""
        word = _WORDS.get(_path(request), {}).get(request.method)
        return word is not None and word.moves

    def answer(self, request: Request, service: LocalService) -> Answer:
        """Do what the request says, in the caller's place; errors are JSON as everywhere."""
        words = _WORDS.get(_path(request))
        if words is None:
            known = ", ".join(ROOT + path for path in _WORDS)
            return _refused("NotFound", f"there is no {request.path}; there are {known}", 404)
        # The server sends no body where only the head is asked for.
        word = words.get("GET" if request.method == "HEAD" else request.method)
        if word is None:
            no = _refused("MethodNotAllowed", f"{request.path} takes {' and '.join(words)}", 405)
            return attrs.evolve(no, allow=tuple(words))
        try:
            return Answer(200, msgspec.json.encode(word.act(self, service, request.body)))
        except (ClockStoppedError, ConfigurationError, InvalidValueError, OverflowError, WorldError) as error:
            return _refusal(error)

    def index(self, service: LocalService, _: bytes) -> _Body:
        """Who answers here, and to what."""
        return {
            "account": service.account_id,
            "region": service.region_name,
            **_time(service),
            "operations": len(OPERATIONS),
            "paths": [f"{method} {ROOT}{path}" for path, words in _WORDS.items() for method in words],
        }

    def clock(self, service: LocalService, _: bytes) -> _Body:
        """What time it is, how fast it passes, and where moves that are under way lead."""
        return _time(service)

    def move(self, service: LocalService, body: bytes) -> _Body:
        """Let time pass, now or by itself, or end what lets it pass."""
        change = parsed(_ClockMove, body)
        self._moves.add(threading.get_ident())
        try:
            self._move(service, change)
        finally:
            self._moves.discard(threading.get_ident())
        return _time(service)

    def stop_moves(self) -> None:
        """End the moves that clients asked for, where there are any."""
        if self._moves:
            self._service.clock.stop()

    def _move(self, service: LocalService, change: _ClockMove) -> None:
        match change:
            case _ClockMove(advance=_Span() as span, until=None, rate=None, stop=False):
                service.clock.advance(days=span.days, hours=span.hours, minutes=span.minutes, seconds=span.seconds)
            case _ClockMove(advance=None, until=datetime() as moment, rate=None, stop=False):
                service.clock.until(moment)
            case _ClockMove(advance=None, until=None, rate=float() as rate, stop=False):
                service.clock.set_rate(rate)
            case _ClockMove(advance=None, until=None, rate=None, stop=True):
                service.clock.stop()
            case _:
                raise Unreadable(
                    "body",
                    'say either {"advance": {"days": 1}} or {"until": "2026-03-08T00:00:00Z"}, {"rate": 60} or '
                    '{"stop": true}',
                )

    def world(self, service: LocalService, _: bytes) -> _Body:
        """What synthetic resources there are."""
        return describe_resources(service)

    def apply_resources(self, service: LocalService, body: bytes) -> _Body:
        """Add, tag and remove synthetic resources: all of it, or nothing where one cannot be."""
        apply_resources(service, parsed(ResourcesChange, body))
        return describe_resources(service)

    def faults(self, service: LocalService, body: bytes) -> _Body:
        """Let something go wrong, or no longer: all that is said, or nothing where one thing cannot be."""
        apply_faults(service, parsed(FaultsChange, body))
        return self.faulty(service, body)

    def faulty(self, service: LocalService, _: bytes) -> _Body:
        """What goes wrong now, in every place."""
        return describe_faults(service)

    def apply_accounts(self, service: LocalService, body: bytes) -> _Body:
        """Let accounts belong together, share, approve, or call by temporary credentials."""
        apply_accounts(service, parsed(AccountsChange, body))
        return self.describe_accounts(service, body)

    def describe_accounts(self, service: LocalService, _: bytes) -> _Body:
        """How accounts are arranged now."""
        return describe_accounts(service)

    def tell(self, service: LocalService, body: bytes) -> _Body:
        """Keep from now on what is told outside, or no longer."""
        if parsed(_Events, body).listen:
            service.events.listen()
        else:
            service.events.silence()
        return self.state(service, body)

    def state(self, service: LocalService, _: bytes) -> _Body:
        """What was told outside in the caller's place, the latest last."""
        if not service.events.listening:
            return {"listening": False}
        return {
            "listening": True,
            "events": [publisher.event() for publisher in service.events.events()],
            "notifications": [attrs.asdict(state) for state in service.events.notifications()],
            "failures": [attrs.asdict(failure) for failure in service.events.failures()],
        }

    def reports(self, service: LocalService, _: bytes) -> _Body:
        """What the report plans of the caller's account and Region have delivered."""
        return {
            "reports": [
                {
                    "bucket": each.bucket,
                    "key": each.key,
                    "bytes": len(each.body),
                    "delivered": each.delivered,
                    "job_id": each.job_id,
                }
                for each in service.reports
            ]
        }

    def report(self, service: LocalService, body: bytes) -> _Body:
        """The text of one of them."""
        key = parsed(_Key, body).key
        found = next((each for each in service.reports if each.key == key), None)
        if found is None:
            raise InvalidValueError(Problem("key", f"no report has the key {key!r}", f"GET {ROOT}/reports lists them"))
        return {"key": key, "text": found.body.decode()}

    def reset(self, service: LocalService, body: bytes) -> _Body:
        """Be again as at the start, the clock and the synthetic resources included."""
        parsed(_Nothing, body)
        if self._first is None:
            raise InvalidValueError(Problem("reset", "the beginning was not kept", "make a new local service"))
        self._service.load_state(self._first)
        return _time(service)


_WORDS: dict[str, dict[str, _Word]] = {
    "": {"GET": _Word(changes=False, act=Control.index)},
    "/clock": {
        "GET": _Word(changes=False, act=Control.clock),
        "POST": _Word(changes=False, act=Control.move, moves=True),
    },
    "/resources": {
        "GET": _Word(changes=False, act=Control.world),
        "POST": _Word(changes=True, act=Control.apply_resources),
    },
    "/faults": {
        "GET": _Word(changes=False, act=Control.faulty),
        "POST": _Word(changes=True, act=Control.faults),
    },
    "/accounts": {
        "GET": _Word(changes=False, act=Control.describe_accounts),
        "POST": _Word(changes=True, act=Control.apply_accounts),
    },
    "/events": {
        "GET": _Word(changes=False, act=Control.state),
        "POST": _Word(changes=True, act=Control.tell),
    },
    "/reports": {
        "GET": _Word(changes=False, act=Control.reports),
        "POST": _Word(changes=False, act=Control.report),
    },
    "/reset": {"POST": _Word(changes=True, act=Control.reset)},
}


def _kept(service: LocalService) -> bytes | None:
    try:
        return service.save_state()
    except InvalidValueError:
        # A point of it holds what no snapshot can; all but a reset goes on.
        return None


def _refused(code: str, message: str, status: int = 400) -> Answer:
    """The answer no of a path that AWS does not have, whose body says what kind of no it is."""
    return refused(code, message, status, own=code)


def _refusal(error: Exception) -> Answer:
    match error:
        case ClockStoppedError():
            return _refused("ClockStopped", str(error), 409)
        case WorldError():
            return _refused("ServiceUnavailableException", f"the world cannot be looked at: {error}", 503)
        case OverflowError():
            return _refused("InvalidValue", "the calendar ends before that moment")
        case _:
            return _refused("InvalidValue", _in_http(str(error)))


_HINTS = {
    "save the state first and load it again": f"POST {ROOT}/reset goes back to the beginning",
    "take one of pending()": f"take one that GET {ROOT}/accounts shows as pending",
    "say it with resource_type=": "say it with resource_type",
    "allow_unknown_type=True": '"allow_unknown_type": true',
    "add it first, with aws.resources.add(...)": f"add it first, with POST {ROOT}/resources",
}
"""Ways out that only Python has, and what takes their place here."""


def _in_http(message: str) -> str:
    for python, http in _HINTS.items():
        message = message.replace(python, http)
    return message


def _time(service: LocalService) -> _Body:
    clock = service.clock
    state: _Body = {"now": clock.now()}
    if clock.rate:
        state["rate"] = clock.rate
    if (until := clock.moving_until) is not None:
        state["moving_until"] = until
    return state


def _path(request: Request) -> str:
    return request.path.removesuffix("/").removeprefix(ROOT)
