"""The operators' lane: cancels by request id, mass cancels, marks, trading states, trading days.

A request is recognised by its 128-bit id; there are no gaps, so a kill never waits and never collides. A mark
is recognised by its time instead, because marks come all day and only the latest one counts; and
what a keeper of leases asks for by the number of the change, because it asks all day as well.
"""

import numpy as np

from engine.kernel.answering import answer_event, answer_original, invalid, refuse
from engine.kernel.defining import decide_definition
from engine.kernel.halting import decide_lift, malformed_text, trading_state_of
from engine.kernel.in_doubt import decide_doubt
from engine.kernel.index import find
from engine.kernel.jit import rule
from engine.kernel.keys import fingerprint
from engine.kernel.leasing import is_numbered
from engine.kernel.mass_canceling import (
    decide_mass_cancel,
    decide_next_cancel,
    is_stepping,
    unfinished_slot,
)
from engine.kernel.operators_corrections import decide_correction
from engine.kernel.owner import is_version_stale, refuse_version
from engine.kernel.rates import decide_rate
from engine.kernel.replacing import decide_cancel, malformed_cancel
from engine.kernel.room import no_room_for_request
from engine.kernel.scopes import unknown_handle, unknown_scope, write_scope
from engine.kernel.venue_in_doubt import decide_next_doubt, decide_venue_doubt
from engine.kernel.well_formed import is_date
from engine.kernel.writing import (
    address_aggregate,
    address_scope,
    begin_event,
    write_request,
    write_text,
)
from engine.limits import MARK_AHEAD_NS_MAX, PRICE_MAX
from engine.vocabulary import (
    AnswerCode,
    Check,
    CommandKind,
    EventKind,
    Namespace,
    Reason,
    TradingState,
)


@rule
def decide_operator(commands, i, tables, views, base, at, past, past_state, answer, now):
    """Recognise and decide one operator command; gives the events written, or NEEDS_PAST."""
    command = commands.order[i]
    hi = command["request_hi"]
    lo = command["request_lo"]
    kind = command["kind"]
    if kind == CommandKind.SET_MARK or is_numbered(commands.lease[i]):
        return _decide_unremembered(commands, i, tables, views, base, at, answer, now)
    if hi == np.uint64(0) and lo == np.uint64(0):
        return invalid(answer, Reason.BAD_REQUEST_ID)
    known = find(tables.request_index, tables.requests, hi, lo)
    if known != 0:
        doubt = commands.doubt[i]
        return _decide_again(command, doubt, tables, views, base, at, past, past_state, answer, now, known)
    reason = no_room_for_request(tables, kind)
    if reason != Reason.NONE:
        return refuse(answer, AnswerCode.LOW_SPACE, reason)
    return _decide_first(commands, i, tables, views, base, at, answer, now)


@rule
def _decide_first(commands, i, tables, views, base, at, answer, now):
    """Decide a request that has not come before; gives the events written."""
    command = commands.order[i]
    kind = command["kind"]
    if kind == CommandKind.CANCEL_ORDER:
        return _decide_operator_cancel(command, tables, views, base, at, answer, now)
    if kind == CommandKind.MASS_CANCEL:
        return decide_mass_cancel(command, tables, views, base, at, answer, now)
    if kind == CommandKind.START_TRADING_DAY:
        return _decide_trading_day(command, tables, views, base, at, answer, now)
    if kind == CommandKind.SET_TRADING_STATE:
        return _decide_trading_state(command, tables, views, base, at, answer, now)
    if kind == CommandKind.SET_FX:
        return decide_rate(command, commands.rate[i], tables, views, base, at, answer, now)
    if kind == CommandKind.LIFT_HALT:
        return decide_lift(command, tables, views, base, at, answer, now)
    if kind == CommandKind.MARK_IN_DOUBT and is_stepping(command):
        return decide_venue_doubt(command, commands.doubt[i], tables, views, base, at, answer, now)
    if kind == CommandKind.MARK_IN_DOUBT or kind == CommandKind.RESOLVE_IN_DOUBT:
        return decide_doubt(command, commands.doubt[i], tables, views, base, at, answer, now)
    if kind == CommandKind.BUST_TRADE or kind == CommandKind.CORRECT_TRADE:
        return decide_correction(command, commands.correction[i], tables, views, base, at, answer, now)
    return decide_definition(commands, i, tables, views, base, at, answer, now)


@rule
def _decide_unremembered(commands, i, tables, views, base, at, answer, now):
    """What is recognised by its time or number; a mark has a request id all the same."""
    command = commands.order[i]
    if command["kind"] != CommandKind.SET_MARK:
        return decide_definition(commands, i, tables, views, base, at, answer, now)
    if command["request_hi"] == np.uint64(0) and command["request_lo"] == np.uint64(0):
        return invalid(answer, Reason.BAD_REQUEST_ID)
    return _decide_mark(command, tables, views, base, at, answer, now)


@rule
def _decide_again(command, doubt, tables, views, base, at, past, past_state, answer, now, known):
    """A request id that was used: the original outcome for the same content, nothing for another."""
    request = tables.requests[known]
    if request["fingerprint"] != fingerprint(command):
        refuse(answer, AnswerCode.CONFLICT, Reason.NONE)
        if request["has_conflict"]:
            return 0
        begin_event(views, at, command, EventKind.CONFLICT_DETECTED, now)
        write_request(views.request[at], command)
        answer["offset"] = base + at
        return 1
    unfinished = unfinished_slot(command, tables)
    if unfinished != 0 and command["kind"] == CommandKind.MARK_IN_DOUBT:
        return decide_next_doubt(command, doubt, tables, views, base, at, answer, now, unfinished)
    if unfinished != 0:
        return decide_next_cancel(command, tables, views, base, at, answer, now, unfinished)
    return answer_original(views, base, past, past_state, answer, request["offset"])


@rule
def _decide_operator_cancel(command, tables, views, base, at, answer, now):
    """Cancel one order on behalf of somebody who does not own its lane."""
    reason = malformed_cancel(command)
    if reason != Reason.NONE:
        return invalid(answer, reason)
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
    write_request(views.request[at], command)
    answer_event(views, at, base + at, answer)
    return 1


@rule
def _decide_mark(command, tables, views, base, at, answer, now):
    """A new mark for an instrument, or DUPLICATE with the one that stands; who sends marks conflates them
    first.
    """
    reason = unknown_handle(tables.instruments, command["instrument"], Reason.UNKNOWN_INSTRUMENT)
    if reason != Reason.NONE:
        return invalid(answer, reason)
    if command["price"] <= 0 or command["price"] > PRICE_MAX:
        return invalid(answer, Reason.BAD_PRICE)
    if command["ts_event"] > np.int64(now) + MARK_AHEAD_NS_MAX:
        return invalid(answer, Reason.BAD_TIME)
    instrument = tables.instruments[command["instrument"]]
    if _is_mark_settled(command, instrument):
        refuse(answer, AnswerCode.DUPLICATE, Reason.NONE)
        answer["original_code"] = AnswerCode.ACCEPTED
        answer["offset"] = instrument["mark_offset"]
        answer["version"] = instrument["version"]
        return 0
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
    write_request(row, command)
    row["value"] = command["price"]
    answer_event(views, at, base + at, answer)
    return 1


@rule
def _is_mark_settled(command, instrument):
    """Whether a mark of this time or a later one stands already; one that states no time is always new."""
    if instrument["mark"] == 0 or command["ts_event"] == 0:
        return False
    return command["ts_event"] <= instrument["mark_ns"]


@rule
def _decide_trading_day(command, tables, views, base, at, answer, now):
    """Move a venue's calendar to a later trade date; nothing else moves it."""
    reason = unknown_handle(tables.venues, command["venue"], Reason.UNKNOWN_VENUE)
    if reason != Reason.NONE:
        return invalid(answer, reason)
    venue = tables.venues[command["venue"]]
    if command["trade_date"] <= venue["trade_date"] or not is_date(np.int64(command["trade_date"])):
        return invalid(answer, Reason.BAD_TRADE_DATE)
    head = begin_event(views, at, command, EventKind.TRADING_DAY_STARTED, now)
    address_aggregate(head, Namespace.VENUE, command["venue"], venue["version"], venue["last_offset"])
    row = views.request[at]
    write_request(row, command)
    row["venue"] = command["venue"]
    row["trade_date"] = command["trade_date"]
    answer_event(views, at, base + at, answer)
    return 1


@rule
def _decide_trading_state(command, tables, views, base, at, answer, now):
    """A new trading state for the firm, a venue, an account, a strategy or an instrument.

    A stricter one is in force at once; a less strict one needs a reason.
    """
    reason = unknown_scope(command, tables)
    state = command["trading_state"]
    if reason == Reason.NONE and (state < TradingState.ACTIVE or state > TradingState.CANCEL_ONLY):
        reason = Reason.BAD_STATE
    if reason == Reason.NONE:
        reason = malformed_text(command, state < trading_state_of(command["scope"], command, tables))
    if reason != Reason.NONE:
        return invalid(answer, reason)
    head = begin_event(views, at, command, EventKind.TRADING_STATE_CHANGED, now)
    address_scope(head, command["scope"], tables.firm[0])
    row = views.request[at]
    write_scope(row, command)
    write_request(row, command)
    write_text(row, command)
    row["trading_state"] = state
    answer_event(views, at, base + at, answer)
    return 1
