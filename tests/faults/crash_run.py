"""Power may go at any instant: any number of states of the disk, each opened, none without an acked block.

    python -m tests.faults.crash_run --states 1000000 --seed 1

A writer of a short log is recorded by strace, what a disk may hold is rebuilt (see `crash_states`), and each
state is walked, opened, claimed and appended to by another process. Five thousand states are of one
recording; the next five thousand are of another, with other blocks and another place for its rotation.
"""

import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from storage.data_file import DATA_FILE
from tests.faults.crash_states import CrashState, crash_states
from tests.faults.numbered_run import Harness, Judged, main_of
from tests.faults.owner_process import owner_of
from tests.faults.recorded_steps import TRACED, Step, steps_of
from tests.faults.state_checker import StateChecker
from tests.faults.work_place import disk, memory
from tests.unit.storage.made_logs import make_log

STATES_A_RECORDING = 5_000
BLOCKS = 8
"""Of a recording: a short log has more states of its end and is checked faster."""


class Recording(NamedTuple):
    """A log's data files before a writer came, and what it did to them."""

    base: dict[str, bytes]
    steps: list[Step]


def work(seed: int, number: int) -> list[str]:
    """The commands for the writer of one recording (see `writing_child`)."""
    chance = random.Random(f"recording {seed} {number}")
    appends = [f"append {chance.choice([1, 2, 7, 30, 100])}" for _ in range(BLOCKS)]
    appends.insert(chance.randrange(1, BLOCKS), "rotate")
    return ["claim", *appends]


def record(folder: Path, commands: Sequence[str], *unsafe: str) -> Recording:
    """Record a writer that does these commands to a log of two blocks."""
    strace = shutil.which("strace")
    assert strace is not None, "strace is not installed: no system call can be recorded"
    log, trace = folder / "p0000", folder / "trace"
    make_log(log, [3, 1])
    base = {path.name: (path / DATA_FILE).read_bytes() for path in sorted(log.iterdir())}
    tracer = [strace, "-f", "-qq", "--seccomp-bpf", "-xx", "-s", str(2**20), "-e", f"trace={TRACED}"]
    with owner_of(log, *unsafe, under=[*tracer, "-o", str(trace)]) as owner:
        for command in commands:
            assert owner.ask(command)[:1] not in ([], ["failed"]), f"{command} was not done"
        # The writer ends by itself, so that strace writes its recording to the end.
        owner.child.communicate()
    return Recording(base, steps_of(trace, log, list(base)))


@lru_cache(maxsize=1)
def recording_of(seed: int, number: int) -> Recording:
    """The recording with this number, which a process keeps as long as it judges states of it."""
    with tempfile.TemporaryDirectory() as folder:
        return record(Path(folder), work(seed, number))


def judge(seed: int, numbers: range) -> Judged:
    """Give what came of the states with these numbers."""
    whole = Judged(Counter(), Counter(), [])
    for recording, group in groupby(numbers, key=lambda number: number // STATES_A_RECORDING):
        judged = judge_states(recording_of(seed, recording), list(group), seed)
        whole.counts.update(judged.counts)
        whole.broken.extend(judged.broken)
    return whole


def judge_states(recording: Recording, numbers: Sequence[int], seed: int) -> Judged:
    """Lay out the states of one recording one after the other and have each judged by another process."""
    with tempfile.TemporaryDirectory(dir=memory()) as folder:
        log = Path(folder) / "p0000"
        log.mkdir()
        checker, judged = StateChecker(log), Judged(Counter(), Counter(), [])
        for state in crash_states(*recording, numbers, seed):
            lay_out(state, log)
            verdict = checker.judge(*_acked(state))
            judged.counts["sound" if verdict == "sound" else "unsound"] += 1
            judged.counts["sectors torn"] += state.torn
            if verdict != "sound":
                judged.broken.append(f"--seed {seed} --only {state.number}: step {state.step}: {verdict}")
        checker.close()
    return judged


def lay_out(state: CrashState, log: Path) -> None:
    """Make the log's directory what the state says; LMDB's lock file may stay, it holds nothing."""
    for path in log.iterdir():
        if path.name not in state.folders:
            shutil.rmtree(path)
    for name, content in state.folders.items():
        (log / name).mkdir(exist_ok=True)
        if content is None:
            (log / name / DATA_FILE).unlink(missing_ok=True)
        else:
            (log / name / DATA_FILE).write_bytes(content)


def _acked(state: CrashState) -> list[str]:
    """Offset and block hash of the last acknowledged block, or dashes."""
    words = (state.ack or "").split()
    return words[1:3] if words[:1] == ["acked"] else ["-", "-"]


HARNESS = Harness("crash_run", "states", STATES_A_RECORDING, judge, places=(disk(), memory()))

if __name__ == "__main__":
    sys.exit(main_of(HARNESS))
