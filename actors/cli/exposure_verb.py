# ruff: noqa: PLC0415 - a verb imports what it needs when it runs, so that --help is fast
"""`orderfold exposure`: what is held, what works, and the worst that can come of both."""

import time
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from actors.cli.options import ConfigFile, Json, Principal, Target

if TYPE_CHECKING:
    from engine import Client
    from engine.reads.table import Table

WATCH_EVERY_S = 0.5
"""How often --watch looks again: faster than anybody reads, slower than a terminal flickers."""

MEASURES = (
    "currency",
    "long",
    "short",
    "gross",
    "net",
    "working_buy",
    "working_sell",
    "worst_case",
    "unpriced",
)

FEW_MEASURES = ("gross", "net", "worst_case")
WIDE_COLUMNS = 120
"""Width of a terminal from which on --watch shows all measures; half a number would be a wrong one."""


class Group(StrEnum):
    """What exposure is summed by."""

    ACCOUNT = "account"
    STRATEGY = "strategy"
    INSTRUMENT = "instrument"


def exposure(
    target: Target,
    by: Annotated[Group, typer.Option(help="Sum by this.")] = Group.ACCOUNT,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this account, strategy or instrument.")
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Look again and again, until Ctrl-C.")] = False,
    principal: Principal = "",
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Show exposure, and the log position it reflects."""
    from actors.cli.connecting import connect
    from actors.cli.read_screen import print_read, read_screen
    from actors.cli.screen import console
    from engine import Client

    if watch and as_json:
        raise typer.BadParameter("one JSON document has an end, watching has none", param_hint="--watch")
    with connect(Client, target, principal, config) as client:
        if watch:
            with suppress(KeyboardInterrupt):
                _watch(client, by, name)
            return
        read = _read(client, by, name)
    if as_json:
        print_read(read)
    else:
        console().print(read_screen(read, (by, *MEASURES)))


def _read(client: "Client", by: Group, name: str | None) -> "Table":
    if name is None:
        return client.exposure(by=by.value)
    return client.exposure(
        account=name if by is Group.ACCOUNT else None,
        strategy=name if by is Group.STRATEGY else None,
        instrument=name if by is Group.INSTRUMENT else None,
    )


def _watch(client: "Client", by: Group, name: str | None) -> None:
    """Show it again and again: in place on a terminal, one table after the other elsewhere."""
    from rich.live import Live

    from actors.cli.read_screen import read_screen
    from actors.cli.screen import console

    screen = console(is_live=True)
    columns = (by, *(MEASURES if screen.width >= WIDE_COLUMNS else FEW_MEASURES))
    with Live(console=screen, auto_refresh=False, screen=screen.is_terminal) as live:
        while True:
            shown = read_screen(_read(client, by, name), columns)
            if screen.is_terminal:
                live.update(shown, refresh=True)
            else:
                screen.print(shown)
            time.sleep(WATCH_EVERY_S)
