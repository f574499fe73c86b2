"""What the fields of declared classes hold, by their annotations."""

from __future__ import annotations

import typing

from backupkit.declare.declared import Declared

__all__ = ["hint", "is_list", "item_class"]


_READ: dict[type[Declared], dict[str, object]] = {}


def _hints(cls: type[Declared]) -> dict[str, object]:
    found = _READ.get(cls)
    return found if found is not None else _READ.setdefault(cls, typing.get_type_hints(cls))


def hint(cls: type[Declared], name: str) -> object:
    """The annotation of a field."""
    return _hints(cls)[name]


def is_list(cls: type[Declared], name: str) -> bool:
    """Whether a field holds several values."""
    return typing.get_origin(hint(cls, name)) is tuple


def item_class(cls: type[Declared], name: str) -> type[Declared] | None:
    """The declared class that a field holds, by itself or in a tuple."""
    found = hint(cls, name)
    for each in (found, *typing.get_args(found)):
        if isinstance(each, type) and issubclass(each, Declared):
            return each
    return None
