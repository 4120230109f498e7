"""`orderfold replay log`: a window says what its events did, and what state they left."""

import json
import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest

from actors.bench.flow import Flow
from actors.folds.log_fold import LogFold
from actors.local_transport import LocalTransport
from actors.roles.engine_files import capacity_of
from actors.roles.snapshots import snapshot_path
from engine.client.transport import REFERENCE
from engine.config import Config
from engine.vocabulary import EventKind
from storage.log_reader import LogReader
from tests.integration.folds.conftest import SECOND_NS, Run, document_of, leave_snapshot, rows_of
from tests.unit.actors.cli.conftest import NOON_NS, SMALL


def block_ends(directory: Path) -> list[int]:
    """Where the blocks of the partition end."""
    with LogReader.open(directory / "p0000") as reader:
        return [block.header.next_offset for block in reader.blocks(0)]


def digest_at(directory: Path, position: int) -> str:
    """The digest of a fold from the beginning."""
    with LogReader.open(directory / "p0000") as reader:
        fold = LogFold(reader, 0, capacity_of(Config(), 0))
        fold.fold_to(position)
        return fold.kernel.digest()


def test_a_window_counts_its_events_and_its_orders(run: Run, engine: Path) -> None:
    rows = rows_of(engine)[50:130]

    (window,) = document_of(run, "log", engine, "--from", 50, "--to", 130)["logs"]

    names, counts = np.unique(rows["kind"], return_counts=True)
    assert window["events"] == {
        EventKind(name).name: count for name, count in zip(names, counts.tolist(), strict=True)
    }
    ids = {f"{row['order_id_hi']:016x}{row['order_id_lo']:016x}" for row in rows}
    assert window["orders"] == len(ids)
    assert set(window["order_ids"]) == ids
    assert (window["begin"], window["end"]) == (50, 130)


def test_its_marks_are_the_states_of_a_fold(run: Run, engine: Path) -> None:
    (window,) = document_of(run, "log", engine, "--from", 40, "--to", 100, "--digest-every", 25)["logs"]

    assert [mark["offset"] for mark in window["marks"]] == [40, 65, 90, 100]
    assert [mark["state"] for mark in window["marks"]] == [
        digest_at(engine, position) for position in (40, 65, 90, 100)
    ]


def test_windows_side_by_side_fit(run: Run, engine: Path) -> None:
    """What one leaves is what the next begins with, and their changes add up to those of both."""
    first, second, both = (
        document_of(run, "log", engine, "--from", begin, "--to", end)["logs"][0]
        for begin, end in ((30, 80), (80, 140), (30, 140))
    )

    assert first["profit"]["after"] == second["profit"]["before"]
    assert (first["profit"]["before"], second["profit"]["after"]) == (
        both["profit"]["before"],
        both["profit"]["after"],
    )
    total = {kind: first["events"].get(kind, 0) + second["events"].get(kind, 0) for kind in both["events"]}
    assert total == both["events"]


def test_an_account_is_shown_alone(run: Run, engine: Path) -> None:
    account = "A000000000002"
    rows = rows_of(engine)
    of_account = rows[(rows["account"] == 2) & (rows["order_id_hi"] > 2**16)]

    (window,) = document_of(run, "log", engine, "--account", account)["logs"]

    assert window["orders"] == len(np.unique(of_account[["order_id_hi", "order_id_lo"]]))
    assert window["events"]["ORDER_SUBMITTED"] == int((of_account["kind"] == EventKind.ORDER_SUBMITTED).sum())
    assert {row["account"] for row in window["positions"]["after"]} == {account}
    assert [row["account"] for row in window["profit"]["after"]] == [account]
    assert window["positions"]["before"] == window["profit"]["before"] == []


def test_an_unknown_account_is_usage(run: Run, engine: Path) -> None:
    done = run("replay", "log", engine, "--account", "NOBODY", "--json")

    assert done.code == 2
    assert "unknown account 'NOBODY'" in done.error


def test_times_name_the_first_block_since_then(run: Run, engine: Path) -> None:
    with LogReader.open(engine / "p0000") as reader:
        times = [(block.header.base_offset, block.header.append_ts_last_ns) for block in reader.blocks(0)]
    (begin, _), (end, end_ns) = times[-2:]
    text = np.datetime_as_string(np.datetime64(end_ns, "ns"), unit="us")
    earlier = np.datetime_as_string(np.datetime64(times[-3][1] + 1_000, "ns"), unit="us")

    (window,) = document_of(run, "log", engine, "--from", f"{earlier}Z", "--to", str(text))["logs"]

    assert (window["begin"], window["end"]) == (begin, end)
    assert NOON_NS < window["begin_ns"] == window["end_ns"] < end_ns
    assert end_ns - window["end_ns"] >= SECOND_NS


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("--from 100000", "behind the end of the log"),
        ("--from yesterday", "neither an offset nor a time"),
        ("--from 90 --to 80", "offset 80 lies before --from, 90"),
        ("--log p0007", "there are"),
    ],
)
def test_a_window_that_is_not_there_says_so(run: Run, engine: Path, options: str, says: str) -> None:
    done = run("replay", "log", engine, *options.split(), "--json")

    assert done.code in (1, 2)
    assert says in done.error


def test_a_fold_begins_from_a_snapshot_and_leaves_it_where_it_is(
    run: Run, engine: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "engine"
    shutil.copytree(engine, copy)
    *_, before, end = block_ends(copy)
    leave_snapshot(copy, before)
    # One that is no snapshot at all: whoever only reads leaves it there as well.
    (snapshot_path(copy, 0) / f"{end:020d}").write_bytes(b"OFCP")
    files = sorted(path.name for path in snapshot_path(copy, 0).iterdir())

    (window,) = document_of(run, "log", copy, "--from", end)["logs"]
    (whole,) = document_of(run, "log", copy, "--from", end, "--whole")["logs"]

    assert (window["folded_from"], whole["folded_from"]) == (before, 0)
    assert "is damaged" in window["told"][0]
    assert window["marks"] == whole["marks"]
    assert sorted(path.name for path in snapshot_path(copy, 0).iterdir()) == files


def test_every_partition_has_a_window_and_a_comparison(run: Run, tmp_path: Path) -> None:
    config = msgspec.structs.replace(SMALL, engine=msgspec.structs.replace(SMALL.engine, partitions=2))
    transport = LocalTransport(tmp_path / "engine", config, lambda: NOON_NS, allow_volatile=True)
    transport.deliver(REFERENCE, Flow(seed=3, accounts=3, instruments=2).definitions())
    transport.close()

    windows = document_of(run, "log", tmp_path / "engine")["logs"]
    compared = document_of(run, "compare", tmp_path / "engine", tmp_path / "engine")["logs"]

    assert [window["log"] for window in windows] == ["p0000", "p0001"]
    assert windows[0]["events"] == windows[1]["events"] != {}
    assert [log["log"] for log in compared] == ["reference", "p0000", "p0001"]
    assert document_of(run, "log", tmp_path / "engine", "--log", "reference")["logs"][0]["end"] > 0


def test_people_see_counts_positions_profit_and_the_digest(run: Run, engine: Path) -> None:
    done = run("replay", "log", engine)

    assert (done.code, done.err) == (0, "")
    for words in ("TRADE_EXECUTED", "36 orders", "A000000000002", "FIRM", "state digest at offset"):
        assert words in done.out, words
    every = run("replay", "log", engine, "--from", 40, "--digest-every", 50)
    ends = ["90", "140", "190", "213"]
    assert [line.split()[4] for line in every.out.splitlines() if "digest" in line] == [
        f"{end}:" for end in ends
    ]
    assert json.loads(run("replay", "log", engine, "--json").out)["logs"][0]["marks"][-1]["state"] in done.out
