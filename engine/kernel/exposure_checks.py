"""Checks of an account's exposure: what works, gross, net, and credit.

Only accounts that somebody has limited are measured. An order passes what it does not increase, and one that
can only close what is held passes all of them: nobody is locked in. Source: SEC rule 15c3-5 (c)(1)(i).
"""

import numpy as np

from engine.kernel.exposure_sums import (
    CREDIT,
    KNOWN,
    NO_MARK,
    NO_RATE,
    PAST_BOUND,
    saturated,
    total_of,
)
from engine.kernel.jit import rule
from engine.kernel.ledger import GROSS, LONG, SHORT, WORKING
from engine.kernel.order_facts import money_of, working_value
from engine.kernel.valuing import can_value, value_of, worst_case_qty
from engine.kernel.wide import wide, wide_less, wide_sub
from engine.vocabulary import Check, Reason, Side

_NO_MONEY = (np.int64(0), np.uint64(0))
PASSED = (np.int64(Reason.NONE), np.int64(0), np.int64(0))
"""(reason, limit, observed) of a check that an order passes."""
_INT64_MAX = np.int64(2**63 - 1)


@rule
def is_measured(account, reached):
    """Whether an order is measured: its account is limited, and all that works could leave a position."""
    return account["limited"] != 0 and reached > 0


@rule
def addition_of(asked, price, instrument, holding, order, more_qty):
    """What an order, or a replace of `order` (row 0: none), adds to what its account has at stake.

    Gives (currency, fault, working, gross, net): a fault where it can't be valued, and wide amounts in the
    instrument's currency: at the order's price, in the worst case at the mark, and at the mark.
    """
    factor = instrument["money_factor"]
    hi, lo = money_of(max(asked["qty"] - order["cum_qty"], np.int64(0)), price, factor)
    old_hi, old_lo = working_value(order, factor)
    working = wide_sub(hi, lo, old_hi, old_lo)
    currency = np.uint32(instrument["currency_word"])
    if instrument["mark"] == 0:
        return currency, np.int64(NO_MARK), working, _NO_MONEY, _NO_MONEY
    largest = abs(holding["qty"]) + holding["working_buy_qty"] + holding["working_sell_qty"] + abs(more_qty)
    if not can_value(instrument, largest):
        return currency, np.int64(PAST_BOUND), working, _NO_MONEY, _NO_MONEY
    side = asked["side"]
    other = Side.SELL if side == Side.BUY else Side.BUY
    against = worst_case_qty(holding, other, np.int64(0))
    before = max(worst_case_qty(holding, side, np.int64(0)), against)
    after = max(worst_case_qty(holding, side, more_qty), against)
    gross = value_of(instrument, after - before)
    return currency, np.int64(KNOWN), working, gross, value_of(instrument, more_qty)


@rule
def check_exposure(ledgers, rates, first, check, side, more_qty, addition, now, is_soft):
    """Whether an account keeps one of its limits with an order on top: (reason, limit, observed).

    `first` is the first of its ledgers; those that are limited are looked at until one does not hold. With
    `is_soft` the limits are the soft ones.
    """
    currency, fault, working, gross, net = addition
    measure = np.int64(WORKING)
    more = working
    if check == Check.GROSS:
        measure, more = np.int64(GROSS), gross
    elif check == Check.NET:
        measure, more = np.int64(LONG if side == Side.BUY else SHORT), net
    elif check == Check.CREDIT:
        measure = np.int64(CREDIT)
    if not _is_increase(check, fault, more, more_qty):
        return PASSED
    at = np.int64(first)
    while at != 0:
        limits = ledgers[at]
        at = np.int64(limits["next_of_account"])
        most = _limit_of(limits, check, is_soft)
        if most >= 0:
            added = (currency, more[0], more[1])
            unknown, hi, lo = total_of(ledgers, rates, first, limits, measure, added, now)
            if check == Check.GROSS or check == Check.NET:
                unknown = max(unknown, fault)
            outcome = compared(unknown, hi, lo, most, _reason_of(check))
            if outcome[0] != Reason.NONE:
                return outcome
    return PASSED


@rule
def _is_increase(check, fault, more, more_qty):
    """Whether an order makes more of what a check measures; what has no mark the check of marks refuses."""
    if (check == Check.GROSS or check == Check.NET) and fault != KNOWN:
        return fault == PAST_BOUND and more_qty > 0
    return more[0] > 0 or (more[0] == 0 and more[1] > np.uint64(0))


@rule
def _limit_of(limits, check, is_soft):
    """The limit that a check holds, or so much of it that it warns of; -1 where there is none."""
    if not limits["is_limited"] or (is_soft and limits["soft_percent"] == 0):
        return np.int64(-1)
    most = np.int64(limits["max_working_notional"])
    if check == Check.GROSS:
        most = np.int64(limits["max_gross"])
    elif check == Check.NET:
        most = np.int64(limits["max_net"])
    elif check == Check.CREDIT:
        most = np.int64(limits["max_credit"])
    return share_of(most, np.int64(limits["soft_percent"])) if is_soft else most


@rule
def share_of(limit, percent):
    """So many percent of a limit, rounded down; in two parts, as their product may wrap."""
    return limit // 100 * percent + limit % 100 * percent // 100


@rule
def compared(fault, hi, lo, most, reason):
    """(reason, limit, observed) of a wide amount, which keeps no limit where nobody knows it."""
    if fault == NO_MARK:
        return np.int64(Reason.MARK_NOT_AVAILABLE), most, np.int64(0)
    if fault == NO_RATE:
        return np.int64(Reason.FX_NOT_AVAILABLE), most, np.int64(0)
    if fault == PAST_BOUND:
        return np.int64(reason), most, _INT64_MAX
    most_hi, most_lo = wide(most)
    if wide_less(most_hi, most_lo, hi, lo):
        return np.int64(reason), most, saturated(hi, lo)
    return PASSED


@rule
def _reason_of(check):
    if check == Check.GROSS:
        return np.int64(Reason.GROSS_EXPOSURE)
    if check == Check.NET:
        return np.int64(Reason.NET_EXPOSURE)
    if check == Check.CREDIT:
        return np.int64(Reason.CREDIT_EXCEEDED)
    return np.int64(Reason.WORKING_NOTIONAL)
