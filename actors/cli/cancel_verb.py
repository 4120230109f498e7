# ruff: noqa: PLC0415 - a verb imports what it needs when it runs, so that --help is fast
"""`orderfold cancel`: one order, or every order of an account, strategy, instrument or the whole engine."""

from typing import Annotated

import typer

from actors.cli.options import ConfigFile, Json, Principal, Target


def cancel(
    target: Target,
    order: Annotated[
        str | None,
        typer.Argument(metavar="ORDER", help="The order's id, 32 hex digits.", show_default=False),
    ] = None,
    account: Annotated[str | None, typer.Option(metavar="NAME", help="All orders of this account.")] = None,
    strategy: Annotated[str | None, typer.Option(metavar="NAME", help="All orders of this strategy.")] = None,
    instrument: Annotated[
        str | None, typer.Option(metavar="NAME", help="All orders in this instrument.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All orders.")] = False,
    request_id: Annotated[
        str | None,
        typer.Option(metavar="ID", help="32 hex digits; with the same ones it is safe to ask again."),
    ] = None,
    principal: Principal = "",
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Ask for the cancel of one order, or of many.

    Exits with 1 if it is refused. It is an operator's request: it takes no number of the order's owner, so
    that neither waits for the other.
    """
    from actors.cli.ack_screen import show_ack, show_mass_cancel
    from actors.cli.connecting import connect
    from engine import Admin

    chosen = {"account": account, "strategy": strategy, "instrument": instrument}
    scopes = {name: value for name, value in chosen.items() if value is not None}
    named = (order is not None) + everything + len(scopes)
    if named != 1:
        only = "only one" if named else "one"
        raise typer.BadParameter(f"name {only}: ORDER, --account, --strategy, --instrument or --all")
    with connect(Admin, target, principal, config) as admin:
        if order is not None:
            show_ack(admin.cancel_order(order, request_id=request_id), as_json=as_json)
        scope = next(iter(scopes), "all")
        show_mass_cancel(admin.mass_cancel(scope, **scopes, request_id=request_id), as_json=as_json)
