"""Quantities that do not fit together: CumQty against the venue's own, and against OrderQty.

A venue that states its CumQty (14) tells us when a report is missing. Statements count by their time, not by
their arrival: an older one says nothing new, and what is filled after the newest is added to it. A correction
ends what was stated before it. While the two differ, more fills than OrderQty are no alarm: a replace may be
missing as well. What is broken is state, so that each alarm is raised once.
"""

import numpy as np

from engine.flags import Given
from engine.kernel.following import GAP_CLOSED, GAP_DETECTED, OVERFILLED
from engine.kernel.jit import rule
from engine.kernel.kinds import is_correction
from engine.limits import TOTAL_QTY_MAX
from engine.vocabulary import EventKind, Reason

GIVEN_CUM_QTY = int(Given.CUM_QTY)

HAS_GAP = 1
"""In `breaks` of an order: the venue's CumQty is not ours."""
IS_OVERFILLED = 2
"""In `breaks` of an order: more is filled than OrderQty, and an event said so."""
IS_STATED = 4
"""In `breaks` of an order: the venue has stated its CumQty."""


@rule
def malformed_statement(report):
    """Whether the CumQty that a report states is past what any order can fill: a reason, or NONE."""
    if report["given"] & GIVEN_CUM_QTY == 0:
        return Reason.NONE
    if report["cum_qty"] < 0 or report["cum_qty"] > TOTAL_QTY_MAX:
        return Reason.BAD_QTY
    return Reason.NONE


@rule
def keep_stated(report, row):
    """Keep in the event of a trade or an orphan what else the venue said, its CumQty beside ours."""
    row["reject_reason"] = report["reject_reason"]
    row["given"] = report["given"]
    row["liquidity"] = report["liquidity"]
    if report["given"] & GIVEN_CUM_QTY:
        row["venue_cum_qty"] = report["cum_qty"]


@rule
def quantity_break(views, at, order, cum_qty, order_qty):
    """What the report at row `at` breaks by leaving an order with these quantities: a reason, or NONE."""
    breaks = np.int64(order["breaks"])
    if breaks == 0 and cum_qty <= order_qty and not _states_cum_qty(views, at):
        return np.int64(Reason.NONE)
    is_stated, venue_cum_qty, _ = _heard(views, at, order, cum_qty - order["cum_qty"])
    news = _breaks_after(breaks, is_stated, venue_cum_qty, cum_qty, order_qty) & ~breaks
    if news & IS_OVERFILLED:
        return np.int64(Reason.OVERFILL)
    if news & HAS_GAP:
        return np.int64(Reason.CUM_QTY_GAP)
    return np.int64(Reason.NONE)


@rule
def check_quantities(views, at, order, more_qty):
    """Keep what a report that changed CumQty by `more_qty` states and breaks; gives what is owed for it."""
    before = np.int64(order["breaks"])
    if before == 0 and order["cum_qty"] <= order["order_qty"] and not _states_cum_qty(views, at):
        return np.int64(0)
    is_stated, venue_cum_qty, venue_cum_ns = _heard(views, at, order, more_qty)
    order["venue_cum_qty"] = venue_cum_qty
    order["venue_cum_ns"] = venue_cum_ns
    after = _breaks_after(before, is_stated, venue_cum_qty, order["cum_qty"], order["order_qty"])
    order["breaks"] = after
    return _dues_of(before, after)


@rule
def _states_cum_qty(views, at):
    """Whether the report at row `at` says anything about the venue's CumQty."""
    kind = views.head[at]["kind"]
    if kind == EventKind.TRADE_EXECUTED:
        return views.trade[at]["given"] & GIVEN_CUM_QTY != 0
    return is_correction(kind) or views.change[at]["given"] & GIVEN_CUM_QTY != 0


@rule
def _heard(views, at, order, more_qty):
    """What the venue has said after this report: (whether it has stated CumQty, which, and as of when)."""
    is_stated = np.int64(order["breaks"]) & IS_STATED != 0
    venue_cum_qty = order["venue_cum_qty"]
    venue_cum_ns = order["venue_cum_ns"]
    kind = views.head[at]["kind"]
    ts_event = views.head[at]["ts_event"]
    if ts_event < venue_cum_ns:
        return is_stated, venue_cum_qty, venue_cum_ns
    if is_correction(kind):
        return False, np.int64(0), ts_event
    if not _states_cum_qty(views, at):
        return is_stated, venue_cum_qty + (more_qty if is_stated else 0), venue_cum_ns
    if kind == EventKind.TRADE_EXECUTED:
        return True, views.trade[at]["venue_cum_qty"], ts_event
    return True, views.change[at]["venue_cum_qty"], ts_event


@rule
def _breaks_after(before, is_stated, venue_cum_qty, cum_qty, order_qty):
    """The bits of `breaks` for these quantities; an overfill is not news while a gap is open."""
    breaks = np.int64(IS_STATED if is_stated else 0)
    if is_stated and venue_cum_qty != cum_qty:
        breaks |= HAS_GAP
    if cum_qty > order_qty and not (breaks & HAS_GAP and not before & IS_OVERFILLED):
        breaks |= IS_OVERFILLED
    return breaks


@rule
def _dues_of(before, after):
    """The events that are owed where what is broken changes so."""
    dues = np.int64(0)
    if after & HAS_GAP and not before & HAS_GAP:
        dues |= GAP_DETECTED
    if before & HAS_GAP and not after & HAS_GAP:
        dues |= GAP_CLOSED
    if after & IS_OVERFILLED and not before & IS_OVERFILLED:
        dues |= OVERFILLED
    return dues
