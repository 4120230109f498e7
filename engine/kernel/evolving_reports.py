"""How a venue's reports change orders, positions and profit."""

import numpy as np

from engine.kernel.evolving_orders import open_books, work
from engine.kernel.following import RESTATED, owe
from engine.kernel.free_rows import take_execution
from engine.kernel.in_doubt import doubt_after
from engine.kernel.index import find, insert
from engine.kernel.jit import rule
from engine.kernel.keeping_terms import replace_terms
from engine.kernel.keys import execution_key, reject_key
from engine.kernel.order_facts import leaves_of, signed, working_qty, working_value
from engine.kernel.quantity_breaks import check_quantities
from engine.kernel.reported_facts import notices_after
from engine.kernel.restating import book_fill, new_fill
from engine.kernel.self_trade import place_working
from engine.kernel.throttles import count_open
from engine.kernel.transitions import life_after, pending_after, swaps_terms, transition
from engine.kernel.wide import wide_add, wide_multiply
from engine.vocabulary import EventKind, ExecType


@rule
def evolve_report(views, at, tables, offset):
    """Remember the report's key and fold what it says into the order and its position."""
    row = views.report[at]
    slot = np.int64(0)
    if row["kind"] != EventKind.ORPHAN_REPORTED:
        slot = find(tables.order_index, tables.orders, row["order_id_hi"], row["order_id_lo"])
    execution = _remember_execution(row, tables, offset, slot)
    if slot == 0:
        return
    order = tables.orders[slot]
    if order["position"] == 0:
        open_books(tables, order)
    factor = tables.instruments[order["instrument"]]["money_factor"]
    qty = working_qty(order)
    hi, lo = working_value(order, factor)
    cum_qty = np.int64(order["cum_qty"])
    was_open = leaves_of(order) > 0
    if order["terms"] != 0 and order["is_replacing"] and row["kind"] == EventKind.ORDER_REPLACED:
        replace_terms(tables.terms[order["terms"]])
    _change_order(row, order, offset)
    is_open = leaves_of(order) > 0
    count_open(tables, order, np.int64(is_open) - np.int64(was_open))
    work(tables, order, qty, hi, lo)
    dues = check_quantities(views, at, order, order["cum_qty"] - cum_qty)
    place_working(tables, slot, qty)
    if row["kind"] == EventKind.TRADE_EXECUTED:
        dues |= _fill(row, tables, order, np.int64(tables.executions[execution]["fill"]), factor)
    if dues != 0:
        owe(tables.firm[0], dues, slot, offset)


@rule
def _key_of(row):
    """The key of the report that an event records; an OrderCancelReject (35=9) has no ExecType."""
    venue = row["venue"]
    trade_date = row["trade_date"]
    w0 = row["exec_id_w0"]
    w1 = row["exec_id_w1"]
    w2 = row["exec_id_w2"]
    if row["exec_type"] == 0:
        return reject_key(venue, trade_date, w0, w1, w2, row["order_id_hi"], row["order_id_lo"])
    return execution_key(venue, trade_date, w0, w1, w2)


@rule
def _remember_execution(row, tables, offset, slot):
    """Append the report's row, and that of its fill if it traded; gives the report's slot."""
    hi, lo = _key_of(row)
    at = take_execution(tables)
    insert(tables.execution_index, tables.executions, hi, lo, at)
    execution = tables.executions[at]
    execution["fingerprint"] = row["fingerprint"]
    execution["offset"] = offset
    execution["order"] = slot
    execution["exec_type"] = row["exec_type"]
    if slot != 0:
        execution["prev_of_order"] = tables.orders[slot]["last_execution"]
        tables.orders[slot]["last_execution"] = at
    if row["exec_type"] == ExecType.TRADE:
        execution["fill"] = new_fill(tables, row["last_qty"], row["last_px"], row["ts_event"])
    return at


@rule
def _change_order(row, order, offset):
    """Life, terms, notices, pending requests and chain of the order after a report."""
    kind = row["kind"]
    cell = transition(kind, order["life"])
    is_canceling, is_replacing = pending_after(cell, order)
    order["notices"] = notices_after(kind, row["exec_type"], order)
    order["life"] = life_after(cell, order["life"])
    order["is_canceling"] = is_canceling
    order["is_replacing"] = is_replacing
    order["in_doubt"] = doubt_after(order["in_doubt"], row["exec_type"], cell, order)
    if swaps_terms(cell):
        order["order_qty"] = row["order_qty"]
        order["price"] = row["last_px"]
    if kind == EventKind.TRADE_EXECUTED:
        order["cum_qty"] += row["last_qty"]
        hi, lo = wide_multiply(row["last_qty"], row["last_px"])
        hi, lo = wide_add(order["cum_value_hi"], order["cum_value_lo"], hi, lo)
        order["cum_value_hi"] = hi
        order["cum_value_lo"] = lo
    order["version"] = row["version"]
    order["last_offset"] = offset


@rule
def _fill(row, tables, order, fill, factor):
    """Book a trade in the order's position and holding; gives what is owed for it."""
    qty = signed(order["side"], row["last_qty"])
    tables.holdings[order["holding"]]["qty"] += qty
    if book_fill(tables, fill, np.int64(order["position"]), qty, row["last_px"], factor):
        return np.int64(RESTATED)
    return np.int64(0)
