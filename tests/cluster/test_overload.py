"""A partition that is offered ten times what it can take says so, and keeps its memory."""

import json
import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from actors.bench.flow import Flow
from actors.bench.load import define
from actors.ray_runtime import ray
from engine.codec.frames import decode_answers
from engine.rows.commands import COMMAND_BYTES
from engine.vocabulary import AnswerCode
from tests.cluster.engine_process import POLL_S, ROOT, Desk, EngineProcess, at_desk
from tests.cluster.flood import ATTEMPT_S, FRAME_ROWS
from tests.cluster.frames import begin_call, frame_of

SECONDS = float(os.environ.get("ORDERFOLD_FLOOD_SECONDS", "8"))
"""How long it is flooded."""

TIMES = 10
RUNS_S, STOPS_S = 0.01, 0.09
MEMORY_MAX_MIB = 200
FLOOD_ROWS = 40_000

CONFIG = """\
[partition]
queue_bytes_max = 4_194_304 # less than a client may have under way, so that it is full at once
"""


@pytest.fixture(scope="module")
def small_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """An engine with a small queue."""
    folder = tmp_path_factory.mktemp("overload")
    (folder / "small.toml").write_text(CONFIG)
    flow = Flow(seed=5, accounts=64, instruments=16)
    engine = EngineProcess(folder / "engine", folder / "small.toml")
    try:
        with at_desk(engine, flow) as desk:
            define(desk.transport, flow)
            yield desk
    finally:
        engine.end()


def test_ten_times_the_capacity_is_refused_with_a_retry_time_and_memory_holds(
    small_desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pid = small_desk.status()["pid"]
    rows = executed_rows(small_desk)
    np.save(tmp_path / "rows.npy", rows.view(np.uint8).reshape(-1, COMMAND_BYTES))
    idle_mib = memory_mib(pid)

    with starved(pid):
        capacity = measure_capacity(small_desk, rows)
        flood = start_flood(small_desk, tmp_path / "rows.npy", TIMES * capacity)
        most_mib, retries_ms = watch(flood, small_desk, rows[:FRAME_ROWS])
        outcome = json.loads(flood.communicate(timeout=60)[0])

    with capsys.disabled():
        print(f"\ncapacity {capacity:,.0f} rows/s; idle {idle_mib:.0f} MiB, most {most_mib:.0f}")
        print(f"{outcome}; {len(retries_ms)} patient frames refused")
    assert outcome["offered"] > TIMES * capacity, "the flood was a trickle"
    assert retries_ms, "nobody was refused"
    assert min(retries_ms) > 0
    assert most_mib - idle_mib < MEMORY_MAX_MIB
    assert small_desk.status()["pid"] == pid
    assert (small_desk.deliver(rows)["code"] == AnswerCode.DUPLICATE).all(), "afterwards it serves as before"


def executed_rows(desk: Desk) -> np.ndarray:
    """Command rows that are executed already: sent again they cost work and no memory."""
    rows, codes = desk.flow.wave(FLOOD_ROWS // 4)
    rows, codes = rows[:FLOOD_ROWS], codes[:FLOOD_ROWS]
    assert (desk.deliver(rows)["code"] == codes).all()
    return rows


def measure_capacity(desk: Desk, rows: np.ndarray) -> float:
    """How many rows a second the partition answers."""
    began = time.perf_counter()
    assert (desk.deliver(rows)["code"] == AnswerCode.DUPLICATE).all()
    return len(rows) / (time.perf_counter() - began)


@contextmanager
def starved(pid: int) -> Iterator[None]:
    """Let a process run a tenth of the time: two cores can't send ten times what one of them takes."""
    over = threading.Event()

    def starve() -> None:
        while not over.wait(RUNS_S):
            os.kill(pid, signal.SIGSTOP)
            over.wait(STOPS_S)
            os.kill(pid, signal.SIGCONT)

    thread = threading.Thread(target=starve)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def memory_mib(pid: int) -> float:
    """Resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def start_flood(desk: Desk, rows: Path, rate: float) -> "subprocess.Popen[str]":
    """A process that offers these rows again and again: so many a second, half as many more to be sure."""
    threads = math.ceil(1.5 * rate * ATTEMPT_S / FRAME_ROWS)
    arguments = [desk.engine.directory, rows, threads, SECONDS]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.cluster.flood", *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def watch(flood: "subprocess.Popen[str]", desk: Desk, rows: np.ndarray) -> tuple[float, list[int]]:
    """The most memory that the partition had during the flood, and what it told those whom it refused.

    A patient caller sends a frame again and again beside the flood: his calls have no deadline.
    """
    pid = desk.status()["pid"]
    frame = frame_of(rows)
    most_mib, retries_ms = memory_mib(pid), []
    under_way = begin_call(desk, frame)
    while flood.poll() is None:
        most_mib = max(most_mib, memory_mib(pid))
        if ray.wait([under_way], timeout=POLL_S)[0]:
            header = decode_answers(ray.get(under_way)).header
            if header["code"] == AnswerCode.OVERLOADED:
                retries_ms.append(int(header["retry_after_ms"]))
            under_way = begin_call(desk, frame)
    ray.get(under_way, timeout=30)
    return most_mib, retries_ms
