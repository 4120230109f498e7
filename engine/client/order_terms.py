"""What a caller asks for, as an order's terms in the instrument's units; what cannot be right is refused."""

from datetime import datetime
from typing import NamedTuple

from engine.client.accepted_words import ORD_TYPES, TIMES_IN_FORCE
from engine.client.catalog import Instrument
from engine.errors import BadRequest
from engine.exec_inst import exec_inst_bits
from engine.limits import MONEY_SCALE, NOTIONAL_BITS_MAX, NS_PER_SECOND
from engine.values import Number, code_of, price_units, qty_units, require_step, time_ns, unscaled
from engine.vocabulary import OrdType, TimeInForce

PRICED = (OrdType.LIMIT, OrdType.STOP_LIMIT)
"""Types that name a Price (44)."""
STOPPED = (OrdType.STOP, OrdType.STOP_LIMIT)
"""Types that wait for a StopPx (99)."""

EXPIRE_S_MAX = 2**32 - 1
"""Latest ExpireTime that a row holds, Unix seconds: in the year 2106."""


class Terms(NamedTuple):
    """An order's terms as rows carry them: in units, 0 for none."""

    ord_type: int
    qty: int
    price: int
    stop_px: int


class Conditions(NamedTuple):
    """What only a new order can set; `expire_s` is in Unix seconds."""

    time_in_force: int = TimeInForce.DAY
    min_qty: int = 0
    display_qty: int = 0
    expire_s: int = 0
    exec_inst: int = 0


def terms_of(
    instrument: Instrument, ord_type: int | str, qty: Number, price: Number | None, stop_px: Number | None
) -> Terms:
    """Type, quantity and the prices that the type has, inside their bounds and on lot and tick."""
    kind = code_of(ORD_TYPES, ord_type, "ord_type")
    terms = Terms(
        kind,
        _qty(instrument, qty, "qty"),
        _price(instrument, kind, price, "price", is_wanted=kind in PRICED),
        _price(instrument, kind, stop_px, "stop_px", is_wanted=kind in STOPPED),
    )
    money = terms.qty * terms.price * money_factor(instrument)
    if money.bit_length() > NOTIONAL_BITS_MAX:
        raise BadRequest(
            f"qty={qty} at price={price} is a notional of {money / 10**MONEY_SCALE:.3g}, past the bound of "
            f"{2**NOTIONAL_BITS_MAX / 10**MONEY_SCALE:.3g} {instrument.currency}"
        )
    return terms


def money_factor(instrument: Instrument) -> int:
    """What price x quantity, in units, is multiplied by to give 10^-8 of the currency."""
    one: int = 10 ** (MONEY_SCALE - instrument.price_scale - instrument.qty_scale)
    return instrument.multiplier * one


def conditions_of(
    instrument: Instrument,
    qty: int,
    *,
    time_in_force: TimeInForce | str,
    min_qty: Number | None,
    display_qty: Number | None,
    expire_time: datetime | int | None,
    exec_inst: int | str,
) -> Conditions:
    """What an order of `qty` units adds to its terms, and whether it goes together."""
    stands = code_of(TIMES_IN_FORCE, time_in_force, "time_in_force")
    if (stands == TimeInForce.GTD) != (expire_time is not None):
        raise BadRequest(
            f"time_in_force GTD and expire_time go together, found {stands.name} and {expire_time}"
        )
    return Conditions(
        stands,
        _part_of(instrument, qty, min_qty, "min_qty"),
        _part_of(instrument, qty, display_qty, "display_qty"),
        0 if expire_time is None else expire_seconds(expire_time),
        exec_inst_bits(exec_inst),
    )


def expire_seconds(value: datetime | int) -> int:
    """ExpireTime as Unix seconds, from a datetime that knows its time zone, or from UTC ns."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise BadRequest(f"expire_time={value} has no time zone; give it one, as datetime.UTC")
        whole = int(value.replace(microsecond=0).timestamp())
        value = whole * NS_PER_SECOND + value.microsecond * 1000
    seconds, rest = divmod(time_ns(value, "expire_time"), NS_PER_SECOND)
    if rest or not 0 < seconds <= EXPIRE_S_MAX:
        raise BadRequest(f"expire_time={value} ns is no whole second from 1970 to 2106")
    return seconds


def shown_qty(display_qty: Number | None, max_floor: Number | None) -> Number | None:
    """DisplayQty (1138), which older FIX calls MaxFloor (111); BadRequest where both are given."""
    if display_qty is not None and max_floor is not None:
        raise BadRequest("display_qty and max_floor are two names of one thing; give one of them")
    return max_floor if display_qty is None else display_qty


def _price(instrument: Instrument, kind: OrdType, price: Number | None, what: str, *, is_wanted: bool) -> int:
    if is_wanted != (price is not None):
        raise BadRequest(f"a {kind.name} order {'needs' if is_wanted else 'has no'} {what}, found {price}")
    if price is None:
        return 0
    units = price_units(price, instrument.price_scale, what)
    require_step(units, instrument.tick, instrument.price_scale, what, "tick", instrument.name)
    return units


def _qty(instrument: Instrument, qty: Number, what: str) -> int:
    units = qty_units(qty, instrument.qty_scale, what)
    require_step(units, instrument.lot, instrument.qty_scale, what, "lot", instrument.name)
    return units


def _part_of(instrument: Instrument, qty: int, part: Number | None, what: str) -> int:
    """A part of the order's quantity, 0 where none is given."""
    units = 0 if part is None else _qty(instrument, part, what)
    if units > qty:
        raise BadRequest(f"{what}={part} is more than the order's {unscaled(qty, instrument.qty_scale)}")
    return units
