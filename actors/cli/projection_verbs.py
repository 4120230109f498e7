# ruff: noqa: PLC0415 - a verb imports what it needs when it runs, so that --help is fast
"""`orderfold projection`: which projections an engine has, and folding one anew beside the live one."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from actors.cli.failure import FINE, INTEGRITY, say
from actors.cli.options import Directory, Json

if TYPE_CHECKING:
    from actors.roles.projection_switch import Verdict

WITHIN_S = 2.0
"""How long the projectors have to answer; one that hangs is shown as silent."""

app = typer.Typer(no_args_is_help=True, help="List the projections that reads come from; rebuild one.")


@app.command("list")
def list_projections(directory: Directory, as_json: Json = False) -> None:
    """Show the projections of a running engine, and how far each is."""
    from actors.cli.screen import console, print_json, table

    with _joined(directory) as partitions:
        rows = _rows(partitions)
    if as_json:
        print_json({"projections": rows})
        return
    numbers = ("partition", "pid", "next offset", "events behind")
    shown = table("projection", *numbers, "state", right=numbers)
    for row in rows:
        state = "! silent" if row["next_offset"] is None else "✔" if not row["doubt"] else f"✘ {row['doubt']}"
        cells = (row["partition"], row["pid"], row["next_offset"], row["lag_events"])
        shown.add_row(row["projection"], *("" if cell is None else str(cell) for cell in cells), state)
    console().print(shown)


@app.command("rebuild")
def rebuild_projection(
    directory: Directory,
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="As `projection list` has it; risk means that of every partition."
        ),
    ] = "risk",
    as_json: Json = False,
) -> None:
    """Fold a projection anew from its log's first event, and switch to that if it equals the live one.

    Reads go on meanwhile. Exits with 3 if the two differ: the live one then stays.
    """
    from actors.rebuilding import chosen

    with _joined(directory) as partitions:
        found = chosen(name, partitions).items()
        done = [_rebuild(directory, one, number, as_json=as_json) for one, number in found]
    if as_json:
        from actors.cli.screen import print_json

        print_json({"ok": all(row["switched"] for row in done), "projections": done})
    raise typer.Exit(FINE if all(row["switched"] for row in done) else INTEGRITY)


def _rebuild(directory: Path, name: str, partition: int, *, as_json: bool) -> dict[str, Any]:
    from actors.cli.screen import progress
    from actors.rebuilding import rebuild
    from actors.roles.projection_switch import doubt_of

    began = time.monotonic()
    with progress(f"folding {name} anew") as show:
        verdict = rebuild(directory, partition, show)
    seconds = round(time.monotonic() - began, 3)
    doubt = doubt_of(name, verdict)
    if doubt:
        say(f"orderfold: {doubt}")
    elif not as_json:
        print(_switched(name, verdict, seconds))
    return {
        "projection": name,
        "partition": partition,
        "switched": not doubt,
        "applied_offset": verdict.applied_offset,
        "live_digest": verdict.live,
        "rebuilt_digest": verdict.rebuilt,
        "differing": verdict.differing,
        "bytes_compared": verdict.bytes,
        "seconds": seconds,
    }


def _switched(name: str, verdict: "Verdict", seconds: float) -> str:
    return (
        f"✔ {name} was folded anew from its log's first event, equals the live one at offset "
        f"{verdict.applied_offset:,} in all {verdict.bytes:,} bytes, and took its place ({seconds:.1f} s); "
        f"digest {verdict.live}"
    )


def _rows(partitions: int) -> list[dict[str, Any]]:
    from actors.ray_actors import Roll, find_actors, projector_name
    from actors.rebuilding import projection_names

    names = projection_names(partitions)
    actors = find_actors(partitions)
    projectors = {projector_name(number): actors[projector_name(number)] for number in names.values()}
    said = Roll(projectors).call(WITHIN_S)
    return [_row(name, number, said[projector_name(number)] or {}) for name, number in names.items()]


def _row(name: str, partition: int, status: dict[str, Any]) -> dict[str, Any]:
    applied = status.get("applied_offset")
    return {
        "projection": name,
        "partition": partition,
        "pid": status.get("pid"),
        "next_offset": None if applied is None else applied + 1,
        "lag_events": status.get("lag_events"),
        "doubt": status.get("doubt", ""),
    }


@contextmanager
def _joined(directory: Path) -> Iterator[int]:
    """Inside, this process is connected to the running engine's actors; gives the number of partitions."""
    from actors.config_file import load_config
    from actors.engine_record import running_record
    from actors.ray_cluster import join_ray, leave_ray

    record = running_record(directory)
    join_ray(directory, record, load_config())
    try:
        yield record.partitions
    finally:
        leave_ray()
