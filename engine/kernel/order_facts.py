"""What follows from an order's facts: leaves, status, what it works. Derived, never stored."""

import numpy as np

from engine.kernel.jit import rule
from engine.kernel.wide import wide_less, wide_multiply, wide_scale
from engine.vocabulary import Life, OrdStatus, Side


@rule
def is_over(life):
    """Whether a life has ended: nothing is left of the order, though late fills still count."""
    return life == Life.CANCELED or life == Life.EXPIRED or life == Life.REJECTED


@rule
def leaves_of(life, order_qty, cum_qty):
    """LeavesQty (151): OrderQty - CumQty while the order lives, else 0; never negative under overfill."""
    if is_over(life) or cum_qty >= order_qty:
        return np.int64(0)
    return order_qty - cum_qty


@rule
def ord_status(life, is_canceling, is_replacing, order_qty, cum_qty):
    """OrdStatus (39): the highest in FIX's precedence among the facts present (FIX 4.4 volume 4)."""
    if is_canceling:
        return OrdStatus.PENDING_CANCEL
    if is_replacing:
        return OrdStatus.PENDING_REPLACE
    if cum_qty >= order_qty and cum_qty > 0:
        return OrdStatus.FILLED
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
        order["life"], order["is_canceling"], order["is_replacing"], order["order_qty"], order["cum_qty"]
    )


@rule
def working_qty(order):
    """What an order may still fill: its leaves, or those of the replace in flight if they are more."""
    leaves = leaves_of(order["life"], order["order_qty"], order["cum_qty"])
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
    leaves = leaves_of(order["life"], order["order_qty"], order["cum_qty"])
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
