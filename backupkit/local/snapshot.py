"""The state of a local cloud as bytes, and back.

The body is a pickle, because a point holds whatever its world captured. Unpickling foreign bytes can run foreign code,
so the way back admits nothing but plain values and this package's own records; still, restore only what you saved.
"""

from __future__ import annotations

import hashlib
import importlib
import io
import pickle
from collections.abc import Callable
from typing import NoReturn, Protocol, runtime_checkable
from zoneinfo import ZoneInfo

from backupkit.errors import InvalidValueError
from backupkit.local.cloud import Cloud, Held
from backupkit.local.news import desk
from backupkit.problems import Problem

__all__ = ["VERSION", "Remembering", "put_back", "taken"]

VERSION = 6
"""Grows when the records of `backupkit.local` change their members."""

_MAGIC = b"backupkit local snapshot "
_DIGEST = 32

_PLAIN = frozenset(
    {
        ("builtins", "bytearray"),
        ("builtins", "complex"),
        ("builtins", "frozenset"),
        ("builtins", "set"),
        ("collections", "Counter"),
        ("collections", "OrderedDict"),
        ("collections", "deque"),
        ("datetime", "date"),
        ("datetime", "datetime"),
        ("datetime", "time"),
        ("datetime", "timedelta"),
        ("datetime", "timezone"),
        ("decimal", "Decimal"),
        ("random", "Random"),
        ("uuid", "UUID"),
        ("zoneinfo", "ZoneInfo"),
    }
)
_OWN = ("backupkit.local.", "backupkit.schedule", "backupkit.arn")

# What a pickle that is none, or was made by hand, can end in.
_UNREADABLE = (pickle.UnpicklingError, AttributeError, EOFError, ImportError, LookupError, TypeError, ValueError)


@runtime_checkable
class Remembering(Protocol):
    """A world whose resources are plain values, so that a snapshot can hold them."""

    def remember(self) -> object:
        """Everything in it, as values that pickle."""
        ...

    def recall(self, memory: object) -> None:
        """Be what `remember` told."""
        ...


def taken(cloud: Cloud) -> bytes:
    """The cloud's state; its world's, too, where that can be remembered.

    Raises:
        InvalidValueError: A point holds something that cannot be kept.
    """
    world = cloud.world.remember() if isinstance(cloud.world, Remembering) else None
    try:
        body = pickle.dumps((cloud.held(), world), protocol=5)
        # Read it back at once: what cannot be restored must not be found out when it is needed.
        _Reader(io.BytesIO(body)).load()
    except (pickle.PicklingError, *_UNREADABLE) as error:
        problem = Problem("snapshot", f"something in the cloud cannot be kept: {error}", "use a world of plain values")
        raise InvalidValueError(problem) from error
    return _header() + hashlib.sha256(body).digest() + body


def put_back(cloud: Cloud, data: bytes) -> None:
    """Make the cloud what it was; whole or not at all.

    Raises:
        InvalidValueError: ``data`` is no snapshot, is damaged, or is of another version.
    """
    held, world = _read(_body(data))
    cloud.hold(held)
    desk.back(cloud, held.log)
    if world is not None and isinstance(cloud.world, Remembering):
        cloud.world.recall(world)


def _header() -> bytes:
    return _MAGIC + VERSION.to_bytes(2, "big")


def _body(data: bytes) -> bytes:
    if not isinstance(data, bytes) or not data.startswith(_MAGIC):
        _refuse("it is no snapshot of a local AWS Backup", "give what LocalService.snapshot() returned")
    if not data.startswith(_header()):
        _refuse(
            "it was taken by another version of backupkit", f"restore it with the version that took it ({VERSION=})"
        )
    rest = data[len(_header()) :]
    if hashlib.sha256(rest[_DIGEST:]).digest() != rest[:_DIGEST]:
        _refuse("it is damaged: its checksum does not match", "take a new one")
    return rest[_DIGEST:]


def _refuse(what: str, way_out: str) -> NoReturn:
    raise InvalidValueError(Problem("snapshot", what, way_out))


def _read(body: bytes) -> tuple[Held, object]:
    try:
        found = _Reader(io.BytesIO(body)).load()
    except _UNREADABLE as error:
        _refuse(str(error), "restore only what LocalService.snapshot() returned")
    match found:
        case (Held() as held, world):
            return held, world
        case _:
            _refuse("it holds something else", "restore only what LocalService.snapshot() returned")


class _Reader(pickle.Unpickler):
    """Admits plain values and this package's own records, and no function at all."""

    def find_class(self, module: str, name: str) -> object:
        if (module, name) == ("builtins", "getattr"):
            return _zone_maker
        if (module, name) in _PLAIN:
            return super().find_class(module, name)
        if module.startswith(_OWN) and "." not in name:
            found = getattr(importlib.import_module(module), name, None)
            if isinstance(found, type) and found.__module__ == module:
                return found
        raise pickle.UnpicklingError(f"it holds {module}.{name}, which no snapshot holds")


def _zone_maker(owner: object, name: str) -> Callable[..., ZoneInfo]:
    """What ZoneInfo pickles with in place of its name; any other attribute stays out of reach."""
    if owner is ZoneInfo and name == "_unpickle":
        return _zone
    raise pickle.UnpicklingError(f"it asks for the attribute {name!r}, which no snapshot does")


def _zone(key: str, *_: object) -> ZoneInfo:
    return ZoneInfo(key)
