"""What a stretch of a log did, for people: counts, then positions and profit before and after."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console

from actors.cli.event_lines import clock_time
from actors.cli.screen import console, counted, table
from actors.folds.figures import CHANGES
from actors.folds.replay_document import Lines, Window

POSITION = ("account", "strategy", "instrument")
ROWS_MAX = 50
"""Rows of one table: what is more is for --json, or for one account."""

PROFIT = ("realized", "unrealized", "total", "fees", "net")

Row = Mapping[str, Any]


def print_window(window: Window) -> None:
    """Print all that is known of a stretch; the digests of its states come last."""
    screen = console()
    screen.print(_heading(window), soft_wrap=True)
    for sentence in window.told:
        screen.print(f"  {sentence}", soft_wrap=True)
    _print_events(screen, window)
    _print_lines(screen, window.positions, POSITION, CHANGES)
    groups = tuple(name for name in ("account", "firm", "currency") if name in (*window.profit.after, {})[0])
    _print_lines(screen, window.profit, groups, PROFIT)
    for mark in window.marks[1:] or window.marks:
        screen.print(f"state digest at offset {mark.offset:,}: {mark.state}", soft_wrap=True)


def _heading(window: Window) -> str:
    events = counted(window.end - window.begin, "event")
    times = f", {clock_time(window.begin_ns)} to {clock_time(window.end_ns)} UTC" if window.end_ns else ""
    begun = f" (folded from the snapshot of offset {window.folded_from:,})" if window.folded_from else ""
    return f"{window.log}: {events} from offset {window.begin:,} to before {window.end:,}{times}{begun}"


def _print_events(screen: Console, window: Window) -> None:
    if not window.events:
        return
    counts = table("event", "count", right=("count",))
    for kind, count in window.events.items():
        counts.add_row(kind, f"{count:,}")
    screen.print(counts)
    screen.print(f"{counted(window.orders, 'order')}\n")


def _print_lines(screen: Console, lines: Lines, names: tuple[str, ...], columns: tuple[str, ...]) -> None:
    """Rows of the end, each number that was another one in the beginning with that before it."""
    if not lines.after:
        return
    before = {_key(row, names): row for row in lines.before}
    shown = table(*names, *columns, right=columns)
    for row in lines.after[:ROWS_MAX]:
        key = _key(row, names)
        shown.add_row(*key, *(_change(before.get(key), row, name) for name in columns))
    screen.print(shown)
    left = len(lines.after) - ROWS_MAX
    screen.print(f"{counted(left, 'more row')}: --account shows one, --json all\n" if left > 0 else "")


def _key(row: Row, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in names)


def _change(before: Row | None, after: Row, name: str) -> str:
    """A number as it is, with what it was if that was another one; without trailing zeros."""
    now = _short(after[name])
    was = "" if before is None else _short(before[name])
    return now if before is None or was == now else f"{was} -> {now}"


def _short(value: object) -> str:
    text = "none" if value is None else str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text
