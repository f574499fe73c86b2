"""What a display is made of: plain values that know nothing of connections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import attrs

__all__ = ["Block", "Facts", "Notes", "Rows"]


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
