"""What every record that AWS reports has in common."""

from __future__ import annotations

from collections.abc import KeysView
from datetime import datetime
from typing import Annotated, TypeAlias

import msgspec

from backupkit.display import Facts, html, moment, size
from backupkit.serialization import Serializable, plain

__all__ = ["Document", "Moment", "Record"]

Moment: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True)]
"""An aware time; what AWS sends as epoch seconds is in UTC."""

Document: TypeAlias = dict[str, object]
"""A piece of the API's JSON under the API's own names."""


class Record(
    Serializable,
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    gc=False,
    omit_defaults=True,
    rename="pascal",
    forbid_unknown_fields=True,
):
    """Something AWS reports, with the API's members in snake_case; None where AWS left a member out.

    Nothing that AWS sends is refused or lost: a member that this version does not know, or that is of another type than
    the API's model says, is in ``extra`` under the API's own name. Values of enumerations are plain strings, so new
    ones pass; `backupkit.observe.states` names those that are known.

    Two records are equal if all their members are. The first field identifies a record and gives its hash.
    """

    # AWS cannot have a member of this name: the names of its members are letters and digits.
    extra: Document = msgspec.field(default_factory=dict, name="-extra")

    def __hash__(self) -> int:
        return hash((type(self).__name__, repr(getattr(self, self.__struct_fields__[0]))))

    def to_dict(self, *, json: bool = False) -> dict[str, object]:
        """Return all members, None where AWS left one out, as a dictionary; records inside it are dictionaries too.

        Nothing is hidden: tags, options and restore metadata, of which a repr shows the keys alone, are in it.

        Args:
            json: Whether moments are ISO 8601 text, as JSON needs it; False: aware datetimes in UTC.
        """
        return {name: plain(getattr(self, name), json=json) for name in _names(self)}

    def keys(self) -> KeysView[str]:
        """Return the names of the members, so that ``dict(record)`` works."""
        return dict.fromkeys(_names(self)).keys()

    def __getitem__(self, name: str) -> object:
        if name not in _names(self):
            raise KeyError(name)
        return getattr(self, name)

    # Without it, Python would try to iterate a record by numbers.
    __iter__ = None

    def __repr__(self) -> str:
        parts = (f"{name}={value!r}" for name, value in self.__rich_repr__())
        return f"{type(self).__name__}({', '.join(parts)})"

    def _repr_html_(self) -> str:
        return html(Facts(type(self).__name__, [(name, _text(name, value)) for name, value in self.__rich_repr__()]))

    def __rich_repr__(self) -> list[tuple[str, object]]:
        """The fields that are set. Of maps only the keys: tags, options and restore metadata may hold secrets."""
        fields = [(name, getattr(self, name)) for name in _names(self)]
        return [(name, _value(value)) for name, value in fields if value is not None and value != {}]


def _text(name: str, value: object) -> str:
    """A member as people write it."""
    match value:
        case datetime():
            return moment(value)
        case Record():
            return ", ".join(
                f"{inner.replace('_', ' ')} {_text(inner, child)}" for inner, child in value.__rich_repr__()
            )
        case list():
            return "; ".join(_text(name, each) for each in value)
        case bool():
            return "yes" if value else "no"
        case int() if "bytes" in name:
            return size(value)
    return str(value)


def _names(record: Record) -> list[str]:
    return [name for name in record.__struct_fields__ if not name.startswith("_")]


def _value(value: object) -> object:
    """The value, or only its keys where it is a map of more than numbers."""
    if isinstance(value, dict) and not all(isinstance(inner, int) for inner in value.values()):
        return _Keys(value)
    return value


class _Keys:
    """Shows a map without its values."""

    def __init__(self, value: dict[object, object]) -> None:
        self._keys = list(value)

    def __repr__(self) -> str:
        return "{" + ", ".join(f"{key!r}: ..." for key in self._keys) + "}"
