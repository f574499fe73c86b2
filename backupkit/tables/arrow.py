"""Records as Arrow: in batches, so that no more than a few thousand of them are held at once.

pyarrow is imported when a table is asked for, never before.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice, repeat
from operator import sub
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backupkit.errors import ConfigurationError
from backupkit.files import replacing
from backupkit.tables.columns import Column, ColumnType, Rows

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

__all__ = ["as_pandas", "as_polars", "reader", "write_parquet"]

BATCH_ROWS = 1_000
"""Rows of a batch: as many as AWS puts on a page."""
GROUP_ROWS = 65_536
"""Rows of a row group of a Parquet file, which are held in memory as Arrow."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def reader(columns: Sequence[Column], rows: Iterable[object]) -> pa.RecordBatchReader:
    """Return a stream of batches, each made of the next rows when it is asked for.

    Raises:
        ConfigurationError: pyarrow is not installed.
    """
    arrow = installed("pyarrow", "backupkit[tables]")
    types = _types(arrow)
    schema = arrow.schema([(column.name, types[column.type]) for column in columns])
    return arrow.RecordBatchReader.from_batches(schema, _batches(arrow, columns, schema, iter(rows)))


def as_pandas(table: pa.Table) -> pd.DataFrame:
    """Return a pandas DataFrame whose types do not depend on whether a value is missing."""
    pandas = installed("pandas", "pandas")
    arrow = installed("pyarrow", "backupkit[tables]")
    nullable = {arrow.int64(): pandas.Int64Dtype(), arrow.bool_(): pandas.BooleanDtype()}
    # Dictionaries that differ between batches cannot become one categorical.
    frame: pd.DataFrame = table.unify_dictionaries().to_pandas(types_mapper=nullable.get)
    return frame


def as_polars(table: pa.Table) -> pl.DataFrame:
    """Return a polars DataFrame."""
    polars = installed("polars", "polars")
    frame: pl.DataFrame = polars.from_arrow(table.unify_dictionaries())
    return frame


def write_parquet(stream: pa.RecordBatchReader, path: str | os.PathLike[str]) -> int:
    """Write a stream to a Parquet file, which is there when it is whole, and return how many rows it has.

    Raises:
        ConfigurationError: pyarrow is not installed, or the file cannot be written.
    """
    parquet = installed("pyarrow.parquet", "backupkit[tables]")
    written = 0
    with replacing(Path(path), private=False) as beside, parquet.ParquetWriter(beside, stream.schema) as writer:
        for group in _groups(stream):
            writer.write_table(group, row_group_size=GROUP_ROWS)
            written += group.num_rows
    return written


def installed(module: str, name: str) -> Any:
    """Return a module that not everybody has.

    Raises:
        ConfigurationError: It is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ConfigurationError(
            f"this needs {module.partition('.')[0]}, which is not installed here: pip install '{name}'"
        ) from error


def _types(arrow: Any) -> dict[ColumnType, Any]:
    return {
        ColumnType.TEXT: arrow.string(),
        ColumnType.CATEGORY: arrow.dictionary(arrow.int32(), arrow.string()),
        ColumnType.COUNT: arrow.int64(),
        ColumnType.NUMBER: arrow.float64(),
        ColumnType.FLAG: arrow.bool_(),
        ColumnType.MOMENT: arrow.timestamp("us", tz="UTC"),
    }


def _batches(arrow: Any, columns: Sequence[Column], schema: Any, records: Iterator[object]) -> Iterator[Any]:
    arrays = _Arrays(arrow)
    while rows := Rows(islice(records, BATCH_ROWS)):
        made = [arrays.of(column, rows, field.type) for column, field in zip(columns, schema, strict=True)]
        yield arrow.RecordBatch.from_arrays(made, schema=schema)


class _Arrays:
    """Makes the arrays of one stream."""

    def __init__(self, arrow: Any) -> None:
        self._arrow = arrow
        # A page is many small buffers. pyarrow's own pool gives their memory back to the system after each page, and
        # asks for it again.
        self._pool = arrow.system_memory_pool()
        self._shared: dict[object, Any] = {}

    def of(self, column: Column, rows: Rows, kind: Any) -> Any:
        """Return a column's values of some rows as an array of the type ``kind``."""
        values = column.of(rows)
        first = values[0]
        if first is None or column.type is ColumnType.CATEGORY:
            # The last value tells of most columns that they are not of one value.
            if values[-1] == first and values.count(first) == len(values):
                return self._one_value(first, len(values), kind)
        elif column.type is ColumnType.MOMENT:
            return self._moments(values, kind)
        return self._arrow.array(values, kind, memory_pool=self._pool)

    def _one_value(self, value: object, count: int, kind: Any) -> Any:
        if value is None:
            return self._kept((count, kind), lambda: self._arrow.nulls(count, kind))
        places = self._kept(count, lambda: self._arrow.array([0] * count, kind.index_type))
        return self._arrow.DictionaryArray.from_arrays(places, self._arrow.array([value], kind.value_type))

    def _kept(self, name: object, made: Callable[[], Any]) -> Any:
        if name not in self._shared:
            self._shared[name] = made()
        return self._shared[name]

    def _moments(self, values: list[Any], kind: Any) -> Any:
        # Four times as fast as giving pyarrow the moments: it asks the zone of each.
        try:
            spans: list[Any] = list(map(sub, values, repeat(_EPOCH)))
        except TypeError:
            spans = [None if value is None else value - _EPOCH for value in values]
        return self._arrow.array(spans, self._arrow.duration("us"), memory_pool=self._pool).view(kind)


def _groups(stream: Any) -> Iterator[Any]:
    arrow = installed("pyarrow", "backupkit[tables]")
    held: list[Any] = []
    for batch in stream:
        held.append(batch)
        if sum(each.num_rows for each in held) >= GROUP_ROWS:
            yield arrow.Table.from_batches(held).unify_dictionaries()
            held = []
    if held:
        yield arrow.Table.from_batches(held).unify_dictionaries()
