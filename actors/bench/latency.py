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
from actors.local_transport import LocalTransport
from actors.ray_transport import RayTransport
from actors.warm_up import warm_up
from engine.client.transport import Transport
from engine.config import Config
from engine.vocabulary import AnswerCode

WARM_ORDERS = 100

SHOWN = {"p50": 50.0, "p99": 99.0, "p999": 99.9, "max": 100.0}


def bench_latency(
    parent: Path, config: Config, *, orders: int = 2_000, say: Say = lambda _: None
) -> dict[str, Any]:
    """Submit orders one at a time, from the call to the durable answer: through Ray, and in this process."""
    machine = machine_record(parent)
    say("compiling the rules")
    warm_up()
    with tempfile.TemporaryDirectory(dir=parent, prefix="bench-") as folder:
        through_ray = _through_ray(Path(folder) / "ray", config, orders, say)
        in_process = _in_process(Path(folder) / "local", config, orders, say)
    return {
        "orders": orders,
        "ack_ms": percentiles(histogram_of(through_ray), 1e6, SHOWN),
        "in_process_ack_ms": percentiles(histogram_of(in_process), 1e6, SHOWN),
        "fdatasync_ms": machine["fdatasync_ms"],
        "batch_rows": 1,
        "partitions": config.engine.partitions,
        "machine": machine,
    }


def _through_ray(directory: Path, config: Config, orders: int, say: Say) -> list[int]:
    """Nanoseconds of each order to an engine of actors."""
    say("starting the engine")
    host = EngineHost(directory, config)
    try:
        transport = RayTransport(directory, config, time.time_ns)
        say("one order at a time, through Ray")
        return _submit_each(transport, orders)
    finally:
        host.stop()


def _in_process(directory: Path, config: Config, orders: int, say: Say) -> list[int]:
    """Nanoseconds of each order to an engine in this process, as durable; its projection is in them."""
    transport = LocalTransport(directory, config, time.time_ns)
    try:
        say("one order at a time, in this process")
        return _submit_each(transport, orders)
    finally:
        transport.close()


def _submit_each(transport: Transport, orders: int) -> list[int]:
    """Nanoseconds of each submit, the first ones left out."""
    flow = Flow(seed=1, accounts=ACCOUNTS, instruments=INSTRUMENTS)
    define(transport, flow)
    rows, codes = flow.wave(orders + WARM_ORDERS)
    taken: list[int] = []
    for at in range(orders + WARM_ORDERS):
        begun = time.perf_counter_ns()
        answers, _ = transport.deliver(0, rows[at : at + 1])
        taken.append(time.perf_counter_ns() - begun)
        assert answers["code"][0] == codes[at] != AnswerCode.INVALID, "an order got another answer"
    return taken[WARM_ORDERS:]
