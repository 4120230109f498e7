"""A replay that is interrupted goes on where it ended, and ends in the state of one that was not."""

from pathlib import Path

import pytest

from actors.replays import replay_run
from actors.replays.replay import replay_lobster
from tests.integration.replays.made_market import MadeMarket

FRAME_ROWS = 60


class Interrupted(Exception):
    """What a test throws into a run."""


@pytest.fixture(autouse=True)
def small_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay_run, "FRAME_ROWS", FRAME_ROWS)


def test_an_interrupted_run_ends_in_the_same_state(tmp_path: Path) -> None:
    market = MadeMarket(1, 2).run(300)
    paths = market.write(tmp_path)
    undisturbed = replay_lobster(*paths, tmp_path / "undisturbed")

    def interrupt(done: int, _: int) -> None:
        if done > 150:
            raise Interrupted

    with pytest.raises(Interrupted):
        replay_lobster(*paths, tmp_path / "engine", progress=interrupt)
    resumed = replay_lobster(*paths, tmp_path / "engine")

    assert 0 < resumed.duplicates < resumed.commands
    resumed.duplicates = 0
    assert resumed.as_json() | {"seconds": 0} == undisturbed.as_json() | {"seconds": 0}


def test_a_second_run_over_everything_changes_nothing(tmp_path: Path) -> None:
    paths = MadeMarket(2, 1).run(150).write(tmp_path)
    first = replay_lobster(*paths, tmp_path / "engine")

    second = replay_lobster(*paths, tmp_path / "engine")

    assert second.duplicates == second.commands == first.commands
    assert second.state_digest == first.state_digest
    assert second.is_exact
