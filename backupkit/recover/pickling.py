"""Handles are pickled without their connection: an error that carries a job can go to another process."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec

__all__ = ["Reduced", "reduced"]

Reduced: TypeAlias = "tuple[Callable[..., msgspec.Struct], tuple[type[msgspec.Struct], dict[str, object]]]"


def reduced(record: msgspec.Struct) -> Reduced:
    """What ``__reduce__`` of a handle answers."""
    held = {name: getattr(record, name) for name in record.__struct_fields__ if name != "_aws"}
    return _made, (type(record), held)


def _made(cls: type[msgspec.Struct], held: dict[str, object]) -> msgspec.Struct:
    return cls(**held)
