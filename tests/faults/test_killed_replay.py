"""Kill -9 of the partition at any instant of a replay loses or doubles nothing; resumed it ends the same."""

import random
from pathlib import Path

import numpy as np
import pytest

from actors.local_transport import LocalTransport
from actors.replays import replay_run
from actors.replays.replay import replay_lobster
from tests.faults.replay_kills import Ack, Replay, events_of, lost_acks
from tests.faults.replaying_child import FRAME_ROWS
from tests.integration.replays.made_market import MadeMarket

KILLS = 10
SEED = 20120621
LONGEST_PAUSE_NS = 3_000_000
"""A few deliveries of a made file take so long."""

LAST_FRAMES = 8
"""No kill is set to these: the one before it may strike a few deliveries late, and something must be left."""


def undisturbed_run(
    files: tuple[Path, Path], directory: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[str, list[int]]:
    """The digest in which a replay ends, and which of its deliveries, counted from 1, go to the partition."""
    monkeypatch.setattr(replay_run, "FRAME_ROWS", FRAME_ROWS)
    partitions: list[int] = []
    deliver = LocalTransport.deliver

    def counting(transport: LocalTransport, partition: int, commands: np.ndarray) -> tuple[np.ndarray, int]:
        partitions.append(partition)
        return deliver(transport, partition, commands)

    with monkeypatch.context() as counted:
        counted.setattr(LocalTransport, "deliver", counting)
        report = replay_lobster(*files, directory)
    return report.state_digest, [at for at, partition in enumerate(partitions, start=1) if partition == 0]


@pytest.mark.faults
def test_ten_kills_lose_nothing_and_end_in_the_undisturbed_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = MadeMarket(SEED, 2).run(300).write(tmp_path)
    undisturbed, engine = tmp_path / "undisturbed", tmp_path / "engine"
    digest, frames = undisturbed_run(files, undisturbed, monkeypatch)
    chance = random.Random(SEED)
    acks: list[Ack] = []

    for number, at in enumerate(sorted(chance.sample(range(1, len(frames) - LAST_FRAMES), KILLS))):
        if number % 2:
            replay = Replay(files, engine, hold_at=frames[at])
            replay.kill_once_committed()
        else:
            replay = Replay(files, engine)
            replay.kill_behind(at, chance.randrange(LONGEST_PAUSE_NS))
        acks += replay.acks
        assert lost_acks(engine, replay.acks) == []
    resumed = replay_lobster(*files, engine)

    assert resumed.is_exact
    assert 0 < resumed.duplicates < resumed.commands
    assert resumed.state_digest == digest
    assert lost_acks(engine, acks) == []
    assert events_of(engine).tolist() == events_of(undisturbed).tolist()
    print(f"{KILLS} kills, {KILLS // 2} between commit and ack, {len(acks)} acks, 0 lost (seed {SEED})")


def test_an_engine_that_answers_without_a_commit_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The positive control."""
    files = MadeMarket(SEED, 2, halts=False).run(100).write(tmp_path)
    _, frames = undisturbed_run(files, tmp_path / "undisturbed", monkeypatch)
    replay = Replay(files, tmp_path / "engine", hold_at=frames[-1], is_safe=False)

    replay.kill_behind(len(frames))

    assert lost_acks(tmp_path / "engine", replay.acks)
    assert not lost_acks(tmp_path / "undisturbed", replay.acks)
