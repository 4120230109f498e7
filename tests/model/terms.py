"""What the type of an order makes of its terms."""

from tests.model.commands import ReplaceOrder, SubmitOrder
from tests.model.reference_data import PPM, PRICE_MAX, QTY_MAX, Instrument, Limits
from tests.model.words import OrdType, Reason, Side, TimeInForce

PRICED = (OrdType.LIMIT, OrdType.STOP_LIMIT)
STOPPED = (OrdType.STOP, OrdType.STOP_LIMIT)
DO_NOT_INCREASE = 2


def malformed_prices(terms: SubmitOrder | ReplaceOrder) -> Reason | None:
    """Whether a price or a stop price is missing, too large, or given to a type that has none."""
    for price, types in ((terms.price, PRICED), (terms.stop_px, STOPPED)):
        allowed = range(1, PRICE_MAX + 1) if terms.ord_type in types else range(1)
        if price not in allowed:
            return Reason.BAD_PRICE
    return None


def malformed_conditions(terms: SubmitOrder) -> Reason | None:
    """Whether what a new order adds to its terms makes sense."""
    if not 0 <= terms.min_qty <= terms.qty or not 0 <= terms.display_qty <= terms.qty:
        return Reason.BAD_QTY
    if (terms.time_in_force == TimeInForce.GTD) != bool(terms.expire_s):
        return Reason.BAD_TIME_IN_FORCE
    return Reason.BAD_ORD_TYPE if terms.exec_inst >= 8 else None


def foreign_conditions(terms: ReplaceOrder) -> Reason | None:
    """What a replace brings although it stays as the new order said."""
    if terms.min_qty or terms.display_qty:
        return Reason.BAD_QTY
    if terms.expire_s:
        return Reason.BAD_TIME_IN_FORCE
    return Reason.BAD_ORD_TYPE if terms.exec_inst else None


def is_qty(qty: int) -> bool:
    """Whether so many can be ordered."""
    return 1 <= qty <= QTY_MAX


def reference_price(terms: SubmitOrder | ReplaceOrder, instrument: Instrument) -> int:
    """What the collar is around: the stop price of an order that waits for one, else the mark.

    A stop to buy without a price of its own trades at the market at least.
    """
    if terms.ord_type == OrdType.STOP and terms.side == Side.BUY:
        return max(terms.stop_px, instrument.mark)
    return terms.stop_px if terms.ord_type in STOPPED else instrument.mark


def working_price(terms: SubmitOrder | ReplaceOrder, instrument: Instrument, limits: Limits | None) -> int:
    """Its own price, or the last tick inside the collar, looking from the price that this is around."""
    if terms.ord_type in PRICED:
        return terms.price
    around = reference_price(terms, instrument)
    if around == 0:
        return instrument.tick
    width = around * (limits.collar_ppm if limits else 0)
    tick = instrument.tick
    if terms.side == Side.BUY:
        ticks = min((around * PPM + width) // PPM, PRICE_MAX) // tick
    else:
        ticks = -((width - around * PPM) // (PPM * tick))
    return max(ticks, 1) * tick
