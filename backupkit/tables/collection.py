"""What every collection of records can do: become a table, be read once, and be looked at."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Generic, SupportsIndex, TypeVar, overload

import attrs

from backupkit.checks import is_text
from backupkit.display import SHOWN, Block, Displayed, Facts, Notes, Rows
from backupkit.errors import BackupKitError, InvalidValueError
from backupkit.files import is_directory
from backupkit.problems import Problem, counted, quote, typed
from backupkit.serialization import JsonList
from backupkit.tables import arrow
from backupkit.tables.columns import RecordForm

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

__all__ = ["Collected", "LazyTable", "Table", "record_rows", "tally", "totals"]

R_co = TypeVar("R_co", covariant=True)

T = TypeVar("T")


class Table(JsonList, Displayed, Generic[R_co]):
    """Records that are also a table: pandas, polars, duckdb and pyarrow take it as it is, by Arrow's C stream.

    Names and types of the columns stay as they are: sizes are bytes in int64, moments microseconds in UTC, and text
    that repeats is dictionary-encoded. All of it needs ``pip install 'backupkit[tables]'``.
    """

    __slots__ = ()

    @abstractmethod
    def __iter__(self) -> Iterator[R_co]: ...

    @abstractmethod
    def _form(self) -> RecordForm: ...

    def _table_rows(self) -> Iterator[object]:
        """The records of the rows, where these are more than iterating gives."""
        return iter(self)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._reader().__arrow_c_stream__(requested_schema)

    def to_arrow(self) -> pa.Table:
        """Return a pyarrow Table.

        Raises:
            ConfigurationError: pyarrow is not installed.
        """
        return self._reader().read_all()

    def to_pandas(self) -> pd.DataFrame:
        """Return a pandas DataFrame: categories, nullable integers and booleans, and moments in UTC.

        Raises:
            ConfigurationError: pyarrow or pandas is not installed.
        """
        return arrow.as_pandas(self.to_arrow())

    def to_polars(self) -> pl.DataFrame:
        """Return a polars DataFrame.

        Raises:
            ConfigurationError: pyarrow or polars is not installed.
        """
        return arrow.as_polars(self.to_arrow())

    def to_parquet(self, path: str | os.PathLike[str]) -> int:
        """Write a Parquet file, a page at a time: a million records take no more memory than 65,536.

        Args:
            path: Where; a file that is there is replaced once the new one is whole.

        Returns:
            How many rows were written.

        Raises:
            ConfigurationError: pyarrow is not installed, or the file cannot be written.
            InvalidValueError: The path is not one, is a directory, or is in a directory that is not there.
        """
        target = _must_be_path(path)
        return arrow.write_parquet(self._reader(), target)

    def _reader(self) -> pa.RecordBatchReader:
        return arrow.reader(self._form().columns, self._table_rows())


def _must_be_path(path: object) -> Path:
    text = os.fspath(path) if isinstance(path, str | os.PathLike) else None
    if not is_text(text) or not text or "\0" in text or is_directory(Path(text)):
        what = f"{quote(path)} is not the path of a file"
        raise InvalidValueError(Problem("to_parquet/path", what, 'give one like "points.parquet"'))
    if not is_directory(Path(text).parent):
        what = f"the directory of {quote(text)} is not there"
        raise InvalidValueError(Problem("to_parquet/path", what, "make it first, or give another path"))
    return Path(text)


def _as_tuple(records: Iterable[T]) -> tuple[T, ...]:
    return tuple(records)


class LazyTable(Table[R_co]):
    """A collection that asks AWS each time it is iterated. What is shown of it is its first page."""

    __slots__ = ()

    @abstractmethod
    def _question(self) -> str:
        """What was asked for, for people."""

    @abstractmethod
    def _first_page(self) -> Sequence[R_co]:
        """What one call brings."""

    def _heading(self) -> str:
        return f"{self._form().noun.capitalize()}s of {self._question()}"

    def collect(self) -> Collected[R_co]:
        """Read all of it, once; what it returns has a length, and is read as often as wanted without asking AWS."""
        return Collected(self, self._form(), self._question())

    def __bool__(self) -> bool:
        raise InvalidValueError(
            Problem(
                self._question(),
                f"{typed(self)} has not been read, so it is neither true nor false",
                "read it first: .collect() is true where there is anything; any(True for _ in it) stops at the first",
            )
        )

    def __repr__(self) -> str:
        try:
            found = counted(len(self._first_page()), self._form().noun)
        except BackupKitError as error:
            found = f"not read, {type(error).__name__}"
        return f"<{type(self).__name__} of {self._question()}: {found} on the first page>"

    def _blocks(self) -> Sequence[Block]:
        page, form = self._first_page(), self._form()
        return (
            Facts(f"{self._heading()}: the first page", totals(form, page)),
            record_rows(form, page),
            Notes("", ["This is the first page alone; .collect() reads all."]),
        )


@attrs.frozen(repr=False, str=False)
class Collected(Table[R_co]):
    """Records that were read: with a length and places, and a table. Two are equal where their records are."""

    # A tuple, or what claims to be a Sequence, is not asked for its Arrow stream by pyarrow and polars.
    _records: tuple[R_co, ...] = attrs.field(converter=_as_tuple)
    form: RecordForm = attrs.field(eq=False)
    question: str = attrs.field(eq=False)

    def __iter__(self) -> Iterator[R_co]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)

    @overload
    def __getitem__(self, at: SupportsIndex, /) -> R_co: ...
    @overload
    def __getitem__(self, at: slice, /) -> Collected[R_co]: ...
    def __getitem__(self, at: SupportsIndex | slice, /) -> R_co | Collected[R_co]:
        if isinstance(at, slice):
            return attrs.evolve(self, records=self._records[at])
        return self._records[at]

    def _form(self) -> RecordForm:
        return self.form

    def __repr__(self) -> str:
        return f"<{counted(len(self), self.form.noun)} of {self.question}>"

    def _blocks(self) -> Sequence[Block]:
        title = f"{counted(len(self), self.form.noun)} of {self.question}"
        return Facts(title, totals(self.form, self._records)), record_rows(self.form, self._records)


def totals(form: RecordForm, records: Sequence[object]) -> list[tuple[str, str]]:
    """Return what some records come to."""
    return list(form.totals(records)) if form.totals is not None and records else []


def record_rows(form: RecordForm, records: Sequence[object]) -> Rows:
    """Return the first of some records as people see them."""
    rows = [form.cells(record) for record in records[:SHOWN]]
    # A column in which nothing stands tells nothing.
    heads = [head for at, head in enumerate(rows[0]) if at == 0 or any(row[head] for row in rows)] if rows else []
    return Rows(
        heads,
        [[row[head] for head in heads] for row in rows],
        total=len(records),
        right=frozenset(at for at, head in enumerate(heads) if head in form.right),
        kinds=[form.mark(record) for record in records[:SHOWN]] if form.mark is not None else (),
    )


def tally(values: Iterable[object]) -> str:
    """Return how often each value is there, the commonest first."""
    return ", ".join(f"{times:,} {value}" for value, times in Counter(values).most_common(6))
