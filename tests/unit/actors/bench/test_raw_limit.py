"""The probes behind the benchmark's figures measure what they say, on a disk, and leave nothing open."""

from pathlib import Path

import pytest

from actors.bench.raw_limit import flush_latency_ms, raw_limit_rows_per_second
from storage.file_system import VOLATILE, file_system_type
from storage.lmdb_environment import open_environment


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    """A directory on a disk, where a flush means something."""
    if file_system_type(tmp_path) in VOLATILE:
        pytest.skip(f"{tmp_path} lies in memory; set PYTEST_DEBUG_TEMPROOT to a directory on a disk")
    return tmp_path


def test_the_rows_it_counts_are_committed(disk: Path) -> None:
    seconds = 0.05

    per_second = raw_limit_rows_per_second(disk / "raw", rows_per_block=10, row_bytes=192, seconds=seconds)

    environment = open_environment(disk / "raw", writer=False)
    database = environment.database(b"raw")
    with environment.handle.begin() as txn:
        blocks = txn.stat(database)["entries"]
    environment.close()
    assert blocks > 0
    # The last block may end late, so the rate is at most what the time allows, never more.
    assert 0 < per_second <= blocks * 10 / seconds


def test_a_flush_takes_time_and_its_file_is_gone(disk: Path) -> None:
    assert flush_latency_ms(disk, times=3) > 0
    assert list(disk.iterdir()) == []
