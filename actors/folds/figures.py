"""Positions and profit of some accounts, or of the firm, out of a fold's tables: plain values by column."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import numpy as np

from engine.errors import BadRequest
from engine.kernel.tables import Tables, names_of
from engine.reads.position_rows import position_rows, take_positions
from engine.reads.questions import GroupBy, ReadProfit
from engine.reads.schema import SUBJECTS
from engine.reads.sum_rows import profit_of
from engine.reads.table import Table
from engine.reads.wanted_sums import wanted_sums

CHANGES = ("qty", "average_price", "realized", "working_buy_qty", "working_sell_qty")
"""What events change of a position; what it is worth moves with the marks too."""

ALL = 0
"""The handle that stands for all accounts."""

Row = dict[str, Any]
"""Plain values by column."""

Key = tuple[str, str, str]
"""Account, strategy and instrument of a position."""


def account_handles(tables: Tables, names: Iterable[str]) -> dict[str, int]:
    """The handles of those of these accounts that the tables know."""
    used = int(tables.firm["accounts"][0]) + 1
    known = names_of(tables.accounts)[:used]
    found = {name: np.flatnonzero(known == name.encode("ascii", "replace")) for name in names}
    return {name: int(slots[0]) for name, slots in found.items() if len(slots)}


def require_accounts(tables: Tables, names: Iterable[str]) -> list[int]:
    """The handles of these accounts; BadRequest for one that the tables don't know."""
    handles = account_handles(tables, names)
    for name in names:
        if name not in handles:
            raise BadRequest(f"unknown account {name!r}: no event up to the end of the window defines it")
    return list(handles.values())


def positions(tables: Tables, accounts: Iterable[int]) -> dict[Key, Row]:
    """Every position of these accounts, or of all."""
    rows = (row for handle in accounts or (ALL,) for row in _positions_of(tables, handle))
    return {(row["account"], row["strategy"], row["instrument"]): row for row in rows}


def changed(before: Mapping[Key, Row], after: Mapping[Key, Row]) -> tuple[list[Row], list[Row]]:
    """The positions of which events changed something: as they were, where they were, and as they are."""
    keys = sorted(key for key, row in after.items() if _differs(before.get(key), row))
    return [before[key] for key in keys if key in before], [after[key] for key in keys]


def profit(tables: Tables, accounts: Iterable[int]) -> list[Row]:
    """Profit and loss of each of these accounts, or of the firm, by currency."""
    handles = list(accounts)
    if not handles:
        return _profit_by(tables, "firm", ALL)
    return [row for handle in handles for row in _profit_by(tables, "account", handle)]


def _positions_of(tables: Tables, account: int) -> list[Row]:
    return _plain(
        Table(SUBJECTS["positions"], position_rows(take_positions(tables, account, 0, 0)), as_of={})
    )


def _profit_by(tables: Tables, by: GroupBy, handle: int) -> list[Row]:
    rows, _ = wanted_sums(profit_of, tables, ReadProfit(by=by, handle=handle))
    return _plain(Table(SUBJECTS[f"profit by {by}"], rows, as_of={}))


def _plain(table: Table) -> list[Row]:
    """Rows as JSON has them: decimals are text, so that no reader rounds them."""
    return [
        {name: f"{value:f}" if isinstance(value, Decimal) else value for name, value in row._asdict().items()}
        for row in table
    ]


def _differs(before: Row | None, after: Row) -> bool:
    return before is None or any(before[name] != after[name] for name in CHANGES)
