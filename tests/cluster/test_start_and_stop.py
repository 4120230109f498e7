"""One engine a directory: a second start is refused, a wrong token too; stopping one leaves others alone."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from actors.bench.flow import Flow
from actors.bench.load import define
from actors.engine_record import token_path
from actors.local_transport import LocalTransport
from actors.ray_cluster import temporary_path
from engine.config import ClientConfig, Config
from engine.errors import Unavailable
from engine.reads.questions import ReadStatus, encode_question
from engine.vocabulary import AnswerCode
from tests.cluster.engine_process import ROOT, Desk, EngineProcess, at_desk, run_verb, wait_for
from tests.cluster.log_census import doubled, events_of, lost
from tests.cluster.sender import Sender

IMPATIENT = Config(client=ClientConfig(deadline_ms=2_000))
"""Of clients that see their engine end, and need not wait for it to come back."""


def actors_of(engine: EngineProcess) -> dict[str, int]:
    """The pid of each actor, as the command line tells it."""
    told = run_verb("status", engine.directory, "--json")
    assert told.returncode == 0, told.stdout + told.stderr
    return {actor["actor"]: actor["pid"] for actor in json.loads(told.stdout)["actors"]}


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_second_start_on_one_directory_is_refused(engine: EngineProcess) -> None:
    second = run_verb("start", engine.directory)

    assert second.returncode == 1
    assert f"is in use by another engine (pid {engine.host.pid}): stop it first" in second.stderr
    with pytest.raises(Unavailable, match=f"in use by another engine \\(pid {engine.host.pid}\\)"):
        LocalTransport(engine.directory, Config(), lambda: 1)
    assert engine.host.poll() is None


JOIN = """
import msgspec, sys
from pathlib import Path
from actors.engine_record import read_record, token_digest
from actors.ray_cluster import join_ray
from engine.config import ClientConfig, Config
from engine.errors import Unavailable
from engine.reads.questions import ReadStatus, encode_question
engine, mine, is_lying = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] == "lying"
record = read_record(engine)
if is_lying:
    record = msgspec.structs.replace(record, token_sha256=token_digest(mine))
try:
    join_ray(mine, record, Config())
    print("joined")
except Unavailable as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("token", "honesty", "said"),
    [
        ("right", "honest", "joined"),
        ("wrong", "honest", "wrong token"),
        ("wrong", "lying", "does not answer"),
    ],
)
def test_whoever_has_another_token_is_refused(
    engine: EngineProcess, tmp_path: Path, token: str, honesty: str, said: str
) -> None:
    """Ray refuses it too: a client that pretends, by the record, to have the right token gets no further."""
    shutil.copy(engine.directory / "ray-token", tmp_path / "ray-token")
    if token == "wrong":
        (tmp_path / "ray-token").write_text("f" * 64)

    done = subprocess.run(
        [sys.executable, "-c", JOIN, str(engine.directory), str(tmp_path), honesty],
        cwd=ROOT,
        # Ray asks twenty times, once a second; its answer stays the same.
        env={**os.environ, "RAY_NUM_REDIS_GET_RETRIES": "2"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert said in done.stdout, done.stdout + done.stderr


class AfterKill(NamedTuple):
    """What was seen of an engine whose host was killed, and the engine started again in its directory."""

    pids: dict[str, int]
    modes: dict[str, int]
    told: str
    refusal: str
    idle_cpu_s: float
    commands: np.ndarray
    answers: np.ndarray
    engine: EngineProcess
    flow: Flow


def modes_of(directory: Path) -> dict[str, int]:
    """Who may enter what an engine keeps outside and inside its directory."""
    paths = {"temporary": temporary_path(directory), "token": token_path(directory)}
    return {name: path.stat().st_mode & 0o777 for name, path in paths.items()}


def refusal_of(desk: Desk) -> str:
    """What a client is told that asks the engine once more."""
    with pytest.raises(Unavailable) as raised:
        desk.transport.ask(0, encode_question(ReadStatus()))
    return str(raised.value)


def idle_cpu_of_this_process_s() -> float:
    """What this process, which does nothing, uses in a second."""
    before_s = time.process_time()
    time.sleep(1.0)
    return time.process_time() - before_s


@pytest.fixture(scope="module")
def after_kill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AfterKill]:
    """A second engine, whose host is killed under load and then started again."""
    flow = Flow(seed=7, accounts=8, instruments=4)
    killed = EngineProcess(tmp_path_factory.mktemp("other") / "engine")
    killed.config = IMPATIENT
    with at_desk(killed, flow) as desk:
        define(desk.transport, flow)
        pids = {actor: int(desk.status(actor)["pid"]) for actor in desk.actors}
        modes = modes_of(killed.directory)
        sender = Sender(desk)
        wait_for("frames are acknowledged", lambda: len(sender.answers) >= 3)
        os.kill(killed.host.pid, signal.SIGKILL)
        killed.host.wait()
        commands, answers = sender.finish()
        wait_for("its actors are gone", lambda: not any(map(is_alive, pids.values())))
        refusal, idle_cpu_s = refusal_of(desk), idle_cpu_of_this_process_s()
    told = run_verb("status", killed.directory).stderr
    engine = EngineProcess(killed.directory)
    engine.config = IMPATIENT
    try:
        yield AfterKill(pids, modes, told, refusal, idle_cpu_s, commands, answers, engine, flow)
    finally:
        engine.end()


def test_a_killed_host_takes_its_actors_along_and_its_successor_has_every_order(
    after_kill: AfterKill,
) -> None:
    assert "was killed" in after_kill.told
    assert "orderfold start" in after_kill.told
    with at_desk(after_kill.engine, after_kill.flow) as desk:
        again = desk.deliver(after_kill.commands)
        assert (again["code"] == AnswerCode.DUPLICATE).all()
        assert again["offset"].tolist() == after_kill.answers["offset"].tolist()
        assert desk.status()["pid"] not in after_kill.pids.values()


def test_a_client_whose_engine_was_killed_learns_it_and_rests(after_kill: AfterKill) -> None:
    """Ray's own thread would look for news from an engine that is gone, a hundred thousand times a second."""
    assert "was killed: connect again once it runs" in after_kill.refusal
    assert after_kill.idle_cpu_s < 0.5


def test_nobody_else_may_enter_what_an_engine_keeps(after_kill: AfterKill) -> None:
    assert after_kill.modes == {"temporary": 0o700, "token": 0o600}


def test_stop_drains_one_engine_and_leaves_the_other_alone(
    engine: EngineProcess, after_kill: AfterKill
) -> None:
    stopping = after_kill.engine
    pids, pids_beside = actors_of(stopping), actors_of(engine)
    with at_desk(stopping, after_kill.flow) as desk:
        sender = Sender(desk)
        wait_for("frames are acknowledged", lambda: len(sender.answers) >= 3)

        stopped = run_verb("stop", stopping.directory, "--json")
        commands, answers = sender.finish()

    assert stopped.returncode == 0, stopped.stderr
    assert json.loads(stopped.stdout)["pid"] == stopping.host.pid
    assert stopping.host.wait(10) == 0
    assert sender.is_right
    wait_for("its actors are gone", lambda: not any(map(is_alive, pids.values())))
    assert actors_of(engine) == pids_beside
    events = events_of(stopping.directory)
    assert lost(events, commands, answers["offset"]) == 0
    assert doubled(events) == 0
    assert "no engine runs in" in run_verb("status", stopping.directory).stderr
