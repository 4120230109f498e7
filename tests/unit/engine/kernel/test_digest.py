"""The state's digest: no byte of any column of any table can change without it."""

import numpy as np
import pytest

from engine.kernel.kernel import DIGESTED, Kernel
from engine.kernel.tables import Capacity, Tables, new_tables
from tests.properties.flow import numbers_of, run_flow
from tests.properties.side_by_side import ROOMY, SideBySide

SETTINGS = {"bounds"}
"""How full tables may become: no state, so that a log has one digest in tables of any size."""


FLOWS = range(10, 20)
"""Flows to choose from: which of them reaches every table depends on what is drawn."""


@pytest.fixture(scope="module")
def kernel() -> Kernel:
    """A kernel with used rows in every table."""
    for seed in FLOWS:
        side = SideBySide(ROOMY)
        run_flow(side, numbers_of(seed, 400))
        if all(side.logged.kernel.tables.firm[0][name] for name in DIGESTED):
            break
    return side.logged.kernel


def columns() -> list[tuple[str, str]]:
    """Every (table, column) of the state."""
    tables = new_tables(Capacity(orders=1, executions=1, requests=1, positions=1))
    return [(name, column) for name in ("firm", *DIGESTED) for column in getattr(tables, name).dtype.names]


def test_every_table_is_state_or_an_index_over_state_or_a_setting() -> None:
    indexes = {name for name in Tables._fields if name.endswith("_index")}

    assert set(Tables._fields) == {"firm", *DIGESTED} | indexes | SETTINGS


def test_every_table_has_used_rows(kernel: Kernel) -> None:
    """Otherwise the flips below would touch row 0 only."""
    assert [name for name in DIGESTED if kernel.tables.firm[0][name] == 0] == []


def test_columns_cover_every_byte_of_a_row(kernel: Kernel) -> None:
    """Otherwise a byte between two columns could change unseen."""
    for name in ("firm", *DIGESTED):
        dtype = getattr(kernel.tables, name).dtype
        places = [dtype.fields[column] for column in dtype.names]
        covered = {offset + byte for column, offset in places for byte in range(column.itemsize)}
        assert covered == set(range(dtype.itemsize)), name


@pytest.mark.parametrize(("name", "column"), columns())
def test_a_flipped_byte_of_any_column_changes_the_digest(kernel: Kernel, name: str, column: str) -> None:
    table: np.ndarray = getattr(kernel.tables, name)
    last = 0 if name == "firm" else int(kernel.tables.firm[0][name])
    assert table.dtype.fields is not None, "a table has columns"
    kind, at = table.dtype.fields[column][:2]
    raw = np.ndarray((len(table), kind.itemsize), np.uint8, table, at, (table.itemsize, 1))
    honest = kernel.digest()

    for row in {0, last}:
        for byte in range(raw.shape[1]):
            raw[row, byte] ^= 0xFF
            flipped = kernel.digest()
            raw[row, byte] ^= 0xFF
            assert flipped != honest, f"row {row}, byte {byte}"
    assert kernel.digest() == honest
