"""`orderfold log`: what is shown is what is stored, in three forms."""

import io
import json
from pathlib import Path

import msgpack
import numpy as np
import pytest

from actors.cli.event_lines import event_line
from actors.cli.event_records import records_of
from actors.cli.handle_names import HandleNames
from actors.cli.log_pages import last_events, open_log
from engine.rows.events import HEAD, REQUEST_EVENT, event_rows
from engine.rows.lifecycle_events import FX_EVENT, LEASE_EVENT, RESTATEMENT_EVENT, STATED_TRADE_EVENT
from engine.rows.schema import SCHEMAS
from engine.vocabulary import EventKind, Lane
from storage.log_reader import LogReader
from tests.unit.actors.cli.conftest import NOON_NS, Run


@pytest.fixture
def tip(made_engine: Path) -> int:
    with LogReader.open(made_engine / "p0000") as reader:
        return reader.tip_offset()


@pytest.mark.parametrize(("kind", "schema"), SCHEMAS)
def test_a_record_has_every_field_of_its_kind_and_no_other(kind: EventKind, schema: int) -> None:
    rows = event_rows(1)
    rows["kind"], rows["schema"] = kind, schema
    overlays = {"_w0", "_w1", "_w2", "_hi", "_lo"}
    fields = {field.name for field in SCHEMAS[kind, schema][1] if field.name[-3:] not in overlays}

    record = records_of(rows, np.array([7]), 9)[0]

    assert record["kind"] == kind.name
    assert fields <= set(record)
    wide = {"cash_before", "cash_after", "realized_before", "realized_after", "cum_value"}
    assert set(record) - fields <= {
        "offset",
        "append_ts",
        "order_id",
        "correlation_id",
        "request_id",
        "exec_ref_id",
        "exec_key_id",
        *wide,
    }


def test_money_of_128_bits_is_text_in_decimal_digits() -> None:
    rows = event_rows(1)
    rows["kind"], rows["schema"] = EventKind.POSITION_RESTATED, 1
    restated = rows.view(RESTATEMENT_EVENT)
    restated["cash_before_hi"], restated["cash_before_lo"] = -1, 2**64 - 5
    restated["cash_after_hi"], restated["cash_after_lo"] = 1, 7

    record = records_of(rows, np.array([0]), 0)[0]

    assert (record["cash_before"], record["cash_after"]) == ("-5", str(2**64 + 7))


def test_records_keep_the_order_of_mixed_kinds() -> None:
    rows = event_rows(4)
    rows["kind"] = [EventKind.TRADE_EXECUTED, EventKind.ORDER_DENIED] * 2
    rows["schema"] = 1

    records = records_of(rows, np.arange(4), 0)

    assert [record["offset"] for record in records] == [0, 1, 2, 3]
    assert [record["kind"] for record in records] == ["TRADE_EXECUTED", "ORDER_DENIED"] * 2


def test_a_code_that_nobody_knows_stays_a_number() -> None:
    rows = event_rows(1)
    rows["kind"], rows["schema"], rows["reason"] = EventKind.ORDER_DENIED, 1, 999

    assert records_of(rows, np.array([0]), 0)[0]["reason"] == 999


def test_ids_are_the_hex_digits_of_both_words() -> None:
    rows = event_rows(1)
    rows["kind"], rows["schema"] = EventKind.ORDER_DENIED, 1
    rows["order_id_hi"], rows["order_id_lo"] = 2**63 + 1, 255

    assert records_of(rows, np.array([0]), 0)[0]["order_id"] == "800000000000000100000000000000ff"


def test_show_begins_at_the_offset_asked_for_and_ends_at_the_limit(run: Run, made_engine: Path) -> None:
    done = run("log", "show", made_engine, "--from", 5, "-n", 3, "--json")

    assert [event["offset"] for event in json.loads(done.out)["events"]] == [5, 6, 7]


def test_show_of_one_order_gives_its_whole_chain(run: Run, made_engine: Path, tip: int) -> None:
    with open_log(made_engine, "p0000") as reader:
        order = last_events(reader, 1)[0]["order_id"]

    events = json.loads(run("log", "show", made_engine, "--order", order, "--json").out)["events"]

    assert [event["version"] for event in events] == list(range(1, len(events) + 1))
    assert [event["prev_offset"] for event in events] == [-1, *(event["offset"] for event in events[:-1])]
    assert events[-1]["offset"] == tip - 1


def test_tail_shows_the_last_events(run: Run, made_engine: Path, tip: int) -> None:
    events = json.loads(run("log", "tail", made_engine, "-n", 4, "--json").out)["events"]

    assert [event["offset"] for event in events] == list(range(tip - 4, tip))


def test_tail_of_nothing_is_empty(run: Run, made_engine: Path) -> None:
    assert run("log", "tail", made_engine, "-n", 0) == (0, "", "")


def test_a_refusal_says_what_was_observed_and_what_the_limit_is(run: Run, made_engine: Path) -> None:
    lines = run("log", "show", made_engine, "-n", 1_000).out.splitlines()
    denied = [line for line in lines if "ORDER_DENIED" in line]

    assert denied
    assert all("quantity 20000 is above the limit of 10000" in line for line in denied)
    assert all("2026-01-02 12:00:00.000000" in line for line in denied)


@pytest.mark.parametrize(
    ("lane", "key"),
    [
        (Lane.OWNER, "number 3"),
        (Lane.VENUE, f"ExecID with key {7:032x}"),
        (Lane.OPERATOR, f"request {7:032x}"),
    ],
)
def test_the_line_of_a_conflict_names_the_key_and_why(lane: Lane, key: str) -> None:
    rows = event_rows(1)
    rows["kind"], rows["schema"], rows["lane"], rows["seq"] = EventKind.CONFLICT_DETECTED, 1, lane, 3
    rows.view(REQUEST_EVENT)["request_lo"] = 7

    line = event_line(records_of(rows, np.array([0]), 0)[0], HandleNames())

    assert f"{key} was used before with other content: not executed" in line


def test_the_line_of_a_trade_says_what_it_cost() -> None:
    rows = event_rows(1)
    rows["kind"], rows["schema"] = EventKind.TRADE_EXECUTED, 2
    trade = rows.view(STATED_TRADE_EVENT)
    trade["last_qty"], trade["last_px"], trade["exec_id"] = 5, 100, b"E1"
    trade["commission"], trade["commission_currency"] = -125_000_000, b"USD"

    line = event_line(records_of(rows, np.array([0]), 0)[0], HandleNames())

    assert "5 @ 100  E1  commission -1.25 USD" in line


def test_the_line_of_a_rate_says_what_one_unit_is_worth() -> None:
    rows = event_rows(1)
    rows["kind"], rows["schema"] = EventKind.FX_CHANGED, 1
    rate = rows.view(FX_EVENT)
    rate["currency"], rate["settl_currency"] = b"EUR", b"USD"
    rate["numerator"], rate["denominator"] = 217, 200

    line = event_line(records_of(rows, np.array([0]), 0)[0], HandleNames())

    assert line.endswith("1 EUR = 1.085 USD")


@pytest.mark.parametrize(
    ("kind", "is_recorded", "said"),
    [
        (EventKind.FIRM_LIMIT_CHANGED, 0, "limit 2.5 USD  leased 1"),
        (EventKind.LEASE_GRANTED, 1, "partition 1  +2.5 USD  of 1 until 1970-01-01 00:00:09.000000"),
        (EventKind.LEASE_RETURNED, 1, "partition 1  -2.5 USD  of 1 until 1970-01-01 00:00:09.000000"),
        (EventKind.LEASE_RETURNED, 0, "partition 1  -2.5 USD  not recorded in the reference log yet"),
    ],
)
def test_the_line_of_a_lease_says_whose_how_much_and_what_there_is_then(
    kind: EventKind, is_recorded: int, said: str
) -> None:
    rows = event_rows(1)
    rows["kind"], rows["schema"] = kind, 1
    lease = rows.view(LEASE_EVENT)
    lease["amount"], lease["granted"], lease["currency"], lease["partition"] = 250_000_000, 10**8, b"USD", 1
    lease["expires_ns"], lease["is_recorded"] = 9 * 10**9, is_recorded

    line = event_line(records_of(rows, np.array([0]), 0)[0], HandleNames())

    assert line.endswith(said)


def test_the_export_is_a_head_and_then_every_event(
    run: Run, made_engine: Path, tmp_path: Path, tip: int
) -> None:
    file = tmp_path / "events.msgpack"
    document = json.loads(run("log", "export", made_engine, "-o", file, "--json").out)
    shown = json.loads(run("log", "show", made_engine, "-n", 10_000, "--json").out)["events"]

    head, *events = msgpack.Unpacker(io.BytesIO(file.read_bytes()))

    assert (head["format"], head["version"], head["from"], head["until"]) == ("orderfold/events", 1, 0, tip)
    assert document == {"log": "p0000", "events": tip, "file": str(file), "bytes": file.stat().st_size}
    assert events == shown
    assert events[-1]["append_ts"] == NOON_NS


def test_the_export_goes_to_a_pipe(capfdbinary: pytest.CaptureFixture[bytes], made_engine: Path) -> None:
    from actors.cli.log_verbs import export

    export(made_engine, log="reference", start=2)

    head, first, *_ = msgpack.Unpacker(io.BytesIO(capfdbinary.readouterr().out))
    assert (head["log"], first["offset"]) == ("reference", 2)


def test_events_are_read_through_their_schema_not_their_head(made_engine: Path) -> None:
    """The control of the tests above: a row read as another kind would give other fields."""
    with LogReader.open(made_engine / "p0000") as reader:
        rows = next(reader.blocks(0)).rows(HEAD)[:1].copy()
    rows["kind"] = EventKind.ORDER_DENIED

    assert "observed" in records_of(rows, np.array([0]), 0)[0]
