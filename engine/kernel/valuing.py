"""What can come of a holding, and what a quantity is worth at the mark: one rule for checks and for reads."""

import numpy as np

from engine.kernel.index import find, position_key
from engine.kernel.jit import rule
from engine.kernel.order_facts import money_of
from engine.kernel.wide import wide_add, wide_multiply, wide_neg
from engine.limits import MONEY_FACTOR_MAX
from engine.vocabulary import Side

_VALUE_HIGH_MAX = np.int64(2**30)
assert MONEY_FACTOR_MAX < 2**30, "a value then stays below 2**95, and 2**32 of the largest fit 128 bits"


@rule
def worst_case_qty(holding, side, more_qty):
    """The position if everything that works on this side fills, long or short, with `more_qty` on top."""
    if side == Side.BUY:
        return holding["qty"] + holding["working_buy_qty"] + more_qty
    return holding["working_sell_qty"] + more_qty - holding["qty"]


@rule
def opening_qty(tables, asked, slot, more_qty):
    """The same of the order's own position, that of its account, strategy and instrument, which it may close.

    Above zero it could leave a position on its side, whatever other strategies of its account hold. `slot` is
    the order that is replaced, 0 of none.
    """
    position = np.int64(tables.orders[slot]["position"])
    if position == 0:
        hi, lo = position_key(asked["account"], asked["strategy"], asked["instrument"])
        position = find(tables.position_index, tables.positions, hi, lo)
    return worst_case_qty(tables.positions[position], asked["side"], more_qty)


@rule
def can_value(instrument, qty):
    """Whether there is a mark, and the quantity's value at it stays below 2**95."""
    factor = instrument["money_factor"]
    if instrument["mark"] <= 0 or factor <= 0:
        return False
    hi, _ = wide_multiply(abs(qty), instrument["mark"])
    return hi <= _VALUE_HIGH_MAX // factor


@rule
def value_of(instrument, qty):
    """Signed quantity x mark in 10^-8 of the currency, as a wide number."""
    return money_of(qty, instrument["mark"], instrument["money_factor"])


@rule
def magnitude(hi, lo):
    """The absolute value of a wide number."""
    if hi < 0:
        return wide_neg(hi, lo)
    return hi, lo


@rule
def add_money(total, measure, hi, lo):
    """Add a wide number to one of the amounts in a row's `money`."""
    money = total["money"]
    hi, lo = wide_add(np.int64(money[measure, 0]), money[measure, 1], hi, lo)
    money[measure, 0] = np.uint64(hi)
    money[measure, 1] = lo
