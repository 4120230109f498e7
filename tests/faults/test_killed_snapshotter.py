"""A snapshotter that is killed while it writes leaves the older snapshots whole, and a harmless draft."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from actors.roles.snapshots import Snapshots
from actors.roles.snapshotter import Snapshotter
from engine.kernel.kernel import Kernel
from storage.file_system import DRAFT_SUFFIX
from storage.log_reader import LogReader
from tests.faults.owner_process import ROOT
from tests.integration.reads.flow_log import append, open_flow_log
from tests.integration.storage.snapshot_place import SMALL, run
from tests.unit.engine.projections.made_flow import SMALL as CAPACITY
from tests.unit.engine.projections.made_flow import MadeFlow

BLOCKS = MadeFlow(31).run(20).blocks
ROUNDS = 2
SEED = 20120621


class Child:
    """A snapshotter in a process of its own."""

    def __init__(self, place: Path, *wishes: str) -> None:
        command = [sys.executable, "-m", "tests.faults.snapshotting_child"]
        self.process = subprocess.Popen(
            [*command, str(place / "p0000"), str(place / "snapshots"), *wishes],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def hear(self) -> list[str]:
        """Its next words."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().split()

    def kill(self) -> None:
        """End it without warning."""
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A directory with a log."""
    with open_flow_log(tmp_path / "p0000") as log:
        append(log, BLOCKS)
    return tmp_path


def begun_at(place: Path) -> int:
    """Where a successor begins; its state there, and what it follows on to, are those of the log."""
    with LogReader.open(place / "p0000") as reader:
        snapshots = Snapshots(place / "snapshots", reader)
        successor = Snapshotter(reader, snapshots, SMALL, partition=0)
        begun_at, straight = successor.kernel.next_offset, Kernel(CAPACITY, 0)
        for block in BLOCKS:
            if straight.next_offset == begun_at:
                assert straight.digest() == successor.kernel.digest()
            straight.fold(block.rows.copy(), block.now_ns)
        assert successor.told == (), "a kill damages nothing"
        assert run(successor).kernel.digest() == straight.digest()
        return begun_at


def test_a_draft_is_taken_away_and_the_snapshot_before_is_used(place: Path) -> None:
    child = Child(place, "hold")
    said, position = child.hear()
    assert (said, child.hear()) == ("wrote", ["holding"])

    child.kill()

    assert len(list((place / "snapshots").glob(f"*{DRAFT_SUFFIX}"))) == 1
    assert begun_at(place) == int(position)
    assert not list((place / "snapshots").glob(f"*{DRAFT_SUFFIX}"))


def test_killed_at_any_moment_its_successor_begins_from_what_was_written(place: Path) -> None:
    chance = random.Random(SEED)
    for _ in range(ROUNDS):
        child = Child(place)
        wrote = [child.hear() for _ in range(chance.randrange(1, 4))]
        time.sleep(chance.uniform(0, 0.01))
        child.kill()

        assert begun_at(place) >= int(wrote[-1][1])
        for path in (place / "snapshots").iterdir():
            path.unlink()
