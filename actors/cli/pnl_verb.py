# ruff: noqa: PLC0415 - a verb imports what it needs when it runs, so that --help is fast
"""`orderfold pnl`: profit and loss, realised, and unrealised at the last mark."""

from actors.cli.options import ConfigFile, Json, Principal, Target
from actors.cli.sums import Group, InCurrency, OnlyName, StaleAfter, SumBy, shown_columns, sums_by

MEASURES = ("currency", "realized", "unrealized", "total", "fees", "net", "unpriced")


def pnl(
    target: Target,
    by: SumBy = Group.ACCOUNT,
    name: OnlyName = None,
    currency: InCurrency = None,
    stale_after: StaleAfter = None,
    principal: Principal = "",
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Show profit and loss, realised and not.

    What is not realised is measured at the last mark. What has no mark is in no unrealised sum; the line
    below the table names it.
    """
    from actors.cli.connecting import connect
    from actors.cli.read_screen import show_read
    from engine import Client

    with connect(Client, target, principal, config) as client:
        read = client.pnl(**sums_by(by, name, currency, stale_after))
    show_read(read, shown_columns(by, MEASURES), as_json=as_json)
