"""Position and profit by average cost, exact.

A position keeps quantity, signed open cost, realised profit and cash in 10^-8 of the currency, never an
average price. The only rounding is the relief of a partial close, half to even; what is left stays in the
open cost, so `realised + unrealised == cash + qty x mark` holds to the last unit.
"""

import numpy as np

from engine.kernel.jit import rule
from engine.kernel.order_facts import money_of
from engine.kernel.wide import wide_add, wide_share, wide_sub


@rule
def fill_position(position, qty, price, factor):
    """Book a fill of signed quantity `qty`; a fill that flips closes what was open, then opens the rest."""
    hi, lo = money_of(qty, price, factor)
    cash_hi, cash_lo = wide_sub(position["cash_hi"], position["cash_lo"], hi, lo)
    position["cash_hi"] = cash_hi
    position["cash_lo"] = cash_lo
    if qty > 0:
        position["buy_qty"] += qty
    else:
        position["sell_qty"] -= qty
    held = position["qty"]
    if held == 0 or (held > 0) == (qty > 0):
        _open(position, qty, price, factor)
        return
    closed = min(abs(held), abs(qty))
    _close(position, held, closed, price, factor)
    rest = abs(qty) - closed
    if rest > 0:
        _open(position, rest if qty > 0 else -rest, price, factor)


@rule
def _open(position, qty, price, factor):
    """Add to the position at the fill's price."""
    hi, lo = money_of(qty, price, factor)
    cost_hi, cost_lo = wide_add(position["open_cost_hi"], position["open_cost_lo"], hi, lo)
    position["open_cost_hi"] = cost_hi
    position["open_cost_lo"] = cost_lo
    position["qty"] += qty


@rule
def _close(position, held, closed, price, factor):
    """Take `closed` units out at average cost and realise the difference."""
    signed_qty = closed if held > 0 else -closed
    relief_hi, relief_lo = wide_share(
        position["open_cost_hi"], position["open_cost_lo"], np.int64(closed), np.int64(abs(held))
    )
    hi, lo = money_of(signed_qty, price, factor)
    gain_hi, gain_lo = wide_sub(hi, lo, relief_hi, relief_lo)
    total_hi, total_lo = wide_add(position["realized_hi"], position["realized_lo"], gain_hi, gain_lo)
    position["realized_hi"] = total_hi
    position["realized_lo"] = total_lo
    cost_hi, cost_lo = wide_sub(position["open_cost_hi"], position["open_cost_lo"], relief_hi, relief_lo)
    position["open_cost_hi"] = cost_hi
    position["open_cost_lo"] = cost_lo
    position["qty"] = held - signed_qty
