"""Exposure and profit computed plainly, in Python's integers, by looking at every line of the tables."""

from collections import defaultdict

import numpy as np

from engine.kernel.tables import Tables, names_of
from engine.reads.column_values import wide_ints
from engine.reads.questions import GroupBy
from engine.reads.sum_rows import Sums

Amounts = dict[str, int]
Groups = dict[tuple[str, str], Amounts]
"""(name of the group, currency) to what was summed."""


def groups_of(sums: Sums, measures: tuple[str, ...]) -> Groups:
    """What a read found, for comparison."""
    found: Groups = {}
    for row in sums[0]:
        amounts = dict(zip(measures, wide_ints(row["money"]), strict=False))
        counts = {"lines": int(row["lines"]), "unpriced": int(row["unpriced"])}
        found[row["group"].decode(), row["currency"].decode()] = {**amounts, **counts}
    return found


def exposure_by_hand(tables: Tables, by: GroupBy) -> Groups:
    """The exposure of every group: over holdings, or for strategies over positions."""
    lines = tables.positions if by == "strategy" else tables.holdings
    groups: Groups = defaultdict(lambda: defaultdict(int))
    for line in lines[1:]:
        held, buys, sells = (int(line[f]) for f in ("qty", "working_buy_qty", "working_sell_qty"))
        if not (held or buys or sells):
            continue
        amounts, price = _group(tables, by, line, groups)
        amounts["lines"] += 1
        amounts["working_buy"] += _wide(line, "working_buy_value")
        amounts["working_sell"] += _wide(line, "working_sell_value")
        if not price:
            amounts["unpriced"] += 1
            continue
        longest, shortest = max(held + buys, 0) * price, max(sells - held, 0) * price
        amounts["long"] += max(held, 0) * price
        amounts["short"] += max(-held, 0) * price
        amounts["gross"] += abs(held) * price
        amounts["net"] += held * price
        amounts["worst_case_long"] += longest
        amounts["worst_case_short"] += shortest
        amounts["worst_case"] += max(longest, shortest)
    return groups


def profit_by_hand(tables: Tables, by: GroupBy) -> Groups:
    """The profit of every group, over positions that were ever traded."""
    groups: Groups = defaultdict(lambda: defaultdict(int))
    for line in tables.positions[1:]:
        if not (line["buy_qty"] or line["sell_qty"]):
            continue
        amounts, price = _group(tables, by, line, groups)
        amounts["lines"] += 1
        amounts["realized"] += _wide(line, "realized")
        amounts["net"] += _wide(line, "realized")
        _add_fees(tables, by, line, groups)
        if line["qty"] and not price:
            amounts["unpriced"] += 1
            continue
        unrealized = int(line["qty"]) * price - _wide(line, "open_cost")
        amounts["unrealized"] += unrealized
        amounts["total"] += unrealized + _wide(line, "realized")
    return groups


def _add_fees(tables: Tables, by: GroupBy, line: np.void, groups: Groups) -> None:
    """A position's fees, each to the sum of its group in the fee's own currency."""
    slot = int(line["first_fee"])
    while slot:
        fee = tables.fees[slot]
        currency = int(fee["currency"]).to_bytes(3, "little").decode()
        amounts = groups[_name(tables, by, line), currency]
        amounts["fees"] += _wide(fee, "amount")
        amounts["net"] -= _wide(fee, "amount")
        slot = int(fee["next_of_position"])


def _group(tables: Tables, by: GroupBy, line: np.void, groups: Groups) -> tuple[Amounts, int]:
    """A line's group in its currency, and what one unit of it is worth, 0 without a mark."""
    instrument = tables.instruments[line["instrument"]]
    worth = int(instrument["mark"]) * int(instrument["money_factor"])
    return groups[_name(tables, by, line), instrument["currency"].decode()], worth


def _name(tables: Tables, by: GroupBy, line: np.void) -> str:
    table = {"account": tables.accounts, "strategy": tables.strategies, "instrument": tables.instruments}[by]
    name: str = names_of(table)[line[by]].decode()
    return name


def _wide(row: np.void, name: str) -> int:
    return int(row[f"{name}_hi"]) * 2**64 + int(row[f"{name}_lo"])


def same(found: Groups, wanted: Groups, measures: tuple[str, ...]) -> bool:
    """Whether two sets of groups are equal in these measures and in their counts."""
    names = (*measures, "lines", "unpriced")
    return found.keys() == wanted.keys() and all(
        found[key].get(name, 0) == wanted[key].get(name, 0) for key in wanted for name in names
    )
