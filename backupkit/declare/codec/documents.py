"""Declared values to the API's documents, derived from their fields; `reading` is the way back.

A field's member name is its own name in PascalCase, or what its `wire` flag says; there, a ``/`` leads into a
structure of the API that the declared value has not. Absent means "left to AWS": None, empty and False are not sent.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping

import attrs

from backupkit.declare.codec.hints import hint
from backupkit.declare.declared import Declared
from backupkit.declare.fields import flags_of
from backupkit.declare.selection import Selection
from backupkit.documents import Document, Value
from backupkit.schedule import Schedule

__all__ = ["SCHEDULE", "document", "find", "is_schedule", "member_name", "members"]


def member_name(field: attrs.Attribute[object]) -> str:
    """What the API calls a field; a path where the member is in a structure."""
    return flags_of(field).wire or "".join(part.capitalize() for part in field.name.split("_"))


def document(value: Declared) -> Document:
    """The API's document of a declared value."""
    sent: Document = {}
    for field in _written(type(value)):
        for path, member in _sent(value, field).items():
            _put(sent, path, member)
    return sent


@attrs.frozen
class _Written:
    """A field that is sent, with what is asked of it read once."""

    name: str
    path: str
    encode: typing.Callable[[typing.Any], Value] | None


_WRITTEN: dict[type[Declared], tuple[_Written, ...]] = {}


def _written(cls: type[Declared]) -> tuple[_Written, ...]:
    if cls not in _WRITTEN:
        fields = [(field, flags_of(field)) for field in attrs.fields(cls)]
        _WRITTEN[cls] = tuple(_Written(f.name, member_name(f), meta.encode) for f, meta in fields if meta.document)
    return _WRITTEN[cls]


def _put(sent: Document, path: str, member: Value) -> None:
    if "/" not in path:
        sent[path] = member
        return
    *above, name = path.split("/")
    for each in above:
        found = sent.setdefault(each, {})
        assert isinstance(found, dict)
        sent = found
    sent[name] = member


def find(document: Mapping[str, object], path: str) -> object:
    """Return the member of a document at a path, or None where there is none."""
    found: object = document
    for name in path.split("/"):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def members(cls: type[Declared], inside: str = "") -> frozenset[str]:
    """Every member that values of ``cls`` may send: in the document, or in the structure at the path ``inside``."""
    names: set[str] = set()
    for field in attrs.fields(cls):
        if flags_of(field).document:
            names.update(SCHEDULE if is_schedule(cls, field.name) else (member_name(field),))
    above = f"{inside}/" if inside else ""
    return frozenset(name[len(above) :].partition("/")[0] for name in names if name.startswith(above))


SCHEDULE = ("ScheduleExpression", "ScheduleExpressionTimezone")
"""The two members of the API that a `Schedule` is."""


def is_schedule(cls: type[Declared], name: str) -> bool:
    """Whether a field holds a schedule."""
    found = hint(cls, name)
    return Schedule in (found, *typing.get_args(found))


def _sent(owner: Declared, field: _Written) -> Document:
    value = getattr(owner, field.name)
    if field.encode is not None:
        value = field.encode(value)
    if field.name == "resources" and isinstance(owner, Selection):
        value = owner.sent_resources
    if isinstance(value, Schedule):
        return {"ScheduleExpression": value.expression, "ScheduleExpressionTimezone": value.timezone}
    sent = _plain(value)
    return {} if sent is None or sent is False or sent in ({}, []) else {field.path: sent}


def _plain(value: Value | Declared | tuple[Value | Declared, ...]) -> Value:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Declared):
        return document(value)
    return dict(value) if isinstance(value, Mapping) else value
