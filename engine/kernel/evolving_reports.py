"""How a venue's reports change orders, positions and profit."""

import numpy as np

from engine.kernel.evolving_orders import open_books, work
from engine.kernel.in_doubt import doubt_after
from engine.kernel.index import find, insert
from engine.kernel.jit import rule
from engine.kernel.keeping_terms import replace_terms
from engine.kernel.keys import execution_key, reject_key
from engine.kernel.order_facts import leaves_of, signed, working_qty, working_value
from engine.kernel.positions import fill_position
from engine.kernel.reported_facts import notices_after
from engine.kernel.transitions import life_after, pending_after, swaps_terms, transition
from engine.kernel.wide import wide_add, wide_multiply
from engine.vocabulary import EventKind


@rule
def evolve_report(row, tables, offset):
    """Remember the report's key and fold what it says into the order and its position."""
    slot = np.int64(0)
    if row["kind"] != EventKind.ORPHAN_REPORTED:
        slot = find(tables.order_index, tables.orders, row["order_id_hi"], row["order_id_lo"])
    _remember_execution(row, tables, offset, slot)
    if slot == 0:
        return
    order = tables.orders[slot]
    if order["position"] == 0:
        open_books(tables, order)
    factor = tables.instruments[order["instrument"]]["money_factor"]
    qty = working_qty(order)
    hi, lo = working_value(order, factor)
    was_open = leaves_of(order) > 0
    if order["terms"] != 0 and order["is_replacing"] and row["kind"] == EventKind.ORDER_REPLACED:
        replace_terms(tables.terms[order["terms"]])
    _change_order(row, order, offset)
    is_open = leaves_of(order) > 0
    tables.firm[0]["open_orders"] += np.int64(is_open) - np.int64(was_open)
    work(tables, order, qty, hi, lo)
    if row["kind"] == EventKind.TRADE_EXECUTED:
        _fill(row, tables, order, factor)


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
    hi, lo = _key_of(row)
    at = tables.firm[0]["executions"] + 1
    tables.firm[0]["executions"] = at
    insert(tables.execution_index, tables.executions, hi, lo, at)
    execution = tables.executions[at]
    execution["fingerprint"] = row["fingerprint"]
    execution["offset"] = offset
    execution["last_px"] = row["last_px"]
    execution["last_qty"] = row["last_qty"]
    execution["order"] = slot
    execution["exec_type"] = row["exec_type"]


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
def _fill(row, tables, order, factor):
    qty = signed(order["side"], row["last_qty"])
    fill_position(tables.positions[order["position"]], qty, row["last_px"], factor)
    tables.holdings[order["holding"]]["qty"] += qty
