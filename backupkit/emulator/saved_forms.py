"""What may be saved: plain values, each by a letter, and the records of this package, each by its name."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

import attrs
import msgspec

from backupkit.emulator.kernel.agenda import Agenda

__all__ = ["PLAIN", "PLAIN_BACK", "Encoded", "UnsavableError", "fields_of", "records"]

Encoded: TypeAlias = "list[Any]"
"""A value as MessagePack has it: its letter or number, and its parts."""

_OWN = ("backupkit.emulator.", "backupkit.schedule", "backupkit.arn")
"""Where the records are that may be saved."""


class UnsavableError(Exception):
    """A value cannot be saved, or bytes are not saved values."""


def _zone(zone: object) -> str | float | None:
    if zone is None:
        return None
    if isinstance(zone, ZoneInfo) and zone.key:
        return zone.key
    if isinstance(zone, timezone):
        return zone.utcoffset(None).total_seconds()
    raise UnsavableError(f"a time zone of type {type(zone).__name__} cannot be saved")


def _zone_back(saved: str | float | None) -> ZoneInfo | timezone | None:
    if saved is None:
        return None
    return ZoneInfo(saved) if isinstance(saved, str) else timezone(timedelta(seconds=saved))


def _dice(dice: random.Random) -> Encoded:
    version, numbers, gauss = dice.getstate()
    return [version, list(numbers), gauss]


def _dice_back(version: int, numbers: list[int], gauss: float | None) -> random.Random:
    dice = random.Random()  # noqa: S311 - repeatable on purpose
    dice.setstate((version, tuple(numbers), gauss))
    return dice


_Plain: TypeAlias = "tuple[str, Callable[[Any], Encoded], Callable[..., object]]"

PLAIN: dict[type, _Plain] = {
    int: ("i", lambda one: [str(one)], int),
    datetime: (
        "m",
        lambda one: [one.replace(tzinfo=None).isoformat(), one.fold, _zone(one.tzinfo)],
        lambda text, fold, zone: datetime.fromisoformat(text).replace(tzinfo=_zone_back(zone), fold=fold),
    ),
    date: ("d", lambda one: [one.isoformat()], date.fromisoformat),
    time: (
        "t",
        lambda one: [one.replace(tzinfo=None).isoformat(), one.fold, _zone(one.tzinfo)],
        lambda text, fold, zone: time.fromisoformat(text).replace(tzinfo=_zone_back(zone), fold=fold),
    ),
    timedelta: (
        "s",
        lambda one: [one.days, one.seconds, one.microseconds],
        timedelta,
    ),
    ZoneInfo: ("z", lambda one: [_zone(one)], _zone_back),
    timezone: ("z", lambda one: [_zone(one)], _zone_back),
    Decimal: ("n", lambda one: [str(one)], Decimal),
    UUID: ("u", lambda one: [str(one)], UUID),
    complex: ("c", lambda one: [one.real, one.imag], complex),
    bytearray: ("b", lambda one: [bytes(one)], bytearray),
    random.Random: ("r", _dice, _dice_back),
}
PLAIN_BACK: dict[str, Callable[..., object]] = {letter: back for letter, _, back in PLAIN.values()}


def fields_of(kind: type) -> tuple[str, ...]:
    """The names of everything that a record holds.

    Raises:
        UnsavableError: It is not a record of this package.
    """
    if _is_record(kind):
        if kind is Agenda:
            return tuple(vars(Agenda()))
        if issubclass(kind, msgspec.Struct):
            fields: tuple[str, ...] = kind.__struct_fields__
            return fields
        if attrs.has(kind):
            return tuple(field.name for field in attrs.fields(kind))
    name = f"{kind.__module__}:{kind.__qualname__}"
    raise UnsavableError(f"it holds {name}, which is neither a plain value nor a record of backupkit")


def _is_record(kind: type) -> bool:
    if not kind.__module__.startswith(_OWN):
        return False
    if getattr(sys.modules.get(kind.__module__), kind.__qualname__, None) is not kind:
        return False
    return kind is Agenda or issubclass(kind, msgspec.Struct) or attrs.has(kind)


def records() -> dict[str, type]:
    """Return every record that may be saved, by its name, of the modules that are loaded.

    They are looked up and never imported: what is read does not decide what is run.
    """
    modules = [module for name, module in list(sys.modules.items()) if name.startswith(_OWN)]
    kinds = (kind for module in modules for kind in vars(module).values() if isinstance(kind, type))
    return {kind.__qualname__: kind for kind in kinds if _is_record(kind)}
