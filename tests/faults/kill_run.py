"""Kill -9 of a writer at any instant, as often as wanted; who holds the acknowledgements survives.

    python -m tests.faults.kill_run --kills 10000 --seed 1

The writer is forked from a process that has imported all it needs, so a kill costs milliseconds. It opens the
log, claims it, appends blocks and rotates segments, and says through a pipe what is committed. After each
kill the log must hold what was acknowledged, and at most one block more; after fifty the whole log is walked,
every acknowledgement of all fifty looked for, and another log begun.
"""

import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from storage.event_log import EventLog
from storage.log_reader import LogReader
from tests.faults.forked_child import ForkedChild, pause_ns
from tests.faults.numbered_run import Harness, Judged, judge_groups, main_of
from tests.faults.owner_process import Ack, fault_in
from tests.faults.work_place import disk, memory
from tests.unit.storage.made_logs import made_chain, open_log

KILLS_A_LOG = 50
ROWS = (1, 3, 20, 200)
ROTATED_EVERY = 9
"""Blocks between two rotations: most writers live long enough for one."""

ACKS_MAX = 12
"""Acknowledgements waited for before a kill is timed; with none, the kill may fall into opening the log."""

DISK_EVERY = 5
"""One log in so many lies on a disk, the others in memory: what was written survives a kill in either."""

LATEST_NS = 3_000_000
"""A writer needs about so long to open a log and to append once, with both flushes."""


def write(log_directory: Path, acks: int, chance: random.Random) -> None:
    """Append for ever, and acknowledge each block once it is committed."""
    with open_log(log_directory) as log:
        log.claim()
        while True:
            append(log, acks, chance)


def append(log: EventLog, acks: int, chance: random.Random) -> None:
    """Append one block and acknowledge it, or close the segment."""
    if chance.randrange(ROTATED_EVERY) == 0:
        log.rotate(append_ts_ns=log.tip.append_ts_last_ns)
    append_block(log, acks, chance)


def append_block(log: EventLog, acks: int, chance: random.Random) -> None:
    """Append one block and acknowledge it."""
    (block,), tip = made_chain([chance.choice(ROWS)], tip=log.tip, epoch=log.epoch)
    log.append(block)
    os.write(acks, f"{tip.next_offset} {tip.block_hash.hex()}\n".encode())


Writer = Callable[[Path, int, random.Random], None]


def judge(seed: int, numbers: range) -> Judged:
    """Give what came of the kills with these numbers; those of one log are done from its first on."""
    return judge_groups(numbers, KILLS_A_LOG, lambda log: judge_log(seed, log))


def judge_log(seed: int, numbers: range, writer: Writer = write) -> Judged:
    """Kill writers of one log one after the other, and look for what they have acknowledged."""
    judged, acks = Judged(Counter(), Counter(), []), list[Ack]()
    on_disk = numbers[0] // KILLS_A_LOG % DISK_EVERY == 0
    with tempfile.TemporaryDirectory(dir=disk() if on_disk else memory()) as folder:
        log = Path(folder) / "p0000"
        for number in numbers:
            before = acks[-1].next_offset if acks else 0
            new = kill_one(log, random.Random(f"{seed} {number}"), writer)
            acks += new
            judged.counts["kills"] += 1
            judged.counts["kills on a disk"] += on_disk
            judged.counts["blocks acknowledged"] += len(new)
            fault = fault_after(log, before, new)
            if fault is not None:
                judged.broken.append(f"--seed {seed} --only {number}: {fault}")
                return judged
        fault = fault_of_all(log, acks)
        if fault is not None:
            judged.broken.append(f"--seed {seed} --only {numbers[-1]}: {fault}")
    return judged


def kill_one(
    log: Path, chance: random.Random, writer: Writer, cut: Callable[[], None] = lambda: None
) -> list[Ack]:
    """Start a writer, kill it at some instant, right behind `cut`, and give what it acknowledged."""
    own = random.Random(chance.random())
    child = ForkedChild(lambda acks: writer(log, acks, own))
    try:
        child.hear(chance.randrange(ACKS_MAX + 1))
        pause_ns(chance.randrange(LATEST_NS))
        cut()
    finally:
        said = child.kill()
    return [_ack(line) for line in said]


def _ack(line: str) -> Ack:
    offset, block_hash = line.split()
    return Ack(int(offset), block_hash)


def fault_after(log: Path, before: int, acks: list[Ack]) -> str | None:
    """Give what is wrong behind offset `before` after a kill, or None.

    There must be what was acknowledged, each offset once, and at most one block behind it: the one that the
    writer had committed and not acknowledged.
    """
    if not acks:
        return None
    held = _blocks_from(log, before)
    offsets = [ack.next_offset for ack in acks]
    if offsets != sorted(set(offsets)):
        return "an offset was acknowledged twice"
    lost = [ack for ack in acks if ack not in held]
    if lost:
        return f"the acknowledged block before offset {lost[0].next_offset} is not there"
    behind = sum(ack.next_offset > acks[-1].next_offset for ack in held)
    return None if behind <= 1 else f"{behind} blocks are there that nobody has acknowledged"


def fault_of_all(log: Path, acks: list[Ack]) -> str | None:
    """Give what is wrong with a log after all kills, or None."""
    if not acks:
        return None
    fault, held = fault_in(log), set(_blocks_from(log, 0))
    if fault is not None:
        return fault
    lost = [ack for ack in acks if ack not in held]
    if lost:
        return f"the acknowledged block before offset {lost[0].next_offset} is not there any more"
    return None


def _blocks_from(log: Path, offset: int) -> list[Ack]:
    with LogReader.open(log) as reader:
        if reader.tip_offset() <= offset:
            return []
        headers = [block.header for block in reader.blocks(offset)]
    return [Ack(header.next_offset, header.block_hash.hex()) for header in headers]


HARNESS = Harness("kill_run", "kills", KILLS_A_LOG * 4, judge, places=(disk(), memory()))

if __name__ == "__main__":
    sys.exit(main_of(HARNESS))
