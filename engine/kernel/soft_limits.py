"""Soft limits: an order that passes every check but comes near a limit is accepted with a warning.

How near is a share of each limit, set with the limits; a price far from the mark on the passive side does no
harm by itself and always is a warning only. Source: FIX RiskLimitAction (1767), 4.
"""

import numpy as np

from engine.kernel.exposure_checks import addition_of, check_exposure, is_measured, share_of
from engine.kernel.jit import rule
from engine.kernel.order_terms import reference_price
from engine.kernel.risk import is_outside_collar, order_notional, position_limit
from engine.kernel.valuing import opening_qty, worst_case_qty
from engine.vocabulary import Check, Reason, Side

_MEASURED = (
    np.int64(Check.WORKING_NOTIONAL),
    np.int64(Check.GROSS),
    np.int64(Check.NET),
    np.int64(Check.CREDIT),
)


@rule
def warnings_of(tables, asked, price, holding_slot, limits_slot, slot, more_qty, now):
    """A bit for every check that an accepted order passed only just."""
    instrument = tables.instruments[asked["instrument"]]
    limits = tables.limits[limits_slot]
    other_side = Side.SELL if asked["side"] == Side.BUY else Side.BUY
    bits = np.int64(0)
    reference = reference_price(asked, instrument["mark"])
    if is_outside_collar(other_side, price, reference, np.int64(limits["collar_ppm"])):
        bits |= np.int64(1) << Check.COLLAR
    holding = tables.holdings[holding_slot]
    worst = worst_case_qty(holding, asked["side"], more_qty)
    opening = opening_qty(tables, asked, slot, more_qty)
    if is_measured(tables.accounts[asked["account"]], max(worst, opening)):
        addition = addition_of(asked, price, instrument, holding, tables.orders[slot], more_qty)
        bits |= _exposure_warnings(tables, asked, addition, worst, opening, more_qty, now)
    share = np.int64(limits["soft_percent"])
    if share == 0:
        return bits
    if is_beyond_share(asked["qty"], limits["max_order_qty"], share):
        bits |= np.int64(1) << Check.ORDER_QTY
    notional = order_notional(asked["qty"], price, instrument["money_factor"])
    if is_beyond_share(notional, limits["max_order_notional"], share):
        bits |= np.int64(1) << Check.ORDER_NOTIONAL
    if more_qty > 0 and is_beyond_share(worst, position_limit(limits, asked["side"]), share):
        bits |= np.int64(1) << Check.POSITION
    return bits


@rule
def is_beyond_share(observed, limit, percent):
    """Whether a value is above so many percent of its limit."""
    return observed > share_of(limit, percent)


@rule
def _exposure_warnings(tables, asked, addition, worst, opening, more_qty, now):
    """A bit for every limit on the account's exposure that is nearly used; a loss is no order's doing."""
    first = np.int64(tables.accounts[asked["account"]]["first_ledger"])
    side = np.uint8(asked["side"])
    bits = np.int64(0)
    for check in _MEASURED:
        if (worst if check == Check.GROSS or check == Check.NET else opening) <= 0:
            continue
        outcome = check_exposure(
            tables.ledgers, tables.rates, first, check, side, more_qty, addition, now, True
        )
        if outcome[0] != Reason.NONE:
            bits |= np.int64(1) << check
    return bits
