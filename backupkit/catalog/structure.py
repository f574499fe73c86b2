"""Nested structures of restore metadata, as values with AWS's members in snake_case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import attrs

__all__ = ["Structure", "plain"]


@attrs.frozen
class Structure:
    """The base of nested structures: an attrs class whose fields name AWS's members; None leaves a member out."""

    _MEMBERS: ClassVar[Mapping[str, str]] = {}
    """The members whose names do not follow from their fields."""
    _LOWER: ClassVar[bool] = False
    """Whether members begin with a small letter."""

    def __attrs_post_init__(self) -> None:
        for field in attrs.fields(type(self)):
            value = getattr(self, field.name)
            if isinstance(value, list):
                object.__setattr__(self, field.name, tuple(value))

    def to_dict(self) -> dict[str, object]:
        """The structure as AWS writes it."""
        return {
            self._member(field.name): plain(value)
            for field in attrs.fields(type(self))
            if (value := getattr(self, field.name)) is not None
        }

    def _member(self, field: str) -> str:
        if field in self._MEMBERS:
            return self._MEMBERS[field]
        words = field.split("_")
        first = words[0] if self._LOWER else words[0].capitalize()
        return first + "".join(word.capitalize() for word in words[1:])


def plain(value: object) -> object:
    """A value as JSON has it."""
    match value:
        case Structure():
            return value.to_dict()
        case Mapping():
            return {str(name): plain(each) for name, each in value.items()}
        case tuple() | list():
            return [plain(each) for each in value]
        case _:
            return value
