"""Follow-up events: what the engine writes by itself because an event came before.

A command writes one event; what else follows from it is owed first, as bits in the firm row, and written
before the next command is decided: in the same block, or in the next one where the block is full, or by a
successor that folds the log and finds it owed. A follow-up answers nobody and has no number of its own.
"""

import numpy as np

from engine.kernel.jit import rule
from engine.kernel.writing import begin_follow_up, follow_order, keep_quantities
from engine.vocabulary import EventKind, Reason

GAP_DETECTED = 2
"""The venue's CumQty is no longer ours."""
GAP_CLOSED = 4
"""The venue's CumQty is ours again."""
OVERFILLED = 8
"""More was filled than the order asked for."""


@rule
def owe(firm, dues, slot, offset):
    """Owe what follows from the event at `offset`, which is about the order at `slot`."""
    firm["due"] = dues
    firm["due_slot"] = slot
    firm["due_offset"] = offset


@rule
def decide_due(tables, views, at, now):
    """Write the first follow-up event that is owed to row `at`."""
    firm = tables.firm[0]
    dues = np.int64(firm["due"])
    kind = _event_of(dues & -dues)
    _write_quantities(tables, views, at, kind, now)


@rule
def evolve_due(row, tables, offset):
    """A follow-up is owed no more; the order's chain ends with it, the order's version stays."""
    firm = tables.firm[0]
    firm["due"] = np.int64(firm["due"]) & ~_due_of(row["kind"])
    tables.orders[firm["due_slot"]]["last_offset"] = offset


@rule
def _event_of(due):
    """The event that is written for one bit of what is owed."""
    if due == GAP_DETECTED:
        return EventKind.CUM_QTY_GAP_DETECTED
    if due == GAP_CLOSED:
        return EventKind.CUM_QTY_GAP_CLOSED
    return EventKind.OVERFILL_DETECTED


@rule
def _due_of(kind):
    """The bit that an event pays."""
    if kind == EventKind.CUM_QTY_GAP_DETECTED:
        return GAP_DETECTED
    if kind == EventKind.CUM_QTY_GAP_CLOSED:
        return GAP_CLOSED
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
