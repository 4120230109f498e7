"""LOBSTER's rows are read exactly at any depth, and the first that can't be read is named."""

from pathlib import Path

import pytest

from actors.replays.lobster_file import BookRow, Message, MessageType, read_books, read_messages
from actors.replays.source_file import MalformedRow

SOUND = ["34200.004241176", "1", "16113575", "18", "5853300", "1"]


def written(folder: Path, *rows: str) -> Path:
    file = folder / "rows.csv"
    file.write_text("".join(f"{row}\n" for row in rows))
    return file


@pytest.mark.parametrize(
    ("time", "time_ns"),
    [("34200", 34_200 * 10**9), ("34200.5", 34_200_500_000_000), ("57599.999999999", 57_599_999_999_999)],
)
def test_times_are_whole_nanoseconds(tmp_path: Path, time: str, time_ns: int) -> None:
    (message,) = read_messages(written(tmp_path, ",".join([time, *SOUND[1:]])))

    assert message == Message(0, time_ns, MessageType.SUBMISSION, 16_113_575, 18, 5_853_300, 1)


@pytest.mark.parametrize(
    "row",
    [
        "34200.1,5,0,1,5797400,-1",
        "34200.1,5,16113575,1,5797401,1",
        "34200.1,6,-1,12000,5850000,-1",
        "34200.1,6,0,0,0,1",
        "34200.1,7,0,0,-1,-1",
        "34200.1,7,0,0,0,-1",
        "34200.1,7,-1,0,1,-1",
    ],
)
def test_hidden_executions_crosses_and_halts_have_odd_columns(tmp_path: Path, row: str) -> None:
    (message,) = read_messages(written(tmp_path, row))

    assert message.type == int(row.split(",")[1])
    assert (message.order_id, message.size, message.price) == tuple(map(int, row.split(",")[2:5]))


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        (0, "34200.0042411765", "time: expected seconds with up to nine decimals"),
        (0, "-1", "time: expected"),
        (0, "nan", "time: expected"),
        (1, "8", "type: expected a type from 1 to 7"),
        (2, "0", "order id: expected 1 or more"),
        (2, str(2**64), "order id: expected at most"),
        (3, "1.0", "size: expected a whole number"),
        (3, "0", "size: expected 1 to"),
        (3, "-5", "size: expected a whole number"),
        (4, "0", "price: expected 1 to"),
        (4, "-9999999999", "price: expected 1 to"),
        (5, "0", "direction: expected 1 or -1"),
        (5, "1,", "expected 6 columns"),
    ],
)
def test_a_malformed_message_is_named_behind_the_sound_ones(
    tmp_path: Path, column: int, value: str, said: str
) -> None:
    file = written(tmp_path, ",".join(SOUND), ",".join([*SOUND[:column], value, *SOUND[column + 1 :]]))
    messages = read_messages(file)

    assert next(messages).row == 0
    with pytest.raises(MalformedRow) as caught:
        next(messages)
    assert str(caught.value).startswith(f"{file}:2: {said}")


def test_levels_that_are_not_there_are_left_out(tmp_path: Path) -> None:
    file = written(
        tmp_path, "101,5,99,7,9999999999,0,98,2", "9999999999,0,-9999999999,0,9999999999,0,-9999999999,0"
    )

    full, empty = read_books(file)

    assert full == BookRow(2, ((101, 5),), ((99, 7), (98, 2)))
    assert empty == BookRow(2, (), ())


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("101,5,99,7", "expected 2 x 4 columns, found 4"),
        ("101,5,99,7,102,1,98,x", "expected whole numbers separated by commas"),
        ("101,5,99,7,-102,1,98,2", "expected prices above zero and no negative sizes"),
        ("101,-5,99,7,102,1,98,2", "expected prices above zero and no negative sizes"),
        ("", "expected whole numbers"),
    ],
)
def test_a_malformed_row_of_the_orderbook_is_named(tmp_path: Path, row: str, said: str) -> None:
    books = read_books(written(tmp_path, "101,5,99,7,102,1,98,2", row))

    next(books)
    with pytest.raises(MalformedRow, match=rf":2: {said}"):
        next(books)
