"""Position and profit by average cost, exact, and exactly undone.

A position keeps quantity, signed open cost, realised profit and cash in 10^-8 of the currency, never an
average price. The only rounding is the relief of a partial close, half to even; what is left stays in the
open cost, so `realised + unrealised == cash + qty x mark` holds to the last unit. Who keeps the relief of a
fill can take it out again, if it was the last one booked.
"""

import numpy as np

from engine.kernel.jit import rule
from engine.kernel.order_facts import money_of
from engine.kernel.wide import wide_add, wide_share, wide_sub

_NO_RELIEF = (np.int64(0), np.uint64(0))


@rule
def fill_position(position, qty, price, factor):
    """Book a fill of signed quantity `qty`; a fill that flips closes what was open, then opens the rest.

    Gives its relief as a wide number: the open cost, signed, of what it closed.
    """
    _pay(position, qty, price, factor)
    _count(position, qty, qty)
    held = position["qty"]
    if held == 0 or (held > 0) == (qty > 0):
        _open(position, qty, price, factor)
        return _NO_RELIEF
    closed = min(abs(held), abs(qty))
    relief_hi, relief_lo = wide_share(
        position["open_cost_hi"], position["open_cost_lo"], np.int64(closed), np.int64(abs(held))
    )
    _close(position, closed if held > 0 else -closed, price, factor, relief_hi, relief_lo)
    rest = abs(qty) - closed
    if rest > 0:
        _open(position, rest if qty > 0 else -rest, price, factor)
    return relief_hi, relief_lo


@rule
def unfill_position(position, qty, price, factor, relief_hi, relief_lo):
    """Take out the fill that was booked last: everything is as it was before `fill_position`."""
    _pay(position, -qty, price, factor)
    _count(position, qty, -qty)
    held = position["qty"] - qty
    if held == 0 or (held > 0) == (qty > 0):
        _open(position, -qty, price, factor)
        return
    closed = min(abs(held), abs(qty))
    rest = abs(qty) - closed
    if rest > 0:
        _open(position, -rest if qty > 0 else rest, price, factor)
    _unclose(position, closed if held > 0 else -closed, price, factor, relief_hi, relief_lo)


@rule
def _pay(position, qty, price, factor):
    """Cash goes out for what is bought and comes in for what is sold."""
    hi, lo = money_of(qty, price, factor)
    hi, lo = wide_sub(position["cash_hi"], position["cash_lo"], hi, lo)
    position["cash_hi"] = hi
    position["cash_lo"] = lo


@rule
def _count(position, side, qty):
    """Count a quantity, or take it back, among what was bought or sold: the sign of `side` says which."""
    if side > 0:
        position["buy_qty"] += qty
    else:
        position["sell_qty"] -= qty


@rule
def _open(position, qty, price, factor):
    """Add to the position at the fill's price; with the other sign it takes the same out again."""
    hi, lo = money_of(qty, price, factor)
    hi, lo = wide_add(position["open_cost_hi"], position["open_cost_lo"], hi, lo)
    position["open_cost_hi"] = hi
    position["open_cost_lo"] = lo
    position["qty"] += qty


@rule
def _close(position, qty, price, factor, relief_hi, relief_lo):
    """Take `qty` (signed as the position) out at its average cost and realise the difference."""
    hi, lo = money_of(qty, price, factor)
    gain_hi, gain_lo = wide_sub(hi, lo, relief_hi, relief_lo)
    total_hi, total_lo = wide_add(position["realized_hi"], position["realized_lo"], gain_hi, gain_lo)
    position["realized_hi"] = total_hi
    position["realized_lo"] = total_lo
    cost_hi, cost_lo = wide_sub(position["open_cost_hi"], position["open_cost_lo"], relief_hi, relief_lo)
    position["open_cost_hi"] = cost_hi
    position["open_cost_lo"] = cost_lo
    position["qty"] -= qty


@rule
def _unclose(position, qty, price, factor, relief_hi, relief_lo):
    """Put back what `_close` took out."""
    hi, lo = money_of(qty, price, factor)
    gain_hi, gain_lo = wide_sub(hi, lo, relief_hi, relief_lo)
    total_hi, total_lo = wide_sub(position["realized_hi"], position["realized_lo"], gain_hi, gain_lo)
    position["realized_hi"] = total_hi
    position["realized_lo"] = total_lo
    cost_hi, cost_lo = wide_add(position["open_cost_hi"], position["open_cost_lo"], relief_hi, relief_lo)
    position["open_cost_hi"] = cost_hi
    position["open_cost_lo"] = cost_lo
    position["qty"] += qty
