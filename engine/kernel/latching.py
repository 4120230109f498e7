"""HALT_LATCHED: an account whose loss has passed its limit may only reduce, until somebody lifts the halt.

One event can take several accounts too far. They are linked from the firm's row, and each is halted by an
event of its own.
"""

import numpy as np

from engine.kernel.jit import rule
from engine.kernel.writing import address_scope, begin_follow_up
from engine.vocabulary import Check, EventKind, Reason, Scope, TradingState


@rule
def write_latch(tables, views, at, now):
    """Halt the account of the first ledger whose loss is past its limit."""
    firm = tables.firm[0]
    ledger = tables.ledgers[firm["first_breached"]]
    head = begin_follow_up(views, at, EventKind.HALT_LATCHED, firm["due_offset"], now)
    address_scope(head, Scope.ACCOUNT, firm)
    head["account"] = ledger["account"]
    head["reason"] = Reason.LOSS_LIMIT
    head["check"] = Check.LOSS
    row = views.halt[at]
    row["limit"] = ledger["max_loss"]
    row["observed"] = ledger["lost"]
    row["currency_w0"] = ledger["currency"]
    row["scope"] = Scope.ACCOUNT
    row["trading_state"] = TradingState.REDUCING


@rule
def evolve_latch(row, tables, offset):
    """Halt the account, unless it is halted more strictly; gives whether another one is to follow."""
    firm = tables.firm[0]
    ledger = tables.ledgers[firm["first_breached"]]
    firm["first_breached"] = ledger["next_breached"]
    ledger["next_breached"] = 0
    account = tables.accounts[row["account"]]
    account["halt_state"] = max(np.int64(account["halt_state"]), np.int64(TradingState.REDUCING))
    firm["version"] = row["version"]
    firm["last_offset"] = offset
    return firm["first_breached"] != 0
