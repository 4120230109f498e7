"""`orderfold bench`: what it measures with, and how the record is shown; the measuring itself is replaced."""

import json
from pathlib import Path
from typing import Any

import pytest

from actors.bench import latency, reads, recovery, throughput
from engine.config import Config
from storage.file_system import VOLATILE, file_system_type
from tests.unit.actors.cli.conftest import Run

RECORD = {
    "events_per_second": 345_678,
    "ack_ms": {"p50": 1.5, "p99": 9.25},
    "machine": {"processor": "one that counts", "file_system": "ext4"},
}

Call = tuple[Path, Config, dict[str, Any]]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Call]:
    """What each benchmark was called with; each gives the same record."""
    made: list[Call] = []

    def measure(parent: Path, config: Config, **options: Any) -> dict[str, Any]:
        assert parent.is_dir()
        options.pop("say")("measuring")
        made.append((parent, config, options))
        return RECORD

    monkeypatch.setattr(throughput, "bench_throughput", measure)
    monkeypatch.setattr(latency, "bench_latency", measure)
    monkeypatch.setattr(reads, "bench_reads", measure)
    monkeypatch.setattr(recovery, "bench_recovery", measure)
    return made


@pytest.mark.parametrize("verb", ["throughput", "latency", "reads", "recovery"])
def test_a_record_in_both_forms(run: Run, calls: list[Call], verb: str) -> None:
    human = run("bench", verb)
    document = run("bench", verb, "--json")

    assert (human.code, document.code) == (0, 0)
    assert "345,678" in human.out
    assert "p50 1.5   p99 9.25" in human.out
    assert "one that counts" in human.out
    assert json.loads(document.out) == RECORD
    assert document.err == "measuring\n"


def test_without_a_directory_it_measures_a_disk_and_leaves_nothing(run: Run, calls: list[Call]) -> None:
    run("bench", "throughput", "--orders", 1_000, "--strategies", 2, "--frame-rows", 500)

    parent, config, options = calls[0]
    assert options == {"orders": 1_000, "strategies": 2, "frame_rows": 500}
    assert config == Config()
    assert not parent.exists()
    assert file_system_type(parent.parent) not in VOLATILE


def test_a_directory_that_is_named_is_used_and_kept(run: Run, calls: list[Call], tmp_path: Path) -> None:
    run("bench", "latency", tmp_path / "place")

    assert calls[0][0] == tmp_path / "place"
    assert (tmp_path / "place").is_dir()


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="there is no memory file system at /dev/shm")
def test_memory_is_refused(run: Run) -> None:
    done = run("bench", "latency", "/dev/shm")

    assert (done.code, done.out) == (2, "")
    assert "/dev/shm lies on tmpfs, where nothing is durable: name a directory on a disk" in done.err
