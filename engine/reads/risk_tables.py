"""What risk reads look at: six tables of the kernel and their counters, in memory or in a mapped view.

The same functions read both. In a mapped view a reader may see rows that are just being overwritten; whoever
reads one finds out afterwards and reads again, but until then every handle may be nonsense and is checked.
"""

from typing import NamedTuple, Protocol

import numpy as np

from engine.kernel.tables import names_of


class RiskTables(Protocol):
    """The tables of positions, exposure and profit; `engine.kernel.tables.Tables` has them all."""

    @property
    def firm(self) -> np.ndarray:
        """One FIRM row: how many rows of each table are used."""

    @property
    def positions(self) -> np.ndarray:
        """POSITION rows."""

    @property
    def holdings(self) -> np.ndarray:
        """HOLDING rows."""

    @property
    def accounts(self) -> np.ndarray:
        """ACCOUNT rows."""

    @property
    def strategies(self) -> np.ndarray:
        """STRATEGY rows."""

    @property
    def instruments(self) -> np.ndarray:
        """INSTRUMENT rows."""

    @property
    def fees(self) -> np.ndarray:
        """FEE rows."""


class RiskView(NamedTuple):
    """The tables of one copy of a mapped view."""

    firm: np.ndarray
    positions: np.ndarray
    holdings: np.ndarray
    accounts: np.ndarray
    strategies: np.ndarray
    instruments: np.ndarray
    fees: np.ndarray


def used_rows(tables: RiskTables, name: str) -> int:
    """How many rows of a table are used, never more than it has."""
    return min(int(tables.firm[name][0]), len(getattr(tables, name)) - 1)


def checked(handles: np.ndarray, table: np.ndarray) -> np.ndarray:
    """The same handles, 0 where a table has no such row."""
    return np.where(handles < len(table), handles, 0)


def names_at(table: np.ndarray, handles: np.ndarray) -> np.ndarray:
    """The names of these rows, S16."""
    names: np.ndarray = names_of(table)[checked(handles, table)]
    return names


def name_at(table: np.ndarray, handle: int) -> str:
    """The name of one row."""
    return bytes(names_of(table)[handle]).decode("ascii", "replace")
