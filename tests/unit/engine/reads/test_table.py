"""A table is frozen, exact, and the same for Python, Arrow, polars and pandas."""

import sys
from collections.abc import Callable
from decimal import Decimal

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.limits import MONEY_SCALE
from engine.reads.arrow import scaled_words
from engine.reads.questions import ReadEvents, ReadOrders, ReadPositions
from engine.reads.rows import POSITION_ROW, STATUS_ROW
from engine.reads.schema import SUBJECTS, Kind
from engine.reads.table import Table
from tests.unit.engine.reads.made_tables import asked_tables, made_table

EVERY_KIND = pytest.mark.parametrize("subject", sorted(SUBJECTS))


@pytest.fixture(scope="module")
def tables() -> dict[str, Table]:
    return asked_tables()


def test_there_is_a_table_of_every_subject(tables: dict[str, Table]) -> None:
    assert set(tables) == set(SUBJECTS)
    assert {name: table.subject.name for name, table in tables.items()} == {name: name for name in tables}
    assert all(len(table) > 0 for table in tables.values())


@EVERY_KIND
def test_rows_columns_and_single_rows_agree(tables: dict[str, Table], subject: str) -> None:
    table = tables[subject]
    rows = list(table)

    assert [table[at] for at in range(len(table))] == rows
    assert table[-1] == rows[-1]
    for at, name in enumerate(table.columns):
        assert table[name] == [row[at] for row in rows], name


@EVERY_KIND
def test_arrow_holds_the_same_values(tables: dict[str, Table], subject: str) -> None:
    table = tables[subject]
    arrow = table.to_arrow()

    assert tuple(arrow.column_names) == table.columns
    for column in table.subject.columns:
        found = arrow[column.name]
        if column.kind is Kind.TIME:
            found = found.cast(pa.int64())
        assert found.to_pylist() == table[column.name], column.name
        assert found.type == pa.decimal128(38, 8) or column.kind is not Kind.DECIMAL
    assert arrow.schema.metadata == {b"as_of.0": str(table.as_of[0]).encode()}


@EVERY_KIND
def test_polars_and_pandas_hold_what_arrow_holds(tables: dict[str, Table], subject: str) -> None:
    table = tables[subject]
    arrow = table.to_arrow()

    assert table.to_polars().to_arrow().cast(arrow.schema).equals(arrow)
    assert pa.Table.from_pandas(table.to_pandas(), schema=arrow.schema).equals(arrow)


def test_whoever_speaks_arrow_takes_a_table_as_it_is(tables: dict[str, Table]) -> None:
    table = tables["orders"]

    assert pa.table(table).equals(table.to_arrow())
    assert pl.DataFrame(table).equals(table.to_polars())


EXPORTS: dict[str, tuple[str, Callable[[Table], object]]] = {
    "to_arrow": ("pyarrow", Table.to_arrow),
    "to_polars": ("polars", Table.to_polars),
    "to_pandas": ("pandas", Table.to_pandas),
    "capsule": ("pyarrow", Table.__arrow_c_stream__),
}


@pytest.mark.parametrize(("module", "export"), EXPORTS.values(), ids=EXPORTS)
def test_a_missing_library_is_named_with_what_installs_it(
    tables: dict[str, Table], monkeypatch: pytest.MonkeyPatch, module: str, export: Callable[[Table], object]
) -> None:
    monkeypatch.setitem(sys.modules, module, None)

    with pytest.raises(ImportError, match=rf'{module} is not installed: pip install "orderfold\[df\]"'):
        export(tables["orders"])


def test_a_table_is_frozen(tables: dict[str, Table]) -> None:
    table = tables["positions"]

    with pytest.raises(AttributeError, match="frozen"):
        table.as_of = {}
    with pytest.raises(ValueError, match="read-only"):
        table.raw["qty"] = 0


def test_a_column_that_is_not_there_is_answered_with_those_that_are(tables: dict[str, Table]) -> None:
    with pytest.raises(KeyError, match="status has no column 'free'; it has name, used, capacity"):
        tables["status"]["free"]


def test_numbers_are_exact_and_in_the_instruments_scale() -> None:
    rows = [row for row in made_table(ReadPositions()) if row.instrument == "BTC"]

    assert rows
    assert {row.qty.as_tuple().exponent for row in rows} == {-4}
    assert {type(row.realized) for row in rows} == {Decimal}


def test_a_value_that_there_is_not_is_none() -> None:
    events = made_table(ReadEvents(limit=500))

    for row in events:
        is_definition = row.kind in {"ACCOUNT_DEFINED", "INSTRUMENT_DEFINED", "LIMITS_CHANGED"}
        assert (row.order_id is None) or not is_definition
        assert (row.leaves_qty is None) == (row.order_id is None)


def test_a_table_shows_its_first_rows_and_where_it_stands() -> None:
    shown = repr(made_table(ReadOrders(limit=30)))

    lines = shown.split("\n")
    assert lines[0].startswith("orders: 30 rows, partition 0 at ")
    assert lines[1].split()[:3] == ["order_id", "account", "strategy"]
    assert lines[-2] == "… 10 more rows"
    assert lines[-1].startswith("not shown, empty or 0: ")


def test_a_column_is_left_out_and_named_only_where_it_says_nothing(tables: dict[str, Table]) -> None:
    for table in tables.values():
        shown = repr(table).split("\n")
        named = shown[-1].partition("not shown, empty or 0: ")[2].split(", ")
        rows = 20
        for name in table.columns:
            values = {value for value in table[name][:rows] if value not in {None, "", "NONE", "0" * 32}}
            assert (name in named) == (not any(values)), name
            assert (name in shown[1].split()) == any(values), name


def test_money_is_shown_to_the_cent_and_as_far_as_it_has_digits() -> None:
    rows = np.zeros(2, POSITION_ROW)
    rows["realized"]["lo"] = [123_450_000_000, 1_234_567_800]
    rows["qty"], rows["qty_scale"] = 1_500, 3
    table = Table(SUBJECTS["positions"], rows, as_of={0: 7})

    assert [line.split() for line in repr(table).split("\n")[1:4]] == [
        ["qty", "realized"],
        ["1.500", "1,234.50"],
        ["1.500", "12.345678"],
    ]
    assert table["realized"][0].as_tuple().exponent == -8


def test_an_empty_table_has_columns_and_no_rows() -> None:
    empty = Table(SUBJECTS["status"], np.zeros(0, STATUS_ROW), as_of={0: -1})

    assert (len(empty), list(empty), empty["used"]) == (0, [], [])
    assert empty.to_arrow().num_rows == 0
    assert repr(empty) == "status: 0 rows, partition 0 at -1"


@given(
    number=st.integers(-(2**63), 2**63 - 1),
    scale=st.integers(0, MONEY_SCALE),
)
def test_a_scaled_number_becomes_the_same_number_of_128_bits(number: int, scale: int) -> None:
    factor = 10 ** (MONEY_SCALE - scale)
    low, high = scaled_words(np.array([number], np.int64), np.array([factor], np.int64))[0]

    assert int(low) | int(high) << 64 == (number * factor) % 2**128
