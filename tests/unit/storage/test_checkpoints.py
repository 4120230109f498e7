"""A checkpoint is used only if it is whole, of this projection, and of this very log."""

from pathlib import Path

import numpy as np
import pytest

from storage.checkpoints import Checkpoint, Discarded, LogMark, read_checkpoint, write_checkpoint
from storage.log_reader import LogReader
from tests.unit.storage.made_logs import extend, made_identity, make_log, open_log

SECTIONS = {"positions": bytes(range(200)), "empty": b"", "orders": b"\x07" * 64}


def checkpoint_at(mark: LogMark) -> Checkpoint:
    return Checkpoint(projection="exposure", state_version="1", marks=(mark,), sections=SECTIONS)


def read_back(path: Path, log: Path, **changes: str) -> Checkpoint | Discarded:
    wanted = {"projection": "exposure", "state_version": "1", **changes}
    with LogReader.open(log) as reader:
        return read_checkpoint(path, **wanted, logs=[reader])


@pytest.fixture
def log(tmp_path: Path) -> Path:
    make_log(tmp_path / "p0000", [5, 6, 7])
    return tmp_path / "p0000"


@pytest.fixture
def mark(log: Path) -> LogMark:
    with LogReader.open(log) as reader:
        return LogMark.behind(reader.read_block(5))


def test_a_checkpoint_is_read_back_with_its_sections(tmp_path: Path, log: Path, mark: LogMark) -> None:
    write_checkpoint(tmp_path / "checkpoints" / "exposure", checkpoint_at(mark))

    found = read_back(tmp_path / "checkpoints" / "exposure", log)

    assert isinstance(found, Checkpoint)
    assert found.marks[0].next_offset == 11
    assert {name: bytes(section) for name, section in found.sections.items()} == SECTIONS
    assert np.frombuffer(found.sections["orders"], np.int64).flags.aligned


def test_a_newer_checkpoint_takes_the_place_of_the_older(tmp_path: Path, log: Path, mark: LogMark) -> None:
    start = LogMark.at_start(mark.log_uuid)
    for each in (mark, start):
        write_checkpoint(tmp_path / "exposure", checkpoint_at(each))

    found = read_back(tmp_path / "exposure", log)
    assert isinstance(found, Checkpoint)
    assert found.marks == (start,)


def test_a_checkpoint_still_belongs_after_a_rotation(tmp_path: Path, log: Path) -> None:
    with open_log(log) as writer:
        writer.claim()
        writer.rotate(append_ts_ns=writer.tip.append_ts_last_ns)
        mark = LogMark.behind(writer.read_block(17))
        extend(writer, [2])
    write_checkpoint(tmp_path / "exposure", checkpoint_at(mark))

    assert isinstance(read_back(tmp_path / "exposure", log), Checkpoint)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"projection": "pnl"}, "of projection exposure"),
        ({"state_version": "2"}, "version 1"),
    ],
)
def test_another_projection_or_version_is_discarded(
    tmp_path: Path, log: Path, mark: LogMark, changes: dict[str, str], reason: str
) -> None:
    write_checkpoint(tmp_path / "exposure", checkpoint_at(mark))

    found = read_back(tmp_path / "exposure", log, **changes)
    assert isinstance(found, Discarded)
    assert reason in found.reason


def test_a_missing_checkpoint_is_told(tmp_path: Path, log: Path) -> None:
    assert read_back(tmp_path / "exposure", log) == Discarded("there is none yet")


def test_a_checkpoint_of_another_log_is_discarded(tmp_path: Path, mark: LogMark) -> None:
    make_log(tmp_path / "p0001", [5, 6], made_identity(1))
    write_checkpoint(tmp_path / "exposure", checkpoint_at(mark))

    found = read_back(tmp_path / "exposure", tmp_path / "p0001")
    assert isinstance(found, Discarded)
    assert "other logs" in found.reason


def test_a_log_that_was_rolled_back_under_a_checkpoint_is_told(
    tmp_path: Path, log: Path, mark: LogMark
) -> None:
    write_checkpoint(tmp_path / "exposure", checkpoint_at(mark))
    make_log(tmp_path / "older" / "p0000", [5])
    make_log(tmp_path / "other" / "p0000", [5, 3, 3])

    shorter = read_back(tmp_path / "exposure", tmp_path / "older" / "p0000")
    assert isinstance(shorter, Discarded)
    assert "rolled back" in shorter.reason
    forked = read_back(tmp_path / "exposure", tmp_path / "other" / "p0000")
    assert isinstance(forked, Discarded)
    assert "another block" in forked.reason


def test_every_damage_to_the_file_is_seen(tmp_path: Path, log: Path, mark: LogMark) -> None:
    path = tmp_path / "exposure"
    write_checkpoint(path, checkpoint_at(mark))
    whole = path.read_bytes()
    damaged = [whole[:length] for length in range(0, len(whole), 37)]
    damaged += [
        whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :]
        for position in range(0, len(whole), 11)
    ]
    for data in damaged:
        path.write_bytes(data)
        assert isinstance(read_back(path, log), Discarded)
