"""An engine in a process of its own, started as an operator starts it, and what a test asks of it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from actors.bench.flow import Flow
from actors.config_file import load_config
from actors.engine_record import is_running, read_record
from actors.ray_actors import Roll, find_actors
from actors.ray_transport import RayTransport

ROOT = Path(__file__).resolve().parents[2]

READY_WITHIN_S = 150.0
"""Nine seconds on an idle machine; compiling the rules first takes half a minute more."""

SOON_S = 30.0
"""Within this a condition comes true, or never: a new actor needs four seconds here."""

POLL_S = 0.02

T = TypeVar("T")


def wait_for(what: str, look: Callable[[], T], within_s: float = SOON_S) -> T:
    """The first truthy thing that `look` gives; fails, naming `what`, if there is none in time."""
    deadline = time.monotonic() + within_s
    while not (found := look()):
        assert time.monotonic() < deadline, f"{what}: not within {within_s:g} s"
        time.sleep(POLL_S)
    return found


class EngineProcess:
    """The host of one engine, a child of this process."""

    def __init__(self, directory: Path, config: Path | None = None) -> None:
        self.directory = directory
        self.config = load_config(config)
        directory.mkdir(exist_ok=True)
        self.printed = directory.with_suffix(".printed")
        self.host = self._start(config)
        try:
            self._wait_until_ready()
        except BaseException:
            self.end()
            raise

    def _start(self, config: Path | None) -> "subprocess.Popen[str]":
        with self.printed.open("w") as output:
            return subprocess.Popen(
                [*command("start", self.directory), *(["--config", str(config)] if config else [])],
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
            )

    def _wait_until_ready(self) -> None:
        def is_ready() -> bool:
            assert self.host.poll() is None, self.printed.read_text()
            record = read_record(self.directory)
            return record is not None and record.pid == self.host.pid and is_running(self.directory)

        wait_for("the engine is ready", is_ready, READY_WITHIN_S)

    def end(self) -> None:
        """Ask it to drain and end, as an operator's Ctrl-C does."""
        if self.host.poll() is None:
            self.host.send_signal(signal.SIGINT)
        self.host.wait(60)


def command(verb: str, *arguments: object) -> list[str]:
    """The command line of a verb, run by this Python."""
    return [sys.executable, "-m", "actors.cli.main", verb, *map(str, arguments)]


def run_verb(verb: str, *arguments: object) -> "subprocess.CompletedProcess[str]":
    """Run a verb to its end."""
    return subprocess.run(
        command(verb, *arguments), cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )


class Desk:
    """This process, connected to a running engine: a transport, the actors, and orders to send."""

    def __init__(self, engine: EngineProcess, flow: Flow) -> None:
        self.engine = engine
        self.flow = flow
        self.transport = RayTransport(engine.directory, engine.config, time.time_ns)
        self.actors = find_actors(1)
        self._roll = Roll(self.actors)

    def status(self, actor: str = "p0000") -> dict[str, Any]:
        """What an actor says of itself; empty if it does not answer."""
        return self._roll.call(within_s=2.0)[actor] or {}

    def is_ready(self, actor: str = "p0000") -> bool:
        """Whether an actor serves."""
        return bool(self.status(actor).get("ready"))

    def kill(self, actor: str = "p0000") -> int:
        """End an actor's process without warning; gives the pid that it had."""
        pid = int(self.status(actor)["pid"])
        os.kill(pid, signal.SIGKILL)
        return pid

    def wait_for_successor(self, pid: int, actor: str = "p0000", within_s: float = SOON_S) -> dict[str, Any]:
        """The status of the process that serves instead of `pid`."""

        def successor() -> dict[str, Any]:
            status = self.status(actor)
            return status if status.get("ready") and status["pid"] != pid else {}

        return wait_for(f"{actor} is started again", successor, within_s)

    def deliver(self, rows: np.ndarray) -> np.ndarray:
        """Send command rows to the one partition; gives their ANSWER rows."""
        return self.transport.deliver(0, rows)[0]


@contextmanager
def at_desk(engine: EngineProcess, flow: Flow) -> Iterator[Desk]:
    """A desk, closed at the end: this process can then connect to another engine."""
    desk = Desk(engine, flow)
    try:
        yield desk
    finally:
        desk.transport.close()
