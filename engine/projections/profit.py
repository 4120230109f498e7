"""Profit and loss per group and currency, by average cost, the open part valued at the mark.

`realized + unrealized == cash + quantity x mark`, exactly: what the relief of a partial close rounds stays in
the open cost. A position that is open and has no mark is not in `unrealized` and `total`; it is counted as
unpriced. Fees are no part of these: they are summed in the currencies in which venues charged them, and `net`
is what was realised less the fees in the same currency.
"""

import numpy as np

from engine.kernel.jit import entry, rule
from engine.kernel.valuing import add_money, can_value, value_of
from engine.kernel.wide import wide_add, wide_neg, wide_sub
from engine.projections.sums import (
    CURRENCIES_MAX,
    call_lines,
    count_unpriced,
    sum_of,
)

REALIZED, UNREALIZED, TOTAL, FEES, NET = range(5)
PROFIT_MEASURES = ("realized", "unrealized", "total", "fees", "net")
"""What the amounts of a sum of profit are, in their order."""


@entry
def sum_profit(positions, links, groups, firsts, priced, unpriced, fees, sums, begin, end):
    """Sum the profit of the groups `begin` to before `end`; arguments and result are as in `sum_exposure`.

    `fees` are FEE rows.
    """
    used = 0
    for group in range(begin, min(end, len(firsts))):
        first = used
        call_lines(positions, links, firsts[group], priced)
        line = np.int64(firsts[group])
        steps = 0
        while 0 < line < len(positions) and steps < len(positions):
            used = _add_position(positions[line], priced, sums, first, used, groups[group], unpriced)
            if used >= 0:
                used = _add_fees(positions[line], fees, sums, first, used, groups[group])
            if used < 0:
                return -1
            line = np.int64(links[line])
            steps += 1
    return used


@rule
def _add_position(row, priced, sums, first, used, group, unpriced):
    """Add one position to its group's sum in its currency; gives the rows used, -1 if there are too few."""
    slot = np.int64(row["instrument"])
    if slot >= len(priced) or (row["buy_qty"] == 0 and row["sell_qty"] == 0):
        return used
    instrument = priced[slot]
    at, used = sum_of(sums, first, used, group, instrument)
    if at < 0:
        return -1
    total = sums[at]
    total["lines"] += np.uint32(1)
    add_money(total, REALIZED, row["realized_hi"], row["realized_lo"])
    add_money(total, NET, row["realized_hi"], row["realized_lo"])
    if row["qty"] != 0 and not can_value(instrument, row["qty"]):
        count_unpriced(total, unpriced, slot)
        return used
    hi, lo = unrealized_of(row, instrument)
    add_money(total, UNREALIZED, hi, lo)
    hi, lo = wide_add(hi, lo, row["realized_hi"], row["realized_lo"])
    add_money(total, TOTAL, hi, lo)
    return used


@rule
def _add_fees(row, fees, sums, first, used, group):
    """Add a position's fees to its group's sums, each in its own currency; gives as `_add_position` does."""
    slot = np.int64(row["first_fee"])
    steps = 0
    while 0 < slot < len(fees) and steps < CURRENCIES_MAX:
        fee = fees[slot]
        at, used = sum_of(sums, first, used, group, fee)
        if at < 0:
            return -1
        add_money(sums[at], FEES, fee["amount_hi"], fee["amount_lo"])
        hi, lo = wide_neg(fee["amount_hi"], fee["amount_lo"])
        add_money(sums[at], NET, hi, lo)
        slot = np.int64(fee["next_of_position"])
        steps += 1
    return used


@rule
def unrealized_of(position, instrument):
    """What closing a position at the mark would realise, as a wide number."""
    hi, lo = value_of(instrument, position["qty"])
    return wide_sub(hi, lo, position["open_cost_hi"], position["open_cost_lo"])
