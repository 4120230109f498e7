# ruff: noqa: PLC0415 - a verb imports what it needs when it runs, so that --help is fast
"""`orderfold demo`: orders under a live table, one process killed, and the proof that nothing is lost."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from actors.cli.failure import FAILURE, FINE, nothing_left
from actors.cli.options import Json

if TYPE_CHECKING:
    from rich.console import Console

    from actors.demo.outcome import Outcome
    from actors.demo.scene import Screen


def demo(
    directory: Annotated[
        Path | None,
        typer.Argument(
            metavar="DIR", help="A new directory on a disk; else a temporary one.", show_default=False
        ),
    ] = None,
    seconds: Annotated[
        float, typer.Option(min=4.0, metavar="SECONDS", help="How long orders are sent.")
    ] = 20.0,
    seed: Annotated[int, typer.Option(metavar="NUMBER", help="The same seed makes the same orders.")] = 1,
    rate: Annotated[int, typer.Option(min=400, metavar="ROWS", help="Commands a second.")] = 40_000,
    as_json: Json = False,
) -> None:
    """Trade, kill a process, recover, and prove it.

    Made orders of many accounts are sent for about 20 seconds. In the middle the partition's process is
    killed. Then every acknowledged command is looked up in the log, every block verified, and the projection
    compared with a fold of the log. Exits with 0 only if all of it held.
    """
    from actors.cli.disk_directory import require_no_engine, working_directory
    from actors.demo.script import run_demo

    require_no_engine(directory, "the demo")
    began = time.monotonic()
    with nothing_left(), working_directory(directory, "orderfold-demo-") as place:
        outcome = run_demo(place, _screen(as_json=as_json), seconds=seconds, seed=seed, rows_per_second=rate)
    _print(outcome, directory, time.monotonic() - began, as_json=as_json)
    raise typer.Exit(FINE if outcome.held else FAILURE)


def _screen(*, as_json: bool) -> "Screen":
    """A live table on a terminal, plain lines elsewhere; with --json they go to standard error."""
    from actors.cli.screen import console
    from actors.demo.live_screen import LiveScreen
    from actors.demo.plain_screen import PlainScreen

    stream = sys.stderr if as_json else sys.stdout
    return LiveScreen(console(stderr=as_json, is_live=True)) if stream.isatty() else PlainScreen(stream)


def _print(outcome: "Outcome", kept: Path | None, seconds: float, *, as_json: bool) -> None:
    """Print the claims and the verdict; what was `kept` is there to be looked at."""
    from actors.cli.screen import console, print_json

    if as_json:
        import msgspec

        print_json(
            {"ok": outcome.held, **msgspec.structs.asdict(outcome), "census": outcome.census._asdict()}
        )
        return
    screen = console()
    for held, sentence in outcome.claims:
        _print_claim(screen, held, sentence)
    verdict = "all of it held" if outcome.held else "not all of it held"
    _print_claim(screen, outcome.held, f"{verdict}, in {seconds:.0f} s from start to end")
    if kept is not None:
        screen.print(f"  explore it: orderfold verify {kept}")


def _print_claim(screen: "Console", held: bool, sentence: str) -> None:
    screen.print(f"{'✔' if held else '✘'} {sentence}", style="green" if held else "red", soft_wrap=True)
