"""Leases as rows: what a partition may use of each of the firm's limits, and what it uses."""

import numpy as np

from engine.kernel.ledger import COST, WORKING
from engine.kernel.tables import Tables
from engine.reads.risk_tables import used_rows
from engine.reads.rows import LEASE_ROW

_INT64_MAX = 2**63 - 1
_OF_LEASE = ("granted", "returning", "expires_ns", "returned_offset", "serial")


def lease_rows(tables: Tables) -> np.ndarray:
    """LEASE_ROW rows of the partition whose tables these are, one for each currency with a limit."""
    used = used_rows(tables, "budgets")
    rows = np.zeros(used, LEASE_ROW)
    budgets = tables.budgets[1 : used + 1]
    rows["partition"] = tables.bounds["partition"][0]
    rows["currency"] = budgets["currency"].astype("<u4").view("S4")
    rows["firm_limit"], rows["firm_granted"] = budgets["credit_max"], budgets["granted"]
    rows["is_limited"] = budgets["credit_max"] >= 0
    rows["used"] = [_used_credit(tables, int(currency)) for currency in budgets["currency"]]
    for lease in tables.leases[1 : used_rows(tables, "leases") + 1]:
        if lease["partition"] == tables.bounds["partition"][0]:
            for name in _OF_LEASE:
                rows[name][lease["budget"] - 1] = lease[name]
    return rows


def _used_credit(tables: Tables, currency: int) -> int:
    """The credit of all accounts, as the check of the kernel sees it."""
    ledgers = tables.ledgers[1 : used_rows(tables, "ledgers") + 1]
    found = np.flatnonzero((ledgers["account"] == 0) & (ledgers["currency"] == currency))
    money = [int(hi) << 64 | int(lo) for at in found for hi, lo in ledgers["money"][at][[COST, WORKING]]]
    return min(sum(money), _INT64_MAX)
