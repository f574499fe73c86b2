"""Requests apart from their callers, and answers as the wire has them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from backupkit.emulator.model import Document
from backupkit.transport.protocol import Params

__all__ = ["copied", "plain", "utc"]

_PLAIN = frozenset({str, bool, int, float})


def copied(params: Params) -> Document:
    """The request, apart from the caller's own objects: what is kept of it must not change under the service."""
    return {str.__str__(name): _apart(value) for name, value in params.items()}


def _apart(value: object) -> object:
    if type(value) in _PLAIN:
        return value
    if isinstance(value, (list, tuple)):
        return [_apart(item) for item in value]
    if isinstance(value, Mapping):
        return {_apart(name): _apart(part) for name, part in value.items()}
    return _plain_of(value)


def _plain_of(value: object) -> object:
    """The plain value of a subclass, which could neither be encoded nor saved."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, datetime):
        return utc(value)
    if isinstance(value, int):
        return int.__int__(value)
    return float.__float__(value) if isinstance(value, float) else value


def utc(moment: datetime) -> datetime:
    """Return the moment as a plain datetime; neither its class nor its zone need be something that can be saved."""
    at = moment.astimezone(UTC)
    return datetime(at.year, at.month, at.day, at.hour, at.minute, at.second, at.microsecond, UTC)


def plain(value: object) -> object:
    """The answer as the wire has it: moments are epoch seconds to the millisecond, absent members are left out."""
    kind = type(value)
    if kind is str or kind is int or kind is bool:
        return value
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items() if part is not None}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return round(value.timestamp(), 3)
    return value
