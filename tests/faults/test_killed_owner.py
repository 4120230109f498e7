"""Kill -9 at any instant loses nothing that was acknowledged, and the next owner goes on at once."""

import random
import signal
import time
from pathlib import Path

from tests.faults.owner_process import Owner, fault_in, lost_acks, owner_of

ROUNDS = 12
SEED = 20120621


def kill_at_some_instant(owner: Owner, chance: random.Random) -> None:
    """Kill the child after some acknowledgements and a moment that falls anywhere in its next commits."""
    for _ in range(chance.randrange(1, 30)):
        owner.hear()
    moment_ns = time.perf_counter_ns() + chance.randrange(0, 1_000_000)
    while time.perf_counter_ns() < moment_ns:
        pass
    owner.signal(signal.SIGKILL)
    owner.hear_all()


def test_no_acknowledged_block_is_lost_over_many_kills(tmp_path: Path) -> None:
    log, chance = tmp_path / "p0000", random.Random(SEED)
    acks = []
    for round_number in range(1, ROUNDS + 1):
        with owner_of(log) as owner:
            assert owner.ask("claim") == ["claimed", str(round_number)]
            owner.tell("run 100000 20")
            kill_at_some_instant(owner, chance)
            acks += owner.acks
        assert lost_acks(log, acks) == []
        assert fault_in(log) is None

    assert len(acks) > ROUNDS
    assert len({ack.next_offset for ack in acks}) == len(acks)
    print(f"{ROUNDS} kills, {len(acks)} acknowledged blocks, 0 lost (seed {SEED})")


def test_a_writer_that_acknowledges_before_its_commit_is_caught(tmp_path: Path) -> None:
    log = tmp_path / "p0000"
    with owner_of(log) as owner:
        owner.ask("claim")
        owner.ask("append 3")
        owner.ask("early 4")
        owner.signal(signal.SIGKILL)
        owner.hear_all()

    assert lost_acks(log, owner.acks) == owner.acks[-1:]
