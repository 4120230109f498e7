"""A LOBSTER file goes through a whole engine, and the engine's answers are those of the file."""

from decimal import Decimal
from pathlib import Path

import pytest

from actors.replays import replay_run
from actors.replays.lobster_file import PRICE_SCALE
from actors.replays.replay import replay_lobster
from actors.replays.replay_report import ReplayReport
from actors.replays.source_file import MalformedRow
from engine.errors import BadRequest
from tests.integration.replays.made_market import MadeMarket

MESSAGES = 400
"""Rows of a made file: some twenty frames of `small_frames`."""

PROMISED_KEYS = """
    schema messages commands refusals executed_visible executed_hidden r1_rows r1_rows_bad r1_cells
    r1_revealed r2_checked r2_deletes r2_bad cancels_checked cancels_bad state_digest seconds
"""


@pytest.fixture(autouse=True)
def small_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many frames even for a small file."""
    monkeypatch.setattr(replay_run, "FRAME_ROWS", 60)


def changed(path: Path, line: int, old: str, new: str) -> None:
    """Change one line of a file, counted from 1; an empty `old` stands for all of it."""
    lines = path.read_text().splitlines()
    assert old in lines[line - 1]
    lines[line - 1] = lines[line - 1].replace(old, new) if old else new
    path.write_text("".join(f"{text}\n" for text in lines))


def assert_exact(report: ReplayReport, market: MadeMarket) -> None:
    """The report is that of a whole file, and nothing in it was wrong."""
    assert report.first_problem == ""
    assert report.is_exact
    assert report.messages == report.r1_rows + 1 == len(market.messages)
    assert report.r1_cells + report.r1_revealed == market.totals["cells"]
    for name in ("executed_visible", "executed_hidden", "r2_checked", "r2_deletes"):
        assert getattr(report, name) == market.totals[name], name


@pytest.mark.parametrize(("levels", "resting"), [(1, None), (1, 0), (2, 3), (3, None), (10, 8)])
def test_every_row_is_exact_at_any_depth(tmp_path: Path, levels: int, resting: int | None) -> None:
    market = MadeMarket(levels, levels, resting=resting).run(MESSAGES)

    report = replay_lobster(*market.write(tmp_path), tmp_path / "engine")

    assert_exact(report, market)
    assert report.r1_revealed > 0 < report.slid_out
    assert report.commands > report.messages
    assert report.duplicates == 0


def test_the_document_has_exactly_the_keys_that_were_promised(tmp_path: Path) -> None:
    report = replay_lobster(*MadeMarket(1, 1).run(50).write(tmp_path), tmp_path / "engine")

    assert list(report.as_json()) == PROMISED_KEYS.split()
    assert len(report.state_digest) == 64
    assert report.seconds > 0


def test_progress_ends_at_the_last_message(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []

    replay_lobster(
        *MadeMarket(1, 2).run(200).write(tmp_path),
        tmp_path / "engine",
        progress=lambda done, total: told.append((done, total)),
    )

    assert told[-1] == (200, 200)
    assert len(told) > 3
    assert told == sorted(told)


@pytest.mark.parametrize("levels", [1, 3])
def test_without_the_orderbook_the_life_of_orders_is_still_checked(tmp_path: Path, levels: int) -> None:
    market = MadeMarket(4, levels).run(MESSAGES)
    messages, _ = market.write(tmp_path)

    report = replay_lobster(messages, None, tmp_path / "engine")

    assert report.is_exact
    assert report.r1_rows == report.r1_cells == report.r1_revealed == 0
    assert report.executed_visible == market.totals["executed_visible"]
    assert report.executed_hidden == market.totals["executed_hidden"]
    if levels == 1:
        assert report.r2_checked == market.totals["r2_checked"]
    assert 0 < report.r2_deletes < report.r2_checked <= market.totals["r2_checked"]


def test_a_row_that_contradicts_the_messages_is_bad_and_alone(tmp_path: Path) -> None:
    market = MadeMarket(5, 2).run(MESSAGES)
    messages, orderbook = market.write(tmp_path)
    price, size, *rest = market.books[200].split(",")
    changed(orderbook, 201, "", ",".join([price, str(int(size) + 1), *rest]))

    report = replay_lobster(messages, orderbook, tmp_path / "engine")

    assert not report.is_exact
    assert 1 <= report.r1_rows_bad <= 2
    assert report.first_problem.startswith(f"{messages}:201: the orderbook's asks and bids are ")
    assert f" are {int(size) + 1} at {Decimal(price).scaleb(-PRICE_SCALE):f}" in report.first_problem


def test_a_deletion_of_more_than_is_left_is_bad(tmp_path: Path) -> None:
    market = MadeMarket(6, 5).run(MESSAGES)
    messages, _ = market.write(tmp_path)
    born = {text.split(",")[2] for text in market.messages if text.split(",")[1] == "1"}
    row, text = next(
        (row, text)
        for row, text in enumerate(market.messages)
        if text.split(",")[1] == "3" and text.split(",")[2] in born
    )
    time, kind, order_id, size, price, direction = text.split(",")
    changed(messages, row + 1, "", f"{time},{kind},{order_id},{int(size) + 1},{price},{direction}")

    report = replay_lobster(messages, None, tmp_path / "engine")

    assert report.r2_bad == 1
    assert report.first_problem.startswith(f"{messages}:{row + 1}: the file takes ")
    assert f" {int(size) + 1} at {Decimal(price).scaleb(-PRICE_SCALE):f} by " in report.first_problem


@pytest.mark.parametrize("line", [1, 150])
@pytest.mark.parametrize("is_book", [False, True])
def test_a_malformed_row_ends_the_run_behind_everything_before_it(
    tmp_path: Path, line: int, is_book: bool
) -> None:
    market = MadeMarket(7, 2).run(200)
    messages, orderbook = market.write(tmp_path)
    path = orderbook if is_book else messages
    sound = path.read_text()
    changed(path, line, "", "34200.5,1,2,abc,5,1")
    applied: list[int] = []

    with pytest.raises(MalformedRow, match=rf"{path.name}:{line}: "):
        replay_lobster(
            messages, orderbook, tmp_path / "engine", progress=lambda done, _: applied.append(done)
        )
    path.write_text(sound)
    report = replay_lobster(messages, orderbook, tmp_path / "engine")

    assert (applied[-1] if applied else 0) == line - 1
    assert (report.duplicates > 0) == (line > 1)
    assert_exact(report, market)


@pytest.mark.parametrize(("is_book", "said"), [(True, "ends before"), (False, "goes on behind")])
def test_files_of_different_length_are_refused(tmp_path: Path, is_book: bool, said: str) -> None:
    messages, orderbook = MadeMarket(8, 1).run(100).write(tmp_path)
    path = orderbook if is_book else messages
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))

    with pytest.raises(BadRequest, match=rf"{orderbook.name}:100: the orderbook {said}"):
        replay_lobster(messages, orderbook, tmp_path / "engine")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    messages, orderbook = MadeMarket(8, 1).run(5).write(tmp_path)
    messages.write_text("")

    with pytest.raises(BadRequest, match=r":1: the file has no rows"):
        replay_lobster(messages, orderbook, tmp_path / "engine")


def test_two_instruments_of_one_day_share_an_engine(tmp_path: Path) -> None:
    """Both files begin with order id 1 and row 0, and neither meets the other."""
    markets = [MadeMarket(seed, seed, halts=False).run(120) for seed in (1, 2)]
    names = ["ONE_2020-02-03_34200000_57600000", "TWO_2020-02-03_34200000_57600000"]

    for market, name in zip(markets, names, strict=True):
        report = replay_lobster(*market.write(tmp_path, name), tmp_path / "engine")
        assert_exact(report, market)
        assert report.duplicates == 0


def test_other_content_under_the_same_ids_is_refused(tmp_path: Path) -> None:
    replay_lobster(*MadeMarket(1, 1, halts=False).run(100).write(tmp_path), tmp_path / "engine")

    with pytest.raises(BadRequest, match="holds a replay of other files"):
        replay_lobster(*MadeMarket(2, 1, halts=False).run(100).write(tmp_path), tmp_path / "engine")


def test_an_earlier_day_is_refused_by_an_engine_that_has_seen_a_later_one(tmp_path: Path) -> None:
    market = MadeMarket(1, 1).run(20)
    replay_lobster(*market.write(tmp_path), tmp_path / "engine")

    with pytest.raises(BadRequest, match=r"BAD_TRADE_DATE.*another directory"):
        replay_lobster(*market.write(tmp_path, "MADE_2020-02-02_1_2"), tmp_path / "engine")
