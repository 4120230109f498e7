# ruff: noqa: PLC0415 - a verb imports what it needs when it runs, so that --help is fast
"""`orderfold bench`: how fast this machine is, with everything on, and what stands beside each figure."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from actors.cli.bench_figures import figures_help
from actors.cli.failure import nothing_left, say
from actors.cli.options import ConfigFile, Json

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Measure this machine: durable events a second, one order's way, reads under load, recovery.",
)

Place = Annotated[
    Path | None,
    typer.Argument(
        metavar="DIR",
        help="A directory on the disk to measure; else a temporary one.",
        show_default=False,
    ),
]
Orders = Annotated[
    int, typer.Option(min=100, metavar="N", help="Orders sent; the life of one takes about five commands.")
]

_READS = ("reads", "read_us", "read_late_us", "read_call_ms", "lag_ms")
_THROUGHPUT = (
    "events_per_second",
    "commands_per_second",
    "rows_per_command",
    "ack_ms",
    *_READS,
    "caught_up_ms",
    "peak_memory_mib",
    "raw_limit_events_per_second",
    "raw_limit_ratio",
    "stages_us",
    "fdatasync_ms",
    "batch_rows",
)
_RECOVERY = (
    "with_snapshot_s",
    "events_behind_snapshot",
    "without_snapshot_s",
    "folded_events_per_second",
    "snapshot_mib",
    "snapshot_write_s",
    "fdatasync_ms",
)
_LATENCY = ("ack_ms", "in_process_ack_ms", "fdatasync_ms", "batch_rows")

Record = dict[str, Any]
Measure = Callable[..., Record]


@app.command(epilog=figures_help(*_THROUGHPUT))
def throughput(
    place: Place = None,
    orders: Orders = 400_000,
    strategies: Annotated[
        int, typer.Option(min=1, max=64, metavar="N", help="Strategies that send side by side.")
    ] = 6,
    frame_rows: Annotated[
        int, typer.Option("--frame-rows", min=1, max=8_192, metavar="N", help="Commands a frame.")
    ] = 4_000,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Measure durable events a second, end to end, limits on, while a risk process reads.

    An event counts once its block is committed and its answer is with the client. The clock stops when the
    projection shows the last one. Beside it stands the raw limit: hashing and flushing equal rows in one
    process.
    """
    from actors.bench.throughput import bench_throughput

    sizes = {"orders": orders, "strategies": strategies, "frame_rows": frame_rows}
    _run(bench_throughput, place, config, as_json=as_json, **sizes)


@app.command(epilog=figures_help(*_LATENCY))
def latency(
    place: Place = None,
    orders: Orders = 2_000,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Measure one order at a time, from the call to its durable answer: through Ray, and in one process."""
    from actors.bench.latency import bench_latency

    _run(bench_latency, place, config, as_json=as_json, orders=orders)


@app.command(epilog=figures_help(*_READS, "events_per_second", "fdatasync_ms", "batch_rows"))
def reads(
    place: Place = None,
    orders: Orders = 400_000,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Measure risk reads in another process while the engine is saturated."""
    from actors.bench.reads import bench_reads

    _run(bench_reads, place, config, as_json=as_json, orders=orders)


@app.command(epilog=figures_help(*_RECOVERY))
def recovery(
    place: Place = None,
    events: Annotated[int, typer.Option(min=1_000, metavar="N", help="Events in the log.")] = 1_000_000,
    open_orders: Annotated[
        int, typer.Option("--open-orders", min=0, metavar="N", help="Orders that are open at its end.")
    ] = 100_000,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Measure how long a partition takes to have its state again, with its newest snapshot and without."""
    from actors.bench.recovery import bench_recovery

    _run(bench_recovery, place, config, as_json=as_json, events=events, open_orders=open_orders)


def _run(measure: Measure, place: Path | None, config: Path | None, *, as_json: bool, **sizes: int) -> None:
    """Measure below a directory, telling on standard error how far it is, and print the record."""
    from actors.cli.bench_screen import print_record
    from actors.cli.disk_directory import working_directory
    from actors.cli.screen import print_json
    from actors.config_file import load_config

    settings = load_config(config)
    with nothing_left(), working_directory(place, "orderfold-bench-") as parent:
        record = measure(parent, settings, say=say, **sizes)
    if as_json:
        print_json(record)
    else:
        print_record(record)
