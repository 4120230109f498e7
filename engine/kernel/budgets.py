"""What a partition uses of the firm's limits, and whether an order finds room in what is leased to it.

Used is the credit of all accounts in a currency: what their positions have cost, and what works. Where the
firm has no limit in any currency an order pays one branch.
"""

import numpy as np

from engine.kernel.exposure_sums import saturated
from engine.kernel.index import find
from engine.kernel.jit import rule
from engine.kernel.ledger import credit_of
from engine.kernel.order_facts import money_of, working_value
from engine.kernel.wide import wide_sub
from engine.vocabulary import Reason

_PASSED = (np.int64(Reason.NONE), np.int64(0), np.int64(0))
_INT64_MAX = np.int64(2**63 - 1)


@rule
def budget_of(tables, currency):
    """The row of the firm's limit in a currency (a word), 0 if it never had one."""
    return _budget_slot(tables.budgets, tables.firm[0]["budgets"], currency)


@rule
def lease_of(tables, partition, budget):
    """The row of a partition's lease of a budget, 0 if it has none."""
    return _lease_slot(tables.leases, tables.firm[0]["leases"], partition, budget)


@rule
def _budget_slot(budgets, used, currency):
    """They are few, and found by looking at each."""
    for slot in range(1, used + 1):
        if budgets[slot]["currency"] == currency:
            return np.int64(slot)
    return np.int64(0)


@rule
def _lease_slot(leases, used, partition, budget):
    """The same for leases, one a partition and budget."""
    for slot in range(1, used + 1):
        if budget != 0 and leases[slot]["budget"] == budget and leases[slot]["partition"] == partition:
            return np.int64(slot)
    return np.int64(0)


@rule
def usable_credit(lease):
    """What a partition may use: what was granted and is not on its way back."""
    return lease["granted"] - lease["returning"]


@rule
def used_credit(tables, currency):
    """The credit of all accounts in a currency (a word), in 10^-8 of it, or the largest int64."""
    return _used_credit(tables.ledgers, tables.ledger_index, currency)


@rule
def _used_credit(ledgers, ledger_index, currency):
    firm = find(ledger_index, ledgers, np.uint64(0), np.uint64(currency))
    hi, lo = credit_of(ledgers[firm])
    return saturated(hi, lo)


@rule
def more_than(most, used, more):
    """Whether `used` and `more` together, neither below zero, pass `most`: the sum need not be an int64."""
    return used > most or more > most - used


@rule
def both(used, more):
    """The sum of two amounts, neither below zero, or the largest int64."""
    return used + more if more <= _INT64_MAX - used else _INT64_MAX


@rule
def check_budget(tables, asked, price, opening, slot, now):
    """What adds credit fits what is leased to the partition, and the lease has not ended.

    `opening` is the position that the order could lead to on its side: what can only shrink one passes.
    `slot` is the order that it replaces, 0 of none. Gives (reason, limit, observed) as every check does.
    """
    firm = tables.firm[0]
    if firm["budgets"] == 0 or opening <= 0:
        return _PASSED
    instrument = tables.instruments[asked["instrument"]]
    currency = np.uint32(instrument["currency_word"])
    budget = _budget_slot(tables.budgets, firm["budgets"], currency)
    if budget == 0 or tables.budgets[budget]["credit_max"] < 0:
        return _PASSED
    partition = tables.bounds[0]["partition"]
    lease = tables.leases[_lease_slot(tables.leases, firm["leases"], partition, budget)]
    more = _more_credit(asked, np.int64(price), tables.orders[slot], np.int64(instrument["money_factor"]))
    used = _used_credit(tables.ledgers, tables.ledger_index, currency)
    return _compared(lease, used, more, np.int64(now))


@rule
def _more_credit(asked, price, order, factor):
    """The credit that an order adds to what it works already."""
    hi, lo = money_of(max(np.int64(0), asked["qty"] - order["cum_qty"]), price, factor)
    before_hi, before_lo = working_value(order, factor)
    hi, lo = wide_sub(hi, lo, before_hi, before_lo)
    return np.int64(0) if hi < 0 else saturated(hi, lo)


@rule
def _compared(lease, used, more, now):
    """(reason, limit, observed) of so much more beside what is used."""
    usable = usable_credit(lease)
    observed = both(used, more)
    if more <= 0:
        return _PASSED
    if lease["granted"] != 0 and now >= lease["expires_ns"]:
        return np.int64(Reason.LEASE_EXPIRED), usable, observed
    if observed > usable:
        return np.int64(Reason.FIRM_BUDGET), usable, observed
    return _PASSED
