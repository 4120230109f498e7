"""`orderfold verify`: exit code and words for a sound directory, a damaged one, and none."""

import json
import shutil
from pathlib import Path

import pytest

from tests.unit.actors.cli.conftest import Run


@pytest.fixture
def damaged(made_engine: Path, tmp_path: Path) -> Path:
    """A copy of the made engine with one bit flipped in an event of its log, wherever pages hold it."""
    directory = tmp_path / "damaged"
    shutil.copytree(made_engine, directory)
    file = directory / "p0000" / "000001" / "data.mdb"
    file.write_bytes(file.read_bytes().replace(b"C000000000007", b"B000000000007"))
    return directory


def test_a_sound_directory_exits_with_zero_and_its_counts(run: Run, made_engine: Path) -> None:
    done = run("verify", made_engine, "--json")

    document = json.loads(done.out)
    assert done.code == 0
    assert document["ok"] is True
    assert document["events"] == sum(log["events"] for log in document["logs"]) > 0


def test_a_damaged_log_exits_with_three_and_names_the_block(run: Run, damaged: Path) -> None:
    done = run("verify", damaged)

    assert done.code == 3
    assert "✘ p0000, segment 1, block" in done.out
    assert "Keep the files" in done.out


def test_the_document_of_a_damaged_log_names_the_fault(run: Run, damaged: Path) -> None:
    done = run("verify", damaged, "--json")

    document = json.loads(done.out)
    assert done.code == 3
    assert document["ok"] is False
    assert [log["fault"]["kind"] for log in document["logs"] if log["fault"]] == ["crc"]


@pytest.mark.parametrize("verb", [("log", "show"), ("log", "tail"), ("log", "export", "-o", "/dev/null")])
def test_showing_a_damaged_log_is_an_integrity_error_too(
    run: Run, damaged: Path, verb: tuple[str, ...]
) -> None:
    done = run(*verb, damaged)

    assert done.code == 3
    assert done.err.startswith("orderfold: log p0000")
    assert done.err.count("\n") == 1


def test_a_directory_that_is_no_engine_is_a_failure(run: Run, tmp_path: Path) -> None:
    done = run("verify", tmp_path)

    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("orderfold: ")


def test_an_engine_that_has_lost_its_manifest_is_an_integrity_error(
    run: Run, made_engine: Path, tmp_path: Path
) -> None:
    lost = Path(shutil.copytree(made_engine, tmp_path / "lost"))
    (lost / "manifest.json").unlink()

    done = run("verify", lost)

    assert done.code == 3
    assert "manifest.json" in done.out
