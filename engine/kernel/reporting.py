"""Execution reports: what a venue says happened. A fact is never refused, only recognised or not understood.

Reports are keyed by (venue, trade date, ExecID): the same key and content is a repetition, the same key with
other content an incident, whoever sends it. The state after each report is the table of docs/order-states.md.
"""

import numpy as np

from engine.kernel.answering import answer_event, answer_original, invalid, refuse
from engine.kernel.fees import malformed_commission, no_room_for_fee, state_commission
from engine.kernel.index import find
from engine.kernel.jit import rule
from engine.kernel.keys import execution_key, fingerprint
from engine.kernel.order_facts import leaves_of, ord_status
from engine.kernel.room import no_room_for_report
from engine.kernel.scopes import unknown_handle
from engine.kernel.submitting import malformed_notional, malformed_numbers
from engine.kernel.well_formed import is_date, is_name
from engine.kernel.writing import begin_event, follow_order, keep_quantities
from engine.limits import LIMIT_MAX, PRICE_MAX, QTY_MAX, TOTAL_QTY_MAX
from engine.vocabulary import AnswerCode, Check, EventKind, ExecType, Life, OrdStatus, Reason


@rule
def decide_report(commands, i, tables, views, base, at, past, past_state, answer, now):
    """Decide one execution report; gives the events written, or NEEDS_PAST."""
    command = commands.order[i]
    report = commands.report[i]
    reason = _malformed_key(command, tables)
    if reason != Reason.NONE:
        return invalid(answer, reason)
    hi, lo = execution_key(
        command["venue"], command["trade_date"], command["text_w0"], command["text_w1"], command["text_w2"]
    )
    known = find(tables.execution_index, tables.executions, hi, lo)
    if known != 0:
        return _decide_again(command, tables, views, base, at, past, past_state, answer, now, known, hi, lo)
    slot = _reported_slot(command, tables)
    kind = event_of(command["exec_type"])
    reason = _malformed_report(command, tables, slot, kind)
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
        _write_orphan(command, views, at, now)
    else:
        _write_report(command, tables.orders[slot], views, at, kind, now)
    if kind == EventKind.TRADE_EXECUTED:
        state_commission(views.trade[at], report)
    answer_event(views, at, base + at, answer)
    return 1


@rule
def _malformed_key(command, tables):
    """What keeps a report from being recognised at all, or NONE."""
    if event_of(command["exec_type"]) == EventKind.ORPHAN_REPORTED:
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
def event_of(exec_type):
    """The event that an ExecType (150) records; ORPHAN_REPORTED stands for one we don't know."""
    if exec_type == ExecType.TRADE:
        return EventKind.TRADE_EXECUTED
    if exec_type == ExecType.NEW:
        return EventKind.ORDER_ACCEPTED
    if exec_type == ExecType.CANCELED:
        return EventKind.ORDER_CANCELED
    if exec_type == ExecType.REPLACED:
        return EventKind.ORDER_REPLACED
    if exec_type == ExecType.REJECTED:
        return EventKind.ORDER_REJECTED
    if exec_type == ExecType.RESTATED:
        return EventKind.ORDER_RESTATED
    if exec_type == ExecType.EXPIRED:
        return EventKind.ORDER_EXPIRED
    return EventKind.ORPHAN_REPORTED


@rule
def _malformed_report(command, tables, slot, kind):
    """What a report can't be booked for: another instrument's scales, numbers past their bounds; or NONE."""
    order = tables.orders[slot]
    price = command["price"]
    qty = command["qty"]
    factor = np.int64(1)
    if slot != 0:
        factor = tables.instruments[order["instrument"]]["money_factor"]
        if command["instrument"] != 0 and command["instrument"] != order["instrument"]:
            return Reason.UNKNOWN_INSTRUMENT
        if _are_totals_full(order, tables):
            return Reason.BAD_QTY
    if kind == EventKind.TRADE_EXECUTED:
        return malformed_numbers(price, qty, factor)
    if price < 0 or price > PRICE_MAX:
        return Reason.BAD_PRICE
    if qty < 0 or qty > QTY_MAX:
        return Reason.BAD_QTY
    if kind != EventKind.ORDER_REPLACED and kind != EventKind.ORDER_RESTATED:
        return Reason.NONE
    if kind == EventKind.ORDER_RESTATED and (command["leaves_qty"] < 0 or command["leaves_qty"] > QTY_MAX):
        return Reason.BAD_QTY
    rest = qty_after(kind, order, qty, command["leaves_qty"]) - order["cum_qty"]
    return malformed_notional(rest, price_after(kind, order, price), factor)


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
def _write_orphan(command, views, at, now):
    """A report on an order nobody knows: kept, so that nobody can lose it."""
    head = begin_event(views, at, command, EventKind.ORPHAN_REPORTED, now)
    head["order_id_hi"] = command["order_id_hi"]
    head["order_id_lo"] = command["order_id_lo"]
    head["reason"] = Reason.UNKNOWN_ORDER
    head["check"] = Check.RULE
    head["status"] = OrdStatus.NONE
    _write_ids(views.report[at], command)


@rule
def _write_report(command, order, views, at, kind, now):
    """The event of a report on a known order, with the order's state after it."""
    head = begin_event(views, at, command, kind, now)
    follow_order(head, order)
    row = views.report[at]
    _write_ids(row, command)
    row["side"] = order["side"]
    life = life_after(kind, order["life"])
    cum_qty = order["cum_qty"]
    if kind == EventKind.TRADE_EXECUTED:
        cum_qty = cum_qty + command["qty"]
    order_qty = qty_after(kind, order, command["qty"], command["leaves_qty"])
    row["order_qty"] = order_qty
    row["cum_qty"] = cum_qty
    row["leaves_qty"] = leaves_of(life, order_qty, cum_qty)
    is_canceling, is_replacing = pending_after(kind, order)
    head["status"] = ord_status(life, is_canceling, is_replacing, order_qty, cum_qty)
    if kind == EventKind.ORDER_REPLACED or kind == EventKind.ORDER_RESTATED:
        row["last_px"] = price_after(kind, order, command["price"])


@rule
def life_after(kind, life):
    """The life after a report: history is never refused."""
    if kind == EventKind.ORDER_CANCELED:
        return _ended(life, Life.CANCELED)
    if kind == EventKind.ORDER_EXPIRED:
        return _ended(life, Life.EXPIRED)
    if kind == EventKind.ORDER_REJECTED:
        return _ended(life, Life.REJECTED)
    if kind == EventKind.ORDER_ACCEPTED and life == Life.REJECTED:
        return np.int64(Life.NEW)
    if life == Life.PENDING_NEW and kind != EventKind.ORDER_RESTATED:
        return np.int64(Life.NEW)
    return np.int64(life)


@rule
def _ended(life, end):
    """An order that lives ends; one that has ended stays as it ended."""
    if life == Life.PENDING_NEW or life == Life.NEW:
        return np.int64(end)
    return np.int64(life)


@rule
def pending_after(kind, order):
    """Which requests are still pending after a report: (cancel, replace)."""
    none = np.uint8(0)
    if kind == EventKind.ORDER_CANCELED or kind == EventKind.ORDER_EXPIRED:
        return none, none
    if kind == EventKind.ORDER_REJECTED:
        return none, none
    if kind == EventKind.ORDER_REPLACED:
        return order["is_canceling"], none
    return order["is_canceling"], order["is_replacing"]


@rule
def qty_after(kind, order, qty, leaves_qty):
    """OrderQty after a report. A replace to less than is filled means: stop, so CumQty (FIX D11)."""
    cum_qty = order["cum_qty"]
    if kind == EventKind.ORDER_RESTATED:
        return cum_qty + leaves_qty
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
