# ruff: noqa: PLC0415 - a verb imports what it needs when it runs, so that --help is fast
"""`orderfold stop`: end one engine, once it has answered what waits."""

import time
from typing import Annotated

import typer

from actors.cli.failure import Failure
from actors.cli.options import Directory, Json


def stop(
    directory: Directory,
    within_s: Annotated[
        float, typer.Option("--within", metavar="SECONDS", min=0.1, help="How long it may take.")
    ] = 60.0,
    as_json: Json = False,
) -> None:
    """Stop the engine of a directory, and no other.

    It takes nothing new, answers what waits, and ends. What is acknowledged is in the log either way.
    """
    from actors.engine_record import is_running, stop_engine

    if not is_running(directory):
        raise Failure(f"no engine runs in {directory}: there is nothing to stop")
    began = time.monotonic()
    pid = stop_engine(directory, within_s)
    seconds = round(time.monotonic() - began, 1)
    if as_json:
        from actors.cli.screen import print_json

        print_json({"stopped": True, "pid": pid, "seconds": seconds})
    else:
        print(f"✔ the engine of {directory} (pid {pid}) has stopped after {seconds} s")
