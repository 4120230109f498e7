"""Tables of reads on the screen: the rows, and how old they are."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table as Grid
from rich.text import Text

from actors.cli.screen import PIPE_COLUMNS, console, counted, plain_decimals, print_json, table
from engine.reads.schema import Kind
from engine.reads.table import Table

NUMBERS = {Kind.DECIMAL, Kind.INTEGER}

WIDER = "a wider terminal shows more"


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


def show_read(read: Table, columns: tuple[str, ...], *, as_json: bool) -> None:
    """Print a read: one JSON document, or some of its columns for people."""
    if as_json:
        print_json(read_document(read))
    else:
        console().print(read_screen(read, columns))


def read_screen(read: Table, columns: tuple[str, ...]) -> RenderableType:
    """A read for people: some of its columns, and below them the position they reflect."""
    return Group(_grid(read, columns), _age(read)) if len(read) else _age(read)


def fitted_screen(
    read: Table, columns: tuple[str, ...], screen: Console, *, first_to_go: tuple[str, ...]
) -> RenderableType:
    """The same in the width of a screen: what does not fit goes, in this order, and is said to be missing."""
    left = list(columns)
    going = iter(first_to_go)
    while len(read) and _width(_grid(read, tuple(left)), screen) > screen.width:
        name = next(going, None)
        if name is None:
            break
        left.remove(name)
    shown = read_screen(read, tuple(left))
    return shown if len(left) == len(columns) else Group(shown, Text(WIDER, style="dim"))


def _grid(read: Table, columns: tuple[str, ...]) -> Grid:
    numbers = {column.name for column in read.subject.columns if column.kind in NUMBERS}
    grid: Grid = table(*columns, right=tuple(numbers))
    rows = list(read)
    cells = [aligned([getattr(row, name) for row in rows]) for name in columns]
    for row in zip(*cells, strict=True):
        grid.add_row(*row)
    return grid


def _width(grid: Grid, screen: Console) -> int:
    """How many columns of characters a table takes where nothing is in its way."""
    return screen.measure(grid, options=screen.options.update(max_width=PIPE_COLUMNS)).maximum


def aligned(values: Sequence[object]) -> list[str]:
    """The cells of one column; decimals are filled up with blanks, so that their points stand in line."""
    cells = [_cell(value) for value in values]
    if not any(isinstance(value, Decimal) for value in values):
        return cells
    tails = [len(cell) - len(cell.partition(".")[0]) for cell in cells]
    return [cell + " " * (max(tails) - tail) for cell, tail in zip(cells, tails, strict=True)]


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
    unpriced = f"; without a mark or a rate: {', '.join(read.unpriced)}" if read.unpriced else ""
    more = "; there are more rows" if read.has_more else ""
    return Text(
        f"{counted(len(read), 'row')} as of {places}{lag}{unpriced}{more}",
        style="yellow" if read.lag_events else "dim",
    )
