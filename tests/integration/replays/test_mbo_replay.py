"""A market-by-order file goes through a whole engine, which ends with the orders that the file ends with."""

from pathlib import Path

import pytest

from actors.replays import replay_run
from actors.replays.replay import replay_mbo
from actors.replays.source_file import MalformedRow
from engine.client.client import Client
from tests.integration.replays.made_feed import NO_PRICE, OPENING_NS, MadeFeed

ROWS = 400
FILE_UNITS_PER_PRICE = 10**9


@pytest.fixture(autouse=True)
def small_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many frames even for a small file."""
    monkeypatch.setattr(replay_run, "FRAME_ROWS", 60)


def live_orders(directory: Path) -> list[tuple[str, str, int, int]]:
    """Instrument, side, price in the file's units and leaves of every open order, as a client is told."""
    with Client.connect(f"local:{directory}", principal="reader") as client:
        orders = client.orders(is_open=True, limit=10_000).to_polars()
    return sorted(
        (row["instrument"], row["side"], int(row["price"] * FILE_UNITS_PER_PRICE), int(row["leaves_qty"]))
        for row in orders.iter_rows(named=True)
    )


@pytest.mark.parametrize(
    ("instruments", "order_id", "name"),
    [
        ((), 1, "MADE_20200203_mbo.csv.gz"),
        (("FIRST", "SECOND"), 8_412_345_678_901_234_567, "MADE_20200203_mbo.csv"),
    ],
)
def test_the_engine_ends_with_the_orders_that_the_file_ends_with(
    tmp_path: Path, instruments: tuple[str, ...], order_id: int, name: str
) -> None:
    feed = MadeFeed(1, instruments=instruments, order_id=order_id).run(ROWS)

    report = replay_mbo(feed.write(tmp_path, name), tmp_path / "engine")

    assert report.first_problem == ""
    assert report.messages == len(feed.rows)
    assert report.cancels_checked == feed.totals["cancels"] > 20
    assert report.cancels_bad == report.refusals == 0
    assert report.executed_visible == feed.totals["filled"] > 0
    assert report.r1_rows == report.r2_checked == report.executed_hidden == 0
    expected = sorted(
        (instrument or "MADE", "SELL" if side == "A" else "BUY", price, size)
        for (instrument, _), (side, price, size) in feed.live.items()
    )
    assert live_orders(tmp_path / "engine") == expected


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    file = MadeFeed(2).run(ROWS).write(tmp_path)
    first = replay_mbo(file, tmp_path / "engine")

    second = replay_mbo(file, tmp_path / "engine")

    assert second.duplicates == second.commands == first.commands
    assert second.as_json() | {"seconds": 0} == first.as_json() | {"seconds": 0}


@pytest.mark.parametrize("action", ["C", "M"])
def test_a_row_that_names_another_size_than_is_left_is_bad(tmp_path: Path, action: str) -> None:
    """A cancel, or the modify that echoes a fill, off by one."""
    feed = MadeFeed(3).run(ROWS)
    before = {"C": "A", "M": "F"}[action]
    row = next(
        row
        for row in range(20, len(feed.rows))
        if feed.rows[row].split(",")[2] == action and feed.rows[row - 1].split(",")[2] == before
    )
    values = feed.rows[row].split(",")
    values[5] = str(int(values[5]) + 1)
    feed.rows[row] = ",".join(values)
    file = feed.write(tmp_path)

    report = replay_mbo(file, tmp_path / "engine")

    assert report.cancels_bad == 1
    assert not report.is_exact
    assert report.first_problem.startswith(f"{file}:{row + 2}: the file takes ")


def test_orders_that_the_file_has_not_told_of_are_opened_or_passed_over(tmp_path: Path) -> None:
    """A file that begins in the middle of a day: a fill, an amendment and a cancel of orders nobody saw."""
    feed = MadeFeed(4)
    price = 5_000 * 10**9
    feed.rows += [
        f"{OPENING_NS + at},{OPENING_NS + at},{action},B,{price},5,{order_id},0,{at}"
        for at, action, order_id in [
            (1, "F", 901),
            (1, "C", 901),
            (2, "M", 902),
            (3, "C", 902),
            (4, "C", 903),
        ]
    ]
    feed.rows.append(f"{OPENING_NS + 5},{OPENING_NS + 5},N,N,{NO_PRICE},0,0,0,6")

    report = replay_mbo(feed.write(tmp_path), tmp_path / "engine")

    assert report.is_exact
    assert report.executed_visible == 5
    assert report.cancels_checked == 2


def test_a_malformed_row_ends_the_run_behind_everything_before_it(tmp_path: Path) -> None:
    feed = MadeFeed(5).run(100)
    feed.rows[70] = "not a row"
    file = feed.write(tmp_path)
    applied: list[int] = []

    with pytest.raises(MalformedRow) as caught:
        replay_mbo(file, tmp_path / "engine", progress=lambda done, _: applied.append(done))

    assert str(caught.value) == f"{file}:72: expected 9 columns, found 1"
    assert applied[-1] == 70


def test_a_packed_file_that_was_cut_short_is_applied_up_to_the_cut(tmp_path: Path) -> None:
    file = MadeFeed(6).run(ROWS).write(tmp_path)
    file.write_bytes(file.read_bytes()[:-200])
    applied: list[int] = []

    with pytest.raises(MalformedRow, match="cannot be read"):
        replay_mbo(file, tmp_path / "engine", progress=lambda done, _: applied.append(done))

    assert applied[-1] > 0
