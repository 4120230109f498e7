"""Sums of money in one currency: each group's amounts through explicit rates of exchange, never through 1.

An amount is converted once, as the sum of its group in its own currency, and rounded half to even. Where
there is no rate, or none that is young enough, an amount is in no sum: its currency is listed and its lines
are counted as unpriced.
"""

from typing import NamedTuple

import numpy as np

from engine.kernel.tables import Tables
from engine.reads.column_values import wide_ints, wide_rows
from engine.reads.regrouping import added
from engine.reads.sum_rows import Sums


class Rate(NamedTuple):
    """What one unit of a currency is worth in the wanted one."""

    numerator: int
    denominator: int


SAME = Rate(1, 1)


def in_currency(sums: Sums, tables: Tables, currency: str, since_ns: int) -> Sums:
    """SUM_ROW rows in this currency, one a group, and the names of what could not be valued.

    A rate from before `since_ns`, UTC ns, counts as none.
    """
    rows, unpriced = sums
    wanted = currency.encode("ascii")
    converted, missing = rows.copy(), set[str]()
    for at, native in enumerate(rows["currency"].tolist()):
        rate = SAME if native == wanted else _rate(tables, native, wanted, since_ns)
        if rate is None:
            missing.add(native.decode("ascii"))
            converted["unpriced"][at] = rows["lines"][at]
        amounts = wide_ints(rows["money"][at])
        converted["money"][at] = wide_rows([_through(rate, amount) for amount in amounts])
    converted["currency"] = wanted
    return added(converted), tuple(sorted({*unpriced, *missing}))


def _rate(tables: Tables, native: bytes, wanted: bytes, since_ns: int) -> Rate | None:
    """The rate of a pair as it was set, else the inverse of the other way round, else none."""
    ratio = ("numerator", "denominator")
    for pair, names in (((native, wanted), ratio), ((wanted, native), ratio[::-1])):
        found = _row(tables, *pair)
        if found is not None and found["observed_ns"] >= since_ns:
            return Rate(*(int(found[name]) for name in names))
    return None


def _row(tables: Tables, currency: bytes, settl_currency: bytes) -> np.void | None:
    """The rate of a pair, as it was set."""
    rates = tables.rates[1 : int(tables.firm["rates"][0]) + 1]
    words = [int.from_bytes(name, "little") for name in (currency, settl_currency)]
    found = np.flatnonzero((rates["currency"] == words[0]) & (rates["settl_currency"] == words[1]))
    row: np.void | None = rates[found[0]] if len(found) else None
    return row


def _through(rate: Rate | None, amount: int) -> int:
    """An amount at a rate, rounded half to even; nothing where there is no rate."""
    if rate is None:
        return 0
    quotient, rest = divmod(amount * rate.numerator, rate.denominator)
    is_up = 2 * rest > rate.denominator or (2 * rest == rate.denominator and quotient % 2 == 1)
    return quotient + is_up
