"""Execution reports: what a venue says happened. A fact is never refused, only recognised or not understood.

Reports are keyed by (venue, trade date, ExecID): the same key and content is a repetition, the same key with
other content an incident, whoever sends it.
"""

import numpy as np

from engine.kernel.answering import answer_duplicate, answer_event, invalid, refuse
from engine.kernel.index import find
from engine.kernel.jit import rule
from engine.kernel.keys import execution_key, fingerprint
from engine.kernel.order_facts import leaves_of, ord_status
from engine.kernel.owner import NEEDS_PAST
from engine.kernel.submitting import malformed_numbers
from engine.kernel.writing import begin_event, follow_order, keep_quantities
from engine.limits import PRICE_MAX, QTY_MAX
from engine.vocabulary import AnswerCode, Check, EventKind, ExecType, Life, OrdStatus, Reason


@rule
def decide_report(command, tables, views, base, at, past, past_state, answer, now):
    """Decide one execution report; gives the events written, or NEEDS_PAST."""
    kind = event_of(command["exec_type"])
    if kind == EventKind.ORPHAN_REPORTED:
        return invalid(answer, Reason.BAD_EXEC_TYPE)
    if command["venue"] >= len(tables.venues) or not tables.venues[command["venue"]]["is_defined"]:
        return invalid(answer, Reason.UNKNOWN_VENUE)
    if command["trade_date"] == 0:
        return invalid(answer, Reason.BAD_TRADE_DATE)
    if command["text_w0"] == np.uint64(0):
        return invalid(answer, Reason.BAD_NAME)
    hi, lo = execution_key(
        command["venue"], command["trade_date"], command["text_w0"], command["text_w1"], command["text_w2"]
    )
    known = find(tables.execution_index, tables.executions, hi, lo)
    if known != 0:
        return _decide_again(
            command, tables, views, base, at, past, past_state, answer, now, known, hi, lo
        )
    if tables.firm[0]["executions"] + 1 >= len(tables.executions):
        return refuse(answer, AnswerCode.LOW_SPACE, Reason.TABLE_FULL)
    slot = find(tables.order_index, tables.orders, command["order_id_hi"], command["order_id_lo"])
    reason = _malformed_report(command, tables, slot)
    if reason != Reason.NONE:
        return invalid(answer, reason)
    if slot == 0:
        _write_orphan(command, views, at, now)
    else:
        _write_report(command, tables.orders[slot], views, at, kind, now)
    answer_event(views, at, base + at, answer)
    return 1


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
def _malformed_report(command, tables, slot):
    """Whether a report's numbers leave the bounds that keep all sums exact."""
    exec_type = command["exec_type"]
    if exec_type == ExecType.TRADE:
        instrument = tables.instruments[tables.orders[slot]["instrument"]]
        factor = instrument["money_factor"]
        if slot == 0:
            factor = np.int64(1)
        return malformed_numbers(command["price"], command["qty"], factor)
    if exec_type == ExecType.RESTATED and (command["leaves_qty"] < 0 or command["leaves_qty"] > QTY_MAX):
        return Reason.BAD_QTY
    if command["price"] < 0 or command["price"] > PRICE_MAX:
        return Reason.BAD_PRICE
    if command["qty"] < 0 or command["qty"] > QTY_MAX:
        return Reason.BAD_QTY
    return Reason.NONE


@rule
def _decide_again(command, tables, views, base, at, past, past_state, answer, now, known, hi, lo):
    """An ExecID that was used: the same report gets the original outcome, another is an incident."""
    execution = tables.executions[known]
    if execution["fingerprint"] == fingerprint(command):
        offset = execution["offset"]
        if offset >= base:
            answer_duplicate(views, offset - base, offset, answer)
            return 0
        if past_state == 0:
            return NEEDS_PAST
        answer_duplicate(past, past_state - 1, offset, answer)
        return 0
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
    """The life after a report (the table of docs/order-states.md): history is never refused."""
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
    is_canceling = order["is_canceling"]
    is_replacing = order["is_replacing"]
    if (
        kind == EventKind.ORDER_CANCELED
        or kind == EventKind.ORDER_EXPIRED
        or kind == EventKind.ORDER_REJECTED
    ):
        return np.uint8(0), np.uint8(0)
    if kind == EventKind.ORDER_REPLACED:
        return is_canceling, np.uint8(0)
    return is_canceling, is_replacing


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
