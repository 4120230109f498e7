"""Power may go at any instant: 20,000 contents of the disk, each opened, none without an acked block.

The same harness must condemn writers that leave out a flush or acknowledge before their commit;
`python -m tests.faults.crash_run` does the same for a million.
"""

from itertools import takewhile
from pathlib import Path

import pytest

from tests.faults.ci_size import ci_run
from tests.faults.crash_run import HARNESS, judge_states, record, recording_of, work
from tests.faults.numbered_run import Judged
from tests.faults.recorded_steps import Ack, Named, NamesSync, Step, Sync, Write

STATES = 20_000
FEW_STATES = 500
SEED = 7
COMMANDS = work(SEED, 0)


@pytest.mark.faults
@pytest.mark.timeout(600)
def test_every_one_of_many_crash_states_is_sound(strace: str, tmp_path: Path) -> None:
    progress = ci_run(HARNESS, STATES, SEED, tmp_path)

    assert progress.counts["sound"] == STATES


def judged(folder: Path, commands: list[str], *unsafe: str) -> Judged:
    return judge_states(record(folder, commands, *unsafe), range(FEW_STATES), SEED)


def test_every_crash_state_holds_every_acknowledged_block(strace: str, tmp_path: Path) -> None:
    found = judged(tmp_path, COMMANDS)

    assert found.broken == []
    assert found.counts["sound"] == FEW_STATES
    assert found.counts["sectors torn"] > FEW_STATES


LOST = "the acknowledged block before offset"


@pytest.mark.parametrize(
    ("unsafe", "message"),
    [("sync", "LMDB can't open it"), ("metasync", LOST), ("names", "there is no log at")],
)
def test_a_writer_that_leaves_out_a_flush_is_condemned(
    strace: str, tmp_path: Path, unsafe: str, message: str
) -> None:
    found = judged(tmp_path, COMMANDS, unsafe)

    print(f"without {unsafe}: {found.counts['sound']} of {FEW_STATES} crash states are sound")
    assert any(message in sentence for sentence in found.broken)


def test_a_writer_that_acknowledges_before_its_commit_is_condemned(strace: str, tmp_path: Path) -> None:
    found = judged(tmp_path, ["claim", "append 3", "early 4"])

    assert any(LOST in sentence for sentence in found.broken)


def test_a_recording_repeats(strace: str) -> None:
    first, second = recording_of(SEED, 0), recording_of.__wrapped__(SEED, 0)

    assert first.base == second.base
    assert [step for step in first.steps if not isinstance(step, Named)] == [
        step for step in second.steps if not isinstance(step, Named)
    ]


def test_every_acknowledgement_follows_both_flushes_of_its_commit(strace: str, tmp_path: Path) -> None:
    since_last_ack: list[Step] = []
    for step in record(tmp_path, COMMANDS).steps:
        if isinstance(step, Ack) and step.line.startswith("acked"):
            pages, flush, meta_page = _kinds(since_last_ack)
            assert 0 <= pages < flush < meta_page
            since_last_ack = []
        else:
            since_last_ack.append(step)


def test_a_segment_gets_its_name_after_its_own_flushes_and_before_the_log_s(
    strace: str, tmp_path: Path
) -> None:
    steps = record(tmp_path, COMMANDS).steps
    draft = next(at for at, step in enumerate(steps) if isinstance(step, Named))
    named = next(at for at, step in enumerate(steps) if step == Named(1, "000002"))

    between = [step for step in steps[draft:named] if isinstance(step, Sync | NamesSync)]
    assert between[-2:] == [Sync(1), NamesSync(1)]
    until_ack = list(takewhile(lambda step: not isinstance(step, Ack), steps[named:]))
    assert NamesSync(None) in until_ack


def _kinds(steps: list[Step]) -> tuple[int, int, int]:
    """Give where the last page write, the last flush and the last write of a synced meta page happened."""

    def last(matching: list[bool]) -> int:
        return max((index for index, matches in enumerate(matching) if matches), default=-1)

    return (
        last([isinstance(step, Write) and not step.synced for step in steps]),
        last([isinstance(step, Sync) for step in steps]),
        last([isinstance(step, Write) and step.synced for step in steps]),
    )
