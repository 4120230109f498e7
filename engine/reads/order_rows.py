"""Orders as rows: by id or by owner, with the status that follows from their facts."""

import numpy as np

from engine.exec_inst import ALL_BITS, exec_inst_text
from engine.kernel.tables import Tables
from engine.limits import MONEY_SCALE, NS_PER_SECOND
from engine.projections.lookups import derive_orders, find_orders, select_orders
from engine.reads.column_values import wide_ints, wide_rows
from engine.reads.position_rows import average_price
from engine.reads.questions import ReadOrders
from engine.reads.risk_tables import names_at
from engine.reads.rows import ORDER_ROW, SEQ_ROW, WIDE

_SAME_FIELDS = (
    "side",
    "time_in_force",
    "ord_type",
    "is_replacing",
    "is_canceling",
    "in_doubt",
    "has_conflict",
    "version",
    "last_seq",
    "last_offset",
    "price",
    "order_qty",
    "cum_qty",
    "pending_price",
    "pending_qty",
)


_EXEC_INSTS = np.array([exec_inst_text(bits) for bits in range(ALL_BITS + 1)], "S6")


def id_rows(order_ids: bytes) -> np.ndarray:
    """Order ids of 16 big-endian bytes each as words: uint64 of shape (n, 2), the high one first."""
    return np.frombuffer(order_ids, ">u8").astype(np.uint64).reshape(-1, 2)


def slots_of(tables: Tables, order_ids: bytes) -> np.ndarray:
    """The slot of each order, 0 where it is unknown."""
    ids = id_rows(order_ids)
    slots = np.zeros(len(ids), np.int64)
    find_orders(ids, tables.order_index, tables.orders, slots)
    return slots


def matching_slots(tables: Tables, question: ReadOrders) -> tuple[np.ndarray, bool]:
    """The slots of the newest orders that match, newest first, and whether there are more."""
    slots = np.zeros(question.limit + 1, np.int64)
    newest = int(tables.firm["newest_order"][0])
    wanted = (question.account, question.strategy, question.instrument, question.is_open)
    count = select_orders(tables.orders, newest, *wanted, slots)
    return slots[: min(count, question.limit)], count > question.limit


def order_rows(tables: Tables, slots: np.ndarray) -> np.ndarray:
    """ORDER_ROW rows of the orders in these slots; slot 0, an unknown order, gives none."""
    orders = tables.orders[slots[slots > 0]]
    rows = np.zeros(len(orders), ORDER_ROW)
    rows["order_id"]["hi"], rows["order_id"]["lo"] = orders["key_hi"], orders["key_lo"]
    for name in _SAME_FIELDS:
        rows[name] = orders[name]
    derive_orders(orders, rows)
    instruments = tables.instruments[orders["instrument"]]
    for name in ("price_scale", "qty_scale"):
        rows[name] = instruments[name]
    rows["account"] = names_at(tables.accounts, orders["account"])
    rows["strategy"] = names_at(tables.strategies, orders["strategy"])
    rows["instrument"] = names_at(tables.instruments, orders["instrument"])
    _write_terms(rows, orders, tables.terms[orders["terms"]])
    rows["average_price"] = _average_prices(orders, instruments)
    return rows


def _write_terms(rows: np.ndarray, orders: np.ndarray, terms: np.ndarray) -> None:
    """What only some orders have; `terms` has one row an order, zeros where there is none of its own."""
    for name in ("stop_px", "pending_stop_px", "min_qty", "display_qty"):
        rows[name] = terms[name]
    rows["has_pending_stop"] = rows["is_replacing"] & (terms["pending_stop_px"] > 0)
    rows["expire_ns"] = terms["expire_s"].astype(np.int64) * NS_PER_SECOND
    rows["exec_inst"] = _EXEC_INSTS[orders["exec_inst"]]


def _average_prices(orders: np.ndarray, instruments: np.ndarray) -> np.ndarray:
    """AvgPx (6): the sum of quantity x price over what was filled, in 10^-8."""
    sums = np.zeros(len(orders), WIDE)
    sums["hi"], sums["lo"] = orders["cum_value_hi"], orders["cum_value_lo"]
    scales = (10 ** (MONEY_SCALE - instruments["price_scale"].astype(np.int64))).tolist()
    filled = zip(wide_ints(sums), orders["cum_qty"].tolist(), scales, strict=True)
    return wide_rows([average_price(value * scale, qty, 1, 0) for value, qty, scale in filled])


def seq_rows(tables: Tables, order_ids: bytes) -> np.ndarray:
    """SEQ_ROW rows, one an id, in the order asked for."""
    ids, slots = id_rows(order_ids), slots_of(tables, order_ids)
    rows = np.zeros(len(ids), SEQ_ROW)
    rows["order_id"]["hi"], rows["order_id"]["lo"] = ids[:, 0], ids[:, 1]
    for name in ("last_seq", "version"):
        rows[name] = np.where(slots > 0, tables.orders[name][slots], 0)
    return rows
