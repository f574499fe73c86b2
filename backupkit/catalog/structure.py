"""Nested structures of restore metadata, as values with AWS's members in snake_case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

import attrs

from backupkit.checks import is_text
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, typed

__all__ = ["Structure", "plain"]


@attrs.frozen
class Structure:
    """The base of nested structures: an attrs class whose fields name AWS's members; None leaves a member out.

    Raises:
        InvalidValueError: A field holds what its member is not.
    """

    _MEMBERS: ClassVar[Mapping[str, str]] = {}
    """The members whose names do not follow from their fields."""
    _LOWER: ClassVar[bool] = False
    """Whether members begin with a small letter."""

    def __attrs_post_init__(self) -> None:
        for field in attrs.fields(type(self)):
            value, kind = getattr(self, field.name), str(field.type)
            if kind.startswith("tuple") and isinstance(value, (str, list)):
                object.__setattr__(self, field.name, (value,) if isinstance(value, str) else tuple(value))
        found = [
            Problem(f"restore/{type(self).__name__}/{field.name}", f"{typed(value)} is not {wanted}", f"give {wanted}")
            for field in attrs.fields(type(self))
            if (wanted := _unlike(str(field.type), value := getattr(self, field.name))) is not None
        ]
        if found:
            raise InvalidValueError(found)

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


_KINDS: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "bool": (lambda value: isinstance(value, bool), "True or False"),
    "float": (lambda value: _is_number(value, (int, float)), "a number"),
    "int": (lambda value: _is_number(value, int), "a whole number"),
    "str": (is_text, "a text"),
    "tuple[str, ...]": (lambda value: isinstance(value, tuple) and all(map(is_text, value)), "a tuple of texts"),
}
"""What a field of each annotation may hold; a structure or a mapping where it is another one."""


def _is_number(value: object, kinds: type | tuple[type, ...]) -> bool:
    return isinstance(value, kinds) and not isinstance(value, bool)


def _unlike(kind: str, value: object) -> str | None:
    """What a field should hold, where it holds something else."""
    if value is None and kind.endswith("| None"):
        return None
    fits, wanted = _KINDS.get(
        kind.removesuffix(" | None"), (lambda each: isinstance(each, (Structure, Mapping)), "a mapping")
    )
    return None if fits(value) else wanted


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
