"""`orderfold doctor`: each fault it knows is found when it is there, and only then, and names its fix."""

import json
import os
import time
from pathlib import Path

import pytest

from actors.cli import doctor_checks
from actors.cli.doctor_checks import Finding, Level, examine
from engine.config import Config, LogConfig, RayConfig
from storage.file_system import VOLATILE, file_system_type
from tests.unit.actors.cli.conftest import NOON_NS, Run

HUGE_MIB = 1_048_576


def found(directory: Path, check: str, config: Config | None = None) -> Finding:
    """What one check says about a directory."""
    return next(finding for finding in examine(directory, config or Config()) if finding.check == check)


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    """A directory for one owner on a file system that keeps what it is given."""
    if file_system_type(tmp_path) in VOLATILE:
        pytest.skip(f"{tmp_path} is in memory: run with --basetemp on a disk")
    tmp_path.chmod(0o700)
    return tmp_path


def test_a_sound_machine_has_no_fault_and_nothing_to_fix(disk: Path) -> None:
    findings = examine(disk, Config(log=LogConfig(free_space_min_mib=16)))

    assert [finding for finding in findings if finding.level == Level.FAULT] == []
    assert all(bool(finding.fix) == (finding.level != Level.FINE) for finding in findings)


def test_memory_is_no_place_for_a_log() -> None:
    memory = Path("/dev/shm")
    if file_system_type(memory) not in VOLATILE:
        pytest.skip("/dev/shm is no memory file system here")

    assert found(memory / "engine", "file system").level == Level.FAULT
    assert found(memory / "engine", "flush").level == Level.FAULT


@pytest.mark.parametrize(
    ("median_ms", "level"),
    [(0.001, Level.FAULT), (0.02, Level.FINE), (5.0, Level.FINE), (40.0, Level.WARNING)],
)
def test_a_flush_is_judged_by_its_median(
    monkeypatch: pytest.MonkeyPatch, disk: Path, median_ms: float, level: Level
) -> None:
    monkeypatch.setattr(doctor_checks, "flush_latency_ms", lambda _, times: median_ms if times == 100 else -1)

    assert found(disk, "flush").level == level


def test_too_little_space_is_a_fault(disk: Path) -> None:
    assert found(disk, "free space", Config(log=LogConfig(free_space_min_mib=HUGE_MIB))).level == Level.FAULT


def test_too_little_shared_memory_is_a_fault(disk: Path) -> None:
    config = Config(ray=RayConfig(object_store_mib=HUGE_MIB))

    assert found(disk, "shared memory", config).level == Level.FAULT


@pytest.mark.parametrize(("mode", "level"), [(0o600, Level.FINE), (0o640, Level.FAULT), (0o604, Level.FAULT)])
def test_a_token_that_others_can_read_is_a_fault(disk: Path, mode: int, level: Level) -> None:
    token = disk / "ray-token"
    token.touch()
    token.chmod(mode)

    assert found(disk, "token").level == level


def test_a_directory_that_others_may_enter_is_warned_of(disk: Path) -> None:
    disk.chmod(0o755)

    finding = found(disk, "directory")

    assert finding.level == Level.WARNING
    assert finding.fix == f"chmod 700 {disk}"


def test_a_file_is_no_directory(disk: Path) -> None:
    file = disk / "file"
    file.touch()

    assert found(file, "directory")[1:] == (Level.FAULT, f"{file} is a file", "name a directory")
    assert found(file / "engine", "directory").level == Level.FAULT


@pytest.mark.parametrize("below", ["", "new/engine"])
def test_a_place_that_nobody_may_write_to_is_a_fault(
    monkeypatch: pytest.MonkeyPatch, disk: Path, below: str
) -> None:
    monkeypatch.setattr(os, "access", lambda place, _: place != disk)

    finding = found(disk / below, "directory")

    assert finding.level == Level.FAULT
    assert finding.seen == f"{disk} is not writable"


def test_lmdb_in_a_place_that_nobody_may_write_to_needs_no_new_lmdb(
    monkeypatch: pytest.MonkeyPatch, disk: Path
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor_checks, "open_environment", refuse)

    assert found(disk, "lmdb").fix == "make DIR writable, then ask again"


def test_a_clock_behind_the_log_is_a_fault(monkeypatch: pytest.MonkeyPatch, made_engine: Path) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: NOON_NS - 5 * 10**9)

    finding = found(made_engine, "clock")

    assert finding.level == Level.FAULT
    assert finding.seen == "5.0 s behind the last event"


def test_a_clock_ahead_of_the_log_is_fine(monkeypatch: pytest.MonkeyPatch, made_engine: Path) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: NOON_NS + 10**9)

    assert found(made_engine, "clock").level == Level.FINE


def test_rules_that_are_not_compiled_are_warned_of(monkeypatch: pytest.MonkeyPatch, disk: Path) -> None:
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")

    assert found(disk, "python").level == Level.WARNING


def test_lmdb_without_its_flags_is_a_fault(monkeypatch: pytest.MonkeyPatch, disk: Path) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("LMDB runs with sync off, which is not durable")

    monkeypatch.setattr(doctor_checks, "open_environment", refuse)

    assert found(disk, "lmdb").level == Level.FAULT


def test_a_fault_exits_with_one_and_is_in_the_document(run: Run, disk: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f"[log]\nfree_space_min_mib = {HUGE_MIB}\n")

    done = run("doctor", disk, "--config", config, "--json")

    document = json.loads(done.out)
    assert done.code == 1
    assert document["ok"] is False
    assert [finding["check"] for finding in document["findings"] if finding["level"] == "fault"] == [
        "free space"
    ]


def test_it_leaves_nothing_behind(disk: Path) -> None:
    before = sorted(disk.iterdir())

    examine(disk, Config())

    assert sorted(disk.iterdir()) == before
