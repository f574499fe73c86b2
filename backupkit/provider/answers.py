"""Asking the seam, and reading the API's documents without trusting their shape."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeAlias

from backupkit.transport import paging
from backupkit.transport.reading import read
from backupkit.transport.seam import Params, Transport, Value
from backupkit.wire import decode

__all__ = [
    "Document",
    "answer",
    "day_number",
    "entries",
    "inner",
    "listed",
    "moment",
    "sendable",
    "tags_of",
    "text",
    "texts",
]

Document: TypeAlias = Mapping[str, object]
"""A piece of the API's JSON under the API's own names."""


def answer(transport: Transport, operation: str, params: Params) -> Document:
    """The answer to one call."""
    return read(transport, operation, params, decode.document)


def _document(body: bytes) -> Document:
    found: object = json.loads(body)
    return found if isinstance(found, dict) else {}


def listed(transport: Transport, operation: str, params: Params | None = None) -> Iterator[Document]:
    """Every entry of a list, over all pages."""
    for page in paging.pages(transport, operation, params or {}):
        yield from entries(_document(page), paging.LISTS[operation])


def tags_of(transport: Transport, arn: str) -> dict[str, str]:
    """The tags of a vault or plan, without those that AWS keeps for itself."""
    return {key: value for key, value in paging.tags(transport, arn).items() if not key.lower().startswith("aws:")}


def text(document: Document, member: str) -> str:
    """A text; empty where there is none."""
    found = document.get(member)
    return found if isinstance(found, str) else ""


def texts(document: Document, member: str) -> tuple[str, ...]:
    """A list of texts, sorted and without doubles: the API's lists of texts are sets."""
    found = document.get(member)
    if isinstance(found, str) or not isinstance(found, Iterable):
        return ()
    return tuple(sorted({str(each) for each in found}))


def day_number(document: Document, member: str) -> int | None:
    """A whole number; None where there is none, or 0, which the API never means."""
    found = document.get(member)
    return int(found) or None if isinstance(found, int | float) else None


def moment(document: Document, member: str) -> datetime | None:
    """A time in UTC, from epoch seconds; None where there is none."""
    found = document.get(member)
    return datetime.fromtimestamp(found, UTC) if isinstance(found, int | float) else None


def inner(document: Document, member: str) -> Document:
    """A structure; empty where there is none."""
    found = document.get(member)
    return found if isinstance(found, Mapping) else {}


def entries(document: Document, member: str) -> tuple[Document, ...]:
    """A list of structures; empty where there is none."""
    found = document.get(member)
    if isinstance(found, str) or not isinstance(found, Sequence):
        return ()
    return tuple(each for each in found if isinstance(each, Mapping))


def sendable(value: object) -> Value:
    """The same value, known to be something that a request can hold.

    Raises:
        TypeError: It is not.
    """
    if value is None or isinstance(value, str | int | float | bool | datetime):
        return value
    if isinstance(value, Mapping):
        return {str(key): sendable(each) for key, each in value.items()}
    if isinstance(value, Sequence):
        return [sendable(each) for each in value]
    raise TypeError(f"{value!r} cannot be sent")
