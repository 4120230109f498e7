"""The events of one order as rows, found by walking its own chain through the log."""

from collections.abc import Callable

import numpy as np

from engine.kernel.tables import Tables
from engine.kernel.views import views_of
from engine.projections.lookups import find_orders
from engine.reads.order_rows import id_rows
from engine.reads.questions import ROWS_MAX
from engine.reads.risk_tables import names_at
from engine.reads.rows import HISTORY_ROW
from engine.rows.events import HEAD
from engine.vocabulary import EventKind

RowsAt = Callable[[np.ndarray], np.ndarray]
"""From offsets to rows of the log, uint8 of shape (n, row bytes)."""

_SAME_FIELDS = ("kind", "lane", "status", "check", "auth_method", "reason", "seq", "version", "ts_event")
_WITH_TERMS = (
    EventKind.ORDER_SUBMITTED,
    EventKind.ORDER_DENIED,
    EventKind.REPLACE_REQUESTED,
    EventKind.REPLACE_DENIED,
)
_WITH_PRICE = (EventKind.TRADE_EXECUTED, EventKind.ORDER_REPLACED, EventKind.ORDER_RESTATED)
_REPORTS = (EventKind.ORDER_ACCEPTED, EventKind.ORDER_EXPIRED)


def history_rows(tables: Tables, order_id: bytes, rows_at: RowsAt) -> np.ndarray:
    """HISTORY_ROW rows of an order's events, oldest first; none if the order is unknown."""
    ids, slots = id_rows(order_id), np.zeros(1, np.int64)
    find_orders(ids, tables.order_index, tables.orders, slots)
    if slots[0] == 0:
        return np.zeros(0, HISTORY_ROW)
    order = tables.orders[slots[0]]
    offsets, events = walk_back(int(order["last_offset"]), rows_at)
    return _as_rows(tables, order, offsets, events)


def walk_back(offset: int, rows_at: RowsAt) -> tuple[np.ndarray, np.ndarray]:
    """The offsets and events of a chain that ends at `offset`, oldest first; the newest ROWS_MAX at most."""
    offsets: list[int] = []
    found: list[bytes] = []
    while offset >= 0 and len(found) < ROWS_MAX:
        row = rows_at(np.array([offset], np.int64)).tobytes()
        offsets.append(offset)
        found.append(row)
        previous = int(np.frombuffer(row, HEAD)["prev_offset"][0])
        assert previous < offset, f"event {offset} names {previous} as the one before: run orderfold verify"
        offset = previous
    return np.array(offsets[::-1], np.int64), np.frombuffer(b"".join(found[::-1]), HEAD)


def _as_rows(tables: Tables, order: np.void, offsets: np.ndarray, events: np.ndarray) -> np.ndarray:
    views = views_of(events)
    rows = np.zeros(len(events), HISTORY_ROW)
    rows["offset"] = offsets
    for name in _SAME_FIELDS:
        rows[name] = events[name]
    for half in ("hi", "lo"):
        rows["order_id"][half] = events[f"order_id_{half}"]
        rows["correlation"][half] = events[f"correlation_{half}"]
    rows["principal"] = names_at(tables.principals, events["principal"])
    for name in ("price_scale", "qty_scale"):
        rows[name] = tables.instruments[name][order["instrument"]]
    for name in ("cum_qty", "leaves_qty"):
        rows[name] = views.order[name]
    _write_terms(rows, views.order, views.report)
    return rows


def _write_terms(rows: np.ndarray, order: np.ndarray, report: np.ndarray) -> None:
    """Price and quantity asked for or reported, and the ClOrdID or ExecID that came with them."""
    asked = np.isin(rows["kind"], _WITH_TERMS)
    reported = np.isin(rows["kind"], _WITH_PRICE)
    is_trade = rows["kind"] == EventKind.TRADE_EXECUTED
    is_report = (rows["kind"] >= _REPORTS[0]) & (rows["kind"] <= _REPORTS[1])
    rows["has_terms"] = asked | reported
    rows["price"] = np.where(asked, order["price"], np.where(reported, report["last_px"], 0))
    changed = np.where(is_trade, report["last_qty"], report["order_qty"])
    rows["qty"] = np.where(asked, order["order_qty"], np.where(reported, changed, 0))
    rows["text"] = np.where(is_report, report["exec_id"], order["cl_ord_id"])
