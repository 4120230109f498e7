"""Each system call of a small storage run fails once and loses nothing; who passes over a failure is caught.

`python -m tests.faults.call_run` lets all of them fail, one after the other.
"""

import errno
import os
from contextlib import suppress
from pathlib import Path

import pytest

from storage.errors import DiskFull, StorageError
from storage.event_log import EventLog
from tests.faults import call_run
from tests.faults.call_run import SHORT, Fault
from tests.faults.ci_size import ci_run
from tests.faults.storage_run import say
from tests.unit.storage.made_logs import made_chain, open_log

FAULTS = 300
FEW_FAULTS = 40
SEED = 5
FLUSHES = [Fault("fdatasync", nth, "EIO") for nth in range(1, 12)]
"""Of all commits of a run."""


@pytest.mark.faults
@pytest.mark.timeout(600)
def test_many_failing_calls_lose_nothing(strace: str, tmp_path: Path) -> None:
    progress = ci_run(call_run.HARNESS, FAULTS, SEED, tmp_path)

    assert progress.done == FAULTS
    assert progress.skipped == {}
    assert {"EIO", "ENOSPC", "EINTR", SHORT} <= progress.counts.keys()


def test_failing_calls_lose_nothing(strace: str) -> None:
    judged = call_run.judge(SEED, range(FEW_FAULTS))

    assert judged.broken == []
    assert judged.skipped == {}
    assert judged.counts["stopped with LogPoisoned"] > 0


def test_the_calls_of_a_commit_are_among_those_that_fail(strace: str) -> None:
    calls = {fault.call for fault in call_run.ordered(SEED)}

    assert {"pwrite64", "writev", "fdatasync", "fsync", "rename", "mkdir", "openat", "ftruncate"} <= calls


def pass_over(log: EventLog, pipe: int, rows: int) -> bool:
    """Append one block, and acknowledge it whatever has become of it."""
    (block,), tip = made_chain([rows], tip=log.tip, epoch=log.epoch)
    with suppress(StorageError):
        log.append(block)
    say(pipe, f"acked {tip.next_offset} {tip.block_hash.hex()}")
    return True


def test_a_writer_that_passes_over_a_failed_flush_is_caught(strace: str) -> None:
    judged = call_run.judge_faults(FLUSHES, 0, SEED, pass_over)

    assert any("the acknowledged block before offset" in sentence for sentence in judged.broken)


def acknowledge_later(log: EventLog, pipe: int, rows: int) -> bool:
    """Append one block; say so if that fails, and acknowledge it all the same."""
    (block,), tip = made_chain([rows], tip=log.tip, epoch=log.epoch)
    try:
        log.append(block)
    except StorageError as error:
        say(pipe, f"failed {type(error).__name__} {error}")
    say(pipe, f"acked {tip.next_offset} {tip.block_hash.hex()}")
    return True


def test_a_writer_that_acknowledges_after_a_failure_is_caught(strace: str) -> None:
    judged = call_run.judge_faults(FLUSHES, 0, SEED, acknowledge_later)

    assert any("something was acknowledged after a failure" in sentence for sentence in judged.broken)


def test_a_log_that_cannot_be_created_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_space(path: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr("storage.file_system.sync_directory", no_space)
    with pytest.raises(DiskFull, match="No space left"):
        open_log(tmp_path / "p0000")
    monkeypatch.undo()
    with open_log(tmp_path / "p0000") as log:
        assert log.claim() == 1
