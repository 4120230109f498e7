"""A partition that is offered ten times what it can take says so, and keeps its memory."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from actors.bench.flow import Flow
from actors.bench.load import define
from actors.ray_transport import RayTransport
from engine.config import ClientConfig, Config
from engine.errors import OrderfoldError, Overloaded
from engine.rows.commands import COMMAND_BYTES
from engine.vocabulary import AnswerCode
from tests.cluster.engine_process import ROOT, Desk, EngineProcess, at_desk
from tests.cluster.flood import FRAME_ROWS

SECONDS = float(os.environ.get("ORDERFOLD_FLOOD_SECONDS", "8"))
"""How long it is flooded."""

TIMES = 10
MEMORY_MAX_MIB = 200
FLOOD_ROWS = 80_000
DRAINED_WITHIN_S = 30.0

CONFIG = """\
[partition]
queue_bytes_max = 16_777_216 # a quarter of the default, so that it is full at once
"""
IMPATIENT = Config(client=ClientConfig(deadline_ms=100))
"""Of a client that finds out within the flood that it waits in vain."""


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
    rows, capacity = measure_capacity(small_desk)
    np.save(tmp_path / "rows.npy", rows.view(np.uint8).reshape(-1, COMMAND_BYTES))
    pid = small_desk.status()["pid"]
    idle_mib = memory_mib(pid)

    flood = start_flood(small_desk, tmp_path / "rows.npy", TIMES * capacity)
    most_mib, said = watch(small_desk, flood, pid)
    outcome = json.loads(flood.communicate(timeout=60)[0])

    with capsys.disabled():
        print(f"\ncapacity {capacity:,.0f} rows/s; idle {idle_mib:.0f} MiB, most {most_mib:.0f}; {outcome}")
    assert outcome["offered_per_second"] > 0.8 * TIMES * capacity, "the flood was a trickle"
    assert outcome["frames"][AnswerCode.OVERLOADED.name] > 0
    assert outcome["retry_after_ms"] > 0
    assert most_mib - idle_mib < MEMORY_MAX_MIB
    refusals = [error for error in said if isinstance(error, Overloaded)]
    assert refusals, f"a client that waits in vain is told why, not {said}"
    assert all(error.retry_after_s > 0 and "no room" in str(error) for error in refusals)
    assert small_desk.status()["pid"] == pid


def measure_capacity(desk: Desk) -> tuple[np.ndarray, float]:
    """Command rows, executed once, and how many a second are answered when they are sent again."""
    rows, codes = desk.flow.wave(FLOOD_ROWS // 4)
    rows, codes = rows[:FLOOD_ROWS], codes[:FLOOD_ROWS]
    assert (desk.deliver(rows)["code"] == codes).all()
    began = time.perf_counter()
    assert (desk.deliver(rows)["code"] == AnswerCode.DUPLICATE).all()
    return rows, len(rows) / (time.perf_counter() - began)


def memory_mib(pid: int) -> float:
    """Resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def start_flood(desk: Desk, rows: Path, rate: float) -> "subprocess.Popen[str]":
    """A process that offers these rows again and again, so many a second."""
    arguments = [desk.engine.directory, rows, rate, SECONDS]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.cluster.flood", *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def watch(desk: Desk, flood: "subprocess.Popen[str]", pid: int) -> tuple[float, list[OrderfoldError]]:
    """The most memory the partition had during the flood, and what an impatient client was told meanwhile."""
    client = RayTransport(desk.engine.directory, IMPATIENT, time.time_ns)
    orders = desk.flow.wave(FRAME_ROWS)[0][:FRAME_ROWS]
    most_mib, said = 0.0, []
    while flood.poll() is None:
        most_mib = max(most_mib, memory_mib(pid))
        try:
            client.deliver(0, orders)
        except OrderfoldError as error:
            said.append(error)
    client.close()
    return most_mib, said
