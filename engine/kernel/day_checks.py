"""Checks of an account's day: its loss, and how far its profit is below the highest that it has been.

Both look at one sum, which is made once. Like other limits on what an account has at stake they refuse
only what could leave a larger position, and a replace that works less passes.
"""

import numpy as np

from engine.kernel.exposure_checks import PASSED, compared
from engine.kernel.exposure_sums import day_profit_of
from engine.kernel.jit import rule
from engine.kernel.wide import wide_neg, wide_sub
from engine.vocabulary import Reason


@rule
def check_day(sums, more_qty, now):
    """Whether an account's loss and drawdown are within their limits: two (reason, limit, observed).

    `sums` are all ledgers, all rates, and the account's first ledger. For each of the two the first ledger
    counts whose limit does not hold.
    """
    ledgers, rates, first = sums
    loss = PASSED
    drawdown = PASSED
    at = np.int64(first) if more_qty >= 0 else np.int64(0)
    while at != 0:
        limits = ledgers[at]
        at = np.int64(limits["next_of_account"])
        if limits["is_limited"]:
            total = day_profit_of(ledgers, rates, first, limits, now)
            if loss[0] == Reason.NONE:
                loss = _loss_of(limits, total)
            if drawdown[0] == Reason.NONE and limits["has_max_drawdown"]:
                drawdown = _drawdown_of(limits, total)
    return loss, drawdown


@rule
def _loss_of(limits, profit):
    """What the limit on loss says of a day's profit, a total with its fault."""
    fault, hi, lo = profit
    hi, lo = wide_neg(hi, lo)
    return compared(fault, hi, lo, np.int64(limits["max_loss"]), Reason.LOSS_LIMIT)


@rule
def _drawdown_of(limits, profit):
    """What the limit on drawdown says of it; a profit above the highest so far has none."""
    fault, hi, lo = profit
    hi, lo = wide_sub(np.int64(limits["peak_hi"]), limits["peak_lo"], hi, lo)
    return compared(fault, hi, lo, np.int64(limits["max_drawdown"]), Reason.DRAWDOWN_LIMIT)
