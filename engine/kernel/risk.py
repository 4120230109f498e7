"""The pre-trade checks, one small function each; `judge` runs them all and says which fail.

Source: SEC rule 15c3-5 (c)(1) and RTS 6 article 15. Each compares one observed value with one limit and gives
(reason, limit, observed), the reason NONE where the order passes. The denial row keeps a bit for each that
fails, and the two values of the first.
"""

import numpy as np

from engine.flags import ExecInst
from engine.kernel.budgets import check_budget
from engine.kernel.day_checks import check_day
from engine.kernel.exposure_checks import addition_of, check_exposure, is_measured
from engine.kernel.halting import is_closed, strictest_state
from engine.kernel.index import account_instrument_key, find
from engine.kernel.jit import rule
from engine.kernel.order_facts import money_of
from engine.kernel.order_terms import reference_price
from engine.kernel.self_trade import check_self_trade
from engine.kernel.static_checks import (
    check_expiry,
    check_lot,
    check_restricted,
    check_short_sale,
    check_size,
    check_tick,
)
from engine.kernel.throttles import check_executions, check_open_orders, check_repeats, check_strategy_rate
from engine.kernel.valuing import opening_qty, worst_case_qty
from engine.kernel.wide import wide_fits, wide_less, wide_multiply
from engine.limits import NS_PER_SECOND, PPM
from engine.vocabulary import Check, Reason, Side, TradingState

_INT64_MAX = np.int64(2**63 - 1)
_NOTHING = (np.int64(0), np.int64(Check.NONE), np.int64(Reason.NONE), np.int64(0), np.int64(0))
"""What `judge` has found before the first check."""


@rule
def check_trading_state(state, is_venue_closed, opening, more_qty):
    """ACTIVE passes; REDUCING passes what can only shrink the position; CANCEL_ONLY passes nothing.

    A replace that works less than before (`more_qty` below zero) shrinks whatever the position is.
    """
    if state == TradingState.ACTIVE:
        return Reason.NONE
    if state == TradingState.CANCEL_ONLY:
        return Reason.EXCHANGE_CLOSED if is_venue_closed else Reason.TRADING_HALTED
    if more_qty < 0:
        return Reason.NONE
    return Reason.TRADING_REDUCING if opening > 0 else Reason.NONE


@rule
def order_notional(qty, price, factor):
    """Quantity x price in 10^-8 of the currency; the largest int64 where it is more."""
    hi, lo = money_of(qty, price, factor)
    if wide_fits(hi, lo):
        return np.int64(lo)
    return _INT64_MAX


@rule
def is_outside_collar(side, price, mark, collar_ppm):
    """Whether a price is more aggressive than the collar around the mark allows."""
    beyond = price - mark if side == Side.BUY else mark - price
    beyond_hi, beyond_lo = wide_multiply(beyond, np.int64(PPM))
    band_hi, band_lo = wide_multiply(mark, np.int64(collar_ppm))
    return wide_less(band_hi, band_lo, beyond_hi, beyond_lo)


@rule
def rate_debt_ns(account, limits, now):
    """How far one more order would overdraw the account's token bucket, in ns of refill (GCRA)."""
    full_ns = account["rate_full_ns"]
    if full_ns < now:
        full_ns = np.int64(now)
    return full_ns + limits["rate_interval_ns"] - now - limits["rate_burst_ns"]


@rule
def limits_of(tables, account, instrument, holding_slot):
    """The row of the limits that apply: the account's for this instrument, else the account's own, else 0.

    A holding knows its limits; before the first order in an instrument there is none, and the index is asked.
    """
    own = np.int64(tables.holdings[holding_slot]["limits"])
    if holding_slot == 0:
        hi, lo = account_instrument_key(account, instrument)
        own = find(tables.limits_index, tables.limits, hi, lo)
    if own != 0:
        return own
    return np.int64(tables.accounts[account]["limits"])


@rule
def position_limit(limits, side):
    """How far the position may go on an order's side."""
    return limits["max_long_qty"] if side == Side.BUY else limits["max_short_qty"]


@rule
def note(found, check, outcome):
    """Add a check's (reason, limit, observed) to what those before it found; the first that fails counts.

    `found` is (violations, check, reason, limit, observed), a bit a check in `violations`.
    """
    reason, limit, observed = outcome
    if reason == Reason.NONE:
        return found
    violations, first, why, most, seen = found
    bit = np.int64(1) << np.int64(check)
    if violations != 0:
        return violations | bit, first, why, most, seen
    return bit, np.int64(check), np.int64(reason), np.int64(limit), np.int64(observed)


@rule
def judge(tables, asked, price, holding_slot, limits_slot, slot, more_qty, now):
    """Run every check: (violations, check, reason, limit, observed), the last four of the first that fails.

    `asked` is an order's command row, `price` what it may trade at in the worst case, `slot` the order that
    it replaces (0: none), and `more_qty` what it adds to the working quantity, below zero where a replace
    works less than before. They run in the order of `engine.check_order`, and none relies on another: each
    looks only at what is there.
    """
    instrument = tables.instruments[asked["instrument"]]
    holding = tables.holdings[holding_slot]
    side = asked["side"]
    qty = asked["qty"]
    opening = opening_qty(tables, asked, slot, more_qty)
    found = _NOTHING
    state = strictest_state(tables, asked["account"], asked["strategy"], asked["instrument"])
    # A replace says nothing of ExecInst: the order keeps its own.
    if (asked["exec_inst"] | tables.orders[slot]["exec_inst"]) & ExecInst.DO_NOT_INCREASE:
        state = max(state, np.int64(TradingState.REDUCING))
    if state != TradingState.ACTIVE:
        is_venue_closed = is_closed(tables, asked["instrument"])
        reason = check_trading_state(state, is_venue_closed, opening, more_qty)
        found = note(found, Check.TRADING_STATE, (reason, 0, state))
    account = tables.accounts[asked["account"]]
    strategy = tables.strategies[asked["strategy"]]
    found = note(found, Check.DUPLICATIVE, check_repeats(asked, price, account, holding, now))
    found = note(found, Check.TICK, check_tick(asked, price, instrument))
    found = note(found, Check.LOT, check_lot(asked, instrument))
    found = note(found, Check.SIZE, check_size(qty, instrument))
    found = note(found, Check.EXPIRY, check_expiry(asked["expire_s"], now))
    found = note(found, Check.RESTRICTED, check_restricted(instrument))
    worst = worst_case_qty(holding, side, more_qty)
    found = note(found, Check.SHORT_SALE, check_short_sale(asked, instrument, worst, more_qty))
    if limits_slot == 0:
        found = note(found, Check.ORDER_QTY, (Reason.NO_LIMITS, 0, qty))
        return note(found, Check.MARK, check_mark(price, instrument))
    limits = tables.limits[limits_slot]
    found = note(found, Check.ORDER_QTY, check_order_qty(qty, limits))
    found = note(found, Check.ORDER_NOTIONAL, check_order_notional(qty, price, instrument, limits))
    found = note(found, Check.MARK, check_mark(price, instrument))
    found = note(found, Check.MARK_AGE, check_mark_age(instrument, limits, now))
    found = note(found, Check.COLLAR, check_collar(asked, price, instrument, limits))
    found = note(found, Check.RATE, check_rate(account, limits, now))
    found = note(found, Check.RATE, check_strategy_rate(strategy, now))
    found = note(found, Check.EXECUTIONS, check_executions(strategy))
    found = note(found, Check.SELF_TRADE, check_self_trade(tables, side, price, holding, limits))
    found = note(found, Check.OPEN_ORDERS, check_open_orders(asked, account))
    position = check_position(worst, more_qty, position_limit(limits, side))
    budget = check_budget(tables, asked, price, opening, slot, now)
    if not is_measured(account, max(worst, opening)):
        found = note(found, Check.POSITION, position)
        return note(found, Check.FIRM_BUDGET, budget)
    addition = addition_of(asked, price, instrument, holding, tables.orders[slot], more_qty)
    sums = (tables.ledgers, tables.rates, np.int64(account["first_ledger"]))
    found = _measure(found, Check.WORKING_NOTIONAL, opening, sums, side, more_qty, addition, now)
    found = note(found, Check.POSITION, position)
    found = _measure(found, Check.GROSS, worst, sums, side, more_qty, addition, now)
    found = _measure(found, Check.NET, worst, sums, side, more_qty, addition, now)
    found = _measure(found, Check.CREDIT, opening, sums, side, more_qty, addition, now)
    found = note(found, Check.FIRM_BUDGET, budget)
    if opening <= 0:
        return found
    loss, drawdown = check_day(sums, more_qty, now)
    found = note(found, Check.LOSS, loss)
    return note(found, Check.DRAWDOWN, drawdown)


@rule
def _measure(found, check, reached, sums, side, more_qty, addition, now):
    """One check of the account's exposure; `sums` are all ledgers, all rates, and the account's first.

    `reached` is the position that the order could lead to on its side, of what the check adds up: gross and
    net the account's holding, credit and working notional the strategy's own. What only closes that passes.
    """
    if reached <= 0:
        return found
    ledgers, rates, first = sums
    check = np.int64(check)
    outcome = check_exposure(ledgers, rates, first, check, np.uint8(side), more_qty, addition, now, False)
    return note(found, check, outcome)


@rule
def check_order_qty(qty, limits):
    """The quantity of one order has a limit."""
    if qty > limits["max_order_qty"]:
        return Reason.ORDER_QTY_EXCEEDED, limits["max_order_qty"], qty
    return Reason.NONE, 0, 0


@rule
def check_order_notional(qty, price, instrument, limits):
    """The money of one order has a limit."""
    notional = order_notional(qty, price, instrument["money_factor"])
    if notional > limits["max_order_notional"]:
        return Reason.ORDER_NOTIONAL_EXCEEDED, limits["max_order_notional"], notional
    return Reason.NONE, 0, 0


@rule
def check_mark(price, instrument):
    """Without a mark nobody can say whether a price is sensible."""
    if instrument["mark"] == 0:
        return Reason.MARK_NOT_AVAILABLE, 0, price
    return Reason.NONE, 0, 0


@rule
def check_mark_age(instrument, limits, now):
    """Nor by a mark that is older, in ns, than the limits allow; 0 s allows any age."""
    age_ns_max = np.int64(limits["mark_age_s"]) * NS_PER_SECOND
    age_ns = np.int64(now) - instrument["mark_ns"]
    if instrument["mark"] != 0 and age_ns > age_ns_max > 0:
        return Reason.MARK_STALE, age_ns_max, age_ns
    return Reason.NONE, 0, 0


@rule
def check_collar(asked, price, instrument, limits):
    """A price is not much more aggressive than the mark, or than StopPx where the order waits for it."""
    collar_ppm = np.int64(limits["collar_ppm"])
    reference = reference_price(asked, instrument["mark"])
    if reference != 0 and is_outside_collar(asked["side"], price, reference, collar_ppm):
        return Reason.PRICE_COLLAR, collar_ppm, price
    return Reason.NONE, 0, 0


@rule
def check_rate(account, limits, now):
    """An account does not send faster than its token bucket refills."""
    debt_ns = rate_debt_ns(account, limits, now)
    if debt_ns > 0:
        return Reason.RATE_EXCEEDED, limits["rate_burst_ns"], debt_ns
    return Reason.NONE, 0, 0


@rule
def check_position(worst, more_qty, most):
    """The position stays within its limit even if all that works fills."""
    if more_qty > 0 and worst > most:
        return Reason.POSITION_LIMIT, most, worst
    return Reason.NONE, 0, 0
