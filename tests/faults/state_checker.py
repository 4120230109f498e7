"""Judges data files of a log one after the other, in a process that a bad file may kill.

    python -m tests.faults.state_checker LOG_DIRECTORY

For every line on standard input, `- -` or `NEXT_OFFSET BLOCK_HASH` of the last acknowledged block, the log in
the directory is walked, opened, and extended by one block. The answer is `sound`, or what is wrong.
"""

import subprocess
import sys
from pathlib import Path

from storage.errors import StorageError
from storage.event_log import EventLog
from tests.faults.owner_process import ROOT, fault_in
from tests.unit.storage.made_logs import extend, open_log


def main(log_directory: str) -> None:
    """Judge the file in the directory, again for every line."""
    for line in sys.stdin:
        offset, block_hash = line.split()
        sys.stdout.write(verdict(Path(log_directory), offset, block_hash).replace("\n", " ") + "\n")
        sys.stdout.flush()


def verdict(log: Path, offset: str, block_hash: str) -> str:
    """Say whether a log is whole, holds the acknowledged block, and takes another one."""
    fault = fault_in(log)
    if fault is not None:
        return fault
    try:
        with open_log(log) as opened:
            if offset != "-" and not holds(opened, int(offset), block_hash):
                return f"the acknowledged block before offset {offset} is not there"
            opened.claim()
            extend(opened, [1])
    except StorageError as error:
        return str(error)
    return "sound"


def holds(log: EventLog, next_offset: int, block_hash: str) -> bool:
    """Say whether the log holds the block with this hash right before `next_offset`."""
    if log.tip.next_offset < next_offset:
        return False
    header = log.read_block(next_offset - 1).header
    return header.next_offset == next_offset and header.block_hash.hex() == block_hash


class StateChecker:
    """Asks such a process, and starts another one when a file has killed it."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._child: subprocess.Popen[str] | None = None

    def judge(self, offset: str = "-", block_hash: str = "-") -> str:
        """Give the verdict on the file as it is now; `killed the reader` if it did."""
        child = self._child or self._start()
        self._child = child
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(f"{offset} {block_hash}\n")
        child.stdin.flush()
        answer = child.stdout.readline().strip()
        if not answer:
            self.close()
            return "killed the reader"
        return answer

    def close(self) -> None:
        """End the process."""
        if self._child is not None:
            self._child.communicate()
            self._child = None

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.faults.state_checker", str(self._log)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
