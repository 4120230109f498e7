"""A replay that is interrupted goes on where it ended, and ends in the state of one that was not."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from actors.replays import replay_run
from actors.replays.replay import replay_lobster
from tests.integration.replays.made_market import MadeMarket

FRAME_ROWS = 60

CHILD = f"""
import sys
from pathlib import Path
from actors.replays import replay_run
from actors.replays.replay import replay_lobster
replay_run.FRAME_ROWS = {FRAME_ROWS}
messages, orderbook, directory = map(Path, sys.argv[1:])
report = replay_lobster(messages, orderbook, directory, progress=lambda done, _: print(done, flush=True))
print(report.state_digest, flush=True)
"""


class Interrupted(Exception):
    """What a test throws into a run."""


@pytest.fixture(autouse=True)
def small_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay_run, "FRAME_ROWS", FRAME_ROWS)


def test_an_interrupted_run_ends_in_the_same_state(tmp_path: Path) -> None:
    market = MadeMarket(1, 2).run(600)
    paths = market.write(tmp_path)
    undisturbed = replay_lobster(*paths, tmp_path / "undisturbed")

    def interrupt(done: int, _: int) -> None:
        if done > 300:
            raise Interrupted

    with pytest.raises(Interrupted):
        replay_lobster(*paths, tmp_path / "engine", progress=interrupt)
    resumed = replay_lobster(*paths, tmp_path / "engine")

    assert 0 < resumed.duplicates < resumed.commands
    resumed.duplicates = 0
    assert resumed.as_json() | {"seconds": 0} == undisturbed.as_json() | {"seconds": 0}


def test_a_second_run_over_everything_changes_nothing(tmp_path: Path) -> None:
    paths = MadeMarket(2, 1).run(300).write(tmp_path)
    first = replay_lobster(*paths, tmp_path / "engine")

    second = replay_lobster(*paths, tmp_path / "engine")

    assert second.duplicates == second.commands == first.commands
    assert second.state_digest == first.state_digest
    assert second.is_exact


@pytest.mark.slow
def test_a_killed_run_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    """Processes are killed at seeded moments until one reaches the end; what each had answered stays applied."""
    paths = MadeMarket(3, 2).run(600).write(tmp_path)
    undisturbed = replay_lobster(*paths, tmp_path / "undisturbed")
    draw = random.Random(3)
    command = [sys.executable, "-c", CHILD, *map(str, paths), str(tmp_path / "engine")]

    for _ in range(4):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path.cwd()) as child:
            assert child.stdout is not None
            for _ in range(draw.randrange(1, 25)):
                child.stdout.readline()
            os.kill(child.pid, signal.SIGKILL)
        assert child.returncode == -signal.SIGKILL
    resumed = replay_lobster(*paths, tmp_path / "engine")

    assert resumed.duplicates > 0
    assert resumed.state_digest == undisturbed.state_digest
    assert resumed.is_exact
