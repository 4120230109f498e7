"""Exposure and profit as rows: from the sums of the folds, with the groups' names."""

from typing import Any, NamedTuple, get_args

import numpy as np

from engine.errors import BadRequest
from engine.projections.exposure import sum_exposure
from engine.projections.profit import sum_profit
from engine.projections.sums import ANY, CURRENCIES_MAX, PRICED, SUM, link_lines
from engine.reads.questions import GroupBy
from engine.reads.risk_tables import RiskTables, name_at, used_rows
from engine.reads.rows import SUM_ROW


class Sums(NamedTuple):
    """SUM_ROW rows, and the names of the instruments that could not be valued."""

    rows: np.ndarray
    unpriced: tuple[str, ...]


class Grouping(NamedTuple):
    """Lines and how they hang together: the groups' own table, each group's first line, each line's next."""

    groups: np.ndarray
    lines: np.ndarray
    firsts: np.ndarray
    links: np.ndarray


class RiskSums:
    """Sums over one set of tables; made once, because finding the columns takes longer than a read."""

    def __init__(self, tables: RiskTables) -> None:
        self._tables = tables
        self._priced = tables.instruments.view(PRICED)
        self._exposure_lines = {by: _exposure_lines(tables, by) for by in get_args(GroupBy)}

    def exposure(self, by: GroupBy, handle: int) -> Sums:
        """The exposure of one group, or of every group with handle 0.

        An account and an instrument are seen through holdings, which net an account's strategies; a strategy
        through its positions.
        """
        return self._summed(sum_exposure, self._exposure_lines[by], handle)

    def profit(self, by: GroupBy, handle: int) -> Sums:
        """The profit of one group, or of every group with handle 0."""
        return self._summed(sum_profit, _profit_lines(self._tables, by), handle)

    def _summed(self, fold: Any, grouping: Grouping, handle: int) -> Sums:
        """Run a fold over one group, or over all."""
        groups, lines, firsts, links = grouping
        begin, end = (handle, handle + 1) if handle else (1, len(groups))
        sums = np.empty(CURRENCIES_MAX if handle else len(lines), SUM)
        unpriced = np.zeros(len(self._priced), np.uint8)
        used = fold(lines, links, groups, firsts, begin, end, self._priced, sums, unpriced)
        if used < 0:
            raise BadRequest(f"one group trades in more than {CURRENCIES_MAX} currencies: read its positions")
        rows = sums[:used].view(SUM_ROW)
        return Sums(rows, self._names(unpriced) if unpriced[ANY] else ())

    def _names(self, unpriced: np.ndarray) -> tuple[str, ...]:
        return tuple(
            name_at(self._tables.instruments, int(handle)) for handle in np.flatnonzero(unpriced[1:]) + 1
        )


def exposure_of(tables: RiskTables, by: GroupBy, handle: int) -> Sums:
    """The exposure of one group, or of every group with handle 0, of tables that are read once."""
    return RiskSums(tables).exposure(by, handle)


def profit_of(tables: RiskTables, by: GroupBy, handle: int) -> Sums:
    """The profit of one group, or of every group with handle 0, of tables that are read once."""
    return RiskSums(tables).profit(by, handle)


def _exposure_lines(tables: RiskTables, by: GroupBy) -> Grouping:
    if by == "strategy":
        return _lines_of_strategy(tables)
    groups = tables.accounts if by == "account" else tables.instruments
    return Grouping(groups, tables.holdings, groups["first_holding"], tables.holdings[f"next_of_{by}"])


def _lines_of_strategy(tables: RiskTables) -> Grouping:
    groups, lines = tables.strategies, tables.positions
    return Grouping(groups, lines, groups["first_position"], lines["next_of_strategy"])


def _profit_lines(tables: RiskTables, by: GroupBy) -> Grouping:
    if by == "strategy":
        return _lines_of_strategy(tables)
    lines = tables.positions
    if by == "account":
        return Grouping(tables.accounts, lines, tables.accounts["first_position"], lines["next_of_account"])
    used = used_rows(tables, "positions")
    firsts, links = np.zeros(len(tables.instruments), np.uint32), np.zeros(used + 1, np.uint32)
    link_lines(lines["instrument"], used, firsts, links)
    return Grouping(tables.instruments, lines[: used + 1], firsts, links)
