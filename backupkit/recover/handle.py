"""What handles have in common: their connection is not part of what they are.

It is left out when handles are compared, and when they are pickled, so that an error that carries a job can go to
another process.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, cast

import msgspec

from backupkit.observe import Record
from backupkit.recover.caller import Caller, caller_of
from backupkit.serialization import Serializable
from backupkit.transport.protocol import Clock

__all__ = ["Handle"]

Reduced: TypeAlias = "tuple[Callable[..., msgspec.Struct], tuple[type[msgspec.Struct], dict[str, object]]]"


class Handle(Serializable):
    """Stands beside a `Record` as a base; the class adds the field ``_aws``."""

    __slots__ = ()

    @property
    def _caller(self) -> Caller:
        return caller_of(getattr(self, "_aws", None))

    @property
    def clock(self) -> Clock:
        """What waiting goes by."""
        return self._caller.transport.clock

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and _public_fields(self) == _public_fields(other)

    def __hash__(self) -> int:
        return Record.__hash__(cast("Record", self))

    def __reduce__(self) -> Reduced:
        return _made, (cast("type[msgspec.Struct]", type(self)), _public_fields(self))


def _public_fields(handle: Handle) -> dict[str, object]:
    return {name: getattr(handle, name) for name in cast("Record", handle).__struct_fields__ if name != "_aws"}


def _made(cls: type[msgspec.Struct], fields: dict[str, object]) -> msgspec.Struct:
    return cls(**fields)
