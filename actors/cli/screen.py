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

TABLE_COLUMNS = 125
"""Width of the widest table, that of orders."""


def print_json(document: Any) -> None:
    """Print one JSON document: indented for a terminal, else on one line."""
    encoded = msgspec.json.encode(document)
    if sys.stdout.isatty():
        encoded = msgspec.json.format(encoded, indent=2)
    sys.stdout.write(encoded.decode() + "\n")


def console(*, stderr: bool = False, is_live: bool = False) -> Console:
    """A console that adds colour on a terminal and cuts nothing; what it prints is never markup.

    On a narrow terminal lines go on in the next row: half a number would be a wrong one. What is drawn again
    and again, `is_live`, has the terminal's own width, and is to fit itself in.
    """
    made = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    if not made.is_terminal:
        made.width = PIPE_COLUMNS
    elif not is_live:
        made.width = max(made.width, TABLE_COLUMNS)
    return made


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
        words = name.replace("_", " ")
        if name in right:
            # Numbers are short, so the words of their headings stack, and more columns fit.
            made.add_column(words.replace(" ", "\n"), justify="right", vertical="bottom", no_wrap=True)
        else:
            made.add_column(words, vertical="bottom", no_wrap=True)
    return made


@contextmanager
def progress(what: str) -> Iterator[Callable[[float, float], None]]:
    """A progress bar on standard error, told (done, of how much); nothing where that is not a terminal."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=console(stderr=True, is_live=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    with bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
