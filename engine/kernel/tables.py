"""The tables of a partition's state: which there are, and how they are reserved.

Tables are reserved once at their configured capacity (pages that nobody touches cost nothing) and never grow.
Rows are handed out in the order of the log, so that folding the same log gives the same bytes. Row 0 of each
is none.
"""

from typing import NamedTuple

import numpy as np

from engine.kernel.by_pointer import by_pointer
from engine.kernel.lease_rows import ALONE, BUDGET, LEASE
from engine.kernel.money_rows import FEE, LEDGER, LIMITS, RATE
from engine.kernel.orphan_rows import ORPHAN
from engine.kernel.table_rows import (
    ACCOUNT,
    ALIAS,
    BOUNDS,
    EXECUTION,
    FILL,
    FIRM,
    HOLDING,
    INSTRUMENT,
    ORDER,
    POSITION,
    PRINCIPAL,
    REQUEST,
    STRATEGY,
    TERMS,
    VENUE,
)
from engine.vocabulary import TradingState

FEES_OF_POSITION = 2
"""Currencies that a position pays fees in, on average at most: rarely another one than its instrument's."""


class Capacity(NamedTuple):
    """How many rows each table reserves, and how full one may be before new orders are refused.

    Bytes a row are those of its dtype. There are as many ClOrdIDs of replaces and rows of special terms as
    orders, as many fills as executions, as many holdings as positions, and twice as many sums of fees.
    """

    orders: int = 1_000_000
    executions: int = 3_000_000
    requests: int = 65_536
    positions: int = 262_144
    limits: int = 65_536
    accounts: int = 4_096
    strategies: int = 16_384
    instruments: int = 4_096
    venues: int = 256
    principals: int = 4_096
    rates: int = 1_024
    budgets: int = 64
    leases: int = 4_096
    ledgers: int = 16_384
    orphans: int = 65_536
    refuse_percent: int = 95


@by_pointer
class Tables(NamedTuple):
    """A partition's whole state: every table and every index, as NumPy arrays.

    `bounds` is a setting, not state: folding one log into larger tables gives the same digest.
    """

    firm: np.ndarray
    bounds: np.ndarray
    orders: np.ndarray
    aliases: np.ndarray
    executions: np.ndarray
    requests: np.ndarray
    positions: np.ndarray
    holdings: np.ndarray
    limits: np.ndarray
    accounts: np.ndarray
    strategies: np.ndarray
    instruments: np.ndarray
    venues: np.ndarray
    principals: np.ndarray
    fills: np.ndarray
    terms: np.ndarray
    fees: np.ndarray
    rates: np.ndarray
    budgets: np.ndarray
    leases: np.ndarray
    ledgers: np.ndarray
    orphans: np.ndarray
    order_index: np.ndarray
    alias_index: np.ndarray
    execution_index: np.ndarray
    request_index: np.ndarray
    position_index: np.ndarray
    holding_index: np.ndarray
    limits_index: np.ndarray
    ledger_index: np.ndarray
    orphan_index: np.ndarray


def _index(rows: int) -> np.ndarray:
    """An empty open-addressing index: a power of two of slots, at most 5/8 full at `rows`."""
    slots = 8
    while slots * 5 < rows * 8:
        slots *= 2
    return np.zeros(slots, np.uint32)


def new_tables(capacity: Capacity | None = None, partition: int = ALONE) -> Tables:
    """Empty tables of the given capacity for a partition; row 0 of each is unused, so that 0 means none."""
    size = capacity or Capacity()
    tables = Tables(
        firm=np.zeros(1, FIRM),
        bounds=np.zeros(1, BOUNDS),
        orders=np.zeros(size.orders + 1, ORDER),
        aliases=np.zeros(size.orders + 1, ALIAS),
        executions=np.zeros(size.executions + 1, EXECUTION),
        requests=np.zeros(size.requests + 1, REQUEST),
        positions=np.zeros(size.positions + 1, POSITION),
        holdings=np.zeros(size.positions + 1, HOLDING),
        limits=np.zeros(size.limits + 1, LIMITS),
        accounts=np.zeros(size.accounts + 1, ACCOUNT),
        strategies=np.zeros(size.strategies + 1, STRATEGY),
        instruments=np.zeros(size.instruments + 1, INSTRUMENT),
        venues=np.zeros(size.venues + 1, VENUE),
        principals=np.zeros(size.principals + 1, PRINCIPAL),
        fills=np.zeros(size.executions + 1, FILL),
        terms=np.zeros(size.orders + 1, TERMS),
        fees=np.zeros(FEES_OF_POSITION * size.positions + 1, FEE),
        rates=np.zeros(size.rates + 1, RATE),
        budgets=np.zeros(size.budgets + 1, BUDGET),
        leases=np.zeros(size.leases + 1, LEASE),
        ledgers=np.zeros(size.ledgers + 1, LEDGER),
        orphans=np.zeros(size.orphans + 1, ORPHAN),
        order_index=_index(size.orders),
        alias_index=_index(size.orders),
        execution_index=_index(size.executions),
        request_index=_index(size.requests),
        position_index=_index(size.positions),
        holding_index=_index(size.positions),
        limits_index=_index(size.limits),
        ledger_index=_index(size.ledgers),
        orphan_index=_index(size.orphans),
    )
    _reset(tables, size)
    tables.bounds["partition"] = partition
    return tables


_GIVEN_BACK = {
    "orders": "free_orders",
    "aliases": "free_aliases",
    "executions": "free_executions",
    "orphans": "free_orphans",
}
"""Tables whose rows are given back, and how many of those wait to be used again."""


def rows_used(tables: Tables, name: str) -> int:
    """How many rows of a table hold something."""
    firm = tables.firm[0]
    given_back = int(firm[_GIVEN_BACK[name]]) if name in _GIVEN_BACK else 0
    return int(firm[name]) - given_back


def names_of(table: np.ndarray) -> np.ndarray:
    """The names of a table whose rows start with one: S16, one a row, a view."""
    return np.ndarray(table.shape, "S16", table, strides=table.strides)


def _reset(tables: Tables, size: Capacity) -> None:
    """The state before the first event: nothing used, trading active."""
    tables.firm["last_offset"] = -1
    tables.firm["trading_state"] = TradingState.ACTIVE
    bounds = tables.bounds[0]
    for name in set(BOUNDS.names or ()) - {"partition"}:
        bounds[name] = (len(getattr(tables, name)) - 1) * size.refuse_percent // 100
