# ruff: noqa: PLC0415 - a verb imports what it needs when it runs, so that --help is fast
"""`orderfold positions`: what is held, at what price, and what works."""

from typing import Annotated

import typer

from actors.cli.options import ConfigFile, Json, Principal, Target

COLUMNS = (
    "account",
    "strategy",
    "instrument",
    "currency",
    "qty",
    "average_price",
    "mark",
    "realized",
    "unrealized",
    "working_buy_qty",
    "working_sell_qty",
)
"""What fits on a screen; --json has every column."""


def positions(
    target: Target,
    account: Annotated[str | None, typer.Option(metavar="NAME", help="Of this account.")] = None,
    strategy: Annotated[str | None, typer.Option(metavar="NAME", help="Of this strategy.")] = None,
    instrument: Annotated[str | None, typer.Option(metavar="NAME", help="In this instrument.")] = None,
    principal: Principal = "",
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Show positions, their profit so far, and what works."""
    from actors.cli.connecting import connect
    from actors.cli.read_screen import show_read
    from engine import Client

    with connect(Client, target, principal, config) as client:
        read = client.positions(account=account, strategy=strategy, instrument=instrument)
    show_read(read, COLUMNS, as_json=as_json)
