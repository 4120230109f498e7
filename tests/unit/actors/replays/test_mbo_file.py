"""Rows of a market-by-order file are read exactly, and the first that can't be read is named."""

from pathlib import Path

import pytest

from actors.replays.mbo_file import NO_PRICE, Action, MboRow, read_mbo
from actors.replays.source_file import MalformedRow

COLUMNS = "ts_recv,ts_event,action,side,price,size,order_id,flags,sequence"
SOUND = [
    "1715126400000000009",
    "1715126400000000003",
    "A",
    "B",
    "5155500000010",
    "5",
    "6413238832874",
    "40",
    "7",
]


def written(folder: Path, *rows: str, columns: str = COLUMNS) -> Path:
    file = folder / "rows.csv"
    file.write_text("".join(f"{row}\n" for row in (columns, *rows)))
    return file


def test_a_row_is_read_by_the_names_of_its_columns(tmp_path: Path) -> None:
    columns = "symbol,size,price,order_id,side,action,ts_event,rtype,ts_recv"
    file = written(tmp_path, "ANY.1,3,1000000000,99,A,F,20,160,30", columns=columns)

    assert list(read_mbo(file)) == [MboRow(0, 30, 20, Action.FILL, "A", 10**8, 3, 99, "ANY.1")]


def test_prices_are_scaled_exactly_and_rows_without_one_have_zero(tmp_path: Path) -> None:
    clear = f"1,1,R,N,{NO_PRICE},0,0,8,0"

    sound, cleared = read_mbo(written(tmp_path, ",".join(SOUND), clear))

    assert (sound.price, cleared.price) == (515_550_000_001, 0)
    assert (sound.row, cleared.row) == (0, 1)


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        (0, "yesterday", "ts_recv: expected a whole number"),
        (1, str(2**64 - 1), "ts_event: expected UTC nanoseconds up to"),
        (2, "X", "action: expected one of A, M, C, F, T, R, N"),
        (3, "N", "side: expected A or B"),
        (4, "5000.25", "price: expected a whole number"),
        (4, "-1000000000", "price: expected more than 0"),
        (4, "5000000000001", "price: 5000000000001 x 10^-9 needs more than 8 decimals"),
        (4, str(NO_PRICE), "price: "),
        (5, "0", "size: expected 1 to"),
        (5, "", "size: expected a whole number"),
        (6, "1e3", "order_id: expected a whole number"),
        (6, str(2**64), "order_id: expected a whole number"),
        (8, "1,2", "expected 9 columns, found 10"),
    ],
)
def test_a_malformed_row_is_named_behind_the_sound_ones(
    tmp_path: Path, column: int, value: str, said: str
) -> None:
    file = written(tmp_path, ",".join(SOUND), ",".join([*SOUND[:column], value, *SOUND[column + 1 :]]))
    rows = read_mbo(file)

    assert next(rows).order_id == 6413238832874
    with pytest.raises(MalformedRow) as caught:
        next(rows)
    assert str(caught.value).startswith(f"{file}:3: {said}")


def test_a_file_without_a_needed_column_is_refused(tmp_path: Path) -> None:
    file = written(tmp_path, columns=COLUMNS.replace("order_id", "number"))

    with pytest.raises(MalformedRow, match=r":1: the first line must name the columns; missing: order_id"):
        next(read_mbo(file))


def test_a_symbol_that_no_instrument_can_have_is_malformed(tmp_path: Path) -> None:
    file = written(tmp_path, ",".join([*SOUND, "longer than names"]), columns=f"{COLUMNS},symbol")

    with pytest.raises(MalformedRow, match=r":2: symbol 'longer than names': expected 1 to 16"):
        next(read_mbo(file))
