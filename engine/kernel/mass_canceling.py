"""MassCancel: one command that asks to cancel every live order in its scope, one event a step.

The request is recorded first, then the orders are walked in slot order, then its end is recorded. How far it
has come is state, so that it goes on where it stopped: in the next block, or after a restart when it is sent
again. A kill is a mass cancel that also halts its scope, from its first event on.
"""

import numpy as np

from engine.kernel.answering import answer_event, invalid
from engine.kernel.index import find
from engine.kernel.jit import rule
from engine.kernel.keys import fingerprint
from engine.kernel.replacing import cancel_rule, write_cancel
from engine.kernel.scopes import is_in_scope, unknown_scope, write_scope
from engine.kernel.writing import address_scope, begin_event, write_request
from engine.vocabulary import CommandKind, EventKind, Lane, OrdStatus, Reason, Scope, TradingState


@rule
def decide_mass_cancel(command, tables, views, base, at, answer, now):
    """Record the request; `decide_next_cancel` then gives its orders one by one."""
    reason = unknown_scope(command, tables)
    if reason == Reason.NONE:
        reason = _malformed_halt(command["trading_state"])
    if reason != Reason.NONE:
        return invalid(answer, reason)
    _write_step(command, tables, views, at, EventKind.MASS_CANCEL_REQUESTED, now)
    answer_event(views, at, base + at, answer)
    return 1


@rule
def _malformed_halt(state):
    """Whether a mass cancel would leave another state behind than CANCEL_ONLY; 0 leaves none."""
    if state != 0 and state != TradingState.CANCEL_ONLY:
        return Reason.BAD_STATE
    return Reason.NONE


@rule
def is_stepping(command):
    """Whether a command walks over orders, one event a step: a mass cancel, or a doubt about a venue."""
    if command["lane"] != Lane.OPERATOR:
        return False
    kind = command["kind"]
    return kind == CommandKind.MASS_CANCEL or (
        kind == CommandKind.MARK_IN_DOUBT and command["scope"] == Scope.VENUE
    )


@rule
def unfinished_slot(command, tables):
    """The request row of such a command that was begun and has orders left to walk, else 0."""
    if not is_stepping(command):
        return np.int64(0)
    slot = find(tables.request_index, tables.requests, command["request_hi"], command["request_lo"])
    request = tables.requests[slot]
    if slot == 0 or request["is_done"] or request["fingerprint"] != fingerprint(command):
        return np.int64(0)
    return slot


@rule
def decide_next_cancel(command, tables, views, base, at, answer, now, slot):
    """Ask to cancel the next live order in scope, or record the end and answer; gives 1: one event."""
    request = tables.requests[slot]
    for order_slot in range(np.int64(request["progress"]) + 1, tables.firm[0]["orders"] + 1):
        order = tables.orders[order_slot]
        if is_in_scope(command, order, tables) and cancel_rule(order) == Reason.NONE:
            write_cancel(command, order, views, at, EventKind.CANCEL_REQUESTED, now)
            views.head[at]["status"] = OrdStatus.PENDING_CANCEL
            views.head[at]["causation"] = request["offset"]
            return 1
    _write_step(command, tables, views, at, EventKind.MASS_CANCEL_COMPLETED, now)
    row = views.request[at]
    row["value"] = request["count"]
    row["cum_qty"] = request["count"]
    answer_event(views, at, base + at, answer)
    return 1


@rule
def _write_step(command, tables, views, at, kind, now):
    """The beginning or the end of a mass cancel; at the end `value` is how many orders it asked to cancel."""
    head = begin_event(views, at, command, kind, now)
    address_scope(head, command["scope"], tables.firm[0])
    row = views.request[at]
    write_scope(row, command)
    write_request(row, command)
    row["trading_state"] = command["trading_state"]
