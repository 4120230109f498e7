"""Positions as rows: names, scales and marks beside the numbers, average price and profit derived."""

from typing import NamedTuple

import numpy as np

from engine.projections.lookups import collect_lines
from engine.reads.column_values import wide_ints, wide_rows
from engine.reads.risk_tables import RiskTables, checked, names_at, used_rows
from engine.reads.rows import POSITION_ROW

_WIDE_FIELDS = {
    "open_cost": "open_cost",
    "realized": "realized",
    "cash": "cash",
    "working_buy": "working_buy_value",
    "working_sell": "working_sell_value",
}
_SAME_FIELDS = ("qty", "buy_qty", "sell_qty", "working_buy_qty", "working_sell_qty")


class Taken(NamedTuple):
    """Copies of the rows that an answer needs: a mapped view changes, copies don't."""

    positions: np.ndarray
    instruments: np.ndarray
    accounts: np.ndarray
    strategies: np.ndarray


def take_positions(tables: RiskTables, account: int, strategy: int, instrument: int) -> Taken:
    """Copy the positions that match (0 matches any), with their instruments and names, in slot order."""
    slots = np.sort(_slots(tables, account, strategy))
    lines = tables.positions[slots]
    lines = lines[_matches(lines["account"], account) & _matches(lines["instrument"], instrument)]
    return Taken(
        lines,
        tables.instruments[checked(lines["instrument"], tables.instruments)],
        names_at(tables.accounts, lines["account"]),
        names_at(tables.strategies, lines["strategy"]),
    )


def _slots(tables: RiskTables, account: int, strategy: int) -> np.ndarray:
    """The slots of a strategy's, an account's, or all positions."""
    used = used_rows(tables, "positions")
    if strategy:
        return _listed(tables.strategies, strategy, tables.positions["next_of_strategy"], used)
    if account:
        return _listed(tables.accounts, account, tables.positions["next_of_account"], used)
    return np.arange(1, used + 1)


def _listed(groups: np.ndarray, handle: int, links: np.ndarray, used: int) -> np.ndarray:
    if handle >= len(groups):
        return np.zeros(0, np.int64)
    slots = np.empty(used, np.int64)
    count = collect_lines(int(groups["first_position"][handle]), links, slots)
    return slots[:count]


def _matches(handles: np.ndarray, wanted: int) -> np.ndarray:
    return np.asarray((handles == wanted) | (wanted == 0))


def position_rows(taken: Taken) -> np.ndarray:
    """POSITION_ROW rows of what was taken."""
    lines, instruments = taken.positions, taken.instruments
    rows = np.zeros(len(lines), POSITION_ROW)
    rows["account"], rows["strategy"] = taken.accounts, taken.strategies
    rows["instrument"] = names_at(instruments, np.arange(len(instruments)))
    for name in ("currency", "price_scale", "qty_scale", "mark", "mark_ns"):
        rows[name] = instruments[name]
    for name in _SAME_FIELDS:
        rows[name] = lines[name]
    for name, source in _WIDE_FIELDS.items():
        rows[name]["hi"], rows[name]["lo"] = lines[f"{source}_hi"], lines[f"{source}_lo"]
    rows["is_open"] = lines["qty"] != 0
    rows["is_priced"] = (instruments["mark"] > 0) | (lines["qty"] == 0)
    _derive(rows, instruments)
    return rows


def _derive(rows: np.ndarray, instruments: np.ndarray) -> None:
    """Average price and unrealised profit, in Python's exact integers."""
    costs = wide_ints(rows["open_cost"])
    facts = list(zip(rows["qty"].tolist(), costs, strict=True))
    units = zip(instruments["multiplier"].tolist(), instruments["qty_scale"].tolist(), strict=True)
    prices = [average_price(cost, qty, *unit) for (qty, cost), unit in zip(facts, units, strict=True)]
    rows["average_price"] = wide_rows(prices)
    values = zip(instruments["mark"].tolist(), instruments["money_factor"].tolist(), strict=True)
    rows["unrealized"] = wide_rows(
        [qty * mark * factor - cost for (qty, cost), (mark, factor) in zip(facts, values, strict=True)]
    )


def average_price(cost: int, qty: int, multiplier: int, qty_scale: int) -> int:
    """Cost (10^-8 of the currency) per unit of `qty`, in 10^-8, rounded half to even; 0 if `qty` is 0."""
    if qty == 0:
        return 0
    unit: int = 10**qty_scale
    quotient, rest = divmod(abs(cost) * unit, abs(qty) * multiplier)
    twice = 2 * rest - abs(qty) * multiplier
    is_up = twice > 0 or (twice == 0 and quotient % 2 == 1)
    return quotient + 1 if is_up else quotient
