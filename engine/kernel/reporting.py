"""Execution reports: what a venue says happened. A fact is never refused, only recognised or not understood.

Reports are keyed by (venue, trade date, ExecID): the same key and content is a repetition, the same key with
other content an incident, whoever sends it. The state after each report is the table of docs/order-states.md.
"""

import numpy as np

from engine.flags import Given
from engine.kernel.answering import answer_event, answer_original, invalid, refuse
from engine.kernel.correcting import (
    QTY,
    awaited_numbers,
    claim_of,
    corrected_slot,
    correction_reason,
    depth_below,
    is_booked,
    standing,
    top_of,
)
from engine.kernel.fees import malformed_commission, no_room_for_fee, state_commission
from engine.kernel.index import find
from engine.kernel.jit import rule
from engine.kernel.keys import fingerprint, report_key
from engine.kernel.kinds import is_correction
from engine.kernel.order_facts import leaves_after, ord_status
from engine.kernel.orphans import unheld_reason
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
from engine.rows.schema import VENUES_CORRECTION, newest_versions
from engine.vocabulary import AnswerCode, Check, CommandKind, EventKind, ExecType, OrdStatus, Reason

_NOBODY = np.uint64(0)
ORPHAN_SCHEMA = newest_versions()[EventKind.ORPHAN_REPORTED]


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
    if known != 0 and not tables.executions[known]["is_awaited"]:
        return _decide_again(command, tables, views, base, at, past, past_state, answer, now, known, hi, lo)
    slot = _reported_slot(command, tables)
    is_correcting = is_correction(event_said(report))
    if is_correcting:
        slot = corrected_slot(tables, report, slot)
    order = tables.orders[slot]
    kind = event_on(event_said(report), order)
    reason = malformed_report(report, tables, slot, kind)
    if reason == Reason.NONE:
        reason = malformed_statement(report)
    if reason == Reason.NONE and (kind == EventKind.TRADE_EXECUTED or is_correcting):
        reason = malformed_commission(report)
    if reason != Reason.NONE:
        return invalid(answer, reason)
    reason = no_room_for_report(tables, slot, kind)
    if reason == Reason.NONE and (kind == EventKind.TRADE_EXECUTED or is_correcting):
        reason = no_room_for_fee(report, tables, slot)
    if reason != Reason.NONE:
        return refuse(answer, AnswerCode.LOW_SPACE, reason)
    begin_event(views, at, command, kind, now)
    _write_event(report, tables, views, at, slot, known, hi, lo)
    answer_event(views, at, base + at, answer)
    return 1


@rule
def _write_event(report, tables, views, at, slot, awaiting, hi, lo):
    """The event of a report that comes for the first time, about the order at `slot` or about none (0)."""
    kind = views.head[at]["kind"]
    if is_correction(kind):
        reason = _oddity_of_correction(report, tables, awaiting, hi, lo)
        write_correction(report, tables, views, at, slot, awaiting, hi, lo, reason)
        state_commission(views.correction[at], report)
    elif slot == 0:
        write_orphan(report, views, at, Reason.UNKNOWN_ORDER)
    else:
        write_report(report, tables, tables.orders[slot], views, at, awaiting)
    if slot == 0:
        _say_whether_held(report, tables, views.head[at])
    if kind == EventKind.TRADE_EXECUTED:
        state_commission(views.trade[at], report)


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
def malformed_report(report, tables, slot, kind):
    """What a report can't be booked for: another instrument's scales, numbers past their bounds; or NONE."""
    order = tables.orders[slot]
    factor = np.int64(1)
    if slot != 0:
        factor = tables.instruments[order["instrument"]]["money_factor"]
        if report["instrument"] != 0 and report["instrument"] != order["instrument"]:
            return Reason.UNKNOWN_INSTRUMENT
        if are_totals_full(order, tables):
            return Reason.BAD_QTY
    if is_correction(kind) and report["exec_ref_hi"] == _NOBODY and report["exec_ref_lo"] == _NOBODY:
        return Reason.BAD_NAME
    if kind == EventKind.TRADE_EXECUTED or kind == EventKind.TRADE_CORRECTED:
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
def are_totals_full(order, tables):
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
    """The report's own key, and its numbers."""
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
def write_orphan(report, views, at, reason):
    """A report on an order nobody knows: kept, so that nobody can lose it."""
    head = views.head[at]
    head["kind"] = EventKind.ORPHAN_REPORTED
    head["schema"] = ORPHAN_SCHEMA
    head["order_id_hi"] = report["order_id_hi"]
    head["order_id_lo"] = report["order_id_lo"]
    head["reason"] = reason
    head["check"] = Check.RULE
    head["status"] = OrdStatus.NONE
    _write_ids(views.report[at], report)
    if report["exec_type"] == ExecType.TRADE:
        keep_stated(report, views.trade[at])
    else:
        _write_stated(views.change[at], report)
        _write_sum(views.trade[at], report)


@rule
def _say_whether_held(report, tables, head):
    """Why a report that finds no order is not held for it; else the instrument in whose scales it is."""
    reason = unheld_reason(report, tables)
    if reason != Reason.NONE:
        head["reason"] = reason
    if reason != Reason.UNKNOWN_INSTRUMENT:
        head["instrument"] = report["instrument"]


@rule
def write_report(report, tables, order, views, at, awaiting):
    """The event of a report on a known order, with the order's state after it."""
    head = views.head[at]
    kind = head["kind"]
    follow_order(head, order)
    row = views.report[at]
    _write_ids(row, report)
    row["side"] = order["side"]
    cell = transition(kind, order["life"])
    head["reason"] = oddity_of(kind, cell, order, report)
    life = life_after(cell, order["life"])
    order_qty = order["order_qty"]
    cum_qty = order["cum_qty"]
    if kind == EventKind.TRADE_EXECUTED:
        qty, _ = awaited_numbers(tables, awaiting, report["qty"], report["price"])
        cum_qty = cum_qty + qty
        if awaiting != 0 and head["reason"] == Reason.NONE:
            head["reason"] = Reason.CORRECTION_AWAITED
        keep_stated(report, views.trade[at])
    else:
        row["order_qty"] = order_qty
        _write_stated(views.change[at], report)
        _write_sum(views.change[at], report)
    if swaps_terms(cell):
        order_qty = qty_after(kind, order, report)
        row["order_qty"] = order_qty
        row["last_px"] = price_after(kind, order, report["price"])
    row["cum_qty"] = cum_qty
    row["leaves_qty"] = leaves_after(life, order["time_in_force"], order_qty, cum_qty)
    is_canceling, is_replacing = pending_after(cell, order)
    notices = notices_after(kind, report["exec_type"], order)
    head["status"] = ord_status(life, is_canceling, is_replacing, notices, order_qty, cum_qty)
    if head["reason"] == Reason.NONE:
        head["reason"] = quantity_break(views, at, order, cum_qty, order_qty)


@rule
def _oddity_of_correction(report, tables, awaiting, hi, lo):
    """What is odd about a bust or correction that comes under this key, or NONE."""
    if report["exec_ref_hi"] == hi and report["exec_ref_lo"] == lo:
        return np.int64(Reason.SECOND_CORRECTION)
    target = find(tables.execution_index, tables.executions, report["exec_ref_hi"], report["exec_ref_lo"])
    return correction_reason(tables, target, awaiting)


@rule
def write_correction(report, tables, views, at, slot, awaiting, hi, lo, reason):
    """The event of a bust or correction, with the state of its trade's order after it, if that is known."""
    head = views.head[at]
    head["schema"] = VENUES_CORRECTION
    _write_ids(views.report[at], report)
    row = views.correction[at]
    row["exec_ref_hi"] = report["exec_ref_hi"]
    row["exec_ref_lo"] = report["exec_ref_lo"]
    target = find(tables.execution_index, tables.executions, report["exec_ref_hi"], report["exec_ref_lo"])
    head["reason"] = reason
    if slot == 0:
        _name_order(head, row, report, tables)
        return
    depth = depth_below(tables, target)
    exec_type = report["exec_type"]
    at_ns = head["ts_event"]
    claim = claim_of(exec_type, depth, at_ns, hi, lo, report["qty"], report["price"], np.int64(0))
    write_corrected(views, at, tables, tables.orders[slot], target, awaiting, claim)


@rule
def write_corrected(views, at, tables, order, target, awaiting, claim):
    """The state of an order after a claim about one of its trades: its life and what is pending stay."""
    head = views.head[at]
    follow_order(head, order)
    row = views.correction[at]
    cum_qty = order["cum_qty"] + _change_by(tables, target, awaiting, claim)
    life = order["life"]
    row["cum_qty"] = cum_qty
    row["leaves_qty"] = leaves_after(life, order["time_in_force"], order["order_qty"], cum_qty)
    head["status"] = ord_status(
        life, order["is_canceling"], order["is_replacing"], order["notices"], order["order_qty"], cum_qty
    )
    if head["reason"] == Reason.NONE:
        head["reason"] = quantity_break(views, at, order, cum_qty, order["order_qty"])


@rule
def _name_order(head, row, report, tables):
    """Name the order of a correction that is about none we know; another venue's order is not named."""
    row["cum_qty"] = 0
    row["leaves_qty"] = 0
    hi = report["order_id_hi"]
    lo = report["order_id_lo"]
    if find(tables.order_index, tables.orders, hi, lo) == 0:
        head["order_id_hi"] = hi
        head["order_id_lo"] = lo


@rule
def _change_by(tables, target, awaiting, claim):
    """By how much a correction's claim changes what is filled."""
    top = top_of(tables, target)
    if not is_booked(tables, top):
        return np.int64(0)
    booked = tables.fills[tables.executions[top]["fill"]]["qty"]
    return standing(tables, top, awaiting, claim)[QTY] - abs(booked)
