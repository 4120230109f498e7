"""The limits on an account's day, loss and drawdown, watched on trades, corrections, marks and rates.

Drawdown is how far the day's profit is below the highest that it has been since the start of the day, where
it was 0. From the moment at which one of the two passes its limit only orders that reduce are taken, until
somebody lifts the halt. Each is halted once: again only when it has been within its limit meanwhile, or on
another day. As long as it is past its limit the checks of the day refuse what increases, whether or not the
halt was lifted.
"""

import numpy as np

from engine.kernel.exposure_sums import KNOWN, day_profit_of, saturated
from engine.kernel.following import owe_halt
from engine.kernel.jit import rule
from engine.kernel.latching import DRAWDOWN_HALT, LOSS_HALT
from engine.kernel.ledger import start_day
from engine.kernel.wide import wide, wide_less, wide_neg, wide_sub


@rule
def watch_account(tables, handle, offset, now):
    """Owe a halt for each limit on an account's day that the event at `offset` took it past."""
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
    """Link every ledger whose day has just passed a limit."""
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
    """Whether the day is past a limit and was not before; where nobody knows it all stays as it was."""
    fault, hi, lo = day_profit_of(ledgers, rates, first, ledger, now)
    if fault != KNOWN:
        return False
    if wide_less(ledger["peak_hi"], ledger["peak_lo"], hi, lo):
        ledger["peak_hi"] = hi
        ledger["peak_lo"] = lo
    _watch_loss(ledger, hi, lo)
    _watch_drawdown(ledger, hi, lo)
    return ledger["halts_due"] != 0


@rule
def _watch_loss(ledger, hi, lo):
    """Note whether the day's loss is past its limit, and that it is to be halted if it was not before."""
    hi, lo = wide_neg(hi, lo)
    is_past = _is_above(hi, lo, ledger["max_loss"])
    if is_past and ledger["is_breached"] == 0:
        ledger["halts_due"] = np.int64(ledger["halts_due"]) | LOSS_HALT
    ledger["is_breached"] = np.uint8(is_past)
    ledger["lost"] = saturated(hi, lo) if is_past else np.int64(0)


@rule
def _watch_drawdown(ledger, hi, lo):
    """The same for how far the day's profit is below its peak."""
    hi, lo = wide_sub(np.int64(ledger["peak_hi"]), ledger["peak_lo"], hi, lo)
    is_past = ledger["has_max_drawdown"] != 0 and _is_above(hi, lo, ledger["max_drawdown"])
    if is_past and ledger["is_drawn_down"] == 0:
        ledger["halts_due"] = np.int64(ledger["halts_due"]) | DRAWDOWN_HALT
    ledger["is_drawn_down"] = np.uint8(is_past)
    ledger["drawdown"] = saturated(hi, lo) if is_past else np.int64(0)


@rule
def _is_above(hi, lo, most):
    """Whether a wide number is above an int64."""
    most_hi, most_lo = wide(most)
    return wide_less(most_hi, most_lo, hi, lo)


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
            _forget_day(ledger)


@rule
def _forget_day(ledger):
    """What the day before has come to counts no more."""
    ledger["peak_hi"] = 0
    ledger["peak_lo"] = 0
    ledger["is_breached"] = 0
    ledger["lost"] = 0
    ledger["is_drawn_down"] = 0
    ledger["drawdown"] = 0
