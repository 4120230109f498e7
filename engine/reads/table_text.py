"""How a table shows itself: aligned columns, the first rows, and the positions it reflects."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np

from engine.limits import MONEY_SCALE
from engine.reads.column_values import Value, field_of, is_valid, values_of
from engine.reads.schema import Column, Kind, Subject

ROWS_SHOWN_MAX = 20
"""Rows that a table shows of itself: a screen's worth."""

MONEY_PLACES_MIN = 2
"""Decimal places of an amount that are always shown: cents. Zeros behind them say nothing."""


def text_of(
    subject: Subject, raw: np.ndarray, as_of: Mapping[int, int], lag_events: int, unpriced: tuple[str, ...]
) -> str:
    """The table as lines of text, for people: a column that says nothing in these rows is only named."""
    shown = raw[:ROWS_SHOWN_MAX]
    lines = [_heading(subject, raw, as_of, lag_events)]
    columns = [column for column in subject.columns if _says_something(shown, column)]
    if len(shown):
        lines += _grid([_cells(shown, column) for column in columns])
    if len(raw) > len(shown):
        lines.append(f"… {len(raw) - len(shown):,} more rows")
    if unpriced:
        lines.append(f"without a mark or a rate, and in no sum that needs one: {', '.join(unpriced)}")
    if len(shown) and len(columns) < len(subject.columns):
        left_out = [column.name for column in subject.columns if column not in columns]
        lines.append(f"not shown, empty or 0: {', '.join(left_out)}")
    return "\n".join(lines)


def _says_something(rows: np.ndarray, column: Column) -> bool:
    """Whether any of these rows has a value in this column that is not 0, NONE, False or an empty text."""
    return any(field_of(rows, column)[is_valid(rows, column)].tobytes())


def _heading(subject: Subject, raw: np.ndarray, as_of: Mapping[int, int], lag_events: int) -> str:
    rows = "1 row" if len(raw) == 1 else f"{len(raw):,} rows"
    places = ", ".join(f"partition {number} at {offset:,}" for number, offset in as_of.items())
    lag = f", {lag_events:,} events behind" if lag_events else ""
    return f"{subject.name}: {rows}, {places}{lag}"


def _cells(rows: np.ndarray, column: Column) -> list[str]:
    """A column as texts of one width, its name first; numbers to the right."""
    texts = [column.name, *(_cell(value, column) for value in values_of(rows, column))]
    width = max(map(len, texts))
    is_number = column.kind in {Kind.DECIMAL, Kind.INTEGER}
    return [text.rjust(width) if is_number else text.ljust(width) for text in texts]


def _cell(value: Value, column: Column) -> str:
    if value is None:
        return "-"
    if column.kind is Kind.TIME:
        assert isinstance(value, int), "a time is a number of nanoseconds"
        return time_text(value)
    if isinstance(value, Decimal):
        return _decimal_text(value, is_money=column.scale == MONEY_SCALE)
    return str(value)


def _decimal_text(value: Decimal, *, is_money: bool) -> str:
    """Digits in groups; a price and a quantity with every place of its instrument's scale."""
    text = f"{value:,f}"
    if not is_money:
        return text
    whole, _, places = text.partition(".")
    return f"{whole}.{places[:MONEY_PLACES_MIN]}{places[MONEY_PLACES_MIN:].rstrip('0')}"


def time_text(ns: int) -> str:
    """UTC nanoseconds as ISO 8601, to the last nanosecond."""
    seconds, rest = divmod(ns, 10**9)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"


def _grid(columns: list[list[str]]) -> list[str]:
    return ["  ".join(cells).rstrip() for cells in zip(*columns, strict=True)]
