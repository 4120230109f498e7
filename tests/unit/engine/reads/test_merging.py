"""Answers of several partitions make one table: what is about the same thing is added up."""

from decimal import Decimal

import numpy as np
import pytest

from engine.errors import BadRequest
from engine.limits import MONEY_SCALE
from engine.reads.answers import Answer, decode_answer, encode_answer, table_of
from engine.reads.column_values import wide_rows
from engine.reads.rows import LEVEL_ROW, STATUS_ROW, SUM_ROW
from engine.values import unscaled
from engine.vocabulary import Side


def answer(subject: str, rows: np.ndarray, partition: int, **facts: object) -> Answer:
    """What a partition answers."""
    return Answer(subject=subject, rows=rows.tobytes(), partition=partition, as_of=10 * partition, **facts)  # type: ignore[arg-type]


def levels(side: Side, *places: tuple[int, int]) -> np.ndarray:
    """One side of a book: (price, quantity) of its levels, best first."""
    rows = np.zeros(len(places), LEVEL_ROW)
    rows["instrument"], rows["side"], rows["orders"] = b"AAPL", side, 1
    rows["level"] = np.arange(1, len(places) + 1)
    rows["price"], rows["qty"] = zip(*places, strict=True)
    return rows


def test_a_book_adds_up_levels_and_keeps_each_side_best_first() -> None:
    first = np.concatenate([levels(Side.BUY, (100, 5), (98, 1)), levels(Side.SELL, (101, 2), (103, 7))])
    second = np.concatenate([levels(Side.BUY, (99, 4), (98, 2)), levels(Side.SELL, (101, 3), (102, 1))])

    book = table_of([answer("book", first, 0), answer("book", second, 1)])

    assert [(row.side, row.level, row.price, row.qty, row.orders) for row in book] == [
        ("BUY", 1, Decimal(100), Decimal(5), 1),
        ("BUY", 2, Decimal(99), Decimal(4), 1),
        ("SELL", 1, Decimal(101), Decimal(5), 2),
        ("SELL", 2, Decimal(102), Decimal(1), 1),
    ]


def sums(group: bytes, amount: int, lines: int) -> np.ndarray:
    """One sum row with the same amount in each measure."""
    row = np.zeros(1, SUM_ROW)
    row["group"], row["currency"], row["lines"] = group, b"USD", lines
    for measure in range(row["money"].shape[1]):
        row["money"][:, measure] = wide_rows([amount])
    return row


def test_sums_by_instrument_are_added_exactly_and_those_by_account_stand_side_by_side() -> None:
    parts = [sums(b"AAPL", 2**100, 3), sums(b"AAPL", -1, 2)]

    added = table_of([answer("profit by instrument", rows, number) for number, rows in enumerate(parts)])
    beside = table_of([answer("profit by account", rows, number) for number, rows in enumerate(parts)])

    assert added["lines"] == [5]
    assert added["realized"] == [unscaled(2**100 - 1, MONEY_SCALE)]
    assert beside["lines"] == [3, 2]


def test_the_table_is_as_late_as_the_latest_and_names_every_position() -> None:
    rows = np.zeros(1, STATUS_ROW)

    table = table_of(
        [
            answer("status", rows, 0, lag_events=3, lag_seconds=0.5, unpriced=("SAP",)),
            answer("status", rows, 1, lag_events=1, lag_seconds=2.0, unpriced=("BTC", "SAP"), has_more=True),
        ]
    )

    assert table.as_of == {0: 0, 1: 10}
    assert (table.lag_events, table.lag_seconds) == (3, 2.0)
    assert (table.unpriced, table.has_more) == (("BTC", "SAP"), True)


def test_an_answer_comes_back_as_it_went() -> None:
    sent = answer("status", np.zeros(2, STATUS_ROW), 3, unpriced=("SAP",))

    assert decode_answer(encode_answer(sent)) == sent


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\x80"])
def test_an_answer_that_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(BadRequest, match="use the same release"):
        decode_answer(data)


def test_an_answer_about_something_unknown_is_refused() -> None:
    with pytest.raises(BadRequest, match="an answer about 'weather', which is unknown here"):
        decode_answer(encode_answer(answer("weather", np.zeros(1, STATUS_ROW), 0)))
