"""Throttles: how many orders an account may have and repeat, how fast a strategy may send and be filled.

A strategy has a token bucket of its own and a count of its executions, an account a count of its open orders;
each side of a holding counts the orders that repeat the one before. Where nobody has set a throttle only open
orders are counted. Source: RTS 6 article 15, SEC rule 15c3-5 (c)(1)(ii).
"""

import numpy as np

from engine.kernel.jit import rule
from engine.vocabulary import CommandKind, Reason, Side


@rule
def check_repeats(asked, price, account, holding, now):
    """A new order does not repeat the last one of its side too often in a short time."""
    if account["repeats_max"] == 0 or asked["kind"] != CommandKind.SUBMIT_ORDER:
        return Reason.NONE, 0, 0
    count = np.int64(_repeats(holding, asked["side"], asked["qty"], price, now, account["repeat_window_ns"]))
    if count >= account["repeats_max"]:
        return Reason.DUPLICATIVE_ORDER, account["repeats_max"], count + 1
    return Reason.NONE, 0, 0


@rule
def _repeats(holding, side, qty, price, now, window_ns):
    """How many orders of this quantity and price have come in a row on this side, within the window."""
    if side == Side.BUY:
        if holding["repeat_buy_qty"] != qty or holding["repeat_buy_price"] != price:
            return np.int64(0)
        if np.int64(now) - holding["repeat_buy_ns"] > window_ns:
            return np.int64(0)
        return np.int64(holding["repeat_buy_count"])
    if holding["repeat_sell_qty"] != qty or holding["repeat_sell_price"] != price:
        return np.int64(0)
    if np.int64(now) - holding["repeat_sell_ns"] > window_ns:
        return np.int64(0)
    return np.int64(holding["repeat_sell_count"])


@rule
def count_repeat(tables, order, now):
    """Count a new order that repeats the last one of its side, or begin with it."""
    account = tables.accounts[order["account"]]
    if account["repeats_max"] == 0:
        return
    holding = tables.holdings[order["holding"]]
    side = order["side"]
    count = _repeats(holding, side, order["order_qty"], order["price"], now, account["repeat_window_ns"])
    if side == Side.BUY:
        holding["repeat_buy_qty"] = order["order_qty"]
        holding["repeat_buy_price"] = order["price"]
        holding["repeat_buy_count"] = count + 1
        holding["repeat_buy_ns"] = now if count == 0 else holding["repeat_buy_ns"]
        return
    holding["repeat_sell_qty"] = order["order_qty"]
    holding["repeat_sell_price"] = order["price"]
    holding["repeat_sell_count"] = count + 1
    holding["repeat_sell_ns"] = now if count == 0 else holding["repeat_sell_ns"]


@rule
def check_open_orders(asked, account):
    """An account has no more open orders than it may."""
    most = np.int64(account["open_orders_max"])
    if most != 0 and asked["kind"] == CommandKind.SUBMIT_ORDER and account["open_orders"] >= most:
        return Reason.TOO_MANY_ORDERS, most, np.int64(account["open_orders"])
    return Reason.NONE, 0, 0


@rule
def count_open(tables, order, more):
    """Count an order as open, or no longer."""
    tables.firm[0]["open_orders"] += more
    tables.accounts[order["account"]]["open_orders"] += more


@rule
def check_strategy_rate(strategy, now):
    """A strategy does not send faster than its own token bucket refills (GCRA)."""
    if strategy["rate_interval_ns"] == 0:
        return Reason.NONE, 0, 0
    full_ns = max(np.int64(strategy["rate_full_ns"]), np.int64(now))
    debt_ns = full_ns + strategy["rate_interval_ns"] - now - strategy["rate_burst_ns"]
    if debt_ns > 0:
        return Reason.RATE_EXCEEDED, strategy["rate_burst_ns"], debt_ns
    return Reason.NONE, 0, 0


@rule
def spend_strategy_rate(tables, handle, now):
    """Take a token out of a strategy's bucket; a cancel takes one too, and is never refused for it."""
    strategy = tables.strategies[handle]
    if strategy["rate_interval_ns"] == 0:
        return
    full_ns = max(np.int64(strategy["rate_full_ns"]), np.int64(now))
    # Cancels may overdraw the bucket, by no more than it holds: new orders wait twice as long at most.
    most_ns = np.int64(now) + 2 * strategy["rate_burst_ns"]
    strategy["rate_full_ns"] = min(full_ns + strategy["rate_interval_ns"], most_ns)


@rule
def check_executions(strategy):
    """A strategy that was filled too often in a short time is stopped until somebody lifts its halt."""
    if strategy["is_tripped"]:
        return Reason.EXECUTION_THROTTLE, strategy["executions_max"], np.int64(strategy["executions"])
    return Reason.NONE, 0, 0


@rule
def count_execution(tables, handle, offset, now):
    """Count a trade of a strategy, the event at `offset`; one too many in a window trips it for good."""
    strategy = tables.strategies[handle]
    if strategy["executions_max"] == 0:
        return
    if np.int64(now) - strategy["executions_ns"] > strategy["execution_window_ns"]:
        strategy["executions_ns"] = now
        strategy["executions"] = 0
    strategy["executions"] += 1
    if strategy["executions"] > strategy["executions_max"] and not strategy["is_tripped"]:
        strategy["is_tripped"] = 1
        strategy["tripped_offset"] = offset
