"""Exposure per group and currency: what is held at the mark, what works, and the worst that can come of both.

Per line (a position or a holding) with quantity q, marked value N = q x mark x factor, and working quantities
B and S: long = max(N, 0), short = max(-N, 0), gross = long + short, net = long - short; working buy and sell
are leaves x limit price; the worst case long is max(q + B, 0) at the mark, short max(S - q, 0), and the worst
case the larger of the two. q + B and S - q are what the position limit compares.
"""

import numpy as np

from engine.kernel.jit import entry, rule
from engine.kernel.valuing import add_money, can_value, magnitude, value_of, worst_case_qty
from engine.kernel.wide import wide_less
from engine.projections.sums import (
    call_lines,
    count_unpriced,
    sum_of,
)
from engine.vocabulary import Side

LONG, SHORT, GROSS, NET, WORKING_BUY, WORKING_SELL, WORST_LONG, WORST_SHORT, WORST = range(9)
EXPOSURE_MEASURES = (
    "long",
    "short",
    "gross",
    "net",
    "working_buy",
    "working_sell",
    "worst_case_long",
    "worst_case_short",
    "worst_case",
)
"""What the amounts of a sum of exposure are, in their order."""


@entry
def sum_exposure(lines, links, groups, firsts, priced, unpriced, sums, begin, end):
    """Sum the exposure of the groups `begin` to before `end`; gives the rows of `sums` used, -1 if too few.

    `groups` are ACCOUNT, STRATEGY or INSTRUMENT rows, `lines` POSITION or HOLDING rows, `priced` PRICED rows,
    `sums` SUM rows; `unpriced[instrument]`, zero before, is set to 1 where a line could not be valued.
    """
    used = 0
    for group in range(begin, min(end, len(firsts))):
        first = used
        call_lines(lines, links, firsts[group], priced)
        line = np.int64(firsts[group])
        steps = 0
        while 0 < line < len(lines) and steps < len(lines):
            used = _add_line(lines[line], priced, sums, first, used, groups[group], unpriced)
            if used < 0:
                return -1
            line = np.int64(links[line])
            steps += 1
    return used


@rule
def _add_line(row, priced, sums, first, used, group, unpriced):
    """Add one line to its group's sum in its currency; gives the rows used, -1 if there are too few."""
    slot = np.int64(row["instrument"])
    if slot >= len(priced) or _is_empty(row):
        return used
    instrument = priced[slot]
    at, used = sum_of(sums, first, used, group, instrument)
    if at < 0:
        return -1
    total = sums[at]
    total["lines"] += np.uint32(1)
    add_money(total, WORKING_BUY, row["working_buy_value_hi"], row["working_buy_value_lo"])
    add_money(total, WORKING_SELL, row["working_sell_value_hi"], row["working_sell_value_lo"])
    largest = abs(row["qty"]) + row["working_buy_qty"] + row["working_sell_qty"]
    if not can_value(instrument, largest):
        count_unpriced(total, unpriced, slot)
        return used
    _add_held(total, instrument, row["qty"])
    _add_worst(total, instrument, row)
    return used


@rule
def _is_empty(row):
    return row["qty"] == 0 and row["working_buy_qty"] == 0 and row["working_sell_qty"] == 0


@rule
def _add_held(total, instrument, qty):
    hi, lo = value_of(instrument, qty)
    size_hi, size_lo = magnitude(hi, lo)
    add_money(total, NET, hi, lo)
    add_money(total, GROSS, size_hi, size_lo)
    if qty > 0:
        add_money(total, LONG, size_hi, size_lo)
    else:
        add_money(total, SHORT, size_hi, size_lo)


@rule
def _add_worst(total, instrument, row):
    """The worst case of one line; those of several lines add up, because each can happen."""
    zero = np.int64(0)
    long_hi, long_lo = value_of(instrument, max(worst_case_qty(row, Side.BUY, zero), zero))
    short_hi, short_lo = value_of(instrument, max(worst_case_qty(row, Side.SELL, zero), zero))
    add_money(total, WORST_LONG, long_hi, long_lo)
    add_money(total, WORST_SHORT, short_hi, short_lo)
    if wide_less(long_hi, long_lo, short_hi, short_lo):
        add_money(total, WORST, short_hi, short_lo)
    else:
        add_money(total, WORST, long_hi, long_lo)
