"""Tables as Arrow, and from there as polars or pandas; needs the extra `orderfold[df]`.

Every price, quantity and amount becomes decimal128(38, 8): no instrument has more than 8 decimal places, so
it is exact for all of them, and a column has the same type in every answer.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.limits import MONEY_SCALE
from engine.reads.column_values import field_of, is_valid, scales_of, values_of
from engine.reads.rows import WIDE
from engine.reads.schema import Column, Kind, Subject

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

PRECISION = 38
"""Digits of Arrow's 128-bit decimal."""


def _needed(name: str) -> Any:
    """The module, or an ImportError that says how to get it."""
    try:
        return import_module(name)
    except ImportError as error:
        raise ImportError(f'{name} is not installed: pip install "orderfold[df]"') from error


def arrow_table(subject: Subject, rows: np.ndarray, as_of: Mapping[int, int]) -> "pa.Table":
    """The rows as a pyarrow Table; the metadata key `as_of.N` holds partition N's offset."""
    pa = _needed("pyarrow")
    arrays = [_array(pa, rows, column) for column in subject.columns]
    metadata = {f"as_of.{number}": str(offset) for number, offset in as_of.items()}
    names = [column.name for column in subject.columns]
    return pa.table(arrays, names=names).replace_schema_metadata(metadata)


def polars_frame(table: "pa.Table") -> "pl.DataFrame":
    """The table as polars sees it."""
    frame: pl.DataFrame = _needed("polars").from_arrow(table)
    return frame


def pandas_frame(table: "pa.Table") -> "pd.DataFrame":
    """The table as pandas sees it, every column of an Arrow type."""
    frame: pd.DataFrame = table.to_pandas(types_mapper=_needed("pandas").ArrowDtype)
    return frame


def _array(pa: Any, rows: np.ndarray, column: Column) -> Any:
    field, mask = field_of(rows, column), ~is_valid(rows, column)
    if column.kind is Kind.DECIMAL:
        return _decimals(pa, field, scales_of(rows, column), mask)
    if column.kind is Kind.TIME:
        return pa.array(np.ascontiguousarray(field), pa.timestamp("ns", tz="UTC"), mask=mask)
    if column.kind is Kind.FLAG:
        return pa.array(field != 0)
    if column.kind is Kind.INTEGER:
        return pa.array(field.astype(np.int64), mask=mask)
    return pa.array(values_of(rows, column), pa.string())


def _decimals(pa: Any, field: np.ndarray, scales: np.ndarray, mask: np.ndarray) -> Any:
    """A decimal128 array made from the words themselves, without a Python object a row."""
    words = scaled_words(field, 10 ** (MONEY_SCALE - scales))
    valid = pa.py_buffer(np.packbits(~mask, bitorder="little").tobytes())
    kind = pa.decimal128(PRECISION, MONEY_SCALE)
    return pa.Array.from_buffers(kind, len(field), [valid, pa.py_buffer(words.tobytes())])


def scaled_words(field: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """Each number times its factor (at most 10**8) as 128 bits: (n, 2) words, the low one first.

    A number of 128 bits is money, whose factor is 1; others fit 64 bits, and their halves do not overflow.
    """
    words = np.empty((len(field), 2), np.uint64)
    if field.dtype == WIDE:
        words[:, 0], words[:, 1] = field["lo"], field["hi"].astype(np.uint64)
        return words
    low = (field & 0xFFFFFFFF) * factors
    high = (field >> 32) * factors + (low >> 32)
    words[:, 0] = (high.astype(np.uint64) << np.uint64(32)) | (low & 0xFFFFFFFF).astype(np.uint64)
    words[:, 1] = (high >> 32).astype(np.uint64)
    return words
