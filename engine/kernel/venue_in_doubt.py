"""MarkInDoubt of a venue: every request that waits for its answer may not have arrived, one event a step.

The orders are walked in slot order, then the end is recorded. How far it has come is state, as of a mass
cancel, so that it goes on where it stopped: in the next block, or after a restart when it is sent again.
"""

import numpy as np

from engine.kernel.answering import answer_event, invalid
from engine.kernel.halting import malformed_text
from engine.kernel.in_doubt import requests_asked
from engine.kernel.jit import rule
from engine.kernel.scopes import is_in_scope, unknown_scope, write_scope
from engine.kernel.writing import (
    address_scope,
    begin_event,
    follow_order,
    keep_quantities,
    write_request,
    write_text,
)
from engine.vocabulary import EventKind, Reason


@rule
def decide_venue_doubt(command, doubt, tables, views, base, at, answer, now):
    """Begin to mark what a venue has not answered; gives the events written."""
    reason = unknown_scope(command, tables)
    if reason == Reason.NONE:
        reason = malformed_text(command, False)
    if reason != Reason.NONE:
        return invalid(answer, reason)
    return decide_next_doubt(command, doubt, tables, views, base, at, answer, now, np.int64(0))


@rule
def decide_next_doubt(command, doubt, tables, views, base, at, answer, now, slot):
    """Mark the requests of the next order, or record the end and answer; `slot` is the request's row, or 0
    before the first step. Gives 1: one event.
    """
    request = tables.requests[slot]
    for order_slot in range(np.int64(request["progress"]) + 1, tables.firm[0]["orders"] + 1):
        order = tables.orders[order_slot]
        if is_in_scope(command, order, tables) and _news_of(doubt, order) != 0:
            follow_order(begin_event(views, at, command, EventKind.REQUEST_IN_DOUBT, now), order)
            row = views.doubt[at]
            keep_quantities(row, order)
            row["in_doubt"] = _news_of(doubt, order)
            _write_scope_and_text(views, at, command)
            return 1
    head = begin_event(views, at, command, EventKind.REQUEST_IN_DOUBT, now)
    address_scope(head, command["scope"], tables.firm[0])
    views.doubt[at]["value"] = request["count"]
    views.doubt[at]["cum_qty"] = request["count"]
    _write_scope_and_text(views, at, command)
    answer_event(views, at, base + at, answer)
    return 1


@rule
def _news_of(doubt, order):
    """Which of an order's requests are meant that are not in doubt yet."""
    return requests_asked(doubt, order) & ~order["in_doubt"]


@rule
def _write_scope_and_text(views, at, command):
    row = views.request[at]
    write_scope(row, command)
    write_request(row, command)
    write_text(row, command)
