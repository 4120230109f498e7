"""`bench reads`: exposure reads beside a saturated engine."""

from pathlib import Path
from typing import Any

from actors.bench.throughput import Say, bench_throughput
from engine.config import Config

READ_KEYS = (
    "reads",
    "read_us",
    "read_late_us",
    "read_call_ms",
    "lag_ms",
    "events_per_second",
    "fdatasync_ms",
    "batch_rows",
    "partitions",
    "machine",
)


def bench_reads(
    parent: Path, config: Config, *, orders: int = 400_000, say: Say = lambda _: None
) -> dict[str, Any]:
    """The reading figures of a throughput run: what risk sees while the engine is saturated."""
    record = bench_throughput(parent, config, orders=orders, say=say)
    return {key: record[key] for key in READ_KEYS}
