"""The table a read returns: frozen rows with names, exact numbers, and the log positions they reflect."""

from collections import namedtuple
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.reads.arrow import arrow_table, pandas_frame, polars_frame
from engine.reads.column_values import Value, values_of
from engine.reads.schema import Column, Subject
from engine.reads.table_text import text_of

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa


class Table:
    """Rows that answer a read; iterating gives named tuples, `table["qty"]` one column, `table[0]` one row.

    Prices, quantities and money are `Decimal`, times UTC nanoseconds, None where there is no value. `raw` are
    the rows as they came, scaled integers and all. Polars, pandas and Arrow get exact decimals.

    Attributes:
        subject: what the table is about, with its columns.
        raw: structured array, read-only.
        as_of: partition to the offset of the last event that is reflected, -1 before the first.
        lag_events: how many events the projection knew of and did not reflect yet.
        lag_seconds: age of what is reflected, where something is missing; else 0.
        unpriced: instruments without a mark and currencies without a rate, where one was needed: they are in
            no sum that needs it.
        has_more: whether there were more rows than asked for.
    """

    __slots__ = ("as_of", "has_more", "lag_events", "lag_seconds", "raw", "subject", "unpriced")

    subject: Subject
    raw: np.ndarray
    as_of: Mapping[int, int]
    lag_events: int
    lag_seconds: float
    unpriced: tuple[str, ...]
    has_more: bool

    def __init__(
        self,
        subject: Subject,
        raw: np.ndarray,
        *,
        as_of: Mapping[int, int],
        lag_events: int = 0,
        lag_seconds: float = 0.0,
        unpriced: tuple[str, ...] = (),
        has_more: bool = False,
    ) -> None:
        raw.flags.writeable = False
        put = object.__setattr__
        put(self, "subject", subject)
        put(self, "raw", raw)
        put(self, "as_of", as_of)
        put(self, "lag_events", lag_events)
        put(self, "lag_seconds", lag_seconds)
        put(self, "unpriced", unpriced)
        put(self, "has_more", has_more)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a table is frozen: {name} can't be set")

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, always in the same order."""
        return tuple(column.name for column in self.subject.columns)

    def __len__(self) -> int:
        return len(self.raw)

    def __iter__(self) -> Iterator[Any]:
        row_type = _row_type(self.subject.name, self.columns)
        for values in zip(*(self._values(column) for column in self.subject.columns), strict=True):
            yield row_type(*values)

    def __getitem__(self, key: int | str) -> Any:
        """Give a column by name (a list), or a row by number (a named tuple)."""
        if isinstance(key, str):
            return self._values(self._column(key))
        row = range(len(self))[key]
        values = (values_of(self.raw[row : row + 1], column)[0] for column in self.subject.columns)
        return _row_type(self.subject.name, self.columns)(*values)

    def __repr__(self) -> str:
        return text_of(self.subject, self.raw, self.as_of, self.lag_events, self.unpriced)

    def to_arrow(self) -> "pa.Table":
        """The table as a pyarrow Table; its metadata names the positions."""
        return arrow_table(self.subject, self.raw, self.as_of)

    def to_polars(self) -> "pl.DataFrame":
        """The table as a polars DataFrame."""
        return polars_frame(self.to_arrow())

    def to_pandas(self) -> "pd.DataFrame":
        """The table as a pandas DataFrame with Arrow's types, so that decimals stay exact."""
        return pandas_frame(self.to_arrow())

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Arrow's PyCapsule protocol: whoever speaks it takes the table as it is."""
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def _values(self, column: Column) -> list[Value]:
        return values_of(self.raw, column)

    def _column(self, name: str) -> Column:
        for column in self.subject.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.subject.name} has no column {name!r}; it has {', '.join(self.columns)}")


@cache
def _row_type(subject: str, columns: tuple[str, ...]) -> Any:
    """The named tuple of a table's rows."""
    return namedtuple(subject.title().replace(" ", "").replace("_", "") + "Row", columns)
