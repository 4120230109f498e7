"""Requests that a venue may not have seen: flagged, never turned into a rejection, resolved by evidence.

A flag changes neither status nor what works: the exposure stays reserved. What a venue reports takes it away;
where the venue stays silent an operator does, with a text that says how it is known.
"""

import numpy as np

from engine.flags import InDoubt
from engine.kernel.answering import answer_event, invalid
from engine.kernel.evolving_orders import work
from engine.kernel.halting import malformed_text
from engine.kernel.index import find
from engine.kernel.jit import rule
from engine.kernel.keeping_terms import replace_terms
from engine.kernel.ledger import move_stake, stake_of
from engine.kernel.order_facts import leaves_after, leaves_of, ord_status, working_qty, working_value
from engine.kernel.reported_facts import notices_after
from engine.kernel.self_trade import place_working
from engine.kernel.throttles import count_open
from engine.kernel.transitions import (
    CANCEL_ANSWERED,
    REPLACE_ANSWERED,
    life_after,
    pending_after,
    swaps_terms,
    transition,
)
from engine.kernel.writing import begin_event, follow_order, keep_quantities, write_request, write_text
from engine.vocabulary import CommandKind, EventKind, ExecType, Life, Namespace, OrdStatus, Reason

_KINDS_MAX = 256
"""A row keeps a kind in one byte."""

VERDICTS = {
    EventKind.ORDER_ACCEPTED: InDoubt.SUBMIT,
    EventKind.ORDER_REJECTED: InDoubt.SUBMIT,
    EventKind.ORDER_CANCELED: InDoubt.CANCEL,
    EventKind.CANCEL_REJECTED: InDoubt.CANCEL,
    EventKind.ORDER_REPLACED: InDoubt.REPLACE,
    EventKind.REPLACE_REJECTED: InDoubt.REPLACE,
}
"""What may have become of a request: the event that a verdict stands for, and of which request."""


def _requests_of() -> np.ndarray:
    bits = np.zeros(_KINDS_MAX, np.uint8)
    for kind, request in VERDICTS.items():
        bits[kind] = request
    return bits


_REQUEST_OF = _requests_of()

ANSWERS = {
    OrdStatus.PENDING_CANCEL: InDoubt.CANCEL,
    OrdStatus.PENDING_REPLACE: InDoubt.REPLACE,
    **dict.fromkeys(
        (OrdStatus.FILLED, OrdStatus.CANCELED, OrdStatus.EXPIRED, OrdStatus.REJECTED),
        InDoubt.CANCEL | InDoubt.REPLACE,
    ),
}
"""Which doubts a venue's OrdStatus ends: that of a request which it has, and all of an order that is over."""


def _answered_by() -> np.ndarray:
    bits = np.zeros(_KINDS_MAX, np.uint8)
    for status, requests in ANSWERS.items():
        bits[status] = requests
    return bits


_ANSWERED_BY = _answered_by()


@rule
def pending_requests(order):
    """Which requests of an order wait for the venue's answer, as `InDoubt` bits."""
    bits = np.uint8(0)
    if order["life"] == Life.PENDING_NEW:
        bits |= np.uint8(InDoubt.SUBMIT)
    if order["is_canceling"]:
        bits |= np.uint8(InDoubt.CANCEL)
    if order["is_replacing"]:
        bits |= np.uint8(InDoubt.REPLACE)
    return bits


@rule
def decide_doubt(command, doubt, tables, views, base, at, answer, now):
    """Decide MARK_IN_DOUBT or RESOLVE_IN_DOUBT of one order; gives the events written."""
    slot = find(tables.order_index, tables.orders, command["order_id_hi"], command["order_id_lo"])
    if slot == 0:
        return invalid(answer, Reason.UNKNOWN_ORDER)
    order = tables.orders[slot]
    is_verdict = command["kind"] == CommandKind.RESOLVE_IN_DOUBT
    reason = malformed_text(command, is_verdict)
    if reason == Reason.NONE and _requests_meant(doubt, order, is_verdict) == 0:
        reason = Reason.NOT_PENDING
    if reason != Reason.NONE:
        return invalid(answer, reason)
    kind = EventKind.IN_DOUBT_RESOLVED if is_verdict else EventKind.REQUEST_IN_DOUBT
    follow_order(begin_event(views, at, command, kind, now), order)
    row = views.doubt[at]
    keep_quantities(row, order)
    write_request(row, command)
    write_text(row, command)
    row["in_doubt"] = _requests_meant(doubt, order, is_verdict)
    if is_verdict:
        row["verdict"] = doubt["verdict"]
        _write_state_after(row, order)
    answer_event(views, at, base + at, answer)
    return 1


@rule
def _requests_meant(doubt, order, is_verdict):
    """Which requests a command is about: of those that are pending, or for a verdict of those in doubt."""
    if is_verdict:
        return order["in_doubt"] & _REQUEST_OF[doubt["verdict"]]
    return requests_asked(doubt, order)


@rule
def requests_asked(doubt, order):
    """Which pending requests of an order a command is about: those that it names, or all."""
    pending = pending_requests(order)
    if doubt["in_doubt"] == 0:
        return pending
    return pending & doubt["in_doubt"]


@rule
def _write_state_after(row, order):
    """Status and leaves as the verdict leaves them."""
    cell = transition(row["verdict"], order["life"])
    life = life_after(cell, order["life"])
    is_canceling, is_replacing = pending_after(cell, order)
    order_qty = _qty_after(cell, order)
    cum_qty = order["cum_qty"]
    notices = notices_after(row["verdict"], 0, order)
    row["leaves_qty"] = leaves_after(life, order["time_in_force"], order_qty, cum_qty)
    row["status"] = ord_status(life, is_canceling, is_replacing, notices, order_qty, cum_qty)


@rule
def _qty_after(cell, order):
    """OrderQty after a verdict: of the pending replace where it was done, but not less than is filled."""
    if not swaps_terms(cell):
        return np.int64(order["order_qty"])
    return np.int64(max(order["pending_qty"], order["cum_qty"]))


@rule
def evolve_in_doubt(row, tables, offset):
    """Flag the requests that an operator can't be sure of; the end of a venue's is about no order."""
    if row["order_id_hi"] == np.uint64(Namespace.SCOPE):
        tables.firm[0]["version"] = row["version"]
        tables.firm[0]["last_offset"] = offset
        return
    order = tables.orders[find(tables.order_index, tables.orders, row["order_id_hi"], row["order_id_lo"])]
    order["in_doubt"] |= row["in_doubt"]
    order["version"] = row["version"]
    order["last_offset"] = offset


@rule
def _follow_verdict(row, tables, order):
    """Do to an order what the venue's report would have done, as the operator knows."""
    cell = transition(row["verdict"], order["life"])
    is_canceling, is_replacing = pending_after(cell, order)
    if swaps_terms(cell):
        order["order_qty"] = _qty_after(cell, order)
        order["price"] = order["pending_price"]
        if order["terms"] != 0:
            replace_terms(tables.terms[order["terms"]])
    order["notices"] = notices_after(row["verdict"], 0, order)
    order["life"] = life_after(cell, order["life"])
    order["is_canceling"] = is_canceling
    order["is_replacing"] = is_replacing
    order["in_doubt"] &= ~row["in_doubt"] & pending_requests(order)


@rule
def doubt_after(in_doubt, row, cell, order):
    """Which requests are in doubt after a venue's report, of those that were: it takes away what it answers.

    `order` is as the report leaves it. Any execution report shows that the venue knows the order.
    """
    if in_doubt == 0:
        return in_doubt
    exec_type = row["exec_type"]
    left = in_doubt & pending_requests(order)
    if exec_type != 0:
        left &= ~np.uint8(InDoubt.SUBMIT)
    if cell & CANCEL_ANSWERED != 0 or exec_type == ExecType.PENDING_CANCEL:
        left &= ~np.uint8(InDoubt.CANCEL)
    if cell & REPLACE_ANSWERED != 0 or exec_type == ExecType.PENDING_REPLACE:
        left &= ~np.uint8(InDoubt.REPLACE)
    if exec_type == ExecType.ORDER_STATUS:
        left &= ~_ANSWERED_BY[row["ord_status"]]
    return left


@rule
def evolve_resolved(row, tables, offset):
    """Fold a verdict into its order and into what the order works."""
    slot = find(tables.order_index, tables.orders, row["order_id_hi"], row["order_id_lo"])
    order = tables.orders[slot]
    factor = tables.instruments[order["instrument"]]["money_factor"]
    qty = working_qty(order)
    hi, lo = working_value(order, factor)
    was_open = leaves_of(order) > 0
    _follow_verdict(row, tables, order)
    count_open(tables, order, np.int64(leaves_of(order) > 0) - np.int64(was_open))
    stake = stake_of(tables, order)
    work(tables, order, qty, hi, lo)
    move_stake(tables, order, stake)
    place_working(tables, slot, qty)
    order["version"] = row["version"]
    order["last_offset"] = offset
