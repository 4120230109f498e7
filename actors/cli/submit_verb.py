# ruff: noqa: PLC0415 - a verb imports what it needs when it runs, so that --help is fast
"""`orderfold submit`: one limit order."""

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
    price: Annotated[str, typer.Option(metavar="PRICE", help="The limit, as 190.50.")],
    time_in_force: Annotated[
        str, typer.Option("--tif", metavar="day|gtc|ioc", help="Time in force.")
    ] = "day",
    cl_ord_id: Annotated[
        str | None, typer.Option(metavar="ID", help="ClOrdID; with the same one it is safe to submit again.")
    ] = None,
    principal: Principal = "",
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Submit a limit order and wait until it is durable.

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
            time_in_force=time_in_force,
            cl_ord_id=cl_ord_id,
        )
    show_ack(ack, as_json=as_json)
