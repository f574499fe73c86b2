"""Tags, and the switches of settings, as values: immutable, hashable mappings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, typed

__all__ = ["HIDDEN", "Switches", "Tags", "hidden", "tags_of_call"]


V = TypeVar("V")


class _Frozen(Mapping[str, V]):
    """An immutable, hashable mapping."""

    __slots__ = ("_pairs",)
    _pairs: dict[str, V]

    def __getitem__(self, key: str) -> V:
        return self._pairs[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)

    def __hash__(self) -> int:
        return hash(frozenset(self._pairs.items()))

    def __eq__(self, other: object) -> bool:
        return dict(self) == dict(other) if isinstance(other, Mapping) else NotImplemented

    def __reduce__(self) -> tuple[type, tuple[dict[str, V]]]:
        # The oldest protocols of pickle cannot do slots by themselves.
        return type(self), (self._pairs,)


class Tags(_Frozen[str]):
    """Tags of a vault, plan or point.

    AWS's model marks tags sensitive, so their repr shows the keys alone.

    Example:
        >>> Tags({"Team": "platform"})["Team"]
        'platform'
    """

    __slots__ = ()

    def __init__(self, pairs: Mapping[str, str] | None = None, /, **more: str) -> None:
        if pairs is not None and not isinstance(pairs, Mapping):
            raise _not_a_mapping(pairs, 'write {"Team": "platform"}')
        # A subclass of text, as a member of an enum is, counts as its text.
        self._pairs = {_plain(key): _plain(text) for key, text in {**(pairs or {}), **more}.items()}

    def __repr__(self) -> str:
        return f"Tags({hidden(self._pairs)})"


class Switches(_Frozen[bool]):
    """What is on and what is off, by name.

    Example:
        >>> Switches({"S3": True})["S3"]
        True
    """

    __slots__ = ()

    def __init__(self, pairs: Mapping[str, bool] | None = None, /) -> None:
        if pairs is not None and not isinstance(pairs, Mapping):
            what = f"{typed(pairs)} is not a mapping of names to True or False"
            raise InvalidValueError(Problem("", what, 'write {"S3": True}'))
        self._pairs = {_plain(key): on for key, on in (pairs or {}).items()}

    def __repr__(self) -> str:
        return f"Switches({self._pairs!r})"


HIDDEN = "***"
"""Stands in a repr for what is not shown. It is not Python: nobody pastes it for a value."""


def hidden(keys: Iterable[str]) -> str:
    """The repr of a mapping without its values."""
    return "{" + ", ".join(f"{key!r}: {HIDDEN}" for key in keys) + "}"


def tags_of_call(call: str, pairs: Mapping[str, str] | None, more: Mapping[str, str]) -> Tags:
    """The tags that a verb was given.

    Raises:
        InvalidValueError: ``pairs`` are not a mapping; says how ``call`` is written.
    """
    if pairs is not None and not isinstance(pairs, Mapping):
        raise _not_a_mapping(pairs, f'write {call}(Team="platform"), or {call}({{"Team": "platform"}})')
    return Tags(pairs, **more)


def _not_a_mapping(given: object, hint: str) -> InvalidValueError:
    # The value itself may hold tag values, which messages do not show.
    return InvalidValueError(Problem("tags", f"{typed(given)} is not a mapping of keys to values", hint))


def _plain(value: str) -> str:
    return str.__str__(value) if isinstance(value, str) else value
