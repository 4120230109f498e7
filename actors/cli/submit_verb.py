# ruff: noqa: PLC0415 - a verb imports what it needs when it runs, so that --help is fast
"""`orderfold submit`: one order."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from actors.cli.options import ConfigFile, Json, Principal, Target


def submit(
    target: Target,
    account: Annotated[str, typer.Option(metavar="NAME", help="Whose order it is.")],
    instrument: Annotated[str, typer.Option(metavar="NAME", help="What is traded.")],
    strategy: Annotated[str, typer.Option(metavar="NAME", help="Which of the account's strategies.")],
    side: Annotated[str, typer.Option(metavar="buy|sell", help="Buy or sell.")],
    qty: Annotated[str, typer.Option(metavar="QTY", help="How much, in whole units.")],
    price: Annotated[str | None, typer.Option(metavar="PRICE", help="The limit, as 190.50.")] = None,
    ord_type: Annotated[
        str, typer.Option("--type", metavar="limit|market|stop|stop_limit", help="The order's type.")
    ] = "limit",
    stop_px: Annotated[str | None, typer.Option(metavar="PRICE", help="What a stop waits for.")] = None,
    time_in_force: Annotated[
        str, typer.Option("--tif", metavar="day|gtc|ioc|fok|gtd", help="Time in force.")
    ] = "day",
    expire_time: Annotated[
        datetime | None,
        typer.Option(metavar="TIME", help="When gtd ends, UTC, as 2026-11-20T21:00:00."),
    ] = None,
    min_qty: Annotated[str | None, typer.Option(metavar="QTY", help="The least to fill at once.")] = None,
    display_qty: Annotated[str | None, typer.Option(metavar="QTY", help="How much others see.")] = None,
    exec_inst: Annotated[
        str, typer.Option(metavar="CODES", help="6 post only, E reduce only, G all or none, as '6 E'.")
    ] = "",
    cl_ord_id: Annotated[
        str | None,
        typer.Option(
            metavar="ID", help="ClOrdID; with the same one it is safe to submit again on that date."
        ),
    ] = None,
    trade_date: Annotated[
        str | None, typer.Option(metavar="DATE", help="TradeDate; the venue's current one if left out.")
    ] = None,
    principal: Principal = "",
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Submit an order and wait until it is durable.

    A refusal is durable too; it exits with 1 and says which check, which limit and what was observed.
    """
    from actors.cli.ack_screen import show_ack
    from actors.cli.connecting import connect
    from engine import Client

    with connect(Client, target, principal, config) as client:
        ack = client.submit(
            account=account,
            instrument=instrument,
            strategy=strategy,
            side=side,
            qty=qty,
            price=price,
            ord_type=ord_type,
            stop_px=stop_px,
            time_in_force=time_in_force,
            expire_time=None if expire_time is None else expire_time.replace(tzinfo=UTC),
            min_qty=min_qty,
            display_qty=display_qty,
            exec_inst=exec_inst,
            cl_ord_id=cl_ord_id,
            trade_date=trade_date,
        )
    show_ack(ack, as_json=as_json)
