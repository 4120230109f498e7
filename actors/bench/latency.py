"""`bench latency`: one order at a time, from submit to its durable answer."""

import tempfile
import time
from pathlib import Path
from typing import Any

from actors.bench.flow import Flow
from actors.bench.load import define
from actors.bench.machine import machine_record
from actors.bench.percentiles import histogram_of, percentiles
from actors.bench.throughput import ACCOUNTS, INSTRUMENTS, Say
from actors.engine_host import EngineHost
from actors.ray_transport import RayTransport
from actors.warm_up import warm_up
from engine.config import Config
from engine.vocabulary import AnswerCode

WARM_ORDERS = 100


def bench_latency(
    parent: Path, config: Config, *, orders: int = 2_000, say: Say = lambda _: None
) -> dict[str, Any]:
    """Submit orders one at a time through Ray; the time of each, from the call to its answer."""
    machine = machine_record(parent)
    say("compiling the rules")
    warm_up()
    with tempfile.TemporaryDirectory(dir=parent, prefix="bench-") as folder:
        directory = Path(folder)
        say("starting the engine")
        host = EngineHost(directory, config)
        try:
            transport = RayTransport(directory, config, time.time_ns)
            flow = Flow(seed=1, accounts=ACCOUNTS, instruments=INSTRUMENTS)
            define(transport, flow)
            say("one order at a time")
            taken = _submit_each(transport, flow, orders)
        finally:
            host.stop()
    return {
        "orders": orders,
        "ack_ms": percentiles(
            histogram_of(taken), 1e6, {"p50": 50.0, "p99": 99.0, "p999": 99.9, "max": 100.0}
        ),
        "fdatasync_ms": machine["fdatasync_ms"],
        "batch_rows": 1,
        "partitions": config.engine.partitions,
        "machine": machine,
    }


def _submit_each(transport: RayTransport, flow: Flow, orders: int) -> list[int]:
    """Nanoseconds of each submit, the first ones left out."""
    rows, codes = flow.wave(orders + WARM_ORDERS)
    taken: list[int] = []
    for at in range(orders + WARM_ORDERS):
        begun = time.perf_counter_ns()
        answers, _ = transport.deliver(0, rows[at : at + 1])
        taken.append(time.perf_counter_ns() - begun)
        assert answers["code"][0] == codes[at] != AnswerCode.INVALID, "an order got another answer"
    return taken[WARM_ORDERS:]
