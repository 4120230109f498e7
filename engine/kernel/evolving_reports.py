"""How a venue's reports change orders, positions and profit."""

import numpy as np

from engine.kernel.correcting import (
    awaited_numbers,
    claim_of,
    depth_below,
    is_booked,
    link,
    top_of,
)
from engine.kernel.evolving_orders import open_books, work
from engine.kernel.following import RESTATED, owe
from engine.kernel.free_rows import take_execution
from engine.kernel.in_doubt import doubt_after
from engine.kernel.index import find, insert
from engine.kernel.jit import rule
from engine.kernel.keeping_terms import replace_terms
from engine.kernel.keys import operators_key, reported_key
from engine.kernel.kinds import is_correction
from engine.kernel.ledger import move_stake, stake_of
from engine.kernel.order_facts import leaves_of, signed, working_qty, working_value
from engine.kernel.orphans import hold, is_held, take_claimed
from engine.kernel.quantity_breaks import check_quantities
from engine.kernel.reported_facts import notices_after
from engine.kernel.restating import book_fill, change_fill, new_fill
from engine.kernel.self_trade import place_working
from engine.kernel.throttles import count_open
from engine.kernel.transitions import life_after, pending_after, swaps_terms, transition
from engine.kernel.wide import wide_add, wide_multiply
from engine.vocabulary import EventKind, ExecType, Lane


@rule
def evolve_report(views, at, tables, offset):
    """Remember the report's key and fold what it says into the order and its position."""
    row = views.report[at]
    slot = np.int64(0)
    if row["kind"] != EventKind.ORPHAN_REPORTED:
        slot = find(tables.order_index, tables.orders, row["order_id_hi"], row["order_id_lo"])
    execution, top = _place(views, at, tables, offset, slot)
    if slot == 0:
        if is_held(row, tables):
            hold(views, at, tables, execution)
        return
    order = tables.orders[slot]
    if row["lane"] != Lane.OPERATOR:
        order["report_date"] = max(np.uint32(order["report_date"]), np.uint32(row["trade_date"]))
    if is_correction(row["kind"]):
        order["is_corrected"] = 1
    if order["position"] == 0:
        open_books(tables, order)
    stake = stake_of(tables, order)
    factor = tables.instruments[order["instrument"]]["money_factor"]
    qty = working_qty(order)
    hi, lo = working_value(order, factor)
    cum_qty = np.int64(order["cum_qty"])
    was_open = leaves_of(order) > 0
    if order["terms"] != 0 and order["is_replacing"] and row["kind"] == EventKind.ORDER_REPLACED:
        replace_terms(tables.terms[order["terms"]])
    _change_order(views.change[at], order, offset)
    dues = np.int64(0)
    if row["kind"] == EventKind.TRADE_EXECUTED:
        dues = _fill(row, tables, order, execution, factor)
    elif top != 0 and is_booked(tables, top):
        dues = _correct(tables, order, top, factor)
    is_open = leaves_of(order) > 0
    count_open(tables, order, np.int64(is_open) - np.int64(was_open))
    work(tables, order, qty, hi, lo)
    move_stake(tables, order, stake)
    dues |= check_quantities(views, at, order, order["cum_qty"] - cum_qty)
    place_working(tables, slot, qty)
    if dues != 0:
        owe(tables.firm[0], dues, slot, offset)


@rule
def _place(views, at, tables, offset, slot):
    """Put a report among the executions: (its slot, the first of the family that a correction is in or 0)."""
    row = views.report[at]
    if row["lane"] == Lane.ENGINE:
        execution = _claim_execution(tables, slot)
        return execution, top_of(tables, execution)
    if row["lane"] == Lane.OPERATOR:
        said = views.operators_correction[at]
        hi, lo = operators_key(said["request_hi"], said["request_lo"])
        execution = _remember_execution(said, hi, lo, tables, offset, slot)
        return execution, _link_correction(said, tables, execution)
    hi, lo = reported_key(row)
    execution = _remember_execution(row, hi, lo, tables, offset, slot)
    if is_correction(row["kind"]):
        return execution, _link_correction(views.correction[at], tables, execution)
    return execution, np.int64(0)


@rule
def _remember_execution(row, hi, lo, tables, offset, slot):
    """Append the row of the report with this key, and that of its fill if it traded; gives its slot."""
    at = np.int64(0)
    if tables.firm[0]["awaited"] > 0:
        at = find(tables.execution_index, tables.executions, hi, lo)
    if at == 0:
        at = _new_execution(tables, hi, lo)
    else:
        _meet_awaited(tables, at, slot)
    execution = tables.executions[at]
    execution["fingerprint"] = row["fingerprint"]
    execution["offset"] = offset
    execution["order"] = slot
    execution["exec_type"] = row["exec_type"]
    if slot != 0:
        execution["prev_of_order"] = tables.orders[slot]["last_execution"]
        tables.orders[slot]["last_execution"] = at
    if row["exec_type"] == ExecType.TRADE or row["exec_type"] == ExecType.TRADE_CORRECT:
        execution["fill"] = new_fill(tables, row["last_qty"], row["last_px"], row["ts_event"])
    return at


@rule
def _claim_execution(tables, slot):
    """Give a report that was held to the order at `slot`, or to none (0); gives the report's slot."""
    at = take_claimed(tables)
    if slot == 0:
        return at
    execution = tables.executions[at]
    order = tables.orders[slot]
    execution["order"] = slot
    execution["prev_of_order"] = order["last_execution"]
    order["last_execution"] = at
    if execution["latest"] != 0:
        order["is_corrected"] = 1
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
    order["in_doubt"] = doubt_after(order["in_doubt"], row, cell, order)
    if swaps_terms(cell):
        order["order_qty"] = row["order_qty"]
        order["price"] = row["last_px"]
    order["version"] = row["version"]
    order["last_offset"] = offset


@rule
def _new_execution(tables, hi, lo):
    """Append the row of a key that nobody has used; gives its slot."""
    at = take_execution(tables)
    insert(tables.execution_index, tables.executions, hi, lo, at)
    return at


@rule
def _meet_awaited(tables, at, slot):
    """A report comes that corrections have referred to: their order stays in memory with them."""
    tables.firm[0]["awaited"] -= 1
    tables.executions[at]["is_awaited"] = 0
    if slot != 0:
        tables.orders[slot]["is_corrected"] = 1


@rule
def _link_correction(row, tables, own):
    """Put a correction into its family, with a row for what it refers to if nobody has seen that.

    Gives the family's first row, or 0.
    """
    hi = row["exec_ref_hi"]
    lo = row["exec_ref_lo"]
    target = find(tables.execution_index, tables.executions, hi, lo)
    if target == 0:
        target = _new_execution(tables, hi, lo)
        tables.executions[target]["offset"] = -1
        tables.executions[target]["is_awaited"] = 1
        tables.firm[0]["awaited"] += 1
    execution = tables.executions[own]
    claim = claim_of(
        row["exec_type"],
        depth_below(tables, target),
        row["ts_event"],
        execution["key_hi"],
        execution["key_lo"],
        row["last_qty"],
        row["last_px"],
        np.int64(own),
    )
    return link(tables, own, target, claim)


@rule
def _fill(row, tables, order, execution, factor):
    """Book a trade in the order's position and holding; gives what is owed for it."""
    qty, price = awaited_numbers(tables, execution, row["last_qty"], row["last_px"])
    fill = np.int64(tables.executions[execution]["fill"])
    _count(tables, order, qty, price)
    signed_qty = signed(order["side"], qty)
    if book_fill(tables, fill, np.int64(order["position"]), signed_qty, price, factor):
        return np.int64(RESTATED)
    return np.int64(0)


@rule
def _correct(tables, order, top, factor):
    """Let a booked trade count for what its family says now; gives what is owed for it."""
    slot = np.int64(tables.executions[top]["fill"])
    qty, price = awaited_numbers(tables, top, np.int64(0), np.int64(0))
    old_qty = abs(tables.fills[slot]["qty"])
    old_price = np.int64(tables.fills[slot]["price"])
    if qty == old_qty and price == old_price:
        return np.int64(0)
    _count(tables, order, -old_qty, old_price)
    _count(tables, order, qty, price)
    change_fill(tables, slot, signed(order["side"], qty), price, factor)
    return np.int64(RESTATED)


@rule
def _count(tables, order, qty, price):
    """Count what was filled, or take it back, in the order's sums and its holding."""
    order["cum_qty"] += qty
    hi, lo = wide_multiply(qty, price)
    hi, lo = wide_add(order["cum_value_hi"], order["cum_value_lo"], hi, lo)
    order["cum_value_hi"] = hi
    order["cum_value_lo"] = lo
    tables.holdings[order["holding"]]["qty"] += signed(order["side"], qty)
