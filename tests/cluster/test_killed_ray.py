"""A process of Ray itself is killed: the engine ends, says what to do, and has every order the next time."""

import os
import signal
from pathlib import Path

import numpy as np
import pytest

from actors.bench.flow import Flow
from actors.bench.load import define
from engine.config import ClientConfig, Config
from engine.rows.layout import joined
from engine.vocabulary import AnswerCode
from storage.verifier import verify_directory
from tests.cluster.engine_process import EngineProcess, at_desk, run_verb, wait_for
from tests.cluster.log_census import doubled, events_of, lost
from tests.cluster.sender import Sender
from tests.cluster.test_start_and_stop import is_alive

IMPATIENT = Config(client=ClientConfig(deadline_ms=5_000))
"""Of clients that see their engine end, and need not wait for it to come back."""

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

ENDS_WITHIN_S = 60.0
"""An engine looks once a second whether its Ray is whole, and gives everything up in a few more."""


def child_of(host: int, name: str) -> int:
    """The pid of the child of an engine's host that runs the program `name`."""
    for pid in Path(f"/proc/{host}/task/{host}/children").read_text().split():
        program = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]
        if Path(program.decode()).name == name:
            return int(pid)
    raise AssertionError(f"the host has no child that runs {name}")


def killed_under_load(directory: Path, flow: Flow, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Start an engine, kill a process of its Ray while orders are sent; gives what was acknowledged.

    The host must end by itself and say why, and what to do; so must the command line, and a client.
    """
    engine = EngineProcess(directory)
    engine.config = IMPATIENT
    try:
        with at_desk(engine, flow) as desk:
            if desk.status()["next_offset"] == 0:
                define(desk.transport, flow)
            pids = [int(desk.status(actor)["pid"]) for actor in desk.actors]
            sender = Sender(desk)
            wait_for("frames are acknowledged", lambda: len(sender.answers) >= 3)
            os.kill(child_of(engine.host.pid, name), signal.SIGKILL)
            assert engine.host.wait(ENDS_WITHIN_S) == 1
            wait_for("its actors are gone", lambda: not any(map(is_alive, pids)))
            wait_for("the client learns it", lambda: sender.trouble)
            commands, answers = sender.finish()
    finally:
        engine.end()
    printed = engine.printed.read_text()
    assert f"a process of Ray ended by itself ({name}), and the engine with it" in printed
    assert f"orderfold start {directory} starts it again" in printed
    assert "connect again once it runs" in str(sender.trouble)
    assert (
        f"no engine runs in {directory}: orderfold start {directory}" in run_verb("status", directory).stderr
    )
    assert sender.is_right
    return commands, answers


def test_an_engine_whose_ray_is_killed_says_so_and_has_every_order_when_it_is_started_again(
    tmp_path: Path,
) -> None:
    directory, flow = tmp_path / "engine", Flow(seed=13, accounts=8, instruments=4)

    rounds = [killed_under_load(directory, flow, name) for name in ("raylet", "gcs_server")]

    commands, answers = joined([rows for rows, _ in rounds]), np.concatenate([one for _, one in rounds])
    engine = EngineProcess(directory)
    try:
        with at_desk(engine, flow) as desk:
            again = desk.deliver(commands)
    finally:
        engine.end()
    assert (again["code"] == AnswerCode.DUPLICATE).all()
    assert again["offset"].tolist() == answers["offset"].tolist()
    events = events_of(directory)
    assert (lost(events, commands, answers["offset"]), doubled(events)) == (0, 0)
    assert verify_directory(directory).ok
