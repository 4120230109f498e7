"""Soft limits: an order that passes every check but comes near a limit is accepted with a warning.

How near is a share of each limit, set with the limits; a price far from the mark on the passive side does no
harm by itself and always is a warning only. Source: FIX RiskLimitAction (1767), 4.
"""

import numpy as np

from engine.kernel.jit import rule
from engine.kernel.order_terms import reference_price
from engine.kernel.risk import is_outside_collar, order_notional, position_limit, worst_case_qty
from engine.vocabulary import Check, Side


@rule
def warnings_of(tables, asked, price, holding_slot, limits_slot, more_qty):
    """A bit for every check that an accepted order passed only just."""
    instrument = tables.instruments[asked["instrument"]]
    limits = tables.limits[limits_slot]
    other_side = Side.SELL if asked["side"] == Side.BUY else Side.BUY
    bits = np.int64(0)
    reference = reference_price(asked, instrument["mark"])
    if is_outside_collar(other_side, price, reference, np.int64(limits["collar_ppm"])):
        bits |= np.int64(1) << Check.COLLAR
    share = np.int64(limits["soft_percent"])
    if share == 0:
        return bits
    if is_beyond_share(asked["qty"], limits["max_order_qty"], share):
        bits |= np.int64(1) << Check.ORDER_QTY
    notional = order_notional(asked["qty"], price, instrument["money_factor"])
    if is_beyond_share(notional, limits["max_order_notional"], share):
        bits |= np.int64(1) << Check.ORDER_NOTIONAL
    worst = worst_case_qty(tables.holdings[holding_slot], asked["side"], more_qty)
    if more_qty > 0 and is_beyond_share(worst, position_limit(limits, asked["side"]), share):
        bits |= np.int64(1) << Check.POSITION
    return bits


@rule
def is_beyond_share(observed, limit, percent):
    """Whether a value is above so many percent of its limit; in two parts, as their product may wrap."""
    return observed > limit // 100 * percent + limit % 100 * percent // 100
