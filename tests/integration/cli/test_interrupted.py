"""Ctrl-C, to the whole group as a terminal does, and to the program alone: one sentence, and no child's."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.cli.conftest import PROGRAM
from tests.unit.actors.cli.conftest import made_engine

__all__ = ["made_engine"]

CHILD_WITHIN_S = 30.0

Send = Callable[[int, int], None]


@pytest.fixture(params=[os.killpg, os.kill], ids=["to the group", "to the program"])
def send(request: pytest.FixtureRequest) -> Send:
    """How the signal is sent to a program that leads a group."""
    function: Send = request.param
    return function


def started(*words: object, **environment: str) -> "subprocess.Popen[str]":
    """A verb in a group of its own."""
    return subprocess.Popen(
        [PROGRAM, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | environment,
    )


def child_of(program: "subprocess.Popen[str]", name: str) -> int:
    """The pid of the child whose command has a word that ends so; before it has one it is still a copy."""
    children = Path(f"/proc/{program.pid}/task/{program.pid}/children")
    deadline = time.monotonic() + CHILD_WITHIN_S
    while time.monotonic() < deadline:
        for pid in children.read_text().split():
            if any(word.endswith(name) for word in Path(f"/proc/{pid}/cmdline").read_text().split("\0")):
                return int(pid)
        time.sleep(0.001)
    raise AssertionError(f"it did not start {name}")


def test_verify_and_its_child_end_with_one_sentence(send: Send, made_engine: Path) -> None:
    with started("verify", made_engine) as program:
        child = child_of(program, "storage.verify_walk")
        # Held, it can't be done before the signal comes, and goes on when nobody listens any more.
        os.kill(child, signal.SIGSTOP)
        send(program.pid, signal.SIGINT)
        program.wait()
        os.kill(child, signal.SIGCONT)
        out, err = program.communicate()

    assert (program.returncode, out, err) == (130, "", "orderfold: interrupted\n")


@pytest.mark.cluster
@pytest.mark.parametrize(
    ("environment", "child"),
    [("", "/gcs_server"), ("NUMBA_CACHE_DIR", "actors.warm_up")],
    ids=["while Ray starts", "while the rules are compiled"],
)
def test_a_start_that_is_interrupted_says_that_nothing_is_left_and_leaves_nothing(
    environment: str, child: str, tmp_path: Path
) -> None:
    variables = {environment: str(tmp_path)} if environment else {}
    with started("start", tmp_path / "engine", **variables) as program:
        child_of(program, child)
        os.killpg(program.pid, signal.SIGINT)
        _, err = program.communicate()

    assert program.returncode == 130
    assert err.splitlines()[1:] == ["orderfold: interrupted; nothing is left running"]
    assert processes_of(program.pid) == []


def processes_of(session: int) -> list[str]:
    """The processes of a session that still run."""
    listed = subprocess.run(
        ["ps", "-o", "stat=,pid=,args=", "-s", str(session)], capture_output=True, text=True, check=False
    )
    return [line for line in listed.stdout.splitlines() if not line.startswith("Z")]
