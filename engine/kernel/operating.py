"""The operators' lane: cancels by request id, mass cancels, marks, trading states, trading days.

A request is recognised by its 128-bit id; there are no gaps, so a kill never waits and never collides.
"""

import numpy as np

from engine.kernel.answering import answer_duplicate, answer_event, invalid, refuse
from engine.kernel.defining import decide_definition
from engine.kernel.index import find
from engine.kernel.jit import rule
from engine.kernel.keys import fingerprint
from engine.kernel.owner import NEEDS_PAST, is_version_stale, refuse_version
from engine.kernel.replacing import decide_cancel
from engine.kernel.writing import address_aggregate, begin_event, follow_order, keep_quantities
from engine.limits import PRICE_MAX
from engine.vocabulary import (
    AnswerCode,
    Check,
    CommandKind,
    EventKind,
    Namespace,
    Reason,
    Scope,
    TradingState,
)


@rule
def decide_operator(commands, i, tables, views, base, at, past, past_state, answer, now):
    """Recognise and decide one operator command; gives the events written, or NEEDS_PAST."""
    command = commands.order[i]
    hi = command["request_hi"]
    lo = command["request_lo"]
    if hi == np.uint64(0) and lo == np.uint64(0):
        return invalid(answer, Reason.BAD_REQUEST_ID)
    known = find(tables.request_index, tables.requests, hi, lo)
    if known != 0:
        return _decide_again(command, tables, views, base, at, past, past_state, answer, now, known)
    if tables.firm[0]["requests"] + 1 >= len(tables.requests):
        return refuse(answer, AnswerCode.LOW_SPACE, Reason.TABLE_FULL)
    kind = command["kind"]
    if kind == CommandKind.CANCEL_ORDER:
        return _decide_operator_cancel(command, tables, views, base, at, answer, now)
    if kind == CommandKind.MASS_CANCEL:
        return _decide_mass_cancel(command, tables, views, base, at, answer, now)
    if kind == CommandKind.SET_MARK:
        return _decide_mark(command, tables, views, base, at, answer, now)
    if kind == CommandKind.START_TRADING_DAY:
        return _decide_trading_day(command, tables, views, base, at, answer, now)
    if kind == CommandKind.SET_TRADING_STATE:
        return _decide_trading_state(command, tables, views, base, at, answer, now)
    return decide_definition(commands, i, tables, views, base, at, answer, now)


@rule
def _decide_again(command, tables, views, base, at, past, past_state, answer, now, known):
    """A request id that was used: the original outcome for the same content, nothing for another."""
    request = tables.requests[known]
    if request["fingerprint"] != fingerprint(command):
        refuse(answer, AnswerCode.CONFLICT, Reason.NONE)
        if request["has_conflict"]:
            return 0
        begin_event(views, at, command, EventKind.CONFLICT_DETECTED, now)
        _write_request(views.request[at], command)
        answer["offset"] = base + at
        return 1
    offset = request["offset"]
    if offset >= base:
        answer_duplicate(views, offset - base, offset, answer)
        return 0
    if past_state == 0:
        return NEEDS_PAST
    answer_duplicate(past, past_state - 1, offset, answer)
    return 0


@rule
def _write_request(row, command):
    row["request_hi"] = command["request_hi"]
    row["request_lo"] = command["request_lo"]
    row["scope"] = command["scope"]


@rule
def _decide_operator_cancel(command, tables, views, base, at, answer, now):
    """Cancel one order on behalf of somebody who does not own its lane."""
    slot = find(tables.order_index, tables.orders, command["order_id_hi"], command["order_id_lo"])
    if slot != 0:
        if is_version_stale(command, tables.orders[slot]):
            return refuse_version(tables.orders[slot], answer)
        return decide_cancel(command, tables, views, base, at, answer, now, slot)
    head = begin_event(views, at, command, EventKind.CANCEL_DENIED, now)
    head["order_id_hi"] = command["order_id_hi"]
    head["order_id_lo"] = command["order_id_lo"]
    head["check"] = Check.RULE
    head["reason"] = Reason.UNKNOWN_ORDER
    _write_request(views.request[at], command)
    answer_event(views, at, base + at, answer)
    return 1


@rule
def unknown_scope(command, tables):
    """Whether a scope names somebody we don't know, or no scope at all."""
    scope = command["scope"]
    if scope == Scope.ALL:
        return Reason.NONE
    if scope == Scope.ACCOUNT:
        return _unknown(tables.accounts, command["account"], Reason.UNKNOWN_ACCOUNT)
    if scope == Scope.STRATEGY:
        return _unknown(tables.strategies, command["strategy"], Reason.UNKNOWN_STRATEGY)
    if scope == Scope.INSTRUMENT:
        return _unknown(tables.instruments, command["instrument"], Reason.UNKNOWN_INSTRUMENT)
    return Reason.BAD_SCOPE


@rule
def _unknown(rows, handle, reason):
    if handle >= len(rows) or not rows[handle]["is_defined"]:
        return reason
    return Reason.NONE


@rule
def _write_scope(head, command):
    """The names that a scope is about."""
    head["account"] = command["account"]
    head["instrument"] = command["instrument"]
    head["strategy"] = command["strategy"]


@rule
def _decide_mass_cancel(command, tables, views, base, at, answer, now):
    """Record the request; `expand_mass_cancel` then walks the orders."""
    reason = unknown_scope(command, tables)
    if reason != Reason.NONE:
        return invalid(answer, reason)
    firm = tables.firm[0]
    head = begin_event(views, at, command, EventKind.MASS_CANCEL_REQUESTED, now)
    address_aggregate(head, Namespace.SCOPE, command["scope"], firm["version"], firm["last_offset"])
    _write_scope(head, command)
    _write_request(views.request[at], command)
    answer_event(views, at, base + at, answer)
    return 1


@rule
def is_in_scope(command, order):
    """Whether a mass cancel is about this order."""
    scope = command["scope"]
    if scope == Scope.ACCOUNT:
        return order["account"] == command["account"]
    if scope == Scope.STRATEGY:
        return order["strategy"] == command["strategy"]
    if scope == Scope.INSTRUMENT:
        return order["instrument"] == command["instrument"]
    return True


@rule
def write_mass_canceled(command, order, views, at, now, causation):
    """The cancel request of one order of a mass cancel, caused by the event at `causation`."""
    follow_order(begin_event(views, at, command, EventKind.CANCEL_REQUESTED, now), order)
    head = views.head[at]
    head["causation"] = causation
    row = views.request[at]
    keep_quantities(row, order)
    _write_request(row, command)


@rule
def write_mass_completed(command, tables, views, at, now, count):
    """The end of a mass cancel: `value` is how many orders it asked to cancel."""
    firm = tables.firm[0]
    head = begin_event(views, at, command, EventKind.MASS_CANCEL_COMPLETED, now)
    address_aggregate(head, Namespace.SCOPE, command["scope"], firm["version"], firm["last_offset"])
    _write_scope(head, command)
    row = views.request[at]
    _write_request(row, command)
    row["value"] = count
    row["cum_qty"] = count


@rule
def _decide_mark(command, tables, views, base, at, answer, now):
    """A new mark for an instrument; who sends marks conflates them first."""
    reason = _unknown(tables.instruments, command["instrument"], Reason.UNKNOWN_INSTRUMENT)
    if reason != Reason.NONE:
        return invalid(answer, reason)
    if command["price"] <= 0 or command["price"] > PRICE_MAX:
        return invalid(answer, Reason.BAD_PRICE)
    instrument = tables.instruments[command["instrument"]]
    head = begin_event(views, at, command, EventKind.MARK_CHANGED, now)
    address_aggregate(
        head,
        Namespace.INSTRUMENT,
        command["instrument"],
        instrument["version"],
        instrument["last_offset"],
    )
    head["instrument"] = command["instrument"]
    row = views.request[at]
    _write_request(row, command)
    row["value"] = command["price"]
    answer_event(views, at, base + at, answer)
    return 1


@rule
def _decide_trading_day(command, tables, views, base, at, answer, now):
    """Move a venue's calendar to a later trade date; nothing else moves it."""
    reason = _unknown(tables.venues, command["venue"], Reason.UNKNOWN_VENUE)
    if reason != Reason.NONE:
        return invalid(answer, reason)
    venue = tables.venues[command["venue"]]
    if command["trade_date"] <= venue["trade_date"] or command["trade_date"] > 99991231:
        return invalid(answer, Reason.BAD_TRADE_DATE)
    head = begin_event(views, at, command, EventKind.TRADING_DAY_STARTED, now)
    address_aggregate(head, Namespace.VENUE, command["venue"], venue["version"], venue["last_offset"])
    row = views.request[at]
    _write_request(row, command)
    row["venue"] = command["venue"]
    row["trade_date"] = command["trade_date"]
    answer_event(views, at, base + at, answer)
    return 1


@rule
def _decide_trading_state(command, tables, views, base, at, answer, now):
    """A new trading state for the firm, an account, a strategy or an instrument."""
    reason = unknown_scope(command, tables)
    state = command["trading_state"]
    if reason == Reason.NONE and (state < TradingState.ACTIVE or state > TradingState.CANCEL_ONLY):
        reason = Reason.BAD_STATE
    if reason != Reason.NONE:
        return invalid(answer, reason)
    firm = tables.firm[0]
    head = begin_event(views, at, command, EventKind.TRADING_STATE_CHANGED, now)
    address_aggregate(head, Namespace.SCOPE, command["scope"], firm["version"], firm["last_offset"])
    _write_scope(head, command)
    row = views.request[at]
    _write_request(row, command)
    row["trading_state"] = state
    answer_event(views, at, base + at, answer)
    return 1
