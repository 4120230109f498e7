"""The pre-trade checks, in order. A breach names the check, its reason, its limit and what was observed.

Every check runs, whatever those before it found; one that needs limits or a mark is silent without them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from tests.model.commands import ReplaceOrder, SubmitOrder
from tests.model.exposure import ExposureLimits, Total
from tests.model.leases import Lease
from tests.model.orders import Order
from tests.model.reference_data import MILLISECOND_NS, PPM, SECOND_NS, Account, Instrument, Limits, Strategy
from tests.model.terms import DO_NOT_INCREASE, reference_price
from tests.model.throttles import Repeated
from tests.model.words import Check, Reason, Side, State

INT64_MAX = 2**63 - 1
NEWEST, OLDEST, BOTH = map(ord, "123")
"""Which of two orders that could trade with each other is to go (2964)."""
STATES = [State.ACTIVE, State.REDUCING, State.CANCEL_ONLY]


class Breach(NamedTuple):
    """One check that failed."""

    check: Check
    reason: Reason
    limit: int
    observed: int


class Exposed(NamedTuple):
    """An account's sums in the currency of some of its limits with the order on top, and what it adds."""

    limits: ExposureLimits
    totals: dict[Check, Total]
    added: dict[Check, int]


@dataclass
class Judged:
    """What the checks look at: the wanted terms, who asks, what is held and works, and how fast."""

    terms: SubmitOrder | ReplaceOrder
    price: int
    more_qty: int
    state: State
    is_venue_closed: bool
    account: Account
    strategy: Strategy
    instrument: Instrument
    limits: Limits | None
    held_qty: int
    working_buy_qty: int
    working_sell_qty: int
    own_qty: int
    own_working_qty: int
    opposing: list[Order]
    used_credit: int
    more_credit: int
    lease: Lease | None
    open_orders: int
    repeated: Repeated | None
    exposures: list[Exposed]
    exec_inst: int
    now: int

    @property
    def worst_case(self) -> tuple[int, int]:
        """The worst-case (long, short) position with what is asked on top."""
        return (
            self.held_qty + self.working_buy_qty + self.more_qty,
            self.working_sell_qty + self.more_qty - self.held_qty,
        )

    @property
    def worst_of_side(self) -> int:
        """The same on the order's own side."""
        return self.worst_case[self.is_sale]

    @property
    def opening(self) -> int:
        """The worst-case position of its own strategy on the order's side."""
        return self.own_working_qty + self.more_qty + (-self.own_qty if self.is_sale else self.own_qty)

    def reached(self, check: Check) -> int:
        """The position on the order's side in what a check of exposure adds up."""
        return self.worst_of_side if check in (Check.GROSS, Check.NET) else self.opening

    @property
    def is_sale(self) -> bool:
        """Whether the order sells, in whatever way."""
        return self.terms.side != Side.BUY

    @property
    def crossed(self) -> list[Order]:
        """The orders on the other side that it could trade with."""
        price = self.price
        if self.is_sale:
            return [order for order in self.opposing if max(order.prices) >= price]
        return [order for order in self.opposing if min(order.prices) <= price]

    @property
    def notional(self) -> int:
        """The order's money, as far as an int64 can say it."""
        return min(self.terms.qty * self.price * self.instrument.factor, INT64_MAX)

    @property
    def reference(self) -> int:
        """What the collar is around."""
        return reference_price(self.terms, self.instrument)

    @property
    def position_limit(self) -> int:
        """How far the position may go on the order's side."""
        assert self.limits
        return self.limits.max_short_qty if self.is_sale else self.limits.max_long_qty


def breaches_of(judged: Judged) -> list[Breach]:
    """Every check that fails, in order."""
    return [breach for breach in (check(judged) for check in CHECKS) if breach]


def warnings_of(judged: Judged) -> frozenset[Check]:
    """The checks that an accepted order passes only just."""
    limits = judged.limits
    assert limits, "an order without limits was refused"
    near: set[Check] = set()
    away = judged.price - judged.reference
    if -away * (-1 if judged.is_sale else 1) * PPM > judged.reference * limits.collar_ppm:
        near.add(Check.COLLAR)
    near |= {check for exposed in judged.exposures for check in _near(judged, exposed)}
    if not limits.soft_percent:
        return frozenset(near)
    sums = {
        Check.ORDER_QTY: (judged.terms.qty, limits.max_order_qty),
        Check.ORDER_NOTIONAL: (judged.notional, limits.max_order_notional),
    }
    if judged.more_qty > 0:
        sums[Check.POSITION] = (judged.worst_of_side, judged.position_limit)
    near |= {check for check, (observed, most) in sums.items() if observed * 100 > most * limits.soft_percent}
    return frozenset(near)


def _near(judged: Judged, exposed: Exposed) -> set[Check]:
    """The limits on its account's exposure that an order nearly uses up."""
    percent = exposed.limits.soft_percent
    if not percent:
        return set()
    return {
        check
        for check, (_, name) in OF_EXPOSURE.items()
        if judged.reached(check) > 0
        if check not in (Check.LOSS, Check.DRAWDOWN) and exposed.added[check] > 0
        if exposed.totals[check].amount * 100 > getattr(exposed.limits, name) * percent
    }


def _trading_state(judged: Judged) -> Breach | None:
    state = judged.state
    if judged.exec_inst & DO_NOT_INCREASE and state == State.ACTIVE:
        state = State.REDUCING
    number = STATES.index(state) + 1
    if judged.state == State.CANCEL_ONLY:
        reason = Reason.EXCHANGE_CLOSED if judged.is_venue_closed else Reason.TRADING_HALTED
        return Breach(Check.TRADING_STATE, reason, 0, number)
    if state == State.REDUCING and judged.more_qty >= 0 and judged.opening > 0:
        return Breach(Check.TRADING_STATE, Reason.TRADING_REDUCING, 0, number)
    return None


def _duplicative(judged: Judged) -> Breach | None:
    """A new order does not repeat the last one of its side too often within the window."""
    last, most = judged.repeated, judged.account.repeats_max
    if not most or last is None or isinstance(judged.terms, ReplaceOrder):
        return None
    is_same = (last.qty, last.price) == (judged.terms.qty, judged.price)
    is_recent = judged.now - last.since <= judged.account.repeat_window_ms * MILLISECOND_NS
    if not is_same or not is_recent or last.count < most:
        return None
    return Breach(Check.DUPLICATIVE, Reason.DUPLICATIVE_ORDER, most, last.count + 1)


def _tick(judged: Judged) -> Breach | None:
    tick = judged.instrument.tick
    off = next((price for price in (judged.price, judged.terms.stop_px) if price % tick), None)
    return Breach(Check.TICK, Reason.INVALID_PRICE_INCREMENT, tick, off) if off else None


def _lot(judged: Judged) -> Breach | None:
    lot, terms = judged.instrument.lot, judged.terms
    off = next((qty for qty in (terms.qty, terms.min_qty, terms.display_qty) if qty % lot), None)
    return Breach(Check.LOT, Reason.INVALID_LOT, lot, off) if off else None


def _size(judged: Judged) -> Breach | None:
    lot, qty = judged.instrument.lot, judged.terms.qty
    least, most = judged.instrument.min_lots * lot, judged.instrument.max_lots * lot
    if qty < least:
        return Breach(Check.SIZE, Reason.QTY_TOO_SMALL, least, qty)
    return Breach(Check.SIZE, Reason.QTY_TOO_LARGE, most, qty) if most and qty > most else None


def _expiry(judged: Judged) -> Breach | None:
    expire_ns = judged.terms.expire_s * SECOND_NS
    is_past = expire_ns and expire_ns <= judged.now
    return Breach(Check.EXPIRY, Reason.EXPIRED_ORDER, judged.now, expire_ns) if is_past else None


def _restricted(judged: Judged) -> Breach | None:
    is_restricted = judged.instrument.is_restricted
    return Breach(Check.RESTRICTED, Reason.RESTRICTED_INSTRUMENT, 0, 0) if is_restricted else None


def _short_sale(judged: Judged) -> Breach | None:
    """What is sold short, by its mark or by what could come of it, must be shortable and located."""
    instrument, is_marked = judged.instrument, judged.terms.side in (Side.SELL_SHORT, Side.SELL_SHORT_EXEMPT)
    is_short = judged.is_sale and (is_marked or judged.worst_of_side > 0)
    is_located = is_marked and judged.terms.is_locate
    is_permitted = instrument.is_shortable and (is_located or not instrument.needs_locate)
    if judged.more_qty <= 0 or not is_short or is_permitted:
        return None
    return Breach(Check.SHORT_SALE, Reason.SHORT_NOT_PERMITTED, 0, judged.worst_of_side)


def _order_qty(judged: Judged) -> Breach | None:
    qty = judged.terms.qty
    if judged.limits is None:
        return Breach(Check.ORDER_QTY, Reason.NO_LIMITS, 0, qty)
    most = judged.limits.max_order_qty
    return Breach(Check.ORDER_QTY, Reason.ORDER_QTY_EXCEEDED, most, qty) if qty > most else None


def _order_notional(judged: Judged) -> Breach | None:
    if judged.limits and judged.notional > judged.limits.max_order_notional:
        most = judged.limits.max_order_notional
        return Breach(Check.ORDER_NOTIONAL, Reason.ORDER_NOTIONAL_EXCEEDED, most, judged.notional)
    return None


def _mark(judged: Judged) -> Breach | None:
    if judged.instrument.mark == 0:
        return Breach(Check.MARK, Reason.MARK_NOT_AVAILABLE, 0, judged.price)
    return None


def _mark_age(judged: Judged) -> Breach | None:
    age_ns = judged.now - judged.instrument.mark_ns
    most = judged.limits.mark_age_s * SECOND_NS if judged.limits else 0
    if judged.instrument.mark and most and age_ns > most:
        return Breach(Check.MARK_AGE, Reason.MARK_STALE, most, age_ns)
    return None


def _collar(judged: Judged) -> Breach | None:
    price, mark = judged.price, judged.reference
    if judged.limits is None or not mark:
        return None
    collar = judged.limits.collar_ppm
    beyond = mark - price if judged.is_sale else price - mark
    return Breach(Check.COLLAR, Reason.PRICE_COLLAR, collar, price) if beyond * PPM > mark * collar else None


def _rate(judged: Judged) -> Breach | None:
    """A token bucket of `burst` tokens, seen by the time at which it will be full again."""
    if judged.limits is None:
        return None
    interval = judged.limits.interval_ns
    most = interval * judged.limits.burst
    debt = max(judged.account.full_ns, judged.now) + interval - judged.now - most
    return Breach(Check.RATE, Reason.RATE_EXCEEDED, most, debt) if debt > 0 else None


def _strategy_rate(judged: Judged) -> Breach | None:
    """The same for the strategy's own bucket, if it has one."""
    interval = judged.strategy.interval_ns
    if judged.limits is None or not interval:
        return None
    most = interval * judged.strategy.burst
    debt = max(judged.strategy.full_ns, judged.now) + interval - judged.now - most
    return Breach(Check.RATE, Reason.RATE_EXCEEDED, most, debt) if debt > 0 else None


def _executions(judged: Judged) -> Breach | None:
    """A strategy that was filled too often stays stopped."""
    strategy = judged.strategy
    if judged.limits is None or not strategy.is_tripped:
        return None
    seen = strategy.executions
    return Breach(Check.EXECUTIONS, Reason.EXECUTION_THROTTLE, strategy.executions_max, seen)


def _open_orders(judged: Judged) -> Breach | None:
    """A new order finds room among the open ones of its account."""
    most = judged.account.open_orders_max
    if judged.limits is None or isinstance(judged.terms, ReplaceOrder) or not most:
        return None
    count = judged.open_orders
    return Breach(Check.OPEN_ORDERS, Reason.TOO_MANY_ORDERS, most, count) if count >= most else None


def _self_trade(judged: Judged) -> Breach | None:
    """No price crosses that of an order of the same account; the best of those is named."""
    if judged.limits is None or judged.limits.self_match not in (NEWEST, BOTH) or not judged.crossed:
        return None
    prices = [price for order in judged.crossed for price in order.prices]
    best = max(prices) if judged.is_sale else min(prices)
    return Breach(Check.SELF_TRADE, Reason.SELF_TRADE, best, judged.price)


def to_cancel(judged: Judged, breaches: list[Breach]) -> list[Order]:
    """What is asked to be canceled because a newer order crosses it, accepted or refused for that alone."""
    wanted = judged.limits.self_match if judged.limits else 0
    is_alone = [breach.check for breach in breaches] == [Check.SELF_TRADE]
    if (wanted == OLDEST and not breaches) or (wanted == BOTH and is_alone):
        return [order for order in judged.crossed if not order.is_canceling]
    return []


def _position(judged: Judged) -> Breach | None:
    if judged.limits is None or judged.more_qty <= 0 or judged.worst_of_side <= judged.position_limit:
        return None
    return Breach(Check.POSITION, Reason.POSITION_LIMIT, judged.position_limit, judged.worst_of_side)


def _firm_budget(judged: Judged) -> Breach | None:
    """What adds credit, and could leave a larger position, fits the lease, which has not ended."""
    lease = judged.lease
    if judged.limits is None or lease is None or judged.more_credit <= 0 or judged.opening <= 0:
        return None
    observed = min(INT64_MAX, judged.used_credit + min(INT64_MAX, judged.more_credit))
    if lease.granted and judged.now >= lease.expires_ns:
        return Breach(Check.FIRM_BUDGET, Reason.LEASE_EXPIRED, lease.granted, observed)
    if observed > lease.granted:
        return Breach(Check.FIRM_BUDGET, Reason.FIRM_BUDGET, lease.granted, observed)
    return None


OF_EXPOSURE = {
    Check.WORKING_NOTIONAL: (Reason.WORKING_NOTIONAL, "max_working_notional"),
    Check.GROSS: (Reason.GROSS_EXPOSURE, "max_gross"),
    Check.NET: (Reason.NET_EXPOSURE, "max_net"),
    Check.CREDIT: (Reason.CREDIT_EXCEEDED, "max_credit"),
    Check.LOSS: (Reason.LOSS_LIMIT, "max_loss"),
    Check.DRAWDOWN: (Reason.DRAWDOWN_LIMIT, "max_drawdown"),
}
"""The reason of each check of an account's exposure, and its limit."""


def _exposure(check: Check) -> Callable[[Judged], Breach | None]:
    """The check of one limit on an account's exposure; what an order does not increase it passes."""
    reason, name = OF_EXPOSURE[check]

    def breach_of(judged: Judged) -> Breach | None:
        if judged.limits is None or judged.reached(check) <= 0:
            return None
        for exposed in judged.exposures:
            most = getattr(exposed.limits, name)
            total = exposed.totals[check]
            if exposed.added[check] <= 0:
                continue
            if total.fault in WITHOUT:
                return Breach(check, WITHOUT[total.fault], most, 0)
            if total.fault or total.amount > most:
                return Breach(check, reason, most, INT64_MAX if total.fault else min(total.amount, INT64_MAX))
        return None

    return breach_of


WITHOUT = {"MARK": Reason.MARK_NOT_AVAILABLE, "FX": Reason.FX_NOT_AVAILABLE}

CHECKS = [
    _trading_state,
    _duplicative,
    _tick,
    _lot,
    _size,
    _expiry,
    _restricted,
    _short_sale,
    _order_qty,
    _order_notional,
    _mark,
    _mark_age,
    _collar,
    _rate,
    _strategy_rate,
    _executions,
    _self_trade,
    _open_orders,
    _exposure(Check.WORKING_NOTIONAL),
    _position,
    *(_exposure(check) for check in (Check.GROSS, Check.NET, Check.CREDIT)),
    _firm_budget,
    _exposure(Check.LOSS),
    _exposure(Check.DRAWDOWN),
]
