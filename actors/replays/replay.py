"""Replays files of real order flow through an engine, and checks the engine's answers against the files."""

import time
from collections.abc import Iterator
from datetime import date
from itertools import chain
from pathlib import Path
from typing import TypeVar

from actors.config_file import load_config
from actors.replays import lobster_file, mbo_file
from actors.replays.lobster_file import BookRow, Message, read_books, read_messages
from actors.replays.lobster_orders import LobsterOrders
from actors.replays.lobster_window import BookWindow, MessageWindow
from actors.replays.mbo_file import read_mbo
from actors.replays.mbo_orders import MboOrders
from actors.replays.replay_report import ReplayReport
from actors.replays.replay_run import Progress, opened_run
from actors.replays.replay_step import Step
from actors.replays.resting_orders import RestingOrders
from actors.replays.room import with_room
from actors.replays.source_file import count_lines, malformed, midnight_ns, subject_of
from engine.config import Config

LOBSTER_VENUE = "XNAS"
"""The venue unless another is named: LOBSTER reconstructs Nasdaq."""

MBO_VENUE = "XCME"
"""The venue unless another is named: the mapping follows CME's rules."""

Row = TypeVar("Row")


def _silent(_done: int, _total: int) -> None:
    """Progress that nobody watches."""


def replay_lobster(
    messages: Path,
    orderbook: Path | None,
    data_dir: Path,
    *,
    progress: Progress = _silent,
    symbol: str | None = None,
    trade_date: date | None = None,
    venue: str = "",
    config: Config | None = None,
) -> ReplayReport:
    """Replay a LOBSTER message file into the engine in `data_dir`, made if there is none.

    With the orderbook file every row is compared with the engine's book; without it only the life of orders
    is. A run over a directory that holds part of the replay, or all of it, goes on where that one ended.

    Raises:
        MalformedRow: a row can't be read; everything before it is applied.
        BadRequest: the symbol is none, or the directory holds other content.
    """
    began = time.perf_counter()
    subject = subject_of(messages, symbol, trade_date)
    report = ReplayReport(messages, assumed=subject.assumed)
    midnight = midnight_ns(subject.trade_date)
    total = count_lines(messages)
    first, rows = _opened(messages, read_messages(messages))
    with opened_run(
        data_dir,
        with_room(config or load_config(), total),
        start_ns=midnight + first.time_ns,
        venue=venue or LOBSTER_VENUE,
        trade_date=subject.trade_date,
        report=report,
        messages_total=total,
        progress=progress,
    ) as run:
        source = run.list_instrument(subject.symbol, lobster_file.PRICE_SCALE)
        marks = run.marks_of(source)
        resting = RestingOrders(run.draft, marks, run.setting.seed)
        window = MessageWindow(resting) if orderbook is None else BookWindow(resting, source.instrument)
        orders = LobsterOrders(run.draft, source, run.setting.parties, resting, window, marks, midnight)
        run.follow(_lobster_steps(orders, rows, orderbook))
        report.seeded, report.slid_out = window.seeded, window.slid_out
    report.seconds = round(time.perf_counter() - began, 3)
    return report


def replay_mbo(
    file: Path,
    data_dir: Path,
    *,
    progress: Progress = _silent,
    symbol: str | None = None,
    trade_date: date | None = None,
    venue: str = "",
    config: Config | None = None,
) -> ReplayReport:
    """Replay a market-by-order file into the engine in `data_dir`; all else as in `replay_lobster`."""
    began = time.perf_counter()
    total = max(count_lines(file) - 1, 0)
    first, rows = _opened(file, read_mbo(file))
    subject = subject_of(file, symbol, trade_date, first.ts_recv_ns)
    report = ReplayReport(file, line_of_row_0=2, assumed=subject.assumed)
    with opened_run(
        data_dir,
        with_room(config or load_config(), total),
        start_ns=first.ts_recv_ns,
        venue=venue or MBO_VENUE,
        trade_date=subject.trade_date,
        report=report,
        messages_total=total,
        progress=progress,
    ) as run:
        orders = MboOrders(
            run.draft,
            run.setting.parties,
            run.setting.seed,
            lambda name: run.list_instrument(name or subject.symbol, mbo_file.PRICE_SCALE),
            run.marks_of,
        )
        run.follow(orders.apply(row) for row in rows)
    report.seconds = round(time.perf_counter() - began, 3)
    return report


def _opened(path: Path, rows: Iterator[Row]) -> tuple[Row, Iterator[Row]]:
    """The first row, and all rows; BadRequest where there is none."""
    first = next(rows, None)
    if first is None:
        raise malformed(path, 1, "the file has no rows")
    return first, chain([first], rows)


def _lobster_steps(
    orders: LobsterOrders, messages: Iterator[Message], orderbook: Path | None
) -> Iterator[Step]:
    if orderbook is None:
        return (orders.apply(message, None) for message in messages)
    return (orders.apply(message, book) for message, book in _paired(messages, orderbook))


def _paired(messages: Iterator[Message], orderbook: Path) -> Iterator[tuple[Message, BookRow]]:
    """Each message with its row of the orderbook; there are as many of the one as of the other."""
    books = read_books(orderbook)
    row = -1
    for message in messages:
        book = next(books, None)
        row = message.row
        if book is None:
            raise malformed(orderbook, row + 1, "the orderbook ends before the messages do")
        yield message, book
    if next(books, None) is not None:
        raise malformed(orderbook, row + 2, "the orderbook goes on behind the last message")
