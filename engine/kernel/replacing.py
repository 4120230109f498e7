"""ReplaceOrder and CancelOrder: requests about a known order; the venue decides what becomes of them."""

import numpy as np

from engine.flags import InstrumentFlag
from engine.kernel.answering import answer_event, invalid, refuse
from engine.kernel.index import account_instrument_key, find
from engine.kernel.jit import rule
from engine.kernel.keys import order_key
from engine.kernel.order_facts import working_qty
from engine.kernel.order_terms import foreign_conditions, working_price
from engine.kernel.risk import judge, limits_of, note
from engine.kernel.room import no_room_for_replace
from engine.kernel.soft_limits import warnings_of
from engine.kernel.submitting import (
    malformed_terms,
    refuse_rate,
    write_breach,
    write_context,
    write_terms,
)
from engine.kernel.transitions import reason_in, transition
from engine.kernel.well_formed import is_name
from engine.kernel.writing import (
    begin_event,
    follow_order,
    keep_quantities,
    write_request,
    write_text,
)
from engine.vocabulary import AnswerCode, Check, EventKind, Life, OrdStatus, Reason


@rule
def decide_replace(command, asked, tables, views, base, at, answer, now, slot):
    """Decide new terms for an order; OrderQty (38) is the total including what is filled."""
    order = tables.orders[slot]
    reason = malformed_terms(asked, tables)
    if reason == Reason.NONE:
        reason = _foreign_terms(command, order)
    if reason == Reason.NONE:
        reason = foreign_conditions(asked)
    if reason != Reason.NONE:
        return invalid(answer, reason)
    reason = no_room_for_replace(tables)
    if reason != Reason.NONE:
        return refuse(answer, AnswerCode.LOW_SPACE, reason)
    more_qty = command["qty"] - order["cum_qty"] - working_qty(order)
    hi, lo = account_instrument_key(order["account"], order["instrument"])
    holding = find(tables.holding_index, tables.holdings, hi, lo)
    limits = limits_of(tables, order["account"], order["instrument"], holding)
    price = working_price(asked, tables.instruments[asked["instrument"]], tables.limits[limits]["collar_ppm"])
    found = judge(tables, asked, price, holding, limits, slot, more_qty, now)
    found = note(found, Check.RULE, (_replace_rule(command, tables, order), 0, 0))
    violations, check, reason, limit, observed = found
    if check == Check.RATE:
        write_context(tables, answer, order["instrument"], limits)
        return refuse_rate(answer, violations, limit, observed)
    kind = EventKind.REPLACE_REQUESTED
    if violations != 0:
        kind = EventKind.REPLACE_DENIED
    follow_order(begin_event(views, at, command, kind, now), order)
    keep_quantities(views.order[at], order)
    write_terms(views.order[at], command, price)
    if violations == 0:
        views.replace[at]["stop_px"] = asked["stop_px"]
        views.head[at]["status"] = OrdStatus.PENDING_REPLACE
        warnings = warnings_of(tables, asked, price, holding, limits, slot, more_qty, now)
        views.replace[at]["warnings"] = warnings
    else:
        write_breach(views.denial[at], check, reason, limit, observed)
        views.replace_denial[at]["violations"] = violations
    write_context(tables, views.order[at], order["instrument"], limits)
    views.order[at]["reference_offset"] = tables.firm[0]["reference_next"]
    answer_event(views, at, base + at, answer)
    return 1


@rule
def _foreign_terms(command, order):
    """What a replace would change that only a new order can change, or NONE; it also needs a ClOrdID of its
    own.
    """
    if command["account"] != order["account"]:
        return Reason.UNKNOWN_ACCOUNT
    if command["instrument"] != order["instrument"]:
        return Reason.UNKNOWN_INSTRUMENT
    if command["strategy"] != order["strategy"]:
        return Reason.UNKNOWN_STRATEGY
    if command["side"] != order["side"]:
        return Reason.BAD_SIDE
    if command["ord_type"] != order["ord_type"]:
        return Reason.BAD_ORD_TYPE
    if command["time_in_force"] != order["time_in_force"]:
        return Reason.BAD_TIME_IN_FORCE
    if not is_name(command["text_w0"], command["text_w1"], command["text_w2"]):
        return Reason.BAD_NAME
    return Reason.NONE


@rule
def alias_key(tables, order, w0, w1, w2):
    """The order id that a replace's ClOrdID would make as a new order in this account, today."""
    account = tables.accounts[order["account"]]
    venue = tables.venues[tables.instruments[order["instrument"]]["venue"]]
    return order_key(venue["trade_date"], account["name_w0"], account["name_w1"], w0, w1, w2)


@rule
def _replace_rule(command, tables, order):
    """The rule of the order's life that forbids a replace, or NONE. Source: FIX CxlRejReason (102)."""
    reason = reason_in(transition(EventKind.REPLACE_REQUESTED, order["life"]))
    if reason != np.int64(Reason.NONE):
        return reason
    return np.int64(_fact_against_replace(command, tables, order))


@rule
def _fact_against_replace(command, tables, order):
    """What forbids a replace of an order whose life allows it, or NONE."""
    if working_qty(order) == 0 and not _may_reopen(command, tables, order):
        return Reason.TOO_LATE
    if order["is_replacing"] or order["is_canceling"]:
        return Reason.ALREADY_PENDING
    hi, lo = alias_key(tables, order, command["text_w0"], command["text_w1"], command["text_w2"])
    if find(tables.order_index, tables.orders, hi, lo) != 0:
        return Reason.DUPLICATE_CL_ORD_ID
    if find(tables.alias_index, tables.aliases, hi, lo) != 0:
        return Reason.DUPLICATE_CL_ORD_ID
    return Reason.NONE


@rule
def _may_reopen(command, tables, order):
    """Whether an order that is filled may ask for more: subject to agreement with its venue (FIX C.1.c)."""
    if order["life"] != Life.NEW or command["qty"] <= order["cum_qty"]:
        return False
    return tables.instruments[order["instrument"]]["flags"] & InstrumentFlag.REOPENING != 0


@rule
def cancel_rule(order):
    """The rule of the order's life that forbids a cancel, or NONE.

    A filled order whose replace is in flight may yet fill more: it can be canceled.
    """
    reason = reason_in(transition(EventKind.CANCEL_REQUESTED, order["life"]))
    if reason != np.int64(Reason.NONE):
        return reason
    if working_qty(order) == 0:
        return np.int64(Reason.TOO_LATE)
    if order["is_canceling"]:
        return np.int64(Reason.ALREADY_PENDING)
    return np.int64(Reason.NONE)


@rule
def malformed_cancel(command):
    """Whether a cancel has a ClOrdID that is no name; it may have none."""
    w0 = command["text_w0"]
    w1 = command["text_w1"]
    w2 = command["text_w2"]
    if (w0 | w1 | np.uint64(w2)) != np.uint64(0) and not is_name(w0, w1, w2):
        return Reason.BAD_NAME
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
    write_request(row, command)
    write_text(row, command)
