# ruff: noqa: PLC0415 - a verb imports what it needs when it runs, so that --help is fast
"""`orderfold exposure`: what is held, what works, and the worst that can come of both."""

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from actors.cli.options import ConfigFile, Json, Principal, Target
from actors.cli.sums import Group, InCurrency, OnlyName, StaleAfter, SumBy, shown_columns, sums_by

if TYPE_CHECKING:
    from engine import Client

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

FIRST_TO_GO = ("working_buy", "working_sell", "unpriced", "long", "short", "worst_case", "gross")
"""What --watch leaves out of a narrow terminal, one after the other: half a number would be a wrong one."""


def exposure(
    target: Target,
    by: SumBy = Group.ACCOUNT,
    name: OnlyName = None,
    currency: InCurrency = None,
    stale_after: StaleAfter = None,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Look again and again, until Ctrl-C.")] = False,
    principal: Principal = "",
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Show exposure, and the log position it reflects."""
    from actors.cli.connecting import connect
    from actors.cli.read_screen import show_read
    from engine import Client

    if watch and as_json:
        raise typer.BadParameter("one JSON document has an end, watching has none", param_hint="--watch")
    sums = sums_by(by, name, currency, stale_after)
    with connect(Client, target, principal, config) as client:
        if watch:
            with suppress(KeyboardInterrupt):
                _watch(client, by, sums)
            return
        read = client.exposure(**sums)
    show_read(read, shown_columns(by, MEASURES), as_json=as_json)


def _watch(client: "Client", by: Group, sums: dict[str, Any]) -> None:
    """Show it again and again: in place on a terminal, one table after the other elsewhere."""
    from rich.live import Live

    from actors.cli.event_lines import clock_time
    from actors.cli.read_screen import fitted_screen
    from actors.cli.screen import console

    screen = console(is_live=True)
    with Live(console=screen, auto_refresh=False, screen=screen.is_terminal) as live:
        while True:
            read = client.exposure(**sums)
            shown = fitted_screen(read, shown_columns(by, MEASURES), screen, first_to_go=FIRST_TO_GO)
            if screen.is_terminal:
                live.update(shown, refresh=True)
            else:
                screen.print(f"{clock_time(time.time_ns())} UTC")
                screen.print(shown)
            time.sleep(WATCH_EVERY_S)
