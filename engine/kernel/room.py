"""Room: whether the tables can take what is about to come. Native code checks no bounds, so these rules do.

New orders wait at `bounds`, so that what must always pass (reports, cancels, kills) finds the rest of each
table free; `fits` is asked before an event is folded or copied, because a log may come from larger tables.
"""

import numpy as np

from engine.kernel.fees import no_room_for_fee
from engine.kernel.index import account_instrument_key, find
from engine.kernel.jit import rule
from engine.kernel.kinds import (
    is_cancel,
    is_correction,
    is_lease,
    is_mass_cancel,
    is_recall,
    is_reference,
    is_report,
)
from engine.kernel.orphans import is_held
from engine.vocabulary import EventKind, Lane, Reason


@rule
def no_room_for_order(tables):
    """Why the tables take no new order, or NONE; cancels and reports still pass."""
    firm = tables.firm[0]
    bounds = tables.bounds[0]
    if firm["orders"] - firm["free_orders"] >= bounds["orders"]:
        return Reason.ORDERS_FULL
    if firm["executions"] - firm["free_executions"] >= bounds["executions"]:
        return Reason.TABLE_FULL
    if firm["fills"] >= bounds["fills"] or firm["fees"] >= bounds["fees"]:
        return Reason.TABLE_FULL
    if firm["positions"] >= bounds["positions"] or firm["holdings"] >= bounds["positions"]:
        return Reason.TABLE_FULL
    if firm["ledgers"] >= bounds["ledgers"]:
        return Reason.TABLE_FULL
    return Reason.NONE


@rule
def no_room_for_replace(tables):
    """Why the tables take no further ClOrdID of a replace, or NONE."""
    firm = tables.firm[0]
    if firm["aliases"] - firm["free_aliases"] >= tables.bounds[0]["aliases"]:
        return Reason.TABLE_FULL
    return Reason.NONE


@rule
def no_room_for_request(tables, kind):
    """Why no further request id can be remembered, or NONE; the reserve belongs to cancels and kills."""
    most = len(tables.requests) - 1
    if not is_cancel(kind):
        most = min(most, tables.bounds[0]["requests"])
    if tables.firm[0]["requests"] >= most:
        return Reason.TABLE_FULL
    return Reason.NONE


@rule
def no_room_for_report(tables, order_slot, kind):
    """Why no further execution report can be remembered, or NONE; a correction may need two rows."""
    firm = tables.firm[0]
    used = firm["executions"] - firm["free_executions"]
    if is_full(tables.executions, used + 1 if is_correction(kind) else used):
        return Reason.TABLE_FULL
    if may_fill(kind) and is_full(tables.fills, firm["fills"]):
        return Reason.TABLE_FULL
    if order_slot != 0 and tables.orders[order_slot]["position"] == 0 and _are_positions_full(tables):
        return Reason.TABLE_FULL
    return Reason.NONE


@rule
def may_fill(kind):
    """Whether a report of this kind may take a row of a fill, which it keeps for good."""
    return kind == EventKind.TRADE_EXECUTED or kind == EventKind.ORPHAN_REPORTED or is_correction(kind)


@rule
def is_full(rows, used):
    """Whether every row of a table is used; row 0 is none."""
    return used + 1 >= len(rows)


@rule
def _are_positions_full(tables):
    firm = tables.firm[0]
    if is_full(tables.ledgers, firm["ledgers"]):
        return True
    return is_full(tables.positions, firm["positions"]) or is_full(tables.holdings, firm["holdings"])


@rule
def fits(views, at, tables):
    """Whether the tables have the rows that a stored event names, and room for those it makes."""
    head = views.head[at]
    kind = head["kind"]
    if head["account"] >= len(tables.accounts) or head["strategy"] >= len(tables.strategies):
        return False
    if head["instrument"] >= len(tables.instruments):
        return False
    if is_reference(kind):
        return _definition_fits(views, at, tables, kind) and _request_fits(views.request[at], tables)
    if kind == EventKind.ORPHAN_REPORTED:
        # It may name an order that lives at another venue: that order is left alone, so it needs no books.
        return _unknown_fits(views.report[at], tables)
    if is_report(kind):
        slot = find(tables.order_index, tables.orders, head["order_id_hi"], head["order_id_lo"])
        if slot == 0:
            return _unknown_fits(views.report[at], tables)
        if kind == EventKind.TRADE_EXECUTED and no_room_for_fee(views.trade[at], tables, slot) != Reason.NONE:
            return False
        if head["lane"] == Lane.OPERATOR and not _request_fits(views.request[at], tables):
            return False
        if head["lane"] == Lane.ENGINE:
            # A report that was held has its row; books it may need.
            return tables.orders[slot]["position"] != 0 or not _are_positions_full(tables)
        return no_room_for_report(tables, slot, kind) == Reason.NONE
    if is_mass_cancel(kind) and views.request[at]["venue"] >= len(tables.venues):
        return False
    if is_recall(kind):
        return _recall_fits(tables, kind)
    return _order_fits(tables, kind) and _request_fits(views.request[at], tables)


@rule
def _recall_fits(tables, kind):
    firm = tables.firm[0]
    if kind == EventKind.ORDER_RECALLED:
        return not is_full(tables.orders, firm["orders"] - firm["free_orders"])
    return not is_full(tables.executions, firm["executions"] - firm["free_executions"])


@rule
def _unknown_fits(row, tables):
    """Whether there is room for a report that finds no order; one that is let go has its row already."""
    if row["lane"] == Lane.ENGINE:
        return True
    if row["venue"] >= len(tables.venues) or no_room_for_report(tables, 0, row["kind"]) != Reason.NONE:
        return False
    firm = tables.firm[0]
    return not is_held(row, tables) or not is_full(tables.orphans, firm["orphans"] - firm["free_orphans"])


@rule
def _order_fits(tables, kind):
    firm = tables.firm[0]
    if kind == EventKind.ORDER_SUBMITTED and _are_positions_full(tables):
        return False
    if kind == EventKind.ORDER_SUBMITTED or kind == EventKind.ORDER_DENIED:
        return not is_full(tables.orders, firm["orders"] - firm["free_orders"])
    aliases = firm["aliases"] - firm["free_aliases"]
    return kind != EventKind.REPLACE_REQUESTED or not is_full(tables.aliases, aliases)


@rule
def _request_fits(row, tables):
    if row["lane"] != Lane.OPERATOR or row["kind"] == EventKind.MARK_CHANGED:
        return True
    if not is_full(tables.requests, tables.firm[0]["requests"]):
        return True
    if row["request_hi"] == np.uint64(0) and row["request_lo"] == np.uint64(0):
        return True
    return find(tables.request_index, tables.requests, row["request_hi"], row["request_lo"]) != 0


@rule
def _definition_fits(views, at, tables, kind):
    if kind == EventKind.EXPOSURE_LIMITS_CHANGED:
        return _ledgers_fit(views.head[at], tables)
    if kind == EventKind.LIMITS_CHANGED:
        return _limits_fit(views.head[at], tables)
    if kind == EventKind.TRADING_DAY_STARTED or kind == EventKind.TRADING_STATE_CHANGED:
        return views.request[at]["venue"] < len(tables.venues)
    if kind == EventKind.HALT_LIFTED:
        return views.request[at]["venue"] < len(tables.venues)
    if kind == EventKind.FX_CHANGED:
        return views.rate[at]["handle"] < len(tables.rates)
    if is_lease(kind):
        return _lease_fits(views.lease[at], tables, kind)
    if kind == EventKind.VENUE_DEFINED:
        return views.name[at]["handle"] < len(tables.venues)
    if kind == EventKind.ACCOUNT_DEFINED:
        return views.name[at]["handle"] < len(tables.accounts)
    if kind == EventKind.STRATEGY_DEFINED:
        return views.name[at]["handle"] < len(tables.strategies)
    if kind == EventKind.PRINCIPAL_DEFINED:
        return views.name[at]["handle"] < len(tables.principals)
    return True


@rule
def _ledgers_fit(head, tables):
    """Whether there is a ledger for every holding of an account, were each in a currency of its own."""
    needed = np.int64(1)
    at = np.int64(tables.accounts[head["account"]]["first_holding"])
    while at != 0:
        needed += np.int64(tables.holdings[at]["ledger"] == 0)
        at = np.int64(tables.holdings[at]["next_of_account"])
    return tables.firm[0]["ledgers"] + needed < len(tables.ledgers)


@rule
def _limits_fit(head, tables):
    if not is_full(tables.limits, tables.firm[0]["limits"]):
        return True
    hi, lo = account_instrument_key(head["account"], head["instrument"])
    return find(tables.limits_index, tables.limits, hi, lo) != 0


@rule
def _lease_fits(row, tables, kind):
    if kind == EventKind.FIRM_LIMIT_CHANGED:
        if row["handle"] <= tables.firm[0]["budgets"]:
            return True
        most = np.int64(len(tables.ledgers) - 1)
        return row["handle"] < len(tables.budgets) and has_room_for_firm_ledger(tables, most)
    return row["handle"] < len(tables.leases)


@rule
def has_room_for_firm_ledger(tables, most):
    """Whether the firm and every account can have a ledger more, of `most` that there may be."""
    return tables.firm[0]["ledgers"] + tables.firm[0]["accounts"] < most
