"""`orderfold backup` and `orderfold restore`: what they print and refuse, and an engine that goes on."""

import json
import shutil
from pathlib import Path

import pytest

from actors.local_transport import LocalTransport
from tests.unit.actors.cli.conftest import NOON_NS, SMALL, Run


def state_digest(directory: Path) -> str:
    """The state of the engine's partition."""
    transport = LocalTransport(directory, SMALL, lambda: NOON_NS)
    try:
        return transport.partitions[0].kernel.digest()
    finally:
        transport.close()


@pytest.mark.parametrize("form", [(), ("--json",)], ids=["human", "json"])
def test_an_engine_that_is_restored_has_the_state_that_was_backed_up(
    run: Run, made_engine: Path, tmp_path: Path, form: tuple[str, ...]
) -> None:
    engine = tmp_path / "engine"
    shutil.copytree(made_engine, engine)

    saved = run("backup", engine, tmp_path / "backup", *form)
    restored = run("restore", tmp_path / "backup", tmp_path / "again", *form)

    assert (saved.code, restored.code) == (0, 0), saved.err + restored.err
    if form:
        documents = [json.loads(done.out) for done in (saved, restored)]
        assert [one["ok"] for one in documents] == [True, True]
        assert documents[0]["events"] == documents[1]["events"] > 0
        assert documents[0]["path"] == str(tmp_path / "backup")
    else:
        assert f"✔ the backup {tmp_path / 'backup'} is what was written" in saved.out
        assert f"✔ the restored engine {tmp_path / 'again'} is what was written" in restored.out
    assert state_digest(tmp_path / "again") == state_digest(engine)


def test_a_running_engine_is_backed_up(run: Run, made_engine: Path, tmp_path: Path) -> None:
    engine = tmp_path / "engine"
    shutil.copytree(made_engine, engine)
    transport = LocalTransport(engine, SMALL, lambda: NOON_NS)
    try:
        done = run("backup", engine, tmp_path / "backup", "--json")
    finally:
        transport.close()

    assert json.loads(done.out)["ok"]
    assert state_digest(tmp_path / "backup") == state_digest(engine)


@pytest.mark.parametrize("verb", ["backup", "restore"])
def test_what_lies_there_stays(run: Run, made_engine: Path, tmp_path: Path, verb: str) -> None:
    (tmp_path / "mine").write_text("mine")

    done = run(verb, made_engine, tmp_path)

    assert done.code == 1
    assert "holds something already: name a new directory" in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_log_that_is_not_sound_is_not_backed_up(run: Run, made_engine: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged"
    shutil.copytree(made_engine, damaged)
    file = damaged / "p0000" / "000001" / "data.mdb"
    file.write_bytes(file.read_bytes().replace(b"C000000000007", b"B000000000007"))

    done = run("backup", damaged, tmp_path / "backup")

    assert done.code == 3
    assert "✘ p0000, segment 1, block" in done.out
    assert not (tmp_path / "backup").exists()
