"""A running partition lets closed orders go by itself, a slice a block, with frames in between."""

import time
from pathlib import Path

import numpy as np
import pytest

from actors.partition_loop import PartitionLoop
from actors.roles.engine_files import open_manifest
from actors.roles.partition import Partition
from actors.warm_up import SMALL
from engine.client.session import Session
from engine.codec.frames import decode_answers
from engine.kernel import retiring
from engine.kernel.jit import IS_NATIVE
from engine.rows.commands import command_rows
from engine.rows.events import HEAD
from engine.vocabulary import AnswerCode, EventKind
from tests.model.commands import StartTradingDay
from tests.properties.choices import DAY_1
from tests.properties.draws import Draws
from tests.properties.flow import open_trading
from tests.properties.side_by_side import ROOMY, START_NS, SideBySide
from tests.properties.translation import id_of
from tests.unit.engine.kernel.test_retiring import DAY_2, FIRST_DAY

WAIT_S = 30
"""Longer than any machine needs; the sweep takes milliseconds."""


def partition_with_history(directory: Path) -> Partition:
    """A partition whose log has the first day's orders and the beginning of the second."""
    manifest = open_manifest(directory, 1, lambda: b"u" * 16)
    partition = Partition.open(directory, manifest, 0, SMALL, lambda: START_NS, allow_volatile=True)
    side = SideBySide(ROOMY)
    open_trading(Draws(side))
    for command in FIRST_DAY:
        side.add(command)
    for venue in (1, 2):
        side.add(StartTradingDay(request_id=2**100 + venue, venue=venue, trade_date=DAY_2))
    side.send()
    batch = partition.begin()
    rows = side.logged.log
    batch.block.buffer[: len(rows)] = rows
    batch.block.used = len(rows)
    partition.commit(batch)
    partition.release(batch)
    partition.close()
    return Partition.open(directory, manifest, 0, SMALL, lambda: START_NS, allow_volatile=True)


def swept(partition: Partition) -> bool:
    """Whether the sweep ends in time."""
    until = time.monotonic() + WAIT_S
    while partition.is_retiring and time.monotonic() < until:
        time.sleep(0.001)
    return not partition.is_retiring


@pytest.mark.parametrize("steps", [retiring.SLICE_STEPS_MAX] if IS_NATIVE else [1, retiring.SLICE_STEPS_MAX])
def test_a_start_goes_on_where_the_day_began(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    monkeypatch.setattr(retiring, "SLICE_STEPS_MAX", steps)
    partition = partition_with_history(tmp_path)
    failures: list[BaseException] = []
    loop = PartitionLoop(partition, SMALL, on_commit=lambda: None, on_failure=failures.append)

    loop.start()
    session, answers = Session((1, 2), 0), list[bytes]()
    loop.submit(session.frame(session.put(command_rows(1))), answers.append)
    is_swept = swept(partition)
    loop.stop()

    assert is_swept
    assert failures == []
    assert [int(code) for data in answers for code in decode_answers(data).answers["code"]] == [
        AnswerCode.INVALID
    ]
    rows = partition.log.rows_at(np.arange(partition.kernel.next_offset)).view(HEAD).reshape(-1)
    retired = np.flatnonzero(rows["kind"] == EventKind.ORDERS_RETIRED)
    assert len(retired) == (1 if steps > 1 else 4)
    blocks = [(block.header.base_offset, block.header.next_offset) for block in partition.log.blocks(0)]
    holders = [next(begin for begin, end in blocks if begin <= at < end) for at in retired]
    assert len(set(holders)) == len(holders), "each slice has a block of its own"
    number = id_of((DAY_1, b"ACC-1", b"DENIED"))
    assert partition.archive.find(number >> 64, number & (2**64 - 1)) is not None
    partition.close()
