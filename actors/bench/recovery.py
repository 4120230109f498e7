"""`bench recovery`: how long a partition takes to have its state again, with a snapshot and without one."""

import shutil
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from actors.bench.flow import Flow
from actors.bench.load import define
from actors.bench.machine import machine_record
from actors.bench.throughput import ACCOUNTS, INSTRUMENTS, Say
from actors.local_transport import LocalTransport
from actors.roles.engine_files import open_manifest
from actors.roles.memory import reserve
from actors.roles.partition import Partition
from actors.roles.snapshots import Snapshots, snapshot_path
from actors.warm_up import warm_up
from engine.config import Config

WAVE_ORDERS = 100_000
"""Orders that are made at once: some 100 MiB of commands."""

EVENTS_OF_OPEN = 2
"""Of an order that stays open: submitted, accepted."""

EVENTS_OF_LIFE = 6
"""Of an order that is done, at most: what is missing is come closer to, wave by wave."""

ROOM = 1.1
"""Tables have a tenth more rows than are used: full ones would refuse."""


class Sizes(NamedTuple):
    """How long the log is, how many orders are open at its end, how many events lie behind the snapshot."""

    events: int
    open_orders: int
    behind: int


def bench_recovery(
    parent: Path,
    config: Config,
    *,
    events: int = 1_000_000,
    open_orders: int = 100_000,
    say: Say = lambda _: None,
) -> dict[str, Any]:
    """Write a log of so many events, then open its partition with the newest snapshot and without any.

    The snapshot lies as far back as it ever does while the snapshotter keeps up: `[snapshot] events`.
    """
    machine = machine_record(parent)
    say("compiling the rules")
    warm_up()
    sizes = Sizes(
        events, min(open_orders, events // EVENTS_OF_OPEN), min(config.snapshot.events, events // 2)
    )
    roomy = _roomy(config, sizes)
    with tempfile.TemporaryDirectory(dir=parent, prefix="bench-") as folder:
        directory = Path(folder) / "engine"
        snapshot_s = _write_log(directory, roomy, sizes, say)
        say("opening the partition with its snapshot")
        loaded = _opened(directory, roomy)
        snapshot_mib = _snapshot_mib(directory)
        shutil.rmtree(snapshot_path(directory, 0))
        say("opening it without")
        folded = _opened(directory, roomy)
    assert loaded["state_digest"] == folded["state_digest"], "a snapshot changed the state"
    return {
        "events": folded["events"],
        "open_orders": folded["open_orders"],
        "with_snapshot_s": loaded["seconds"],
        "events_behind_snapshot": loaded["events"],
        "without_snapshot_s": folded["seconds"],
        "folded_events_per_second": round(folded["events"] / folded["seconds"]),
        "snapshot_mib": snapshot_mib,
        "snapshot_write_s": snapshot_s,
        "partitions": 1,
        "machine": machine,
    }


def _roomy(config: Config, sizes: Sizes) -> Config:
    """The configuration with room for all orders of the log; segments are long enough for it."""
    rows = int(sizes.events * ROOM)
    engine = msgspec.structs.replace(config.engine, partitions=1, orders_max=rows // 2, executions_max=rows)
    return msgspec.structs.replace(config, engine=engine)


def _write_log(directory: Path, config: Config, sizes: Sizes, say: Say) -> float:
    """Write the log, and the snapshot on its way; gives the seconds that the snapshot took."""
    transport = LocalTransport(directory, config, time.time_ns)
    try:
        partition = transport.partitions[0]
        reserve(partition.kernel.tables)
        flow = Flow(seed=11, accounts=ACCOUNTS, instruments=INSTRUMENTS)
        define(transport, flow, is_money_limited=True)
        say("writing the log")
        _send_open(transport, flow, sizes.open_orders)
        _send_lives(transport, flow, sizes.events - sizes.behind)
        begun = time.perf_counter()
        Snapshots(snapshot_path(directory, 0), partition.log).write(partition.kernel.tables)
        snapshot_s = round(time.perf_counter() - begun, 3)
        _send_lives(transport, flow, sizes.events)
        return snapshot_s
    finally:
        transport.close()


def _send_open(transport: LocalTransport, flow: Flow, orders: int) -> None:
    """Orders that the venue accepts and that then rest."""
    for start in range(0, orders, WAVE_ORDERS):
        transport.deliver(0, flow.resting(min(WAVE_ORDERS, orders - start)))


def _send_lives(transport: LocalTransport, flow: Flow, until: int) -> None:
    """Whole lives of orders up to this offset of the log."""
    while (missing := until - transport.partitions[0].kernel.next_offset) > 0:
        rows, _ = flow.wave(min(WAVE_ORDERS, missing // EVENTS_OF_LIFE + 1))
        transport.deliver(0, rows)


def _opened(directory: Path, config: Config) -> dict[str, Any]:
    """Open the partition, and say how long that took and what it has."""
    manifest = open_manifest(directory, 1, lambda: b"")
    begun = time.perf_counter()
    partition = Partition.open(directory, manifest, 0, config, time.time_ns)
    seconds = time.perf_counter() - begun
    try:
        return {
            "seconds": round(seconds, 3),
            "events": partition.recovery.events,
            "open_orders": int(partition.kernel.tables.firm["open_orders"][0]),
            "state_digest": partition.kernel.digest(),
        }
    finally:
        partition.close()


def _snapshot_mib(directory: Path) -> float:
    size = sum(path.stat().st_size for path in snapshot_path(directory, 0).iterdir())
    return round(size / 2**20, 1)
