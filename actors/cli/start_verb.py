# ruff: noqa: PLC0415 - a verb imports what it needs when it runs, so that --help is fast
"""`orderfold start`: run the engine of a directory, in front of you or in the background."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from actors.cli.failure import nothing_left, say
from actors.cli.options import ConfigFile, Directory, Json

if TYPE_CHECKING:
    from actors.engine_record import EngineRecord

STARTING = "starting; after a new release the rules are compiled first, which takes a minute or two"


def start(
    directory: Directory,
    config: ConfigFile = None,
    detach: Annotated[
        bool, typer.Option("--detach", "-d", help="Return once it is ready; it goes on in the background.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Run the engine of a directory, which is made if it is new.

    It runs until Ctrl-C or `orderfold stop DIR`: then it takes nothing new, answers what waits, and ends.
    """
    from actors.config_file import load_config

    settings = load_config(config)
    if detach:
        from actors.cli.engine_process import start_detached

        say(STARTING)
        with nothing_left():
            record = start_detached(directory, config)
        _announce(record, directory, as_json=as_json)
        return

    from actors.engine_host import EngineHost
    from actors.engine_record import running_record

    say(STARTING)
    with nothing_left():
        host = EngineHost(directory, settings, say)
    _announce(running_record(directory), directory, as_json=as_json)
    host.serve()
    say("stopped: everything that was taken is answered and in the log")


def _announce(record: "EngineRecord", directory: Path, *, as_json: bool) -> None:
    if as_json:
        from actors.cli.screen import print_json

        print_json(
            {
                "running": True,
                "pid": record.pid,
                "partitions": record.partitions,
                "directory": str(directory.resolve()),
            }
        )
    else:
        print(f"✔ the engine of {directory} runs: pid {record.pid}, {record.partitions} partition(s)")
        print(
            f"  orderfold status {directory}   how it is\n  orderfold stop {directory}     drain and end it"
        )
    sys.stdout.flush()
