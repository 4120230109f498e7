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


InCurrency = Annotated[
    str | None,
    typer.Option("--currency", metavar="USD", help="All sums in this currency, by the rates of exchange."),
]
StaleAfter = Annotated[
    int | None,
    typer.Option("--stale-after", metavar="S", help="Marks and rates older than so many seconds are none."),
]


def sums_by(
    by: Group, name: str | None, currency: str | None = None, stale_after_s: int | None = None
) -> dict[str, Any]:
    """The arguments of `Client.exposure` and `Client.pnl`: one of the group, or, without a name, all."""
    measured = {"currency": currency, "stale_after_s": stale_after_s}
    if name is None:
        return {"by": by.value, **measured}
    if by in {Group.FIRM, Group.CURRENCY}:
        raise typer.BadParameter(f"sums by {by.value} are about everything", param_hint="--name")
    return {by.value: name, **measured}


def shown_columns(by: Group, measures: tuple[str, ...]) -> tuple[str, ...]:
    """The columns for people: the group, and these measures; a currency is shown once."""
    return tuple(dict.fromkeys((by.value, *measures)))
