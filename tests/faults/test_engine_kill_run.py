"""Fifty kills of an engine lose nothing and double nothing; one that answers before its commit is caught.

`python -m tests.faults.engine_kill_run` does it five hundred times.
"""

import os
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from actors.roles.partition import Batch, Partition
from tests.faults import engine_kill_run
from tests.faults.ci_size import ci_run
from tests.faults.engine_child import Instant, Sent, live, say

KILLS = 50
SEED = 20120621


@pytest.mark.faults
@pytest.mark.timeout(600)
def test_fifty_kills_of_an_engine_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    counts = ci_run(engine_kill_run.HARNESS, KILLS, SEED, tmp_path).counts

    assert counts["kills"] == KILLS
    assert counts[f"killed {Instant.AFTER_COMMIT}"] > KILLS / 3
    assert counts[f"killed {Instant.IN_SNAPSHOT}"] == KILLS / 5
    assert counts["frames acknowledged"] > KILLS


def hurried(directory: Path, acks: int, frames: list[Sent], resume: int, dying: Callable[[], None]) -> None:
    """Live like `live`, but acknowledge each frame before its commit."""
    numbers, commit = count(resume), Partition.commit

    def commit_after_ack(partition: Partition, batch: Batch) -> None:
        for task in batch.completed:
            say(acks, next(numbers), task.work.answers)
        commit(partition, batch)

    # Nothing is to be undone: this process is killed.
    Partition.commit = commit_after_ack  # type: ignore[method-assign, assignment]
    with Path(os.devnull).open("wb") as unheard:
        live(directory, unheard.fileno(), frames, resume, dying)


@pytest.mark.faults
def test_an_engine_that_acknowledges_before_its_commit_is_caught() -> None:
    judged = engine_kill_run.judge_directory(SEED, range(engine_kill_run.KILLS_A_DIRECTORY), hurried)

    assert len(judged.broken) == 1
    assert "acknowledged is not there: it takes effect when it is sent again" in judged.broken[0]
