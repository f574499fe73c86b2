"""Collections of records as tables: columns, Arrow, and what people see of them.

- columns     a column: its name, its type, and where its values come from
- arrow       columns of records as Arrow batches, pandas, polars and Parquet
- collection  what every collection of records can do, whether it was read or not
"""

from backupkit.tables.collection import Collected, LazyTable, Table
from backupkit.tables.columns import Column, ColumnType, RecordForm, Rows, members

__all__ = ["Collected", "Column", "ColumnType", "LazyTable", "RecordForm", "Rows", "Table", "members"]
