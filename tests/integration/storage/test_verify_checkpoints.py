"""Verify compares the logs with what checkpoints and snapshots have seen, and these with what was written."""

import shutil
from pathlib import Path

import pytest

from storage.block import Block
from storage.checkpoints import Checkpoint, LogMark, write_checkpoint
from storage.faults import FaultKind
from storage.snapshots import SnapshotFiles
from storage.verifier import verify_directory
from storage.verify_report import EXIT_INTEGRITY, Fault
from tests.unit.storage.made_engine import SIZES, identity_of, make_engine
from tests.unit.storage.made_logs import extend, open_log


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    return make_engine(tmp_path / "engine")


def append(engine: Path, partition: int = 0) -> Block:
    """Append one block to a partition's log and give it."""
    identity = identity_of(partition)
    with open_log(engine / f"p{partition:04d}", identity) as log:
        log.claim()
        return extend(log, [7], identity)[0]


def leave_checkpoint(engine: Path, block: Block, name: str = "p0000-risk") -> Path:
    """Leave a projection's checkpoint that stopped behind a block."""
    path = engine / "checkpoints" / name
    write_checkpoint(path, Checkpoint("risk", "1", (LogMark.behind(block),), {"rows": b"12345"}))
    return path


def leave_snapshot(engine: Path, block: Block) -> Path:
    """Leave a snapshot behind a block."""
    mark = LogMark.behind(block)
    path = SnapshotFiles(engine / "snapshots" / "p0000").path_at(mark.next_offset)
    write_checkpoint(path, Checkpoint("kernel", "1", (mark,), {"rows": b"12345"}))
    return path


def first_fault(engine: Path) -> tuple[str, Fault]:
    report = verify_directory(engine)
    assert report.exit_code == EXIT_INTEGRITY
    assert report.first_fault is not None
    return report.first_fault


def test_checkpoints_of_this_log_are_fine_wherever_they_stopped(engine: Path) -> None:
    leave_snapshot(engine, append(engine))
    leave_checkpoint(engine, append(engine))
    append(engine)

    assert verify_directory(engine).ok


@pytest.mark.parametrize("leave", [leave_checkpoint, leave_snapshot])
def test_a_log_that_is_put_back_whole_is_given_away(engine: Path, leave: object) -> None:
    shutil.copytree(engine / "p0000", engine.parent / "older")
    assert callable(leave)
    path = leave(engine, append(engine))
    shutil.rmtree(engine / "p0000")
    (engine.parent / "older").rename(engine / "p0000")

    log, fault = first_fault(engine)

    assert (log, fault.kind) == ("p0000", FaultKind.ROLLED_BACK)
    assert str(path.relative_to(engine)) in fault.detail
    assert f"ends at {sum(SIZES) + sum(SIZES[:3])}" in fault.detail


def test_a_log_that_went_another_way_since_is_given_away(engine: Path) -> None:
    shutil.copytree(engine / "p0000", engine.parent / "older")
    leave_checkpoint(engine, append(engine))
    shutil.rmtree(engine / "p0000")
    (engine.parent / "older").rename(engine / "p0000")
    with open_log(engine / "p0000", identity_of(0)) as log:
        log.claim()
        log.claim()
        extend(log, [7], identity_of(0))

    log_name, fault = first_fault(engine)

    assert (log_name, fault.kind) == ("p0000", FaultKind.ROLLED_BACK)
    assert "has seen another block" in fault.detail


def test_a_damaged_checkpoint_is_named_and_the_logs_are_reported_sound(engine: Path) -> None:
    path = leave_checkpoint(engine, append(engine))
    path.write_bytes(path.read_bytes().replace(b"12345", b"12346"))

    report = verify_directory(engine)

    assert report.exit_code == EXIT_INTEGRITY
    assert all(log.fault is None for log in report.logs)
    assert report.fault is not None
    assert report.fault.kind == FaultKind.CHECKPOINT
    assert report.fault.detail.startswith("checkpoints/p0000-risk: the file is damaged")


def test_a_checkpoint_under_the_name_of_another_partition_is_noticed(engine: Path) -> None:
    leave_checkpoint(engine, append(engine), name="p0001-risk")

    _, fault = first_fault(engine)

    assert fault.kind == FaultKind.CHECKPOINT
    assert "checkpoints/p0001-risk" in fault.detail


def test_a_damaged_log_comes_before_a_damaged_checkpoint(engine: Path) -> None:
    leave_checkpoint(engine, append(engine), name="p0001-risk")
    shutil.rmtree(engine / "p0001" / "000001")

    log, fault = first_fault(engine)

    assert (log, fault.kind) == ("p0001", FaultKind.MISSING_SEGMENT)


@pytest.mark.parametrize("suffix", [".new", ".rejected"])
def test_drafts_and_rejected_snapshots_are_passed_over(engine: Path, suffix: str) -> None:
    path = leave_snapshot(engine, append(engine))
    path.with_name(path.name + suffix).write_bytes(b"half of it")

    assert verify_directory(engine).ok
