"""ReplaceOrder and CancelOrder: requests about an order that exists; the venue decides what becomes of them."""

import numpy as np

from engine.kernel.answering import answer_event, invalid, refuse
from engine.kernel.index import find
from engine.kernel.jit import rule
from engine.kernel.keys import order_key
from engine.kernel.order_facts import leaves_of, working_qty
from engine.kernel.risk import first_breach, limits_of
from engine.kernel.submitting import (
    malformed_terms,
    write_breach,
    write_context,
    write_terms,
)
from engine.kernel.writing import begin_event, follow_order, keep_quantities
from engine.vocabulary import AnswerCode, Check, EventKind, Life, OrdStatus, Reason


@rule
def decide_replace(command, tables, views, base, at, answer, now, slot):
    """Decide new terms for an order; OrderQty (38) is the total including what is filled."""
    order = tables.orders[slot]
    reason = malformed_terms(command, tables)
    if reason == Reason.NONE:
        reason = _foreign_terms(command, order)
    if reason != Reason.NONE:
        return invalid(answer, reason)
    more_qty = command["qty"] - order["cum_qty"] - working_qty(order)
    limits = limits_of(tables, order["account"], tables.holdings[order["holding"]])
    if more_qty < 0:
        more_qty = np.int64(0)
    check, reason, limit, observed = first_breach(tables, command, order["holding"], limits, more_qty, now)
    if check == Check.RATE:
        answer["check"] = check
        answer["limit"] = limit
        answer["observed"] = observed
        return refuse(answer, AnswerCode.RATE_LIMIT, reason)
    if check == Check.NONE:
        reason = _replace_rule(command, tables, order)
        if reason != Reason.NONE:
            check = Check.RULE
    kind = EventKind.REPLACE_REQUESTED
    if check != Check.NONE:
        kind = EventKind.REPLACE_DENIED
    follow_order(begin_event(views, at, command, kind, now), order)
    keep_quantities(views.order[at], order)
    write_terms(views.order[at], command)
    if check == Check.NONE:
        _mark_pending(views.head[at], order)
    else:
        write_breach(views.denial[at], check, reason, limit, observed)
    write_context(tables, views.order[at], order["instrument"], limits)
    answer_event(views, at, base + at, answer)
    return 1


@rule
def _mark_pending(head, order):
    """A replace shows as pending unless a cancel, which outranks it, already does."""
    if not order["is_canceling"]:
        head["status"] = OrdStatus.PENDING_REPLACE


@rule
def _foreign_terms(command, order):
    """Whether a replace names another account, instrument, strategy or side than its order, or no new ClOrdID."""
    if command["account"] != order["account"]:
        return Reason.UNKNOWN_ACCOUNT
    if command["instrument"] != order["instrument"]:
        return Reason.UNKNOWN_INSTRUMENT
    if command["strategy"] != order["strategy"]:
        return Reason.UNKNOWN_STRATEGY
    if command["side"] != order["side"]:
        return Reason.BAD_SIDE
    if command["text_w0"] == np.uint64(0):
        return Reason.BAD_NAME
    return Reason.NONE


@rule
def replaced_key(tables, command, order):
    """The order id that a replace's ClOrdID would have made on the order's own day."""
    account = tables.accounts[order["account"]]
    return order_key(
        order["key_hi"] >> np.uint64(32),
        account["name_w0"],
        account["name_w1"],
        command["text_w0"],
        command["text_w1"],
        command["text_w2"],
    )


@rule
def _replace_rule(command, tables, order):
    """The rule of the order's life that forbids a replace, or NONE. Source: FIX CxlRejReason (102)."""
    if leaves_of(order["life"], order["order_qty"], order["cum_qty"]) == 0:
        return Reason.TOO_LATE
    if order["life"] == Life.PENDING_NEW:
        return Reason.NOT_ACKNOWLEDGED
    if order["is_replacing"] or order["is_canceling"]:
        return Reason.ALREADY_PENDING
    hi, lo = replaced_key(tables, command, order)
    if find(tables.order_index, tables.orders, hi, lo) != 0:
        return Reason.DUPLICATE_CL_ORD_ID
    if find(tables.alias_index, tables.aliases, hi, lo) != 0:
        return Reason.DUPLICATE_CL_ORD_ID
    return Reason.NONE


@rule
def cancel_rule(order):
    """The rule of the order's life that forbids a cancel, or NONE."""
    if leaves_of(order["life"], order["order_qty"], order["cum_qty"]) == 0:
        return Reason.TOO_LATE
    if order["is_canceling"]:
        return Reason.ALREADY_PENDING
    return Reason.NONE


@rule
def decide_cancel(command, tables, views, base, at, answer, now, slot):
    """Decide a cancel, from the owner's lane or an operator's; risk never stands in its way."""
    order = tables.orders[slot]
    reason = cancel_rule(order)
    kind = EventKind.CANCEL_REQUESTED
    if reason != Reason.NONE:
        kind = EventKind.CANCEL_DENIED
    write_cancel(command, order, views, at, kind, now)
    head = views.head[at]
    if reason == Reason.NONE:
        head["status"] = OrdStatus.PENDING_CANCEL
    else:
        head["check"] = Check.RULE
        head["reason"] = reason
    answer_event(views, at, base + at, answer)
    return 1


@rule
def write_cancel(command, order, views, at, kind, now):
    """The row of a cancel request on a known order, with the request id where an operator asks."""
    follow_order(begin_event(views, at, command, kind, now), order)
    row = views.request[at]
    keep_quantities(row, order)
    row["request_hi"] = command["request_hi"]
    row["request_lo"] = command["request_lo"]
    row["cl_ord_id_w0"] = command["text_w0"]
    row["cl_ord_id_w1"] = command["text_w1"]
    row["cl_ord_id_w2"] = command["text_w2"]
    row["scope"] = command["scope"]
