"""Power may go at any instant: 2,000 contents of the disk, each opened, none without an acked block.

A writer is recorded by strace, the possible contents of its file are rebuilt (see `crash_states`), and each
is verified by another process. The same harness must condemn writers that don't flush.
"""

from collections import Counter
from pathlib import Path

import pytest

from storage.data_file import DATA_FILE
from tests.faults.crash_states import TRACED, Ack, Step, Sync, Write, crash_states, steps_of
from tests.faults.owner_process import owner_of
from tests.faults.state_checker import StateChecker
from tests.unit.storage.made_logs import make_log

STATES = 2_000
CONTROL_STATES = 200
SEED = 7
BLOCKS = 60


def recorded(strace: str, folder: Path, *unsafe_flags: str) -> tuple[bytes, list[Step]]:
    """Record a writer of `BLOCKS` blocks; give its data file before, and what it did to it."""
    log, trace = folder / "p0000", folder / "trace"
    make_log(log, [30, 3])
    file = log / "000001" / DATA_FILE
    base = file.read_bytes()
    tracer = [strace, "-f", "-qq", "-xx", "-s", str(2**20), "-e", f"trace={TRACED}", "-o", str(trace)]
    with owner_of(log, *unsafe_flags, under=tracer) as owner:
        owner.ask("claim")
        owner.tell(f"run {BLOCKS} 25")
        while len(owner.acks) < BLOCKS:
            owner.hear()
        # The writer ends by itself, so that strace writes its recording to the end.
        owner.child.communicate()
    return base, steps_of(trace, file)


def verdicts(folder: Path, base: bytes, steps: list[Step], *, count: int) -> Counter[str]:
    """Judge `count` crash states: how many are sound, and how many are not for which reason."""
    log = folder / "state" / "p0000"
    file = log / "000001" / DATA_FILE
    file.parent.mkdir(parents=True)
    checker, found = StateChecker(log), Counter[str]()
    for state in crash_states(base, steps, count=count, seed=SEED):
        file.write_bytes(state.content)
        words = (state.ack or "").split()
        acked = words[1:3] if words[:1] == ["acked"] else ["-", "-"]
        found[checker.judge(*acked)] += 1
    checker.close()
    return found


def test_every_crash_state_holds_every_acknowledged_block(strace: str, tmp_path: Path) -> None:
    base, steps = recorded(strace, tmp_path)

    found = verdicts(tmp_path, base, steps, count=STATES)

    print(f"{STATES} crash states of {len(steps)} steps, seed {SEED}: {dict(found)}")
    assert found == {"sound": STATES}


@pytest.mark.parametrize("unsafe_flag", ["sync", "metasync"])
def test_a_writer_that_does_not_flush_is_condemned(strace: str, tmp_path: Path, unsafe_flag: str) -> None:
    base, steps = recorded(strace, tmp_path, unsafe_flag)

    found = verdicts(tmp_path, base, steps, count=CONTROL_STATES)

    print(f"{unsafe_flag}=False: {found['sound']} of {CONTROL_STATES} crash states are sound")
    assert found["sound"] < CONTROL_STATES


def test_every_acknowledgement_follows_both_flushes_of_its_commit(strace: str, tmp_path: Path) -> None:
    _, steps = recorded(strace, tmp_path)
    since_last_ack: list[Step] = []
    for step in steps:
        if isinstance(step, Ack) and step.line.startswith("acked"):
            pages, flush, meta_page = _kinds(since_last_ack)
            assert 0 <= pages < flush < meta_page
            since_last_ack = []
        else:
            since_last_ack.append(step)


def _kinds(steps: list[Step]) -> tuple[int, int, int]:
    """Give where the last page write, the last flush and the last write of a synced meta page happened."""

    def last(matching: list[bool]) -> int:
        return max((index for index, matches in enumerate(matching) if matches), default=-1)

    return (
        last([isinstance(step, Write) and not step.synced for step in steps]),
        last([isinstance(step, Sync) for step in steps]),
        last([isinstance(step, Write) and step.synced for step in steps]),
    )
