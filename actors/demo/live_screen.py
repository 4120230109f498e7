"""The demo on a terminal: sentences as they come, and below them a table that is drawn again and again."""

from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from actors.demo.scene import Scene

ACCOUNTS_SHOWN = 10
MONEY = ("gross", "net", "worst_case", "realized", "unrealized")
WIDE_MONEY = ("long", "short", *MONEY)
WIDE_COLUMNS = 100
"""Width of a terminal from which on all sums fit side by side."""

OTHER_LINES = 17
"""Lines of everything but accounts; where they would not fit below, fewer accounts are shown."""


class LiveScreen:
    """A live table; when it is over the last one stays, and the terminal is as it was."""

    def __init__(self, console: Console) -> None:
        self._live = Live(console=console, auto_refresh=False)

    def say(self, sentence: str) -> None:
        """Print a sentence above the table."""
        self._live.console.print(Text(sentence))

    def show(self, scene: Scene) -> None:
        """Draw a moment."""
        size = self._live.console.size
        self._live.update(drawing(scene, size.width, size.height), refresh=True)

    def __enter__(self) -> "LiveScreen":
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()


def drawing(scene: Scene, width: int, height: int) -> RenderableType:
    """One moment as it is drawn on so many columns and lines: figures beside refusals, accounts below."""
    beside = Table.grid(padding=(0, 4))
    beside.add_row(_figures(scene), _refusals(scene))
    done = ProgressBar(total=scene.seconds, completed=min(scene.elapsed_s, scene.seconds), width=60)
    shown = min(ACCOUNTS_SHOWN, max(height - OTHER_LINES, 1))
    money = WIDE_MONEY if width >= WIDE_COLUMNS else MONEY
    return Group(Text(), done, Text(), beside, _accounts(scene.accounts[:shown], money))


def _figures(scene: Scene) -> Table:
    ack_ms, read_us = scene.ack_ms, scene.read_us
    rows = {
        "events": f"{scene.events:,}",
        "events/s": f"{scene.events_per_second:,.0f}",
        "ack of a frame, ms": f"p50 {ack_ms['p50']:.1f}   p99 {ack_ms['p99']:.1f}",
        "slowest ack, ms": f"{ack_ms['max']:,.0f}",
        "read of an account, µs": f"p50 {read_us.get('p50', 0):,.0f}   p99 {read_us.get('p99', 0):,.0f}",
        "projection behind": f"{scene.lag_events:,} events",
        "sent again, recognised": f"{scene.repeated:,}",
    }
    grid = Table.grid(padding=(0, 2))
    for name, value in rows.items():
        grid.add_row(Text(name, style="dim"), Text(value, style="bold"))
    return grid


def _refusals(scene: Scene) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_row(
        Text("refused", style="dim"), Text(f"{sum(scene.refusals.values()):,}", style="bold", justify="right")
    )
    for reason, count in sorted(scene.refusals.items(), key=lambda item: -item[1]):
        grid.add_row(Text(f"  {reason}"), Text(f"{count:,}", justify="right"))
    return grid


def _accounts(accounts: list[dict[str, Any]], money: tuple[str, ...]) -> Table:
    """Exposure and profit of the largest accounts."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    table.add_column("account", no_wrap=True)
    for name in money:
        table.add_column(name.replace("_", " "), justify="right", no_wrap=True)
    for account in accounts:
        table.add_row(account["account"], *(f"{account.get(name, 0):,.0f}" for name in money))
    return table
