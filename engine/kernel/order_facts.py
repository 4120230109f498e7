"""What follows from an order's facts: leaves, status, what it works. Derived, never stored."""

import numpy as np

from engine.flags import Notice
from engine.kernel.jit import rule
from engine.kernel.wide import wide_less, wide_multiply, wide_scale
from engine.vocabulary import Life, OrdStatus, Side, TimeInForce


@rule
def is_over(life):
    """Whether a life has ended: nothing is left of the order, though late fills still count."""
    return life == Life.CANCELED or life == Life.EXPIRED or life == Life.REJECTED


@rule
def leaves_after(life, time_in_force, order_qty, cum_qty):
    """LeavesQty (151): OrderQty - CumQty while the order lives, else 0; never negative under overfill.

    Done for the day is done for good where the order is good for the day only.
    """
    if is_over(life) or cum_qty >= order_qty:
        return np.int64(0)
    if life == Life.DONE_FOR_DAY and time_in_force == TimeInForce.DAY:
        return np.int64(0)
    return order_qty - cum_qty


@rule
def leaves_of(order):
    """LeavesQty (151) of an order row."""
    return leaves_after(order["life"], order["time_in_force"], order["order_qty"], order["cum_qty"])


@rule
def ord_status(life, is_canceling, is_replacing, notices, order_qty, cum_qty):
    """OrdStatus (39): the highest in FIX's precedence among the facts present (FIX 4.4 volume 4)."""
    if is_canceling:
        return OrdStatus.PENDING_CANCEL
    if is_replacing:
        return OrdStatus.PENDING_REPLACE
    if life == Life.DONE_FOR_DAY:
        return OrdStatus.DONE_FOR_DAY
    if notices & np.uint8(Notice.CALCULATED):
        return OrdStatus.CALCULATED
    if cum_qty >= order_qty and cum_qty > 0:
        return OrdStatus.FILLED
    if notices & np.uint8(Notice.STOPPED):
        return OrdStatus.STOPPED
    return _status_of_life(life, cum_qty)


@rule
def _status_of_life(life, cum_qty):
    """The lower half of the precedence: an order that nothing is pending of, and that is not filled."""
    if life == Life.SUSPENDED:
        return OrdStatus.SUSPENDED
    if life == Life.CANCELED:
        return OrdStatus.CANCELED
    if life == Life.EXPIRED:
        return OrdStatus.EXPIRED
    if cum_qty > 0:
        return OrdStatus.PARTIALLY_FILLED
    if life == Life.REJECTED:
        return OrdStatus.REJECTED
    if life == Life.PENDING_NEW:
        return OrdStatus.PENDING_NEW
    return OrdStatus.NEW


@rule
def status_of(order):
    """OrdStatus of an order row."""
    return ord_status(
        order["life"],
        order["is_canceling"],
        order["is_replacing"],
        order["notices"],
        order["order_qty"],
        order["cum_qty"],
    )


@rule
def working_qty(order):
    """What an order may still fill: its leaves, or those of the replace in flight if they are more."""
    leaves = leaves_of(order)
    if order["is_replacing"] and not is_over(order["life"]):
        wanted = order["pending_qty"] - order["cum_qty"]
        if wanted > leaves:
            return wanted
    return leaves


@rule
def money_of(qty, price, factor):
    """Quantity x price in 10^-8 of the currency, as a wide number."""
    hi, lo = wide_multiply(qty, price)
    return wide_scale(hi, lo, factor)


@rule
def working_value(order, factor):
    """The money an order may still move: leaves x price, or that of the replace in flight if it is more."""
    leaves = leaves_of(order)
    hi, lo = money_of(leaves, order["price"], factor)
    if order["is_replacing"] and not is_over(order["life"]):
        wanted = order["pending_qty"] - order["cum_qty"]
        if wanted > 0:
            new_hi, new_lo = money_of(wanted, order["pending_price"], factor)
            if wide_less(hi, lo, new_hi, new_lo):
                return new_hi, new_lo
    return hi, lo


@rule
def signed(side, qty):
    """A quantity with the sign of its side: bought is positive."""
    if side == Side.BUY:
        return np.int64(qty)
    return -np.int64(qty)
