"""A benchmark's record on the screen: its figures, and below them what they were measured on."""

from typing import Any

from rich.table import Table
from rich.text import Text

from actors.cli.screen import console

Record = dict[str, Any]


def print_record(record: Record) -> None:
    """Print a record: one line a figure, percentiles side by side, the machine last."""
    figures = {name: value for name, value in record.items() if name != "machine"}
    screen = console()
    screen.print(_grid(figures))
    screen.print(Text("\nmeasured on", style="bold"))
    screen.print(_grid(record["machine"]))


def _grid(values: Record) -> Table:
    grid = Table.grid(padding=(0, 2))
    for name, value in values.items():
        grid.add_row(Text(name.replace("_", " "), style="dim"), Text(_shown(value)))
    return grid


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "   ".join(f"{name} {_shown(part)}" for name, part in value.items())
    return f"{value:,}" if isinstance(value, int | float) else str(value)
