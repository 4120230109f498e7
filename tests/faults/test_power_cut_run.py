"""A hundred power cuts on ext4 and a hundred on XFS lose nothing; a writer that does not flush is caught.

`python -m tests.faults.power_cut_run` does two thousand on each.
"""

import random
from pathlib import Path

import pytest

from storage import lmdb_environment
from tests.faults import kill_run, loop_disk
from tests.faults.ci_size import ci_run
from tests.faults.loop_disk import NotPossible
from tests.faults.power_cut_run import HARNESS, KINDS, judge, wait_when_gone
from tests.unit.storage.made_logs import open_log

CUTS = 100
"""On each kind of file system."""
FEW_CUTS = 5
SEED = 20120621


@pytest.mark.faults
@pytest.mark.timeout(600)
def test_hundreds_of_power_cuts_lose_nothing(tmp_path: Path) -> None:
    progress = ci_run(HARNESS, CUTS * len(KINDS), SEED, tmp_path)

    for kind in KINDS:
        left_out = [reason for reason in progress.skipped if reason.startswith(f"{kind}: ")]
        done = progress.counts.get(f"cuts on {kind}", 0)
        assert done == CUTS or left_out, f"{kind} was cut {done} times and nobody says why"
    if progress.skipped:
        pytest.skip(str(progress.skipped))
    assert progress.counts["blocks acknowledged"] > CUTS


def forgetful(log_directory: Path, acks: int, chance: random.Random) -> None:
    """Write like `power_cut_run.write`, but into a log that is opened without any flush."""
    with open_log(log_directory):
        pass
    lmdb_environment.DURABLE_FLAGS["sync"] = False
    wait_when_gone(append_for_ever, log_directory, acks, chance)


def append_for_ever(log_directory: Path, acks: int, chance: random.Random) -> None:
    with open_log(log_directory) as log:
        log.claim()
        while True:
            kill_run.append_block(log, acks, chance)


@pytest.mark.faults
def test_a_writer_that_does_not_flush_is_caught() -> None:
    judged = judge(SEED, range(FEW_CUTS), forgetful)

    if judged.skipped:
        pytest.skip(str(judged.skipped))
    assert "the acknowledged block before offset" in judged.broken[0]
    assert "is not there" in judged.broken[0]


def test_what_a_machine_does_not_allow_is_left_out_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise NotPossible("unshare(CLONE_NEWNS): EPERM (Operation not permitted)")

    monkeypatch.setattr("tests.faults.power_cut_run.hide_mounts", refuse)

    judged = judge(SEED, range(FEW_CUTS))

    assert judged.skipped == {"ext4: unshare(CLONE_NEWNS): EPERM (Operation not permitted)": FEW_CUTS}
    assert judged.broken == []


def test_a_missing_program_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(NotPossible, match=r"mkfs\.xfs: ENOENT \(No such file or directory\)"):
        loop_disk.LoopDisk("xfs", tmp_path)
