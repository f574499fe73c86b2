"""Values of the wire, made into the values that the local service takes.

Each shape of the model is compiled once into a function. It gives types their Python form and refuses wrong types; what
the values may be is for the service to say. As the protocol has it, members that the model does not know are left out,
and so are nulls.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from backupkit.documents import Value
from backupkit.emulator.http.messages import Unreadable

if TYPE_CHECKING:
    from botocore.model import Shape, StructureShape

__all__ = ["Reader", "in_body", "in_query"]

Reader: TypeAlias = "Callable[[object], Value]"
"""Makes one value of the wire into one of the service; raises `Unreadable` where it cannot."""

_BITS = {"integer": 31, "long": 63}
_DIGITS = re.compile(r"[+-]?[0-9]{1,19}")


def in_body(shape: Shape) -> Reader:
    """The reader of a value inside a JSON body."""
    return _compiled(shape, {})


@cache
def in_query(kind: str) -> Callable[[str], Value]:
    """The reader of a value inside a query, by the type of its shape."""
    match kind:
        case "timestamp":
            return _moment_in_text
        case "integer" | "long":
            return lambda text: _number(_digits(text), kind)
        case "boolean":
            return _flag
        case "string":
            return lambda text: text
        case other:
            # The model has no lists in queries; a test says so as long as it is true.
            raise NotImplementedError(f"a query cannot hold a {other}")


def _compiled(shape: Shape, known: dict[str, Reader]) -> Reader:
    """The reader of any shape, made once; no shape of the API holds itself."""
    if shape.name not in known:
        known[shape.name] = _make(shape, known)
    return known[shape.name]


def _make(shape: Shape, known: dict[str, Reader]) -> Reader:
    from botocore.model import ListShape, MapShape, StructureShape  # noqa: PLC0415 - importing must not cost botocore

    if isinstance(shape, StructureShape):
        return _structure(shape, known)
    if isinstance(shape, ListShape):
        return _list(_compiled(shape.member, known))
    if isinstance(shape, MapShape):
        return _map(_compiled(shape.value, known))
    return _scalar(shape.type_name)


def _structure(shape: StructureShape, known: dict[str, Reader]) -> Reader:
    readers = {name: _compiled(member, known) for name, member in shape.members.items()}

    def read(value: object) -> Value:
        if not isinstance(value, Mapping):
            raise _wrong(value, "an object")
        return {
            name: _below(name, readers[name], part)
            for name, part in value.items()
            if part is not None and name in readers
        }

    return read


def _list(reader: Reader) -> Reader:
    def read(value: object) -> Value:
        if not isinstance(value, list):
            raise _wrong(value, "an array")
        return [_below(f"[{position}]", reader, item) for position, item in enumerate(value)]

    return read


def _map(reader: Reader) -> Reader:
    def read(value: object) -> Value:
        if not isinstance(value, Mapping):
            raise _wrong(value, "an object")
        return {str(key): _below(str(key), reader, part) for key, part in value.items()}

    return read


def _below(step: str, reader: Reader, value: object) -> Value:
    try:
        return reader(value)
    except Unreadable as error:
        raise error.below(step) from None


def _scalar(kind: str) -> Reader:
    match kind:
        case "timestamp":
            return _moment
        case "integer" | "long":
            return lambda value: _number(value, kind)
        case "double" | "float":
            return _real
        case "boolean":
            return _boolean
        case _:
            return _text


def _text(value: object) -> Value:
    if not isinstance(value, str):
        raise _wrong(value, "a string")
    return value


def _boolean(value: object) -> Value:
    if not isinstance(value, bool):
        raise _wrong(value, "true or false")
    return value


def _real(value: object) -> Value:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _wrong(value, "a number")
    return value


def _number(value: object, kind: str) -> Value:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong(value, "a whole number")
    if not -(1 << _BITS[kind]) <= value < 1 << _BITS[kind]:
        raise Unreadable("", f"it does not fit into {_BITS[kind] + 1} bits")
    return value


def _moment(value: object) -> Value:
    if isinstance(value, str):
        return _moment_in_text(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _wrong(value, "epoch seconds")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise Unreadable("", "it is not a moment that a calendar has") from error


def _moment_in_text(text: str) -> Value:
    if _DIGITS.fullmatch(text):
        return _moment(int(text))
    try:
        found = datetime.fromisoformat(text)
        # A time without a zone is in UTC, as the protocol has it.
        return found.astimezone(UTC) if found.tzinfo is not None else found.replace(tzinfo=UTC)
    except (OverflowError, ValueError) as error:
        raise Unreadable("", "it is not a moment like 2026-01-31T12:00:00Z") from error


def _digits(text: str) -> int:
    if not _DIGITS.fullmatch(text):
        raise Unreadable("", "it is not a whole number")
    return int(text)


def _flag(text: str) -> Value:
    if text not in {"true", "false"}:
        raise Unreadable("", "it is neither true nor false")
    return text == "true"


def _wrong(value: object, wanted: str) -> Unreadable:
    # The value itself is left out: it may be long, or secret.
    return Unreadable("", f"it is of type {_KINDS.get(type(value), 'unknown')}, not {wanted}")


_KINDS: dict[type[object], str] = {
    bool: "boolean",
    dict: "object",
    float: "number",
    int: "number",
    list: "array",
    str: "string",
    type(None): "null",
}
