"""The pre-trade checks, in order. A breach names the check, its reason, its limit and what was observed."""

from dataclasses import dataclass
from typing import NamedTuple

from tests.model.commands import ReplaceOrder, SubmitOrder
from tests.model.reference_data import PPM, Account, Instrument, Limits
from tests.model.terms import DO_NOT_INCREASE, reference_price
from tests.model.words import Check, Reason, Side, State

INT64_MAX = 2**63 - 1
STATES = [State.ACTIVE, State.REDUCING, State.CANCEL_ONLY]


class Breach(NamedTuple):
    """One check that failed."""

    check: Check
    reason: Reason
    limit: int
    observed: int


@dataclass
class Judged:
    """What the checks look at: the wanted terms, who asks, what is held and works, and how fast."""

    terms: SubmitOrder | ReplaceOrder
    price: int
    more_qty: int
    state: State
    account: Account
    instrument: Instrument
    limits: Limits | None
    held_qty: int
    working_buy_qty: int
    working_sell_qty: int
    now: int

    @property
    def worst_case(self) -> tuple[int, int]:
        """The worst-case (long, short) position with what is asked on top."""
        return (
            self.held_qty + self.working_buy_qty + self.more_qty,
            self.working_sell_qty + self.more_qty - self.held_qty,
        )


def first_breach(judged: Judged) -> Breach | None:
    """The first check that fails, or None."""
    breaches = (check(judged) for check in CHECKS)
    return next((breach for breach in breaches if breach), None)


def _trading_state(judged: Judged) -> Breach | None:
    state = judged.state
    if judged.terms.exec_inst & DO_NOT_INCREASE and state == State.ACTIVE:
        state = State.REDUCING
    number = STATES.index(state) + 1
    if judged.state == State.CANCEL_ONLY:
        return Breach(Check.TRADING_STATE, Reason.TRADING_HALTED, 0, number)
    long_qty, short_qty = judged.worst_case
    worst = long_qty if judged.terms.side == Side.BUY else short_qty
    # Below zero in the worst case means: it can only shrink what is held on the other side.
    if state == State.REDUCING and judged.more_qty >= 0 and worst > 0:
        return Breach(Check.TRADING_STATE, Reason.TRADING_REDUCING, 0, number)
    return None


def _tick(judged: Judged) -> Breach | None:
    tick = judged.instrument.tick
    off = next((price for price in (judged.price, judged.terms.stop_px) if price % tick), None)
    return Breach(Check.TICK, Reason.INVALID_PRICE_INCREMENT, tick, off) if off else None


def _lot(judged: Judged) -> Breach | None:
    lot, terms = judged.instrument.lot, judged.terms
    off = next((qty for qty in (terms.qty, terms.min_qty, terms.display_qty) if qty % lot), None)
    return Breach(Check.LOT, Reason.INVALID_LOT, lot, off) if off else None


def _order_qty(judged: Judged) -> Breach | None:
    qty = judged.terms.qty
    if judged.limits is None:
        return Breach(Check.ORDER_QTY, Reason.NO_LIMITS, 0, qty)
    most = judged.limits.max_order_qty
    return Breach(Check.ORDER_QTY, Reason.ORDER_QTY_EXCEEDED, most, qty) if qty > most else None


def _order_notional(judged: Judged) -> Breach | None:
    assert judged.limits
    notional = min(judged.terms.qty * judged.price * judged.instrument.factor, INT64_MAX)
    most = judged.limits.max_order_notional
    if notional > most:
        return Breach(Check.ORDER_NOTIONAL, Reason.ORDER_NOTIONAL_EXCEEDED, most, notional)
    return None


def _mark(judged: Judged) -> Breach | None:
    if judged.instrument.mark == 0:
        return Breach(Check.MARK, Reason.MARK_NOT_AVAILABLE, 0, judged.price)
    return None


def _collar(judged: Judged) -> Breach | None:
    assert judged.limits
    price, collar = judged.price, judged.limits.collar_ppm
    mark = reference_price(judged.terms, judged.instrument)
    beyond = price - mark if judged.terms.side == Side.BUY else mark - price
    return Breach(Check.COLLAR, Reason.PRICE_COLLAR, collar, price) if beyond * PPM > mark * collar else None


def _rate(judged: Judged) -> Breach | None:
    """A token bucket of `burst` tokens, seen by the time at which it will be full again."""
    assert judged.limits
    interval = judged.limits.interval_ns
    most = interval * judged.limits.burst
    debt = max(judged.account.full_ns, judged.now) + interval - judged.now - most
    return Breach(Check.RATE, Reason.RATE_EXCEEDED, most, debt) if debt > 0 else None


def _position(judged: Judged) -> Breach | None:
    assert judged.limits
    long_qty, short_qty = judged.worst_case
    worst, most = short_qty, judged.limits.max_short_qty
    if judged.terms.side == Side.BUY:
        worst, most = long_qty, judged.limits.max_long_qty
    if judged.more_qty > 0 and worst > most:
        return Breach(Check.POSITION, Reason.POSITION_LIMIT, most, worst)
    return None


CHECKS = [_trading_state, _tick, _lot, _order_qty, _order_notional, _mark, _collar, _rate, _position]
