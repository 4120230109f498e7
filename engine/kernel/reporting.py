"""Execution reports: what a venue says happened. A fact is never refused, only recognised or not understood.

Reports are keyed by (venue, trade date, ExecID): the same key and content is a repetition, the same key with
other content an incident, whoever sends it. The state after each report is the table of docs/order-states.md.
"""

import numpy as np

from engine.flags import Given
from engine.kernel.answering import answer_event, answer_original, invalid, refuse
from engine.kernel.fees import malformed_commission, no_room_for_fee, state_commission
from engine.kernel.index import find
from engine.kernel.jit import rule
from engine.kernel.keys import fingerprint, report_key
from engine.kernel.order_facts import leaves_after, ord_status
from engine.kernel.quantity_breaks import keep_stated, malformed_statement, quantity_break
from engine.kernel.reported_facts import (
    event_on,
    event_said,
    notices_after,
    oddity_of,
    price_after,
    qty_after,
)
from engine.kernel.room import no_room_for_report
from engine.kernel.scopes import unknown_handle
from engine.kernel.submitting import malformed_notional, malformed_numbers
from engine.kernel.transitions import life_after, pending_after, swaps_terms, transition
from engine.kernel.well_formed import is_date, is_name
from engine.kernel.writing import begin_event, follow_order, keep_quantities
from engine.limits import LIMIT_MAX, PRICE_MAX, QTY_MAX, TOTAL_QTY_MAX
from engine.vocabulary import AnswerCode, Check, CommandKind, EventKind, ExecType, OrdStatus, Reason


@rule
def decide_report(commands, i, tables, views, base, at, past, past_state, answer, now):
    """Decide one execution report; gives the events written, or NEEDS_PAST."""
    command = commands.order[i]
    report = commands.report[i]
    reason = _malformed_key(report, tables)
    if reason != Reason.NONE:
        return invalid(answer, reason)
    hi, lo = report_key(command)
    known = find(tables.execution_index, tables.executions, hi, lo)
    if known != 0:
        return _decide_again(command, tables, views, base, at, past, past_state, answer, now, known, hi, lo)
    slot = _reported_slot(command, tables)
    order = tables.orders[slot]
    kind = event_on(event_said(report), order)
    reason = _malformed_report(report, tables, slot, kind)
    if reason == Reason.NONE:
        reason = malformed_statement(report)
    if reason == Reason.NONE and kind == EventKind.TRADE_EXECUTED:
        reason = malformed_commission(report)
    if reason != Reason.NONE:
        return invalid(answer, reason)
    reason = no_room_for_report(tables, slot)
    if reason == Reason.NONE and kind == EventKind.TRADE_EXECUTED:
        reason = no_room_for_fee(report, tables, slot)
    if reason != Reason.NONE:
        return refuse(answer, AnswerCode.LOW_SPACE, reason)
    if slot == 0:
        _write_orphan(command, report, views, at, kind, now)
    else:
        _write_report(command, report, order, views, at, kind, now)
    if kind == EventKind.TRADE_EXECUTED:
        state_commission(views.trade[at], report)
    answer_event(views, at, base + at, answer)
    return 1


@rule
def _malformed_key(command, tables):
    """What keeps a report from being recognised at all, or NONE."""
    if event_said(command) == 0:
        return Reason.BAD_EXEC_TYPE
    reason = unknown_handle(tables.venues, command["venue"], Reason.UNKNOWN_VENUE)
    if reason != Reason.NONE:
        return reason
    if not is_date(np.int64(command["trade_date"])):
        return Reason.BAD_TRADE_DATE
    if not is_name(command["text_w0"], command["text_w1"], command["text_w2"]):
        return Reason.BAD_NAME
    return Reason.NONE


@rule
def _reported_slot(command, tables):
    """The order that a report is about, or 0: an order lives at one venue, and no other knows about it."""
    slot = find(tables.order_index, tables.orders, command["order_id_hi"], command["order_id_lo"])
    if tables.instruments[tables.orders[slot]["instrument"]]["venue"] != command["venue"]:
        return np.int64(0)
    return slot


@rule
def _malformed_report(report, tables, slot, kind):
    """What a report can't be booked for: another instrument's scales, numbers past their bounds; or NONE."""
    order = tables.orders[slot]
    factor = np.int64(1)
    if slot != 0:
        factor = tables.instruments[order["instrument"]]["money_factor"]
        if report["instrument"] != 0 and report["instrument"] != order["instrument"]:
            return Reason.UNKNOWN_INSTRUMENT
        if _are_totals_full(order, tables):
            return Reason.BAD_QTY
    if kind == EventKind.TRADE_EXECUTED:
        return malformed_numbers(report["price"], report["qty"], factor)
    if report["price"] < 0 or report["price"] > PRICE_MAX:
        return Reason.BAD_PRICE
    if report["qty"] < 0 or report["qty"] > QTY_MAX:
        return Reason.BAD_QTY
    if kind != EventKind.ORDER_REPLACED and kind != EventKind.ORDER_RESTATED:
        return Reason.NONE
    if kind == EventKind.ORDER_RESTATED and (report["leaves_qty"] < 0 or report["leaves_qty"] > QTY_MAX):
        return Reason.BAD_QTY
    rest = qty_after(kind, order, report) - order["cum_qty"]
    return malformed_notional(max(rest, np.int64(0)), price_after(kind, order, report["price"]), factor)


@rule
def _are_totals_full(order, tables):
    """Whether a sum that the next report adds to has come within one report of its bound."""
    position = tables.positions[order["position"]]
    holding = tables.holdings[order["holding"]]
    if position["buy_qty"] + position["sell_qty"] > TOTAL_QTY_MAX or abs(holding["qty"]) > TOTAL_QTY_MAX:
        return True
    return holding["working_buy_qty"] > LIMIT_MAX or holding["working_sell_qty"] > LIMIT_MAX


@rule
def _decide_again(command, tables, views, base, at, past, past_state, answer, now, known, hi, lo):
    """An ExecID that was used: the same report gets the original outcome, another is an incident."""
    execution = tables.executions[known]
    if execution["fingerprint"] == fingerprint(command):
        return answer_original(views, base, past, past_state, answer, execution["offset"])
    refuse(answer, AnswerCode.CONFLICT, Reason.NONE)
    if execution["has_conflict"]:
        return 0
    head = begin_event(views, at, command, EventKind.CONFLICT_DETECTED, now)
    row = views.request[at]
    if execution["order"] != 0:
        order = tables.orders[execution["order"]]
        follow_order(head, order)
        keep_quantities(row, order)
        head["version"] = order["version"]
    row["request_hi"] = hi
    row["request_lo"] = lo
    answer["offset"] = base + at
    return 1


@rule
def _write_ids(row, command):
    """The report's own key."""
    row["exec_id_w0"] = command["text_w0"]
    row["exec_id_w1"] = command["text_w1"]
    row["exec_id_w2"] = command["text_w2"]
    row["venue"] = command["venue"]
    row["trade_date"] = command["trade_date"]
    row["exec_type"] = command["exec_type"]
    row["last_px"] = command["price"]
    row["last_qty"] = command["qty"]
    row["cum_qty"] = command["cum_qty"]
    row["leaves_qty"] = command["leaves_qty"]


@rule
def _write_stated(row, report):
    """What else the venue said."""
    row["reject_reason"] = report["reject_reason"]
    if report["kind"] == CommandKind.CANCEL_REJECT:
        row["response_to"] = report["response_to"]
    row["given"] = report["given"]
    if report["exec_type"] == ExecType.ORDER_STATUS:
        row["ord_status"] = report["ord_status"]
    else:
        row["restatement_reason"] = report["restatement_reason"]


@rule
def _write_sum(row, report):
    """The venue's CumQty, where it states it, beside ours."""
    if report["given"] & np.uint8(Given.CUM_QTY):
        row["venue_cum_qty"] = report["cum_qty"]


@rule
def _write_orphan(command, report, views, at, kind, now):
    """A report on an order nobody knows: kept, so that nobody can lose it."""
    head = begin_event(views, at, command, EventKind.ORPHAN_REPORTED, now)
    head["order_id_hi"] = command["order_id_hi"]
    head["order_id_lo"] = command["order_id_lo"]
    head["reason"] = Reason.UNKNOWN_ORDER
    head["check"] = Check.RULE
    head["status"] = OrdStatus.NONE
    _write_ids(views.report[at], command)
    if kind == EventKind.TRADE_EXECUTED:
        keep_stated(report, views.trade[at])
    else:
        _write_stated(views.change[at], report)
        _write_sum(views.trade[at], report)


@rule
def _write_report(command, report, order, views, at, kind, now):
    """The event of a report on a known order, with the order's state after it."""
    head = begin_event(views, at, command, kind, now)
    follow_order(head, order)
    row = views.report[at]
    _write_ids(row, command)
    row["side"] = order["side"]
    cell = transition(kind, order["life"])
    head["reason"] = oddity_of(kind, cell, order, report)
    life = life_after(cell, order["life"])
    order_qty = order["order_qty"]
    cum_qty = order["cum_qty"]
    if kind == EventKind.TRADE_EXECUTED:
        cum_qty = cum_qty + command["qty"]
        keep_stated(report, views.trade[at])
    else:
        row["order_qty"] = order_qty
        _write_stated(views.change[at], report)
        _write_sum(views.change[at], report)
    if swaps_terms(cell):
        order_qty = qty_after(kind, order, report)
        row["order_qty"] = order_qty
        row["last_px"] = price_after(kind, order, command["price"])
    row["cum_qty"] = cum_qty
    row["leaves_qty"] = leaves_after(life, order["time_in_force"], order_qty, cum_qty)
    is_canceling, is_replacing = pending_after(cell, order)
    notices = notices_after(kind, command["exec_type"], order)
    head["status"] = ord_status(life, is_canceling, is_replacing, notices, order_qty, cum_qty)
    if head["reason"] == Reason.NONE:
        head["reason"] = quantity_break(views, at, order, cum_qty, order_qty)
