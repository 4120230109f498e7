"""From a column's bytes to Python values: exact decimals, names for codes, None where there is no value."""

from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from engine.reads.rows import WIDE
from engine.reads.schema import Column, Kind
from engine.values import id_text, unscaled

Value = str | int | bool | Decimal | None


def field_of(rows: np.ndarray, column: Column) -> np.ndarray:
    """The column's field of the rows, a view."""
    field: np.ndarray = rows[column.field]
    return field if column.item is None else field[:, column.item]


def scales_of(rows: np.ndarray, column: Column) -> np.ndarray:
    """The number of decimal places in each row, int64."""
    if isinstance(column.scale, str):
        return rows[column.scale].astype(np.int64)
    return np.full(len(rows), column.scale, np.int64)


def is_valid(rows: np.ndarray, column: Column) -> np.ndarray:
    """Which rows have a value in this column, bool."""
    if column.valid is None:
        return np.ones(len(rows), bool)
    return np.asarray(rows[column.valid] != 0)


def wide_ints(field: np.ndarray) -> list[int]:
    """Scaled integers of 64 or 128 bits as Python ints."""
    if field.dtype != WIDE:
        return [int(value) for value in field]
    return [int(hi) * 2**64 + int(lo) for hi, lo in zip(field["hi"], field["lo"], strict=True)]


def wide_rows(values: Sequence[int]) -> np.ndarray:
    """Python ints of at most 128 bits as WIDE rows."""
    rows = np.zeros(len(values), WIDE)
    rows["hi"] = [value >> 64 for value in values]
    rows["lo"] = [value & (2**64 - 1) for value in values]
    return rows


def values_of(rows: np.ndarray, column: Column) -> list[Value]:
    """The column as Python values, one a row."""
    values = _all_values(rows, column)
    if column.valid is None:
        return values
    return [value if valid else None for value, valid in zip(values, is_valid(rows, column), strict=True)]


def _all_values(rows: np.ndarray, column: Column) -> list[Value]:
    field = field_of(rows, column)
    if column.kind is Kind.TEXT:
        return [bytes(value).decode("ascii") for value in field]
    if column.kind is Kind.ID:
        return [id_text(hi, lo) for hi, lo in zip(field["hi"], field["lo"], strict=True)]
    if column.kind is Kind.CODE:
        return code_names(field, column)
    if column.kind is Kind.FLAG:
        return [bool(value) for value in field]
    if column.kind is Kind.DECIMAL:
        scales = scales_of(rows, column)
        return [unscaled(value, int(scale)) for value, scale in zip(wide_ints(field), scales, strict=True)]
    return [int(value) for value in field]


def code_names(field: np.ndarray, column: Column) -> list[Value]:
    """The names of codes; a code that this version does not know is shown as its number."""
    assert column.words is not None, f"{column.name} is a code without words"
    names = {int(member): member.name for member in column.words}
    return [names.get(int(code), str(code)) for code in field]
