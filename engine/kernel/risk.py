"""The pre-trade checks, one small function each, in the order in which they run.

Source: SEC rule 15c3-5 (c)(1) and RTS 6 article 15; `Check` in engine/vocabulary.py lists them. Each compares
one observed value with one limit. The first that fails is the reason; the denial row keeps both values.
"""

import numpy as np

from engine.kernel.index import account_instrument_key, find
from engine.kernel.jit import rule
from engine.kernel.order_facts import money_of
from engine.kernel.order_terms import off_lot, off_tick, reference_price
from engine.kernel.wide import wide_fits, wide_less, wide_multiply
from engine.limits import PPM
from engine.vocabulary import Check, ExecInst, Reason, Side, TradingState

_INT64_MAX = np.int64(2**63 - 1)


@rule
def strictest_state(tables, account, strategy, instrument):
    """The strictest trading state among firm, account, strategy and instrument."""
    state = np.int64(tables.firm[0]["trading_state"])
    state = max(state, np.int64(tables.accounts[account]["trading_state"]))
    state = max(state, np.int64(tables.strategies[strategy]["trading_state"]))
    return max(state, np.int64(tables.instruments[instrument]["trading_state"]))


@rule
def check_trading_state(state, holding, side, more_qty):
    """ACTIVE passes; REDUCING passes what can only shrink the position; CANCEL_ONLY passes nothing.

    A replace that works less than before (`more_qty` below zero) shrinks whatever the position is.
    """
    if state == TradingState.ACTIVE:
        return Reason.NONE
    if state == TradingState.CANCEL_ONLY:
        return Reason.TRADING_HALTED
    if more_qty < 0:
        return Reason.NONE
    held = holding["qty"] if side == Side.SELL else -holding["qty"]
    working = holding["working_sell_qty"] if side == Side.SELL else holding["working_buy_qty"]
    if working + more_qty > held:
        return Reason.TRADING_REDUCING
    return Reason.NONE


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
def worst_case_qty(holding, side, more_qty):
    """The position if everything that works on this side fills, long or short, with `more_qty` on top."""
    if side == Side.BUY:
        return holding["qty"] + holding["working_buy_qty"] + more_qty
    return holding["working_sell_qty"] + more_qty - holding["qty"]


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
def first_breach(tables, terms, price, holding_slot, limits_slot, more_qty, now):
    """Run the checks in order: (check, reason, limit, observed) of the first that fails, or Check.NONE.

    `terms` is a command row as orders have it, `price` the one that the order works at; `more_qty` is what it
    adds to the working quantity, below zero where a replace works less than before.
    """
    instrument = tables.instruments[terms["instrument"]]
    holding = tables.holdings[holding_slot]
    limits = tables.limits[limits_slot]
    none = np.int64(0)
    state = strictest_state(tables, terms["account"], terms["strategy"], terms["instrument"])
    if terms["exec_inst"] & ExecInst.DO_NOT_INCREASE:
        state = max(state, np.int64(TradingState.REDUCING))
    reason = check_trading_state(state, holding, terms["side"], more_qty)
    if reason != Reason.NONE:
        return Check.TRADING_STATE, reason, none, state
    off = off_tick(terms, price, instrument["tick"])
    if off != 0:
        return Check.TICK, Reason.INVALID_PRICE_INCREMENT, instrument["tick"], off
    off = off_lot(terms, instrument["lot"])
    if off != 0:
        return Check.LOT, Reason.INVALID_LOT, instrument["lot"], off
    if limits_slot == 0:
        return Check.ORDER_QTY, Reason.NO_LIMITS, none, terms["qty"]
    return _first_limit_breach(tables, terms, price, instrument, holding, limits, more_qty, now)


@rule
def _first_limit_breach(tables, terms, price, instrument, holding, limits, more_qty, now):
    side = terms["side"]
    none = np.int64(0)
    if terms["qty"] > limits["max_order_qty"]:
        return Check.ORDER_QTY, Reason.ORDER_QTY_EXCEEDED, limits["max_order_qty"], terms["qty"]
    notional = order_notional(terms["qty"], price, instrument["money_factor"])
    if notional > limits["max_order_notional"]:
        return Check.ORDER_NOTIONAL, Reason.ORDER_NOTIONAL_EXCEEDED, limits["max_order_notional"], notional
    if instrument["mark"] == 0:
        return Check.MARK, Reason.MARK_NOT_AVAILABLE, none, price
    reference = reference_price(terms, instrument["mark"])
    if is_outside_collar(side, price, reference, limits["collar_ppm"]):
        return Check.COLLAR, Reason.PRICE_COLLAR, np.int64(limits["collar_ppm"]), price
    debt_ns = rate_debt_ns(tables.accounts[terms["account"]], limits, now)
    if debt_ns > 0:
        return Check.RATE, Reason.RATE_EXCEEDED, limits["rate_burst_ns"], debt_ns
    most = limits["max_long_qty"] if side == Side.BUY else limits["max_short_qty"]
    worst = worst_case_qty(holding, side, more_qty)
    if more_qty > 0 and worst > most:
        return Check.POSITION, Reason.POSITION_LIMIT, most, worst
    return Check.NONE, Reason.NONE, none, none
