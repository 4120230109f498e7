"""A process that follows a log and writes snapshots without end, so that its parent can kill it at it.

    python -m tests.faults.snapshotting_child LOG_DIRECTORY SNAPSHOTS_DIRECTORY [hold]

Says `wrote POSITION` on standard output after each. With `hold` the second one is never finished: it says
`holding` when all bytes are written and none are flushed, and waits.
"""

import os
import sys
from pathlib import Path

import msgspec

from actors.roles.snapshots import Snapshots
from actors.roles.snapshotter import Snapshotter
from engine.config import SnapshotConfig
from storage.log_reader import LogReader
from tests.integration.storage.snapshot_place import SMALL


def main(log: str, snapshots: str, *wishes: str) -> None:
    """Write snapshots until somebody kills this process."""
    config = msgspec.structs.replace(SMALL, snapshot=SnapshotConfig(events=1, verify_every=3))
    with LogReader.open(Path(log)) as reader:
        snapshotter = Snapshotter(reader, Snapshots(Path(snapshots), reader), config, partition=0)
        while snapshotter.step():
            say(f"wrote {snapshotter.kernel.next_offset}")
            if "hold" in wishes:
                os.fsync = hold


def hold(fd: object) -> None:  # the name that os.fsync gives it
    """Say so and wait for ever."""
    say("holding")
    sys.stdin.read()


def say(line: str) -> None:
    """Write one line to the parent, in one system call."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
