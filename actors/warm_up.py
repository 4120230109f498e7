"""Compiles the rules once, before any actor starts, so that they all load them from disk.

A small engine in a temporary directory defines one venue, and again, is read in every way and opened again.
What it calls is compiled with the very types of earnest use, whatever rules there are.
"""

import tempfile
from pathlib import Path

import numpy as np

from actors.compiled_rules import note_rules_compiled
from actors.local_transport import LocalTransport
from actors.mapped_view import MappedView
from actors.roles.engine_files import capacity_of
from actors.roles.projector import Projector
from engine.client.facts import catalog_question, order_facts_question
from engine.client.transport import REFERENCE
from engine.config import Config, EngineConfig, LogConfig
from engine.kernel.kernel import FrameInWork, Kernel, StagedBlock
from engine.kernel.keys import fill_order_ids
from engine.kernel.recalling import write_recalled_execution, write_recalled_order
from engine.kernel.retired_rows import CLOSED_ORDER, RetiredRows, closed_order, retired_rows
from engine.kernel.retiring import slice_end, write_retired
from engine.kernel.table_rows import EXECUTION
from engine.limits import NS_PER_SECOND
from engine.reads import questions
from engine.rows.commands import command_rows
from engine.vocabulary import CommandKind, Lane
from storage.log_directory import log_name
from storage.log_reader import LogReader

SMALL = Config(
    engine=EngineConfig(
        orders_max=64,
        positions_max=16,
        accounts_max=16,
        instruments_max=16,
        strategies_max=16,
        executions_max=64,
        requests_max=64,
        limits_max=16,
        venues_max=16,
        principals_max=16,
        orphans_max=16,
    ),
    log=LogConfig(map_size_gib=1, segment_bytes_max=2**20 * 64, free_space_min_mib=16),
)
"""Tables that are only there to give the compiler their types."""

INTERRUPTED = 130
"""Exit code of a program that Ctrl-C ended, as shells count it."""

COMPILED_WITHIN_NS = 600 * NS_PER_SECOND
"""The small engine's writer beats once, and each way of reading is compiled before it reads."""

ORDER_ID = bytes(questions.ID_BYTES)


QUESTIONS: tuple[questions.AnyQuestion, ...] = (
    questions.ReadOrders(),
    questions.ReadOrders(order_ids=ORDER_ID),
    questions.ReadPositions(),
    questions.ReadPositions(account=1),
    *(questions.ReadExposure(by=by, handle=handle) for by in questions.NAMED for handle in (0, 1)),
    *(questions.ReadProfit(by=by, handle=handle) for by in questions.NAMED for handle in (0, 1)),
    questions.ReadBook(instrument=1),
    questions.ReadLastSeqs(order_ids=ORDER_ID),
    questions.ReadHistory(order_id=ORDER_ID),
    questions.ReadEvents(),
    questions.ReadLeases(),
    questions.ReadStatus(),
)


def warm_up() -> None:
    """Call every native entry with the types that it is called with in earnest."""
    with tempfile.TemporaryDirectory(prefix="orderfold-warm-") as folder:
        for _ in range(2):
            _live(Path(folder))
    _forget_and_recall()
    note_rules_compiled()


def _live(directory: Path) -> None:
    """Open the small engine, which folds what it had before, use it, and close it."""
    transport = LocalTransport(directory, SMALL, lambda: 1, allow_volatile=True)
    try:
        venue = command_rows(2)
        venue["kind"], venue["lane"] = CommandKind.SET_VENUE, Lane.OPERATOR
        venue["text"], venue["request_lo"] = b"V", 1
        transport.deliver(REFERENCE, venue[:1])
        # The same command again: it is recognised by the event in the log.
        transport.deliver(REFERENCE, venue)
        kernel = transport.partitions[0].kernel
        fill_order_ids(venue, np.zeros(2, [("name_w0", "<u8"), ("name_w1", "<u8")]))
        fill_order_ids(venue, kernel.tables.accounts[venue["account"]])
        _read(transport, directory)
    finally:
        transport.close()


def _forget_and_recall() -> None:
    """Write how an order that there never was leaves memory, and how it and a report of it come back."""
    tables, block = Kernel(capacity_of(SMALL, 0)).tables, StagedBlock(4)
    slice_end(tables, 1)
    retired_rows(tables, 1, 0)
    write_retired(block.views, 0, tables, 1, 0, 1)
    orders, executions = np.zeros(1, CLOSED_ORDER), np.zeros(1, EXECUTION)
    write_recalled_order(block.views, 0, orders, 1, 1)
    write_recalled_execution(block.views, 1, orders, executions, 0, 1)
    frame = FrameInWork(command_rows(1))
    closed_order(frame.commands, 0, frame.looked_up, tables, _EmptyArchive())


class _EmptyArchive:
    """An archive in which nothing is."""

    def find(self, hi: int, lo: int) -> RetiredRows | None:
        """Nothing."""

    def owner_of(self, hi: int, lo: int) -> tuple[int, int] | None:
        """Nobody."""


def _read(transport: LocalTransport, directory: Path) -> None:
    """Ask a projector everything, and read its view in every way."""
    for question in QUESTIONS:
        transport.ask(0, questions.encode_question(question))
    transport.ask(0, catalog_question(-1))
    transport.ask(0, order_facts_question([(0, 0)], -1))
    path = directory / "view"
    with LogReader.open(directory / log_name(0)) as log:
        projector = Projector(log, capacity_of(SMALL, 0), view_path=path)
        projector.step()
        view = MappedView.open(path, stale_after_ns=COMPILED_WITHIN_NS)
        for group in ({}, *({by: 1} for by in questions.NAMED)):
            view.exposure(**group)
            view.pnl(**group)
            view.positions(**group)
        projector.close()


if __name__ == "__main__":
    try:
        warm_up()
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
