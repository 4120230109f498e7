"""A sound engine directory verifies, running or not, and says how much it holds."""

from pathlib import Path

import msgspec
import pytest

from storage.errors import LogNotFound
from storage.verifier import verify_directory
from storage.verify_report import Progress, VerifyReport
from tests.unit.storage.made_engine import SIZES, identity_of, make_engine
from tests.unit.storage.made_logs import extend, open_log


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    return make_engine(tmp_path / "engine")


def test_a_sound_directory_verifies_with_its_counts_and_exit_code_zero(engine: Path) -> None:
    seen: list[Progress] = []

    report = verify_directory(engine, progress=seen.append)

    assert report.ok
    assert report.exit_code == 0
    assert [log.log for log in report.logs] == ["p0000", "p0001", "reference"]
    assert report.events == 3 * (sum(SIZES) + sum(SIZES[:3]))
    assert report.blocks == 3 * (len(SIZES) + 1 + 3)
    assert [log.segments for log in report.logs] == [2, 2, 2]
    assert {progress.log for progress in seen} == {"p0000", "p0001", "reference"}
    assert msgspec.json.decode(msgspec.json.encode(report), type=VerifyReport) == report


def test_a_running_engine_can_be_verified(engine: Path) -> None:
    with open_log(engine / "p0000", identity_of(0)) as log:
        log.claim()
        extend(log, [3], identity_of(0))
        assert verify_directory(engine).ok
        extend(log, [3], identity_of(0))


def test_a_directory_without_a_manifest_is_no_engine(tmp_path: Path) -> None:
    with pytest.raises(LogNotFound):
        verify_directory(tmp_path)
