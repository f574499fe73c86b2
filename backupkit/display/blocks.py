"""What a display is made of: plain values that know nothing of connections."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias, TypeVar

import attrs

__all__ = ["SHOWN", "Block", "Facts", "Notes", "Rows"]

T = TypeVar("T")

SHOWN = 50
"""The most rows that a display has."""


@attrs.frozen
class Facts:
    """A title, and facts by their names."""

    title: str
    facts: Sequence[tuple[str, str]] = ()


@attrs.frozen
class Rows:
    """A table.

    Args:
        columns: The heads.
        rows: The cells, as text.
        total: How many rows there are in all, where not all are given; None: these are all.
        right: Columns of numbers, by their places.
        kinds: A word for each row that colours it: ``good``, ``bad``, ``doubtful`` or nothing.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    total: int | None = None
    right: frozenset[int] = frozenset()
    kinds: Sequence[str] = ()

    @classmethod
    def first(
        cls,
        columns: Sequence[str],
        records: Sequence[T],
        cells: Callable[[T], Sequence[str]],
        *,
        right: frozenset[int] = frozenset(),
        mark: Callable[[T], str] | None = None,
    ) -> Rows:
        """Return a table of the first `SHOWN` records, which says how many there are in all."""
        first = records[:SHOWN]
        kinds = [mark(record) for record in first] if mark is not None else ()
        return cls(columns, [cells(record) for record in first], total=len(records), right=right, kinds=kinds)

    @property
    def left_out(self) -> int:
        """How many rows are not given."""
        return 0 if self.total is None else self.total - len(self.rows)


@attrs.frozen
class Notes:
    """Lines below a title."""

    title: str
    lines: Sequence[str]


Block: TypeAlias = Facts | Rows | Notes
