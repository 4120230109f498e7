"""All that an account has at stake, in the currency of its limits.

Each currency's sum goes through the rate of exchange as it stands, rounded half to even. Nothing is taken for
nothing: where a rate or a mark is missing, nobody knows the sum.
"""

import numpy as np

from engine.kernel.jit import rule
from engine.kernel.ledger import CASH, COST, WORKING, amount_of, credit_of, profit_of
from engine.kernel.rates import rate_of
from engine.kernel.wide import wide_add, wide_exchange, wide_fits, wide_takes
from engine.limits import NOTIONAL_BITS_MAX, NS_PER_SECOND

CREDIT = COST
"""As a measure of an account: its open cost, with what works on top."""
PROFIT = CASH
"""As a measure of an account: what it has gained since the start of the day."""

KNOWN, PAST_BOUND, NO_RATE, NO_MARK = range(4)
"""Whether a sum is known; of several faults the highest is told."""

_NOTHING_MORE = (np.uint32(0), np.int64(0), np.uint64(0))
_NOTHING = (np.int64(KNOWN), np.int64(0), np.uint64(0))
_INT64_MAX = np.int64(2**63 - 1)
_INT64_MIN = np.int64(-(2**63))
_0 = np.uint64(0)


@rule
def total_of(ledgers, rates, first, limits, measure, added, now):
    """A measure over an account's ledgers, of which `first` is one, as (fault, hi, lo).

    It is in the currency of the ledger `limits`. `added` is (currency, hi, lo) that comes on top. One
    currency's part takes at most 94 bits, so that the sum of any number of them is exact.
    """
    currency, more_hi, more_lo = added
    age_s_max = np.int64(limits["fx_age_s"])
    since_ns = np.int64(now) - age_s_max * NS_PER_SECOND if age_s_max != 0 else _INT64_MIN
    total = _NOTHING
    at = np.int64(first)
    while at != 0:
        ledger = ledgers[at]
        hi, lo = _measured(ledger, measure)
        if ledger["currency"] == currency:
            hi, lo = wide_add(hi, lo, more_hi, more_lo)
            more_hi, more_lo = np.int64(0), _0
        total = _plus(total, rates, limits, np.uint32(ledger["currency"]), since_ns, hi, lo)
        if ledger["unpriced"] != 0 and measure != WORKING and measure != CREDIT:
            total = np.int64(NO_MARK), total[1], total[2]
        at = np.int64(ledger["next_of_account"])
    return _plus(total, rates, limits, currency, since_ns, more_hi, more_lo)


@rule
def _measured(ledger, measure):
    """What a ledger has of a measure, in its own currency."""
    if measure == CREDIT:
        return credit_of(ledger)
    if measure == PROFIT:
        return profit_of(ledger)
    return amount_of(ledger, measure)


@rule
def _plus(total, rates, limits, currency, since_ns, hi, lo):
    """A total with an amount of some currency on top, at the rate of now; nothing needs no rate."""
    fault, total_hi, total_lo = total
    if hi == 0 and lo == _0:
        return total
    if currency == limits["currency"]:
        fits = wide_takes(hi, lo, NOTIONAL_BITS_MAX)
    else:
        numerator, denominator = rate_of(rates, currency, limits["currency"], since_ns)
        if numerator == 0:
            return max(fault, np.int64(NO_RATE)), total_hi, total_lo
        fits, hi, lo = wide_exchange(hi, lo, numerator, denominator, NOTIONAL_BITS_MAX)
    if not fits:
        return max(fault, np.int64(PAST_BOUND)), total_hi, total_lo
    total_hi, total_lo = wide_add(total_hi, total_lo, hi, lo)
    return fault, total_hi, total_lo


@rule
def saturated(hi, lo):
    """A wide number as an int64, or the nearest there is."""
    if wide_fits(hi, lo):
        return np.int64(lo)
    return _INT64_MIN if hi < 0 else _INT64_MAX


@rule
def day_profit_of(ledgers, rates, first, limits, now):
    """What an account has gained since the start of the day, as `total_of` gives it."""
    return total_of(ledgers, rates, first, limits, np.int64(PROFIT), _NOTHING_MORE, now)
