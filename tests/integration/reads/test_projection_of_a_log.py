"""A projector behind a real log ends in the fold of that log, whoever tells it what, and however often."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from actors.roles.projector import Projector
from engine.kernel.kernel import Kernel
from engine.projections.books import live_levels
from engine.rows.events import HEAD
from storage.event_log import EventLog
from storage.log_reader import LogReader
from tests.integration.reads.flow_log import append, open_flow_log
from tests.unit.actors.flow_blocks import state_of
from tests.unit.engine.projections.books_oracle import levels_of_orders
from tests.unit.engine.projections.made_flow import SMALL, MadeFlow

FLOW = MadeFlow(17).run(25)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[EventLog]:
    with open_flow_log(tmp_path / "p0000") as log:
        yield log


@pytest.fixture
def reader(log: EventLog, tmp_path: Path) -> Iterator[LogReader]:
    with LogReader.open(tmp_path / "p0000") as reader:
        yield reader


def folded(reader: LogReader) -> Kernel:
    """A kernel that has folded every event of a log, from its stored bytes."""
    kernel = Kernel(SMALL)
    for block in reader.blocks(0):
        kernel.fold(block.rows(HEAD).copy(), block.header.append_ts_last_ns)
    return kernel


def test_a_projector_that_follows_a_growing_log_is_the_fold_of_it(log: EventLog, reader: LogReader) -> None:
    projector = Projector(reader, SMALL)
    for begin, end in pairwise(range(0, len(FLOW.blocks) + 3, 3)):
        before = log.tip.next_offset
        append(log, FLOW.blocks[begin:end])
        for told in (log.tip.next_offset, before, log.tip.next_offset, 0):
            projector.step(told)
        assert projector.applied_offset == log.tip.next_offset - 1

    assert projector.digest() == folded(reader).digest() == FLOW.kernel.digest()
    assert len(live_levels(projector.books)) == len(levels_of_orders(projector.tables)) > 0


def test_a_projection_that_is_built_again_is_the_same_to_the_byte(log: EventLog, reader: LogReader) -> None:
    append(log, FLOW.blocks)
    following, rebuilt = Projector(reader, SMALL), Projector(reader, SMALL)
    for offset in range(0, log.tip.next_offset, 97):
        following.step(upto=offset)
    following.step()
    rebuilt.step()

    assert state_of(following) == state_of(rebuilt)
    for name, table in following.tables._asdict().items():
        assert table.tobytes() == getattr(rebuilt.tables, name).tobytes(), name


def test_a_projector_that_misses_one_event_is_seen(log: EventLog, reader: LogReader) -> None:
    """The control of the tests above."""
    append(log, FLOW.blocks)
    projector = Projector(reader, SMALL)

    projector.step(upto=log.tip.next_offset - 2)

    assert projector.digest() != folded(reader).digest()
