"""What handles have in common: their connection is not part of what they are.

It is left out when handles are compared, and when they are pickled, so that an error that carries a job can go to
another process.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec

__all__ = ["Reduced", "reduced", "same"]

Reduced: TypeAlias = "tuple[Callable[..., msgspec.Struct], tuple[type[msgspec.Struct], dict[str, object]]]"


def same(record: msgspec.Struct, other: object) -> bool:
    """Whether two handles say the same, whoever they would ask."""
    return isinstance(other, type(record)) and _said(record) == _said(other)


def reduced(record: msgspec.Struct) -> Reduced:
    """What ``__reduce__`` of a handle answers."""
    return _made, (type(record), _said(record))


def _said(record: msgspec.Struct) -> dict[str, object]:
    return {name: getattr(record, name) for name in record.__struct_fields__ if name != "_aws"}


def _made(cls: type[msgspec.Struct], said: dict[str, object]) -> msgspec.Struct:
    return cls(**said)
