"""Kill -9 of the partition at any instant of a replay loses and doubles nothing; resumed, it ends the same."""

import random
from pathlib import Path

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
"""Several deliveries of a made file take so long."""


def deliveries_of(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """From now on, the partitions that deliveries in this process go to."""
    partitions: list[int] = []
    deliver = LocalTransport.deliver

    def counting(transport: LocalTransport, partition: int, commands: object) -> object:
        partitions.append(partition)
        return deliver(transport, partition, commands)  # type: ignore[arg-type]

    monkeypatch.setattr(LocalTransport, "deliver", counting)
    return partitions


def test_ten_kills_lose_nothing_and_end_in_the_undisturbed_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = MadeMarket(SEED, 2).run(500).write(tmp_path)
    monkeypatch.setattr(replay_run, "FRAME_ROWS", FRAME_ROWS)
    partitions = deliveries_of(monkeypatch)
    undisturbed = replay_lobster(*files, tmp_path / "undisturbed")
    chance = random.Random(SEED)
    frames = [at for at, partition in enumerate(partitions, start=1) if partition == 0][2:]
    instants = sorted(chance.sample(frames, KILLS))
    acks: list[Ack] = []
    held = 0

    for number, instant in enumerate(instants):
        if number % 2:
            replay = Replay(files, tmp_path / "engine", hold_at=instant)
            replay.kill_once_committed()
            held += 1
        else:
            replay = Replay(files, tmp_path / "engine")
            behind = sum(partition == 0 for partition in partitions[:instant])
            replay.kill_behind(behind, chance.randrange(LONGEST_PAUSE_NS))
        acks += replay.acks
        assert lost_acks(tmp_path / "engine", replay.acks) == []
    resumed = replay_lobster(*files, tmp_path / "engine")

    assert held >= 3
    assert resumed.is_exact
    assert 0 < resumed.duplicates < resumed.commands
    assert resumed.state_digest == undisturbed.state_digest
    assert lost_acks(tmp_path / "engine", acks) == []
    assert events_of(tmp_path / "engine").tolist() == events_of(tmp_path / "undisturbed").tolist()
    print(f"{KILLS} kills, {held} between commit and ack, {len(acks)} acks, 0 lost (seed {SEED})")


def test_an_engine_that_answers_without_a_commit_is_caught(tmp_path: Path) -> None:
    """The positive control."""
    files = MadeMarket(SEED, 2, halts=False).run(100).write(tmp_path)
    replay = Replay(files, tmp_path / "engine", hold_at=20, is_safe=False)
    while not replay.acks:
        replay.hear()

    replay.kill_behind(replay.deliveries)

    assert lost_acks(tmp_path / "engine", replay.acks)
