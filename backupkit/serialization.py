"""Records as plain values: dictionaries, JSON, and what web frameworks make of a return value."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, KeysView, Mapping
from datetime import date, datetime, time, timedelta
from typing import ClassVar, TypeVar

import attrs

__all__ = ["JsonList", "Serializable", "jsonable", "plain", "plain_members"]

C = TypeVar("C")


class Serializable:
    """A record that can become a dictionary: ``dict(record)``, `to_dict`, and JSON.

    FastAPI and others take one as the return value of a handler, annotated or not: they ask ``dict(value)``, or
    pydantic's protocol.
    """

    __slots__ = ()
    _DERIVED: ClassVar[tuple[str, ...]] = ()
    """Properties that `to_dict` has besides the fields."""

    def to_dict(self, *, json: bool = False) -> dict[str, object]:
        """Return the record as a dictionary of plain values, records inside it included.

        Args:
            json: Whether moments are ISO 8601 text and spans seconds, as JSON needs it; False: aware datetimes and
                timedeltas.
        """
        names = (*_public(type(self)), *self._DERIVED)
        return plain_members({name: getattr(self, name) for name in names}, json=json)

    def keys(self) -> KeysView[str]:
        """Return the names of `to_dict`, so that ``dict(record)`` works."""
        return self.to_dict().keys()

    def __getitem__(self, name: str) -> object:
        if not isinstance(name, str):
            raise TypeError(f"{type(self).__name__} is asked by the names of its members, not by {name!r}")
        return self.to_dict()[name]

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> dict[str, object]:
        return _schema(cls, _as_dict, "dict")


class JsonList:
    """Several records that JSON and web frameworks take as a list."""

    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> dict[str, object]:
        # A report that is a table and a record as well is written as a record.
        return _schema(cls, jsonable, "dict" if issubclass(cls, Serializable) else "list")


def jsonable(value: object) -> object:
    """Return what JSON can say of a value, for ``json.dumps(value, default=bk.jsonable)``.

    Records become objects, collections of records lists (which asks AWS), moments ISO 8601 text, spans seconds.

    Raises:
        TypeError: Nothing is known to say of it, as `json.dumps` itself raises it.
    """
    return plain(value, json=True)


def plain(value: object, *, json: bool) -> object:
    """Return a value, and what is in it, without records; and in JSON's types where ``json`` is true.

    Raises:
        TypeError: JSON is wanted, and nothing is known to say of the value.
    """
    match value:
        case Serializable():
            return value.to_dict(json=json)
        case Mapping():
            return plain_members({str(name): each for name, each in value.items()}, json=json)
        case set() | frozenset():
            return sorted((plain(each, json=json) for each in value), key=str)
        case Iterable() if not isinstance(value, str | bytes | bytearray):
            return [plain(each, json=json) for each in value]
    if callable(written := getattr(value, "to_dict", None)):  # a declared plan, as the API's document
        return plain(written(), json=json)
    return _json(value) if json else value


def _json(value: object) -> object:
    match value:
        case enum.Enum():
            return value.value
        case None | bool() | int() | float() | str():
            return value
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def plain_members(members: Mapping[str, object], *, json: bool) -> dict[str, object]:
    """Return each of some members as `plain` does."""
    return {name: plain(value, json=json) for name, value in members.items()}


def _public(cls: type) -> Iterable[str]:
    """The fields of an attrs class that are shown; what its repr leaves out is a secret or a connection."""
    names = getattr(cls, "__struct_fields__", None) or [each.name for each in attrs.fields(cls) if each.repr]
    return [name for name in names if not name.startswith("_")]


def _as_dict(value: Serializable) -> dict[str, object]:
    return value.to_dict(json=True)


def _schema(cls: type, written: Callable[[C], object], kind: str) -> dict[str, object]:
    """Pydantic's core schema, which is a dictionary, so that nothing of pydantic is imported."""
    serialization = {"type": "function-plain", "function": written, "return_schema": {"type": kind}}
    return {"type": "is-instance", "cls": cls, "serialization": serialization}
