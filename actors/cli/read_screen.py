"""Tables of reads on the screen: the rows, and how old they are."""

from decimal import Decimal
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table as Grid
from rich.text import Text

from actors.cli.screen import counted, plain_decimals, print_json, table
from engine.reads.schema import Kind
from engine.reads.table import Table

NUMBERS = {Kind.DECIMAL, Kind.INTEGER}


def read_document(read: Table) -> dict[str, Any]:
    """A read for JSON; decimals are text, so that no reader rounds them."""
    return {
        "table": read.subject.name,
        "as_of": read.as_of,
        "lag_events": read.lag_events,
        "lag_seconds": read.lag_seconds,
        "unpriced": read.unpriced,
        "has_more": read.has_more,
        "rows": [plain_decimals(row._asdict()) for row in read],
    }


def print_read(read: Table) -> None:
    """Print a read as one JSON document."""
    print_json(read_document(read))


def read_screen(read: Table, columns: tuple[str, ...]) -> RenderableType:
    """A read for people: some of its columns, and below them the position they reflect."""
    numbers = {column.name for column in read.subject.columns if column.kind in NUMBERS}
    grid: Grid = table(*columns, right=tuple(numbers))
    for row in read:
        grid.add_row(*(_cell(getattr(row, name)) for name in columns))
    return Group(grid, _age(read)) if len(read) else _age(read)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return _decimal(value) if isinstance(value, Decimal) else str(value)


def _decimal(value: Decimal) -> str:
    """Digits in groups; money has eight decimals, of which zeros after the second say nothing."""
    whole, point, decimals = f"{value:,f}".partition(".")
    return whole + point + decimals[:2] + decimals[2:].rstrip("0")


def _age(read: Table) -> Text:
    """Which log positions the rows reflect; stale numbers must not look like fresh ones."""
    places = ", ".join(f"p{partition:04d} at {offset:,}" for partition, offset in read.as_of.items())
    lag = (
        f", {read.lag_events:,} events and {read.lag_seconds:.1f} s behind"
        if read.lag_events
        else ", up to date"
    )
    unpriced = f"; without a mark: {', '.join(read.unpriced)}" if read.unpriced else ""
    more = "; there are more rows" if read.has_more else ""
    return Text(
        f"{counted(len(read), 'row')} as of {places}{lag}{unpriced}{more}",
        style="yellow" if read.lag_events else "dim",
    )
