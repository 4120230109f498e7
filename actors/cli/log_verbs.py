# ruff: noqa: PLC0415 - a verb imports what it needs when it runs, so that --help is fast
"""`orderfold log`: the events of a log for people, for scripts, and as a stream for other programs."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from actors.cli.failure import say
from actors.cli.options import Directory, Json

if TYPE_CHECKING:
    from actors.cli.event_records import Record
    from actors.cli.handle_names import HandleNames

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Show, follow or export the events of a log."
)

LogName = Annotated[str, typer.Option("--log", metavar="NAME", help="p0000, p0001 … or reference.")]
Start = Annotated[int, typer.Option("--from", metavar="OFFSET", min=0, help="First offset.")]


@app.command()
def show(
    directory: Directory,
    log: LogName = "p0000",
    start: Start = 0,
    count: Annotated[
        int, typer.Option("--limit", "-n", metavar="N", min=1, help="Show at most so many.")
    ] = 50,
    order: Annotated[str | None, typer.Option(metavar="ID", help="Only this order: 32 hex digits.")] = None,
    as_json: Json = False,
) -> None:
    """Show events from an offset on, or those of one order."""
    from actors.cli.log_pages import first_events, open_log

    with open_log(directory, log) as reader:
        records = first_events(reader, start, count, order)
        _print(directory, log, records, as_json=as_json)
        if not records:
            _say_none(log, reader.tip_offset(), start, order)


@app.command()
def tail(
    directory: Directory,
    log: LogName = "p0000",
    count: Annotated[int, typer.Option("--limit", "-n", metavar="N", min=0, help="Show so many.")] = 20,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Show what comes, until Ctrl-C.")] = False,
    as_json: Json = False,
) -> None:
    """Show the last events; with --follow, those that come as well."""
    from actors.cli.log_pages import following_events, last_events, open_log

    if follow and as_json:
        raise typer.BadParameter(
            "one JSON document has an end, a followed log has none", param_hint="--follow"
        )
    with open_log(directory, log) as reader:
        records = last_events(reader, count)
        names = _print(directory, log, records, as_json=as_json)
        if follow:
            start = records[-1]["offset"] + 1 if records else reader.tip_offset()
            with suppress(KeyboardInterrupt):
                _print_lines(following_events(reader, start), names)


@app.command()
def export(
    directory: Directory,
    log: LogName = "p0000",
    start: Start = 0,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to; else a pipe.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write every event as a stream of MessagePack maps, one an event."""
    from actors.cli.log_pages import open_log
    from actors.cli.log_stream import write_stream
    from actors.cli.screen import print_json, progress

    if output is None and (as_json or sys.stdout.isatty()):
        raise typer.BadParameter(
            "the stream is binary: name a file, or pipe it somewhere", param_hint="--output"
        )
    with (
        open_log(directory, log) as reader,
        _opened(output) as file,
        progress(f"exporting {log}") as show_progress,
    ):
        events = write_stream(reader, log, start, file, show_progress)
    if as_json:
        print_json(
            {
                "log": log,
                "events": events,
                "file": str(output),
                "bytes": output.stat().st_size if output else 0,
            }
        )
    elif output is not None:
        print(f"{events:,} events of {log} to {output}")


@contextmanager
def _opened(output: Path | None) -> Iterator[BinaryIO]:
    """The file to write to, or standard output, which stays open."""
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with output.open("wb") as file:
        yield file


def _print(directory: Path, log: str, records: "list[Record]", *, as_json: bool) -> "HandleNames":
    from actors.cli.event_lines import HEADING
    from actors.cli.handle_names import HandleNames

    names = HandleNames.read(directory)
    if as_json:
        from actors.cli.screen import print_json

        print_json({"log": log, "events": records, "names": names.names})
    elif records:
        print(HEADING)
        _print_lines(records, names)
    return names


def _say_none(log: str, end: int, start: int, order: str | None) -> None:
    """Say on standard error why nothing is shown."""
    whose = f" of order {order}" if order else ""
    say(f"no events{whose} from offset {start:,} on: {log} ends before offset {end:,}")


def _print_lines(records: "Iterable[Record]", names: "HandleNames") -> None:
    from actors.cli.event_lines import event_line

    for record in records:
        print(event_line(record, names), flush=True)
