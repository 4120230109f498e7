"""What sums of money are by: accounts, strategies or instruments, all of them or one."""

from enum import StrEnum
from typing import Annotated, Any

import typer


class Group(StrEnum):
    """What is summed by."""

    ACCOUNT = "account"
    STRATEGY = "strategy"
    INSTRUMENT = "instrument"


SumBy = Annotated[Group, typer.Option("--by", help="Sum by this.")]
OnlyName = Annotated[
    str | None,
    typer.Option("--name", metavar="NAME", help="Only this account, strategy or instrument."),
]


def sums_by(by: Group, name: str | None) -> dict[str, Any]:
    """The arguments of `Client.exposure` and `Client.pnl`: one of the group, or, without a name, all."""
    return {"by": by.value} if name is None else {by.value: name}
