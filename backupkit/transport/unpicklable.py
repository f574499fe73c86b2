"""What holds a connection stays in its process, and says so where something tries to send it away."""

from __future__ import annotations

from typing import Self

from backupkit.problems import typed

__all__ = ["Bound"]


class Bound:
    """A base of what asks its connection whenever it is used: copies ask the same one, pickling is refused."""

    __slots__ = ()

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError(
            f"{typed(self)} holds its connection and cannot be pickled: connect again in the other process, "
            "or send what was read, as records or JSON"
        )

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self
