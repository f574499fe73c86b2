"""Declared values to the API's documents, derived from their fields; `reading` is the way back.

A field's member name is its own name in PascalCase, or what its `wire` flag says; there, a ``/`` leads into a
structure of the API that the declared value has not. Absent means "left to AWS": None, empty and False are not sent.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping

import attrs

from backupkit.declare import Declared, Selection
from backupkit.declare.fields import flags_of
from backupkit.schedule import Schedule
from backupkit.wire.hints import hint
from backupkit.wire.values import Document, Value

__all__ = ["SCHEDULE", "document", "find", "is_schedule", "member_name", "members"]


def member_name(field: attrs.Attribute[object]) -> str:
    """What the API calls a field; a path where the member is in a structure."""
    return flags_of(field).wire or "".join(part.capitalize() for part in field.name.split("_"))


def document(value: Declared) -> Document:
    """The API's document of a declared value."""
    sent: Document = {}
    for field in attrs.fields(type(value)):
        if flags_of(field).document:
            for path, member in _sent(value, field).items():
                _put(sent, path, member)
    return sent


def _put(sent: Document, path: str, member: Value) -> None:
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


def _sent(owner: Declared, field: attrs.Attribute[object]) -> Document:
    value = getattr(owner, field.name)
    encode = flags_of(field).encode
    if encode is not None:
        value = encode(value)
    if isinstance(owner, Selection) and field.name == "resources":
        value = owner.sent_resources
    if isinstance(value, Schedule):
        return {"ScheduleExpression": value.expression, "ScheduleExpressionTimezone": value.timezone}
    sent = _plain(value)
    return {} if sent is None or sent is False or sent in ({}, []) else {member_name(field): sent}


def _plain(value: Value | Declared | tuple[Value | Declared, ...]) -> Value:
    if isinstance(value, Declared):
        return document(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value
