"""What a newer order crosses is asked to be canceled, one order an event, where the account's limits say so.

The newer order does not wait for it: a cancel is a request, and only the venue can say that it came in time.
An order whose cancel is pending already is not asked again.
"""

import numpy as np

from engine.kernel.following import CROSSING, owe
from engine.kernel.index import account_instrument_key, find
from engine.kernel.jit import rule
from engine.kernel.risk import limits_of
from engine.kernel.self_trade import best_price, crosses, first_against, reached_price
from engine.vocabulary import Check, SelfMatchPrevention

_SELF_TRADE_ALONE = 1 << Check.SELF_TRADE
"""What a refused order has broken if it was refused for nothing else."""


@rule
def owe_crossing(tables, slot, price, offset):
    """Owe the cancels of all that works against the order at `slot` and crosses `price`."""
    order = tables.orders[slot]
    holding = tables.holdings[_holding_of(tables, order)]
    side = order["side"]
    if not crosses(side, price, reached_price(holding, side)):
        return
    first = _next_crossing(tables.orders, first_against(holding, side), side, price)
    if first == 0:
        return
    firm = tables.firm[0]
    firm["crossing"] = first
    firm["crossing_price"] = price
    owe(firm, CROSSING, slot, offset)


@rule
def owe_after_denial(row, violations, tables, offset):
    """The same for a submit or replace that was refused, if it was for crossing alone and both are to go."""
    if violations != _SELF_TRADE_ALONE:
        return
    slot = find(tables.order_index, tables.orders, row["order_id_hi"], row["order_id_lo"])
    holding = _holding_of(tables, tables.orders[slot])
    limits = tables.limits[limits_of(tables, row["account"], row["instrument"], holding)]
    if limits["self_match"] == SelfMatchPrevention.CANCEL_BOTH:
        owe_crossing(tables, slot, row["price"], offset)


@rule
def pass_crossing(tables):
    """One order that was crossed is asked to be canceled: go on to the next, or owe nothing more."""
    firm = tables.firm[0]
    order = tables.orders[firm["due_slot"]]
    behind = np.int64(tables.orders[firm["crossing"]]["next_working"])
    firm["crossing"] = _next_crossing(tables.orders, behind, order["side"], firm["crossing_price"])
    if firm["crossing"] == 0:
        firm["crossing_price"] = 0
        firm["due"] = np.int64(firm["due"]) & ~CROSSING


@rule
def _next_crossing(orders, slot, side, price):
    """The first order from `slot` on that could trade at a price and that nobody cancels yet, or 0."""
    while slot != 0:
        order = orders[slot]
        if not order["is_canceling"] and crosses(side, price, best_price(order)):
            return slot
        slot = np.int64(order["next_working"])
    return slot


@rule
def _holding_of(tables, order):
    """The slot of an order's holding; an order that was refused is linked to none."""
    if order["holding"] != 0:
        return np.int64(order["holding"])
    hi, lo = account_instrument_key(order["account"], order["instrument"])
    return find(tables.holding_index, tables.holdings, hi, lo)
