"""A copy of an engine's logs: whole, verified, taken while they are written, or not there at all."""

import os
from pathlib import Path

import pytest

from storage import backup
from storage.backup import copy_engine
from storage.errors import CopyFailed, LogNotFound
from storage.log_directory import segment_numbers
from storage.verifier import verify_directory
from storage.verify_report import VerifyReport
from tests.unit.storage.made_engine import identity_of, make_engine
from tests.unit.storage.made_logs import extend, open_log


def ends(report: VerifyReport) -> dict[str, tuple[int, str]]:
    """How many events each log has, and its tree root."""
    assert report.ok, report.first_fault
    return {log.log: (log.events, log.tree_root) for log in report.logs}


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    return make_engine(tmp_path / "engine")


def test_a_copy_has_every_event_and_so_has_a_copy_of_it(engine: Path, tmp_path: Path) -> None:
    report = copy_engine(engine, tmp_path / "copy")
    again = copy_engine(tmp_path / "copy", tmp_path / "restored")

    assert ends(report) == ends(again) == ends(verify_directory(engine))
    assert ends(verify_directory(tmp_path / "restored")) == ends(report)


def test_a_copy_goes_on_where_it_ends(engine: Path, tmp_path: Path) -> None:
    copy_engine(engine, tmp_path / "copy")

    with open_log(tmp_path / "copy" / "p0000", identity_of(0)) as log:
        before = log.tip.next_offset
        log.claim()
        extend(log, [5, 6], identity_of(0))

    report = verify_directory(tmp_path / "copy")
    assert ends(report)["p0000"][0] == before + 11


def test_what_is_written_meanwhile_is_in_the_copy_or_behind_it(
    engine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied_segments = backup._copy_segment
    with open_log(engine / "p0000", identity_of(0)) as log:
        log.claim()
        before = log.tip.next_offset

        def copied_under_load(segment: Path, target: Path) -> int:
            """Blocks come before a segment is copied, and a new segment behind the first."""
            if segment.parent.name == "p0000":
                extend(log, [7, 8], identity_of(0))
                if segment.name == "000002":
                    log.rotate(append_ts_ns=log.tip.append_ts_last_ns)
            return copied_segments(segment, target)

        monkeypatch.setattr(backup, "_copy_segment", copied_under_load)
        report = copy_engine(engine, tmp_path / "copy")
        assert segment_numbers(tmp_path / "copy" / "p0000") == [1, 2, 3]
        assert ends(report)["p0000"][0] == before + 3 * 15 == log.tip.next_offset


def test_nothing_is_left_of_a_copy_that_is_not_sound(engine: Path, tmp_path: Path) -> None:
    file = engine / "p0001" / "000001" / "data.mdb"
    data = bytearray(file.read_bytes())
    for at in range(len(data) // 2, len(data) // 2 + 64):
        data[at] ^= 0xFF
    file.write_bytes(data)
    assert not verify_directory(engine).ok

    report = copy_engine(engine, tmp_path / "copy")

    assert not report.ok
    assert sorted(path.name for path in tmp_path.iterdir()) == ["engine"]


def test_a_copy_that_fails_leaves_nothing_and_says_where(
    engine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space left"):
        copy_engine(engine, tmp_path / "copy")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["engine"]


def test_a_segment_that_can_not_be_copied_is_named(tmp_path: Path) -> None:
    with pytest.raises(CopyFailed, match="000001 could not be copied to"):
        backup._copy_segment(
            make_engine(tmp_path / "engine") / "p0000" / "000001", _taken(tmp_path / "target")
        )


def _taken(target: Path) -> Path:
    """A directory in which a copy lies already: LMDB writes over nothing."""
    target.mkdir()
    (target / "data.mdb").write_bytes(b"somebody's")
    return target


def test_a_target_that_holds_something_stays_as_it_is(engine: Path, tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "mine").write_text("mine")

    with pytest.raises(OSError, match="not empty"):
        copy_engine(engine, tmp_path / "target")

    assert (tmp_path / "target" / "mine").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["engine", "target"]


def test_what_is_no_engine_is_not_copied(tmp_path: Path) -> None:
    with pytest.raises(LogNotFound):
        copy_engine(tmp_path, tmp_path / "copy")
