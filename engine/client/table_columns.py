"""Tables in: whatever a caller has, as columns of NumPy arrays, its text and numbers checked as columns."""

from collections.abc import Callable, Mapping
from importlib import import_module

import numpy as np

from engine.errors import BadRequest
from engine.values import Number, float_refusal, name_bytes, units_within, unscaled

Columns = dict[str, np.ndarray]
"""Column name to one-dimensional array, all of one length."""

_FIRST_PRINTABLE = ord(" ")
_LAST_PRINTABLE = ord("~")


def columns_of(table: object) -> Columns:
    """The columns of a mapping, a structured array, a polars or pandas DataFrame, or an Arrow stream."""
    if isinstance(table, Mapping):
        columns = {str(name): np.asarray(column) for name, column in table.items()}
    elif isinstance(table, np.ndarray) and table.dtype.names:
        columns = {name: table[name] for name in table.dtype.names}
    elif hasattr(table, "columns") and hasattr(table, "to_dict"):
        columns = {str(name): np.asarray(table[name]) for name in table.columns}  # type: ignore[index]
    elif hasattr(table, "__arrow_c_stream__"):
        arrow = import_module("pyarrow").table(table)
        columns = {name: np.asarray(arrow[name]) for name in arrow.column_names}
    else:
        raise BadRequest(
            f"a table of type {type(table).__name__} is not understood; pass a mapping of arrays, a "
            "structured array, a DataFrame or anything that speaks Arrow"
        )
    _require_one_length(columns)
    return columns


def _require_one_length(columns: Columns) -> None:
    lengths = {name: len(column) if column.ndim == 1 else -1 for name, column in columns.items()}
    if len(set(lengths.values())) > 1 or -1 in lengths.values():
        raise BadRequest(f"columns are one-dimensional and of one length, found {lengths}")


def text_column(column: np.ndarray, what: str, bytes_max: int) -> np.ndarray:
    """A column of names as fixed-width bytes; BadRequest names the first row that is no name."""
    try:
        packed = _packed(column)
    except (UnicodeEncodeError, TypeError):
        packed = None
    if packed is not None and _are_names(packed, bytes_max):
        return packed.astype(f"S{bytes_max}")
    for row, value in enumerate(column.tolist()):
        text = value.decode("ascii", "replace") if isinstance(value, bytes) else value
        name_bytes(text, f"row {row}: {what}", bytes_max)
    raise AssertionError(f"every {what} is a name by itself, but the column is not")


def _packed(column: np.ndarray) -> np.ndarray:
    """A column of text as bytes; TypeError where it holds something else."""
    if column.dtype.kind == "S":
        return column
    if column.dtype.kind == "O" and not set(map(type, column.tolist())) <= {str, np.str_}:
        raise TypeError(column.dtype)
    if column.dtype.kind not in "UO":
        raise TypeError(column.dtype)
    return np.array(column.tolist(), "S") if column.dtype.kind == "O" else column.astype("S")


def _are_names(packed: np.ndarray, bytes_max: int) -> bool:
    """Whether each is printable from its first byte on and not too long, with zeros only at its end."""
    if len(packed) == 0:
        return True
    letters = np.ascontiguousarray(packed).view(np.uint8).reshape(len(packed), -1)
    is_used = letters != 0
    is_printable = (letters >= _FIRST_PRINTABLE) & (letters <= _LAST_PRINTABLE)
    has_hole = (~is_used[:, :-1] & is_used[:, 1:]).any()
    is_long = is_used[:, bytes_max:].any()
    return bool(is_used[:, 0].all() and (is_printable | ~is_used).all() and not has_hole and not is_long)


def number_column(column: np.ndarray, scales: np.ndarray, most: int, what: str, least: int = 1) -> np.ndarray:
    """A column of numbers in whole units, each in units of its row's scale, from `least` to `most`; int64.

    Integer columns are scaled at once. Columns of `str` or `Decimal` are read row by row, about two
    microseconds each: pass scaled integers where that is too slow. Floats are refused.
    """
    kind = column.dtype.kind
    if kind in "iu":
        factors: np.ndarray = 10**scales
        _require_within(column, most // factors, what, least)
        units: np.ndarray = column.astype(np.int64) * factors
        return units
    if kind == "f" and len(column):
        refusal = float_refusal(float(column[0]), int(scales[0]), f"row 0: {what}")
        raise BadRequest(f"{refusal}; or pass a column {what}_scaled of integers")
    if kind not in "OUS":
        raise BadRequest(f"column {what} is of type {column.dtype}; pass integers, str or Decimal")
    cells = zip(column.tolist(), scales.tolist(), strict=True)
    read = [
        _cell_units(cell, scale, least, most, f"row {row}: {what}") for row, (cell, scale) in enumerate(cells)
    ]
    return np.array(read, np.int64)


def _cell_units(cell: Number | bytes, scale: int, least: int, most: int, what: str) -> int:
    number = cell.decode("ascii", "replace") if isinstance(cell, bytes) else cell
    return units_within(number, scale, least, most, what)


def scaled_column(column: np.ndarray, most: int, what: str, least: int = 1) -> np.ndarray:
    """A column of integers that are in units already, from `least` to `most`; int64."""
    if column.dtype.kind not in "iu":
        raise BadRequest(f"column {what} is of type {column.dtype}; scaled numbers are integers")
    _require_within(column, np.full(len(column), most), what, least)
    return column.astype(np.int64)


def units_column(columns: Columns, what: str, scales: np.ndarray, most: int, least: int = 1) -> np.ndarray:
    """The numbers of a table in units: from the column of this name, or from the one with `_scaled`."""
    if what in columns:
        return number_column(columns[what], scales, most, what, least)
    return scaled_column(columns[f"{what}_scaled"], most, f"{what}_scaled", least)


def require_steps(
    units: np.ndarray, steps: np.ndarray, scales: np.ndarray, what: str, step_name: str
) -> None:
    """BadRequest about the first row whose number is no whole multiple of its tick or lot."""
    require_rows(
        units % steps == 0,
        lambda row: (
            f"{what}={unscaled(units[row], scales[row])} is off the {step_name} of "
            f"{unscaled(steps[row], scales[row])}"
        ),
    )


def _require_within(column: np.ndarray, most: np.ndarray, what: str, least: int) -> None:
    wrong = "is not above zero" if least else "is below zero"
    require_rows(column >= least, lambda row: f"{what}={column[row]} {wrong}")
    require_rows(column <= most, lambda row: f"{what}={column[row]} is past the bound of {most[row]}")


def require_rows(is_right: np.ndarray, complaint: Callable[[int], str]) -> None:
    """Raise BadRequest about the first row that is not right, and how many there are."""
    if not is_right.all():
        raise refusal_of_rows(~is_right, complaint(int(np.argmin(is_right))))


def refusal_of_rows(is_wrong: np.ndarray, complaint: str) -> BadRequest:
    """The error about the first of some rows; at least one is wrong."""
    wrong = np.flatnonzero(is_wrong)
    more = f" (and {len(wrong) - 1:,} more rows)" if len(wrong) > 1 else ""
    return BadRequest(f"row {wrong[0]}: {complaint}{more}")
