"""Acknowledgements on the screen, and the exit code that follows from them."""

from collections.abc import Sequence

import msgspec
import typer

from actors.cli.failure import FAILURE, FINE
from actors.cli.screen import console, counted, plain_decimals, print_json
from engine.answers import Ack


def show_ack(ack: Ack, *, as_json: bool) -> None:
    """Print one Ack and leave: with 0 if the command took effect, else with 1."""
    if as_json:
        print_json(ack_document(ack))
    else:
        _print(ack)
    raise typer.Exit(FINE if ack.is_accepted else FAILURE)


def show_mass_cancel(acks: Sequence[Ack], *, as_json: bool) -> None:
    """Print the Acks of all partitions, and how many orders they asked to cancel, and leave.

    With 0 if the command took effect in each, else with 1.
    """
    asked = int(sum(ack.cum_qty for ack in acks))
    if as_json:
        print_json({"orders_asked": asked, "acks": [ack_document(ack) for ack in acks]})
    else:
        for ack in acks:
            _print(ack)
        console().print(_asked(asked))
    raise typer.Exit(FINE if all(ack.is_accepted for ack in acks) else FAILURE)


def _asked(orders: int) -> str:
    if not orders:
        return "no order was asked to cancel: none was open, or each had been asked before"
    stay = "it stays" if orders == 1 else "they stay"
    return f"{counted(orders, 'order')} asked to cancel; {stay} open until the venue answers"


def ack_document(ack: Ack) -> dict[str, object]:
    """An Ack for JSON: codes by their names, numbers with decimals as text, so that no reader rounds them."""
    codes = ("code", "outcome", "status", "reason", "check")
    document = plain_decimals({name: getattr(ack, name) for name in ack.__struct_fields__})
    return {**msgspec.to_builtins(document), **{name: getattr(ack, name).name for name in codes}}


def _print(ack: Ack) -> None:
    mark, colour = ("✔", "green") if ack.is_accepted else ("✘", "red")
    console().print(f"{mark} {ack}", style=colour, soft_wrap=True)
