"""What a partition uses of the firm's limits, and whether an order finds room in what is leased to it.

Used is the credit of all accounts in a currency: what their positions have cost, and what works. Where the
firm has no limit in any currency an order pays one branch.
"""

import numpy as np

from engine.kernel.jit import rule
from engine.kernel.order_facts import money_of, working_value
from engine.kernel.wide import wide_add, wide_fits, wide_neg, wide_sub
from engine.vocabulary import Reason

_INT64_MAX = np.int64(2**63 - 1)


@rule
def budget_of(tables, currency):
    """The row of the firm's limit in a currency, 0 if it never had one: they are few."""
    for slot in range(1, tables.firm[0]["budgets"] + 1):
        if tables.budgets[slot]["currency"] == currency:
            return np.int64(slot)
    return np.int64(0)


@rule
def lease_of(tables, partition, budget):
    """The row of a partition's lease of a budget, 0 if it has none."""
    if budget == 0:
        return np.int64(0)
    for slot in range(1, tables.firm[0]["leases"] + 1):
        row = tables.leases[slot]
        if row["budget"] == budget and row["partition"] == partition:
            return np.int64(slot)
    return np.int64(0)


@rule
def usable_credit(lease):
    """What a partition may use: what was granted and is not on its way back."""
    return lease["granted"] - lease["returning"]


@rule
def used_credit(tables, budget):
    """The credit of all accounts in a budget's currency, in 10^-8 of it, or the largest int64."""
    hi, lo = np.int64(0), np.uint64(0)
    for slot in range(1, tables.firm[0]["positions"] + 1):
        row = tables.positions[slot]
        if tables.instruments[row["instrument"]]["currency"] == tables.budgets[budget]["currency"]:
            cost_hi, cost_lo = row["open_cost_hi"], row["open_cost_lo"]
            if cost_hi < 0:
                cost_hi, cost_lo = wide_neg(cost_hi, cost_lo)
            hi, lo = wide_add(hi, lo, cost_hi, cost_lo)
            hi, lo = wide_add(hi, lo, row["working_buy_value_hi"], row["working_buy_value_lo"])
            hi, lo = wide_add(hi, lo, row["working_sell_value_hi"], row["working_sell_value_lo"])
    return saturated(hi, lo)


@rule
def saturated(hi, lo):
    """A wide number of zero or more as an int64, the largest where it is more."""
    return np.int64(lo) if wide_fits(hi, lo) else _INT64_MAX


@rule
def more_than(most, used, more):
    """Whether `used` and `more` together, neither below zero, pass `most`: the sum need not be an int64."""
    return used > most or more > most - used


@rule
def more_credit(tables, asked, price, slot):
    """The credit that an order adds to what it works already; `slot` is 0 where it is new."""
    order = tables.orders[slot]
    factor = tables.instruments[asked["instrument"]]["money_factor"]
    hi, lo = money_of(max(np.int64(0), asked["qty"] - order["cum_qty"]), price, factor)
    before_hi, before_lo = working_value(order, factor)
    hi, lo = wide_sub(hi, lo, before_hi, before_lo)
    return np.int64(0) if hi < 0 else saturated(hi, lo)


@rule
def check_budget(tables, asked, worst, more, now):
    """What adds credit fits what is leased to the partition, and the lease has not ended.

    `more` is the credit that an order adds, `worst` the position that it could lead to on its side: what can
    only shrink a position passes. Gives (reason, limit, observed) as every check does.
    """
    budget = budget_of(tables, tables.instruments[asked["instrument"]]["currency"])
    if budget == 0 or more <= 0 or worst <= 0 or tables.budgets[budget]["credit_max"] < 0:
        return Reason.NONE, np.int64(0), np.int64(0)
    lease = tables.leases[lease_of(tables, tables.bounds[0]["partition"], budget)]
    used = used_credit(tables, budget)
    observed = used + more if more <= _INT64_MAX - used else _INT64_MAX
    if lease["granted"] != 0 and now >= lease["expires_ns"]:
        return Reason.LEASE_EXPIRED, usable_credit(lease), observed
    if observed > usable_credit(lease):
        return Reason.FIRM_BUDGET, usable_credit(lease), observed
    return Reason.NONE, np.int64(0), np.int64(0)
