"""The loss limit: what an account has lost since the start of the day, watched on trades, marks and rates.

From the moment at which a loss passes its limit only orders that reduce are taken, until somebody lifts the
halt. A loss is halted once: again only when it has been within the limit meanwhile, or on another day. As
long as it is past the limit the check of losses refuses what increases, whether or not the halt was lifted.
"""

import numpy as np

from engine.kernel.exposure_sums import KNOWN, PROFIT, saturated, total_of
from engine.kernel.following import owe_halt
from engine.kernel.jit import rule
from engine.kernel.ledger import start_day
from engine.kernel.wide import wide, wide_less, wide_neg

_NOTHING_MORE = (np.uint32(0), np.int64(0), np.uint64(0))


@rule
def watch_account(tables, handle, offset, now):
    """Owe a halt for each loss of an account that the event at `offset` took too far."""
    if tables.accounts[handle]["limited"] != 0:
        _watch_account(tables.firm[0], tables.accounts, tables.ledgers, tables.rates, handle, offset, now)


@rule
def watch_holders(tables, instrument, offset, now):
    """The same for all accounts that hold an instrument."""
    at = np.int64(instrument["first_holding"]) if tables.firm[0]["ledgers"] != 0 else np.int64(0)
    while at != 0:
        holding = tables.holdings[at]
        watch_account(tables, np.int64(holding["account"]), offset, now)
        at = np.int64(holding["next_of_instrument"])


@rule
def watch_all(tables, offset, now):
    """The same for all accounts."""
    for handle in range(1, tables.firm[0]["accounts"] + 1):
        watch_account(tables, np.int64(handle), offset, now)


@rule
def _watch_account(firm, accounts, ledgers, rates, handle, offset, now):
    """Link every ledger whose loss has just passed its limit."""
    first = np.int64(accounts[handle]["first_ledger"])
    at = first
    while at != 0:
        ledger = ledgers[at]
        if ledger["is_limited"] and _has_passed(ledgers, rates, first, ledger, now):
            ledger["next_breached"] = firm["first_breached"]
            firm["first_breached"] = at
            owe_halt(firm, offset)
        at = np.int64(ledger["next_of_account"])


@rule
def _has_passed(ledgers, rates, first, ledger, now):
    """Whether a loss is past its limit and was not before; where nobody knows it all stays as it was."""
    fault, hi, lo = total_of(ledgers, rates, first, ledger, np.int64(PROFIT), _NOTHING_MORE, now)
    if fault != KNOWN:
        return False
    hi, lo = wide_neg(hi, lo)
    most_hi, most_lo = wide(ledger["max_loss"])
    was_breached = ledger["is_breached"] != 0
    is_breached = wide_less(most_hi, most_lo, hi, lo)
    ledger["is_breached"] = np.uint8(is_breached)
    ledger["lost"] = saturated(hi, lo) if is_breached else np.int64(0)
    return is_breached and not was_breached


@rule
def start_days(tables, trade_date):
    """Begin the day of every ledger, once for the firm: with the first venue that starts a later date."""
    firm = tables.firm[0]
    if trade_date <= firm["trade_date"]:
        return
    firm["trade_date"] = trade_date
    for at in range(1, firm["ledgers"] + 1):
        ledger = tables.ledgers[at]
        if ledger["account"] != 0:
            start_day(ledger)
            ledger["is_breached"] = 0
            ledger["lost"] = 0
