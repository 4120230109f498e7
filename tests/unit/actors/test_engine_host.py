"""A host whose Ray has lost a process says so, tidies up, and ends the engine."""

from pathlib import Path

import pytest

from actors import engine_host
from actors.engine_host import EngineHost
from actors.engine_record import EngineRecord, hold, is_running, read_record, write_record
from engine.errors import Unavailable


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[str]) -> EngineHost:
    """A host as it stands once its engine runs; its Ray is replaced."""
    monkeypatch.setattr(engine_host, "end_ray", lambda: None)
    host = EngineHost.__new__(EngineHost)
    host.directory, host._say, host._watch = tmp_path / "engine", said.append, None
    host._lock = hold(host.directory)
    host._views = [tmp_path / "view"]
    host._views[0].touch()
    write_record(host.directory, EngineRecord(1, "127.0.0.1:1", 1, "0" * 64))
    return host


def test_an_engine_ends_with_a_process_of_its_ray(
    host: EngineHost, monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    monkeypatch.setattr(engine_host, "dead_processes", lambda: ["raylet"])

    with pytest.raises(Unavailable, match=r"ended by itself \(raylet\)"):
        host._require_ray()

    assert "orderfold start" in said[0]
    assert not host._views[0].exists()
    assert read_record(host.directory) is None
    assert not is_running(host.directory)


def test_an_engine_stays_while_its_ray_is_whole(
    host: EngineHost, monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    monkeypatch.setattr(engine_host, "dead_processes", list)

    host._require_ray()

    assert (said, is_running(host.directory)) == ([], True)


def test_a_start_says_which_snapshots_and_checkpoints_did_not_fit_the_log(
    host: EngineHost, monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    statuses = [
        {"actor": "p0000", "ready": True, "recovery_told": ["snapshot 7 is set aside: it was rolled back"]},
        {"actor": "projector-p0000", "ready": True, "checkpoint_told": ["checkpoint p0000-risk is not used"]},
        {"actor": "snapshotter-p0000", "ready": True, "snapshots_told": []},
    ]
    monkeypatch.setattr(host, "status", lambda: statuses)

    host._say_what_was_passed_over()

    assert said == [
        "p0000: snapshot 7 is set aside: it was rolled back",
        "projector-p0000: checkpoint p0000-risk is not used",
    ]
