"""Halts: what a kill or a limit has stopped stays stopped until somebody lifts it and says why.

Who may trade is the stricter of two things: the trading state that the reference log sets, and a halt of the
partition's own. They are kept apart, so that an older trading state that is copied later lifts no halt.
"""

import numpy as np

from engine.kernel.answering import answer_event, invalid
from engine.kernel.jit import rule
from engine.kernel.scopes import unknown_scope, write_scope
from engine.kernel.well_formed import is_name
from engine.kernel.writing import address_scope, begin_event, write_request, write_text
from engine.vocabulary import EventKind, Reason, Scope, TradingState


@rule
def strictest_state(tables, account, strategy, instrument):
    """The strictest trading state or halt among firm, venue, account, strategy and instrument."""
    venue = tables.instruments[instrument]["venue"]
    state = _state_of(tables.firm[0])
    state = max(state, _state_of(tables.venues[venue]))
    state = max(state, _state_of(tables.accounts[account]))
    state = max(state, _state_of(tables.strategies[strategy]))
    return max(state, _state_of(tables.instruments[instrument]))


@rule
def _state_of(row):
    return max(np.int64(row["trading_state"]), np.int64(row["halt_state"]))


@rule
def is_closed(tables, instrument):
    """Whether the venue of an instrument is closed: its own trading state lets nothing but cancels pass."""
    venue = tables.venues[tables.instruments[instrument]["venue"]]
    return venue["trading_state"] == TradingState.CANCEL_ONLY


@rule
def trading_state_of(scope, command, tables):
    """The trading state that the reference log has set for a scope."""
    if scope == Scope.ACCOUNT:
        return np.int64(tables.accounts[command["account"]]["trading_state"])
    if scope == Scope.STRATEGY:
        return np.int64(tables.strategies[command["strategy"]]["trading_state"])
    if scope == Scope.INSTRUMENT:
        return np.int64(tables.instruments[command["instrument"]]["trading_state"])
    if scope == Scope.VENUE:
        return np.int64(tables.venues[command["venue"]]["trading_state"])
    return np.int64(tables.firm[0]["trading_state"])


@rule
def malformed_text(command, is_needed):
    """Whether the text that gives a reason is no text, or is missing where it is needed; or NONE."""
    w0 = command["text_w0"]
    w1 = command["text_w1"]
    w2 = command["text_w2"]
    if (w0 | w1 | np.uint64(w2)) == np.uint64(0):
        return Reason.REASON_NEEDED if is_needed else Reason.NONE
    return Reason.NONE if is_name(w0, w1, w2) else Reason.BAD_NAME


@rule
def decide_lift(command, tables, views, base, at, answer, now):
    """Lift the halt of one scope; what halts others, and all trading states, stay."""
    reason = unknown_scope(command, tables)
    if reason == Reason.NONE:
        reason = malformed_text(command, True)
    if reason != Reason.NONE:
        return invalid(answer, reason)
    head = begin_event(views, at, command, EventKind.HALT_LIFTED, now)
    address_scope(head, command["scope"], tables.firm[0])
    row = views.request[at]
    write_scope(row, command)
    write_request(row, command)
    write_text(row, command)
    answer_event(views, at, base + at, answer)
    return 1


@rule
def evolve_halt(row, tables, state):
    """Halt a scope, at once and until it is lifted (`state` 0)."""
    scope = row["scope"]
    if scope == Scope.ACCOUNT:
        tables.accounts[row["account"]]["halt_state"] = state
    elif scope == Scope.STRATEGY:
        tables.strategies[row["strategy"]]["halt_state"] = state
        if state == 0:
            _rearm(tables.strategies[row["strategy"]])
    elif scope == Scope.INSTRUMENT:
        tables.instruments[row["instrument"]]["halt_state"] = state
    elif scope == Scope.VENUE:
        tables.venues[row["venue"]]["halt_state"] = state
    else:
        tables.firm[0]["halt_state"] = state


@rule
def _rearm(strategy):
    """Begin to count a strategy's executions anew."""
    strategy["is_tripped"] = 0
    strategy["executions"] = 0
    strategy["executions_ns"] = 0
    strategy["tripped_offset"] = 0
