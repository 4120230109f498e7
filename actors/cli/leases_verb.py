# ruff: noqa: PLC0415 - a verb imports what it needs when it runs, so that --help is fast
"""`orderfold leases`: what each partition may use of the firm's limits, and what it uses."""

from actors.cli.options import ConfigFile, Json, Principal, Target

COLUMNS = ("partition", "currency", "used", "granted", "returning", "firm_granted", "firm_limit")
"""What fits on a screen; --json has every column."""


def leases(
    target: Target, principal: Principal = "", config: ConfigFile = None, as_json: Json = False
) -> None:
    """Show what partitions may use of the firm's limits, and what they use."""
    from actors.cli.connecting import connect
    from actors.cli.read_screen import show_read
    from engine import Client

    with connect(Client, target, principal, config) as client:
        read = client.leases()
    show_read(read, COLUMNS, as_json=as_json)
