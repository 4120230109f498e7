"""`bench throughput`: how many durable events a second, everything on, and what stands beside the figure."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from actors.bench.flow import INSTRUMENTS_PER_ACCOUNT, Flow
from actors.bench.load import define, prepare, run_closed_loop
from actors.bench.machine import machine_record, peak_memory_mib, resident_mib
from actors.bench.percentiles import histogram_of, percentiles
from actors.bench.polling import PollingReader
from actors.bench.raw_limit import raw_limit_rows_per_second
from actors.bench.stages import stage_budget_us
from actors.engine_host import EngineHost
from actors.ray_transport import RayTransport
from actors.warm_up import warm_up
from engine.config import Config
from engine.errors import Unavailable
from engine.rows.events import EVENT_BYTES

RAW_SECONDS = 3.0
STAGE_ORDERS = 40_000
CAUGHT_UP_WITHIN_S = 30.0
ACCOUNTS, INSTRUMENTS = 1_024, 500
MIX = "submit, new, 1/2 replace, trade, 3/4 trade to filled, 1/4 cancel; 2 % of submits refused"

Say = Callable[[str], None]


def bench_throughput(
    parent: Path,
    config: Config,
    *,
    orders: int = 400_000,
    strategies: int = 6,
    frame_rows: int = 4_000,
    say: Say = lambda _: None,
) -> dict[str, Any]:
    """Run a closed loop through Ray in a fresh engine below `parent`; one record with figures and conditions.

    An event is a row in a committed block whose answer is with the client. The clock stops at the last answer
    and the projector's publication of that position; every answer is checked. Rows are made before the clock
    starts; framing, checksums, sending, and checking are inside.
    """
    machine = machine_record(parent)
    say("compiling the rules")
    warm_up()
    with tempfile.TemporaryDirectory(dir=parent, prefix="bench-") as folder:
        directory = Path(folder)
        say("measuring the raw limit: SHA-256 and synced appends of equal rows, one process")
        raw = raw_limit_rows_per_second(
            directory / "raw", rows_per_block=frame_rows, row_bytes=EVENT_BYTES, seconds=RAW_SECONDS
        )
        say("measuring each stage by itself")
        stages = stage_budget_us(directory / "stages", config, orders=STAGE_ORDERS, frame_rows=frame_rows)
        measured = _measure(directory / "engine", config, orders, strategies, frame_rows, say)
    return {
        **measured,
        "raw_limit_events_per_second": round(raw),
        "raw_limit_ratio": round(measured["events_per_second"] / raw, 3),
        "stages_us": stages,
        "fdatasync_ms": machine["fdatasync_ms"],
        "batch_rows": frame_rows,
        "strategies": strategies,
        "accounts": ACCOUNTS,
        "instruments_per_account": INSTRUMENTS_PER_ACCOUNT,
        "partitions": config.engine.partitions,
        "mix": MIX,
        "machine": machine,
    }


def _measure(
    directory: Path, config: Config, orders: int, strategies: int, frame_rows: int, say: Say
) -> dict[str, Any]:
    """The engine under the closed loop, with readers polling beside it."""
    say("starting the engine")
    host = EngineHost(directory, config)
    try:
        transport = RayTransport(directory, config, time.time_ns)
        flow = Flow(seed=1, accounts=ACCOUNTS, instruments=INSTRUMENTS)
        define(transport, flow, is_money_limited=True)
        prepared = prepare(flow, strategies=strategies, orders=orders)
        with PollingReader(directory) as reader:
            say("under load")
            begun = time.perf_counter()
            result = run_closed_loop(transport, prepared, frame_rows)
            answered = time.perf_counter()
            _wait_for_projection(transport, result.tip)
            caught_up = time.perf_counter()
            reads = reader.stop()
        partition_pid = host.status()[0]["pid"]
        return {
            "events_per_second": round(result.events / (caught_up - begun)),
            "commands_per_second": round(result.commands / (caught_up - begun)),
            "events": result.events,
            "seconds": round(caught_up - begun, 3),
            "caught_up_ms": round((caught_up - answered) * 1000, 1),
            "rows_per_command": round(result.events / result.commands, 3),
            "ack_ms": percentiles(histogram_of(result.ack_ns), 1e6, {"p50": 50.0, "p99": 99.0, "p999": 99.9}),
            **reads,
            "peak_memory_mib": {
                "partition": round(resident_mib(partition_pid)),
                "client": round(peak_memory_mib()),
            },
        }
    finally:
        host.stop()


def _wait_for_projection(transport: RayTransport, tip: int) -> None:
    """Wait until the projector has published everything before `tip`."""
    deadline = time.monotonic() + CAUGHT_UP_WITHIN_S
    view = transport.view(0)
    assert view is not None, "this machine has no mapped view"
    while view.as_of[0] < tip - 1:
        if time.monotonic() > deadline:
            raise Unavailable(f"the projector did not reach offset {tip - 1} in {CAUGHT_UP_WITHIN_S:g} s")
        time.sleep(0.0005)
