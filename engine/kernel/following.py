"""Follow-up events: what the engine writes by itself because an event came before.

A command writes one event; what else follows from it is owed first, as bits in the firm row, and written
before the next command is decided: in the same block, or in the next one where the block is full, or by a
successor that folds the log and finds it owed. A follow-up answers nobody and has no number of its own.
"""

import numpy as np

from engine.kernel.jit import rule
from engine.kernel.latching import evolve_latch, write_latch
from engine.kernel.writing import address_aggregate, begin_follow_up, follow_order, keep_quantities
from engine.vocabulary import EventKind, Namespace, OrdStatus, Reason

RESTATED = 1
"""What a position was is not what it would have been."""
GAP_DETECTED = 2
"""The venue's CumQty is no longer ours."""
GAP_CLOSED = 4
"""The venue's CumQty is ours again."""
OVERFILLED = 8
"""More was filled than the order asked for."""
HALTED = 16
"""Losses are past their limits: one event for each, of those that are linked from the firm's row."""
CROSSING = 32
"""Orders that the order could trade with are to be canceled, one an event: see `crossing`."""
CLAIMS = 64
"""Reports came before their order: each is written now as what it is to the order (`claiming`)."""


@rule
def owe(firm, dues, slot, offset):
    """Owe what follows from the event at `offset`, which is about the order at `slot`.

    Follow-ups are written bit by bit, the lowest first; one that owes more adds its own bits, and all of them
    are about the one order.
    """
    firm["due"] |= np.uint32(dues)
    firm["due_slot"] = slot
    firm["due_offset"] = offset


@rule
def owe_halt(firm, offset):
    """Owe a halt for every ledger that is linked from the firm's row; it is about no order."""
    firm["due"] |= np.uint32(HALTED)
    firm["due_offset"] = offset


@rule
def decide_due(tables, views, at, now):
    """Write the first follow-up event that is owed to row `at`."""
    firm = tables.firm[0]
    dues = np.int64(firm["due"])
    kind = _event_of(dues & -dues)
    if kind == EventKind.POSITION_RESTATED:
        _write_restatement(tables, views, at, now)
    elif kind == EventKind.HALT_LATCHED:
        write_latch(tables, views, at, now)
    elif kind == EventKind.CANCEL_REQUESTED:
        _write_crossing(tables, views, at, now)
    else:
        _write_quantities(tables, views, at, kind, now)


@rule
def evolve_due(row, tables, offset):
    """A follow-up is owed no more; one about an order ends its chain, but the order's version stays."""
    firm = tables.firm[0]
    if row["kind"] == EventKind.HALT_LATCHED and evolve_latch(row, tables, offset):
        return
    firm["due"] = np.int64(firm["due"]) & ~_due_of(row["kind"])
    if row["kind"] == EventKind.POSITION_RESTATED:
        position = tables.positions[row["order_id_lo"]]
        position["version"] = row["version"]
        position["last_offset"] = offset
    elif row["kind"] != EventKind.HALT_LATCHED:
        tables.orders[firm["due_slot"]]["last_offset"] = offset


@rule
def _event_of(due):
    """The event that is written for one bit of what is owed."""
    if due == RESTATED:
        return EventKind.POSITION_RESTATED
    if due == GAP_DETECTED:
        return EventKind.CUM_QTY_GAP_DETECTED
    if due == GAP_CLOSED:
        return EventKind.CUM_QTY_GAP_CLOSED
    if due == HALTED:
        return EventKind.HALT_LATCHED
    if due == CROSSING:
        return EventKind.CANCEL_REQUESTED
    return EventKind.OVERFILL_DETECTED


@rule
def _due_of(kind):
    """The bit that an event pays."""
    if kind == EventKind.POSITION_RESTATED:
        return RESTATED
    if kind == EventKind.CUM_QTY_GAP_DETECTED:
        return GAP_DETECTED
    if kind == EventKind.CUM_QTY_GAP_CLOSED:
        return GAP_CLOSED
    if kind == EventKind.HALT_LATCHED:
        return HALTED
    return OVERFILLED


@rule
def _write_quantities(tables, views, at, kind, now):
    """Our sums beside the venue's, as they stand after the report."""
    firm = tables.firm[0]
    order = tables.orders[firm["due_slot"]]
    head = begin_follow_up(views, at, kind, firm["due_offset"], now)
    follow_order(head, order)
    head["version"] = order["version"]
    head["reason"] = Reason.OVERFILL if kind == EventKind.OVERFILL_DETECTED else Reason.CUM_QTY_GAP
    row = views.integrity[at]
    keep_quantities(row, order)
    row["order_qty"] = order["order_qty"]
    row["venue_cum_qty"] = order["venue_cum_qty"]


@rule
def _write_crossing(tables, views, at, now):
    """Ask to cancel the next order that another one crosses: a request like its owner's, made by nobody."""
    firm = tables.firm[0]
    order = tables.orders[firm["crossing"]]
    head = begin_follow_up(views, at, EventKind.CANCEL_REQUESTED, firm["due_offset"], now)
    follow_order(head, order)
    head["status"] = OrdStatus.PENDING_CANCEL
    head["reason"] = Reason.SELF_TRADE
    keep_quantities(views.request[at], order)


@rule
def _write_restatement(tables, views, at, now):
    """The order's position before its fills were booked anew, and after."""
    firm = tables.firm[0]
    order = tables.orders[firm["due_slot"]]
    slot = order["position"]
    position = tables.positions[slot]
    head = begin_follow_up(views, at, EventKind.POSITION_RESTATED, firm["due_offset"], now)
    last_offset = position["last_offset"] if position["version"] > 0 else np.int64(-1)
    address_aggregate(head, Namespace.POSITION, slot, np.int64(position["version"]) + 1, last_offset)
    head["account"] = position["account"]
    head["strategy"] = position["strategy"]
    head["instrument"] = position["instrument"]
    row = views.restatement[at]
    row["qty_before"] = firm["qty_before"]
    row["qty_after"] = position["qty"]
    row["cash_before_hi"] = firm["cash_before_hi"]
    row["cash_before_lo"] = firm["cash_before_lo"]
    row["cash_after_hi"] = position["cash_hi"]
    row["cash_after_lo"] = position["cash_lo"]
    row["realized_before_hi"] = firm["realized_before_hi"]
    row["realized_before_lo"] = firm["realized_before_lo"]
    row["realized_after_hi"] = position["realized_hi"]
    row["realized_after_lo"] = position["realized_lo"]
