# ruff: noqa: PLC0415 - a verb imports what it needs when it runs, so that --help is fast
"""`orderfold orders`: orders as they stand."""

from typing import Annotated

import typer

from actors.cli.options import ConfigFile, Json, Principal, Target

COLUMNS = (
    "order_id",
    "account",
    "strategy",
    "instrument",
    "side",
    "status",
    "price",
    "order_qty",
    "cum_qty",
    "leaves_qty",
)
"""What fits on a screen; --json has every column."""


def orders(
    target: Target,
    order: Annotated[
        list[str] | None,
        typer.Argument(metavar="ORDER...", help="Ids of 32 hex digits.", show_default=False),
    ] = None,
    account: Annotated[str | None, typer.Option(metavar="NAME", help="Of this account.")] = None,
    strategy: Annotated[str | None, typer.Option(metavar="NAME", help="Of this strategy.")] = None,
    instrument: Annotated[str | None, typer.Option(metavar="NAME", help="In this instrument.")] = None,
    is_open: Annotated[bool, typer.Option("--open", help="Only those that can still trade.")] = False,
    count: Annotated[
        int, typer.Option("--limit", "-n", metavar="N", min=1, max=100_000, help="Show at most so many.")
    ] = 50,
    principal: Principal = "",
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Show orders as they stand, the newest first."""
    from actors.cli.connecting import connect
    from actors.cli.read_screen import show_read
    from engine import Client

    with connect(Client, target, principal, config) as client:
        read = client.orders(
            order or None,
            account=account,
            strategy=strategy,
            instrument=instrument,
            is_open=is_open,
            limit=count,
        )
    show_read(read, COLUMNS, as_json=as_json)
