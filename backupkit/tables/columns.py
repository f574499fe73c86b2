"""Columns of a table of records: their names and types stay as they are, also where no row has a value."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

import attrs

__all__ = ["Column", "ColumnType", "RecordForm", "members"]


class ColumnType(enum.Enum):
    """What the values of a column are."""

    TEXT = "string"
    CATEGORY = "dictionary<values=string, indices=int32>"
    """Text that repeats; each value is held once."""
    COUNT = "int64"
    NUMBER = "double"
    FLAG = "bool"
    MOMENT = "timestamp[us, tz=UTC]"


@attrs.frozen
class Column:
    """One column.

    Args:
        name: Its name.
        type: The type of its values; each may be null.
        about: What it tells, for the documentation.
        values: The values of some rows; None: the member of the column's name.
    """

    name: str
    type: ColumnType
    about: str = ""
    values: Callable[[Sequence[Any]], Iterable[object]] | None = None

    def of(self, rows: Sequence[object]) -> list[object]:
        """Return the column's value of each row."""
        if self.values is not None:
            return list(self.values(rows))
        return list(map(attrgetter(self.name), rows))


@attrs.frozen
class members:  # noqa: N801 - used as a function, and a class so that it can be pickled
    """Finds a member of the record inside each record, such as ``lifecycle.delete_after_days``, or None."""

    path: str

    def __call__(self, rows: Sequence[object]) -> list[object]:
        """Return the member of each row."""
        try:
            # Most pages have the record in every row, and then this takes half the time.
            return list(map(attrgetter(self.path), rows))
        except AttributeError:
            outer, _, inner = self.path.partition(".")
            member = attrgetter(inner)
            return [None if each is None else member(each) for each in map(attrgetter(outer), rows)]


@attrs.frozen(kw_only=True)
class RecordForm:
    """How the records of one kind are put into tables, and shown.

    Args:
        noun: What one of them is called.
        columns: Of the table.
        cells: What people see of a record: the cells by their heads.
        right: The heads that stand over numbers.
        mark: A word that colours a record's row: ``good``, ``bad``, ``doubtful`` or nothing.
        totals: What some records come to together, by names.
    """

    noun: str
    columns: tuple[Column, ...]
    cells: Callable[[Any], Mapping[str, str]]
    right: frozenset[str] = frozenset()
    mark: Callable[[Any], str] | None = None
    totals: Callable[[Sequence[Any]], Iterable[tuple[str, str]]] | None = None
