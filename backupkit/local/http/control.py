"""What no operation of AWS can do, over HTTP: move the clock, set the stage, let things go wrong, begin anew.

Everything is JSON and lies below ``/_backupkit``. ``docs/http.md`` describes it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias, TypeVar

import attrs
import msgspec

from backupkit.arn import Arn
from backupkit.errors import ConfigurationError, InvalidValueError
from backupkit.local.http.messages import Answer, Request, refused
from backupkit.local.http.requests import json_object
from backupkit.local.http.unreadable import Unreadable
from backupkit.local.operations import OPERATIONS
from backupkit.local.service import LocalService
from backupkit.problems import Problem

__all__ = ["ROOT", "Control"]

ROOT = "/_backupkit"

_Said = TypeVar("_Said")
_Told: TypeAlias = "dict[str, object]"


class _Strict(msgspec.Struct, forbid_unknown_fields=True):
    """A body that may say these words and no others."""


class _Span(_Strict):
    """How far the clock goes; a number each."""

    days: float = 0
    hours: float = 0
    minutes: float = 0
    seconds: float = 0


class _ClockMove(_Strict):
    """Where the clock goes: ``advance`` by a span, or ``until`` a moment."""

    advance: _Span | None = None
    until: datetime | None = None


class _Resource(_Strict):
    """A synthetic resource, under the words of `SyntheticWorld.add`."""

    arn: str
    size_bytes: int = 1_000_000_000
    tags: dict[str, str] = {}
    daily_change: float = 0.0
    resource_type: str | None = None
    account_id: str = ""
    region_name: str = ""


class _Tagging(_Strict):
    """Tags to put on a resource."""

    arn: str
    tags: dict[str, str]


class _Stage(_Strict):
    """Changes of the world, in this order."""

    add: _Resource | list[_Resource] = []
    tag: _Tagging | list[_Tagging] = []
    remove: str | list[str] = []


class _Faults(_Strict):
    """What shall go wrong, and what no longer: roles, and resources."""

    deny: str | list[str] = []
    admit: str | list[str] = []
    hold_back: str | list[str] = []
    release: str | list[str] = []


class _Nothing(_Strict):
    """A body that says nothing."""


@attrs.frozen
class _Word:
    """One method of one path: whether it changes anything, and what it does."""

    changes: bool
    act: Callable[[Control, LocalService, bytes], _Told]


class Control:
    """The control path of one local service.

    Args:
        service: What is controlled.
        resettable: Whether its state now is kept, for a reset to go back to.
    """

    def __init__(self, service: LocalService, *, resettable: bool = True) -> None:
        self._service = service
        self._first = _kept(service) if resettable else None

    def changes(self, request: Request) -> bool:
        """Whether the request is one that may change something."""
        word = _WORDS.get(_path(request), {}).get(request.method)
        return word is not None and word.changes

    def answer(self, request: Request, door: LocalService) -> Answer:
        """Do what the request says, in the caller's place; errors are JSON as everywhere."""
        words = _WORDS.get(_path(request))
        if words is None:
            known = ", ".join(ROOT + path for path in _WORDS)
            return refused("NotFound", f"there is no {request.path}; there are {known}", 404)
        word = words.get(request.method)
        if word is None:
            return refused("MethodNotAllowed", f"{request.path} takes {' and '.join(words)}", 405)
        try:
            return Answer(200, msgspec.json.encode(word.act(self, door, request.body)))
        except (ConfigurationError, InvalidValueError) as error:
            return refused("InvalidValue", str(error))
        except OverflowError:
            return refused("InvalidValue", "the calendar ends before that moment")

    def index(self, door: LocalService, _: bytes) -> _Told:
        """Who answers here, and to what."""
        return {
            "account": door.account_id,
            "region": door.region_name,
            "now": door.clock.now(),
            "operations": len(OPERATIONS),
            "paths": [f"{method} {ROOT}{path}" for path, words in _WORDS.items() for method in words],
        }

    def clock(self, door: LocalService, _: bytes) -> _Told:
        """What time it is."""
        return {"now": door.clock.now()}

    def move(self, door: LocalService, body: bytes) -> _Told:
        """Let time pass."""
        asked = _said(_ClockMove, body)
        if asked.advance is not None and asked.until is None:
            span = asked.advance
            door.clock.advance(days=span.days, hours=span.hours, minutes=span.minutes, seconds=span.seconds)
        elif asked.until is not None and asked.advance is None:
            door.clock.until(asked.until)
        else:
            raise Unreadable("body", 'say either {"advance": {"days": 1}} or {"until": "2026-03-08T00:00:00Z"}')
        return {"now": door.clock.now()}

    def world(self, door: LocalService, _: bytes) -> _Told:
        """What synthetic resources there are."""
        return {"resources": [_told(resource.arn, door) for resource in door.world]}

    def stage(self, door: LocalService, body: bytes) -> _Told:
        """Add, tag and remove synthetic resources: all of it, or nothing where one cannot be."""
        asked = _said(_Stage, body)
        before = door.world.remember()
        try:
            _staged(door, asked)
        except InvalidValueError:
            door.world.recall(before)
            raise
        return self.world(door, body)

    def faults(self, door: LocalService, body: bytes) -> _Told:
        """Let backups fail or wait, or no longer."""
        asked = _said(_Faults, body)
        for arns, act in (
            (asked.deny, LocalService.deny),
            (asked.admit, LocalService.admit),
            (asked.hold_back, LocalService.hold_back),
            (asked.release, LocalService.release),
        ):
            for arn in _each(arns):
                act(_home(Arn.parse(arn), door), arn)
        return self.faulty(door, body)

    def faulty(self, door: LocalService, _: bytes) -> _Told:
        """What goes wrong now, in every place."""
        accounts, places = door.cloud.accounts.values(), door.cloud.places.values()
        return {
            "denied": sorted(role for account in accounts for role in account.denied_roles),
            "held_back": sorted(arn for place in places for arn in place.held_back),
        }

    def reset(self, door: LocalService, body: bytes) -> _Told:
        """Be again as at the start, the clock and the synthetic resources included."""
        _said(_Nothing, body)
        if self._first is None:
            raise InvalidValueError(Problem("reset", "the beginning was not kept", "make a new local service"))
        self._service.restore_snapshot(self._first)
        return {"now": door.clock.now()}


_WORDS: dict[str, dict[str, _Word]] = {
    "": {"GET": _Word(changes=False, act=Control.index)},
    "/clock": {
        "GET": _Word(changes=False, act=Control.clock),
        "POST": _Word(changes=True, act=Control.move),
    },
    "/world": {
        "GET": _Word(changes=False, act=Control.world),
        "POST": _Word(changes=True, act=Control.stage),
    },
    "/faults": {
        "GET": _Word(changes=False, act=Control.faulty),
        "POST": _Word(changes=True, act=Control.faults),
    },
    "/reset": {"POST": _Word(changes=True, act=Control.reset)},
}


def _kept(service: LocalService) -> bytes | None:
    try:
        return service.snapshot()
    except InvalidValueError:
        # A point of it holds what no snapshot can; all but a reset goes on.
        return None


def _path(request: Request) -> str:
    return request.path.removesuffix("/").removeprefix(ROOT)


def _said(kind: type[_Said], body: bytes) -> _Said:
    try:
        return msgspec.convert(json_object(body), kind, strict=True)
    except msgspec.ValidationError as error:
        raise Unreadable("body", str(error)) from error


def _each(value: _Said | list[_Said]) -> list[_Said]:
    return value if isinstance(value, list) else [value]


def _home(arn: Arn, door: LocalService) -> LocalService:
    """The place that an ARN names; what it leaves open is the caller's."""
    return door.place(account_id=arn.account or None, region_name=arn.region or None)


def _staged(door: LocalService, asked: _Stage) -> None:
    for one in _each(asked.add):
        door.world.add(
            one.arn,
            size_bytes=one.size_bytes,
            tags=one.tags,
            daily_change=one.daily_change,
            resource_type=one.resource_type,
            account_id=one.account_id,
            region_name=one.region_name,
        )
    for tagging in _each(asked.tag):
        door.world.tag(tagging.arn, tagging.tags)
    for arn in _each(asked.remove):
        door.world.remove(arn)


def _told(arn: str, door: LocalService) -> _Told:
    resource = door.world[arn]
    return {
        "arn": resource.arn,
        "resource_type": resource.resource_type,
        "size_bytes": resource.size_bytes,
        "tags": dict(resource.tags),
        "daily_change": resource.daily_change,
    }
