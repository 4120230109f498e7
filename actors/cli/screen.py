"""What verbs print with: one JSON document, plain tables, and progress bars that only a terminal sees."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import msgspec
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

PIPE_COLUMNS = 240
"""Width when nobody looks: wide enough that no cell is cut."""


def print_json(document: Any) -> None:
    """Print one JSON document: indented for a terminal, else on one line."""
    encoded = msgspec.json.encode(document)
    if sys.stdout.isatty():
        encoded = msgspec.json.format(encoded, indent=2)
    sys.stdout.write(encoded.decode() + "\n")


def console(*, stderr: bool = False) -> Console:
    """A console that adds colour on a terminal and cuts nothing elsewhere; what it prints is never markup."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else PIPE_COLUMNS
    return Console(stderr=stderr, width=width, highlight=False, markup=False, emoji=False)


def plain_decimals(values: dict[str, Any]) -> dict[str, Any]:
    """The same values with decimals as text: digits and a point, never an exponent, rounded by no reader."""
    return {name: f"{value:f}" if isinstance(value, Decimal) else value for name, value in values.items()}


def counted(count: int, noun: str) -> str:
    """A count and its noun: 1 row, 2 rows."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def table(*columns: str, right: tuple[str, ...] = ()) -> Table:
    """An empty table with these columns; those in `right` hold numbers."""
    made = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for name in columns:
        made.add_column(name, justify="right" if name in right else "left", no_wrap=True)
    return made


@contextmanager
def progress(what: str) -> Iterator[Callable[[float, float], None]]:
    """A progress bar on standard error, told (done, of how much); nothing where that is not a terminal."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    with bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
