"""A thousand kills of a writer lose nothing acknowledged; a writer that acknowledges early is caught.

`python -m tests.faults.kill_run` does it ten thousand times.
"""

import os
import random
from pathlib import Path

import pytest

from storage.event_log import EventLog
from tests.faults import kill_run
from tests.faults.ci_size import ci_run
from tests.unit.storage.made_logs import made_chain, open_log

KILLS = 1_000
FEW_KILLS = 50
SEED = 20120621


@pytest.mark.faults
@pytest.mark.timeout(600)
def test_a_thousand_kills_lose_nothing(tmp_path: Path) -> None:
    progress = ci_run(kill_run.HARNESS, KILLS, SEED, tmp_path)

    assert progress.counts["kills"] == KILLS
    assert progress.counts["blocks acknowledged"] > KILLS


def early(log_directory: Path, acks: int, chance: random.Random) -> None:
    """Write like `kill_run.write`, but acknowledge each block before it is committed."""
    with open_log(log_directory) as log:
        log.claim()
        while True:
            append_after_ack(log, acks, chance)


def append_after_ack(log: EventLog, acks: int, chance: random.Random) -> None:
    (block,), tip = made_chain([chance.choice(kill_run.ROWS)], tip=log.tip, epoch=log.epoch)
    os.write(acks, f"{tip.next_offset} {tip.block_hash.hex()}\n".encode())
    log.append(block)


def test_a_writer_that_acknowledges_before_its_commit_is_caught() -> None:
    judged = kill_run.judge_log(SEED, range(FEW_KILLS), early)

    assert len(judged.broken) == 1
    assert "the acknowledged block before offset" in judged.broken[0]
    assert "is not there" in judged.broken[0]


def doubling(log_directory: Path, acks: int, chance: random.Random) -> None:
    """Write like `kill_run.write`, but acknowledge each block twice."""
    with open_log(log_directory) as log:
        log.claim()
        while True:
            kill_run.append(log, acks, chance)
            os.write(acks, f"{log.tip.next_offset} {log.tip.block_hash.hex()}\n".encode())


def test_a_writer_that_acknowledges_an_offset_twice_is_caught() -> None:
    judged = kill_run.judge_log(SEED, range(FEW_KILLS), doubling)

    assert "an offset was acknowledged twice" in judged.broken[0]
