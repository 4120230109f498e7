"""One running engine for all verbs, because a start takes seconds; the README's example is played in it."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.cli.connecting import connect
from engine import Client
from engine.rows.commands import command_rows
from engine.vocabulary import AnswerCode
from storage.dead_letters import DeadLetters
from storage.errors import LogNotFound
from tests.architecture.house_rules import ROOT
from tests.unit.actors.cli.conftest import Run, run

__all__ = ["Run", "run"]

PROGRAM = Path(sys.executable).with_name("orderfold")
EXAMPLE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
KEPT_WITHIN_S = 10.0


@pytest.fixture(scope="package")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The directory of a running engine, in which the README's example was played."""
    home = tmp_path_factory.mktemp("cli")
    directory = home / "engine"
    started = json.loads(subprocess.check_output([PROGRAM, "start", directory, "--detach", "--json"]))
    try:
        play_the_example(home)
        leave_a_dead_letter(directory)
        yield directory
    finally:
        end(started["pid"])


def play_the_example(home: Path) -> None:
    """Run the Python of the README as a newcomer does, whose home is here."""
    example = EXAMPLE.search((ROOT / "README.md").read_text())
    assert example is not None, "the README shows an example in Python"
    subprocess.run(
        [sys.executable, "-c", example[1]], env={**os.environ, "HOME": str(home)}, cwd=ROOT, check=True
    )


def leave_a_dead_letter(directory: Path) -> None:
    """Send a command of no known kind, and wait until it is kept."""
    with connect(Client, str(directory)) as client:
        answers, _ = client.connection.transport.deliver(0, command_rows(1))
    assert answers["code"].tolist() == [AnswerCode.INVALID]
    deadline = time.monotonic() + KEPT_WITHIN_S
    while not dead_letters(directory):
        assert time.monotonic() < deadline, "the dead letter was not kept"
        time.sleep(0.05)


def dead_letters(directory: Path) -> int:
    """How many are kept."""
    try:
        with DeadLetters.open(directory / "dead-letters", writer=False) as letters:
            return letters.kept
    except LogNotFound:
        return 0


def end(pid: int) -> None:
    """End the engine's host, unless a test has stopped it already."""
    try:
        os.kill(pid, 15)
    except ProcessLookupError:
        return
    while Path(f"/proc/{pid}").exists():
        time.sleep(0.05)
