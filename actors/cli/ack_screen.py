"""Acknowledgements on the screen, and the exit code that follows from them."""

from collections.abc import Sequence

import msgspec
import typer

from actors.cli.failure import FAILURE, FINE
from actors.cli.screen import console, plain_decimals, print_json
from engine.answers import Ack


def show_ack(ack: Ack, *, as_json: bool) -> None:
    """Print one Ack and leave: with 0 if the command took effect, else with 1."""
    if as_json:
        print_json(ack_document(ack))
    else:
        _print(ack)
    raise typer.Exit(FINE if ack.is_accepted else FAILURE)


def show_acks(acks: Sequence[Ack], *, as_json: bool) -> None:
    """Print the Acks of all partitions and leave: with 0 if the command took effect in each, else with 1."""
    if as_json:
        print_json({"acks": [ack_document(ack) for ack in acks]})
    else:
        for ack in acks:
            _print(ack)
    raise typer.Exit(FINE if all(ack.is_accepted for ack in acks) else FAILURE)


def ack_document(ack: Ack) -> dict[str, object]:
    """An Ack for JSON: codes by their names, numbers with decimals as text, so that no reader rounds them."""
    codes = ("code", "outcome", "status", "reason", "check")
    document = plain_decimals({name: getattr(ack, name) for name in ack.__struct_fields__})
    return {**msgspec.to_builtins(document), **{name: getattr(ack, name).name for name in codes}}


def _print(ack: Ack) -> None:
    mark, colour = ("✔", "green") if ack.is_accepted else ("✘", "red")
    console().print(f"{mark} {ack}", style=colour, soft_wrap=True)
