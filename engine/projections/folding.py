"""The projection's fold: the kernel's own evolve, and beside it the books and what is to be published.

The number that blocks an order and the number that reports it come from the same fold: nothing here computes
a position, it only looks at what evolve did.
"""

import numpy as np

from engine.kernel.evolving import evolve
from engine.kernel.index import account_instrument_key, find
from engine.kernel.jit import entry, rule
from engine.kernel.kinds import is_mass_cancel, is_report, is_request
from engine.kernel.looking_ahead import look_ahead_of_event
from engine.kernel.tables import Tables
from engine.kernel.views import EventViews
from engine.projections.books import Books, move_resting, resting
from engine.projections.changes import Changes, mark_changed
from engine.vocabulary import EventKind, Scope


@entry
def fold_projection(
    views: EventViews, count: int, tables: Tables, books: Books, changes: Changes, now_ns: int
) -> None:
    """Fold the first `count` rows of `views`, events of one block, whose time is `now_ns`.

    Only a venue's report, or what an operator knows of one, changes what rests in a book: an order's request
    is not yet the venue's answer.
    """
    for at in range(count):
        look_ahead_of_event(views, at, tables)
        kind = views.head[at]["kind"]
        is_of_order = is_report(kind) and kind != EventKind.ORPHAN_REPORTED
        is_of_order = is_of_order or kind == EventKind.IN_DOUBT_RESOLVED
        slot = _order_slot(views.head[at], tables) if is_of_order else np.int64(0)
        order = tables.orders[slot]
        before = resting(order)
        was_placed = order["position"] != 0
        evolve(views, at, tables, now_ns)
        if slot != 0:
            move_resting(books, before, resting(order))
            _mark_order(order, changes, was_placed)
            _mark_fees(views.trade[at], tables, order, changes)
        elif is_request(kind):
            _mark_request(views.head[at], tables, changes)
        else:
            _mark_definition(views.request[at], tables, changes)


@rule
def _order_slot(head, tables):
    return find(tables.order_index, tables.orders, head["order_id_hi"], head["order_id_lo"])


@rule
def _mark_request(head, tables, changes):
    """A request of the order's owner: it changes what the order works and what its account has spent."""
    kind = head["kind"]
    if kind == EventKind.ORDER_SUBMITTED or kind == EventKind.REPLACE_REQUESTED:
        order = tables.orders[_order_slot(head, tables)]
        _mark_order(order, changes, kind == EventKind.REPLACE_REQUESTED)
    elif kind == EventKind.CANCEL_REQUESTED:
        mark_changed(changes.strategies, changes.number[0], np.int64(head["strategy"]))


@rule
def _mark_order(order, changes, was_placed):
    """What an order changes; placing it links its position and holding to strategy and instrument as well."""
    number = changes.number[0]
    mark_changed(changes.positions, number, np.int64(order["position"]))
    mark_changed(changes.holdings, number, np.int64(order["holding"]))
    mark_changed(changes.accounts, number, np.int64(order["account"]))
    mark_changed(changes.strategies, number, np.int64(order["strategy"]))
    if not was_placed:
        mark_changed(changes.instruments, number, np.int64(order["instrument"]))


@rule
def _mark_fees(trade, tables, order, changes):
    """Every sum of fees of a trade's position: they are one or two."""
    if trade["kind"] != EventKind.TRADE_EXECUTED or trade["commission"] == 0:
        return
    slot = np.int64(tables.positions[order["position"]]["first_fee"])
    while slot != 0:
        mark_changed(changes.fees, changes.number[0], slot)
        slot = np.int64(tables.fees[slot]["next_of_position"])


@rule
def _mark_definition(row, tables, changes):
    """A definition, a limit, a state or a mark: the row it names."""
    kind = row["kind"]
    number = changes.number[0]
    account = np.int64(row["account"])
    strategy = np.int64(row["strategy"])
    instrument = np.int64(row["instrument"])
    if kind == EventKind.INSTRUMENT_DEFINED or kind == EventKind.MARK_CHANGED:
        mark_changed(changes.instruments, number, instrument)
    elif kind == EventKind.ACCOUNT_DEFINED:
        mark_changed(changes.accounts, number, account)
    elif kind == EventKind.THROTTLES_CHANGED:
        _mark_scope(row["scope"], changes, account, strategy, instrument)
    elif kind == EventKind.STRATEGY_DEFINED:
        mark_changed(changes.strategies, number, strategy)
    elif kind == EventKind.LIMITS_CHANGED:
        hi, lo = account_instrument_key(account, instrument)
        mark_changed(changes.holdings, number, find(tables.holding_index, tables.holdings, hi, lo))
        mark_changed(changes.accounts, number, account)
    elif kind == EventKind.EXPOSURE_LIMITS_CHANGED:
        mark_changed(changes.accounts, number, account)
        _mark_holdings(tables, changes, account)
    elif _is_of_scope(kind):
        _mark_scope(row["scope"], changes, account, strategy, instrument)


@rule
def _mark_holdings(tables, changes, account):
    """All that an account holds: with limits on its exposure each row names a ledger."""
    slot = np.int64(tables.accounts[account]["first_holding"])
    while slot != 0:
        mark_changed(changes.holdings, changes.number[0], slot)
        slot = np.int64(tables.holdings[slot]["next_of_account"])


@rule
def _is_of_scope(kind):
    """Whether an event says what a scope may do."""
    return (
        kind == EventKind.TRADING_STATE_CHANGED
        or kind == EventKind.HALT_LIFTED
        or kind == EventKind.HALT_LATCHED
        or is_mass_cancel(kind)
    )


@rule
def _mark_scope(scope, changes, account, strategy, instrument):
    number = changes.number[0]
    if scope == Scope.ACCOUNT:
        mark_changed(changes.accounts, number, account)
    elif scope == Scope.STRATEGY:
        mark_changed(changes.strategies, number, strategy)
    elif scope == Scope.INSTRUMENT:
        mark_changed(changes.instruments, number, instrument)
