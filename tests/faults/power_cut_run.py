"""Power cuts under a writer, on ext4 and XFS in files of their own; who holds the acknowledgements survives.

    python -m tests.faults.power_cut_run --cuts 4000 --seed 1

The writer is that of `kill_run`. At a seeded instant its file system is shut down without flushing anything,
journal and all (FS_IOC_SHUTDOWN, for root only), the writer is killed, the file system unmounted and mounted
again, which replays its journal. Then the whole log is walked, and all that was ever acknowledged must be
there. Half of the cuts are on ext4 and half on XFS; where a machine does not allow them they are left out,
and the reason is noted. What a disk itself may lose of what it was given is for `crash_run`.
"""

import random
import signal
import sys
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from pathlib import Path

from storage.errors import StorageError
from tests.faults import kill_run
from tests.faults.kill_run import Writer
from tests.faults.loop_disk import BYTES, LoopDisk, NotPossible, hide_mounts
from tests.faults.numbered_run import Harness, Judged, judge_groups, main_of
from tests.faults.owner_process import Ack
from tests.faults.work_place import memory

CUTS_A_DISK = 25
"""A file system and a log are made for so many: making them takes as long as two cuts."""

KINDS = tuple(BYTES)


def write(log_directory: Path, acks: int, chance: random.Random) -> None:
    """Append and acknowledge like `kill_run`'s writer, and wait for the kill once the disk is gone."""
    wait_when_gone(kill_run.write, log_directory, acks, chance)


def wait_when_gone(writer: Writer, log_directory: Path, acks: int, chance: random.Random) -> None:
    """Let a writer write until its disk fails; a power cut lets nobody end in order."""
    with suppress(StorageError, OSError):
        writer(log_directory, acks, chance)
    signal.pause()


def judge(seed: int, numbers: range, writer: Writer = write) -> Judged:
    """Give what came of the cuts with these numbers; those of one file system are done from its first on."""
    return judge_groups(numbers, CUTS_A_DISK, lambda group: judge_apart(seed, group, writer))


def judge_apart(seed: int, numbers: range, writer: Writer) -> Judged:
    """Judge the cuts of one file system in a process whose mounts nobody else sees."""
    with ProcessPoolExecutor(1) as apart:
        return apart.submit(judge_disk, seed, numbers, writer).result()


def judge_disk(seed: int, numbers: range, writer: Writer) -> Judged:
    """Cut the power of one file system again and again, and look for what was acknowledged."""
    judged = Judged(Counter(), Counter(), [])
    kind = KINDS[numbers[0] // CUTS_A_DISK % len(KINDS)]
    with tempfile.TemporaryDirectory(dir=memory()) as folder:
        try:
            hide_mounts()
            disk = LoopDisk(kind, Path(folder))
        except NotPossible as reason:
            judged.skipped[f"{kind}: {reason}"] += len(numbers)
            return judged
        try:
            _cut_all(disk, seed, numbers, writer, judged)
        except NotPossible as reason:
            left = len(numbers) - judged.counts[f"cuts on {kind}"]
            judged.skipped[f"{kind}: {reason}"] += left
        finally:
            with suppress(NotPossible):
                disk.unmount()
    return judged


def _cut_all(disk: LoopDisk, seed: int, numbers: range, writer: Writer, judged: Judged) -> None:
    """Do the cuts until one loses something."""
    log, acks = disk.path / "p0000", list[Ack]()
    for number in numbers:
        before = len(acks)
        acks += kill_run.kill_one(log, random.Random(f"{seed} {number}"), writer, disk.cut_power)
        fault = _fault_of_disk(disk) or _fault_of_log(log, acks, before)
        judged.counts[f"cuts on {disk.kind}"] += 1
        judged.counts["blocks acknowledged"] += len(acks) - before
        if fault is not None:
            judged.broken.append(f"--seed {seed} --only {number}: on {disk.kind} {fault}")
            return


def _fault_of_disk(disk: LoopDisk) -> str | None:
    """Mount it again; give what keeps it from being mounted, which it could be before, or None."""
    try:
        disk.unmount()
        disk.mount()
    except NotPossible as error:
        return f"the file system did not come back: {error}"
    return None


def _fault_of_log(log: Path, acks: list[Ack], before: int) -> str | None:
    """Give what is wrong with the log, of whose acknowledgements the first `before` are older, or None."""
    offset = acks[before - 1].next_offset if before else 0
    try:
        return kill_run.fault_after(log, offset, acks[before:]) or kill_run.fault_of_all(log, acks)
    except StorageError as error:
        return f"the log can't be read: {error}"


HARNESS = Harness("power_cut_run", "cuts", CUTS_A_DISK * len(KINDS), judge, places=(memory(),))

if __name__ == "__main__":
    sys.exit(main_of(HARNESS))
