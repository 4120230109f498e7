"""Many commands at once: rows as they stand, tables of orders, answers in the caller's order."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from engine.errors import BadRequest, OutcomeUnknown, Refused
from engine.rows.commands import COMMAND, INSTRUMENT_COMMAND, command_rows
from engine.vocabulary import AnswerCode, CommandKind, ExecType, Lane, Reason, Side
from tests.unit.engine.client.conftest import Desk, connected

COUNT = 7

ORDERS: dict[str, list[Any]] = {
    "account": ["ACC-1", "ACC-2"] * 3 + ["ACC-1"],
    "instrument": ["AAPL", "BTC-USD"] * 3 + ["AAPL"],
    "strategy": ["S1", "T1", "S2", "T1", "S1", "T1", "S2"],
    "side": ["BUY", "SELL", "SELL", "BUY", "BUY", "BUY", "SELL"],
    "qty": ["10", "0.0010", "20", "0.2500", "30", "1.0000", "40"],
    "price": ["100.00", "100000.0", "99.99", "99999.5", "100.01", "100.5", "101.00"],
    "time_in_force": ["DAY", "GTC", "IOC", "DAY", "DAY", "GTC", "DAY"],
    "cl_ord_id": [f"order-{number}" for number in range(COUNT)],
}

FORMS: dict[str, Callable[[dict[str, list[Any]]], object]] = {
    "lists": lambda orders: orders,
    "object arrays": lambda orders: {name: np.array(column, object) for name, column in orders.items()},
    "fixed-width bytes": lambda orders: {name: np.array(column, "S") for name, column in orders.items()},
    "structured array": lambda orders: np.array(
        list(zip(*orders.values(), strict=True)), [(name, "U20") for name in orders]
    ),
    "polars": pl.DataFrame,
    "pandas": pd.DataFrame,
    "arrow": pa.table,
    "decimals": lambda orders: {
        **orders,
        **{
            name: np.array([Decimal(str(cell)) for cell in orders[name]], object) for name in ("qty", "price")
        },
    },
    "polars decimals": lambda orders: pl.DataFrame(orders).with_columns(
        pl.col("qty").cast(pl.Decimal(18, 4)), pl.col("price").cast(pl.Decimal(18, 2))
    ),
    "codes": lambda orders: {
        **orders,
        "side": np.array([Side[str(side)] for side in orders["side"]], np.uint8),
    },
    "scaled": lambda orders: {
        **{name: column for name, column in orders.items() if name not in ("qty", "price")},
        "qty_scaled": np.array([10, 10, 20, 2500, 30, 10000, 40]),
        "price_scaled": np.array([10000, 1000000, 9999, 999995, 10001, 1005, 10100], np.int32),
    },
}


def one_by_one(desk: Desk) -> list[np.ndarray]:
    """The rows that submitting each order by itself sends."""
    for values in zip(*ORDERS.values(), strict=True):
        desk.buy(**dict(zip(ORDERS, values, strict=True)))
    return [rows for _, rows in desk.transport.sent[-COUNT:]]


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_table_of_any_form_becomes_the_rows_of_single_orders(
    desk: Desk, form: Callable[[dict[str, list[Any]]], object]
) -> None:
    singles = one_by_one(desk)

    rows = desk.client.order_rows(form(ORDERS))

    assert rows.dtype == COMMAND
    assert rows.tobytes() == b"".join(single.tobytes() for single in singles)


def test_a_table_is_submitted_in_order_and_again_without_effect(wide_desk: Desk) -> None:
    first = wide_desk.client.submit_many(ORDERS)
    digests = wide_desk.transport.digests()

    again = wide_desk.client.submit_many(ORDERS)

    assert first.counts() == {AnswerCode.ACCEPTED: COUNT}
    assert again.counts() == {AnswerCode.DUPLICATE: COUNT}
    assert again.positions.tolist() == first.positions.tolist()
    assert again.outcomes.tolist() == first.outcomes.tolist()
    assert wide_desk.transport.digests() == digests


def test_answers_keep_the_order_of_the_commands_over_all_partitions(wide_desk: Desk) -> None:
    answers = wide_desk.client.submit_many(ORDERS)

    assert len(set(answers.partitions.tolist())) > 1
    for at, order_id in enumerate(answers.order_ids):
        single = wide_desk.client.submit(**{name: column[at] for name, column in ORDERS.items()})
        assert single.is_duplicate
        assert (single.order_id, single.position) == (order_id, answers.positions[at])
        assert answers[at].cl_ord_id == ORDERS["cl_ord_id"][at]
        assert answers[at].leaves_qty == single.leaves_qty


def test_refusals_of_a_table_are_told_in_words(desk: Desk) -> None:
    answers = desk.client.submit_many({**ORDERS, "price": ["100.00", "100000.0", *["106.00"] * 5]})

    refusals = answers.refusals()

    assert not answers.all_accepted
    assert {refusal.reason for refusal in refusals} <= {Reason.PRICE_COLLAR}
    assert "price 106.00 is beyond 5 % of the mark 100.00" in str(refusals[0])
    assert repr(answers).startswith("Answers(")
    with pytest.raises(Refused, match="PRICE_COLLAR"):
        answers.raise_for_refusal()


def test_answers_are_frozen(desk: Desk) -> None:
    answers = desk.client.submit_many(ORDERS)

    with pytest.raises(AttributeError):
        answers.rows = answers.rows[:0]  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        answers.rows["code"] = AnswerCode.ACCEPTED


def test_made_up_ids_differ_in_a_table_and_between_tables(desk: Desk) -> None:
    table = {name: column for name, column in ORDERS.items() if name != "cl_ord_id"}

    ids = [one for _ in range(3) for one in desk.client.submit_many(table).order_ids]

    assert len(set(ids)) == 3 * COUNT


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"price": np.array([100.5] * COUNT)}, 'price=100.5 is a float; pass "100.50" or Decimal'),
        ({"qty": np.array([1.0] * COUNT)}, "or pass a column qty_scaled of integers"),
        ({"price_scaled": [1] * COUNT}, "one column each of price"),
        ({"price": None}, "one column each of price"),
        ({"account": None}, "one column each of account"),
        ({"prices": [1] * COUNT}, "unknown column 'prices': did you mean price"),
        ({"qty": [1, 2]}, "of one length"),
        ({"qty": [[1]] * COUNT}, "one-dimensional"),
        ({"account": ["ACC-1"] * (COUNT - 1) + [None]}, "row 6: account is of type NoneType"),
        ({"account": [1] * COUNT}, "account is of type int"),
        ({"price": [True] * COUNT}, "column price is of type bool"),
        ({"qty": None, "qty_scaled": np.array([1.5] * COUNT)}, "scaled numbers are integers"),
        (
            {"qty": None, "qty_scaled": [10**12 + 1] * COUNT},
            "row 0: qty_scaled=1000000000001 is past the bound",
        ),
        ({"qty": None, "qty_scaled": [1] * 6 + [0]}, "row 6: qty_scaled=0 is not above zero"),
        ({"price": [10**13 + 1] * COUNT}, "past the bound"),
        ({"price": [2**63] * COUNT}, "past the bound"),
        ({"qty": [-1] * COUNT}, "row 0: qty=-1 is not above zero (and 6 more rows)"),
        ({"side": [7] * COUNT}, "side=7 is not one of BUY, SELL"),
        ({"cl_ord_id": np.array([b"\xff"] * COUNT)}, "not printable ASCII"),
        ({"cl_ord_id": np.array([b"a\0b"] * COUNT)}, "not printable ASCII"),
    ],
)
def test_a_bad_table_is_refused_as_a_whole(desk: Desk, change: dict[str, object], complaint: str) -> None:
    table = {name: column for name, column in {**ORDERS, **change}.items() if column is not None}
    sent, digests = len(desk.transport.sent), desk.transport.digests()

    with pytest.raises(BadRequest) as caught:
        desk.client.submit_many(table)

    assert complaint in str(caught.value)
    assert len(desk.transport.sent) == sent
    assert desk.transport.digests() == digests


@pytest.mark.parametrize("table", [None, 7, "orders", np.zeros(3)])
def test_what_is_no_table_is_refused(desk: Desk, table: object) -> None:
    with pytest.raises(BadRequest, match="is not understood"):
        desk.client.submit_many(table)


def test_an_empty_table_is_no_trouble(desk: Desk) -> None:
    empty = {name: np.array([], object) for name in ORDERS}

    assert len(desk.client.submit_many(empty)) == 0


def test_rows_that_were_not_answered_are_sent_again_as_they_are(desk: Desk) -> None:
    rows = desk.client.order_rows({name: column for name, column in ORDERS.items() if name != "cl_ord_id"})

    def fail(partition: int, rows: np.ndarray) -> None:
        desk.transport.after = lambda partition, rows: None
        raise OutcomeUnknown("no answer")

    desk.transport.after = fail
    with pytest.raises(OutcomeUnknown):
        desk.client.send_rows(rows)

    assert desk.client.send_rows(rows).counts() == {AnswerCode.DUPLICATE: COUNT}


def test_reports_without_an_account_find_their_orders(wide_desk: Desk) -> None:
    answers = wide_desk.client.submit_many(ORDERS)
    rows = command_rows(COUNT)
    rows["order_id_hi"], rows["order_id_lo"] = (
        answers.commands["order_id_hi"],
        answers.commands["order_id_lo"],
    )
    rows["exec_type"], rows["text"] = ExecType.NEW, [f"E{number}".encode() for number in range(COUNT)]

    reported = wide_desk.feed.report_many(rows)

    assert reported.all_accepted
    assert reported.partitions.tolist() == answers.partitions.tolist()
    assert wide_desk.feed.report_many(rows).counts() == {AnswerCode.DUPLICATE: COUNT}
    assert rows["kind"].tolist() == [0] * COUNT


def test_rows_of_every_command_dtype_are_taken_and_no_others(desk: Desk) -> None:
    rows = command_rows(2)
    rows["kind"], rows["lane"], rows["seq"] = CommandKind.CANCEL_ORDER, Lane.OWNER, 2

    assert desk.client.send_rows(rows.view(INSTRUMENT_COMMAND)).counts() == {AnswerCode.GAP: 2}
    assert desk.client.send_rows(np.repeat(rows.view("V160"), 2).view(COMMAND)[::2]).counts() == {
        AnswerCode.GAP: 2
    }
    with pytest.raises(BadRequest, match="are no command rows"):
        desk.client.send_rows(np.zeros(3, np.uint8))


def test_rows_that_lead_to_no_partition_are_refused(wide_desk: Desk) -> None:
    rows = command_rows(2)
    rows["kind"], rows["lane"] = CommandKind.SUBMIT_ORDER, Lane.OWNER
    rows["account"] = [1, 0]
    with pytest.raises(BadRequest, match="a row of kind SUBMIT_ORDER names no account"):
        wide_desk.client.send_rows(rows)

    rows["account"] = [1, 99]
    with pytest.raises(BadRequest, match="unknown account handle 99"):
        wide_desk.client.send_rows(rows)


def test_a_client_asks_again_for_numbers_that_rows_have_used(desk: Desk) -> None:
    ack = desk.buy()
    rows = command_rows(1)
    rows["order_id_hi"], rows["order_id_lo"] = ack.order_id_number >> 64, ack.order_id_number & (2**64 - 1)
    rows["kind"], rows["lane"], rows["seq"] = CommandKind.CANCEL_ORDER, Lane.OWNER, 2
    desk.client.send_rows(rows)

    assert desk.client.cancel(ack).reason == Reason.ALREADY_PENDING


def test_a_second_client_may_send_the_rows_of_a_first(desk: Desk) -> None:
    rows = desk.client.order_rows(ORDERS)
    desk.client.send_rows(rows)

    assert connected(desk.transport, "other").send_rows(rows).counts() == {AnswerCode.DUPLICATE: COUNT}
