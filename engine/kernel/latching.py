"""HALT_LATCHED: an account whose day has passed a limit may only reduce, until somebody lifts the halt.

One event can take several accounts too far. Their ledgers are linked from the firm's row, and each limit that
was passed is halted for by an event of its own.
"""

import numpy as np

from engine.kernel.jit import rule
from engine.kernel.writing import address_scope, begin_follow_up
from engine.vocabulary import Check, EventKind, Reason, Scope, TradingState

LOSS_HALT = 1
"""The loss is to be halted for: the lowest bit of those that a ledger has due is paid first."""
DRAWDOWN_HALT = 2
"""The drawdown is."""


@rule
def write_latch(tables, views, at, now):
    """Halt the account of the first ledger that is linked, for the first of the limits that it has passed."""
    firm = tables.firm[0]
    ledger = tables.ledgers[firm["first_breached"]]
    head = begin_follow_up(views, at, EventKind.HALT_LATCHED, firm["due_offset"], now)
    address_scope(head, Scope.ACCOUNT, firm)
    head["account"] = ledger["account"]
    row = views.halt[at]
    row["currency_w0"] = ledger["currency"]
    row["scope"] = Scope.ACCOUNT
    row["trading_state"] = TradingState.REDUCING
    if np.int64(ledger["halts_due"]) & LOSS_HALT != 0:
        head["reason"] = Reason.LOSS_LIMIT
        head["check"] = Check.LOSS
        row["limit"] = ledger["max_loss"]
        row["observed"] = ledger["lost"]
    else:
        head["reason"] = Reason.DRAWDOWN_LIMIT
        head["check"] = Check.DRAWDOWN
        row["limit"] = ledger["max_drawdown"]
        row["observed"] = ledger["drawdown"]


@rule
def evolve_latch(row, tables, offset):
    """Halt the account, unless it is halted more strictly; gives whether another one is to follow."""
    firm = tables.firm[0]
    ledger = tables.ledgers[firm["first_breached"]]
    paid = LOSS_HALT if row["check"] == Check.LOSS else DRAWDOWN_HALT
    ledger["halts_due"] = np.int64(ledger["halts_due"]) & ~paid
    if ledger["halts_due"] == 0:
        firm["first_breached"] = ledger["next_breached"]
        ledger["next_breached"] = 0
    account = tables.accounts[row["account"]]
    account["halt_state"] = max(np.int64(account["halt_state"]), np.int64(TradingState.REDUCING))
    firm["version"] = row["version"]
    firm["last_offset"] = offset
    return firm["first_breached"] != 0
