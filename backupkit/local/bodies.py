"""Requests apart from their callers, and answers as the wire has them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from backupkit.local.state import Document
from backupkit.transport.seam import Params

__all__ = ["copied", "plain"]


def copied(params: Params) -> Document:
    """The request, apart from the caller's own objects: what is kept of it must not change under the service."""
    return {name: _apart(value) for name, value in params.items()}


def _apart(value: object) -> object:
    if isinstance(value, (str, int, float, datetime)):
        return value
    if isinstance(value, (list, tuple)):
        return [_apart(item) for item in value]
    if isinstance(value, Mapping):
        return {name: _apart(part) for name, part in value.items()}
    return value


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
