"""A snapshotter and then its partition are killed: orders go on, and a snapshot brings the partition back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.bench.flow import Flow
from actors.bench.load import define
from actors.roles.snapshots import snapshot_path
from engine.vocabulary import AnswerCode
from storage.snapshots import SnapshotFiles
from tests.cluster.conftest import ACCOUNTS, INSTRUMENTS
from tests.cluster.engine_process import Desk, EngineProcess, at_desk, run_verb, wait_for

pytestmark = pytest.mark.faults

EVENTS = 200
"""Between two snapshots of this engine."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """An engine of its own, that writes snapshots often."""
    config = tmp_path / "often.toml"
    config.write_text(f"[snapshot]\nevents = {EVENTS}\nverify_every = 1\n")
    engine = EngineProcess(tmp_path / "engine", config)
    flow = Flow(seed=5, accounts=ACCOUNTS, instruments=INSTRUMENTS)
    try:
        with at_desk(engine, flow) as desk:
            define(desk.transport, flow)
            yield desk
    finally:
        engine.end()


def newest(desk: Desk) -> int:
    """Where the newest snapshot of the partition is."""
    return SnapshotFiles(snapshot_path(desk.engine.directory, 0)).newest()[0]


def proved(desk: Desk) -> int:
    """How many snapshots of the partition its snapshotter has proved."""
    return int(desk.status("snapshotter").get("snapshots", {}).get("p0000", {}).get("snapshots_proved", 0))


def test_a_partition_comes_back_from_a_snapshot(desk: Desk) -> None:
    rows, codes = desk.flow.wave(EVENTS)
    answers = desk.deliver(rows)
    assert (answers["code"] == codes).all()
    first = wait_for("there is a snapshot", lambda: newest(desk))

    pid = desk.kill("snapshotter")
    more, more_codes = desk.flow.wave(EVENTS)
    assert (desk.deliver(more)["code"] == more_codes).all(), "orders don't wait for it"
    desk.wait_for_successor(pid, "snapshotter")
    position = wait_for("its successor writes one too", lambda: newest(desk) > first and newest(desk))
    wait_for("it is proved", lambda: proved(desk))
    pid = desk.kill()
    status = desk.wait_for_successor(pid)

    assert status["recovered_from"] >= position
    assert status["recovered_events"] == status["next_offset"] - status["recovered_from"]
    assert status["recovery_told"] == []
    for sent, before in ((rows, answers), (more, None)):
        again = desk.deliver(sent)
        assert (again["code"] == AnswerCode.DUPLICATE).all()
        assert before is None or again["offset"].tolist() == before["offset"].tolist()
    shown = run_verb("status", desk.engine.directory)
    assert shown.returncode == 0
    assert "snapshot of p0000 at offset" in shown.stdout
