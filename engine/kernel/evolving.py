"""Evolve: the only code that changes state, one event at a time, live and in every replay.

It never refuses: what is in the log has happened. Whatever it needs is in the row or in the tables that
earlier rows made.
"""

import numpy as np

from engine.kernel.crossing import owe_after_denial
from engine.kernel.evolving_definitions import evolve_definition
from engine.kernel.evolving_orders import (
    evolve_cancel_requested,
    evolve_denied,
    evolve_replace_requested,
    evolve_submitted,
)
from engine.kernel.evolving_reports import evolve_report
from engine.kernel.fees import charge
from engine.kernel.following import evolve_due
from engine.kernel.halting import evolve_halt
from engine.kernel.in_doubt import evolve_in_doubt, evolve_resolved
from engine.kernel.index import find, insert
from engine.kernel.jit import rule
from engine.kernel.kinds import (
    is_correction,
    is_definition,
    is_follow_up,
    is_mass_cancel,
    is_recall,
    is_reference,
    is_report,
    is_request,
)
from engine.kernel.ledger import move_marked
from engine.kernel.losses import start_days, watch_account, watch_all, watch_holders
from engine.kernel.orphans import release_past
from engine.kernel.rates import evolve_rate
from engine.kernel.recalling import evolve_recalled_execution, evolve_recalled_order
from engine.kernel.retiring import evolve_retired
from engine.kernel.throttles import count_execution
from engine.limits import MARK_AHEAD_NS_MAX
from engine.vocabulary import EventKind, Lane, Namespace, Scope


@rule
def evolve(views, at, tables, now):
    """Fold the event at row `at` into the tables; `now` is its block's time in ns."""
    firm = tables.firm[0]
    offset = firm["next_offset"]
    firm["next_offset"] = offset + 1
    head = views.head[at]
    kind = head["kind"]
    if head["lane"] == Lane.REFERENCE:
        firm["reference_next"] = np.int64(views.request[at]["reference_offset"]) + 1
        if not is_reference(kind):
            return
    if is_request(kind):
        _evolve_request(views, at, tables, kind, offset, now)
    elif is_report(kind):
        evolve_report(views, at, tables, offset)
        _follow_trade(views, at, tables, kind, offset, now)
    elif kind == EventKind.CONFLICT_DETECTED:
        _evolve_conflict(views.request[at], tables, offset)
    elif is_follow_up(kind):
        evolve_due(head, tables, offset)
    elif is_mass_cancel(kind):
        _evolve_mass_cancel(views.request[at], tables, kind)
        _step_scope(head, tables, offset)
    elif kind == EventKind.ORDERS_RETIRED or is_recall(kind):
        _evolve_memory(views, at, tables, kind, offset)
    elif is_reference(kind):
        _evolve_reference(views, at, tables, kind, offset, now)
    if head["lane"] == Lane.OPERATOR:
        _remember(views.request[at], kind, tables, offset)


@rule
def _evolve_memory(views, at, tables, kind, offset):
    """Closed orders leave memory, one comes back, or one of its reports does."""
    if kind == EventKind.ORDERS_RETIRED:
        evolve_retired(views.retirement[at], tables)
    elif kind == EventKind.ORDER_RECALLED:
        evolve_recalled_order(views.recalled_order[at], tables, offset)
    else:
        evolve_recalled_execution(views.recalled_execution[at], tables)


@rule
def _follow_trade(views, at, tables, kind, offset, now):
    """What a venue charged for a trade, or sent back with its correction, and what was lost by it."""
    head = views.head[at]
    if kind == EventKind.TRADE_EXECUTED:
        charge(views.trade[at], tables)
        count_execution(tables, head["strategy"], offset, now)
        watch_account(tables, np.int64(head["account"]), offset, now)
    elif is_correction(kind):
        if head["lane"] != Lane.OPERATOR:
            charge(views.correction[at], tables)
        watch_account(tables, np.int64(head["account"]), offset, now)


@rule
def _evolve_request(views, at, tables, kind, offset, now):
    """What was asked for an order: a submit, replace or cancel, granted or denied."""
    if kind == EventKind.ORDER_SUBMITTED:
        evolve_submitted(views.order[at], views.submitted[at], tables, offset, now)
    elif kind == EventKind.ORDER_DENIED:
        evolve_denied(views.order[at], tables, offset)
        owe_after_denial(views.order[at], views.order_denial[at]["violations"], tables, offset)
    elif kind == EventKind.REPLACE_REQUESTED:
        evolve_replace_requested(views.order[at], views.replace[at], tables, offset, now)
    elif kind == EventKind.CANCEL_REQUESTED:
        evolve_cancel_requested(views.head[at], tables, offset, now)
    elif kind == EventKind.REQUEST_IN_DOUBT:
        evolve_in_doubt(views.doubt[at], tables, offset)
    elif kind == EventKind.IN_DOUBT_RESOLVED:
        evolve_resolved(views.doubt[at], tables, offset)
    elif kind == EventKind.REPLACE_DENIED and views.head[at]["schema"] > 1:
        _step_order(views.head[at], tables, offset)
        owe_after_denial(views.order[at], views.replace_denial[at]["violations"], tables, offset)
    else:
        _step_order(views.head[at], tables, offset)


@rule
def _evolve_reference(views, at, tables, kind, offset, now):
    """What orders are measured by: definitions and settings."""
    if is_definition(kind):
        evolve_definition(views, at, tables, offset, now)
    else:
        _evolve_setting(views, at, tables, kind, offset, now)


@rule
def _evolve_setting(views, at, tables, kind, offset, now):
    """What the whole partition goes by: trading states, halts, marks, rates of exchange, trading days."""
    row = views.request[at]
    if kind == EventKind.TRADING_STATE_CHANGED:
        _evolve_trading_state(row, tables, offset)
    elif kind == EventKind.HALT_LIFTED:
        evolve_halt(row, tables, 0)
        _step_scope(row, tables, offset)
    elif kind == EventKind.MARK_CHANGED:
        _evolve_mark(row, tables, offset, now)
    elif kind == EventKind.FX_CHANGED:
        evolve_rate(views.rate[at], tables, offset)
        watch_all(tables, offset, now)
    elif kind == EventKind.TRADING_DAY_STARTED:
        _evolve_trading_day(row, tables, offset)


@rule
def _step_order(head, tables, offset):
    """An answer that changes nothing but the order's place in its lane and chain."""
    slot = find(tables.order_index, tables.orders, head["order_id_hi"], head["order_id_lo"])
    if slot == 0:
        return
    order = tables.orders[slot]
    order["version"] = head["version"]
    order["last_offset"] = offset
    if head["lane"] == Lane.OWNER:
        order["last_seq"] = head["seq"]


@rule
def _evolve_conflict(row, tables, offset):
    """Flag the order, execution or request whose key came again with other content."""
    hi = row["request_hi"]
    lo = row["request_lo"]
    slot = find(tables.order_index, tables.orders, row["order_id_hi"], row["order_id_lo"])
    if slot != 0:
        tables.orders[slot]["last_offset"] = offset
    if row["lane"] == Lane.OWNER:
        tables.orders[slot]["has_conflict"] = 1
    elif row["lane"] == Lane.VENUE:
        tables.executions[find(tables.execution_index, tables.executions, hi, lo)]["has_conflict"] = 1
    else:
        tables.requests[find(tables.request_index, tables.requests, hi, lo)]["has_conflict"] = 1


@rule
def _remember(row, kind, tables, offset):
    """Remember an operator's request by its id, or how far its mass cancel has come; some have no id."""
    if kind == EventKind.CONFLICT_DETECTED or kind == EventKind.MARK_CHANGED:
        return
    hi = row["request_hi"]
    lo = row["request_lo"]
    if hi == np.uint64(0) and lo == np.uint64(0):
        return
    slot = find(tables.request_index, tables.requests, hi, lo)
    if slot == 0:
        slot = tables.firm[0]["requests"] + 1
        tables.firm[0]["requests"] = slot
        insert(tables.request_index, tables.requests, hi, lo, slot)
        request = tables.requests[slot]
        request["fingerprint"] = row["fingerprint"]
        request["is_done"] = np.uint8(kind != EventKind.MASS_CANCEL_REQUESTED and not _is_step(row))
    request = tables.requests[slot]
    if _is_step(row):
        order = find(tables.order_index, tables.orders, row["order_id_hi"], row["order_id_lo"])
        request["progress"] = order
        request["count"] = np.int64(request["count"]) + 1
        return
    request["offset"] = offset
    if kind != EventKind.MASS_CANCEL_REQUESTED:
        request["is_done"] = 1


@rule
def _is_step(row):
    """Whether an event is about one order of many that a request is about."""
    if row["kind"] == EventKind.CANCEL_REQUESTED:
        return row["causation"] >= 0
    is_doubt = row["kind"] == EventKind.REQUEST_IN_DOUBT and row["scope"] == Scope.VENUE
    return is_doubt and row["order_id_hi"] != np.uint64(Namespace.SCOPE)


@rule
def _evolve_trading_state(row, tables, offset):
    state = row["trading_state"]
    scope = row["scope"]
    if scope == Scope.ACCOUNT:
        tables.accounts[row["account"]]["trading_state"] = state
    elif scope == Scope.STRATEGY:
        tables.strategies[row["strategy"]]["trading_state"] = state
    elif scope == Scope.INSTRUMENT:
        tables.instruments[row["instrument"]]["trading_state"] = state
    elif scope == Scope.VENUE:
        tables.venues[row["venue"]]["trading_state"] = state
    else:
        tables.firm[0]["trading_state"] = state
    _step_scope(row, tables, offset)


@rule
def _evolve_mass_cancel(row, tables, kind):
    """A kill halts its scope before its first cancel."""
    if kind == EventKind.MASS_CANCEL_REQUESTED and row["trading_state"] != 0:
        evolve_halt(row, tables, row["trading_state"])


@rule
def _step_scope(head, tables, offset):
    """The next version of the chain that all scopes share."""
    tables.firm[0]["version"] = head["version"]
    tables.firm[0]["last_offset"] = offset


@rule
def _evolve_mark(row, tables, offset, now):
    """A mark is of its sender's time, which never goes back: an earlier mark that comes again stays known.

    The bound is for logs that were written before decide kept it: a wrong clock must not hold up later marks.
    """
    instrument = tables.instruments[row["instrument"]]
    move_marked(tables, instrument, True)
    instrument["mark"] = row["value"]
    move_marked(tables, instrument, False)
    watch_holders(tables, instrument, offset, now)
    observed_ns = min(row["ts_event"], np.int64(now) + MARK_AHEAD_NS_MAX)
    instrument["mark_ns"] = max(instrument["mark_ns"], observed_ns)
    instrument["mark_offset"] = offset
    instrument["last_offset"] = offset


@rule
def _evolve_trading_day(row, tables, offset):
    venue = tables.venues[row["venue"]]
    venue["date_before"] = venue["trade_date"]
    venue["trade_date"] = row["trade_date"]
    venue["last_offset"] = offset
    venue["day_offset"] = offset
    tables.firm[0]["day_offset"] = offset
    tables.firm[0]["oldest_date"] = _oldest_date(tables, row["trade_date"])
    start_days(tables, row["trade_date"])
    release_past(tables, row["venue"])


@rule
def _oldest_date(tables, trade_date):
    """The earliest trade date of all venues that have one, as of one that has just begun."""
    oldest = np.int64(trade_date)
    for handle in range(1, tables.firm[0]["venues"] + 1):
        its_date = np.int64(tables.venues[handle]["trade_date"])
        if its_date != 0:
            oldest = min(oldest, its_date)
    return oldest
