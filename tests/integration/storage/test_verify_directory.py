"""A sound engine directory verifies, running or not, and says how much it holds."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from storage.errors import LogNotFound, VerifyFailed
from storage.faults import FaultKind
from storage.manifest import MANIFEST_FILE
from storage.verifier import verify_directory
from storage.verify_report import EXIT_INTEGRITY, Progress, VerifyReport
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


def test_a_lost_manifest_is_a_fault_of_the_directory(engine: Path) -> None:
    (engine / MANIFEST_FILE).unlink()

    report = verify_directory(engine)

    assert report.exit_code == EXIT_INTEGRITY
    assert report.fault is not None
    assert report.fault.kind == FaultKind.MANIFEST


def test_modules_in_the_current_directory_do_not_stand_in_for_ours(
    engine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("storage", "msgspec"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('not the module that was meant')")
    monkeypatch.chdir(tmp_path)

    assert verify_directory(engine).ok


Stand = Callable[[str], None]


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stand:
    """Have a shell script run in place of the interpreter of the child."""

    def put(script: str) -> None:
        path = tmp_path / "interpreter"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o700)
        monkeypatch.setattr(sys, "executable", str(path))

    return put


def test_words_of_another_program_among_the_childs_are_passed_over(engine: Path, stand_in: Stand) -> None:
    stand_in(f"""echo 'hello'; printf '\\377{{\\n'; exec {sys.executable} "$@" """)

    assert verify_directory(engine).ok


BEGUN = msgspec.json.encode(Progress("p0000", 1, 0, 0, 0, 0)).decode()


@pytest.mark.parametrize(
    "end", ["exit 1", f"echo '{BEGUN}'; kill -KILL $$"], ids=["never began", "was killed"]
)
def test_a_child_that_something_else_ended_says_nothing_about_the_log(
    engine: Path, stand_in: Stand, end: str
) -> None:
    stand_in(end)

    with pytest.raises(VerifyFailed, match="p0000"):
        verify_directory(engine)


def test_a_child_that_reading_killed_is_a_damaged_log(engine: Path, stand_in: Stand) -> None:
    stand_in(f"echo '{BEGUN}'; kill -SEGV $$")

    assert verify_directory(engine).exit_code == EXIT_INTEGRITY


WITHOUT_PRIVILEGE = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


@pytest.mark.skipif(
    os.geteuid() == 0 and shutil.which(WITHOUT_PRIVILEGE[0]) is None,
    reason="root may write everything, and no setpriv is here to take that away",
)
@pytest.mark.parametrize(("file_mode", "cause"), [(0o400, "lock.mdb"), (0o000, "data.mdb")])
def test_a_log_that_this_user_may_not_open_is_not_called_damaged(
    engine: Path, file_mode: int, cause: str
) -> None:
    for file in (engine / "p0000").rglob("*.mdb"):
        file.chmod(file_mode)
    script = "import sys; from storage.verifier import verify_directory; verify_directory(sys.argv[1])"

    done = subprocess.run(
        [*(WITHOUT_PRIVILEGE if os.geteuid() == 0 else []), sys.executable, "-c", script, str(engine)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(folder for folder in sys.path if folder)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("storage.errors.VerifyFailed: log p0000")
    assert cause in done.stderr.splitlines()[-1]
