"""Declared values as JSON of their own fields, and back: what a saved preview holds of the things it is about.

The API's documents do not say all that is declared: a schedule that is left to AWS, which settings are named at all.
An object has one member, the class: ``{"Vault": {"name": "prod"}}``. Fields that have their default are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import attrs

from backupkit.declare.declared import Declared
from backupkit.declare.tags import Switches, Tags
from backupkit.errors import InvalidValueError
from backupkit.problems import typed
from backupkit.schedule import Schedule

__all__ = ["read_written", "written"]

_MOMENT = "datetime"
_FACTORY: Any = type(attrs.Factory(dict))
_MAPPINGS: Mapping[str, Any] = {"Tags": Tags, "Switches": Switches}


def written(value: object) -> object:
    """Return a declared value, or one of a field, as plain JSON values.

    Raises:
        TypeError: A field holds something that no declared class has.
    """
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return str.__str__(value)
        case tuple():
            return [written(each) for each in value]
    name, held = _named(value)
    return {name: held}


def _named(value: object) -> tuple[str, object]:
    match value:
        case datetime():
            return _MOMENT, value.isoformat()
        case Tags() | Switches():
            return type(value).__name__, dict(value)
        case Declared() | Schedule():
            return type(value).__name__, _fields(value)
    raise TypeError(f"{typed(value)} cannot be written")


def _fields(value: Declared | Schedule) -> dict[str, object]:
    held = ((field, getattr(value, field.name)) for field in attrs.fields(type(value)))
    return {field.name: written(each) for field, each in held if not _is_default(field, each)}


def _is_default(field: attrs.Attribute[object], value: object) -> bool:
    default: Any = field.default
    if isinstance(default, _FACTORY):
        default = default.factory()
    return type(value) is type(default) and value == default


def read_written(document: object) -> Any:
    """Return what `written` was given.

    Raises:
        ValueError: It is not something that `written` returns; InvalidValueError, where a value is one that its class
            refuses.
    """
    match document:
        case None | bool() | int() | float() | str():
            return document
        case list():
            return tuple(read_written(each) for each in document)
        case dict() if len(document) == 1:
            (name, held), *_ = document.items()
            return _read(name, held)
    raise ValueError("not a written value")


def _read(name: object, held: object) -> object:
    try:
        if name == _MOMENT:
            return datetime.fromisoformat(str(held))
        if isinstance(held, dict) and isinstance(name, str):
            return _MAPPINGS[name](held) if name in _MAPPINGS else _made(_classes()[name], held)
    except InvalidValueError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError):
        pass
    raise ValueError(f"not a written {name}")


def _made(cls: type[Declared | Schedule], held: Mapping[str, object]) -> object:
    """A value with these fields, checked as every other one."""
    fields = {field.name: field for field in attrs.fields(cls)}
    given = {fields[name].alias or name: read_written(each) for name, each in held.items()}
    made: Any = object.__new__(cls)
    # attrs makes __attrs_init__ where a class has an __init__ that takes its things in another way.
    getattr(made, "__attrs_init__", made.__init__)(**given)
    return made


def _classes() -> Mapping[str, type[Declared | Schedule]]:
    return {cls.__name__: cls for cls in (*_below(Declared), Schedule)}


def _below(cls: type[Declared]) -> Iterator[type[Declared]]:
    for each in cls.__subclasses__():
        # What attrs makes a class with slots of is still there for a while.
        if "__attrs_attrs__" in vars(each):
            yield each
        yield from _below(each)
