"""What a file's name tells of it, and what becomes of files that can't be read to their end."""

import gzip
from datetime import date
from pathlib import Path

import pytest

from actors.replays.command_draft import cl_ord_id_of
from actors.replays.source_file import (
    LINE_BYTES_MAX,
    MalformedRow,
    count_lines,
    midnight_ns,
    numbered_lines,
    subject_of,
)
from engine.errors import BadRequest


@pytest.mark.parametrize(
    ("name", "symbol", "trade_date"),
    [
        ("ANY_2019-12-31_34200000_57600000_message_10.csv", "ANY", 20191231),
        ("ANY_20191231_mbo.csv.gz", "ANY", 20191231),
        ("ANY_20191231.csv", "ANY", 20191231),
        ("BRK_B_2019-12-31_message_1.csv", "BRK_B", 20191231),
        ("some-feed-20191231.mbo.csv", "some-feed", 20191231),
    ],
)
def test_a_name_tells_symbol_and_date(name: str, symbol: str, trade_date: int) -> None:
    assert subject_of(Path("folder_2001-01-01_x") / name, None, None) == (symbol, trade_date, "")


def test_what_is_given_stands_above_the_name() -> None:
    subject = subject_of(Path("ANY_2019-12-31_x.csv"), "OTHER", date(2020, 1, 2))

    assert subject == ("OTHER", 20200102, "")


def test_a_name_that_tells_nothing_leaves_the_first_row_to_tell() -> None:
    subject = subject_of(Path("messages_34200000_57600000.csv"), None, None, 1_580_688_000 * 10**9)

    assert subject[:2] == ("messages_3420000", 20200203)
    assert "assumed symbol messages_3420000 and trade date 2020-02-03" in subject.assumed


@pytest.mark.parametrize("name", ["LONGER-THAN-NAMES-ARE_2019-12-31_x.csv", "ANY_2019-02-30_x.csv"])
def test_a_name_that_tells_what_can_not_be_is_refused(name: str) -> None:
    with pytest.raises(BadRequest):
        subject_of(Path(name), None, None)


def test_a_day_begins_at_midnight() -> None:
    assert midnight_ns(20200203) == 1_580_688_000 * 10**9


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz"])
def test_lines_are_numbered_from_one_without_their_ends(tmp_path: Path, suffix: str) -> None:
    text = b"first\r\nsecond\nlast"
    file = tmp_path / f"lines{suffix}"
    file.write_bytes(gzip.compress(text) if suffix.endswith(".gz") else text)

    assert list(numbered_lines(file)) == [(1, b"first"), (2, b"second"), (3, b"last")]
    assert count_lines(file) == 3


def test_a_packed_file_that_was_cut_short_is_named_at_the_cut(tmp_path: Path) -> None:
    file = tmp_path / "lines.csv.gz"
    file.write_bytes(gzip.compress(b"first\nsecond\n")[:-9])

    with pytest.raises(MalformedRow, match=r"lines\.csv\.gz:\d+: cannot be read"):
        list(numbered_lines(file))


def test_a_line_without_an_end_is_malformed(tmp_path: Path) -> None:
    file = tmp_path / "lines.csv"
    file.write_bytes(b"first\n" + b"1" * LINE_BYTES_MAX)

    with pytest.raises(MalformedRow, match=r":2: the line is longer than"):
        list(numbered_lines(file))


@pytest.mark.parametrize(
    ("order_id", "cl_ord_id"),
    [(1, "1"), (10**16 - 1, "9" * 16), (10**16, "x2QGPCKVNG1S"), (2**64 - 1, "x3W5E11264SGSF")],
)
def test_order_ids_become_names_that_leave_room_for_a_tag(order_id: int, cl_ord_id: str) -> None:
    assert cl_ord_id_of(order_id) == cl_ord_id
