"""What the type of an order makes of its terms: which prices it has, and at which price it works.

A market order and a stop order name no price of their own. They work at the worst price that the collar lets
them trade at, and keep their type: exposure and limits then count the most that they can cost.
"""

import numpy as np

from engine.flags import ExecInst
from engine.kernel.jit import rule
from engine.limits import PPM, PRICE_MAX
from engine.vocabulary import OrdType, Reason, Side, TimeInForce

_EXEC_INSTS = int(ExecInst.PARTICIPATE_DONT_INITIATE | ExecInst.DO_NOT_INCREASE | ExecInst.ALL_OR_NONE)


@rule
def has_price(ord_type):
    """Whether orders of this type name a Price (44)."""
    return ord_type == OrdType.LIMIT or ord_type == OrdType.STOP_LIMIT


@rule
def has_stop(ord_type):
    """Whether orders of this type wait for a StopPx (99)."""
    return ord_type == OrdType.STOP or ord_type == OrdType.STOP_LIMIT


@rule
def is_ord_type(ord_type):
    """Whether an order may be of this type."""
    return has_price(ord_type) or has_stop(ord_type) or ord_type == OrdType.MARKET


@rule
def is_time_in_force(time_in_force):
    """Whether an order may stand for so long."""
    return (
        time_in_force == TimeInForce.DAY
        or time_in_force == TimeInForce.GTC
        or time_in_force == TimeInForce.IOC
        or time_in_force == TimeInForce.FOK
        or time_in_force == TimeInForce.GTD
    )


@rule
def malformed_prices(asked):
    """Whether Price or StopPx is missing, out of bounds, or given to a type that has none."""
    ord_type = asked["ord_type"]
    if _is_misplaced(asked["price"], has_price(ord_type)):
        return Reason.BAD_PRICE
    if _is_misplaced(asked["stop_px"], has_stop(ord_type)):
        return Reason.BAD_PRICE
    return Reason.NONE


@rule
def _is_misplaced(price, is_wanted):
    if is_wanted:
        return price <= 0 or price > PRICE_MAX
    return price != 0


@rule
def malformed_conditions(asked):
    """Whether MinQty, DisplayQty, ExpireTime or ExecInst of a new order make no sense."""
    qty = asked["qty"]
    if (
        asked["min_qty"] < 0
        or asked["min_qty"] > qty
        or asked["display_qty"] < 0
        or asked["display_qty"] > qty
    ):
        return Reason.BAD_QTY
    if (asked["expire_s"] != 0) != (asked["time_in_force"] == TimeInForce.GTD):
        return Reason.BAD_TIME_IN_FORCE
    if asked["exec_inst"] > _EXEC_INSTS:
        return Reason.BAD_ORD_TYPE
    return Reason.NONE


@rule
def foreign_conditions(asked):
    """Which condition a replace brings, though only a new order can set it, or NONE."""
    if asked["min_qty"] != 0 or asked["display_qty"] != 0:
        return Reason.BAD_QTY
    if asked["expire_s"] != 0:
        return Reason.BAD_TIME_IN_FORCE
    if asked["exec_inst"] != 0:
        return Reason.BAD_ORD_TYPE
    return Reason.NONE


@rule
def reference_price(asked, mark):
    """What the collar is measured from: StopPx where the order waits for it, else the mark.

    A stop to buy that is below the mark triggers at once and trades at the market, so the mark counts.
    """
    if asked["ord_type"] == OrdType.STOP and asked["side"] == Side.BUY:
        return max(np.int64(asked["stop_px"]), np.int64(mark))
    if has_stop(asked["ord_type"]):
        return np.int64(asked["stop_px"])
    return np.int64(mark)


@rule
def working_price(asked, instrument, collar_ppm):
    """The price that an order works at: its own, or the worst within the collar, on the tick.

    A cap is rounded to the tick towards the price that it is measured from. It is PRICE_MAX at most, and one
    tick at least, also where there is no mark to measure it from: the order is refused then.
    """
    if has_price(asked["ord_type"]):
        return np.int64(asked["price"])
    reference = reference_price(asked, instrument["mark"])
    tick = np.int64(instrument["tick"])
    if reference == 0:
        return tick
    band = _share(reference, np.int64(collar_ppm))
    if asked["side"] == Side.BUY:
        cap = min(reference + band, np.int64(PRICE_MAX)) // tick * tick
    else:
        cap = (reference - band + tick - 1) // tick * tick
    return max(cap, tick)


@rule
def _share(price, ppm):
    """Price x ppm / 10^6, rounded down, in steps that stay below 2 x 10^15."""
    million = np.int64(PPM)
    return price // million * ppm + price % million * ppm // million


@rule
def off_tick(asked, price, tick):
    """The price of an order that is off the tick, or 0."""
    if price % tick != 0:
        return np.int64(price)
    if asked["stop_px"] % tick != 0:
        return np.int64(asked["stop_px"])
    return np.int64(0)


@rule
def off_lot(asked, lot):
    """The quantity of an order that is off the lot, or 0."""
    if asked["qty"] % lot != 0:
        return np.int64(asked["qty"])
    if asked["min_qty"] % lot != 0:
        return np.int64(asked["min_qty"])
    if asked["display_qty"] % lot != 0:
        return np.int64(asked["display_qty"])
    return np.int64(0)
