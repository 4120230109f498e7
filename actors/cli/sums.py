"""What sums of money are by: accounts, strategies or instruments, all of them or one; firm or currency."""

from enum import StrEnum
from typing import Annotated, Any

import typer


class Group(StrEnum):
    """What is summed by."""

    ACCOUNT = "account"
    STRATEGY = "strategy"
    INSTRUMENT = "instrument"
    FIRM = "firm"
    CURRENCY = "currency"


SumBy = Annotated[Group, typer.Option("--by", help="Sum by this.")]
OnlyName = Annotated[
    str | None,
    typer.Option("--name", metavar="NAME", help="Only this account, strategy or instrument."),
]


def sums_by(by: Group, name: str | None) -> dict[str, Any]:
    """The arguments of `Client.exposure` and `Client.pnl`: one of the group, or, without a name, all."""
    if name is None:
        return {"by": by.value}
    if by in {Group.FIRM, Group.CURRENCY}:
        raise typer.BadParameter(f"sums by {by.value} are about everything", param_hint="--name")
    return {by.value: name}


def shown_columns(by: Group, measures: tuple[str, ...]) -> tuple[str, ...]:
    """The columns for people: the group, and these measures; a currency is shown once."""
    return tuple(dict.fromkeys((by.value, *measures)))
