"""Checks of an order against its instrument, which need no limits: tick, lot, size, expiry, short sales.

Each gives (reason, limit, observed), the reason NONE where the order passes.
"""

import numpy as np

from engine.flags import InstrumentFlag
from engine.kernel.jit import rule
from engine.kernel.order_terms import off_lot, off_tick
from engine.limits import NS_PER_SECOND
from engine.vocabulary import Reason, Side


@rule
def check_tick(asked, price, instrument):
    """A price, and the one that an order waits for, is a whole number of ticks."""
    off = off_tick(asked, price, instrument["tick"])
    if off != 0:
        return Reason.INVALID_PRICE_INCREMENT, instrument["tick"], off
    return Reason.NONE, 0, 0


@rule
def check_lot(asked, instrument):
    """A quantity, and each part of it that an order names, is a whole number of lots."""
    off = off_lot(asked, instrument["lot"])
    if off != 0:
        return Reason.INVALID_LOT, instrument["lot"], off
    return Reason.NONE, 0, 0


@rule
def check_size(qty, instrument):
    """A quantity lies between the instrument's least and most; 0 lots means that there is none."""
    least = np.int64(instrument["min_lots"]) * instrument["lot"]
    most = np.int64(instrument["max_lots"]) * instrument["lot"]
    if qty < least:
        return Reason.QTY_TOO_SMALL, least, qty
    if qty > most > 0:
        return Reason.QTY_TOO_LARGE, most, qty
    return Reason.NONE, 0, 0


@rule
def check_expiry(expire_s, now):
    """An order that names its ExpireTime, in Unix seconds, names one that is still to come."""
    expire_ns = np.int64(expire_s) * NS_PER_SECOND
    if 0 < expire_ns <= now:
        return Reason.EXPIRED_ORDER, np.int64(now), expire_ns
    return Reason.NONE, 0, 0


@rule
def check_restricted(instrument):
    """Nobody trades what is on the restricted list; what works there can be canceled."""
    if instrument["flags"] & InstrumentFlag.RESTRICTED:
        return Reason.RESTRICTED_INSTRUMENT, 0, 0
    return Reason.NONE, 0, 0


@rule
def check_short_sale(asked, instrument, worst_qty, more_qty):
    """A sale is short if it is marked so, or if all that works could leave the account short with it.

    What may not be sold short never is; where a locate is needed the sale must be marked and have one.
    """
    flags = instrument["flags"] & (InstrumentFlag.NOT_SHORTABLE | InstrumentFlag.LOCATE_NEEDED)
    if flags == 0 or asked["side"] == Side.BUY or more_qty <= 0:
        return Reason.NONE, 0, 0
    is_marked = asked["side"] != Side.SELL
    if not is_marked and worst_qty <= 0:
        return Reason.NONE, 0, 0
    if flags == InstrumentFlag.LOCATE_NEEDED and is_marked and asked["is_locate"]:
        return Reason.NONE, 0, 0
    return Reason.SHORT_NOT_PERMITTED, 0, worst_qty
