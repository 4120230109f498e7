"""Self-trade prevention: no order that could trade with one of the same account, whatever its strategy.

The orders that work are linked, a list for each side of a holding. Beside each list stands the most
aggressive price that any order on it has had, so that one comparison is enough for most orders; the list is
walked only for those beyond it.
"""

import numpy as np

from engine.kernel.jit import rule
from engine.kernel.order_facts import working_qty
from engine.vocabulary import Reason, SelfMatchPrevention, Side


@rule
def place_working(tables, slot, qty_before):
    """Keep an order on its holding's list while it works; `qty_before` is what it worked before the event."""
    order = tables.orders[slot]
    holding = tables.holdings[order["holding"]]
    is_working = working_qty(order) > 0
    if is_working and qty_before == 0:
        _link(tables.orders, order, slot, holding)
    elif not is_working and qty_before > 0:
        _unlink(tables.orders, order, holding)
    if is_working:
        _reach(order, holding)


@rule
def _link(orders, order, slot, holding):
    """Put an order at the head of its list."""
    first = holding["first_buy"] if order["side"] == Side.BUY else holding["first_sell"]
    order["prev_working"] = 0
    order["next_working"] = first
    orders[first]["prev_working"] = slot if first != 0 else 0
    _begin_list(holding, order["side"], slot)


@rule
def _unlink(orders, order, holding):
    """Take an order off its list; an empty list has reached no price."""
    before = order["prev_working"]
    behind = order["next_working"]
    order["prev_working"] = 0
    order["next_working"] = 0
    if behind != 0:
        orders[behind]["prev_working"] = before
    if before != 0:
        orders[before]["next_working"] = behind
        return
    _begin_list(holding, order["side"], behind)
    if behind == 0:
        _forget_reach(holding, order["side"])


@rule
def _begin_list(holding, side, slot):
    if side == Side.BUY:
        holding["first_buy"] = slot
    else:
        holding["first_sell"] = slot


@rule
def _forget_reach(holding, side):
    if side == Side.BUY:
        holding["buy_high"] = 0
    else:
        holding["sell_low"] = 0


@rule
def _reach(order, holding):
    """Note how aggressive an order is; 0 is a list that has reached no price."""
    price = best_price(order)
    if order["side"] == Side.BUY:
        holding["buy_high"] = max(holding["buy_high"], price)
    elif holding["sell_low"] == 0 or price < holding["sell_low"]:
        holding["sell_low"] = price


@rule
def best_price(order):
    """The most aggressive price that an order may trade at: its own, or that of the replace in flight."""
    if not order["is_replacing"]:
        return order["price"]
    if order["side"] == Side.BUY:
        return max(order["price"], order["pending_price"])
    return min(order["price"], order["pending_price"])


@rule
def check_self_trade(tables, side, price, holding, limits):
    """Whether a price crosses that of an order which works against it; the best of those is the limit."""
    self_match = limits["self_match"]
    if self_match == SelfMatchPrevention.NONE or self_match == SelfMatchPrevention.CANCEL_PASSIVE:
        return Reason.NONE, 0, 0
    if not crosses(side, price, reached_price(holding, side)):
        return Reason.NONE, 0, 0
    best = _best_working(tables.orders, holding, side)
    if not crosses(side, price, best):
        return Reason.NONE, 0, 0
    return Reason.SELF_TRADE, best, price


@rule
def reached_price(holding, side):
    """The most aggressive price that has worked against a side since its list was last empty; 0 is none."""
    return holding["sell_low"] if side == Side.BUY else holding["buy_high"]


@rule
def first_against(holding, side):
    """The first of the orders that work against a side, or 0."""
    return np.int64(holding["first_sell"] if side == Side.BUY else holding["first_buy"])


@rule
def crosses(side, price, other):
    """Whether an order could trade with one of the other side at that price; 0 is none."""
    if other == 0:
        return False
    return price >= other if side == Side.BUY else price <= other


@rule
def _best_working(orders, holding, side):
    """The most aggressive price that works against a side, 0 where nothing does."""
    best = np.int64(0)
    slot = first_against(holding, side)
    while slot != 0:
        price = best_price(orders[slot])
        if best == 0 or (price < best if side == Side.BUY else price > best):
            best = price
        slot = np.int64(orders[slot]["next_working"])
    return best
