"""Exposure and profit as rows: from the sums of the folds, with the groups' names."""

from collections.abc import Callable
from typing import NamedTuple, NoReturn

import numpy as np

from engine.errors import BadRequest
from engine.kernel.jit import bound
from engine.projections.exposure import sum_exposure
from engine.projections.profit import sum_profit
from engine.projections.sums import ANY, CURRENCIES_MAX, PRICED, SUM, link_lines
from engine.reads.questions import GroupBy
from engine.reads.risk_tables import RiskTables, name_at, used_rows
from engine.reads.rows import SUM_ROW

Sums = tuple[np.ndarray, tuple[str, ...]]
"""SUM_ROW rows, and the names of the instruments that could not be valued."""


class Grouping(NamedTuple):
    """Lines and how they hang together: the groups' own table, each group's first line, each line's next."""

    groups: np.ndarray
    lines: np.ndarray
    firsts: np.ndarray
    links: np.ndarray


class GroupSums:
    """Sums of one fold over one grouping of one set of tables, for one thread.

    Whoever reads often keeps it: finding columns and native code takes longer than a read. Sums of one group
    are made in a buffer that is always the same, so that they touch as little memory as they can.
    """

    def __init__(
        self, tables: RiskTables, entry: Callable[..., int], grouping: Grouping, fees: tuple[np.ndarray, ...]
    ) -> None:
        groups, lines, firsts, links = grouping
        priced = tables.instruments.view(PRICED)
        self._instruments = tables.instruments
        self._groups, self._sums_max = len(groups), len(lines) + sum(map(len, fees))
        self._unpriced = np.zeros(len(priced), np.uint8)
        self._buffer = np.empty(CURRENCIES_MAX, SUM)
        self._buffer_bytes = self._buffer.view(np.uint8).data
        given = (lines, links, groups, firsts, priced, self._unpriced, *fees)
        self._fold = bound(entry, *given, rest=(self._buffer, 0, 0))

    def read(self, handle: int) -> Sums:
        """The sums of one group, or of every group with handle 0."""
        if handle == 0:
            rows = self._every_group()
        else:
            used = self._fold(self._buffer, handle, handle + 1)
            if used < 0:
                self._refuse()
            # The rows of a frozen table lie on bytes that nobody can write.
            rows = np.frombuffer(bytes(self._buffer_bytes[: used * SUM.itemsize]), SUM_ROW)
        return rows, self._names() if self._unpriced[ANY] else ()

    def _every_group(self) -> np.ndarray:
        """The sums of all groups: no line and no fee brings more than one."""
        sums = np.empty(self._sums_max, SUM)
        return sums[: self._fold(sums, 1, self._groups)].view(SUM_ROW)

    def _refuse(self) -> NoReturn:
        self._unpriced[:] = 0
        raise BadRequest(f"one group trades in more than {CURRENCIES_MAX} currencies: read its positions")

    def _names(self) -> tuple[str, ...]:
        """The instruments that the last fold could not value; forgets them for the next one."""
        handles = np.flatnonzero(self._unpriced[1:]) + 1
        self._unpriced[:] = 0
        return tuple(name_at(self._instruments, int(handle)) for handle in handles)


def exposure_sums(tables: RiskTables, by: GroupBy) -> GroupSums:
    """Sums of exposure.

    An account and an instrument are seen through holdings, which net an account's strategies; a strategy
    through its positions.
    """
    return GroupSums(tables, sum_exposure, _exposure_lines(tables, by), ())


def profit_sums(tables: RiskTables, by: GroupBy) -> GroupSums:
    """Sums of profit; those by instrument see the positions that there are now, so they are read once."""
    return GroupSums(tables, sum_profit, _profit_lines(tables, by), (tables.fees,))


def exposure_of(tables: RiskTables, by: GroupBy, handle: int) -> Sums:
    """The exposure of one group, or of every group with handle 0."""
    return exposure_sums(tables, by).read(handle)


def profit_of(tables: RiskTables, by: GroupBy, handle: int) -> Sums:
    """The profit of one group, or of every group with handle 0."""
    return profit_sums(tables, by).read(handle)


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
    if by == "instrument":
        return _linked_by_instrument(tables)
    lines = tables.positions
    return Grouping(tables.accounts, lines, tables.accounts["first_position"], lines["next_of_account"])


def _linked_by_instrument(tables: RiskTables) -> Grouping:
    """Positions by instrument: the tables keep no such list, so each read makes one."""
    used = used_rows(tables, "positions")
    lines = tables.positions[: used + 1]
    firsts, links = np.zeros(len(tables.instruments), np.uint32), np.zeros(used + 1, np.uint32)
    link_lines(lines["instrument"], used, firsts, links)
    return Grouping(tables.instruments, lines, firsts, links)
