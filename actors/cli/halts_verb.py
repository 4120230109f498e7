# ruff: noqa: PLC0415 - a verb imports what it needs when it runs, so that --help is fast
"""`orderfold halts`: who may not trade freely, since when and why."""

from actors.cli.options import ConfigFile, Json, Principal, Target

COLUMNS = ("scope", "name", "state", "is_latched", "reason", "text", "principal", "partition", "offset")
"""What fits on a screen; --json has every column."""


def halts(
    target: Target,
    principal: Principal = "",
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Show what holds back whom: trading states, and halts, which stay until somebody lifts them."""
    from actors.cli.connecting import connect
    from actors.cli.read_screen import show_read
    from engine import Client

    with connect(Client, target, principal, config) as client:
        read = client.halts()
    show_read(read, COLUMNS, as_json=as_json)
