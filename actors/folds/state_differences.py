"""Which columns of which rows two states have otherwise."""

from collections.abc import Iterator, Mapping
from itertools import islice

import numpy as np

from actors.folds.findings import CELLS_MAX, Cell
from actors.folds.run_columns import is_of_run

Rows = Mapping[str, np.ndarray]
"""The used rows of every table of a state by name, as `engine.kernel.kernel.used_rows` gives them."""

USED = "(used)"
"""What stands for a column where one state has a row that the other has not."""


def state_cells(a: Rows, b: Rows, *, are_runs: bool = False) -> list[Cell]:
    """The first columns in which two states differ, none if they are equal.

    Of two runs, `are_runs`, the columns count that do not differ by nature.
    """
    return list(islice(_cells(a, b, are_runs), CELLS_MAX))


def _cells(a: Rows, b: Rows, are_runs: bool) -> Iterator[Cell]:
    # The firm row counts the rows of the others: it says least, and comes last.
    for name in sorted(a, key="firm".__eq__):
        if len(a[name]) != len(b[name]) or a[name].tobytes() != b[name].tobytes():
            yield from _cells_of_table(name, a[name], b[name], are_runs)


def _cells_of_table(name: str, ours: np.ndarray, theirs: np.ndarray, are_runs: bool) -> Iterator[Cell]:
    both = min(len(ours), len(theirs))
    columns = [column for column in ours.dtype.names or () if not (are_runs and is_of_run(name, column))]
    differs = {column: _differs(ours[column][:both], theirs[column][:both]) for column in columns}
    is_apart = np.zeros(both, bool)
    for flags in differs.values():
        is_apart |= flags
    for row in map(int, np.flatnonzero(is_apart)):
        for column in columns:
            if differs[column][row]:
                yield Cell(name, row, column, str(ours[column][row]), str(theirs[column][row]))
    for row in range(both, max(len(ours), len(theirs))):
        yield Cell(name, row, USED, str(row < len(ours)), str(row < len(theirs)))


def _differs(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Which rows differ in one column, which may hold several numbers."""
    flags = ours != theirs
    return np.asarray(flags.reshape(len(flags), -1).any(axis=1))
