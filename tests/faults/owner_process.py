"""Starts a process that owns a log, talks to it, and keeps what it acknowledges; the parent survives it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from storage.event_log import EventLog
from storage.verify_walk import LogWalk
from tests.unit.storage.made_logs import made_identity

ROOT = Path(__file__).resolve().parents[2]


class Ack(NamedTuple):
    """What the child said was committed: everything below an offset, and the hash of the last block."""

    next_offset: int
    block_hash: str


class Owner:
    """One child that owns a log, and the acknowledgements received from it."""

    def __init__(self, child: subprocess.Popen[str]) -> None:
        self.child = child
        self.acks: list[Ack] = []

    def tell(self, command: str) -> None:
        """Send a command without waiting for the answer."""
        assert self.child.stdin is not None
        self.child.stdin.write(command + "\n")
        self.child.stdin.flush()

    def hear(self) -> list[str]:
        """Wait for one answer and give its words; empty if the child is gone."""
        assert self.child.stdout is not None
        words = self.child.stdout.readline().split()
        if words[:1] == ["acked"]:
            self.acks.append(Ack(int(words[1]), words[2]))
        return words

    def ask(self, command: str) -> list[str]:
        """Send a command and give the words of its answer."""
        self.tell(command)
        return self.hear()

    def hear_all(self) -> None:
        """Take what is still in the pipe after the child's death."""
        while self.hear():
            pass

    def signal(self, number: int) -> None:
        """Send a signal to the child."""
        os.kill(self.child.pid, number)

    def wait_until_stopped(self) -> None:
        """Wait until the kernel says that the child is stopped."""
        _, status = os.waitpid(self.child.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status), "the child ended instead of stopping"


@contextmanager
def owner_of(log: Path, *unsafe_flags: str, under: Sequence[str] = ()) -> Iterator[Owner]:
    """Start an owner of `log`, optionally under a tracer; kill it in the end whatever it is doing."""
    command = [*under, sys.executable, "-m", "tests.faults.writing_child", str(log), *unsafe_flags]
    child = subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
    )
    with child:
        owner = Owner(child)
        try:
            assert owner.hear()[:1] == ["open"], "the child could not open the log"
            yield owner
        finally:
            child.send_signal(signal.SIGKILL)


def lost_acks(log: Path, acks: Sequence[Ack]) -> list[Ack]:
    """Give the acknowledged blocks that the log does not hold with these very hashes."""
    with EventLog.open(log, made_identity(), create=False, allow_volatile=True) as reopened:
        held = {(block.header.next_offset, block.header.block_hash.hex()) for block in reopened.blocks(0)}
    return [ack for ack in acks if ack not in held]


def fault_in(log: Path) -> str | None:
    """Walk a whole log and give what is wrong with it, or None."""
    report = LogWalk(log, made_identity(), lambda _: None).run()
    return None if report.fault is None else str(report.fault)
