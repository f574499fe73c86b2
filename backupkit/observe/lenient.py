"""The way for answers that hold more, or something else, than the API's model: nothing is refused, nothing lost."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any, TypeGuard, TypeVar, get_args

import attrs
import msgspec

from backupkit.errors import UnreachableError
from backupkit.observe.record import Document, Record

__all__ = ["is_objects", "record", "records"]

R = TypeVar("R", bound=Record)

EXTRA = "-extra"
"""The name under which `Record.extra` is read."""


@attrs.frozen
class _Shape:
    """What a record's class knows of the API."""

    types: dict[str, Any]
    nested: dict[str, type[Record]]


def record(given: Document, cls: type[R]) -> R:
    """A record of ``given``, which is used up; unknown and mistyped members are in its ``extra``."""
    _sift(given, cls)
    return _converted(given, cls)


def records(given: object, cls: type[R]) -> list[R]:
    """Records of a list that an answer holds, which is used up.

    Raises:
        UnreachableError: It is not a list of objects.
    """
    if not is_objects(given):
        raise UnreachableError(f"the answer's list of {cls.__name__} is not a list of objects")
    for item in given:
        _sift(item, cls)
    try:
        return msgspec.convert(given, list[cls], strict=False)  # type: ignore[valid-type]
    except msgspec.ValidationError:
        return [_converted(item, cls) for item in given]


def is_objects(given: object) -> TypeGuard[list[Document]]:
    """Whether ``given`` is a list of objects."""
    return isinstance(given, list) and all(isinstance(item, dict) for item in given)


def _sift(given: Document, cls: type[Record]) -> None:
    """Move unknown members, at every depth, to the extra of the record they are in."""
    unknown, nested = _sorted_out(cls, tuple(given))
    for name, inner in nested:
        for part in _parts(given[name]):
            _sift(part, inner)
    if unknown:
        given[EXTRA] = {name: given.pop(name) for name in unknown}


@lru_cache(maxsize=1024)
def _sorted_out(
    cls: type[Record], names: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[tuple[str, type[Record]], ...]]:
    """Of an object's members, those that the class does not know, and those that are records themselves.

    The records of a page nearly all have the same members, so this is worked out once for them.
    """
    shape = _shape(cls)
    unknown = tuple(name for name in names if name not in shape.types)
    return unknown, tuple((name, shape.nested[name]) for name in names if name in shape.nested)


def _converted(given: Document, cls: type[R]) -> R:
    try:
        return msgspec.convert(given, cls, strict=False)
    except msgspec.ValidationError:
        _set_wrong_aside(given, cls)
        return msgspec.convert(given, cls, strict=False)


def _set_wrong_aside(given: Document, cls: type[Record]) -> None:
    """Move mistyped members, at every depth, to the extra of the record they are in."""
    shape = _shape(cls)
    for name, inner in shape.nested.items():
        for part in _parts(given.get(name)):
            _set_wrong_aside(part, inner)
    wrong = {
        name: given.pop(name) for name, type_ in shape.types.items() if name in given and not _fits(given, name, type_)
    }
    if wrong:
        given[EXTRA] = {**_extra(given), **wrong}


def _extra(given: Document) -> Document:
    extra = given.get(EXTRA)
    return extra if isinstance(extra, dict) else {}


def _fits(given: Document, name: str, type_: Any) -> bool:
    try:
        msgspec.convert(given[name], type_, strict=False)
    except msgspec.ValidationError:
        return False
    return True


def _parts(value: object) -> list[Document]:
    """The objects that ``value`` is, or is a list of; nothing where it is something else."""
    if isinstance(value, dict):
        return [value]
    values = value if isinstance(value, list) else [value]
    parts = [part for part in values if isinstance(part, dict)]
    return parts if len(parts) == len(values) else []


@cache
def _shape(cls: type[Record]) -> _Shape:
    # Fields of subclasses that are no members of the API have names that the API cannot have.
    fields = [field for field in msgspec.structs.fields(cls) if not field.encode_name.startswith("-")]
    nested = ((field.encode_name, inner) for field in fields for inner in _records_in(field.type))
    return _Shape({field.encode_name: field.type for field in fields}, dict(nested))


def _records_in(type_: object) -> Iterator[type[Record]]:
    if isinstance(type_, type) and issubclass(type_, Record):
        yield type_
    for inner in get_args(type_):
        yield from _records_in(inner)
