"""Columns of a table of records: their names and types stay as they are, also where no row has a value."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any

import attrs

__all__ = ["Column", "ColumnType", "RecordForm", "Rows", "members"]


class ColumnType(enum.Enum):
    """What the values of a column are."""

    TEXT = "string"
    CATEGORY = "dictionary<values=string, indices=int32>"
    """Text that repeats; each value is held once."""
    COUNT = "int64"
    NUMBER = "double"
    FLAG = "bool"
    MOMENT = "timestamp[us, tz=UTC]"


class Rows(Sequence[Any]):
    """Records that become rows of a table; what several columns need of them is looked up once."""

    __slots__ = ("_members", "_records")

    def __init__(self, records: Iterable[object]) -> None:
        self._records = list(records)
        self._members: dict[str, list[Any]] = {"": self._records}

    def __getitem__(self, at: Any) -> Any:
        return self._records[at]

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._records)

    def member(self, path: str) -> list[Any]:
        """Return a member of each record, such as ``lifecycle.delete_after_days``; None where its record is missing.

        The list is shared: leave it as it is.
        """
        found = self._members.get(path)
        if found is None:
            outer, _, name = path.rpartition(".")
            found = self._members[path] = _each(self.member(outer), name)
        return found


def _each(records: list[Any], name: str) -> list[Any]:
    member = attrgetter(name)
    try:
        # Most pages have the record in every row, and then this takes half the time.
        return list(map(member, records))
    except AttributeError:
        return [None if record is None else member(record) for record in records]


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
    values: Callable[[Rows], Iterable[object]] | None = None

    def of(self, rows: Rows) -> list[object]:
        """Return the column's value of each row."""
        return rows.member(self.name) if self.values is None else list(self.values(rows))


@attrs.frozen
class members:  # noqa: N801 - used as a function, and a class so that it can be pickled
    """Finds a member of the record inside each record, such as ``lifecycle.delete_after_days``, or None."""

    path: str

    def __call__(self, rows: Rows) -> list[object]:
        """Return the member of each row."""
        return rows.member(self.path)


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
