"""Columns of what only some orders have: prices by type, MinQty, DisplayQty, ExpireTime, ExecInst."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from engine.client.order_terms import EXPIRE_S_MAX, PRICED, STOPPED
from engine.client.table_columns import Columns, refusal_of_rows, require_rows, require_steps, units_column
from engine.errors import BadRequest
from engine.exec_inst import exec_inst_bits
from engine.limits import NS_PER_SECOND, PRICE_MAX, QTY_MAX
from engine.vocabulary import OrdType, TimeInForce

_PARTS = ("min_qty", "display_qty")
TERM_COLUMNS = (
    *(form for name in ("stop_px", *_PARTS) for form in (name, f"{name}_scaled")),
    "expire_time",
    "exec_inst",
)
"""The names of these columns; every one may be left out."""


def fill_prices(terms: np.ndarray, columns: Columns, scales: np.ndarray, ticks: np.ndarray) -> None:
    """Price and StopPx of ORDER_COMMAND rows; BadRequest about the first row whose type has others."""
    for what, types in (("price", PRICED), ("stop_px", STOPPED)):
        is_wanted = np.isin(terms["ord_type"], types)
        units = _units(columns, what, scales, PRICE_MAX)
        require_rows((units > 0) == is_wanted, _misplaced(terms, is_wanted, what))
        require_steps(units, ticks, scales, what, "tick")
        terms[what] = units


def _misplaced(terms: np.ndarray, is_wanted: np.ndarray, what: str) -> Callable[[int], str]:
    def complaint(row: int) -> str:
        kind = OrdType(int(terms["ord_type"][row])).name
        return f"a {kind} order {'needs' if is_wanted[row] else 'has no'} {what}"

    return complaint


def fill_conditions(terms: np.ndarray, columns: Columns, scales: np.ndarray, lots: np.ndarray) -> None:
    """MinQty, DisplayQty, ExpireTime and ExecInst of ORDER_COMMAND rows, where there are such columns."""
    for what in _PARTS:
        units = _units(columns, what, scales, QTY_MAX)
        require_rows(units <= terms["qty"], partial(_too_many, what))
        require_steps(units, lots, scales, what, "lot")
        terms[what] = units
    terms["expire_s"] = _expire_seconds(terms, columns)
    if "exec_inst" in columns:
        terms["exec_inst"] = _exec_insts(columns["exec_inst"])


def _too_many(what: str, _row: int) -> str:
    return f"{what} is more than qty"


def _units(columns: Columns, what: str, scales: np.ndarray, most: int) -> np.ndarray:
    """A column of numbers that may be 0; all are where there is no such column."""
    if what in columns and f"{what}_scaled" in columns:
        raise BadRequest(f"a table has one of the columns {what} and {what}_scaled, not both")
    if what not in columns and f"{what}_scaled" not in columns:
        return np.zeros(len(scales), np.int64)
    return units_column(columns, what, scales, most, least=0)


def _expire_seconds(terms: np.ndarray, columns: Columns) -> np.ndarray:
    """ExpireTime in Unix seconds: of GTD orders, and of no others."""
    ns = columns.get("expire_time", np.zeros(len(terms), np.int64))
    if ns.dtype.kind not in "iu":
        raise BadRequest(f"column expire_time is of type {ns.dtype}; pass UTC ns as integers, 0 for none")
    seconds, rest = np.divmod(ns.astype(np.int64), NS_PER_SECOND)
    require_rows(
        (rest == 0) & (seconds >= 0) & (seconds <= EXPIRE_S_MAX),
        lambda row: f"expire_time={ns[row]} ns is no whole second from 1970 to 2106",
    )
    require_rows(
        (seconds > 0) == (terms["time_in_force"] == TimeInForce.GTD),
        lambda _: "time_in_force GTD and expire_time go together",
    )
    return seconds


def _text_of(value: object) -> Any:
    return value.decode("ascii", "replace") if isinstance(value, bytes) else value


def _exec_insts(column: np.ndarray) -> np.ndarray:
    """The bits of each row's instructions, each different value read once."""
    values, at = np.unique(column, return_inverse=True)
    bits = np.zeros(len(values), np.uint8)
    for number, value in enumerate(values.tolist()):
        try:
            bits[number] = exec_inst_bits(
                value.decode("ascii", "replace") if isinstance(value, bytes) else value
            )
        except BadRequest as error:
            raise refusal_of_rows(at == number, str(error)) from error
    per_row: np.ndarray = bits[at]
    return per_row
