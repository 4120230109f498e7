"""What a report makes of an order beside its life: terms and notices; and what is odd about the report.

Decide writes it into the event, evolve folds it: both ask here.
"""

import numpy as np

from engine.flags import Given, Notice
from engine.kernel.jit import rule
from engine.kernel.order_facts import is_over, leaves_of, status_of
from engine.kernel.transitions import reason_in
from engine.vocabulary import CommandKind, CxlRejResponseTo, EventKind, ExecType, Life, Reason

_EXEC_TYPES_MAX = 256
"""A row keeps its ExecType in one byte."""

EVENTS = {
    ExecType.PENDING_NEW: EventKind.ORDER_STATUS_REPORTED,
    ExecType.NEW: EventKind.ORDER_ACCEPTED,
    ExecType.REJECTED: EventKind.ORDER_REJECTED,
    ExecType.TRADE: EventKind.TRADE_EXECUTED,
    ExecType.PENDING_CANCEL: EventKind.ORDER_STATUS_REPORTED,
    ExecType.CANCELED: EventKind.ORDER_CANCELED,
    ExecType.PENDING_REPLACE: EventKind.ORDER_STATUS_REPORTED,
    ExecType.REPLACED: EventKind.ORDER_REPLACED,
    ExecType.RESTATED: EventKind.ORDER_RESTATED,
    ExecType.DONE_FOR_DAY: EventKind.ORDER_DONE_FOR_DAY,
    ExecType.STOPPED: EventKind.ORDER_STATUS_REPORTED,
    ExecType.SUSPENDED: EventKind.ORDER_SUSPENDED,
    ExecType.CALCULATED: EventKind.ORDER_STATUS_REPORTED,
    ExecType.EXPIRED: EventKind.ORDER_EXPIRED,
    ExecType.ORDER_STATUS: EventKind.ORDER_STATUS_REPORTED,
    ExecType.TRIGGERED: EventKind.ORDER_TRIGGERED,
    ExecType.TRADE_CORRECT: EventKind.TRADE_CORRECTED,
    ExecType.TRADE_CANCEL: EventKind.TRADE_BUSTED,
}
"""The event that each ExecType (150) records; New on a suspended order is ORDER_RESUMED."""


def _event_codes() -> np.ndarray:
    codes = np.zeros(_EXEC_TYPES_MAX, np.uint8)
    for exec_type, kind in EVENTS.items():
        codes[exec_type] = kind
    return codes


_EVENT_CODES = _event_codes()


@rule
def event_said(report):
    """The event that a report records by its ExecType (150) or CxlRejResponseTo (434); 0 if we know none."""
    exec_type = report["exec_type"]
    if report["kind"] != CommandKind.CANCEL_REJECT:
        return _EVENT_CODES[exec_type]
    if exec_type == 0 and report["response_to"] == CxlRejResponseTo.CANCEL:
        return np.uint8(EventKind.CANCEL_REJECTED)
    if exec_type == 0 and report["response_to"] == CxlRejResponseTo.REPLACE:
        return np.uint8(EventKind.REPLACE_REJECTED)
    return np.uint8(0)


@rule
def event_on(kind, order):
    """The event that a report of `kind` is to this order: accepting a suspended order again resumes it.

    The first New only acknowledges it, however late it comes.
    """
    if kind != EventKind.ORDER_ACCEPTED or order["life"] != Life.SUSPENDED:
        return kind
    if order["notices"] & np.uint8(Notice.ACKNOWLEDGED):
        return np.uint8(EventKind.ORDER_RESUMED)
    return kind


@rule
def qty_after(kind, order, report):
    """OrderQty after a report. A replace to less than is filled means: stop, so CumQty (FIX D11)."""
    cum_qty = order["cum_qty"]
    qty = report["qty"]
    if kind == EventKind.ORDER_RESTATED:
        if report["given"] & np.uint8(Given.ORDER_QTY):
            return np.int64(qty)
        return cum_qty + report["leaves_qty"]
    if kind != EventKind.ORDER_REPLACED:
        return order["order_qty"]
    wanted = qty
    if wanted == 0:
        wanted = order["pending_qty"] if order["is_replacing"] else order["order_qty"]
    if wanted < cum_qty:
        return cum_qty
    return wanted


@rule
def price_after(kind, order, price):
    """Price after a report: what it says, else the pending replace's, else as it was."""
    if price != 0:
        return price
    if kind == EventKind.ORDER_REPLACED and order["is_replacing"]:
        return order["pending_price"]
    return order["price"]


@rule
def _ends(kind):
    """Whether a report ends an order that lives."""
    if kind == EventKind.ORDER_CANCELED or kind == EventKind.ORDER_EXPIRED:
        return True
    return kind == EventKind.ORDER_REJECTED


@rule
def notices_after(kind, exec_type, order):
    """Which notices stand after a report on an order that is as `order` says before it."""
    stopped = np.uint8(Notice.STOPPED)
    calculated = np.uint8(Notice.CALCULATED)
    notices = order["notices"]
    if kind == EventKind.ORDER_ACCEPTED:
        return notices | np.uint8(Notice.ACKNOWLEDGED)
    if kind == EventKind.ORDER_RESTATED:
        return notices & ~calculated
    if kind == EventKind.TRADE_EXECUTED or _ends(kind):
        return notices & ~stopped
    if is_over(order["life"]):
        return notices
    if kind == EventKind.ORDER_TRIGGERED:
        return notices | np.uint8(Notice.TRIGGERED)
    if exec_type == ExecType.STOPPED:
        return notices | stopped
    if exec_type == ExecType.CALCULATED:
        return notices | calculated
    return notices


@rule
def oddity_of(kind, cell, order, report):
    """What is odd about a report that is accepted all the same, or NONE: by the table, then by the facts."""
    reason = reason_in(cell)
    if reason != np.int64(Reason.NONE):
        return reason
    if kind == EventKind.CANCEL_REJECTED and not order["is_canceling"]:
        return np.int64(Reason.STATUS_DIFFERS)
    if kind == EventKind.REPLACE_REJECTED and not order["is_replacing"]:
        return np.int64(Reason.STATUS_DIFFERS)
    if kind == EventKind.ORDER_STATUS_REPORTED:
        return np.int64(_oddity_of_status(order, report))
    return np.int64(Reason.NONE)


@rule
def _oddity_of_status(order, report):
    """What a report that changes no life says that is not so here."""
    exec_type = report["exec_type"]
    if exec_type == ExecType.PENDING_CANCEL and not order["is_canceling"]:
        return Reason.PENDING_UNASKED
    if exec_type == ExecType.PENDING_REPLACE and not order["is_replacing"]:
        return Reason.PENDING_UNASKED
    if exec_type == ExecType.STOPPED and is_over(order["life"]):
        return Reason.LATE_REPORT
    if exec_type == ExecType.ORDER_STATUS and _differs(order, report):
        return Reason.STATUS_DIFFERS
    return Reason.NONE


@rule
def _differs(order, report):
    """Whether the venue holds an order to be other than we do; a request under way it may not have seen."""
    given = report["given"]
    if given & np.uint8(Given.CUM_QTY) and report["cum_qty"] != order["cum_qty"]:
        return True
    if given & np.uint8(Given.LEAVES_QTY) and report["leaves_qty"] != leaves_of(order):
        return True
    if report["ord_status"] == 0 or order["is_canceling"] or order["is_replacing"]:
        return False
    return report["ord_status"] != status_of(order)
