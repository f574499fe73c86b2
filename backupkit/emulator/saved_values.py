"""Records and plain values as bytes, and back, in a format that holds data and nothing else.

The bytes are MessagePack: a list of records and containers, in which one names another by its number. So what was
shared is shared again, and circles stay circles. Reading makes records without running anything of theirs; a name that
is not one of this package's own records is refused, and no module is imported for its sake. A record is named by its
class alone, whatever file that stands in; so no two records have one name.
"""

from __future__ import annotations

import contextlib
import gc
import inspect
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

import msgspec

from backupkit.emulator.saved_forms import PLAIN, PLAIN_BACK, Encoded, UnsavableError, fields_of, records

__all__ = ["dumped", "loaded"]

_Document = tuple[list[tuple[str, list[str]]], list[str], list[list[Any]], Any]
"""The names of records with their fields, the texts, every record and container, and which of them is meant."""

# What a value becomes inside its holder: these are as they are, a whole number is a list of it, a number from 0 on is
# the place of another value among all of them, and one below is that of a text, counted from -1 downwards.
_AS_THEY_ARE = frozenset({bytes, float, bool, type(None)})
_LARGEST = 1 << 63


def dumped(value: object) -> bytes:
    """Return ``value`` and everything that it holds as bytes.

    Raises:
        UnsavableError: Something in it is neither a plain value nor a record of this package.
    """
    writer = _Writer()
    try:
        with _uncollected():
            root = writer.inside(value)
        return msgspec.msgpack.encode((writer.names, list(writer.texts), writer.values, root))
    except (AttributeError, OverflowError, RecursionError, TypeError, ValueError) as error:
        raise UnsavableError(str(error)) from error


def loaded(data: bytes) -> object:
    """Return what `dumped` was given.

    Raises:
        UnsavableError: ``data`` is something else.
    """
    try:
        with _uncollected():
            names, texts, values, root = msgspec.msgpack.decode(data, type=_Document)
            return _Reader(names, texts, values).inside(root)
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        msgspec.MsgspecError,
        OSError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        raise UnsavableError(f"it does not hold saved values: {error}") from error


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the garbage collector from going through a million new objects again and again; nothing here is garbage."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


_LIST, _DICT, _DEQUE, _SET, _TUPLE, _FROZENSET = "[", "{", "q", "(s", "(", "(f"
_HASHED = frozenset({set, frozenset})
_HOLDERS: dict[type, str] = {list: _LIST, tuple: _TUPLE, set: _SET, frozenset: _FROZENSET}


class _Writer:
    """Numbers values in the order in which it meets them."""

    def __init__(self) -> None:
        self.names: list[tuple[str, tuple[str, ...]]] = []
        """The records that there are, and the names of their fields."""
        self.values: list[Encoded] = []
        self.texts: dict[str, int] = {}
        """Every text once, and its number below 0."""
        self._numbers: dict[int, int] = {}
        """The number of each value by its id."""
        self._met: list[object] = []
        """All of them: an id is nobody else's as long as its value is there."""
        self._kinds: dict[type, tuple[int, Callable[[Any], Iterable[object]]]] = {}

    def inside(self, value: Any) -> Any:
        """What stands for a value inside what holds it."""
        kind = type(value)
        if kind is str:
            return self.texts.setdefault(value, -1 - len(self.texts))
        if kind in _AS_THEY_ARE:
            return value
        if kind is int and -_LARGEST <= value < _LARGEST:
            return [value]
        if kind is datetime and value.tzinfo is UTC and not value.fold:
            return value
        number = self._numbers.get(id(value))
        return self._numbered(value, kind) if number is None else number

    def _numbered(self, value: Any, kind: type) -> int:
        number = len(self.values)
        self._numbers[id(value)] = number
        self._met.append(value)
        self.values.append([])
        self.values[number] = self._written(value, kind)
        return number

    def _written(self, value: Any, kind: type) -> Encoded:
        inside = self.inside
        holder = _HOLDERS.get(kind)
        if holder is not None:
            return [holder, *map(self._key if kind in _HASHED else inside, value)]
        if kind is dict:
            return [_DICT, *(part for key, held in value.items() for part in (self._key(key), inside(held)))]
        if kind is deque:
            return [_DEQUE, value.maxlen, *map(inside, value)]
        plain = PLAIN.get(kind)
        if plain is not None:
            return [plain[0], *plain[1](value)]
        known = self._kinds.get(kind)
        if known is None:
            known = self._named(kind)
        return [
            known[0],
            *[part if type(part) in _AS_THEY_ARE else inside(part) for part in known[1](value)],
        ]

    def _key(self, value: Any) -> Any:
        """What stands for a value that is found by its hash, which that of a record that is not yet filled is not."""
        kind = type(value)
        if kind is tuple:
            for part in value:
                self._key(part)
        elif kind is not str and kind not in _AS_THEY_ARE and kind not in PLAIN:
            raise UnsavableError(f"a {kind.__qualname__} is a key or is in a set")
        return self.inside(value)

    def _named(self, kind: type) -> tuple[int, Callable[[Any], Iterable[object]]]:
        fields = fields_of(kind)
        self.names.append((kind.__qualname__, fields))
        self._kinds[kind] = known = len(self.names) - 1, _parts(fields)
        return known


def _parts(fields: tuple[str, ...]) -> Callable[[Any], Iterable[object]]:
    if len(fields) > 1:
        return attrgetter(*fields)
    return lambda record: [getattr(record, name) for name in fields]


class _Reader:
    """Makes every value: what can change first, then what is in it."""

    def __init__(self, names: list[tuple[str, list[str]]], texts: list[str], values: list[Encoded]) -> None:
        self._texts = texts
        self._values = values
        known = records()
        self._kinds = [_checked_kind(known.get(name), name, fields) for name, fields in names]
        self._later: list[tuple[Any, str, int]] = []
        """Fields that are still to get the value of that number."""
        self._made: list[Any] = [self._shell(value) for value in values]
        self._making: set[int] = set()
        for number in range(len(values)):
            self._whole(number)
        for record, name, number in self._later:
            _put(record, name, self._made[number])
        for made, value in zip(self._made, values, strict=True):
            self._fill(made, value)

    def inside(self, saved: Any) -> Any:
        """The value that stands for itself, or for another, inside what holds it."""
        kind = type(saved)
        if kind is int:
            if saved < 0:
                return self._texts[~saved]
            made = self._made[saved]
            return made if made is not None else self._whole(saved)
        if kind is list:
            [number] = saved
            return number
        return saved

    def _shell(self, value: Encoded) -> Any:
        """What holds others and may change; None for what must be made whole at once."""
        tag = value[0]
        if type(tag) is int:
            return self._record(*self._kinds[tag], value[1:])
        match tag:
            case "[":
                return []
            case "{":
                return {}
            case "q":
                return deque(maxlen=value[1])
            case "(s":
                return set()
            case _:
                return None

    def _record(self, kind: type, fields: list[str], make: Callable[..., object] | None, saved: Encoded) -> Any:
        texts = self._texts
        parts: list[Any] = []
        others: list[int] = []
        # Written out here, and not as calls of `inside`: a year has millions of fields.
        for position, part in enumerate(saved):
            if type(part) is int:
                if part >= 0:
                    others.append(position)
                    parts.append(None)
                else:
                    parts.append(texts[~part])
            else:
                parts.append(part[0] if type(part) is list else part)
        if make is not None:
            if len(parts) != len(fields):
                raise UnsavableError(f"a record has {len(parts)} values for {len(fields)} fields")
            made = make(*parts)
        else:
            made = object.__new__(kind)
            for name, part in zip(fields, parts, strict=True):
                object.__setattr__(made, name, part)
        self._later += [(made, fields[position], saved[position]) for position in others]
        return made

    def _whole(self, number: int) -> Any:
        if self._made[number] is not None:
            return self._made[number]
        if number in self._making:
            raise UnsavableError("a value that cannot change holds itself")
        self._making.add(number)
        tag, *parts = self._values[number]
        if tag == _TUPLE:
            made: Any = tuple(map(self.inside, parts))
        elif tag == _FROZENSET:
            made = frozenset(map(self.inside, parts))
        else:
            made = PLAIN_BACK[tag](*parts)
        self._making.discard(number)
        self._made[number] = made
        return made

    def _fill(self, made: Any, value: Encoded) -> None:
        tag = value[0]
        if tag == _LIST:
            made.extend(map(self.inside, value[1:]))
        elif tag == _DICT:
            parts = iter(map(self.inside, value[1:]))
            made.update(zip(parts, parts, strict=True))
        elif tag == _DEQUE:
            made.extend(map(self.inside, value[2:]))
        elif tag == _SET:
            made.update(map(self.inside, value[1:]))


def _checked_kind(
    kind: type | None, name: str, fields: list[str]
) -> tuple[type, list[str], Callable[..., object] | None]:
    """The record, its fields, and what makes one of their values in this order; None where nothing does."""
    if kind is None:
        raise UnsavableError(f"it holds {name}, which is not a record of backupkit")
    if list(fields_of(kind)) != fields:
        raise UnsavableError(f"it holds {name} with other fields")
    if not issubclass(kind, msgspec.Struct):
        return kind, fields, None
    # Twice as fast as by keywords.
    taken = inspect.signature(kind).parameters
    by_place = list(taken) == fields and all(each.kind is each.POSITIONAL_OR_KEYWORD for each in taken.values())
    return kind, fields, kind if by_place else lambda *parts: kind(**dict(zip(fields, parts, strict=True)))


def _put(record: Any, name: str, value: object) -> None:
    """Set a field, also of a record that does not change."""
    if isinstance(record, msgspec.Struct):
        msgspec.structs.force_setattr(record, name, value)
    else:
        object.__setattr__(record, name, value)
